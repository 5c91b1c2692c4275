"""Playing rows for themselves: on a PBX whose bundle may be changed, judged as each ends."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from lab.acts.performing import Acted, judge_act
from lab.addresses import reserve
from lab.engine import EngineError
from lab.events import NotHappenedError, StageError
from lab.judge import Ears, judge
from lab.mutation.mutant import Mutant, mutated
from lab.plan import Plan
from lab.playing import Row, in_the_way, play
from lab.results import RowResult
from lab.runner import stage_of
from lab.stage import AmiError, Stage

PATIENCE: Final = 4.0
"""Real seconds on top of each deadline on a changed PBX: most of a trial is waiting for what does not happen."""
BOOTS: Final = 2
"""How often a changed PBX is booted before it is believed that it does not start."""
Clock = tuple[datetime, int]
"""What a PBX believes at its start, and how fast its time runs."""


class NotStartedError(Exception):
    """The PBX, or a phone of it, does not come up; the text says why."""


@dataclass(slots=True)
class House:
    """What all that is played shares."""

    plan: Plan
    ears: Ears
    booting: asyncio.Lock = field(default_factory=asyncio.Lock)
    """One PBX boots at a time: it takes a whole processor."""
    boots: int = 0
    _count: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def clock(self, row: Row) -> Clock:
        """Rows of one clock can share a PBX."""
        return row.at, 1 if row.real_speed else self.plan.speed

    @contextlib.asynccontextmanager
    async def stage(self, clock: Clock, mutant: Mutant | None = None) -> AsyncIterator[Stage]:
        """A PBX that has started; raises :class:`NotStartedError` when it does not, even the second time."""
        for attempt in range(1, BOOTS + 1):
            plan = replace(self.plan, alter=lambda files: mutated(files, mutant)) if mutant else self.plan
            block = reserve(plan.locks)
            stage = stage_of(plan, block, f"m{next(self._count)}", *clock)
            stage.patience = PATIENCE if mutant else None
            try:
                try:
                    async with self.booting:
                        self.boots += 1
                        await stage.start()
                except (EngineError, AmiError, StageError, NotHappenedError) as error:
                    if attempt == BOOTS:
                        raise NotStartedError(_first_line(error)) from error
                    continue
                yield stage
                return
            finally:
                await stage.stop()
                block.release()
                shutil.rmtree(stage.folder, ignore_errors=True)

    async def played(self, stage: Stage, row: Row) -> RowResult:
        """One row, played and judged."""
        performed = await play(stage, self.plan, row)
        if isinstance(performed, Acted):
            return await judge_act(performed, self.ears, self.plan.name)
        return await judge(performed, self.ears, self.plan.prompts[performed.row.tenant], self.plan.name)

    async def until(self, stage: Stage, rows: Sequence[Row], width: int, told: Callable[[RowResult], bool]) -> bool:
        """Play rows side by side, in their order as far as they let each other, until ``told`` of one is True."""
        waiting, busy = list(rows), dict[asyncio.Task[RowResult], Row]()
        try:
            while (waiting and stage.usable) or busy:
                for row in tuple(waiting) if stage.usable else ():
                    if len(busy) < width and not any(in_the_way(row, other) for other in busy.values()):
                        busy[asyncio.create_task(self.played(stage, row), name=row.text.id)] = row
                        waiting.remove(row)
                ended, _ = await asyncio.wait(busy, return_when=asyncio.FIRST_COMPLETED)
                for task in ended:
                    del busy[task]
                    if told(task.result()):
                        return True
            return False
        finally:
            for task in busy:
                task.cancel()
            await asyncio.gather(*busy, return_exceptions=True)


def _first_line(error: Exception) -> str:
    if isinstance(error, NotHappenedError):
        return str(error)
    problem = getattr(error, "problem", "") or str(error)
    lines = [line for line in problem.splitlines() if line.strip()]
    # A boot that complains names the lines of the log after its first sentence.
    return " ".join(lines[:2])
