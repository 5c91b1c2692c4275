"""What every row does on the bundle as it is: whether it is green by itself, and what it uses."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from lab.mutation.alone import Clock, House, NotStartedError
from lab.mutation.touching import Touched, touched
from lab.playing import Row
from lab.results import Verdict
from pbx.verify.dialplan import Dialplan

TRIES: Final = 3
"""How often a row is played before it counts as one that is red without a mutant."""
SHARE: Final = 24
"""Rows for one PBX, which plays one after the other."""


@dataclass(slots=True)
class Baseline:
    """What is known of the rows."""

    green: dict[str, Touched] = field(default_factory=dict)
    """The rows that are green, and what each uses."""
    red: dict[str, str] = field(default_factory=dict)
    """The others, with the reason: they are not asked."""


async def baseline(
    house: House, dialplan: Dialplan, rows: Sequence[Row], jobs: int, told: Callable[[str], None]
) -> Baseline:
    """Play each row alone on a PBX, several PBXs side by side; one that is red is played once more."""
    found = Baseline()
    gate = asyncio.Semaphore(jobs)
    groups: dict[Clock, list[Row]] = {}
    for row in sorted(rows, key=lambda each: -each.expected_seconds):
        groups.setdefault(house.clock(row), []).append(row)
    parts = [
        (clock, members[begin::count])
        for clock, members in sorted(groups.items(), key=lambda each: (each[0][1], str(each[0][0])))
        for count in [-(-len(members) // SHARE)]
        for begin in range(count)
    ]
    async with asyncio.TaskGroup() as tasks:
        for clock, members in parts:
            tasks.create_task(_part(_Shared(house, dialplan, gate, found, told), clock, members))
    return found


@dataclass(frozen=True, slots=True)
class _Shared:
    house: House
    dialplan: Dialplan
    gate: asyncio.Semaphore
    found: Baseline
    told: Callable[[str], None]


async def _part(shared: _Shared, clock: Clock, rows: Sequence[Row]) -> None:
    async with shared.gate:
        waiting = list(rows)
        for attempt in range(1, TRIES + 1):
            again: list[Row] = []
            try:
                async with shared.house.stage(clock) as stage:
                    while waiting and stage.usable:
                        row = waiting.pop(0)
                        mark = stage.pbx.log_size()
                        result = await shared.house.played(stage, row)
                        log = await asyncio.to_thread(stage.pbx.paths.messages.read_bytes)
                        if result.verdict is Verdict.PASSED:
                            shared.found.green[row.text.id] = touched(row, log[mark:], shared.dialplan, result.seconds)
                        elif attempt < TRIES:
                            again.append(row)
                            continue
                        else:
                            shared.found.red[row.text.id] = result.reason
                        shared.told(row.text.id)
            except NotStartedError as error:
                shared.found.red |= {row.text.id: str(error) for row in (*waiting, *again)}
                return
            waiting += again
            if not waiting:
                return
        shared.found.red |= {row.text.id: "the PBX died" for row in waiting}


def by_id(rows: Sequence[Row]) -> Mapping[str, Row]:
    """Rows by their ids."""
    return {row.text.id: row for row in rows}
