"""The quick matrix: fewer rows, and nothing that is not shown."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from lab.matrix import derive
from lab.matrix.coverage import covered
from lab.matrix.quick import quick
from lab.playing import Row
from lab.scenario import Scenario
from pbx.site import Site
from tests.samples import DEMO, clean, texts_of

MOST = 160


@pytest.fixture(scope="module")
def demo() -> Site:
    """The demo site."""
    return clean(texts_of(DEMO))


@pytest.fixture(scope="module")
def rows(demo: Site) -> tuple[Row, ...]:
    """All rows of the demo company."""
    return derive(demo.tenants["andina"], [demo.tenants["ombu"]])


@pytest.fixture(scope="module")
def chosen(demo: Site, rows: tuple[Row, ...]) -> list[Row]:
    """Those of the quick matrix."""
    enough = quick(demo.tenants["andina"], rows)
    return [row for row in rows if row.text.id in enough]


def test_every_way_and_every_requirement_of_each_phase_is_still_shown(
    demo: Site, rows: tuple[Row, ...], chosen: list[Row]
) -> None:
    scope = demo.tenants["andina"]
    assert 100 <= len(chosen) <= MOST < len(rows)
    every, fewer = covered(scope, rows).told, covered(scope, chosen).told
    assert (fewer.ways, fewer.travelled, fewer.missing) == (every.ways, every.travelled, ())
    assert {(row.text.requirement, row.text.phase) for row in chosen} == {
        (row.text.requirement, row.text.phase) for row in rows
    }


def test_every_sort_of_act_every_attack_and_every_own_row_is_still_played(
    demo: Site, rows: tuple[Row, ...], chosen: list[Row]
) -> None:
    def plays(among: list[Row] | tuple[Row, ...]) -> set[object]:
        acts = [row.play for row in among if not isinstance(row, Scenario)]
        return {play.func if isinstance(play, partial) else play for play in acts}

    assert plays(chosen) == plays(rows)
    kept = {row.text.id for row in chosen}
    poc = demo.tenants["andina"].poc
    assert poc
    assert set(poc.rows) <= kept
    assert {row.text.id for row in rows if row.text.id.startswith(("security-", "isolation-"))} <= kept


def test_of_two_rows_that_show_the_same_the_shorter_stays(demo: Site, chosen: list[Row]) -> None:
    act = next(row for row in chosen if row.text.id == "parking-returns")
    assert not isinstance(act, Scenario)
    longer = replace(act, text=replace(act.text, id="longer"), expected_seconds=act.expected_seconds + 1)
    assert quick(demo.tenants["andina"], [longer, *chosen]) == {row.text.id for row in chosen}
