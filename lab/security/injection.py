"""Text that wants to be more than text: in names, numbers and headers of carriers, and in what phones dial.

The traces it would leave are looked for: a line of its own in an event or in the log, a formula that was worked out,
a setting of the AstDB, a phone that rings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import quote

from lab.parties import Party
from lab.results import Words
from lab.security.wire import Ask, Reply, offer
from lab.security.witness import FORGED, Findings, Target, known_by_address
from lab.testbed import first_password
from pbx.asterisk import names
from pbx.asterisk.ami import Event

_SUM: Final = "9000071"
"""What the formulas in the texts make, if anybody works them out."""
_TEXTS: Final = (
    "$[9000000+71]",
    "${MATH(9000000+71,int)}",
    f"${{SHELL(echo {FORGED})}}",
    f"${{DB_DELETE(pbx/{FORGED})}}",
    "${ENV(PATH)}${SHELL(id)}",
    f"x\r\n{FORGED}: yes\r\nEvent: {FORGED}",
    f"x\r\n\r\nEvent: {FORGED}\r\n{FORGED}: yes",
    f"x\n{FORGED}: yes",
    f"x\r{FORGED}",
    f"x,1,System(echo {FORGED})",
    "x)&PJSIP/201&Local/s@pbx-end/n(",
    "'; DROP TABLE cdr; --",
    "`id`; $(id) | id & id",
    "<script>alert(1)</script>",
    "; exten => _.,1,Answer() ; [",
    "../../../etc/passwd\0x",
    "%s%n%x%d" * 8,
    "\x1b[31m\x07\x08",
    "\u202e\ufeff",
    "x" * 900,
)
_SUCCESS: Final = range(200, 300)


async def injected(target: Target) -> Findings:
    """By a carrier, and by a phone with a good login."""
    findings = Findings()
    before = len(target.stage.pbx_events.seen)
    for party in known_by_address(target)[:1]:
        await _by_carrier(target, findings, party)
    await _by_phone(target, findings)
    events = target.stage.pbx_events.seen[before:]
    subject = Words(
        "Nada de lo escrito se ejecuta ni se calcula", "Nothing that was written is carried out or worked out"
    )
    findings.add(subject, "text stays text", sorted({told for event in events for told in _worked(event)}), attempts=0)
    return findings


async def _by_carrier(target: Target, findings: Findings, party: Party) -> None:
    """Each text in each place of a call for a number that nobody has: the dialplan takes it in and ends it."""
    carrier = await target.impostor(party)
    try:
        asks = [ask for text in _TEXTS for ask in _written(text, "999" + "0" * 7, offer(party.address))]
        replies = await carrier.ask_all(asks, 0.7)
    finally:
        carrier.close()
    subject = Words(
        "Textos ajenos en nombres, números y encabezados no entran al plan de marcado",
        "Foreign texts in names, numbers and headers do not get into the dialplan",
    )
    findings.add(subject, "no call succeeds", _succeeded(asks, replies), attempts=len(asks))


def _written(text: str, number: str, sdp: str) -> Iterator[Ask]:
    """A text in every place where a caller may write; escaped where it stands in a URI, bare where it is a word."""
    escaped, bare = quote(text, safe=""), text.replace('"', '\\"')
    line = " ".join(bare.split())
    headers: tuple[Mapping[str, str], ...] = (
        {"P-Asserted-Identity": f'"{line}" <sip:{escaped}@x.invalid>'},
        {"Remote-Party-ID": f'"{line}" <sip:{escaped}@x.invalid>;party=calling'},
        {"Diversion": f'"{line}" <sip:{escaped}@x.invalid>;reason="{line}"'},
        {"Reason": f'Q.850;cause=16;text="{line}"'},
        {"User-Agent": line, "Subject": line, "Call-Info": f"<http://x.invalid/{escaped}>", "X-Tenant": line},
        {"X-Bare": bare},
    )
    yield Ask("INVITE", number, "caller", display=f'"{bare}"', body=sdp)
    yield Ask("INVITE", number, escaped, body=sdp)
    yield Ask("INVITE", f"{number}{escaped}", "caller", body=sdp)
    yield Ask("INVITE", f"%2B{escaped}", "caller", body=sdp)
    yield Ask("INVITE", number, "caller", body=sdp.replace("s=-", f"s={line}"))
    for each in headers:
        yield Ask("INVITE", number, "caller", headers=each, body=sdp)


async def _by_phone(target: Target, findings: Findings) -> None:
    """What a phone may dial is digits; all else is nobody's number, whatever it begins with."""
    scope = target.scope
    number = next(iter(scope.tenant.extensions), "")
    if not number:
        return
    user = names.endpoint(scope.slug, number)
    login = (user, target.stage.secrets[first_password(scope, number)])
    tenant = scope.tenant
    codes = tenant.feature_codes
    starts = ["", number, tenant.outside_prefix or "+", str(codes.pickup_extension), str(codes.speed_dial)]
    phone = await target.stranger(4)
    try:
        sdp = offer(target.address(4))
        asks = [
            Ask(
                "INVITE",
                quote(start + text, safe="*+"),
                user,
                display=f'"{" ".join(text.split())}"',
                login=login,
                body=sdp,
            )
            for start in starts
            for text in _TEXTS
            if '"' not in text
            and ";" not in text  # what follows a semicolon is no part of the number (RFC 3261, 19.1.1)
        ]
        replies = await phone.ask_all(asks, 0.7)
    finally:
        phone.close()
    subject = Words(
        "Lo que un teléfono marca no pasa de ser un número", "What a phone dials is never more than a number"
    )
    findings.add(subject, "no call succeeds", _succeeded(asks, replies), attempts=len(asks))


def _succeeded(asks: list[Ask], replies: list[Reply]) -> list[str]:
    return [f"{ask}: SIP {reply.code}" for ask, reply in zip(asks, replies, strict=True) if reply.code in _SUCCESS]


def _worked(event: Event) -> Iterator[str]:
    """The traces of an injection in what the PBX tells of itself."""
    if event.get("event") == FORGED or FORGED.lower() in event:
        yield f"an event of the attacker's own: {dict(event)}"
    for name, value in event.items():
        if isinstance(value, str) and (_SUM in value or "uid=" in value):
            yield f"{name} became {value[:60]}"
