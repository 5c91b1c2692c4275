"""The thread of a play asks the loop of its stage for everything that it does."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError, Future
from typing import Any, TypeVar

T = TypeVar("T")


class Hands:
    """What a play in a thread does on a loop, until the row is interrupted."""

    def __init__(self) -> None:
        """The loop is the running one."""
        self._loop = asyncio.get_running_loop()
        self._guard = threading.Lock()
        self._doing: Future[Any] | None = None
        self._over = False

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """What a coroutine answers or raises; called in the thread. CancelledError once the row is interrupted."""
        with self._guard:
            if self._over:
                coroutine.close()
                raise CancelledError
            doing: Future[T] = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
            self._doing = doing
        return doing.result()

    async def act(self, play: Callable[[], T]) -> T:
        """Do a play in a thread of its own and answer what it answers or raises."""
        ended: asyncio.Future[T] = self._loop.create_future()

        def told(outcome: T | None, error: BaseException | None) -> None:
            if not ended.done():
                if error is None:
                    ended.set_result(outcome)  # type: ignore[arg-type] # a play that ended has one
                else:
                    ended.set_exception(error)

        def body() -> None:
            outcome, problem = None, None
            try:
                outcome = play()
            except BaseException as error:  # noqa: BLE001 - it is told to whoever waits
                problem = error
            # A loop that is closed needs no news any more.
            if not self._loop.is_closed():
                self._loop.call_soon_threadsafe(told, outcome, problem)

        threading.Thread(target=body, name="act", daemon=True).start()
        try:
            return await ended
        finally:
            self._end()

    def _end(self) -> None:
        with self._guard:
            self._over = True
            if self._doing:
                self._doing.cancel()
