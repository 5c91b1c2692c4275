"""The lab as a test or an act sees it: who is there, what is expected, what is owed at the end, and an orderly end."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import re
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NoReturn, TypeVar

from lab.addresses import SIP_PORT
from lab.calls import talking
from lab.calls.attendance import Attendance
from lab.calls.evidence import Debts
from lab.calls.failure import CallError, hide
from lab.calls.legs import PAUSE, Call, Leg, Ringing
from lab.calls.people import STRANGER, Behaviour, Carrier, Phone, WatchedLamp
from lab.calls.reach import EVERYBODY, Reach
from lab.calls.telling import STEP, Expected, Journal, phone, server, who
from lab.calls.theatre import Make, Played
from lab.calls.tidying import be_quiet, forget
from lab.calls.words import played_as, reference_of, sound_of
from lab.events import NotHappenedError, StageError, extra
from lab.handset import HungUpError
from lab.lamps import Lamp, LampError, open_lamp
from lab.mail import Mail
from lab.parties import Party
from lab.results import Words
from lab.stage import AmiError, Stage
from lab.testbed import first_password
from lab.watch import Watch, hung_up
from pbx.site import TenantScope

T = TypeVar("T")
__tracebackhide__ = hide  # pytest shows the line of the test, not ours

TOLD: Final = 3
"""Calls that a failure shows."""


class Lab:
    """One test's or act's lab. Everything it starts it ends."""

    def __init__(
        self,
        make: Make,
        run: Callable[[Coroutine[Any, Any, Any]], Any],
        played: Played,
        folder: str,
        reach: Reach = EVERYBODY,
    ) -> None:
        """``make`` gives other stages, ``run`` runs coroutines where stages live.

        ``folder`` is that of the recordings within the stage's; ``reach`` says whose calls are this lab's.
        """
        self._make = make
        self._background = run
        self._folder = folder
        self._played = played
        self.home = played.scope.slug
        self.reach = reach
        self.stranger = reach.stranger or STRANGER
        self.journal = Journal()
        self.debts = Debts()
        self.calls: list[Call] = []
        self._attendance = Attendance()
        self._absent: list[Party] = []
        self._lamps: list[Lamp] = []
        self._expected_log: list[re.Pattern[str]] = []
        self._log_mark = self.first_event = 0
        self._begin()

    @property
    def stage(self) -> Stage:
        """The PBX under test with its parties."""
        return self._played.stage

    @property
    def scope(self) -> TenantScope:
        """The tenant whose people these are."""
        return self._played.scope

    @property
    def folder(self) -> Path:
        """The recordings of this test."""
        return self.stage.folder / self._folder

    @property
    def clock(self) -> datetime:
        """What the PBX believes now, in the tenant's time."""
        return self.stage.clock_now.astimezone(self.scope.timezone)

    @property
    def behaviours(self) -> dict[Party, Behaviour]:
        """What parties do with each call that comes."""
        return self._attendance.behaviours

    @property
    def rung(self) -> list[Ringing]:
        """Every call that came to somebody, in order."""
        return self._attendance.rung

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
            self.run(self._attendance.end())
            self._played = self._make(wanted)
            self._begin()
        return self

    def ringing_order(self) -> list[str]:
        """Where calls came to, in order: numbers of phones, names of carriers."""
        return [each.party.name.partition(":")[2] for each in self.rung]

    def rang(self, *names: str) -> None:
        """Calls came to these and to nobody else, in this order: numbers of phones, names of carriers."""
        self.same(Words("Dónde sonó", "Where it rang"), ", ".join(names), ", ".join(self.ringing_order()))

    def same(
        self, subject: Words, wanted: str, observed: str, *, witness: str = "server", leg: Leg | None = None
    ) -> None:
        """What is wanted was observed; both are what a customer is shown."""
        self.settle(Expected(witness, subject, wanted or "–"), observed or "–", passed=wanted == observed, leg=leg)

    def settle(self, told: Expected, observed: str, *, passed: bool, leg: Leg | None = None) -> None:
        """Write down whether something was as expected, and fail when it was not."""
        if not passed:
            self.fail(f"{told.subject.en}: {told.wanted}", observed, leg, told)
        self.journal.note(told, observed, passed=True)

    def mail_to(self, address: str, *, seconds: float = 60) -> Mail:
        """The next mail to an address."""
        told = server(f"Correo a {address}", f"Mail to {address}")
        mail = self.run(self.stage.mail_to(address, seconds=seconds), None, f"a mail to {address}", told)
        self.journal.mails.append(mail.content.decode("utf-8", "replace"))
        return mail

    def expect_log(self, pattern: str) -> None:
        """A warning or error that this test provokes on purpose."""
        self._expected_log.append(re.compile(pattern))
        if self.reach is not EVERYBODY:
            self.stage.expected_log.append(re.compile(pattern))

    # What people and legs need; a test has no use for the rest.

    def run(
        self,
        coroutine: Coroutine[Any, Any, T],
        leg: Leg | None = None,
        expected: str = "",
        told: Expected | None = None,
    ) -> T:
        """Run a coroutine where stages live; what goes wrong in a call becomes a :class:`CallError`.

        ``told`` is written down with what came of it; without it only a failure is.
        """
        try:
            result: T = self._background(coroutine)
        except (NotHappenedError, HungUpError, StageError, AmiError) as error:
            expected, happened = _told(error, expected)
            self.fail(expected, happened, leg, told)
        if told:
            self.journal.note(told, told.wanted, passed=True)
        return result

    def fail(self, expected: str, happened: str, leg: Leg | None = None, told: Expected | None = None) -> NoReturn:
        """Fail the test, with the call so far and where to look."""
        self.journal.note(told or Expected("server", STEP, expected), happened, passed=False)
        raise CallError(expected, happened, self.context(leg))

    def context(self, leg: Leg | None = None) -> str:
        """The last calls as the PBX tells them, the clock, and the evidence."""
        told = []
        for call in [leg] if isinstance(leg, Call) else self.calls[-TOLD:]:
            visit = call.visit
            told.append(f"  {call}: {' → '.join(visit.nodes) or 'nowhere'}")
            told += [f"    left {', '.join(visit.exits)}"] if visit.exits else []
            told += [f"    played {', '.join(visit.sounds)}"] if visit.sounds else []
        if self.rung:
            told.append(f"  rang at {', '.join(self.ringing_order())}")
        told.append(f"  clock {self.clock:%Y-%m-%d %H:%M:%S}, speed {self.stage.speed}")
        told.append(f"  look at {self.folder}, {self.stage.capture}, {self.stage.pbx.paths.messages}")
        return "\n".join(told)

    def who(self, party: Party) -> Words:
        """What a party is called, for a customer."""
        return who(party, self.home)

    def file(self, party: Party) -> Path:
        """Where the next recording of a party goes."""
        number = len(self.calls) + len(self.rung) + 1
        return self.folder / f"{number:02}-{party.name.replace(':', '-')}.wav"

    def place(self, party: Party, number: str, caller_id: str, headers: Mapping[str, str], *, caller: str = "") -> Call:
        """Place a call, and return when the PBX knows it or has refused it."""
        watch = Watch(self.stage, party.endpoint, caller, number)
        recording = self.file(party)

        async def act() -> Call:
            token = await self.stage.originate(party, number, caller_id=caller_id, recording=recording, headers=headers)
            call = Call(self, party, recording, watch, token)
            self.calls.append(call)
            reached = asyncio.ensure_future(watch.began())
            ended = asyncio.ensure_future(hung_up(self.stage, token, "the call to end"))
            await asyncio.wait({reached, ended}, return_when=asyncio.FIRST_COMPLETED)
            for task in (reached, ended):
                task.cancel()
            await asyncio.gather(reached, ended, return_exceptions=True)
            return call

        return self.run(act(), None, f"{party.name} to call {number}")

    def take(self, party: Party, number: str, seconds: float) -> Ringing:
        """The first call at a party that no test has taken."""
        expected = f"a call at {party.name}{f' to {number}' if number else ''}"
        words = self.who(party)
        told = phone(f"Llega una llamada a {words.es}", f"A call comes to {words.en}", number or "sí / yes")
        waiting = self._attendance.until(self, lambda: self._attendance.waiting(party, number), expected, seconds)
        found = self.run(waiting, None, expected, told)
        self._attendance.taken(found)
        return found

    def stays_silent(self, party: Party, during: float) -> None:
        """Fail when a call comes to a party, or has come that no test has taken."""
        words = self.who(party)
        told = phone(f"A {words.es} no llega ninguna llamada", f"No call comes to {words.en}", f"{during:g} s")
        found = self.run(self._attendance.nobody(self, party, during))
        if found:
            self.fail(f"no call at {party.name}", f"it rang, for {found.shown.number}", None, told)
        self.journal.note(told, told.wanted, passed=True)

    async def converse(self, one: Leg, other: Leg) -> None:
        """Both play their tones at once; the debts are that each hears the other's, and not its own."""
        await talking.converse(self.stage, self.debts, one, other, self.first_event)

    async def announce(self, speaker: Leg, listeners: Iterable[Leg]) -> None:
        """One plays its tone; the debts are that each listener hears it."""
        await talking.announce(self.debts, speaker, listeners)

    def owe_silence(self, leg: Leg, others: Iterable[Leg]) -> None:
        """A leg must not have heard the tones of others."""
        for other in others:
            self.debts.owe_tone(leg, other.party, heard=False)

    def owe_sound(self, leg: Leg, spelled: str, *, complete: bool) -> tuple[str, float]:
        """A leg must have heard a sound in the end: the name under which Asterisk plays it, and how long to listen."""
        plan = self._played.plan
        shipped = plan.installation.languages[self.scope.tenant.language]
        sound = sound_of(self.scope, spelled)
        name, reference = reference_of(sound, plan.prompts[self.scope.slug], shipped)
        enough = self.debts.owe_sound(leg, spelled, reference, complete=complete)
        return played_as(self.scope, sound, name), enough

    async def told(self, watch: Watch, kind: str, spelled: str, expected: str, seconds: float) -> None:
        """Wait until the dialplan tells of a place or an exit."""
        await watch.nth(
            lambda event: event.get("userdeftype") == kind and extra(event) == spelled,
            expected=expected,
            seconds=seconds,
        )

    async def end(self, call: Call) -> None:
        """Hang up a call at its caller's, whatever it does."""
        ended = (each for each in self.stage.party_events.matching(_hangup_of(call.token)))
        if next(ended, None) is None:
            with contextlib.suppress(HungUpError, AmiError):  # it may end by itself in this moment
                if call.connected:
                    await (await call.handset()).listen(PAUSE)
                await self.stage.party_ami.action("Hangup", Channel=call.token, Cause="16")
            await hung_up(self.stage, call.token, f"{call} to end", 30)

    async def gone(self, channel: str, seconds: float) -> None:
        """Wait for the end of a party's channel."""
        await self.stage.until(
            self.stage.party_events,
            lambda event: event.get("event") == "Hangup" and event.get("channel") == channel,
            expected=f"{channel} to end",
            seconds=seconds,
        )

    def watch(self, party: Party, watched: str, event: str) -> WatchedLamp:
        """Subscribe for a phone, or find out that the PBX refuses it."""
        name = f"the lamp of {party.name} for {watched}"
        block, number = self.stage.block, party.name.partition(":")[2]

        async def act() -> WatchedLamp:
            secret = self.stage.secrets[first_password(self.stage.shipped.tenants[party.tenant], number)]
            try:
                lamp = await open_lamp(
                    party.endpoint, secret, watched, pbx=(block.pbx, SIP_PORT), host=block.phones, event=event
                )
            except LampError as error:
                return WatchedLamp(self, name, self._lamp_words(party, watched), None, error.code)
            lamp.changed = self._attendance.tell
            self._lamps.append(lamp)
            return WatchedLamp(self, name, self._lamp_words(party, watched), lamp)

        return self.run(act(), None, f"{name} to be answered")

    def lamp_shows(self, watched: WatchedLamp, state: str, seconds: float) -> None:
        """Wait until a lamp shows a state."""
        told = Expected("phone", watched.words, state)
        lamp, expected = watched.lamp, f"{watched.name} to show {state}"
        if lamp is None:
            self.fail(expected, f"the PBX refused it: {watched.refused}", None, told)

        async def act() -> None:
            try:
                await self._attendance.until(self, lambda: True if lamp.state == state else None, expected, seconds)
            except NotHappenedError as error:
                shown = " → ".join(lamp.shown) or "nothing"
                raise NotHappenedError(expected, f"it has shown {shown}: {error.observed}") from error

        self.run(act(), None, expected, told)

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

        async def act() -> None:
            await self._be_quiet()
            self._attendance.begin(self, self.reach.lines(self.stage, self.home))

        self.run(act(), None, "no call on the lines before the test")

    async def _be_quiet(self) -> None:
        calls = {call.watch.look() for call in self.calls} - {""}
        tokens = {call.token for call in self.calls}
        channels = {each.channel for each in self.rung}
        mine = self.reach.owner(self.stage, self.home, calls | tokens | channels)
        await be_quiet(self.stage, mine)

    async def _clear(self, *, settings: bool) -> None:
        for call in self.calls:
            await self.end(call)
        for lamp in self._lamps:
            await lamp.close()
        self._lamps.clear()
        await self._attendance.end()
        for party in tuple(self._absent):
            await self.stage.set_registered(party, registered=True)
            self._absent.remove(party)
        if settings and self.reach is EVERYBODY:
            # What a phone has set by a feature code is forgotten: the next test finds the tenant as its file has it.
            await self.stage.pbx.cli("database deltree pbx")
        elif settings:
            phones = self.reach.phones(self.stage, self.home)
            await forget(self.stage, self.home, phones, self.reach.named("schedule"))
        await self._be_quiet()

    def _party(self, name: str) -> Party:
        if not self.reach.allows(self.scope.slug, name, self.home):
            raise ValueError(f"{self.scope.slug} {name} is not among what this act touches: {self.reach}")
        try:
            return self.stage.party(self.scope.slug, name)
        except KeyError:
            known = ", ".join(each for tenant, each in self.stage.parties_by_name if tenant == self.scope.slug)
            raise ValueError(f"{self.scope.slug} has no {name}; it has {known}") from None

    def _lamp_words(self, party: Party, watched: str) -> Words:
        own = self.who(party)
        return Words(f"Luz de {own.es} para {watched}", f"Lamp of {own.en} for {watched}")


def _hangup_of(token: str) -> Callable[[Mapping[str, str]], bool]:
    return lambda event: event.get("event") == "Hangup" and event.get("uniqueid") == token


def _told(error: Exception, expected: str) -> tuple[str, str]:
    """What was expected and what happened, of what can go wrong on the telephone."""
    if isinstance(error, NotHappenedError):
        expected = expected or error.expected
        return expected, error.observed if error.expected == expected else f"{error.expected}: {error.observed}"
    if isinstance(error, HungUpError):
        return expected, "the other side had hung up"
    return expected, f"the lab itself broke: {error}"
