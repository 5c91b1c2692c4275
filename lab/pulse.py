"""How long the laboratory itself was held up: the measure of a machine that has no time, whatever its rows say."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import Final

BEAT: Final = 0.02
"""Real seconds between two looks at the clock."""
WORTH_NOTING: Final = 0.05
"""Real seconds by which a look must be late to be remembered."""


class Pulse:
    """Looks at the clock all the time, and remembers when a look came late, and by how much."""

    def __init__(self) -> None:
        """It beats within :meth:`beating` only."""
        self._late: list[tuple[float, float]] = []

    @contextlib.asynccontextmanager
    async def beating(self) -> AsyncIterator[None]:
        """While this goes on the event loop is watched."""
        task = asyncio.create_task(self._beat(), name="pulse")
        try:
            yield
        finally:
            task.cancel()

    def held_up(self, since: float) -> float:
        """By how many real seconds the latest look since a moment (of time.monotonic) was late; 0 when none was."""
        return max((late for moment, late in self._late if moment >= since), default=0.0)

    async def _beat(self) -> None:
        while True:
            due = time.monotonic() + BEAT
            await asyncio.sleep(BEAT)
            late = time.monotonic() - due
            if late > WORTH_NOTING:
                self._late.append((due + late, late))
