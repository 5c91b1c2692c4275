"""What every attempt of one company to get at another has in common: who tries, with what, and what nobody may see."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from urllib.parse import quote

from lab.results import Words
from lab.security.wire import Ask, Outsider, Reply, offer
from lab.security.witness import Findings, Target
from lab.testbed import first_password
from pbx.asterisk import names
from pbx.dialing import internal_numbers
from pbx.site import TenantScope


def neighbours(target: Target) -> list[TenantScope]:
    """The other companies that have phones to try it with."""
    return [each for each in target.others if each.tenant.extensions]


def login_of(target: Target, scope: TenantScope, number: str = "") -> tuple[str, str]:
    """The endpoint and the password of a phone, of the first one unless a number is given."""
    number = number or next(iter(scope.tenant.extensions))
    return names.endpoint(scope.slug, number), target.stage.secrets[first_password(scope, number)]


def inner_names(scope: TenantScope) -> list[str]:
    """How a company's phones, trunks and contexts are called inside the PBX, in spellings that might lead there."""
    slug, found = scope.slug, []
    for number in list(scope.tenant.extensions)[:3]:
        endpoint = names.endpoint(slug, number)
        found += [endpoint, f"{number}@{slug}", f"{slug}_extension,{number},1", f"PJSIP/{endpoint}", f"{slug}{number}"]
        found += [
            f"Local/{number}@{slug}_extension",
            f"*8{endpoint}",
            f"**{endpoint}",
            f"*97{endpoint}",
            f"{number}&{endpoint}",
        ]
    found += [names.trunk(slug, name) for name in scope.tenant.trunks]
    return [*found, f"{slug}_internal", f"{slug}_did", f"{slug}_route", f"{slug}_voicemail", f"{slug}_parking", slug]


def numbers_of(scope: TenantScope) -> list[str]:
    """Everything of a company that is dialled: people, queues, rooms, parking slots, codes that override schedules."""
    found = list(internal_numbers(scope))
    parking = scope.tenant.parking
    if parking:
        found += [str(slot) for slot in range(int(parking.slots.first), int(parking.slots.last) + 1)][:4]
    return [*found, *(str(each.override) for each in scope.tenant.schedules.values() if each.override)]


@contextlib.asynccontextmanager
async def phone_of(target: Target) -> AsyncIterator[Outsider]:
    """Where a phone of another company calls from by hand."""
    phone = await target.stranger(6)
    try:
        yield phone
    finally:
        phone.close()


async def ask(  # noqa: PLR0913 - what requests are made of
    target: Target,
    other: TenantScope,
    method: str,
    dialled: Sequence[str],
    more: Mapping[str, str] | None = None,
    *,
    one_by_one: bool = False,
    seconds: float = 6,
) -> tuple[list[Ask], list[Reply]]:
    """Requests by a phone of another company, with its good login."""
    login = login_of(target, other)
    body = offer(target.address(6)) if method == "INVITE" else ""
    asks = [
        Ask(method, quote(each, safe="*+"), login[0], login=login, body=body, headers=more or {}) for each in dialled
    ]
    async with phone_of(target) as phone:
        if one_by_one:  # or one of them might pick up another
            return asks, [await phone.ask(ask, seconds) for ask in asks]
        return asks, await phone.ask_all(asks, seconds)


def told_of(other: TenantScope, es: str, en: str) -> Words:
    """A sentence that begins with another company's name."""
    name = other.tenant.name
    return Words(f"«{name}» {es}", f"“{name}” {en}")


@contextlib.asynccontextmanager
async def watched(target: Target, findings: Findings, *, rings: bool = False) -> AsyncIterator[None]:
    """Meanwhile no call of another company is anywhere in this one's dialplan, and no phone of this one rings."""
    stage = target.stage
    pbx, party = len(stage.pbx_events.seen), len(stage.party_events.seen)
    yield
    await stage.pbx.cli("core show channels count")  # what was told before this answer has come
    others = tuple(f"PJSIP/{each.slug}_" for each in target.others)
    led = {
        f"{event.get('channel')} is in {event.get('context')}"
        for event in stage.pbx_events.seen[pbx:]
        if event.get("channel", "").startswith(others) and event.get("context", "").startswith(f"{target.scope.slug}_")
    }
    subject = Words("Ninguna llamada de otra empresa entra en esta", "No call of another company gets into this one")
    findings.add(subject, "none", sorted(led), attempts=0)
    if not rings:
        rung = {
            f"{event.get('channel')} rings"
            for event in stage.party_events.seen[party:]
            if event.get("event") == "Newchannel" and event.get("channel", "").startswith(f"PJSIP/{target.scope.slug}_")
        }
        subject = Words("No suena ningún teléfono ni troncal de esta", "No phone and no trunk of this one rings")
        findings.add(subject, "silence", sorted(rung), attempts=0)
