"""Playing one scenario on a stage: every party does its part as the forecast says; what happens is written down."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

from lab.background_calls import Background
from lab.conditions import phones_idle
from lab.events import NotHappenedError, extra
from lab.handset import Handset, HungUpError
from lab.journey import foretold_nodes
from lab.observation import Leg, Observation
from lab.parties import Party
from lab.parts import PARTS, PAUSE, message_arrives
from lab.scenario import Scenario, wrong_key
from lab.stage import Stage
from lab.voices import TONE_SECONDS
from lab.watch import Watch, hung_up
from pbx.asterisk.ami import Event
from pbx.kinds.base import Step, playback
from pbx.trace import Journey

LISTEN: Final = 2.0
"""Seconds a caller listens to a prompt before pressing a key."""
GLANCE: Final = 0.3
"""The same where nobody judges what was heard."""
BUSY: Final = 17
UNAVAILABLE: Final = 34
"""Q.850 cause of a carrier that has no circuit left, which becomes SIP 503 (hangup_cause2sip of chan_pjsip.c)."""
TOGETHER: Final = 5.0
"""Seconds for which who answers waits for those who are to ring at the same time."""
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
        self.caller = stage.party(scenario.tenant, str(scenario.caller))
        self._call: Handset | None = None
        self._background = Background(stage, scenario)
        self.followed = 0
        """Steps of the forecast that are done."""
        self._token = ""
        self._over: asyncio.Future[Event] = asyncio.get_running_loop().create_future()
        """The end of the caller's call, as his own phone tells it."""
        self._tasks: list[asyncio.Task[None]] = []
        self._ringing = asyncio.Condition()
        """Told of each phone that has begun to ring."""
        self.watch = Watch(stage, self.caller.endpoint, scenario.dialled, scenario.caller_number)
        self.answered: asyncio.Future[tuple[Leg, Handset]] = asyncio.get_running_loop().create_future()

    async def play(self) -> Observation:
        """The whole call. Raises :class:`NotHappenedError` with what was waited for in vain."""
        self.folder.mkdir(parents=True, exist_ok=True)
        await phones_idle(self.stage, self.scenario.tenant, self.scenario.touched)
        async with self._arranged():
            try:
                await self._place()
                for step in self.forecast.steps:
                    await self._while_it_lasts(step)
                    self.followed += 1
                await self._end()
            finally:
                await self._clear()
        await phones_idle(self.stage, self.scenario.tenant, self.scenario.touched)
        if self.scenario.mailbox and not self.scenario.brief:
            await message_arrives(self)
        return self.seen

    @contextlib.asynccontextmanager
    async def _arranged(self) -> AsyncIterator[None]:
        """The world is as the scenario wants it before the call, and as it was afterwards; phones stand ready."""
        async with self._background.prepared():
            self._forget_calls_to_others()
            for name in self.scenario.touched:
                party = self.stage.parties_by_name.get((self.scenario.tenant, name))
                if party is not None and party.name.startswith("extension:"):
                    self.stage.forget_incoming(party)
                    self._tasks.append(asyncio.create_task(self._attend(party), name=f"{party.name} attends"))
            yield

    def _forget_calls_to_others(self) -> None:
        """Calls of an earlier row that came too late for it must not be taken for this one's."""
        numbers = [name.removeprefix("external:") for name in self.scenario.touched if name.startswith("external:")]
        for party in self.stage.parties_by_name.values():
            if party.tenant == self.scenario.tenant and party.name.startswith("trunk:"):
                for number in [""] if party.name in self.scenario.touched else numbers:
                    self.stage.forget_incoming(party, number)

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
        if not self.scenario.brief:
            await handset.record(str(leg.recording))
        leg.rang = True
        await handset.ring()
        async with self._ringing:
            self._ringing.notify_all()
        if state != "answer":
            return
        await self._all_ring(party)
        if self._paging or not self.answered.done():
            await handset.answer()
            leg.answered = True
            if not self.answered.done():
                self.seen.answered_by = party.name
                self.answered.set_result((leg, handset))

    async def _all_ring(self, party: Party) -> None:
        """Wait for the phones that are to ring beside this one: once it answers, their call is over."""
        step = next((each for each in self.forecast.steps if each.exit == "answered" and each.rings), None)
        begin = {f"extension:{ring.extension}": ring.after for ring in step.rings} if step else {}
        beside = {name for name, after in begin.items() if after <= begin.get(party.name, -1)}
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(TOGETHER / self.stage.speed), self._ringing:
                await self._ringing.wait_for(lambda: beside <= {leg.party.name for leg in self.seen.legs if leg.rang})

    @property
    def _paging(self) -> bool:
        """Whether everybody who is called is to answer."""
        return any(step.node.kind == "paging" for step in self.forecast.steps)

    async def _place(self) -> None:
        self.watch.since = len(self.stage.pbx_events.seen)  # earlier calls may have come by the same way
        leg = Leg(self.caller, self._file(self.caller))
        self.seen.legs.insert(0, leg)
        number = self.scenario.caller_number
        self._token = await self.stage.originate(
            self.caller,
            self.scenario.dialled,
            caller_id=f'"{number}" <{number}>' if number else "",
            recording=None if self.scenario.brief else leg.recording,
        )
        ending = hung_up(self.stage, self._token, "the end of the call", since=self.seen.first_party_event)
        self._over = asyncio.create_task(ending, name="the end of the call")

    def _file(self, party: Party) -> Path:
        taken = sum(1 for leg in self.seen.legs if leg.party is party)
        return self.folder / f"{party.name.replace(':', '-')}{f'-{taken + 1}' if taken else ''}.wav"

    async def _while_it_lasts(self, step: Step) -> None:
        """Follow a step until it is done; raises :class:`NotHappenedError` when the call ends before."""
        following = asyncio.create_task(self._follow(step), name=f"{step.node} {step.exit}")
        either: set[asyncio.Future[Any]] = {following, self._over}
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not following.done():
                await asyncio.wait({following}, timeout=LATE)
            if following.done():
                return following.result()
            self._over.result()
            raise NotHappenedError(f"the call to go on at {step.node} ({step.exit})", "the call had ended")
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)

    async def _follow(self, step: Step) -> None:
        """Do what the caller and the called do at one place of the forecast."""
        kind = step.node.kind
        if step.exit == "refused" and (kind == "trunk" or step.path[:1] == ("classes_of_service",)):
            return
        if kind == "ivr":
            await self._at_menu(step)
        elif kind == "announcement":
            await self._heard_to_the_end(step)
        elif kind == "trunk":
            await self._at_carrier(step)
        elif kind in PARTS:
            await PARTS[kind](self, step)
        elif step.exit == "answered":
            await self.converse()

    @contextlib.asynccontextmanager
    async def _paced(self, seconds: float) -> AsyncIterator[None]:
        """Note how much longer something takes than it should: how a saturated machine is known."""
        began = self.stage.clock_now
        yield
        self.seen.pace = max(self.seen.pace, (self.stage.clock_now - began).total_seconds() / seconds)

    async def handset(self) -> Handset:
        """The caller's phone, once its call is answered."""
        if self._call is None:
            self._call = await self.stage.answered(self._token)
        return self._call

    async def _at_menu(self, step: Step) -> None:
        ivr = self.scenario.scope.tenant.ivrs[step.node.id]
        await self.watch.sound(playback(self.scenario.scope, f"ivr-{step.node.id}", ivr.prompt))
        call = await self.handset()
        if step.exit == "timeout":
            await self.left(step, seconds=180)
            return
        async with self._paced(self.moment):
            await call.listen(self.moment)
        with contextlib.suppress(HungUpError):  # a key may lead to the end at once; that it was taken is seen below
            wrong = wrong_key(self.scenario.scope, ivr) if step.exit == "invalid" else None
            await call.press(wrong or step.exit)
        await self.left(step)

    async def left(self, step: Step, *, seconds: float = 30) -> None:
        """Wait until the PBX says that the call took this exit; each exit is taken once per step."""
        spelled = f"{step.node} {step.exit}"
        steps = self.forecast.steps
        nth = sum(1 for each in steps[: _index(steps, step) + 1] if f"{each.node} {each.exit}" == spelled)
        await self.watch.nth(
            lambda event: event.get("userdeftype") == "PBX_EXIT" and extra(event) == spelled,
            nth,
            expected=f"the call to leave {step.node} by {step.exit}",
            seconds=seconds,
        )

    @property
    def moment(self) -> float:
        """Seconds a caller listens before pressing a key."""
        return GLANCE if self.scenario.brief else LISTEN

    @property
    def keys(self) -> tuple[str, ...]:
        """What is yet to be pressed: menus and PINs before took one each."""
        before = self.forecast.steps[: self.followed]
        taken = sum(step.node.kind in {"ivr", "conference"} for step in before)
        return self.scenario.presses[taken:]

    async def _heard_to_the_end(self, step: Step) -> None:
        announcement = self.scenario.scope.tenant.announcements[step.node.id]
        name = playback(self.scenario.scope, f"announcement-{step.node.id}", announcement.prompt)
        await self.watch.sound_over(await self.watch.sound(name))

    async def _at_carrier(self, step: Step) -> None:
        """The carrier's part: it takes the call, refuses it, or has no part since the trunk is full."""
        if step.exit == "full":
            await self.left(step)
            return
        party = self.stage.party(self.scenario.tenant, str(step.node))
        trunk = self.scenario.scope.tenant.trunks[step.node.id]
        called = [each.node.id for each in self.forecast.steps if each.node.kind == "external"][-1:]
        # How other trunks are sent the number is their affair: nobody else uses them meanwhile.
        number = "".join(called) if trunk.numbers_as == "e164" and called else ""
        handset = await self.stage.incoming(party, number)
        if step.exit == "answered":
            await self._take(party, handset, "answer")
            await self.converse()
        else:
            self.seen.legs.append(Leg(party, self._file(party), handset.caller_number, handset.caller_name))
            if step.node.id not in self.scenario.silent:
                await handset.refuse(BUSY if step.exit == "busy" else UNAVAILABLE)

    async def converse(self) -> None:
        """Both speak for two seconds at the same time, each with a tone of its own; then the caller hangs up."""
        leg, other = await self.stage.within(self.answered, expected="somebody to answer", seconds=180)
        call = await self.handset()
        if self.scenario.brief:
            await call.listen(GLANCE)
            await call.hang_up()
            return
        async with self._paced(TONE_SECONDS):
            await asyncio.gather(call.play(f"lab/tone-{self.caller.tone}"), other.play(f"lab/tone-{leg.party.tone}"))
        self.seen.legs[0].spoke = leg.spoke = True
        async with self._paced(PAUSE):
            await call.listen(PAUSE)
        await call.hang_up()

    async def _end(self) -> None:
        """Wait for both ends of the end: the caller's phone, and every channel of the call at the PBX."""
        hangup = await self.stage.within(self._over, expected="the caller's call to end", seconds=180)
        self.seen.cause = int(hangup.get("cause", "0") or 0)
        if foretold_nodes(self.forecast):
            await self.watch.over()

    async def _clear(self) -> None:
        """Whatever happened, nobody of this call stays on the line, and the PBX's part of it can be found."""
        self.seen.linked = self.watch.look()
        left: list[asyncio.Future[Any]] = [*self._tasks, self._over]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        # Whoever waited in vain for an answer has cancelled the future.
        answered = self.answered.done() and not self.answered.cancelled()
        for handset in filter(None, (self._call, self.answered.result()[1] if answered else None)):
            handset.end()
        with contextlib.suppress(Exception):
            await self.stage.party_ami.action("Hangup", Channel=self._token)


def _index(steps: list[Step], step: Step) -> int:
    return next(index for index, each in enumerate(steps) if each is step)
