"""SIP messages out of a packet capture.

Asterisk's ``pjsip set logger pcap FILE`` writes the classic capture format: a header of 24 bytes, then packets of one
whole SIP message each in an Ethernet frame (res_pjsip_logger.c, ``write_pcap_header`` and ``pjsip_log_write_to_pcap``).
That is little enough to read here; the libraries for it have had no release in years. Asterisk does not know its own
address there and writes 0.0.0.0:0 for it. It also buffers: the last messages reach the file on
``pjsip set logger off``.
"""

from __future__ import annotations

import re
import struct
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING, NamedTuple

from lab.results import SipMessage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_BYTE_ORDERS = {b"\xd4\xc3\xb2\xa1": ("<", 1e-6), b"\xa1\xb2\xc3\xd4": (">", 1e-6),
                b"\x4d\x3c\xb2\xa1": ("<", 1e-9), b"\xa1\xb2\x3c\x4d": (">", 1e-9)}  # fmt: skip
_FRAME_HEADER = {1: 14, 101: 0, 113: 16}
"""Bytes before the IP header by link type: Ethernet, raw IP, Linux "any" device."""
_UDP, _TCP = 17, 6
_IPV4, _IPV6 = 4, 6
_LARGEST_PACKET = 1 << 20
_UNKNOWN = ("0.0.0.0:0", "[::]:0")

_SIP_START = re.compile(r"(?:SIP/2\.0 \d{3}|[A-Z]+ \S+ SIP/2\.0)")
_CALL_ID = re.compile(r"^(?:Call-ID|i)[ \t]*:[ \t]*([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
_SENT_BY = re.compile(r"^(?:Via|v)[ \t]*:[ \t]*SIP/2\.0/\w+[ \t]+([^;,\s]+)", re.IGNORECASE | re.MULTILINE)
_CREDENTIALS = re.compile(r"^((?:Proxy-)?Authorization|Authentication-Info)([ \t]*:)([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)",
                          re.IGNORECASE | re.MULTILINE)  # fmt: skip
_DIGEST_SECRET = re.compile(r'\b(response|rspauth|password)([ \t]*=[ \t]*)("[^"\r\n]*"?|[^\s,]+)', re.IGNORECASE)
_WORDS = ("authorization", "authentication-info", "inline:", "k=")
"""One of these stands in every text with a secret, in small letters: most texts need no search."""
_MEDIA_KEY = re.compile(r"(\binline:)[^\s|]+|^(k=)[^\r\n]+", re.MULTILINE)


class _Packet(NamedTuple):
    time: float
    source: str
    target: str
    payload: bytes


def read_capture(path: Path, *, start: float | None = None, local: str = "") -> tuple[SipMessage, ...]:
    """Read the SIP messages of a capture, secrets blanked, in the order in which they were written.

    ``start`` is the moment (seconds since 1970 in PBX time, as in the file) from which ``time`` counts; without it the
    first message is at 0. ``local`` is the ``address:port`` of the PBX, which Asterisk leaves out; without it, it is
    taken from the Via of a request the PBX sent. A file that is missing, no capture, or cut off gives what is
    readable; packets that are not SIP are left out.
    """
    try:
        content = path.read_bytes()
    except OSError:
        return ()
    sip = [(packet, packet.payload.decode("utf-8", "replace")) for packet in _packets(content)]
    sip = [(packet, text) for packet, text in sip if _SIP_START.match(text)]
    if not sip:
        return ()
    zero = sip[0][0].time if start is None else start
    here = local or _own_address(sip)
    return tuple(
        SipMessage(
            time=round(packet.time - zero, 6),
            source=here if packet.source in _UNKNOWN else packet.source,
            target=here if packet.target in _UNKNOWN else packet.target,
            first_line=text.split("\n", 1)[0].strip(),
            call_id=call_id.group(1).strip() if (call_id := _CALL_ID.search(text)) else "",
            text=without_secrets(text),
        )
        for packet, text in sip
    )


def without_secrets(text: str) -> str:
    """Blank what a listener could use: digest answers, plain credentials, media keys."""
    lowered = text.lower()
    if not any(word in lowered for word in _WORDS):
        return text

    def blank(header: re.Match[str]) -> str:
        name, colon, value = header.groups()
        if value.strip().lower().startswith("digest") or name.lower() == "authentication-info":
            return name + colon + _DIGEST_SECRET.sub(r'\1\2"…"', value)
        return f"{name}{colon} …"

    return _MEDIA_KEY.sub(lambda key: f"{key.group(1) or key.group(2)}…", _CREDENTIALS.sub(blank, text))


def _own_address(sip: list[tuple[_Packet, str]]) -> str:
    for packet, text in sip:
        if packet.source in _UNKNOWN and not text.startswith("SIP/") and (via := _SENT_BY.search(text)):
            return via.group(1)
    return _UNKNOWN[0]


def _packets(content: bytes) -> Iterator[_Packet]:
    """Yield the UDP and TCP packets that are whole."""
    order, fraction = _BYTE_ORDERS.get(content[:4], ("", 0.0))
    if not order or len(content) < 24:  # noqa: PLR2004 - the file header
        return
    skip = _FRAME_HEADER.get(struct.unpack_from(f"{order}I", content, 20)[0] & 0xFFFF)
    place = 24
    while skip is not None and place + 16 <= len(content):
        seconds, part, length, _ = struct.unpack_from(f"{order}4I", content, place)
        place += 16
        if length > _LARGEST_PACKET or place + length > len(content):
            return
        found = _transport(content[place + skip : place + length])
        if found:
            yield _Packet(seconds + part * fraction, *found)
        place += length


def _transport(packet: bytes) -> tuple[str, str, bytes] | None:
    """Take an IP packet apart: sender, receiver, payload; None for what is neither UDP nor TCP."""
    version = packet[0] >> 4 if packet else 0
    if version == _IPV4 and len(packet) > 20:  # noqa: PLR2004 - header length
        header, protocol = 4 * (packet[0] & 15), packet[9]
        source, target = str(IPv4Address(packet[12:16])), str(IPv4Address(packet[16:20]))
    elif version == _IPV6 and len(packet) > 40:  # noqa: PLR2004 - header length
        header, protocol = 40, packet[6]
        source, target = f"[{IPv6Address(packet[8:24])}]", f"[{IPv6Address(packet[24:40])}]"
    else:
        return None
    body = packet[header:]
    if protocol not in (_UDP, _TCP) or len(body) < (8 if protocol == _UDP else 20):
        return None
    sender, receiver = struct.unpack_from("!2H", body)
    payload = body[8:] if protocol == _UDP else body[max(20, 4 * (body[12] >> 4)) :]
    return f"{source}:{sender}", f"{target}:{receiver}", payload
