"""One PBX under test with its parties, under one clock: where rows are played."""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar, Unpack

from lab.addresses import SIP_PORT
from lab.events import Events, NotHappenedError, StageError, Waiter, of_others
from lab.handset import Arrivals, Handset
from lab.mail import Mail
from lab.pair import TIMING, Pair, Parts, Sounds
from lab.parties import MAILBOX_CONTEXT, Party
from pbx.asterisk.ami import AmiError, Event

T = TypeVar("T")

ALLOWANCE: Final = 8.0
"""Real seconds on top of every deadline in PBX time: a busy machine is no fault of the PBX."""
ATTEMPTS: Final = 2
"""How often a phone tries to register before that is a problem."""


class Stage(Pair):
    """The two Asterisks as rows use them: calls are placed and taken, phones come and go, events are waited for."""

    def __init__(self, **made_of: Unpack[Parts]) -> None:
        """Nothing happens before :meth:`start`."""
        super().__init__(**made_of)
        self.patience: float | None = None
        """Instead of :data:`ALLOWANCE`, for who waits for rows to fail."""
        self.mails: list[Mail] = []
        self.expected_log: list[re.Pattern[str]] = []
        """Warnings and errors that a row provokes on purpose; no row that goes on beside it is to blame."""
        self._arrivals = Arrivals()
        self._outgoing: dict[str, asyncio.Future[Handset]] = {}
        self._mail_waiters: list[tuple[str, str, asyncio.Future[Mail]]] = []
        self._tokens = itertools.count(1)

    async def until(
        self, events: Events, wanted: Callable[[Event], bool], *, expected: str, seconds: float = 30, since: int = 0
    ) -> Event:
        """The first wanted event from ``since`` on; raises :class:`NotHappenedError` after ``seconds`` of PBX time."""
        found = next(events.matching(wanted, since), None)
        if found is not None:
            return found
        waiter = Waiter(wanted, asyncio.get_running_loop().create_future())
        events.waiters.append(waiter)
        try:
            return await self.within(waiter.found, expected=expected, seconds=seconds)
        finally:
            if waiter in events.waiters:
                events.waiters.remove(waiter)

    async def within(self, future: asyncio.Future[T], *, expected: str, seconds: float = 30) -> T:
        """The result of a future; raises :class:`NotHappenedError`, or :class:`StageError` when the stage breaks."""
        try:
            either: set[asyncio.Future[Any]] = {future, self.broken}
            more = ALLOWANCE if self.patience is None else self.patience
            await asyncio.wait(either, timeout=seconds / self.speed + more, return_when=asyncio.FIRST_COMPLETED)
            if future.done():
                return future.result()
        finally:
            future.cancel()
        if self.broken.done():
            raise StageError(self.broken.result())
        raise NotHappenedError(expected, seconds)

    async def originate(
        self,
        party: Party,
        number: str,
        *,
        caller_id: str,
        recording: Path | None,
        headers: Mapping[str, str] | None = None,
    ) -> str:
        """Let a party call ``number`` at the PBX. Answers the id of its channel, known before anything happens.

        Without a ``recording`` nobody listens to what it hears.
        ``headers`` are SIP headers that are added to its INVITE.
        """
        token = f"{party.endpoint}.{next(self._tokens):06}"  # of one length: Asterisk refuses an id that begins another
        self._outgoing[token] = asyncio.get_running_loop().create_future()
        dialled = number.replace("#", "%23")
        await self.party_ami.action(
            "Originate",
            Channel=f"PJSIP/{party.endpoint}/sip:{dialled}@{self.block.pbx}:{SIP_PORT}",
            Context="outgoing",
            Exten="s",
            Priority="1" if recording else "2",  # past the recorder
            CallerID=caller_id,
            Timeout="600000",
            Async="true",
            ChannelId=token,
            Variable=[
                f"RECORDING={recording}",
                f"SCRIPT=outgoing/{token}",
                *(f"PJSIP_HEADER(add,{name})={text}" for name, text in (headers or {}).items()),
            ],
        )
        return token

    async def answered(self, token: str, *, seconds: float = 30) -> Handset:
        """The handset of a call that was originated, once it is answered."""
        return await self.within(self._outgoing[token], expected="an answer", seconds=seconds)

    async def incoming(self, party: Party, number: str = "", *, seconds: float = 30) -> Handset:
        """The next call that reaches a party; a carrier carries many, so there the called number may be named."""
        expected = f"a call at {party.name}{f' to {number}' if number else ''}"
        return await self.within(self._arrivals.next(party.endpoint, number), expected=expected, seconds=seconds)

    def forget_incoming(self, party: Party, number: str = "") -> None:
        """Drop calls that reached a party and were never taken: a row starts with a silent phone."""
        self._arrivals.forget(party.endpoint, number)

    async def mail_to(self, address: str, *, holding: str = "", seconds: float = 30) -> Mail:
        """The next mail to an address, of those that hold a text if one is named."""
        found = next((mail for mail in self.mails if is_for(mail, address, holding)), None)
        if found:
            self.mails.remove(found)
            return found
        waiting: asyncio.Future[Mail] = asyncio.get_running_loop().create_future()
        self._mail_waiters.append((address, holding, waiting))
        return await self.within(waiting, expected=f"a mail to {address}", seconds=seconds)

    async def set_registered(self, party: Party, *, registered: bool) -> None:
        """Register a phone or take it off, and wait until both sides know: one that still waits would do nothing.

        As phones do, it tries again when nothing comes of it.
        """
        since, own = len(self.pbx_events.seen), len(self.party_events.seen)
        for attempt in range(1, ATTEMPTS + 1):
            try:
                await self._change_registration(party, since, own, registered=registered)
            except NotHappenedError:
                if attempt == ATTEMPTS:
                    raise
            else:
                return

    async def _change_registration(self, party: Party, since: int, own: int, *, registered: bool) -> None:
        """Ask for it, and wait for the events of it from ``since`` on, and ``own`` at the parties' Asterisk."""
        action = "PJSIPRegister" if registered else "PJSIPUnregister"
        await self.party_ami.action(action, Registration=party.endpoint)
        wanted = {"Created", "Reachable", "NonQualified", "Updated"} if registered else {"Removed"}
        expected = f"{party.name} to be {'registered' if registered else 'unregistered'}"
        await self.until(
            self.pbx_events,
            lambda event: (
                event.get("event") == "ContactStatus"
                and event.get("aor") == party.endpoint
                and event.get("contactstatus") in wanted
            ),
            expected=expected,
            since=since,
        )
        user, status = f"sip:{party.endpoint}@", "Registered" if registered else "Unregistered"
        await self.until(
            self.party_events,
            lambda event: (
                event.get("event") == "Registry"
                and event.get("username", "").startswith(user)
                and event.get("status") == status
            ),
            expected=expected,
            since=own,
        )

    def unexpected_since(self, mark: int, calls: Collection[str]) -> tuple[str, ...]:
        """Lines of the PBX's log after a mark that nobody expects and that are not about others' calls.

        ``calls`` are the linked ids of a row's own.
        """
        lines = self.pbx.unexpected_log_lines(mark)
        lines = [line for line in lines if not any(pattern.search(line) for pattern in self.expected_log)]
        return tuple(line for line in lines if not of_others(line, self.pbx_events, calls))

    def mailbox(self, party: Party) -> str:
        """The name under which a phone's message lamp is known in the second Asterisk."""
        return f"{party.endpoint}@{MAILBOX_CONTEXT}"

    def _welcome(self, handset: Handset) -> None:
        """A call of a party has begun: hand it to the row that waits."""
        kind, _, token = handset.request.partition("/")
        if kind == "outgoing" and token in self._outgoing:
            if not self._outgoing[token].done():
                self._outgoing[token].set_result(handset)
        else:
            self._arrivals.add(handset)

    def _deliver(self, mail: Mail) -> None:
        for waiter in self._mail_waiters:
            address, holding, waiting = waiter
            if is_for(mail, address, holding) and not waiting.done():
                waiting.set_result(mail)
                self._mail_waiters.remove(waiter)
                return
        self.mails.append(mail)


def is_for(mail: Mail, address: str, holding: str) -> bool:
    """Whether a mail goes to an address and holds a text."""
    return address in mail.recipients and holding in mail.content.decode("utf-8", "replace")


__all__ = ["ALLOWANCE", "TIMING", "AmiError", "Sounds", "Stage"]
