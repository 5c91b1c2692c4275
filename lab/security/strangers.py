"""Without a password nothing happens: not by another's name, not by a carrier's, not by a login that was overheard."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Sequence
from typing import Final

from lab.results import Words
from lab.security.wire import Ask, Outsider, Reply, offer
from lab.security.witness import Findings, Target
from lab.testbed import first_password
from pbx.asterisk import names

REFUSED: Final = (401, 403, 407, 481)
"""Log in; forbidden; nobody knows of such a dialog."""
_METHODS: Final = (
    *("REGISTER", "OPTIONS", "SUBSCRIBE", "PUBLISH", "MESSAGE", "REFER"),
    *("NOTIFY", "INFO", "UPDATE", "BYE", "PRACK"),
)
_RANDOM: Final = re.compile(
    r'(nonce="[^"]*"|opaque="[^"]*"|tag=[^;>\s]+|branch=[^;\s]+|rport=\d+|received=[\d.]+|^Call-ID:.*|^CSeq:.*'
    r"|<sip:[^>]*>)",
    re.MULTILINE,
)
"""What differs from answer to answer, whoever is asked for, and what the asker himself has said."""


def accounts(target: Target) -> list[str]:
    """The names of real phones and trunks of every tenant, the own ones first."""
    phones = [names.endpoint(each.slug, number) for each in target.tenants for number in each.tenant.extensions]
    trunks = [names.trunk(each.slug, name) for each in target.tenants for name in each.tenant.trunks]
    return [*phones[:10], *trunks[:6]]


def places(target: Target) -> list[str]:
    """What a thief of calls dials: extensions, services, codes, numbers outside, dear ones abroad, inner names."""
    tenant = target.scope.tenant
    own = [*list(tenant.extensions)[:3], *list(tenant.dids)[:2]]
    outside = [
        "911",
        "0",
        "9",
        "011442079460000",
        "900442079460000",
        "00442079460000",
        "+442079460000",
        "+5491155550000",
    ]
    inner = ["s", "h", "pbx-end", "external_replaces", *(each.partition("_")[2] for each in accounts(target)[:1])]
    codes = ["*97", "*8", "**201", "*72911", "*78", "*28", "*0"]
    return [*own, *outside, *inner, *codes]


async def calls(target: Target) -> Findings:
    """Calls and all other requests without a login, by every name that the PBX knows."""
    findings = Findings()
    stranger = await target.stranger()
    try:
        sdp = offer(target.address())
        users = [*accounts(target), "anonymous", "201", ""]
        asks = [
            Ask("INVITE", place, user, body=sdp)
            for index, place in enumerate(places(target))
            for user in users[index % 2 :: 2]
        ]
        findings.refused(
            Words("Nadie llama sin contraseña, diga ser quien diga ser",
                  "Nobody calls without a password, whoever he says he is"),
            asks, await stranger.ask_all(asks), REFUSED,
        )  # fmt: skip
        refer = f"<sip:{places(target)[3]}@{target.pbx[0]}>"
        headers = {"Event": "dialog", "Accept": "application/dialog-info+xml", "Refer-To": refer}
        asks = [
            Ask(method, user if method == "REGISTER" else "201", user, headers=headers)
            for method in _METHODS
            for user in accounts(target)[::3]
        ]
        findings.refused(
            Words("Sin contraseña tampoco se registra, observa, transfiere ni corta nada",
                  "Without a password nothing is registered, watched, transferred or cut off either"),
            asks, await stranger.ask_all(asks), REFUSED,
        )  # fmt: skip
        asks = _disguised(target, sdp)
        findings.refused(
            Words("Ningún encabezado hace de un extraño un operador o un colega",
                  "No header makes a stranger a carrier or a colleague"),
            asks, await stranger.ask_all(asks), REFUSED,
        )  # fmt: skip
    finally:
        stranger.close()
    return findings


def _disguised(target: Target, sdp: str) -> list[Ask]:
    """Requests that name somebody whom the PBX trusts, in every place where one can be named."""
    trunk, host = names.trunk(target.scope.slug, next(iter(target.scope.tenant.trunks), "principal")), target.pbx[0]
    carrier = target.stage.block.carrier(0)
    phone, number = accounts(target)[0], next(iter(target.scope.tenant.dids), "201")
    disguises = [
        {"P-Asserted-Identity": f"<sip:{phone}@{host}>"},
        {"P-Preferred-Identity": f"<sip:{phone}@{host}>"},
        {"Remote-Party-ID": f"<sip:{phone}@{host}>;party=calling;privacy=off;screen=yes"},
        {"Diversion": f"<sip:{number}@{host}>;reason=unconditional"},
        {"Contact": f"<sip:{trunk}@{carrier}:5060>"},
        {"Contact": f"<sip:{trunk}@{carrier}:5060;line=aaaaaaaa>"},
        {"Via": f"SIP/2.0/UDP {carrier}:5060;branch=z9hG4bKdisguise;received={carrier};rport"},
        {"Record-Route": f"<sip:{carrier};lr>"},
        {"Route": f"<sip:{host};lr>"},
        {"X-Forwarded-For": carrier},
        {"Authorization": f'Digest username="{phone}"'},
        {"Authorization": f'Digest username="{phone}", realm="", nonce="", uri="", response=""'},
        {"Proxy-Authorization": f'Digest username="{phone}", realm="x", nonce="x", uri="sip:x", response="{"0" * 32}"'},
        {"Identity": "eyJhbGciOiJub25lIn0..;info=<https://x.invalid>;alg=none"},
        {"Replaces": "0;to-tag=0;from-tag=0"},
        {"Replaces": "0;to-tag=0;from-tag=0;early-only"},
        {"Join": "0;to-tag=0;from-tag=0"},
    ]
    froms = ["", f'"{phone}" <sip:{trunk}@{carrier}>', f"<sip:{trunk}@{host};line=aaaaaaaa>"]
    return [
        Ask("INVITE", number, phone, headers=headers, body=sdp, from_header=who)
        for headers in disguises
        if "Via" not in headers
        for who in froms
    ]


async def enumerated(target: Target) -> Findings:
    """What is said of an account that exists is said of one that does not, to the last header."""
    findings = Findings()
    stranger = await target.stranger()
    try:
        for method in ("REGISTER", "OPTIONS", "INVITE", "SUBSCRIBE"):
            for login, es, en in (
                (None, "sin clave", "without a password"),
                ("wrong", "con clave equivocada", "with a wrong password"),
            ):
                real, missing = accounts(target), [names.endpoint(target.scope.slug, "999"), "nobody", "1000", "admin"]
                asks = [
                    Ask(method, user if method == "REGISTER" else "201", user, login=(user, "wrong") if login else None,
                        headers={"Event": "dialog"}, body=offer(target.address()) if method == "INVITE" else "")
                    for user in (*real, *missing)
                ]  # fmt: skip
                replies = await stranger.ask_all(asks)
                findings.slowest = max(findings.slowest, *(reply.seconds for reply in replies))
                usual = _shape(replies[-1])
                told = [ask.user for ask, reply in zip(asks, replies, strict=True) if _shape(reply) != usual]
                findings.add(
                    Words(f"{method} {es}: la respuesta no delata qué cuentas existen",
                          f"{method} {en}: the answer does not betray which accounts exist"),
                    "the same answer for all", [f"{user} is answered differently" for user in told], attempts=len(asks),
                )  # fmt: skip
    finally:
        stranger.close()
    return findings


def _shape(reply: Reply) -> str:
    return _RANDOM.sub("", reply.text)


async def passwords(target: Target) -> Findings:
    """Passwords of others, and logins that were overheard, from another address."""
    findings = Findings()
    stranger, thief = await asyncio.gather(target.stranger(1), target.stranger(2))
    try:
        stolen = list(_stolen(target))
        findings.refused(
            Words("La contraseña de uno no abre la cuenta de otro", "One's password does not open another's account"),
            stolen, await stranger.ask_all(stolen), REFUSED,
        )  # fmt: skip
        replayed, replies = await _replayed(target, stranger, thief)
        findings.refused(
            Words("Una contraseña cifrada que alguien oyó pasar no sirve desde otra dirección",
                  "A login that was overheard is of no use from another address"),
            replayed, replies, REFUSED,
        )  # fmt: skip
    finally:
        stranger.close()
        thief.close()
    return findings


def _stolen(target: Target) -> Iterable[Ask]:
    """Every account with the password of the next one, and its own user name in vain."""
    logins = [
        (names.endpoint(scope.slug, number), target.stage.secrets[first_password(scope, number)])
        for scope in target.tenants
        for number in list(scope.tenant.extensions)[:6]
    ]
    for (user, _), (other, password) in zip(logins, [*logins[1:], logins[0]], strict=True):
        for login in ((user, password), (other, password)):
            # The second logs in as the other and calls himself by a third name: the account is that of From.
            if login[0] != user or len(logins) > 1:
                yield Ask("OPTIONS", "", user, login=login)
        yield Ask("REGISTER", user, user, login=(user, user), headers={"Expires": "60"})


async def _replayed(target: Target, owner: Outsider, thief: Outsider) -> tuple[Sequence[Ask], list[Reply]]:
    """The owner's good logins, sent once more by somebody else."""
    scope = target.scope
    asks = []
    for number in list(scope.tenant.extensions)[:4]:
        user = names.endpoint(scope.slug, number)
        login = (user, target.stage.secrets[first_password(scope, number)])
        for method in ("OPTIONS", "REGISTER"):
            sent = await owner.overheard(Ask(method, user, user, login=login, headers={"Expires": "0"}))
            asks += [
                Ask(again, user, user, headers={"Authorization": sent, "Expires": "60"})
                for again in (method, "SUBSCRIBE")
            ]
    return asks, await thief.ask_all(asks)
