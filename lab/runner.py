"""Running rows: side by side where they touch different parties, on a PBX of their own for each clock and speed."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from lab.acts.performing import Acted, judge_act
from lab.addresses import SIP_PORT, Block, reserve
from lab.conditions import footprint, left_behind, open_dialogs, with_conditions
from lab.engine import EngineError
from lab.events import NotHappenedError, StageError
from lab.evidence import read_capture
from lab.judge import Ears, Performed, judge, not_run, with_sip
from lab.lanes import WIDTH, Lanes, Pbx
from lab.matrix.moments import working
from lab.plan import Plan
from lab.playing import Row, Waiting, in_the_way, in_turn, play
from lab.process import be_modest
from lab.pulse import Pulse
from lab.reasons import LAB
from lab.registrations import not_observed, observe
from lab.results import Check, RowResult, Verdict
from lab.stage import AmiError, Stage

STAGES: Final = 10
"""PBXs at once: each costs a thirtieth of a processor when nobody calls."""
STAGES_FOR_A_CLOCK: Final = 5
"""PBXs at once for the rows of one clock; the rest of the places is for the rows of another."""
STARTS: Final = 3
"""How often a PBX is booted for the rows of one clock before they are given up."""
HELD_UP: Final = 2.0
"""PBX seconds by which the lab may be late without harm: half of the shortest time for which a phone rings."""
ROWS_FOR_A_STAGE: Final = 12
"""Rows that are worth booting another PBX of the same clock for."""


@dataclass(slots=True)
class Outcome:
    """What a run produced."""

    rows: list[RowResult] = field(default_factory=list)
    tested: dict[str, str] = field(default_factory=dict)
    """The configuration files that were under test, of one of the PBXs."""
    boots: list[float] = field(default_factory=list)
    """Real seconds that each PBX took to boot, with its phones and carriers."""
    first_call: float = 0
    """When the first row began (time.monotonic); 0 when none did."""
    last_call: float = 0
    """When the last one was over."""


Told = Callable[[RowResult], None]
_Judged = tuple[Performed | Acted, RowResult]


@dataclass(frozen=True, slots=True)
class _Run:
    """What all parts of a run share."""

    plan: Plan
    told: Told
    outcome: Outcome
    ears: Ears
    gate: asyncio.Semaphore
    lanes: Lanes
    pulse: Pulse
    booting: asyncio.Lock
    """One PBX boots at a time: it takes a whole processor, and calls that go on meanwhile need the other."""
    registrations: list[str]
    """Rows about registration that no stage has taken yet."""
    halted: asyncio.Event
    """Set when no further row is to begin."""
    untold: dict[str, RowResult] = field(default_factory=dict)
    """Rows in doubt, by their ids, of which nobody has heard yet."""

    def tell(self, result: RowResult) -> None:
        """A row has ended, unless it is to be played again."""
        if doubtful(result) and not result.doubtful:
            self.untold[result.row.id] = result
            return
        self.untold.pop(result.row.id, None)
        if self.plan.fail_fast and result.verdict is Verdict.FAILED:
            self.halted.set()
        self.told(result)


async def run(
    plan: Plan,
    rows: Iterable[Row],
    told: Told = lambda _: None,
    outcome: Outcome | None = None,
    ears: Ears | None = None,
) -> Outcome:
    """Run rows and answer their results in the order of the rows; ``told`` hears of each as it ends.

    A row whose failure is doubtful is played again on the same PBX when no other goes on: at many times the speed a
    machine that has no time loses sound and comes late. Its result says so, and is that of the second time.

    Who gives the ``outcome`` to be filled knows what was under test even when the run is cancelled; who gives ``ears``
    closes them.
    """
    be_modest()
    ordered = list(rows)
    shared = _Run(
        plan=plan,
        told=told,
        outcome=outcome if outcome is not None else Outcome(),
        ears=ears or Ears(),
        gate=asyncio.Semaphore(plan.jobs or STAGES),
        lanes=Lanes(),
        pulse=Pulse(),
        booting=asyncio.Lock(),
        registrations=list(plan.registrations[1]),
        halted=asyncio.Event(),
    )
    try:
        async with shared.pulse.beating():
            found = await _on_all_stages(shared, ordered)
    finally:
        if ears is None:
            shared.ears.close()
        for result in shared.untold.values():  # nobody came to play them again
            told(result)
    shared.outcome.rows = [found[name] for name in (*plan.registrations[1], *(row.text.id for row in ordered))]
    return shared.outcome


def doubtful(result: RowResult) -> bool:
    """Whether a row may have failed for want of a processor, at a speed at which that matters.

    Either a recording holds too little and nothing else is wrong, or the lab itself was late. That the lab broke is
    never doubtful.
    """
    failed = [check for check in result.checks if not check.passed]
    late = result.held_up * result.speed > HELD_UP and all(check.subject != LAB for check in failed)
    return result.speed > 1 and bool(failed) and (late or all(check.by_ear for check in failed))


async def _on_all_stages(shared: _Run, rows: Sequence[Row]) -> dict[str, RowResult]:
    """The results of rows by their ids: the rows of each clock and speed on PBXs of their own."""
    plan = shared.plan
    groups: dict[tuple[datetime, int], list[Row]] = {}
    for row in rows:
        groups.setdefault((row.at, 1 if row.real_speed else plan.speed), []).append(row)
    if shared.registrations and not groups:
        groups[working(plan.site.tenants[plan.registrations[0]]), plan.speed] = []
    parts: list[asyncio.Task[list[RowResult]]] = []
    async with asyncio.TaskGroup() as tasks:
        # What takes longest first: the others run beside it.
        for (at, speed), members in sorted(groups.items(), key=lambda group: -_duration(*group)):
            stages = _stages(members)
            waiting = in_turn(members, stages, speed)
            for part in range(stages):
                name = f"{at:%Y%m%d-%H%M%S}-x{speed}-{part}"
                parts.append(tasks.create_task(_on_own_stage(shared, name, at, speed, waiting)))
    return {result.row.id: result for part in parts for result in part.result()}


def _stages(rows: Sequence[Row]) -> int:
    """How many PBXs the rows of one clock are worth."""
    return min(STAGES_FOR_A_CLOCK, math.ceil(len(rows) / ROWS_FOR_A_STAGE) or 1)


def _duration(clock: tuple[datetime, int], rows: Sequence[Row]) -> float:
    """About how many real seconds the rows of one clock take; where each wants the PBX to itself, one by one."""
    one_by_one = len(rows) > 1 and in_the_way(rows[0], rows[-1])
    return sum(row.expected_seconds for row in rows) / clock[1] / _stages(rows) / (1 if one_by_one else WIDTH)


async def _on_own_stage(shared: _Run, name: str, at: datetime, speed: int, waiting: list[Waiting]) -> list[RowResult]:
    """Stages for the rows of one clock until none waits: when a PBX dies, another one takes what it had not begun."""
    results: list[RowResult] = []
    trouble = ""
    async with shared.gate:
        for attempt in range(1, STARTS + 1):
            if shared.halted.is_set() or (not waiting and not shared.registrations):
                break
            block = reserve(shared.plan.locks)
            folder = f"stage-{name}{f'-{attempt}' if attempt > 1 else ''}"
            stage = stage_of(shared.plan, block, folder, at, speed)
            try:
                async with shared.booting:
                    booting = time.monotonic()
                    await stage.start()
                    shared.outcome.boots.append(time.monotonic() - booting)
                results += await _perform(shared, stage, waiting)
                trouble = "" if stage.usable else await stage.trouble()
            except (EngineError, AmiError, StageError, NotHappenedError) as error:
                trouble = f"the lab could not start: {error}"
            finally:
                await stage.stop()
                block.release()
    if shared.halted.is_set() and not trouble:
        trouble = "another row had failed before (--fail-fast)"
    if trouble:
        left = _not_observed(shared, trouble) + [not_run(each.row, speed, trouble) for each in waiting]
        waiting.clear()
        for result in left:
            shared.tell(result)
        results += left
    return results


def stage_of(plan: Plan, block: Block, folder: str, at: datetime, speed: int) -> Stage:
    """A stage that is not booted yet, in a folder of its own."""
    return Stage(
        site=plan.site,
        secrets=plan.secrets,
        installation=plan.installation,
        block=block,
        folder=plan.folder / folder,
        sounds=plan.sounds,
        at=at,
        speed=speed,
        alter=plan.alter,
    )


async def _perform(shared: _Run, stage: Stage, waiting: list[Waiting]) -> list[RowResult]:
    """Play what waits, and what is doubtful of it again; the calls are judged meanwhile."""
    shared.outcome.tested = dict(stage.tested)
    registrations = asyncio.create_task(_registrations(shared, stage))
    before = footprint(stage.pbx.pid)
    pbx = Pbx(waiting, functools.partial(_play, shared, stage), lambda: stage.usable and not shared.halted.is_set())
    shared.outcome.first_call = shared.outcome.first_call or time.monotonic()
    judging = []
    async for played in shared.lanes.played(pbx):
        shared.outcome.last_call = time.monotonic()
        judging.append(asyncio.create_task(_judged(shared, played)))
    results = await registrations
    judged = await asyncio.gather(*(_sure(shared, stage, each) for each in judging))
    left: list[Check] = []
    with contextlib.suppress(AmiError, StageError):  # a PBX that has died keeps nothing
        left = await left_behind(stage, before)
    with contextlib.suppress(EngineError):  # a PBX that has died has nothing more to write
        await stage.pbx.cli("pjsip set logger off")  # writes out the end of the capture
    local = f"{stage.block.pbx}:{SIP_PORT}"
    messages = await asyncio.to_thread(read_capture, stage.capture, start=stage.at.timestamp(), local=local)
    dialogs = open_dialogs(messages)
    return results + [with_conditions(with_sip(result, played, messages), left, dialogs) for played, result in judged]


async def _sure(shared: _Run, stage: Stage, judging: asyncio.Task[_Judged]) -> _Judged:
    """A row's verdict: the second one, where the first is doubtful and the PBX lives."""
    played, first = await judging
    if not doubtful(first) or not stage.usable or shared.halted.is_set():
        return played, first
    async with shared.lanes.alone():
        again = await _play(shared, stage, played.row, again=True)
    return await _judged(shared, again, first.reason)


async def _judged(shared: _Run, played: Performed | Acted, doubt: str = "") -> _Judged:
    """The verdict, all but what is known of a PBX once all its rows are over; ``doubt`` is what the first time said."""
    if isinstance(played, Acted):
        result = await judge_act(played, shared.ears, shared.plan.name)
    else:
        result = await judge(played, shared.ears, shared.plan.prompts[played.row.tenant], shared.plan.name)
    result = replace(result, doubtful=doubt)
    shared.tell(result)
    return played, result


async def _registrations(shared: _Run, stage: Stage) -> list[RowResult]:
    """The first stage that has started answers for registration; every other one registers in the same way."""
    wanted, shared.registrations[:] = tuple(shared.registrations), []
    if not wanted:
        return []
    try:
        results = await observe(stage, shared.plan.site.tenants[shared.plan.registrations[0]], wanted)
    except (StageError, AmiError) as error:
        shared.registrations[:] = wanted
        results = _not_observed(shared, await stage.trouble() or str(error))
    for result in results:
        shared.tell(result)
    return results


def _not_observed(shared: _Run, reason: str) -> list[RowResult]:
    scope = shared.plan.site.tenants.get(shared.plan.registrations[0])
    left, shared.registrations[:] = tuple(shared.registrations), []
    return [not_observed(scope, name, reason) for name in left] if scope else []


async def _play(shared: _Run, stage: Stage, row: Row, *, again: bool = False) -> Performed | Acted:
    began = time.monotonic()
    played = await play(stage, shared.plan, row, again=again)
    return replace(played, held_up=shared.pulse.held_up(began))
