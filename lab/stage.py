"""One PBX under test with its parties, under one clock: where rows are played."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeVar

from lab.addresses import SIP_PORT, Block
from lab.clock import Clock, create_clock, now
from lab.engine import Installation, Instance, InstanceSpec
from lab.events import Events, NotHappenedError, StageError, Waiter, of_others
from lab.handset import Arrivals, Handset, Stagehand
from lab.mail import Mail, MailSink
from lab.parties import AMI_USER, MAILBOX_CONTEXT, Party, cast, configuration
from lab.silent import open_silent_carrier
from lab.testbed import under_test
from pbx.asterisk.ami import Ami, AmiError, Event, connect
from pbx.lower import Secrets
from pbx.render import compile_site
from pbx.secrets import generate
from pbx.site import Site

T = TypeVar("T")

ALLOWANCE: Final = 8.0
"""Real seconds on top of every deadline in PBX time: a busy machine is no fault of the PBX."""
ATTEMPTS: Final = 2
"""How often a phone tries to register before that is a problem."""
TROUBLE_SECONDS: Final = 3.0
"""Real seconds between a lost connection and the news of the death that caused it, at the most."""
TIMING: Final = "res_timing_timerfd"


@dataclass(frozen=True, slots=True)
class Sounds:
    """Folders of sound files for both Asterisks."""

    tenants: Mapping[str, Path]
    """The compiled prompts: the tenants' by slug, and the PBX's own words."""
    lab: Path
    """The parties' voices: tones and speech."""


class Stage:
    """A PBX under test, its phones and carriers, and everything that listens to them."""

    def __init__(  # noqa: PLR0913 - what a stage is made of, once
        self,
        *,
        site: Site,
        secrets: Secrets,
        installation: Installation,
        block: Block,
        folder: Path,
        sounds: Sounds,
        at: datetime,
        speed: int,
        alter: Callable[[Mapping[str, str]], Mapping[str, str]] = dict,
        silent: Collection[tuple[str, str]] = (),
    ) -> None:
        """Nothing happens before :meth:`start`; ``at`` has a time zone.

        ``silent`` trunks, by tenant and name, answer nothing to an INVITE.
        """
        self.shipped = site
        self.secrets = secrets
        self.block = block
        self.folder = folder
        self.speed = speed
        self.at = at
        self.parties_by_name = cast(site, block)
        self.pbx_events, self.party_events = Events(), Events()
        self.pbx_ami: Ami
        self.mails: list[Mail] = []
        self.capture = folder / "sip.pcap"
        self.expected_log: list[re.Pattern[str]] = []
        """Warnings and errors that a row provokes on purpose; no row that goes on beside it is to blame."""
        self.broken: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.installation = installation
        self._sounds = sounds
        self._alter = alter
        self._silent = frozenset(silent)
        self._stack = contextlib.AsyncExitStack()
        self._arrivals = Arrivals()
        self._carriers = {party.endpoint for party in self.parties_by_name.values() if party.name.startswith("trunk:")}
        self._outgoing: dict[str, asyncio.Future[Handset]] = {}
        self._mail_waiters: list[tuple[str, str, asyncio.Future[Mail]]] = []
        self._tokens = itertools.count(1)

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
        await self.pbx.start()
        self._heed(self.pbx)
        ami = self.shipped.platform.ami
        self.pbx_ami = await self._connect(self.pbx, ami.user, self.secrets[str(ami.password)], self.pbx_events)

    def party(self, tenant: str, name: str) -> Party:
        """A party by its tenant and name."""
        return self.parties_by_name[tenant, name]

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
            await asyncio.wait(either, timeout=seconds / self.speed + ALLOWANCE, return_when=asyncio.FIRST_COMPLETED)
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
        for endpoint in self._carriers:
            # The PBX asked the carriers before they were there, and would ask again only after a minute.
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


__all__ = ["ALLOWANCE", "AmiError", "Sounds", "Stage"]
