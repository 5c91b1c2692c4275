"""Messages that are no SIP, or hardly: a set of our own making, in the manner of the torture tests of RFC 4475.

``{pbx}`` is the PBX, ``{me}`` the sender's address and port, ``{id}`` differs from message to message.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Final

_VIA: Final = "Via: SIP/2.0/UDP {me};rport;branch=z9hG4bK{id}"
_REST: Final = (
    "Max-Forwards: 70\r\nFrom: <sip:x@{pbx}>;tag={id}\r\nTo: <sip:201@{pbx}>\r\nCall-ID: {id}\r\nCSeq: 1 INVITE\r\n"
    "Contact: <sip:x@{me}>\r\n"
)
_LINE: Final = "INVITE sip:201@{pbx} SIP/2.0\r\n"
_WHOLE: Final = _LINE + _VIA + "\r\n" + _REST


def _without(name: str) -> str:
    """A request that lacks one header."""
    lines = [line for line in (_WHOLE + "Content-Length: 0\r\n").split("\r\n") if not line.startswith(f"{name}:")]
    return "\r\n".join(lines) + "\r\n"


def _with(more: str) -> str:
    """A request with more headers, or the same ones twice."""
    return _WHOLE + more + "Content-Length: 0\r\n\r\n"


def _instead(old: str, new: str) -> str:
    """A request with one text of it replaced."""
    return (_WHOLE + "Content-Length: 0\r\n\r\n").replace(old, new)


MESSAGES: Final[dict[str, str]] = {
    "nothing": "\r\n\r\n",
    "one letter": "x",
    "zeros": "\0" * 200,
    "only a request line": _LINE,
    "only a request line and an end": _LINE + "\r\n",
    "no version": "INVITE sip:201@{pbx}\r\n" + _VIA + "\r\n" + _REST + "\r\n",
    "version 7": _instead("SIP/2.0\r\nVia", "SIP/7.0\r\nVia"),
    "a web request": "GET / HTTP/1.1\r\nHost: {pbx}\r\n\r\n",
    "a method of 2000 letters": _instead("INVITE sip", "I" * 2000 + " sip"),
    "an unknown method": _instead("INVITE", "OBEY"),
    "a method that differs from CSeq": _instead("CSeq: 1 INVITE", "CSeq: 1 REGISTER"),
    "CSeq without a number": _instead("CSeq: 1 INVITE", "CSeq: INVITE"),
    "CSeq beyond 32 bits": _instead("CSeq: 1 INVITE", "CSeq: 36893488147419103232 INVITE"),
    "CSeq below zero": _instead("CSeq: 1 INVITE", "CSeq: -1 INVITE"),
    "no Via": _without("Via"),
    "no From": _without("From"),
    "no To": _without("To"),
    "no Call-ID": _without("Call-ID"),
    "no CSeq": _without("CSeq"),
    "no Contact": _without("Contact"),
    "no Max-Forwards": _without("Max-Forwards"),
    "no hops left": _instead("Max-Forwards: 70", "Max-Forwards: 0"),
    "hops beyond counting": _instead("Max-Forwards: 70", "Max-Forwards: 300"),
    "two From": _with("From: <sip:y@{pbx}>;tag=2\r\n"),
    "two To": _with("To: <sip:y@{pbx}>\r\n"),
    "two Call-ID": _with("Call-ID: other\r\n"),
    "two CSeq": _with("CSeq: 2 INVITE\r\n"),
    "a thousand headers": _with("X-Filler: x\r\n" * 1000),
    "a header of 8000 letters": _with("X-Long: " + "x" * 8000 + "\r\n"),
    "a display name of 5000 letters": _instead("From: <", 'From: "' + "n" * 5000 + '" <'),
    "a user part of 4000 letters": _instead("<sip:x@{pbx}>;tag", "<sip:" + "u" * 4000 + "@{pbx}>;tag"),
    "a tag of 3000 letters": _instead(";tag={id}", ";tag=" + "t" * 3000),
    "a branch of 3000 letters": _instead("z9hG4bK{id}", "z9hG4bK" + "b" * 3000),
    "a hundred Via": _LINE + (_VIA + "\r\n") * 100 + _REST + "Content-Length: 0\r\n\r\n",
    "quotes never closed": _instead("From: <", 'From: "open <'),
    "brackets never closed": _instead("<sip:x@{pbx}>;tag", "<sip:x@{pbx};tag"),
    "brackets within brackets": _instead("<sip:x@{pbx}>;tag", "<<sip:x@{pbx}>>;tag"),
    "a space in the URI": _instead("INVITE sip:201@{pbx}", "INVITE sip:2 01@{pbx}"),
    "no host": _instead("INVITE sip:201@{pbx}", "INVITE sip:201@"),
    "no URI": _instead("INVITE sip:201@{pbx}", "INVITE "),
    "an unknown scheme": _instead("INVITE sip:201@{pbx}", "INVITE nobody:201"),
    "a telephone URI": _instead("INVITE sip:201@{pbx}", "INVITE tel:+442079460000"),
    "a port beyond ports": _instead("INVITE sip:201@{pbx}", "INVITE sip:201@{pbx}:99999"),
    "an escape that is none": _instead("sip:201@", "sip:%zz@"),
    "an escaped zero": _instead("sip:201@", "sip:201%00@"),
    "escaped line breaks": _instead("sip:201@", "sip:201%0d%0aFORGED:%20yes@"),
    "a line break in a name": _instead("From: <", 'From: "a\r\nFORGED: yes\r\n" <'),
    "folded lines": _instead("From: <", "From:\r\n <"),
    "bare line feeds": _WHOLE.replace("\r\n", "\n") + "\n",
    "bare carriage returns": _WHOLE.replace("\r\n", "\r") + "\r",
    "a length beyond the message": _WHOLE + "Content-Length: 9999\r\n\r\nshort",
    "a length below zero": _WHOLE + "Content-Length: -1\r\n\r\nshort",
    "a length that is a word": _WHOLE + "Content-Length: many\r\n\r\nshort",
    "two lengths": _WHOLE + "Content-Length: 0\r\nContent-Length: 500\r\n\r\n",
    "a body without a type": _WHOLE + "Content-Length: 5\r\n\r\nhello",
    "a body of another type": _WHOLE + "Content-Type: text/x-shellscript\r\nContent-Length: 5\r\n\r\nhello",
    "an offer that is none": _WHOLE + "Content-Type: application/sdp\r\nContent-Length: 5\r\n\r\nhello",
    "an offer without lines": _WHOLE + "Content-Type: application/sdp\r\nContent-Length: 3\r\n\r\nv=0",
    "parts without a boundary": _WHOLE + "Content-Type: multipart/mixed\r\nContent-Length: 5\r\n\r\nhello",
    "parts never closed": _WHOLE + "Content-Type: multipart/mixed;boundary=b\r\nContent-Length: 5\r\n\r\n--b\r\n",
    "an extension that is required": _with("Require: nothing-sensible\r\n"),
    "a proxy that is required": _with("Proxy-Require: nothing-sensible\r\n"),
    "an expiry beyond counting": _with("Expires: 99999999999999999999\r\n"),
    "a date that is none": _with("Date: the day after\r\n"),
    "a Route to itself": _with("Route: <sip:{pbx};lr>\r\n" * 70),
    "a star for a contact": _instead("Contact: <sip:x@{me}>", "Contact: *"),
    "signs that no alphabet has": _instead("From: <", 'From: "\x7f\x1b[2J\xff" <'),
    "an answer to nobody": "SIP/2.0 200 OK\r\n" + _VIA + "\r\n" + _REST + "Content-Length: 0\r\n\r\n",
    "an answer without a number": "SIP/2.0 OK\r\n" + _VIA + "\r\n" + _REST + "Content-Length: 0\r\n\r\n",
    "an answer of 99999": "SIP/2.0 99999 Much\r\n" + _VIA + "\r\n" + _REST + "Content-Length: 0\r\n\r\n",
    "a host by IPv6": _instead("Via: SIP/2.0/UDP {me}", "Via: SIP/2.0/UDP [::1"),
    "sent by another way": _instead("SIP/2.0/UDP", "SIP/2.0/CARRIERPIGEON"),
    "received from elsewhere": _instead(";rport", ";received=203.0.113.1;rport=1;maddr=203.0.113.2;ttl=999"),
}
"""What is sent, by what is wrong with it."""
_DAMAGED: Final = 120
"""Damaged messages beside those above."""


def messages(pbx: str, me: str) -> Iterator[tuple[str, bytes]]:
    """Every message with its name, the damaged ones last; the same at each run."""
    for index, (name, text) in enumerate(MESSAGES.items()):
        yield name, _filled(text, pbx, me, f"m{index}")
    dice = random.Random(4475)  # noqa: S311 - the same damage at each run is what is wanted
    for index in range(_DAMAGED):
        whole = bytearray(_filled(_WHOLE + "Content-Length: 0\r\n\r\n", pbx, me, f"d{index}"))
        for _ in range(dice.randint(1, 6)):
            whole[dice.randrange(len(whole))] = dice.choice(b"\0\r\n\t <>\"':;@=%\\/,()[]{}|&$`\x7f\xc3\xff0Z")
        if index % 4 == 0:
            del whole[dice.randrange(len(whole)) :]
        yield f"damaged {index}", bytes(whole)


def _filled(text: str, pbx: str, me: str, unique: str) -> bytes:
    filled = text.replace("{pbx}", pbx).replace("{me}", me).replace("{id}", unique)
    return filled.encode("latin-1")
