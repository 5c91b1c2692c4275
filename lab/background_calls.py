"""What a call finds: phones that are gone, settings of users, forced schedules, calls that go on already."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Final

from lab.events import NotHappenedError
from lab.handset import Handset
from lab.scenario import Earlier, Scenario
from lab.stage import AmiError, Stage
from lab.watch import Watch, hung_up
from pbx.asterisk import names
from pbx.model import Ref

LOOK: Final = 0.1
"""Real seconds between two looks at what the PBX counts."""
LOOKS: Final = 30
_LINKED: Final = ("linkedid", "parkeelinkedid")


@dataclass(slots=True)
class _Held:
    """A call that goes on."""

    token: str
    watch: Watch
    caller: Handset | None
    called: Handset | None


@dataclass
class Background:
    """The world around one scenario: made before its call, and undone afterwards."""

    stage: Stage
    scenario: Scenario
    held: list[_Held] = field(default_factory=list)

    @contextlib.asynccontextmanager
    async def prepared(self) -> AsyncIterator[None]:
        """While the world is as the scenario wants it."""
        absent = [number for number, state in self.scenario.states.items() if state == "unavailable"]
        for number in absent:
            await self._register(number, registered=False)
        try:
            await self._free_trunks()
            await self._keep()
            if self.scenario.engaged:
                number, other = self.scenario.engaged
                await self._call(Earlier(Ref("extension", other), number, answered_by=f"extension:{number}"))
            for earlier in self.scenario.earlier:
                await self._call(earlier)
            yield
        finally:
            try:
                await self._end()
            finally:
                await self._forget()
                for number in absent:
                    await self._register(number, registered=True)

    async def _register(self, number: str, *, registered: bool) -> None:
        party = self.stage.party(self.scenario.tenant, f"extension:{number}")
        await self.stage.set_registered(party, registered=registered)

    async def _free_trunks(self) -> None:
        """Wait until the calls before count no more at trunks of this row's own: no event tells of that."""
        own = [name.partition(":")[2] for name in self.scenario.touched if name.startswith("trunk:")]
        endpoints = [names.trunk(self.scenario.tenant, name) for name in own]
        for _ in range(LOOKS if endpoints else 0):
            counted = await self.stage.pbx.cli("group show channels")
            if not any(f" {endpoint} " in counted for endpoint in endpoints):
                return
            await asyncio.sleep(LOOK)

    def _kept(self) -> dict[tuple[str, str], str]:
        """What users have said by code, as the AstDB holds it: family and key."""
        family = f"pbx/{self.scenario.tenant}"
        said = {(f"{family}/{number}", setting): each for (number, setting), each in self.scenario.settings.items()}
        return said | {
            (f"{family}/schedule/{name}", "override"): each for name, each in self.scenario.overrides.items()
        }

    async def _keep(self) -> None:
        for (family, key), said in self._kept().items():
            await self.stage.pbx_ami.action("DBPut", Family=family, Key=key, Val=said)

    async def _forget(self) -> None:
        said = {family for family, _ in self._kept()}
        if self.scenario.changes:
            said.add(f"pbx/{self.scenario.tenant}/{self.scenario.changes.replace('extension:', '').replace(':', '/')}")
        for family in sorted(said):
            with contextlib.suppress(AmiError):  # there may be nothing left of it
                await self.stage.pbx_ami.action("DBDelTree", Family=family)

    async def _call(self, earlier: Earlier) -> None:
        """Place a call, and return when it is where it has to be."""
        caller = self.stage.party(self.scenario.tenant, str(earlier.caller))
        number = earlier.caller_number
        watch = Watch(self.stage, caller.endpoint, earlier.dialled, number)
        since = len(self.stage.pbx_events.seen)
        called = self.stage.party(self.scenario.tenant, earlier.answered_by) if earlier.answered_by else None
        if called:
            self.stage.forget_incoming(called)
        token = await self.stage.originate(
            caller, earlier.dialled, caller_id=f'"{number}" <{number}>' if number else "", recording=None
        )
        held = _Held(token, watch, None, None)
        self.held.append(held)
        if called:
            held.called = await self.stage.incoming(called)
            await held.called.answer()
        if earlier.told:
            linked = await watch.began()
            await self.stage.until(
                self.stage.pbx_events,
                lambda event: event.get("event") == earlier.told and linked in {event.get(key) for key in _LINKED},
                expected=f"{earlier.told} of an earlier call",
                since=since,
            )
        held.caller = await self.stage.answered(token)

    async def _end(self) -> None:
        """Hang up what still goes on; a parked call that was taken up may be over already."""
        for held in self.held:
            with contextlib.suppress(AmiError):  # it may have ended by itself
                await self.stage.party_ami.action("Hangup", Channel=held.token, Cause="16")
            with contextlib.suppress(NotHappenedError):
                await hung_up(self.stage, held.token, "the earlier call to end", 60)
                if held.watch.look():
                    await held.watch.over()
            for handset in filter(None, (held.caller, held.called)):
                handset.end()
        self.held.clear()
