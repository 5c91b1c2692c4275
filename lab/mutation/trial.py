"""One mutant on trial: the rows that use what it changes are played on it until one is red, and red again."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby
from typing import Final

from lab.mutation.alone import House, NotStartedError
from lab.mutation.mutant import Mutant
from lab.playing import Row
from lab.registrations import observe
from lab.results import RowResult, Verdict
from lab.stage import Stage
from pbx.site import TenantScope

WIDTH: Final = 4
"""Rows at once on a mutant."""
LONGEST: Final = 300.0
"""Real seconds after which a mutant is given up."""


class Fate(StrEnum):
    """What became of a mutant."""

    CHECK = "killed by the check"
    """The build's own check refuses it."""
    START = "killed at the start"
    """Asterisk does not boot with it, or a phone cannot register."""
    ROW = "killed"
    """A row is red."""
    SURVIVED = "survived"
    UNTOUCHED = "no row comes here"


_STATED: Final = "-as-agreed"
_KNOWN: Final = ("holidays-", "hours-")
"""Rows in which nobody calls: the PBX is asked what it holds, and that is not a matter of time."""
KILLED: Final = frozenset({Fate.CHECK, Fate.START, Fate.ROW})


@dataclass(slots=True)
class Tried:
    """A mutant, and what became of it."""

    mutant: Mutant
    fate: Fate
    by: str = ""
    """The row, or the code of the check."""
    reason: str = ""
    rows: list[str] = field(default_factory=list)
    """The rows that were played, in the order in which they ended."""
    wavering: list[str] = field(default_factory=list)
    """Rows that were red once and green the second time: they kill nothing."""
    seconds: float = 0


@dataclass(slots=True)
class Court:
    """What all trials share."""

    house: House
    scope: TenantScope
    rows: Mapping[str, Row]
    registrations: Sequence[str]
    """Rows without a call."""


async def trial(court: Court, mutant: Mutant, asked: Sequence[str]) -> Tried:
    """Play the asked rows, in their order; those of one clock together."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    tried = Tried(mutant, Fate.SURVIVED if asked else Fate.UNTOUCHED)
    if asked:
        try:
            async with asyncio.timeout(LONGEST):
                await _play(court, tried, asked)
        except TimeoutError:
            tried.reason = f"given up after {LONGEST:g} s"
    tried.seconds = round(loop.time() - began, 1)
    return tried


async def _play(court: Court, tried: Tried, asked: Sequence[str]) -> None:
    clocks = {name: court.house.clock(court.rows[name]) for name in asked}
    first = {clock: index for index, clock in reversed(list(enumerate(clocks.values())))}
    ordered = sorted(asked, key=lambda name: first[clocks[name]])
    for _, names in groupby(ordered, key=lambda name: clocks[name]):
        waiting = list(names)
        try:
            while waiting and tried.fate is Fate.SURVIVED:
                await _on_one_stage(court, tried, waiting)
        except NotStartedError as error:
            tried.fate, tried.by, tried.reason = Fate.START, "start", str(error)
        if tried.fate is not Fate.SURVIVED:
            return


async def _on_one_stage(court: Court, tried: Tried, waiting: list[str]) -> None:
    """Play what waits until one row is red; if it is red for sure, or twice, the mutant is dead."""
    suspects: list[RowResult] = []

    def told(result: RowResult) -> bool:
        waiting.remove(result.row.id)
        tried.rows.append(result.row.id)
        if result.verdict is not Verdict.PASSED:
            suspects.append(result)
        return bool(suspects)

    async with court.house.stage(court.house.clock(court.rows[waiting[0]]), tried.mutant) as stage:
        if tried.mutant.file.endswith("pjsip.conf") and not set(tried.rows) & set(court.registrations):
            for result in await observe(stage, court.scope, court.registrations):
                tried.rows.append(result.row.id)
                if result.verdict is not Verdict.PASSED:
                    _killed(tried, result)
                    return
        await court.house.until(stage, [court.rows[name] for name in waiting], WIDTH, told)
        if not suspects and waiting:  # the PBX has died
            tried.fate, tried.by, tried.reason = Fate.ROW, tried.rows[-1] if tried.rows else "", await stage.trouble()
        for suspect in suspects:
            if certain(suspect) or not stage.usable or await _again(court, tried, suspect, stage):
                _killed(tried, suspect)
                return


def certain(result: RowResult) -> bool:
    """Whether a row is red for the way its call took, or what the PBX holds: no matter of a busy machine's sound."""
    if result.row.id.endswith(_STATED) or result.row.id.startswith(_KNOWN):
        return result.verdict is Verdict.FAILED
    forecast, journey = result.forecast, result.journey
    astray = any(node != wanted for node, wanted in zip(journey, forecast, strict=False)) or len(journey) > len(
        forecast
    )
    return bool(forecast) and result.verdict is Verdict.FAILED and astray


async def _again(court: Court, tried: Tried, suspect: RowResult, stage: Stage) -> bool:
    """Whether a row is red by itself, too, when nobody else calls."""
    row = court.rows[suspect.row.id]
    result = await court.house.played(stage, row)
    if result.verdict is Verdict.PASSED:
        tried.wavering.append(row.text.id)
    return result.verdict is not Verdict.PASSED


def _killed(tried: Tried, result: RowResult) -> None:
    tried.fate, tried.by, tried.reason = Fate.ROW, result.row.id, result.reason
