"""The sabotages of the engine tests still have something to break: told here, in a moment and without an Asterisk."""

from __future__ import annotations

import pytest

from lab.matrix import derive
from tests.engine.test_sabotage import SABOTAGES, Sabotage
from tests.samples import DEMO, build, clean, texts_of

SITE = clean(texts_of(DEMO))
FILES = build(SITE).files
ROWS = {row.text.id for row in derive(SITE.tenants["andina"])}


@pytest.mark.parametrize("sabotage", SABOTAGES.values(), ids=SABOTAGES)
def test_a_sabotage_finds_the_text_that_it_changes_and_its_row(sabotage: Sabotage) -> None:
    assert sabotage.row in ROWS
    assert (sabotage.alter(FILES) != FILES) is not bool(sabotage.silent_prompt)


def test_a_sabotage_without_its_text_is_noticed() -> None:
    with pytest.raises(AssertionError, match="is not in"):
        Sabotage("x", "", "", before="nothing like this", after="").alter(FILES)
