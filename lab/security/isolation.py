"""Several companies on one PBX: from every other one each channel to this one is tried, and none leads there.

The strongest witness is the PBX itself: no step of another company's call is ever in this company's dialplan, whatever
the call was answered. The phones are the second: none of this company rings.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from urllib.parse import quote

from lab.events import NotHappenedError
from lab.handset import HungUpError
from lab.lamps import LampError, open_lamp
from lab.matrix.outside import example
from lab.results import Words
from lab.security.neighbours import (
    ask,
    inner_names,
    login_of,
    neighbours,
    numbers_of,
    phone_of,
    told_of,
    watched,
)
from lab.security.wire import Ask, offer
from lab.security.witness import Findings, Target, pair
from lab.sip import SipError
from lab.watch import Watch
from pbx.asterisk import names
from pbx.dialing import denial, internal_numbers, meaning
from pbx.site import TenantScope

_REFUSED: Final = (401, 403, 404, 410, 480, 481, 484, 486, 489, 501, 503, 603)
_RINGS: Final = 0.6
"""Real seconds in which an attempt that rings somewhere is left ringing: it may ring a colleague of its own."""


async def dialling(target: Target) -> Findings:
    """By its inner names, and by each of its numbers: those that the other company has too ring there."""
    findings = Findings()
    async with watched(target, findings):
        for other in neighbours(target):
            asks, replies = await ask(target, other, "INVITE", inner_names(target.scope))
            findings.refused(
                told_of(other, "no marca los nombres internos de esta", "does not dial this one's inner names"),
                asks,
                replies,
                _REFUSED,
            )
            own = {*internal_numbers(other), *numbers_of(other)}
            foreign = [each for each in numbers_of(target.scope) if each not in own]
            if foreign:
                asks, replies = await ask(target, other, "INVITE", foreign)
                findings.refused(
                    told_of(
                        other, "no llega a números que solo esta tiene", "does not reach numbers that only this one has"
                    ),
                    asks,
                    replies,
                    _REFUSED,
                )
            shared = [each for each in numbers_of(target.scope) if each in own][:6]
            asks, replies = await ask(target, other, "INVITE", shared, seconds=_RINGS)
            findings.attempts += len(asks)
    return findings


async def pickup(target: Target) -> Findings:
    """While a phone of this company rings, nobody of another takes the call."""
    findings = Findings()
    found = pair(target.scope)
    if not found:
        return findings
    codes = target.scope.tenant.feature_codes
    caller, called = (target.stage.party(target.scope.slug, f"extension:{each}") for each in found)
    target.stage.forget_incoming(called)
    watch = Watch(target.stage, caller.endpoint, found[1])
    token = await target.stage.originate(caller, found[1], caller_id="", recording=None)
    ringing = await target.stage.incoming(called)
    await ringing.ring()
    async with watched(target, findings, rings=True):
        for other in neighbours(target):
            own = other.tenant.feature_codes
            tried = [f"{own.pickup_extension}{found[1]}", str(own.pickup), f"{own.pickup_extension}{called.endpoint}"]
            tried += [f"{codes.pickup_extension}{found[1]}", str(codes.pickup), f"{own.pickup}{called.endpoint}"]
            asks, replies = await ask(target, other, "INVITE", list(dict.fromkeys(tried)), one_by_one=True)
            findings.refused(
                told_of(other, "no captura la llamada que suena en esta", "does not pick up the call that rings here"),
                asks,
                replies,
                _REFUSED,
            )
    with contextlib.suppress(HungUpError):
        await ringing.answer()
    talking = await target.stage.answered(token)  # it was not taken away
    with contextlib.suppress(HungUpError):
        await talking.hang_up()
    talking.end()
    ringing.end()
    await watch.began()
    await watch.over()
    return findings


async def lamps(target: Target) -> Findings:
    """No lamp of another company is lit by this one: neither by its names, nor by a number that both have."""
    findings = Findings()
    slug = target.scope.slug
    hidden = [*inner_names(target.scope), f"{slug}_hints", f"{slug}_pause", f"park:701@{slug}_parking"]
    events = (
        ("dialog", "application/dialog-info+xml"),
        ("presence", "application/pidf+xml"),
        ("message-summary", "application/simple-message-summary"),
    )
    for other in neighbours(target):
        for event, accept in events:
            more = {"Event": event, "Accept": accept, "Expires": "60"}
            asks, replies = await ask(target, other, "SUBSCRIBE", hidden, more)
            findings.refused(
                told_of(
                    other, f"no observa ({event}) los nombres de esta", f"does not watch ({event}) this one's names"
                ),
                asks,
                replies,
                _REFUSED,
            )
    await _same_number(target, findings)
    return findings


async def _same_number(target: Target, findings: Findings) -> None:
    """Another company's lamps for the numbers of a call of ours, while it rings."""
    found = pair(target.scope)
    if not found:
        return
    pbx, lit, opened = target.pbx, [], []
    for other in neighbours(target):
        user, password = login_of(target, other)
        for number in found:
            with contextlib.suppress(LampError, SipError):
                opened.append((other, number, await open_lamp(user, password, number, pbx=pbx, host=target.address(6))))
    caller, called = (target.stage.party(target.scope.slug, f"extension:{each}") for each in found)
    target.stage.forget_incoming(called)
    watch = Watch(target.stage, caller.endpoint, found[1])
    token = await target.stage.originate(caller, found[1], caller_id="", recording=None)
    ringing = await target.stage.incoming(called)
    await ringing.answer()
    talking = await target.stage.answered(token)
    await talking.listen(2)
    await talking.hang_up()
    await watch.began()
    await watch.over()
    talking.end()
    ringing.end()
    for other, number, lamp in opened:
        lit += [
            f"{other.slug}'s lamp for {number} shows {state}" for state in lamp.shown if state in {"ringing", "busy"}
        ]
        await lamp.close()
    subject = Words(
        "Las luces de otras empresas para los mismos números siguen apagadas",
        "Other companies' lamps for the same numbers stay dark",
    )
    findings.add(subject, "idle", lit, attempts=len(opened))


async def voicemail(target: Target) -> Findings:
    """No mailbox of this company is opened or filled by another one."""
    findings = Findings()
    boxes = [number for number, each in target.scope.tenant.extensions.items() if each.voicemail][:3]
    folder = target.stage.pbx.paths.voicemail / target.scope.slug
    before = sorted(path.name for path in folder.rglob("msg*")) if folder.is_dir() else []
    async with watched(target, findings):
        for other in neighbours(target):
            code = str(other.tenant.feature_codes.voicemail)
            tried = [f"{code}{box}" for box in boxes] + [f"{code}{box}@{target.scope.slug}" for box in boxes]
            tried += [f"{target.scope.slug}_voicemail,{box},1" for box in boxes] + [f"voicemail:{target.scope.slug}"]
            asks, replies = await ask(target, other, "INVITE", [str(each) for each in tried])
            findings.refused(
                told_of(other, "no abre las casillas de esta", "does not open this one's mailboxes"),
                asks,
                replies,
                _REFUSED,
            )
    after = sorted(path.name for path in folder.rglob("msg*")) if folder.is_dir() else []
    subject = Words("Las casillas quedan como estaban", "The mailboxes are as they were")
    findings.add(subject, "as before", [each for each in after if each not in before], attempts=0)
    return findings


async def transfer(target: Target) -> Findings:
    """A call within another company is transferred to this one's names, by REFER and by a 302."""
    findings = Findings()
    host = target.pbx[0]
    async with watched(target, findings):
        for other in neighbours(target):
            people = pair(other)
            if people:
                own = {*internal_numbers(other), *numbers_of(other)}
                wanted = [
                    *inner_names(target.scope)[:9],
                    *(each for each in numbers_of(target.scope) if each not in own),
                ][:14]
                refused = await _transferred(target, other, people, [quote(each, safe="*+") for each in wanted], host)
                findings.add(
                    told_of(other, "no transfiere llamadas a esta", "does not transfer calls to this one"),
                    "each transfer fails", refused, attempts=len(wanted),
                )  # fmt: skip
    return findings


async def _transferred(
    target: Target, other: TenantScope, people: tuple[str, str], wanted: Sequence[str], host: str
) -> list[str]:
    """Transfers of one call, one after the other, for each fails and the call goes on; those that did not fail."""
    caller, called = (target.stage.party(other.slug, f"extension:{each}") for each in people)
    succeeded = []
    target.stage.forget_incoming(called)
    watch = Watch(target.stage, caller.endpoint, people[1])
    token = await target.stage.originate(caller, people[1], caller_id="", recording=None)
    ringing = await target.stage.incoming(called)
    await ringing.answer()
    talking = await target.stage.answered(token)
    try:
        for each in wanted:
            if await ringing.transfer(f"sip:{each}@{host}") == "SUCCESS":
                succeeded.append(f"{each}: transferred")
                break
    except (HungUpError, NotHappenedError):
        pass
    for handset in (talking, ringing):
        with contextlib.suppress(HungUpError):
            await handset.hang_up()
        handset.end()
    await watch.began()
    await watch.over()
    return succeeded


async def caller_id(target: Target) -> Findings:
    """Another company calls outside and names numbers of this one as its own: its carrier is shown its own."""
    findings = Findings()
    dids = list(target.scope.tenant.dids)[:2]
    for other in neighbours(target):
        user, password = login_of(target, other)
        allowed = other.tenant.classes_of_service[
            other.tenant.extensions[next(iter(other.tenant.extensions))].class_of_service
        ]
        keys = next(
            (
                keys
                for keys in (example(other, each, "theft") for each in ("local", "mobile", "national"))
                if keys and _may(other, allowed, keys)
            ),
            "",
        )
        if not keys or not dids:
            continue
        since = len(target.stage.party_events.seen)
        asks = [
            Ask(
                "INVITE",
                keys,
                user,
                login=(user, password),
                body=offer(target.address(6)),
                headers=headers,
                display=display,
            )
            for did in dids
            for display, headers in _claims(did, target.pbx[0])
        ]
        async with phone_of(target) as phone:
            await phone.ask_all(asks, _RINGS)
        shown = [
            f"{event.get('calleridnum')} by {event.get('channel', '').rpartition('-')[0]}"
            for event in target.stage.party_events.seen[since:]
            if event.get("event") == "Newchannel"
            and event.get("calleridnum", "").lstrip("+") in {did.lstrip("+") for did in dids}
        ]
        findings.add(
            told_of(other, "no llama mostrando números de esta", "does not call showing numbers of this one"),
            "its own number is shown", sorted(set(shown)), attempts=len(asks),
        )  # fmt: skip
    return findings


def _may(scope: TenantScope, allowed: object, keys: str) -> bool:
    found = meaning(scope, keys)
    return found is not None and not denial(allowed, found.category, found.to.id)  # type: ignore[arg-type]


def _claims(did: str, host: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Every way in which a phone might say that a number is its own."""
    yield f'"{did}"', {}
    yield "", {"P-Asserted-Identity": f"<sip:{did}@{host}>"}
    yield "", {"P-Preferred-Identity": f"<sip:{did}@{host}>"}
    yield "", {"Remote-Party-ID": f"<sip:{did}@{host}>;party=calling;screen=yes"}
    yield "", {"Diversion": f"<sip:{did}@{host}>;reason=unconditional"}
    yield "", {"Contact": f"<sip:{did}@{host}>"}


async def registration(target: Target) -> Findings:
    """Nobody registers as a phone of this company by another one's password, nor at its name by his own."""
    findings = Findings()
    victims = [names.endpoint(target.scope.slug, number) for number in list(target.scope.tenant.extensions)[:5]]
    for other in neighbours(target):
        own = login_of(target, other)
        contact = {"Expires": "60"}
        asks = [Ask("REGISTER", victim, victim, login=(victim, own[1]), headers=contact) for victim in victims]
        asks += [Ask("REGISTER", victim, victim, login=own, headers=contact) for victim in victims]
        asks += [Ask("REGISTER", victim, own[0], login=own, headers=contact) for victim in victims]
        async with phone_of(target) as phone:
            findings.refused(
                told_of(other, "no se registra como interno de esta", "does not register as an extension of this one"),
                asks,
                await phone.ask_all(asks),
                _REFUSED,
            )
    return findings
