"""The drawings of the sites in this tree are those that were looked at. ``pytest --update-golden`` writes them anew."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pbx.diagnostics import Span
from pbx.graph.collapse import picture
from pbx.graph.mermaid import mermaid
from pbx.graph.records import records
from pbx.graph.svg import svg
from tests.samples import DEMO, tenant

if TYPE_CHECKING:
    from pbx.diagnostics import Path as Place

HERE = Path(__file__).parent
DRAWINGS = HERE / "graphs"
CASES = {
    "demo": (DEMO, "andina", None),
    "demo-general": (DEMO, "andina", "+541152365000"),
    "small": (HERE / "small" / "site", "norte", None),
    "two-andina": (HERE / "two" / "site", "andina", None),
}


def place(path: Place) -> Span:
    """Where something is, by its path."""
    return Span(".".join(map(str, path)), 1, 1, 1, 1)


@pytest.mark.parametrize("case", CASES)
def test_the_drawing_is_the_approved_one(case: str, request: pytest.FixtureRequest) -> None:
    site, slug, did = CASES[case]
    scope = tenant(site, slug)
    shown = picture(scope, did)
    made = {
        f"{case}.svg": svg(shown),
        f"{case}.mmd": mermaid(shown),
        f"{case}.json": json.dumps(records(scope, shown, place), indent=1, ensure_ascii=False) + "\n",
    }
    for name, text in made.items():
        if request.config.getoption("--update-golden"):
            DRAWINGS.mkdir(exist_ok=True)
            (DRAWINGS / name).write_text(text, "utf-8")
        assert (DRAWINGS / name).read_text("utf-8") == text, f"{name}: look at it, then pytest --update-golden"


def test_no_drawing_is_left_over() -> None:
    assert {path.stem for path in DRAWINGS.iterdir()} == set(CASES)
