"""Asking a real Asterisk who may call what: the compiled dialplan is run with Local channels, without any phone.

Each question is a channel into the context of a class, with the variables that a phone's endpoint would give it; CEL
tells what the dialplan does. A call is hung up as soon as it is known where it goes: at its first inside place, or when
the first trunk is about to be tried. The trunks lead to loopback addresses where nobody listens.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lab.addresses import AMI_PORT, reserve
from lab.engine import EngineError, Installation, Instance, InstanceSpec
from lab.events import extra
from lab.testbed import throw_away_secrets, under_test
from pbx.asterisk import names
from pbx.asterisk.ami import Ami, AmiError, Event, connect
from pbx.permissions import Answers, Outcome, Phone, Probe, examples
from pbx.render import compile_site
from pbx.secrets import generate
from pbx.site import Site, TenantScope

BOOT_SECONDS: Final = 60.0
ANSWER_SECONDS: Final = 20.0
"""Real seconds for one question: an answer takes some milliseconds on a quiet machine."""
AT_ONCE: Final = 16
"""Questions that are open at a time."""
MAIL_COMMAND: Final = "/bin/false"
_USER: Final = "lab"
_INCLUDE: Final = re.compile(r"^  Include =>\s+'([^']+)'", re.MULTILINE)
_EXTENSION: Final = re.compile(r"^  '([^']+)' =>", re.MULTILINE)
_VARIABLE: Final = re.compile(r"(?:^|,)(\w+)=(.*?)(?=,\w+=|$)")
_DIALLABLE: Final = re.compile(r"\+?[0-9]{2,20}")

Alter = Callable[[Mapping[str, str]], Mapping[str, str]]


async def ask(
    site: Site,
    tenant: str,
    probes: Sequence[Probe],
    installation: Installation,
    locks: Path,
    *,
    alter: Alter = dict,
) -> Answers:
    """Boot the compiled site, dial every probe from every class, look at every phone's endpoint, and stop it again.

    What the loaded dialplan itself has patterns for is dialled as well. ``locks`` holds the lock files of loopback
    addresses; ``alter`` changes the files on the way. Raises ``EngineError`` and ``NoAddressError``.
    """
    block = reserve(locks)
    try:
        with tempfile.TemporaryDirectory(prefix="pbx-cos-") as name:
            tested = under_test(site, block, MAIL_COMMAND, Path(name) / "pbx")
            password = generate()
            files = dict(alter(compile_site(tested, throw_away_secrets(site)).files))
            files["manager.conf"] += _manager(password)
            instance = Instance(installation, InstanceSpec("pbx", Path(name) / "pbx", files, (block.pbx, AMI_PORT)))
            await instance.start(BOOT_SECONDS)
            try:
                ami = await connect(block.pbx, AMI_PORT, _USER, password, name="Asterisk")
                try:
                    return await _Questions(instance, ami, site.tenants[tenant]).ask(probes)
                finally:
                    await ami.close()
            except AmiError as error:
                raise EngineError(f"Asterisk was lost: {error}", "Try again; on a busy machine, later.") from error
            finally:
                await instance.stop()
    finally:
        block.release()


def _manager(password: str) -> str:
    """A user for the laboratory alone: the product's own may not originate calls."""
    return (
        f"\n[{_USER}]\nsecret={password}\ndeny=0.0.0.0/0.0.0.0\npermit=127.0.0.0/255.0.0.0\n"
        "read=call\nwrite=system,call,originate\n"
        "eventfilter(action(include),name(CEL))=\n"
    )


@dataclass(slots=True)
class _Call:
    """One question under way."""

    nodes: list[str]
    exits: list[str]
    done: asyncio.Future[None]
    """Once it is known where the call goes, and ..."""
    ended: asyncio.Future[None]
    """... once its channel is gone."""


class _Questions:
    """Puts questions to one Asterisk."""

    def __init__(self, instance: Instance, ami: Ami, scope: TenantScope) -> None:
        self._instance = instance
        self._ami = ami
        self._scope = scope
        self._calls: dict[str, _Call] = {}
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._shown: dict[str, str] = {}
        self._alike = frozenset(names.number_patterns()[1:-1])
        """Patterns that are alike but for the number of digits: the shortest and the longest speak for the others."""

    async def ask(self, probes: Sequence[Probe]) -> Answers:
        """Everything there is to know."""
        forget = self._ami.listen(self._hear)
        try:
            return await self._ask([probe.keys for probe in probes])
        finally:
            forget()

    async def _ask(self, keys: list[str]) -> Answers:
        there = {each.get("objectname") for each in await self._ami.listing("PJSIPShowEndpoints")}
        endpoints = {
            number: await self._endpoint(name)
            for number in sorted(self._scope.tenant.extensions)
            if (name := names.endpoint(self._scope.slug, number)) in there
        }
        phones = {number: found[0] for number, found in endpoints.items()}
        questions: dict[tuple[str, str, str], dict[str, str]] = {}
        for name in sorted(self._scope.tenant.classes_of_service):
            callers = (n for n, each in self._scope.tenant.extensions.items() if each.class_of_service == name)
            caller = endpoints.get(min(callers, default=""))
            context = caller[0].context if caller else names.context(self._scope.slug, "class", name)
            transfer = caller[0].transfer if caller else names.context(self._scope.slug, "transfer", name)
            variables = caller[1] if caller else {"PBX_TENANT": self._scope.slug, "PBX_CLASS": name}
            more = await self._loaded(context)
            for each in dict.fromkeys((*keys, *more)):
                questions[name, each, context] = variables
                questions[name, each, transfer] = variables
        found = await asyncio.gather(
            *(self._dial(context, each, variables) for (_, each, context), variables in questions.items())
        )
        outcomes: dict[tuple[str, str], Outcome] = {}
        transferred: dict[tuple[str, str], Outcome] = {}
        for (name, each, _), outcome in zip(questions, found, strict=True):
            (transferred if (name, each) in outcomes else outcomes)[name, each] = outcome
        return Answers(outcomes, transferred, phones)

    async def _endpoint(self, name: str) -> tuple[Phone, dict[str, str]]:
        """An endpoint as Asterisk has loaded it, with the variables of its channels."""
        shown = await self._ami.listing("PJSIPShowEndpoint", Endpoint=name)
        settings = next(each for each in shown if each.get("event") == "EndpointDetail")
        variables = dict(_VARIABLE.findall(settings.get("setvar", "")))
        leads = (variables.get("TRANSFER_CONTEXT", ""), variables.get("FORWARD_CONTEXT", ""))
        return Phone(settings.get("context", ""), variables.get("PBX_CLASS", ""), *leads), variables

    async def _loaded(self, context: str) -> list[str]:
        """What the loaded dialplan has extensions and patterns for, as keys; feature codes are not among them."""
        waiting, seen, found = [context], {context}, []
        while waiting:
            at = waiting.pop()
            if at not in self._shown:
                self._shown[at] = await self._instance.cli(f"dialplan show {at}")
            there = [each for each in _EXTENSION.findall(self._shown[at]) if each not in self._alike]
            found += [keys for pattern in there for keys in examples(pattern)]
            for included in _INCLUDE.findall(self._shown[at]):
                if included not in seen:
                    seen.add(included)
                    waiting.append(included)
        return sorted({keys for keys in found if _DIALLABLE.fullmatch(keys)})

    async def _dial(self, context: str, keys: str, variables: Mapping[str, str]) -> Outcome:
        async with self._turns:
            # Of one length: Asterisk refuses an id with which another one begins (channel.c, does_id_conflict).
            token = f"ask.{len(self._calls) + 1:07}"
            loop = asyncio.get_running_loop()
            call = _Call([], [], loop.create_future(), loop.create_future())
            self._calls[token] = call
            await self._ami.action(
                "Originate",
                Channel=f"Local/{keys}@{context}/n",
                ChannelId=token,
                OtherChannelId=f"{token}-b",
                Application="Wait",
                Data="60",
                Async="true",
                Variable=[f"{name}={value}" for name, value in variables.items()],
            )
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    await asyncio.shield(call.done)
                    with contextlib.suppress(AmiError):  # it may have ended by itself
                        await self._ami.action("Hangup", Channel=token)
                    await call.ended
            except TimeoutError as error:
                said = "end the call of" if call.done.done() else "say where it leads:"
                raise EngineError(
                    f"Asterisk did not within {ANSWER_SECONDS:g} s {said} {keys} in {context}.",
                    "Try again; on a busy machine, later.",
                ) from error
            return _outcome(call)

    def _hear(self, event: Event) -> None:
        call = self._calls.get(event.get("uniqueid", "").removesuffix("-b"))
        if call is None or call.ended.done():
            return
        kind = event.get("userdeftype", "")
        if kind == "PBX_NODE":
            call.nodes.append(extra(event))
        elif kind == "PBX_EXIT" and extra(event).endswith(" full"):
            # Our own other questions fill it: it was the trunk's turn all the same.
            call.nodes.append(extra(event).removesuffix(" full"))
        elif kind == "PBX_EXIT":
            call.exits.append(extra(event))
        elif event.get("eventname") == "BRIDGE_ENTER" and event.get("application") == "Park":
            # Its first step must be Park, so it cannot announce itself (kinds/parking.conf.j2).
            call.nodes.append(f"parking:{event.get('exten', '')}")
        ended = event.get("eventname") == "CHAN_END" and event.get("uniqueid", "").endswith("-b")
        if not call.done.done() and (ended or _known(call)):
            call.done.set_result(None)
        if ended:
            call.ended.set_result(None)


def _known(call: _Call) -> bool:
    """Whether what is known of a call decides."""
    if not call.nodes:
        return False
    return len(call.nodes) > 1 or bool(call.exits) or not call.nodes[0].startswith("external:")


def _outcome(call: _Call) -> Outcome:
    if not call.nodes:
        return Outcome("blocked")
    first = call.nodes[0]
    if not first.startswith("external:"):
        return Outcome("allowed", first)
    if f"{first} refused" in call.exits:
        return Outcome("blocked")
    trunk = next((node.removeprefix("trunk:") for node in call.nodes if node.startswith("trunk:")), None)
    return Outcome("no_route", first) if trunk is None else Outcome("allowed", first, trunk)
