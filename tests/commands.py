"""What tests of the command line share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
DEMO = ROOT / "lab" / "sites" / "demo"
SMALL = ROOT / "tests" / "golden" / "small" / "site"
"""A site without recordings."""


class Answer(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


Pbx = Callable[..., Answer]
"""Runs ``pbx`` with arguments."""


def change(file: Path, old: str, new: str) -> None:
    """Replace a text that is there."""
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")
