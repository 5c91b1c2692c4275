"""Who attends the calls that come to a lab's parties, and which of those calls nobody has taken yet."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final, TypeVar

from lab.calls.people import Behaviour
from lab.calls.ringing import Ringing
from lab.events import StageError
from lab.handset import HungUpError
from lab.parties import Party

if TYPE_CHECKING:
    from lab.calls.play import Lab

T = TypeVar("T")

FOR_EVER: Final = 1e6


class Attendance:
    """The calls that come; everything here runs where stages live."""

    def __init__(self) -> None:
        """Nobody attends yet."""
        self.behaviours: dict[Party, Behaviour] = {}
        self.rung: list[Ringing] = []
        self._untaken: list[Ringing] = []
        self._news: list[asyncio.Future[None]] = []
        self._tasks: list[asyncio.Task[None]] = []

    def begin(self, lab: Lab, lines: Iterable[tuple[Party, str]]) -> None:
        """Attend these parties; where a number is named, the calls to it alone."""
        for party, number in lines:
            lab.stage.forget_incoming(party, number)
            attending = self._attend(lab, party, number)
            self._tasks.append(asyncio.create_task(attending, name=f"{party} {number} attends"))

    async def end(self) -> None:
        """Attend nobody any more, and act for no call that has come."""
        while self._tasks:  # a call may come in this moment
            tasks, self._tasks = self._tasks, []
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        for leg in self.rung:
            (await leg.handset()).end()

    def waiting(self, party: Party, number: str = "") -> Ringing | None:
        """The first call at a party that no test has taken."""
        return next((each for each in self._untaken if each.party == party and number in {"", each.dialled}), None)

    def taken(self, leg: Ringing) -> None:
        """A test has taken a call."""
        self._untaken.remove(leg)

    def tell(self) -> None:
        """Wake who waits for a call or a lamp."""
        for waiting in self._news:
            if not waiting.done():
                waiting.set_result(None)
        self._news.clear()

    async def until(self, lab: Lab, find: Callable[[], T | None], expected: str, seconds: float) -> T:
        """Ask again with each piece of news; raises :class:`lab.events.NotHappenedError`."""
        while True:
            found = find()
            if found is not None:
                return found
            news: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._news.append(news)
            await lab.stage.within(news, expected=expected, seconds=seconds)

    async def nobody(self, lab: Lab, party: Party, during: float) -> Ringing | None:
        """Wait exactly so long whether a call comes that no test has taken, or has come."""
        # The deadline of `within` is for what must happen; what must not is waited for exactly.
        waiting = asyncio.ensure_future(self.until(lab, lambda: self.waiting(party), "", FOR_EVER))
        await asyncio.wait({waiting}, timeout=during / lab.stage.speed)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        return self.waiting(party)

    async def _attend(self, lab: Lab, party: Party, number: str) -> None:
        with contextlib.suppress(StageError):  # whoever waits for a call is told
            while True:
                handset = await lab.stage.incoming(party, number, seconds=FOR_EVER)
                leg = Ringing(lab, party, lab.file(party), handset)
                self.rung.append(leg)
                self._tasks.append(asyncio.create_task(self._behave(leg), name=f"{party} rings"))

    async def _behave(self, leg: Ringing) -> None:
        behaviour = self.behaviours.get(leg.party, Behaviour())
        with contextlib.suppress(HungUpError, StageError):  # whoever takes it finds out
            await leg.begin(behaviour)
        self._untaken.append(leg)
        self.tell()
        with contextlib.suppress(HungUpError, StageError):
            await leg.behave(behaviour)
