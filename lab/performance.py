"""Playing one scenario on a stage: every party does its part as the forecast says; what happens is written down."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Final

from lab.arranging import queue_filled, settings_made
from lab.events import NotHappenedError, extra
from lab.handset import Handset, HungUpError
from lab.observation import Leg, Observation
from lab.parties import Party
from lab.scenario import Scenario, sent_number, wrong_key
from lab.stage import Stage
from lab.voices import TONE_SECONDS
from lab.watch import Watch, hung_up
from pbx.kinds.base import Step, playback
from pbx.trace import Journey

LISTEN: Final = 2.0
"""Seconds a caller listens to a prompt before pressing a key."""
KEY_PAUSE: Final = 1.0
"""Seconds before a key is pressed where a sound has just begun."""
UNAVAILABLE: Final = 34
"""Q.850: no circuit available, which chan_pjsip.c (hangup_cause2sip) tells as 503."""
PAUSE: Final = 1.0
"""Seconds on the line after the last word: what MixMonitor has yet to write when a party hangs up is lost."""
LATE: Final = 1.5
"""Real seconds after the end of the caller's call in which what the PBX tells of it may still come."""


class Performance:
    """One scenario being played."""

    def __init__(self, stage: Stage, scenario: Scenario, folder: Path) -> None:
        """``folder`` takes the recordings."""
        self.stage = stage
        self.scenario = scenario
        self.folder = folder
        self.forecast: Journey = scenario.forecast
        self.seen = Observation(
            first_pbx_event=len(stage.pbx_events.seen), first_party_event=len(stage.party_events.seen)
        )
        self._caller = stage.party(scenario.tenant, str(scenario.caller))
        self._call: Handset | None = None
        self._earlier: tuple[str, Handset, Handset] | None = None
        self._token = ""
        self._tasks: list[asyncio.Task[None]] = []
        self._watch = Watch(stage, self._caller.endpoint, scenario.caller_number)
        self._answered: asyncio.Future[tuple[Leg, Handset]] = asyncio.get_running_loop().create_future()

    async def play(self) -> Observation:
        """The whole call. Raises :class:`NotHappenedError` with what was waited for in vain."""
        self.folder.mkdir(parents=True, exist_ok=True)
        scenario = self.scenario
        async with (
            settings_made(self.stage, scenario),
            self._arranged(),
            queue_filled(self.stage, scenario, self.folder),
        ):
            try:
                await self._place()
                for step in self.forecast.steps:
                    await self._while_it_lasts(step)
                await self._end()
            finally:
                await self._clear()
        if self.scenario.mailbox:
            await self._message_arrives()
        return self.seen

    @contextlib.asynccontextmanager
    async def _arranged(self) -> AsyncIterator[None]:
        """Phones that are to be unregistered are so before the call, and back afterwards; the others stand ready."""
        absent = [number for number, state in self.scenario.states.items() if state == "unavailable"]
        for number in absent:
            await self.stage.set_registered(self._extension(number), registered=False)
        if self.scenario.engaged:
            await self._engage(*self.scenario.engaged)
        for name in self.scenario.touched:
            party = self.stage.parties_by_name.get((self.scenario.tenant, name))
            if party is not None and party is not self._caller:
                self.stage.forget_incoming(party)
                self._tasks.append(asyncio.create_task(self._attend(party), name=f"{party.name} attends"))
        try:
            yield
        finally:
            await self._disengage()
            for number in absent:
                await self.stage.set_registered(self._extension(number), registered=True)

    async def _engage(self, number: str, other: str) -> None:
        """Put an extension into a call that lasts for the whole row."""
        called, caller = self._extension(number), self._extension(other)
        self.stage.forget_incoming(called)
        token = await self.stage.originate(caller, number, caller_id="", recording=self.folder / "engaged.wav")
        handset = await self.stage.incoming(called)
        await handset.answer()
        self._earlier = (token, await self.stage.answered(token), handset)

    async def _disengage(self) -> None:
        if self._earlier is None:
            return
        token, caller, called = self._earlier
        await caller.hang_up()
        await hung_up(self.stage, token, "the earlier call to end", 60)
        called.end()

    def _extension(self, number: str) -> Party:
        return self.stage.party(self.scenario.tenant, f"extension:{number}")

    async def _attend(self, party: Party) -> None:
        """A phone's part: it takes whatever call comes and does what its state says."""
        number = party.name.partition(":")[2]
        state = self.scenario.states.get(number, "answer")
        if state == "busy" and self.scenario.engaged and self.scenario.engaged[0] == number:
            state = "no_answer"  # the PBX itself must know that it is busy; whatever rings here is told in the verdict
        while True:
            handset = await self.stage.incoming(party, seconds=3600)
            with contextlib.suppress(HungUpError):
                await self._take(party, handset, state)

    async def _take(self, party: Party, handset: Handset, state: str) -> None:
        leg = Leg(party, self._file(party), handset.caller_number, handset.caller_name)
        self.seen.legs.append(leg)
        if state == "busy":
            await handset.busy()
            return
        if party.name.startswith("trunk:"):
            leg.privacy = await handset.variable("${PJSIP_HEADER(read,Privacy)}")
            leg.asserted = await handset.variable("${PJSIP_HEADER(read,P-Asserted-Identity)}")
        await handset.record(str(leg.recording))
        leg.rang = True
        await handset.ring()
        if state == "answer" and not self._answered.done():
            await handset.answer()
            self.seen.answered_by = party.name
            self._answered.set_result((leg, handset))

    async def _place(self) -> None:
        leg = Leg(self._caller, self._file(self._caller))
        self.seen.legs.insert(0, leg)
        number = self.scenario.caller_number
        self._token = await self.stage.originate(
            self._caller,
            self.scenario.dialled,
            caller_id=f'"{number}" <{number}>' if number else "",
            recording=leg.recording,
        )

    def _file(self, party: Party) -> Path:
        taken = sum(1 for leg in self.seen.legs if leg.party is party)
        return self.folder / f"{party.name.replace(':', '-')}{f'-{taken + 1}' if taken else ''}.wav"

    async def _while_it_lasts(self, step: Step) -> None:
        """Follow a step until it is done; raises :class:`NotHappenedError` when the call ends before."""
        following = asyncio.create_task(self._follow(step), name=f"{step.node} {step.exit}")
        over = asyncio.create_task(hung_up(self.stage, self._token, "the end of the call"), name="the end of the call")
        try:
            await asyncio.wait({following, over}, return_when=asyncio.FIRST_COMPLETED)
            if not following.done():
                await asyncio.wait({following}, timeout=LATE)
            if following.done():
                return following.result()
            over.result()
            raise NotHappenedError(f"the call to go on at {step.node} ({step.exit})", "the call had ended")
        finally:
            for task in (following, over):
                task.cancel()
            await asyncio.gather(following, over, return_exceptions=True)

    async def _follow(self, step: Step) -> None:
        """Do what the caller and the called do at one place of the forecast."""
        if step.node.kind == "ivr":
            await self._at_menu(step)
        elif step.node.kind == "announcement":
            await self._heard_to_the_end(step)
        elif step.node.kind == "voicemail":
            await self._leave_message()
        elif step.node.kind == "trunk":
            await self._at_carrier(step)
        elif step.node.kind == "conference":
            await self._at_conference(step)
        elif step.node.kind == "directory":
            await self._in_directory(step)
        elif step.exit == "answered":
            await self._converse()

    @contextlib.asynccontextmanager
    async def _paced(self, seconds: float) -> AsyncIterator[None]:
        """Note how much longer something takes than it should: how a saturated machine is known."""
        began = self.stage.clock_now
        yield
        self.seen.pace = max(self.seen.pace, (self.stage.clock_now - began).total_seconds() / seconds)

    async def _handset(self) -> Handset:
        if self._call is None:
            self._call = await self.stage.answered(self._token)
        return self._call

    async def _at_menu(self, step: Step) -> None:
        ivr = self.scenario.scope.tenant.ivrs[step.node.id]
        await self._watch.sound(playback(self.scenario.scope, f"ivr-{step.node.id}", ivr.prompt))
        call = await self._handset()
        if step.exit == "timeout":
            await self._left(step, seconds=180)
            return
        async with self._paced(LISTEN):
            await call.listen(LISTEN)
        with contextlib.suppress(HungUpError):  # a key may lead to the end at once; that it was taken is seen below
            wrong = wrong_key(self.scenario.scope, ivr) if step.exit == "invalid" else None
            await call.press(wrong or step.exit)
        await self._left(step)

    async def _left(self, step: Step, *, seconds: float = 30) -> None:
        """Wait until the PBX says that the call took this exit; each exit is taken once per step."""
        spelled = f"{step.node} {step.exit}"
        steps = self.forecast.steps
        nth = sum(1 for each in steps[: _index(steps, step) + 1] if f"{each.node} {each.exit}" == spelled)
        await self._watch.nth(
            lambda event: event.get("userdeftype") == "PBX_EXIT" and extra(event) == spelled,
            nth,
            expected=f"the call to leave {step.node} by {step.exit}",
            seconds=seconds,
        )

    async def _heard_to_the_end(self, step: Step) -> None:
        announcement = self.scenario.scope.tenant.announcements[step.node.id]
        name = playback(self.scenario.scope, f"announcement-{step.node.id}", announcement.prompt)
        await self._watch.sound_over(await self._watch.sound(name))

    async def _leave_message(self) -> None:
        beep = await self._watch.sound("beep")
        call = await self._handset()
        await self._watch.sound_over(beep)
        await call.play("lab/message")
        await call.hang_up()

    async def _at_conference(self, step: Step) -> None:
        """Enter the PIN, if one is asked for; who is let in hears that nobody else is there, and hangs up."""
        room = self.scenario.scope.tenant.conferences[step.node.id]
        if room.pin and step.exit in {"joined", "wrong_pin"}:
            await self._watch.sound("conf-getpin")
            call = await self._handset()
            await call.listen(KEY_PAUSE)
            await call.press(next(self._presses(step), room.pin))
        await self._left(step)
        if step.exit == "joined":
            await self._watch.sound_over(await self._watch.sound("conf-onlyperson"))
            await (await self._handset()).hang_up()

    async def _in_directory(self, step: Step) -> None:
        """Spell a name, and take or refuse who is offered: the keys of the scenario, in order."""
        await self._watch.sound("dir-welcome")
        keys = list(self._presses(step))
        if keys and keys[0] != "timeout":
            call = await self._handset()
            await call.listen(KEY_PAUSE)
            await call.press(keys[0])
            for key in keys[1:]:
                await self._watch.sound("dir-instr")
                await call.listen(KEY_PAUSE)
                await call.press(key)
        await self._left(step)

    def _presses(self, step: Step) -> Iterator[str]:
        """What is left to be pressed when the call comes to a step: menus and rooms before it take one each."""
        steps = self.forecast.steps
        before = sum(1 for each in steps[: _index(steps, step)] if each.node.kind in {"ivr", "conference"})
        return iter(self.scenario.presses[before:])

    async def _at_carrier(self, step: Step) -> None:
        scope, name = self.scenario.scope, step.node.id
        external = next((each.node.id for each in reversed(self.forecast.steps) if each.node.kind == "external"), None)
        sent = sent_number(scope, name, external) if external else self.scenario.dialled
        party = self.stage.party(self.scenario.tenant, str(step.node))
        handset = await self.stage.incoming(party, sent)
        if step.exit == "answered":
            await self._take(party, handset, "answer")
            await self._converse()
            return
        self.seen.legs.append(Leg(party, self._file(party), handset.caller_number, handset.caller_name))
        part = self.scenario.trunks[name]
        if part == "busy":
            await handset.busy()
        elif part == "failed":
            await handset.refuse(UNAVAILABLE)

    async def _converse(self) -> None:
        """Both speak for two seconds at the same time, each with a tone of its own; then the caller hangs up."""
        leg, other = await self.stage.within(self._answered, expected="somebody to answer", seconds=180)
        call = await self._handset()
        async with self._paced(TONE_SECONDS):
            await asyncio.gather(call.play(f"lab/tone-{self._caller.tone}"), other.play(f"lab/tone-{leg.party.tone}"))
        self.seen.legs[0].spoke = leg.spoke = True
        async with self._paced(PAUSE):
            await call.listen(PAUSE)
        await call.hang_up()

    async def _end(self) -> None:
        """Wait for both ends of the end: the caller's phone, and every channel of the call at the PBX."""
        hangup = await hung_up(self.stage, self._token, "the caller's call to end", 180)
        self.seen.cause = int(hangup.get("cause", "0") or 0)
        if self.forecast.steps:
            await self._watch.over()

    async def _message_arrives(self) -> None:
        extension = self.scenario.scope.tenant.extensions[self.scenario.mailbox]
        mailbox = self.stage.mailbox(self._extension(self.scenario.mailbox))
        lamp = await self.stage.until(
            self.stage.party_events,
            lambda event: (
                event.get("event") == "MessageWaiting"
                and event.get("mailbox") == mailbox
                and event.get("new", "0") != "0"
            ),  # "waiting" is asked of the phone's own PBX, which has no mailboxes
            expected=f"the message lamp of {self.scenario.mailbox} to be lit",
            since=self.seen.first_party_event,
        )
        self.seen.lamp = lamp.get("new", "")
        inbox = self.stage.pbx.paths.voicemail / self.scenario.tenant / self.scenario.mailbox / "INBOX"
        self.seen.message = max(inbox.glob("msg*.wav"), default=None)
        if extension.voicemail and extension.voicemail.email and extension.email:
            self.seen.mail = (await self.stage.mail_to(extension.email)).content

    async def _clear(self) -> None:
        """Whatever happened, nobody of this call stays on the line, and the PBX's part of it can be found."""
        self.seen.linked = self._watch.look()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        # Whoever waited in vain for an answer has cancelled the future.
        answered = self._answered.done() and not self._answered.cancelled()
        for handset in filter(None, (self._call, self._answered.result()[1] if answered else None)):
            handset.end()
        with contextlib.suppress(Exception):
            await self.stage.party_ami.action("Hangup", Channel=self._token)


def _index(steps: list[Step], step: Step) -> int:
    return next(index for index, each in enumerate(steps) if each is step)
