"""Calls that somebody else would pay: by carriers that want to get through, by phones that may not, by menus."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Iterator, Sequence
from typing import Final

from lab.events import NotHappenedError
from lab.handset import HungUpError
from lab.matrix.menus import menus_reached
from lab.matrix.moments import working
from lab.matrix.outside import example
from lab.parties import Party
from lab.results import Words
from lab.security.strangers import places
from lab.security.wire import Ask, Outsider, offer
from lab.security.witness import Findings, Target, known_by_address
from lab.testbed import first_password
from lab.watch import hung_up
from pbx.asterisk import names
from pbx.dialing import denial, meaning
from pbx.lower.outside import externals
from pbx.model import Ref
from pbx.numberplan import CATEGORIES
from pbx.site import TenantScope

_NOBODY: Final = (401, 403, 404, 410, 480, 484, 486, 501, 503, 603)
_ABROAD: Final = ("00442079460000", "011442079460000", "+442079460000", "00881612345678")
"""What thieves of calls dial, as many countries write it: abroad, and to a satellite."""

_DIGITS: Final = 7
"""The end of a number, which is the same however a carrier wants it written."""


async def by_carrier(target: Target) -> Findings:
    """A carrier reaches the tenant's numbers, and nothing else: no extension, no code, no other number."""
    findings = Findings()
    since = len(target.stage.party_events.seen)
    for party in _public(target):
        carrier = await target.impostor(party)
        try:
            own = set(target.stage.shipped.tenants[party.tenant].tenant.dids)
            others = [did for scope in target.tenants for did in scope.tenant.dids if did not in own]
            dialled = [each for each in (*places(target), *_ABROAD, *others) if not _is_own(own, each)]
            asks = [
                Ask("INVITE", each.replace("#", "%23"), "5491160001111", body=offer(party.address), headers=more)
                for each in dict.fromkeys(dialled)
                for more in ({}, {"P-Asserted-Identity": f"<sip:201@{target.pbx[0]}>"})
            ]
            findings.refused(
                Words(f"Por la troncal de {party.tenant} solo se llega a sus números",
                      f"By the trunk of {party.tenant} only its numbers are reached"),
                asks, await carrier.ask_all(asks), _NOBODY,
            )  # fmt: skip
        finally:
            carrier.close()
    _nobody_pays(target, findings, since)
    return findings


def _public(target: Target) -> list[Party]:
    """One carrier of each tenant; colleagues at another PBX may dial more."""
    found: dict[str, Party] = {}
    for party in known_by_address(target):
        trunk = target.stage.shipped.tenants[party.tenant].tenant.trunks[party.name.partition(":")[2]]
        if trunk.type != "pbx":
            found.setdefault(party.tenant, party)
    return list(found.values())


def _is_own(own: set[str], dialled: str) -> bool:
    digits = dialled.lstrip("+")
    return any(did.lstrip("+").endswith(digits) for did in own) and len(digits) > 6  # noqa: PLR2004 - a DID in any form


async def by_phone(target: Target) -> Findings:
    """What a class of service refuses is refused however it is written, set as a forward, or asked as a transfer."""
    findings = Findings()
    since = len(target.stage.party_events.seen)
    phone = await target.stranger(5)
    try:
        for number in _one_of_each_class(target.scope):
            refused = list(_refused_to(target.scope, number))
            if refused:
                await _dial(target, phone, findings, number, refused)
                await _forward(target, phone, findings, number, refused)
                await _refer(target, phone, findings, number, refused)
    finally:
        phone.close()
    _nobody_pays(target, findings, since)
    return findings


def _one_of_each_class(scope: TenantScope) -> list[str]:
    found: dict[str, str] = {}
    for number, extension in scope.tenant.extensions.items():
        found.setdefault(extension.class_of_service, number)
    return list(found.values())


def _refused_to(scope: TenantScope, number: str) -> Iterator[str]:
    """Keys of an outside number of each category that an extension may not call."""
    allowed = scope.tenant.classes_of_service[scope.tenant.extensions[number].class_of_service]
    for category in CATEGORIES:
        keys = example(scope, category, f"fraud{number}")
        found = meaning(scope, keys) if keys and category != "emergency" else None
        if found and denial(allowed, found.category, found.to.id):
            yield keys


def _login(target: Target, number: str) -> tuple[str, str]:
    scope = target.scope
    return names.endpoint(scope.slug, number), target.stage.secrets[first_password(scope, number)]


async def _dial(target: Target, phone: Outsider, findings: Findings, number: str, refused: Sequence[str]) -> None:
    login = _login(target, number)
    asks = [
        Ask("INVITE", spelled, login[0], login=login, body=offer(target.address(5)), headers=more)
        for keys in refused
        for spelled in (
            keys,
            f"{keys};user=phone",
            f"{keys}%23",
            f"{keys[:3]}-{keys[3:]}",
            f"{keys};x=%40{target.pbx[0]}",
        )
        for more in ({}, {"P-Asserted-Identity": "<sip:203@x.invalid>", "Privacy": "none"})
    ]
    findings.refused(
        Words(f"El interno {number} no llama a lo que su clase rechaza, lo escriba como lo escriba",
              f"Extension {number} does not call what its class refuses, however it is written"),
        asks, await phone.ask_all(asks), _NOBODY,
    )  # fmt: skip


async def _forward(target: Target, phone: Outsider, findings: Findings, number: str, refused: Sequence[str]) -> None:
    """The code answers, and says that it is refused; the AstDB, which is compared afterwards, must not know of it."""
    codes, login = target.scope.tenant.feature_codes, _login(target, number)
    starts = (codes.forward_always, codes.forward_busy, codes.forward_no_answer, codes.forward_unavailable)
    sdp = offer(target.address(5))
    asks = [Ask("INVITE", f"{start}{keys}", login[0], login=login, body=sdp) for start in starts for keys in refused]
    replies = await phone.ask_all(asks)
    before = f"/pbx/{target.scope.slug}/{number}/forward_"
    stored = [
        each for each in (await target.stage.pbx.cli("database show pbx")).splitlines() if each.startswith(before)
    ]
    findings.slowest = max(findings.slowest, *(reply.seconds for reply in replies))
    findings.add(
        Words(f"El interno {number} no se desvía a lo que su clase rechaza",
              f"Extension {number} does not forward to what its class refuses"),
        "no forward is kept", stored, attempts=len(asks),
    )  # fmt: skip


async def _refer(target: Target, phone: Outsider, findings: Findings, number: str, refused: Sequence[str]) -> None:
    """REFER without a call, and in a call to a code that answers; who rings is seen afterwards."""
    login, codes = _login(target, number), target.scope.tenant.feature_codes
    others = [names.endpoint(each.slug, extension) for each in target.others for extension in each.tenant.extensions]
    targets = [*refused, *others[:2], "external_replaces", "s", str(codes.forward_always) + refused[0]]
    written = [f"<sip:{each}@{target.pbx[0]}>" for each in targets]
    written += [f"<sip:201@{target.pbx[0]}?Replaces=none%3Bto-tag%3D0%3Bfrom-tag%3D0>", "<tel:+442079460000>"]
    alone = [Ask("REFER", "201", login[0], login=login, headers={"Refer-To": each}) for each in written]
    findings.refused(
        Words("Transferir sin llamada (REFER fuera de diálogo) se rechaza", "REFER without a call is refused"),
        alone, await phone.ask_all(alone), (*_NOBODY, 400, 405, 481),
    )  # fmt: skip
    for each in written:
        await _in_a_call(target, phone, login, each)
    subject = Words(
        f"El interno {number} no transfiere a lo que su clase rechaza, ni a otra empresa",
        f"Extension {number} does not transfer to what its class refuses, nor to another company",
    )
    findings.add(subject, "nobody rings", [], attempts=len(written))


async def _in_a_call(target: Target, phone: Outsider, login: tuple[str, str], refer_to: str) -> None:
    code = str(target.scope.tenant.feature_codes.forward_always) + "0"
    call = f"{secrets.token_hex(8)}@outside"
    answer = await phone.ask(Ask("INVITE", code, login[0], login=login, body=offer(target.address(5)), call_id=call))
    tag = answer.text.partition("\r\nTo:")[2].partition("\r\n")[0].partition(";tag=")[2]
    if tag:
        for method, headers in (("REFER", {"Refer-To": refer_to}), ("BYE", {})):
            number = 3 if method == "REFER" else 5
            ask = Ask(method, code, login[0], login=login, headers=headers, to_tag=tag, call_id=call, number=number)
            await phone.ask(ask, 1)


async def by_menu(target: Target) -> Findings:
    """A caller dials outside numbers in a menu, in a greeting of voicemail, and an owner in his mailbox."""
    findings = Findings()
    scope, since = target.scope, len(target.stage.party_events.seen)
    international = example(scope, "international", "menu") or _ABROAD[0]
    codes = scope.tenant.feature_codes
    calls: list[tuple[Party, str, tuple[str, ...]]] = []
    for reached in menus_reached(scope):
        if reached.at == working(scope) and not reached.presses:
            caller = target.stage.party(scope.slug, str(reached.caller))
            tried = (international, f"#{international}", f"{codes.forward_always}{international}", str(codes.voicemail))
            calls += [(caller, reached.did, (keys,)) for keys in tried]
            break
    owner = next((number for number, each in scope.tenant.extensions.items() if each.voicemail), "")
    if owner:
        pin = scope.tenant.extensions[owner].voicemail
        party = target.stage.party(scope.slug, str(Ref("extension", owner)))
        # 3 advanced options, 2 call the sender back, 4 place a call; 0 the operator, * out of the mailbox.
        for keys in (("3", "2"), ("3", "4", f"{international}#"), ("0",), ("*", international)):
            calls.append((party, str(codes.voicemail), (f"{pin.pin if pin else ''}#", *keys)))
    await asyncio.gather(*(_press(target, *each) for each in calls))
    findings.attempts += len(calls)
    _nobody_pays(target, findings, since)
    return findings


async def _press(target: Target, party: Party, dialled: str, keys: Sequence[str]) -> None:
    """One call, some keys, and a moment in which something might come of them."""
    stage = target.stage
    token = await stage.originate(party, dialled, caller_id='"x" <+5491160001111>', recording=None)
    with contextlib.suppress(NotHappenedError, HungUpError):
        handset = await stage.answered(token, seconds=15)
        for each in keys:
            await handset.listen(2)
            await handset.press(each)
        await handset.listen(6)
        await handset.hang_up()
        handset.end()
    with contextlib.suppress(Exception):  # it may have ended by itself
        await stage.party_ami.action("Hangup", Channel=token)
    with contextlib.suppress(NotHappenedError):
        await hung_up(stage, token, "the call to end", 30)


def _nobody_pays(target: Target, findings: Findings, since: int) -> None:
    """No carrier is called for a number that the tenants' own files do not lead to."""
    agreed = {external.number[-_DIGITS:] for scope in target.tenants for external in externals(scope)}
    trunks = {names.trunk(scope.slug, name) for scope in target.tenants for name in scope.tenant.trunks}
    called = [
        f"{event.get('exten', '')} by {endpoint}"
        for event in target.stage.party_events.seen[since:]
        if event.get("event") == "Newchannel" and event.get("exten") != "s"  # s: a call that the lab itself places
        for endpoint in (event.get("channel", "").removeprefix("PJSIP/").rpartition("-")[0],)
        if endpoint in trunks and event.get("exten", "")[-_DIGITS:] not in agreed
    ]
    subject = Words(
        "Ningún operador recibe una llamada que alguien pagaría", "No carrier gets a call that somebody would pay"
    )
    findings.add(subject, "no call", called, attempts=0, where="parties.log")
