"""How many calls may go on at once: as many as the machine plays without delay, learnt from how long each has taken."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

FOR_A_PROCESSOR: Final = 6
"""Calls at once, all PBXs together, that one processor plays at ten times the speed."""
FEWEST: Final = 2
SLOW: Final = 1.3
"""From this pace on the machine is saturated: what takes 1 s took 1.3 s."""


@dataclass(slots=True)
class Lane:
    """The place of one call."""

    pace: float = 1.0
    """How many times as long as foreseen the call took, where that was foreseen."""


class Lanes:
    """Places for calls; after one that was slow there are fewer, after each that was not there is a little more room.

    So does TCP with its window (RFC 5681, section 3.1): down by a share, up by a step.
    """

    def __init__(self, most: int = 0) -> None:
        """``most`` calls at once; 0: by the number of processors that we may use."""
        self._most = float(most or FOR_A_PROCESSOR * len(os.sched_getaffinity(0)))
        self.allowed = self._most
        """How many calls may go on at once just now; the whole part counts."""
        self._taken = 0
        self._alone = False
        self._changed = asyncio.Condition()

    @contextlib.asynccontextmanager
    async def one(self) -> AsyncIterator[Lane]:
        """Wait for a place, and give it back afterwards."""
        lane = Lane()
        async with self._changed:
            await self._changed.wait_for(lambda: not self._alone and self._taken < int(self.allowed))
            self._taken += 1
        try:
            yield lane
        finally:
            async with self._changed:
                self._taken -= 1
                if lane.pace > SLOW:
                    self.allowed = max(FEWEST, self.allowed * 0.8)
                else:
                    self.allowed = min(self._most, self.allowed + 0.5)
                self._changed.notify_all()

    @contextlib.asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Wait until no call goes on, and have none begin meanwhile."""
        async with self._changed:
            await self._changed.wait_for(lambda: not self._alone and not self._taken)
            self._alone = True
        try:
            yield
        finally:
            async with self._changed:
                self._alone = False
                self._changed.notify_all()
