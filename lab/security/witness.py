"""What an attack may not change: no call, no phone that rings, no setting, no registration; and service goes on."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from lab.addresses import SIP_PORT
from lab.engine.bootlog import read_since
from lab.events import NotHappenedError
from lab.parties import Party
from lab.results import Check, Words
from lab.security.wire import Ask, Outsider, Reply, open_outsider
from lab.stage import Stage
from lab.watch import Watch
from pbx.asterisk.ami import Event
from pbx.site import TenantScope

PROMPT: Final = 5.0
"""Real seconds in which the PBX must answer anything, while it is attacked; a busy machine is allowed for."""
FORGED: Final = "FORGED"
"""What injected text is made of: it may begin no line, and name no event."""
FIRST_STRANGER: Final = 200
"""The last byte of the address of the first stranger; carriers end far below."""


@dataclass(frozen=True, slots=True)
class Target:
    """The PBX under attack, and the tenant whose matrix tells of it."""

    stage: Stage
    scope: TenantScope

    @property
    def pbx(self) -> tuple[str, int]:
        """Where it listens."""
        return self.stage.block.pbx, SIP_PORT

    @property
    def others(self) -> list[TenantScope]:
        """The other tenants of the same PBX."""
        return [each for slug, each in self.stage.shipped.tenants.items() if slug != self.scope.slug]

    @property
    def tenants(self) -> list[TenantScope]:
        """All tenants, this one first."""
        return [self.scope, *self.others]

    def address(self, index: int = 0) -> str:
        """An address that is nobody's."""
        return f"{self.stage.block.pbx.rpartition('.')[0]}.{FIRST_STRANGER + index}"

    async def stranger(self, index: int = 0) -> Outsider:
        """Somebody at such an address."""
        return await open_outsider(self.address(index), self.pbx)

    async def impostor(self, party: Party) -> Outsider:
        """Somebody at a party's own address: to the PBX it is that carrier, and with a login that phone."""
        return await open_outsider(party.address, self.pbx)


def known_by_address(target: Target) -> list[Party]:
    """The carriers of all tenants whose address is enough: a trunk that registers is known by what it registered."""
    return [
        target.stage.party(scope.slug, f"trunk:{name}")
        for scope in target.tenants
        for name, trunk in scope.tenant.trunks.items()
        if not trunk.username
    ]


@dataclass(slots=True)
class Findings:
    """What an attack has found so far."""

    attempts: int = 0
    checks: list[Check] = field(default_factory=list)
    slowest: float = 0.0
    """Real seconds the PBX took for the slowest of its answers."""

    def add(self, subject: Words, expected: str, bad: Collection[str], *, attempts: int, where: str = "") -> None:
        """So many attempts of one kind, and those that were not refused, in words."""
        self.attempts += attempts
        observed = "; ".join(sorted(bad)[:3]) + (f" and {len(bad) - 3} more" if len(bad) > 3 else "")  # noqa: PLR2004
        counted = subject
        if attempts > 1:
            counted = Words(f"{subject.es} ({attempts} intentos)", f"{subject.en} ({attempts} attempts)")
        self.checks.append(Check("server", counted, expected, observed or expected, not bad, where or "sip.pcap"))

    def refused(self, subject: Words, asks: Sequence[Ask], replies: Iterable[Reply], codes: Collection[int]) -> None:
        """Requests, all of which must have been refused with one of these SIP codes, and in time."""
        bad = []
        for ask, reply in zip(asks, replies, strict=True):
            self.slowest = max(self.slowest, reply.seconds)
            if reply.code not in codes:
                silent = "it rings" if ask.method == "INVITE" else "no answer"
                bad.append(f"{ask}: {f'SIP {reply.code}' if reply.code else silent}")
        told = "/".join(str(code) for code in sorted(codes))
        self.add(subject, f"each is refused (SIP {told})", bad, attempts=len(asks))


@dataclass(frozen=True, slots=True)
class Before:
    """How things stood before an attack."""

    pbx_events: int
    party_events: int
    log: int
    database: frozenset[str]
    contacts: frozenset[str]


async def look(stage: Stage) -> Before:
    """Take note of everything that must stay as it is."""
    return Before(
        len(stage.pbx_events.seen),
        len(stage.party_events.seen),
        stage.pbx.log_size(),
        await _database(stage),
        await _contacts(stage),
    )


async def _database(stage: Stage) -> frozenset[str]:
    """The AstDB but for what Asterisk notes of registrations, which are compared by themselves."""
    lines = (await stage.pbx.cli("database show")).splitlines()
    return frozenset(line.rstrip() for line in lines if line.startswith("/") and not line.startswith("/registrar/"))


async def _contacts(stage: Stage) -> frozenset[str]:
    """Which address is registered for whom."""
    contacts = await stage.pbx_ami.listing("PJSIPShowContacts")
    return frozenset(f"{each.get('endpoint') or each.get('objectname', '')} {each.get('uri', '')}" for each in contacts)


Attack = Callable[[Target], Awaitable[Findings]]


async def attacked(target: Target, attack: Attack, *, insider: bool = False, rings: bool = False) -> Findings:
    """Attack, and add what must be so afterwards.

    An ``insider`` has a login or comes by a trunk: his calls begin before they are refused, and Asterisk writes what he
    dialled into its own log as it came, line breaks and all. Some attacks ring a phone that may ring (``rings``), and
    tell by themselves who must not.
    """
    stage = target.stage
    before = await look(stage)
    findings = await attack(target)
    legitimate = len(stage.pbx_events.seen), len(stage.party_events.seen)
    findings.checks.append(await service(target))
    if not insider:
        _no_calls(stage, before, legitimate, findings)
        _log_is_honest(stage, before, findings)
    if not rings:
        _nothing_rings(stage, before, legitimate, findings)
    await _nothing_changed(stage, before, findings)
    limit = f"≤ {PROMPT:g} s"
    findings.checks.append(
        Check(
            "server",
            Words("La central responde a tiempo durante el ataque", "The PBX answers in time during the attack"),
            limit,
            limit if findings.slowest <= PROMPT else f"{findings.slowest:.1f} s",
            findings.slowest <= PROMPT,
        )
    )
    return findings


def _no_calls(stage: Stage, before: Before, end: tuple[int, int], findings: Findings) -> None:
    began = {_told(each) for each in _between(stage.pbx_events.seen, before.pbx_events, end[0], "Newchannel")}
    subject = Words("Ningún intento llega al plan de marcado", "No attempt reaches the dialplan")
    findings.checks.append(Check("server", subject, "no call", "; ".join(sorted(began)[:3]) or "no call", not began))


def _nothing_rings(stage: Stage, before: Before, end: tuple[int, int], findings: Findings) -> None:
    rung = {_told(each) for each in _between(stage.party_events.seen, before.party_events, end[1], "Newchannel")}
    subject = Words("No suena ningún teléfono ni operador", "No phone and no carrier rings")
    findings.checks.append(Check("phone", subject, "silence", "; ".join(sorted(rung)[:3]) or "silence", not rung))


def _between(events: Sequence[Event], begin: int, end: int, name: str) -> Iterator[Event]:
    return (event for event in events[begin:end] if event.get("event") == name)


def _told(event: Event) -> str:
    return f"{event.get('channel', '')} to {event.get('exten', '')}"


async def _nothing_changed(stage: Stage, before: Before, findings: Findings) -> None:
    for subject, old, new in (
        (Words("Ningún ajuste cambia (AstDB)", "No setting changes (AstDB)"), before.database, await _database(stage)),
        (Words("Ningún registro cambia", "No registration changes"), before.contacts, await _contacts(stage)),
    ):
        changed = sorted(old ^ new)
        findings.checks.append(
            Check("server", subject, "as before", "; ".join(changed[:3]) or "as before", not changed)
        )


def _log_is_honest(stage: Stage, before: Before, findings: Findings) -> None:
    """No line of the log begins with what an attacker wrote, as it would if his line breaks were kept."""
    lines = read_since(stage.pbx.paths.messages, before.log).splitlines()
    forged = [line for line in lines if line.lstrip().startswith(FORGED)]
    subject = Words("Nadie escribe líneas propias en el registro", "Nobody writes lines of his own into the log")
    findings.checks.append(Check("server", subject, "none", "; ".join(forged[:3]) or "none", not forged, "pbx.log"))


def pair(scope: TenantScope) -> tuple[str, str] | None:
    """Two extensions of which the first may call the second, who takes its calls; None when there are none."""
    tenant = scope.tenant
    takers = [number for number, each in tenant.extensions.items() if not each.forward.always]
    may = [
        n
        for n, each in tenant.extensions.items()
        if "internal" in tenant.classes_of_service[each.class_of_service].allow
    ]
    return next(((caller, called) for called in takers for caller in may if caller != called), None)


async def service(target: Target) -> Check:
    """A call as any other day: it rings, is answered and ends, all within twice :data:`PROMPT` real seconds."""
    subject = Words("Una llamada legítima funciona después del ataque", "A legitimate call works after the attack")
    chosen = next(((scope, found) for scope in target.tenants if (found := pair(scope))), None)
    if chosen is None:
        return Check("phone", subject, "–", "no two extensions may call each other", passed=True)
    scope, (caller, called) = chosen
    stage, began = target.stage, time.monotonic()
    expected = f"{called} rings, answers and hangs up within {2 * PROMPT:g} s"
    try:
        await _call(stage, scope, caller, called)
    except NotHappenedError as error:
        return Check("phone", subject, expected, str(error), passed=False)
    took = time.monotonic() - began
    passed = took <= 2 * PROMPT
    return Check("phone", subject, expected, expected if passed else f"it took {took:.1f} s", passed)


async def _call(stage: Stage, scope: TenantScope, caller: str, called: str) -> None:
    calling, ringing = (stage.party(scope.slug, f"extension:{each}") for each in (caller, called))
    stage.forget_incoming(ringing)
    watch = Watch(stage, calling.endpoint, called)
    token = await stage.originate(calling, called, caller_id="", recording=stage.folder / "service.wav")
    handset = await stage.incoming(ringing)
    await handset.answer()
    talking = await stage.answered(token)
    await talking.hang_up()
    await watch.began()
    await watch.over()  # or the next attack would be blamed for this call
    talking.end()
    handset.end()
