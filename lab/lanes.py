"""Who plays next, and how many calls may go on at once: as many as the machine plays without delay.

A lane that is free is given to the most urgent row that can begin, on whatever PBX that is: a row that waited for a
lane while it holds a phone would hold up all others that use the phone.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final, Generic, Protocol, TypeVar

from lab.playing import Row, Waiting, in_the_way

FOR_A_PROCESSOR: Final = 10
"""Calls at once, all PBXs together, that one processor plays at ten times the speed."""
WIDTH: Final = 6
"""Calls at once on one PBX."""
FEWEST: Final = 2
SLOW: Final = 1.3
"""From this pace on the machine is saturated: what takes 1 s took 1.3 s."""


class Played(Protocol):
    """A row that is over."""

    @property
    def pace(self) -> float:
        """How many times as long as foreseen it took, where that was foreseen."""


P = TypeVar("P", bound=Played)


@dataclass(eq=False, slots=True)
class Pbx(Generic[P]):
    """One PBX, and what may be played there."""

    waiting: list[Waiting]
    """The most urgent first; PBXs of one clock share one list."""
    play: Callable[[Row], Awaitable[P]]
    open: Callable[[], bool]
    """Whether another row may begin here."""
    busy: dict[asyncio.Future[P], Row] = field(default_factory=dict)
    """What goes on."""
    ended: list[asyncio.Future[P]] = field(default_factory=list)
    """What is over and nobody has taken yet."""
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def first(self) -> Waiting | None:
        """The most urgent row that nothing here stands in the way of."""
        if len(self.busy) >= WIDTH or not self.open():
            return None
        return next(
            (each for each in self.waiting if not any(in_the_way(each.row, other) for other in self.busy.values())),
            None,
        )


class Lanes:
    """Places for calls; after one that was slow there are fewer, after each that was not there is a little more room.

    So does TCP with its window (RFC 5681, section 3.1): down by a share, up by a step.
    """

    def __init__(self, most: int = 0) -> None:
        """``most`` calls at once; 0: by the number of processors that we may use."""
        self._most = float(most or FOR_A_PROCESSOR * len(os.sched_getaffinity(0)))
        self.allowed = self._most
        """How many calls may go on at once just now; the whole part counts."""
        self._pbxs: list[Pbx[Any]] = []
        self._turn = asyncio.Lock()
        self._somebody_is_alone = False
        self._quiet = asyncio.Event()

    @property
    def taken(self) -> int:
        """How many calls go on."""
        return sum(len(pbx.busy) for pbx in self._pbxs)

    async def played(self, pbx: Pbx[P]) -> AsyncIterator[P]:
        """Play what waits for a PBX until nothing is left or can begin any more; give each as it is over."""
        self._pbxs.append(pbx)
        try:
            self._begin()
            while pbx.busy or pbx.ended or (pbx.waiting and pbx.open()):
                await pbx.changed.wait()
                pbx.changed.clear()
                while pbx.ended:
                    yield pbx.ended.pop(0).result()
        finally:
            self._pbxs.remove(pbx)
            for task in pbx.busy:
                task.cancel()

    @contextlib.asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Wait until no call goes on, and have none begin meanwhile."""
        async with self._turn:
            while self.taken:
                self._quiet.clear()
                await self._quiet.wait()
            self._somebody_is_alone = True
            try:
                yield
            finally:
                self._somebody_is_alone = False
                self._begin()

    def _begin(self) -> None:
        """Give the lanes that are free to the most urgent rows; of two PBXs, to the one where less goes on."""
        while not self._somebody_is_alone and self.taken < int(self.allowed):
            found = [(first, pbx) for pbx in self._pbxs if (first := pbx.first())]
            if not found:
                break
            first, pbx = max(found, key=lambda each: (each[0].urgency, -len(each[1].busy)))
            pbx.waiting.remove(first)
            task = asyncio.ensure_future(pbx.play(first.row))
            pbx.busy[task] = first.row
            task.add_done_callback(functools.partial(self._over, pbx))
        for pbx in self._pbxs:
            pbx.changed.set()

    def _over(self, pbx: Pbx[P], task: asyncio.Future[P]) -> None:
        """A row is over, and its lane free."""
        del pbx.busy[task]
        pbx.ended.append(task)
        if not task.cancelled() and not task.exception():
            slow = task.result().pace > SLOW
            self.allowed = max(FEWEST, self.allowed * 0.8) if slow else min(self._most, self.allowed + 0.5)
        self._begin()
        if not self.taken:
            self._quiet.set()
