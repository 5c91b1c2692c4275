"""Mutants on real Asterisk: those that rows must notice, one that none of these can, one that nobody comes to."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from lab.judge import Ears
from lab.matrix import derive
from lab.mutation.alone import House
from lab.mutation.baseline import Baseline, baseline, by_id
from lab.mutation.mutant import Mutant
from lab.mutation.run import chosen, refused
from lab.mutation.touching import asked, dialplan_of
from lab.mutation.trial import Court, Fate, Tried, trial
from lab.plan import Plan
from pbx.bundle import Bundle

pytestmark = pytest.mark.engine

TENANT = "andina"
ROWS = ("hidden-202", "did-541152365000-closed", "room-sala-enter")


def find(every: tuple[Mutant, ...], kind: str, part: str) -> Mutant:
    """The first mutant of a kind that is about this."""
    return next(each for each in every if each.kind == kind and part in f"{each.section} {each.old}")


async def play(plan: Plan) -> tuple[Bundle, tuple[Mutant, ...], Baseline, dict[str, Tried]]:
    """The rows without a mutant, and then the mutants."""
    bundle, every, _ = chosen(plan, TENANT, 1, 1)
    rows = {name: row for name, row in by_id(derive(plan.site.tenants[TENANT])).items() if name in ROWS}
    wanted = {
        "privacy": find(every, "privacy changed", "andina_202 set_var=PBX_HIDE"),
        "hours": find(every, "return changed", "andina_hours_oficina Return(closed"),
        "volume": find(every, "conference", "pbx-menu 4=decrease"),
        "christmas": find(every, "holiday removed", "20261225"),
    }
    house = House(plan, Ears())
    try:
        known = await baseline(house, dialplan_of(bundle.files), list(rows.values()), 2, lambda _: None)
        court = Court(house, plan.site.tenants[TENANT], rows, ())
        tried = {name: await trial(court, each, asked(each, known.green)) for name, each in wanted.items()}
    finally:
        house.ears.close()
    return bundle, every, known, tried


def test_mutants_are_killed_by_the_rows_that_are_about_them(plan: Plan) -> None:
    # Short folders, for Asterisk's control socket must have a name of at most 107 bytes.
    bundle, every, known, tried = asyncio.run(play(replace(plan, folder=plan.folder / "m")))
    assert not known.red
    assert set(known.green) == set(ROWS)
    fates = {name: (each.fate, each.by) for name, each in tried.items()}
    assert fates == {
        "privacy": (Fate.ROW, "hidden-202"),
        "hours": (Fate.ROW, "did-541152365000-closed"),
        "volume": (Fate.SURVIVED, ""),
        "christmas": (Fate.UNTOUCHED, ""),
    }
    assert "Number shown" in tried["privacy"].reason
    assert "Journey of the call" in tried["hours"].reason
    assert tried["volume"].rows == ["room-sala-enter"]
    dropped = find(every, "mailbox removed", "201 =>")
    found = refused(bundle, dropped)
    assert found is not None
    assert found.fate is Fate.CHECK
    assert not list((plan.folder / "m").glob("*/pbx")), "nothing is left of the PBXs"
