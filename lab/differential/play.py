"""Playing generated calls on a stage of their own: side by side where they touch nothing in common."""

from __future__ import annotations

import asyncio
import contextlib
import re
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from lab.addresses import reserve
from lab.differential.call import Call, scenario
from lab.differential.compare import Difference, differences
from lab.differential.playable import playable
from lab.engine import EngineError
from lab.events import NotHappenedError, StageError
from lab.handset import HungUpError
from lab.journey import visited
from lab.performance import Performance
from lab.plan import Plan
from lab.runner import stage_of
from lab.scenario import Scenario
from lab.stage import AmiError, Stage
from pbx.kinds.schedule import state
from pbx.site import Site

WIDTH: Final = 8
"""Calls at once on one PBX."""
MARGIN: Final = 12.0
"""PBX seconds between the longest that a call is expected to take and the next change of a schedule."""


@dataclass(frozen=True, slots=True)
class Played:
    """One call, as it was foretold and as it went."""

    call: Call
    row: Scenario
    placed: datetime
    """When, as the PBX has it."""
    differences: tuple[Difference, ...]
    pace: float
    """How much longer things took than they should: 1 on a machine with time."""
    failure: str = ""
    """What the lab waited for in vain, or what broke."""

    @property
    def agrees(self) -> bool:
        """Whether it went as foretold."""
        return not self.differences and not self.failure


HUNG_UP: Final = re.compile("No audio available on|res_musiconhold.c: Failed to write frame")
"""What Asterisk says when a caller hangs up in this very moment, as many of these do."""
Told = Callable[[Played], None]


class BrokenError(Exception):
    """The PBX, or the lab, did not survive the calls."""


async def play(plan: Plan, at: datetime, calls: Sequence[Call], name: str, told: Told, gate: asyncio.Lock) -> list[str]:
    """Play all calls on one stage that begins at a moment; answers what its log says that nobody expects.

    Raises :class:`BrokenError` when the stage breaks; ``gate`` lets one stage boot at a time.
    """
    block = reserve(plan.locks)
    stage = stage_of(plan, block, name, at, plan.speed)
    try:
        async with gate:
            await stage.start()
        await _side_by_side(stage, plan.site, list(calls), told)
        return [line for line in stage.pbx.unexpected_log_lines() if not HUNG_UP.search(line)]
    except (EngineError, AmiError, StageError, NotHappenedError) as error:
        raise BrokenError(await _why(stage) or str(error)) from error
    finally:
        await stage.stop()
        block.release()


async def _why(stage: Stage) -> str:
    with contextlib.suppress(Exception):
        return await stage.trouble()
    return ""


async def _side_by_side(stage: Stage, site: Site, waiting: list[Call], told: Told) -> None:
    busy: dict[asyncio.Task[Played], Scenario] = {}
    try:
        while waiting or busy:
            if not stage.usable:
                raise StageError(await stage.trouble() or "the PBX has died")
            pause = _start(stage, site, waiting, busy)
            if busy:
                ended, _ = await asyncio.wait(busy, timeout=pause, return_when=asyncio.FIRST_COMPLETED)
                for task in ended:
                    del busy[task]
                    told(task.result())
            else:
                await asyncio.sleep(pause or 0.1)  # until a schedule has changed
    finally:
        for task in busy:
            task.cancel()
        await asyncio.gather(*busy, return_exceptions=True)


def _start(stage: Stage, site: Site, waiting: list[Call], busy: dict[asyncio.Task[Played], Scenario]) -> float | None:
    """Start what may run now, about in order; answers the real seconds after which to look again, None for never."""
    now, pause = stage.clock_now, None
    for call in tuple(waiting):
        if len(busy) >= WIDTH:
            break
        row = scenario(call, site.tenants[call.tenant], now)
        if not playable(call, site.tenants[call.tenant], now):
            waiting.remove(call)  # a schedule has changed more than once meanwhile
            continue
        if not row.beside(busy.values()):
            continue
        if _changes(site, now, now + timedelta(seconds=row.expected_seconds + MARGIN)):
            pause = 0.3
            continue
        waiting.remove(call)
        busy[asyncio.create_task(_one(stage, call, row), name=call.name)] = row
    return pause


def _changes(site: Site, since: datetime, until: datetime) -> bool:
    """Whether a schedule of the site changes meanwhile: then nobody knows which branch a call will take."""
    return any(
        state(schedule, scope.years, since.astimezone(scope.timezone))[0]
        != state(schedule, scope.years, until.astimezone(scope.timezone))[0]
        for scope in site.tenants.values()
        for schedule in scope.tenant.schedules.values()
    )


async def _one(stage: Stage, call: Call, row: Scenario) -> Played:
    placed = stage.clock_now
    performance = Performance(stage, row, stage.folder / "rows" / call.name)
    failure = ""
    try:
        await performance.play()
    except NotHappenedError as error:
        failure = f"{error.expected}: {error.observed}"
    except HungUpError as error:
        failure = f"the PBX hung up before {error}"
    except Exception as error:
        if isinstance(error, StageError | AmiError) and not stage.usable:
            raise
        failure = f"PBX900 {error!r}\n{''.join(traceback.format_exception(error))}"
    seen = performance.seen
    events = stage.pbx_events.seen[seen.first_pbx_event :]
    found = tuple(differences(row, seen, visited(events, seen.linked), events))
    return Played(call, row, placed, found, seen.pace, failure)
