"""The lab as a test or an act sees it: who is there, what is expected, what is owed at the end, and an orderly end."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import re
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from typing import Any

from lab.calls.failure import hide
from lab.calls.ground import Ground
from lab.calls.inside import Inside
from lab.calls.people import Carrier, Phone
from lab.calls.reach import EVERYBODY, Reach
from lab.calls.ringing import Ringing
from lab.calls.telling import phone, server
from lab.calls.theatre import Make, Played
from lab.calls.tidying import be_quiet, forget
from lab.events import extra
from lab.mail import Mail
from lab.parties import Party
from lab.results import Words
from lab.watch import Watch

__tracebackhide__ = hide  # pytest shows the line of the test, not ours


class Lab(Ground):
    """One test's or act's lab. Everything it starts it ends."""

    def __init__(
        self,
        make: Make,
        run: Callable[[Coroutine[Any, Any, Any]], Any],
        played: Played,
        folder: str,
        reach: Reach = EVERYBODY,
    ) -> None:
        """``make`` gives other stages; the rest is as for :class:`lab.calls.ground.Ground`."""
        super().__init__(run, played, folder, reach)
        self._make = make
        self._begin()

    def phone(self, number: str) -> Phone:
        """The phone of an extension."""
        party = self._party(f"extension:{number}")
        return Phone(self, party, party)

    def carrier(self, name: str) -> Carrier:
        """The public network behind a trunk."""
        return Carrier(self, self._party(f"trunk:{name}"), self._party(f"caller:{name}"))

    def of(self, tenant: str) -> Lab:
        """The same lab, seen by another tenant: its phones and carriers."""
        other = copy.copy(self)
        other._played = replace(self._played, scope=self._played.plan.site.tenants[tenant])  # noqa: SLF001 - ours
        return other

    def at(self, moment: str) -> Lab:
        """Go to another date, such as ``2026-12-22T20:00``: before the first call of a test only."""
        wanted = replace(self._played.wanted, at=moment)
        if wanted != self._played.wanted:
            if self.calls:
                raise ValueError("a test goes to another date before its first call: the clock of a call is not moved")
            self.run(self.attendance.end())
            self._played = self._make(wanted)
            self._begin()
        return self

    def rang(self, *names: str, since: int = 0) -> None:
        """Calls came to these and to nobody else, in this order: numbers of phones, names of carriers.

        ``since`` leaves out so many that came before.
        """
        self.same(Words("Dónde sonó", "Where it rang"), ", ".join(names), ", ".join(self.ringing_order()[since:]))

    def any_of(self, numbers: Sequence[str], *, seconds: float = 30) -> Ringing:
        """The first call that comes to any of these phones."""
        parties = [self.phone(number).party for number in numbers]

        def find() -> Ringing | None:
            return next(filter(None, map(self.attendance.waiting, parties)), None)

        names = ", ".join(numbers)
        told = phone(f"Suena uno de {names}", f"One of {names} rings")
        found = self.run(self.attendance.until(self, find, told.subject.en, seconds), None, told.subject.en, told)
        self.attendance.taken(found)
        return found

    def pass_time(self, seconds: float) -> None:
        """Let so many seconds of PBX time go by, in which nothing is expected."""
        self.run(asyncio.sleep(seconds / self.stage.speed))

    @property
    def pbx(self) -> Inside:
        """What one sees at the PBX itself: what it has stored and what it holds of queues."""
        return Inside(self)

    def mail_to(self, address: str, *, holding: str = "", seconds: float = 60) -> Mail:
        """The next mail to an address, of those that hold a text if one is named."""
        told = server(f"Correo a {address}", f"Mail to {address}", holding or "sí / yes")
        waiting = self.stage.mail_to(address, holding=holding, seconds=seconds)
        mail = self.run(waiting, None, f"a mail to {address}", told)
        self.journal.mails.append(mail.content.decode("utf-8", "replace"))
        return mail

    def expect_log(self, pattern: str) -> None:
        """A warning or error that this test provokes on purpose."""
        self._expected_log.append(re.compile(pattern))
        if self.reach is not EVERYBODY:
            self.stage.expected_log.append(re.compile(pattern))

    # What people and legs need; a test has no use for the rest.

    def take(self, party: Party, number: str, seconds: float) -> Ringing:
        """The first call at a party that no test has taken."""
        expected = f"a call at {party.name}{f' to {number}' if number else ''}"
        words = self.who(party)
        told = phone(f"Llega una llamada a {words.es}", f"A call comes to {words.en}", number or "sí / yes")
        waiting = self.attendance.until(self, lambda: self.attendance.waiting(party, number), expected, seconds)
        found = self.run(waiting, None, expected, told)
        self.attendance.taken(found)
        return found

    def stays_silent(self, party: Party, during: float) -> None:
        """Fail when a call comes to a party, or has come that no test has taken."""
        words = self.who(party)
        told = phone(f"A {words.es} no llega ninguna llamada", f"No call comes to {words.en}", f"{during:g} s")
        found = self.run(self.attendance.nobody(self, party, during))
        if found:
            self.fail(f"no call at {party.name}", f"it rang, for {found.shown.number}", None, told)
        self.journal.note(told, told.wanted, passed=True)

    async def told(self, watch: Watch, kind: str, spelled: str, expected: str, seconds: float) -> None:
        """Wait until the dialplan tells of a place or an exit."""
        await watch.nth(
            lambda event: event.get("userdeftype") == kind and extra(event) == spelled,
            expected=expected,
            seconds=seconds,
        )

    def messages(self, party: Party, new: int, seconds: float) -> None:
        """Wait until a phone is told of so many new messages; what it was told last, in this test, counts."""
        events, mailbox, words = self.stage.party_events, self.stage.mailbox(party), self.who(party)

        def told_last(count: int) -> bool:
            lamps = [each for each in events.seen[self.first_party_event :] if _is_lamp(each, mailbox)]
            return bool(lamps) and lamps[-1].get("new") == str(count)

        async def act() -> None:
            if not told_last(new):
                await self.stage.until(
                    events,
                    lambda event: _is_lamp(event, mailbox) and event.get("new") == str(new),
                    expected=f"the message lamp of {party.name} to tell of {new}",
                    seconds=seconds,
                    since=len(events.seen),
                )

        told = phone(f"Luz de mensajes de {words.es}", f"Message lamp of {words.en}", str(new))
        self.run(act(), None, f"the message lamp of {party.name} to tell of {new}", told)

    def set_registered(self, party: Party, *, registered: bool) -> None:
        """Register a phone or take it off."""
        expected = f"{party.name} to be {'registered' if registered else 'unregistered'}"
        self.run(self.stage.set_registered(party, registered=registered), None, expected)
        if registered:
            self._absent.remove(party)
        else:
            self._absent.append(party)

    def finish(self) -> None:
        """End what still goes on, see that nothing is left, and collect the debts. Raises :class:`CallError`."""
        self.clear()
        for expected, happened in self.debts.unpaid(self.stage.parties_by_name.values()):
            self.fail(expected, happened)
        lines = [
            line
            for line in self.stage.pbx.unexpected_log_lines(self._log_mark)
            if not any(pattern.search(line) for pattern in self._expected_log)
        ]
        if lines:
            self.fail("a log of the PBX without warnings and errors", "\n".join(lines))

    def clear(self, *, settings: bool = True) -> None:
        """End what still goes on, and with ``settings`` forget what phones have set.

        Raises :class:`CallError` when something is left.
        """
        self.run(self._clear(settings=settings), None, "an end without anything left behind")

    def _begin(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._log_mark = self.stage.pbx.log_size()
        self.first_event = len(self.stage.pbx_events.seen)
        self.first_party_event = len(self.stage.party_events.seen)

        async def act() -> None:
            await self._be_quiet()
            self.attendance.begin(self, self.reach.lines(self.stage, self.home))

        self.run(act(), None, "no call on the lines before the test")

    async def _be_quiet(self) -> None:
        calls = {call.watch.look() for call in self.calls} - {""}
        tokens = {call.token for call in self.calls}
        channels = {each.channel for each in self.rung}
        mine = self.reach.owner(self.stage, self.home, calls | tokens | channels)
        await be_quiet(self.stage, mine)

    async def _clear(self, *, settings: bool) -> None:
        async with contextlib.AsyncExitStack() as left:  # the last one first, and each of them whatever the others do
            if settings:
                left.push_async_callback(self._forget)
            left.push_async_callback(self._register)
            left.push_async_callback(self.attendance.end)  # whoever goes on to attend would take calls of other rows
            for call in self.calls:
                await call.end()
            for lamp in self.lamps:
                await lamp.close()
            self.lamps.clear()
        await self._be_quiet()

    async def _register(self) -> None:
        """Register the phones that were taken off."""
        for party in tuple(self._absent):
            await self.stage.set_registered(party, registered=True)
            self._absent.remove(party)

    async def _forget(self) -> None:
        """Forget what phones have set by feature codes: the next test finds the tenant as its file has it."""
        if self.reach is EVERYBODY:
            await self.stage.pbx.cli("database deltree pbx")
        else:
            phones = self.reach.phones(self.stage, self.home)
            await forget(self.stage, self.home, phones, self.reach.named("schedule"))

    def _party(self, name: str) -> Party:
        if not self.reach.allows(self.scope.slug, name, self.home):
            raise ValueError(f"{self.scope.slug} {name} is not among what this act touches: {self.reach}")
        try:
            return self.stage.party(self.scope.slug, name)
        except KeyError:
            known = ", ".join(each for tenant, each in self.stage.parties_by_name if tenant == self.scope.slug)
            raise ValueError(f"{self.scope.slug} has no {name}; it has {known}") from None


def _is_lamp(event: Mapping[str, str], mailbox: str) -> bool:
    return event.get("event") == "MessageWaiting" and event.get("mailbox") == mailbox
