"""Two Asterisks under one moved clock: the PBX under test, and one that is its phones and carriers.

They are booted, connected, listened to and watched here; what rows do with them is in :mod:`lab.stage`.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, NotRequired, TypedDict, Unpack

from lab.addresses import Block
from lab.clock import Clock, create_clock, now
from lab.engine import Installation, Instance, InstanceSpec
from lab.events import Events
from lab.handset import Handset, Stagehand
from lab.mail import Mail, MailSink
from lab.parties import AMI_USER, Party, cast, configuration
from lab.silent import open_silent_carrier
from lab.testbed import under_test
from pbx.asterisk.ami import Ami, Event, connect
from pbx.lower import Secrets
from pbx.render import compile_site
from pbx.secrets import generate
from pbx.site import Site

TROUBLE_SECONDS: Final = 3.0
"""Real seconds between a lost connection and the news of the death that caused it, at the most."""
LAST_WORD: Final = 0.7
"""Seconds of PBX time, with a margin, from the last repetition of an OPTIONS, 7.5 s after the first (RFC 3261,
17.1.2.2, timer E), to the end of the wait for an answer (``qualify_timeout`` of a tenant's ``pjsip.conf``: 8 s)."""
TIMING: Final = "res_timing_timerfd"


@dataclass(frozen=True, slots=True)
class Sounds:
    """Folders of sound files for both Asterisks."""

    tenants: Mapping[str, Path]
    """The compiled prompts: the tenants' by slug, and the PBX's own words."""
    lab: Path
    """The parties' voices: tones and speech."""


class Parts(TypedDict):
    """What the two are made of."""

    site: Site
    secrets: Secrets
    installation: Installation
    block: Block
    folder: Path
    sounds: Sounds
    at: datetime
    """With a time zone."""
    speed: int
    alter: NotRequired[Callable[[Mapping[str, str]], Mapping[str, str]]]
    silent: NotRequired[Collection[tuple[str, str]]]
    """Trunks, by tenant and name, that answer nothing to an INVITE."""


class Pair:
    """A PBX under test, its phones and carriers, and everything that listens to them."""

    def __init__(self, **made_of: Unpack[Parts]) -> None:
        """Nothing happens before :meth:`start`."""
        self.shipped = made_of["site"]
        self.secrets = made_of["secrets"]
        self.block = made_of["block"]
        self.folder = made_of["folder"]
        self.speed = made_of["speed"]
        self.at = made_of["at"]
        self.parties_by_name = cast(self.shipped, self.block)
        self.pbx_events, self.party_events = Events(), Events()
        self.pbx_ami: Ami
        self.capture = self.folder / "sip.pcap"
        self.broken: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.installation = made_of["installation"]
        self._sounds = made_of["sounds"]
        self._alter = made_of.get("alter", dict)
        self._silent = frozenset(made_of.get("silent", ()))
        self._stack = contextlib.AsyncExitStack()
        self._carriers = {party.endpoint for party in self.parties_by_name.values() if party.name.startswith("trunk:")}

    async def start(self) -> None:
        """Boot both Asterisks, connect, register all phones. Raises what engine or AMI raise; then all is stopped."""
        try:
            await self._start()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop everything; no process is left."""
        await self._stack.aclose()

    async def restart(self) -> None:
        """Stop the PBX and start it again, as after a power cut: what it held in memory is lost, its AstDB is not."""
        await self.pbx_ami.close()
        await self.pbx.stop()
        self.pbx_events.living.clear()
        await self.pbx.start()
        self._heed(self.pbx)
        ami = self.shipped.platform.ami
        self.pbx_ami = await self._connect(self.pbx, ami.user, self.secrets[str(ami.password)], self.pbx_events)

    @property
    def usable(self) -> bool:
        """Whether another call may begin here: no Asterisk has died, and none is about to be found dead."""
        return not (self.broken.done() or self.pbx_ami.lost.done() or self.party_ami.lost.done())

    async def trouble(self) -> str:
        """Why the stage broke, once that is known; empty when it did not break after all."""
        done, _ = await asyncio.wait({self.broken}, timeout=TROUBLE_SECONDS)
        return self.broken.result() if done else ""

    @property
    def clock_now(self) -> datetime:
        """What the PBX believes now, in UTC."""
        return now(self.clock)

    def party(self, tenant: str, name: str) -> Party:
        """A party by its tenant and name."""
        return self.parties_by_name[tenant, name]

    async def until(
        self, events: Events, wanted: Callable[[Event], bool], *, expected: str, seconds: float = 30, since: int = 0
    ) -> Event:
        """The first wanted event."""
        raise NotImplementedError

    def _welcome(self, handset: Handset) -> None:
        """A call of a party has begun."""
        raise NotImplementedError

    def _deliver(self, mail: Mail) -> None:
        """The PBX has sent a mail."""
        raise NotImplementedError

    async def _start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.clock: Clock = create_clock(self.folder / "clock", self.at, self.speed)
        self.stagehand = Stagehand(self._welcome)
        self._stack.callback(self.stagehand.close)
        sink = MailSink(self._deliver)
        elsewhere = self.installation.elsewhere
        command = await sink.start(self.folder, elsewhere.mail if elsewhere else "")
        self._stack.callback(sink.stop)
        site = under_test(self.shipped, self.block, str(command), self.folder / "pbx")
        self.tested = self._alter(compile_site(site, self.secrets).files)
        self.parties_secret = generate()
        ami = site.platform.ami
        self.pbx = await self._boot("pbx", self.tested, (ami.bind, ami.port), self._sounds.tenants)
        self.pbx_ami = await self._connect(self.pbx, ami.user, self.secrets[str(ami.password)], self.pbx_events)
        for tenant, name in self._silent:
            carrier = await open_silent_carrier(self.party(tenant, f"trunk:{name}").address)
            self._stack.callback(carrier.close)
        for setting in ("verbose off", f"pcap {self.capture}", "on"):
            await self.pbx.cli(f"pjsip set logger {setting}")
        await self._boot_parties(site)

    async def _boot_parties(self, site: Site) -> None:
        """Phones register while their Asterisk boots: the PBX's own word is waited for."""
        files = configuration(
            site,
            self.block,
            self.secrets,
            ami_secret=self.parties_secret,
            agi_port=self.stagehand.port,
            timing=TIMING,
            silent=self._silent,
        )
        since = len(self.pbx_events.seen)
        address = (self.block.phones, site.platform.ami.port)
        self.parties = await self._boot("parties", files, address, {"lab": self._sounds.lab})
        self.party_ami = await self._connect(self.parties, AMI_USER, self.parties_secret, self.party_events)
        # The PBX asked the carriers before they were there, and would ask again only after a while. An old question
        # that runs out once they have answered a new one would make them unreachable.
        await asyncio.sleep(LAST_WORD / self.speed)
        for endpoint in self._carriers:
            await self.pbx_ami.action("PJSIPQualify", Endpoint=endpoint)
        for party in self.parties_by_name.values():
            if not party.name.startswith("caller:"):
                await self._reachable(party, since)

    async def _reachable(self, party: Party, since: int) -> None:
        """Wait until the PBX knows a party: a phone that has registered, a carrier that has answered."""
        await self.until(
            self.pbx_events,
            lambda event: (
                event.get("event") == "ContactStatus"
                and event.get("aor") == party.endpoint
                and event.get("contactstatus") in {"Reachable", "NonQualified"}
            ),
            expected=f"{party.name} to be reachable for the PBX",
            since=since,
        )

    async def _boot(
        self, name: str, files: Mapping[str, str], ami: tuple[str, int], sounds: Mapping[str, Path]
    ) -> Instance:
        spec = InstanceSpec(name=name, folder=self.folder / name, files=files, ami=ami, clock=self.clock, sounds=sounds)
        instance = Instance(self.installation, spec)
        await instance.start()
        # The parties would wait for answers to their last REGISTERs, and the PBX for those of a call that was cut off;
        # nothing of theirs is worth a clean end.
        self._stack.push_async_callback(instance.stop, 1.2 if name == "pbx" else 0.3)
        self._heed(instance)
        return instance

    def _heed(self, instance: Instance) -> None:
        """The stage breaks when an Asterisk dies; a restarted one dies another death."""
        instance.died.add_done_callback(lambda died: self._break(died.result()) if not died.cancelled() else None)

    async def _connect(self, instance: Instance, user: str, secret: str, events: Events) -> Ami:
        host, port = instance.ami
        ami = await connect(host, port, user, secret, name=instance.spec.name)
        self._stack.push_async_callback(ami.close)
        ami.listen(events.add)
        return ami

    def _break(self, reason: str) -> None:
        if not self.broken.done():
            self.broken.set_result(reason)
