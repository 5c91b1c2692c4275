"""The lab as a test sees it: who is there, what is owed at the end, and that nothing is left behind."""

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
from lab.calls.evidence import Debts
from lab.calls.failure import CallError, hide
from lab.calls.legs import PAUSE, Call, Leg, Ringing
from lab.calls.people import Behaviour, Carrier, Phone, WatchedLamp
from lab.calls.theatre import Make, Played
from lab.calls.words import played_as, reference_of, sound_of
from lab.events import NotHappenedError, StageError, extra
from lab.handset import HungUpError
from lab.lamps import Lamp, LampError, open_lamp
from lab.mail import Mail
from lab.parties import Party
from lab.stage import AmiError, Stage
from lab.testbed import first_password
from lab.watch import Watch, hung_up
from pbx.asterisk.ami import Ami
from pbx.site import TenantScope

T = TypeVar("T")
__tracebackhide__ = hide  # pytest shows the line of the test, not ours

FOR_EVER: Final = 1e6
TOLD: Final = 3
"""Calls that a failure shows."""


class Lab:
    """One test's lab. Everything it starts it ends."""

    def __init__(self, make: Make, run: Callable[[Coroutine[Any, Any, Any]], Any], played: Played, name: str) -> None:
        """``make`` gives other stages, ``run`` runs coroutines where stages live, ``name`` is the test's."""
        self._make = make
        self._background = run
        self._name = re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-")[:60]
        self._played = played
        self.behaviours: dict[Party, Behaviour] = {}
        self.rung: list[Ringing] = []
        """Every call that came to somebody, in order."""
        self._calls: list[Call] = []
        self._untaken: list[Ringing] = []
        self._news: list[asyncio.Future[None]] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._absent: list[Party] = []
        self._lamps: list[Lamp] = []
        self._expected_log: list[re.Pattern[str]] = []
        self._log_mark = 0
        self._debts = Debts()
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
        return self.stage.folder / self._name

    @property
    def clock(self) -> datetime:
        """What the PBX believes now, in the tenant's time."""
        return self.stage.clock_now.astimezone(self.scope.timezone)

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
            if self._calls:
                raise ValueError("a test goes to another date before its first call: the clock of a call is not moved")
            self.run(self._stop_attending())
            self._played = self._make(wanted)
            self._begin()
        return self

    def ringing_order(self) -> list[str]:
        """Where calls came to, in order: numbers of phones, names of carriers."""
        return [each.party.name.partition(":")[2] for each in self.rung]

    def mail_to(self, address: str, *, seconds: float = 60) -> Mail:
        """The next mail to an address."""
        return self.run(self.stage.mail_to(address, seconds=seconds), None, f"a mail to {address}")

    def expect_log(self, pattern: str) -> None:
        """A warning or error that this test provokes on purpose."""
        self._expected_log.append(re.compile(pattern))

    # What people and legs need; a test has no use for the rest.

    def run(self, coroutine: Coroutine[Any, Any, T], leg: Leg | None = None, expected: str = "") -> T:
        """Run a coroutine where stages live; what goes wrong in a call becomes a :class:`CallError`."""
        try:
            result: T = self._background(coroutine)
        except NotHappenedError as error:
            expected = expected or error.expected
            happened = error.observed if error.expected == expected else f"{error.expected}: {error.observed}"
        except HungUpError:
            happened = "the other side had hung up"
        except (StageError, AmiError) as error:
            happened = f"the lab itself broke: {error}"
        else:
            return result
        raise CallError(expected, happened, self.context(leg))

    def fail(self, expected: str, happened: str, leg: Leg | None = None) -> NoReturn:
        """Fail the test, with the call so far and where to look."""
        raise CallError(expected, happened, self.context(leg))

    def context(self, leg: Leg | None = None) -> str:
        """The last calls as the PBX tells them, the clock, and the evidence."""
        told = []
        for call in [leg] if isinstance(leg, Call) else self._calls[-TOLD:]:
            visit = call.visit
            told.append(f"  {call}: {' → '.join(visit.nodes) or 'nowhere'}")
            told += [f"    left {', '.join(visit.exits)}"] if visit.exits else []
            told += [f"    played {', '.join(visit.sounds)}"] if visit.sounds else []
        if self.rung:
            told.append(f"  rang at {', '.join(self.ringing_order())}")
        told.append(f"  clock {self.clock:%Y-%m-%d %H:%M:%S}, speed {self.stage.speed}")
        told.append(f"  look at {self.folder}, {self.stage.capture}, {self.stage.pbx.paths.messages}")
        return "\n".join(told)

    def place(self, party: Party, number: str, caller_id: str, headers: Mapping[str, str], *, caller: str = "") -> Call:
        """Place a call, and return when the PBX knows it or has refused it."""
        watch = Watch(self.stage, party.endpoint, caller, number)
        recording = self._file(party)

        async def act() -> Call:
            token = await self.stage.originate(party, number, caller_id=caller_id, recording=recording, headers=headers)
            call = Call(self, party, recording, watch, token)
            self._calls.append(call)
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

        def find() -> Ringing | None:
            return next((each for each in self._untaken if each.party == party and number in {"", each.dialled}), None)

        expected = f"a call at {party.name}{f' to {number}' if number else ''}"
        found = self.run(self._until_there(find, expected, seconds), None, expected)
        self._untaken.remove(found)
        return found

    def stays_silent(self, party: Party, during: float) -> None:
        """Fail when a call comes to a party, or has come that no test has taken."""

        def find() -> Ringing | None:
            return next((each for each in self._untaken if each.party == party), None)

        async def act() -> Ringing | None:
            # The deadline of `within` is for what must happen; what must not is waited for exactly.
            waiting = asyncio.ensure_future(self._until_there(find, "", FOR_EVER))
            await asyncio.wait({waiting}, timeout=during / self.stage.speed)
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
            return find()

        found = self.run(act())
        if found:
            self.fail(f"no call at {party.name}", f"it rang, for {found.shown.number}")

    async def converse(self, one: Leg, other: Leg) -> None:
        """Both play their tones at once; the debts are that each hears the other's, and not its own."""
        handsets = await one.handset(), await other.handset()
        for leg, opposite in ((one, other), (other, one)):
            self._debts.owe_tone(leg, opposite.party)
        await self._connected(one.party, other.party)
        await asyncio.gather(
            *(handset.play(f"lab/tone-{leg.party.tone}") for handset, leg in zip(handsets, (one, other), strict=True))
        )
        await asyncio.gather(*(handset.listen(PAUSE) for handset in handsets))

    async def _connected(self, *parties: Party) -> None:
        """Wait until each party's channel is in a bridge that passes sound on; what is heard tells the rest."""
        events = self.stage.pbx_events

        def bridged() -> bool:
            channels: dict[str, str] = {}
            for event in events.matching(lambda each: each.get("event") in {"BridgeEnter", "BridgeLeave"}):
                held = event.get("bridgetechnology") == "holding_bridge" or event["event"] == "BridgeLeave"
                channels[event.get("channel", "")] = "" if held else event.get("bridgeuniqueid", "")
            talking = [channel for channel, bridge in channels.items() if bridge]
            return all(any(each.startswith(f"PJSIP/{party.endpoint}-") for each in talking) for party in parties)

        if not bridged():
            with contextlib.suppress(NotHappenedError):
                await self.stage.until(
                    events,
                    lambda event: event.get("event") == "BridgeEnter" and bridged(),
                    expected="both to be connected",
                    seconds=20,
                    since=len(events.seen),
                )

    async def announce(self, speaker: Leg, listeners: Iterable[Leg]) -> None:
        """One plays its tone; the debts are that each listener hears it."""
        handset = await speaker.handset()
        for leg in listeners:
            self._debts.owe_tone(leg, speaker.party)
        await handset.play(f"lab/tone-{speaker.party.tone}")
        await handset.listen(PAUSE)

    def owe_sound(self, leg: Leg, spelled: str, *, complete: bool) -> tuple[str, float]:
        """A leg must have heard a sound in the end: the name under which Asterisk plays it, and how long to listen."""
        plan = self._played.plan
        shipped = plan.installation.languages[self.scope.tenant.language]
        sound = sound_of(self.scope, spelled)
        name, reference = reference_of(sound, plan.prompts[self.scope.slug], shipped)
        enough = self._debts.owe_sound(leg, spelled, reference, complete=complete)
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
                return WatchedLamp(self, name, None, error.code)
            lamp.changed = self._tell
            self._lamps.append(lamp)
            return WatchedLamp(self, name, lamp)

        return self.run(act(), None, f"{name} to be answered")

    def lamp_shows(self, watched: WatchedLamp, state: str, seconds: float) -> None:
        """Wait until a lamp shows a state."""
        lamp = watched.lamp
        if lamp is None:
            self.fail(f"{watched.name} to show {state}", f"the PBX refused it: {watched.refused}")
        expected = f"{watched.name} to show {state}"

        def find() -> bool | None:
            return True if lamp.state == state else None

        try:
            self.run(self._until_there(find, expected, seconds), None, expected)
        except CallError as error:
            self.fail(expected, f"it has shown {' → '.join(lamp.shown) or 'nothing'}: {error.happened}")

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
        for expected, happened in self._debts.unpaid(self.stage.parties_by_name.values()):
            self.fail(expected, happened)
        lines = [
            line
            for line in self.stage.pbx.unexpected_log_lines(self._log_mark)
            if not any(pattern.search(line) for pattern in self._expected_log)
        ]
        if lines:
            self.fail("a log of the PBX without warnings and errors", "\n".join(lines))

    def clear(self) -> None:
        """End what still goes on. Raises :class:`CallError` when something is left."""
        self.run(self._clear(), None, "an end without anything left behind")

    def _begin(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._log_mark = self.stage.pbx.log_size()
        self.run(self._must_be_quiet(), None, "no call on the lines before the test")
        self._attend_all()

    def _attend_all(self) -> None:
        async def act() -> None:
            for (tenant, name), party in self.stage.parties_by_name.items():
                if not name.startswith("caller:"):
                    self.stage.forget_incoming(party)
                    self._tasks.append(asyncio.create_task(self._attend(party), name=f"{tenant} {name} attends"))

        self.run(act())

    async def _attend(self, party: Party) -> None:
        while True:
            handset = await self.stage.incoming(party, seconds=FOR_EVER)
            leg = Ringing(self, party, self._file(party), handset)
            self.rung.append(leg)
            self._tasks.append(asyncio.create_task(self._behave(leg), name=f"{party.name} rings"))

    async def _behave(self, leg: Ringing) -> None:
        behaviour = self.behaviours.get(leg.party, Behaviour())
        with contextlib.suppress(HungUpError):  # whoever takes it finds out
            await leg.begin()
        self._untaken.append(leg)
        self._tell()
        with contextlib.suppress(HungUpError):
            await leg.behave(behaviour)

    def _tell(self) -> None:
        """Wake who waits for a call or a lamp."""
        for waiting in self._news:
            if not waiting.done():
                waiting.set_result(None)
        self._news.clear()

    async def _until_there(self, find: Callable[[], T | None], expected: str, seconds: float) -> T:
        while True:
            found = find()
            if found is not None:
                return found
            news: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._news.append(news)
            await self.stage.within(news, expected=expected, seconds=seconds)

    async def _clear(self) -> None:
        for call in self._calls:
            await self.end(call)
        for lamp in self._lamps:
            await lamp.close()
        self._lamps.clear()
        await self._stop_attending()
        for party in tuple(self._absent):
            await self.stage.set_registered(party, registered=True)
            self._absent.remove(party)
        # What a phone has set by a feature code is forgotten: the next test finds the tenant as its file has it.
        await self.stage.pbx.cli("database deltree pbx")
        await self._must_be_quiet()

    async def _stop_attending(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        for leg in self.rung:
            (await leg.handset()).end()

    async def _must_be_quiet(self) -> None:
        """No channel on either side, or soon none: what ends says so."""
        for name, ami, events in (
            ("the PBX", self.stage.pbx_ami, self.stage.pbx_events),
            ("the parties", self.stage.party_ami, self.stage.party_events),
        ):
            while True:
                since = len(events.seen)
                left = await _channels(ami)
                if not left:
                    break
                expected = f"no channel left at {name}: {', '.join(left)}"
                await self.stage.until(
                    events, lambda event: event.get("event") == "Hangup", expected=expected, since=since, seconds=60
                )

    def _party(self, name: str) -> Party:
        try:
            return self.stage.party(self.scope.slug, name)
        except KeyError:
            known = ", ".join(each for tenant, each in self.stage.parties_by_name if tenant == self.scope.slug)
            raise ValueError(f"{self.scope.slug} has no {name}; it has {known}") from None

    def _file(self, party: Party) -> Path:
        number = len(self._calls) + len(self.rung) + 1
        return self.folder / f"{number:02}-{party.name.replace(':', '-')}.wav"


def _hangup_of(token: str) -> Callable[[Mapping[str, str]], bool]:
    return lambda event: event.get("event") == "Hangup" and event.get("uniqueid") == token


async def _channels(ami: Ami) -> list[str]:
    shown = await ami.listing("CoreShowChannels")
    return sorted(each.get("channel", "") for each in shown if each.get("event") == "CoreShowChannel")
