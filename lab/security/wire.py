"""SIP by hand, for those who do not keep to it: requests as text, sent from any address, with or without a login.

Nothing here asks a library whether a message may be sent: what a stranger sends need not be SIP at all.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from lab.sip import authorization

_CHALLENGED: Final = (401, 407)
_FIRST_FINAL: Final = 200
_T1: Final = 0.5
"""Real seconds until a request is sent again, and twice as many each time after (RFC 3261, 17.1.1.1)."""
_CALL_ID: Final = re.compile(r"^(?:Call-ID|i)[ \t]*:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)
_CSEQ: Final = re.compile(r"^CSeq[ \t]*:[ \t]*(\d+)[ \t]+(\w+)", re.IGNORECASE | re.MULTILINE)
_TO: Final = re.compile(r"^(?:To|t)[ \t]*:[ \t]*(.+?)\r?$", re.IGNORECASE | re.MULTILINE)
_CHALLENGE: Final = re.compile(r"^(?:WWW|Proxy)-Authenticate[ \t]*:[ \t]*(.+?)\r?$", re.IGNORECASE | re.MULTILINE)
_REPEATED: Final = re.compile(r"^(?:Via|From|To|Call-ID|CSeq|Record-Route)[ \t]*:.*?\r?$", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Reply:
    """The final answer to a request."""

    code: int
    """0 when there was none in time."""
    text: str
    seconds: float
    """Real seconds until it came."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A request in the making; what is not said is as an honest phone would have it."""

    method: str
    to: str
    """The user part of whom it is for, as it is written there; empty for the host alone."""
    user: str = "stranger"
    """Who it says it is: the user part of From."""
    display: str = ""
    """What stands before the address in From, as it is: ``"Ana"``."""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    login: tuple[str, str] | None = None
    """User name and password, used when it is asked for."""
    from_header: str = ""
    """The whole From but its tag, instead of ``display`` and ``user``."""
    to_tag: str = ""
    call_id: str = ""
    """A new one when empty."""
    number: int = 1
    """The first CSeq: higher than the last one of the same dialog."""

    def __str__(self) -> str:
        return f"{self.method} {self.to or '–'} from {self.from_header or self.user}"


class Outsider(asyncio.DatagramProtocol):
    """A UDP socket on an address of its own from which anything may be sent; made by :func:`open_outsider`."""

    def __init__(self, pbx: tuple[str, int]) -> None:
        """``pbx`` is whom it talks to."""
        self.pbx = pbx
        self.asked: list[str] = []
        """The requests that the PBX sent here."""
        self.answers: list[str] = []
        """All final answers that came, whoever waited for them."""
        self.last_login = ""
        """The Authorization that was sent last."""
        self._waiting: dict[tuple[str, str], asyncio.Future[str]] = {}
        self._heard: set[tuple[str, str]] = set()
        """The requests of which the PBX has said anything: they have arrived."""
        self._transport: asyncio.DatagramTransport | None = None
        self._slots = asyncio.Semaphore(32)

    def connection_made(self, transport: Any) -> None:  # noqa: ANN401 - asyncio gives it as its base class
        """Keep the socket (asyncio's hook)."""
        self._transport = transport

    def datagram_received(self, data: bytes, _address: Any) -> None:  # noqa: ANN401 - asyncio's type of an address
        """Take a message (asyncio's hook)."""
        text = data.decode("utf-8", "replace")
        call, number = _CALL_ID.search(text), _CSEQ.search(text)
        if not text.startswith("SIP/2.0 "):
            self.asked.append(text)
            if not text.startswith("ACK "):
                self._send(answer(text, "200 OK" if text.startswith(("BYE ", "OPTIONS ")) else "481 Unknown"))
            return
        key = (call[1], f"{number[1]} {number[2]}") if call and number else ("", "")
        self._heard.add(key)
        if _code(text) >= _FIRST_FINAL:
            self.answers.append(text)
            waiting = self._waiting.get(key)
            if waiting and not waiting.done():
                waiting.set_result(text)

    @property
    def local(self) -> str:
        """Its own ``address:port``."""
        host, port = self._socket().get_extra_info("sockname")[:2]
        return f"{host}:{port}"

    def throw(self, data: bytes) -> None:
        """Send bytes, whatever they are; no answer is waited for."""
        self._socket().sendto(data, self.pbx)

    async def overheard(self, ask: Ask) -> str:
        """Log in; the Authorization that was sent, as anybody on the way may read it."""
        await self.ask(ask)
        return self.last_login

    async def ask(self, ask: Ask, seconds: float = 6) -> Reply:
        """Send a request and wait for its final answer in real seconds; logs in and acknowledges as it should."""
        call_id = ask.call_id or f"{secrets.token_hex(8)}@outside"
        async with self._slots:
            reply = await self._exchange(ask, call_id, ask.number, {}, seconds)
            challenge = _CHALLENGE.search(reply.text) if reply.code in _CHALLENGED else None
            if challenge and ask.login:
                name = "Authorization" if reply.code == _CHALLENGED[0] else "Proxy-Authorization"
                login = authorization(ask.method, self._target(ask), challenge[1], *ask.login)
                self.last_login = login
                reply = await self._exchange(ask, call_id, ask.number + 1, {name: login}, seconds)
        return reply

    async def ask_all(self, asks: Sequence[Ask], seconds: float = 6) -> list[Reply]:
        """Many at once; the answers in the order of the requests."""
        return await asyncio.gather(*(self.ask(each, seconds) for each in asks))

    def uri(self, user: str) -> str:
        """A URI at the PBX."""
        return f"sip:{user}{'@' if user else ''}{self.pbx[0]}"

    def close(self) -> None:
        """Close the socket."""
        self._socket().close()

    async def _exchange(self, ask: Ask, call_id: str, number: int, more: Mapping[str, str], seconds: float) -> Reply:
        branch, key = f"z9hG4bK{secrets.token_hex(8)}", (call_id, f"{number} {ask.method}")
        self._waiting[key] = asyncio.get_running_loop().create_future()
        self._heard.discard(key)
        began = time.monotonic()
        again = asyncio.create_task(self._until_heard(key, self.written(ask, call_id, branch, number, more)))
        try:
            text = await self._answered(key, seconds)
            took = time.monotonic() - began
            if not text and ask.method == "INVITE":  # something rings: it stops (RFC 3261, 9.1)
                cancelled = replace(ask, method="CANCEL", headers={}, body="")
                self.throw(self.written(cancelled, call_id, branch, number, {}))
                self._acknowledge(ask, await self._answered(key, 1), call_id, branch, number)
        finally:
            again.cancel()
            del self._waiting[key]
        self._acknowledge(ask, text, call_id, branch, number)
        return Reply(_code(text), text, took)

    async def _until_heard(self, key: tuple[str, str], request: bytes) -> None:
        """Send a request until the PBX says anything of it: UDP may lose it, or the one answer that Asterisk sends."""
        pause = _T1
        while key not in self._heard:
            self.throw(request)
            await asyncio.sleep(pause)
            pause *= 2

    async def _answered(self, key: tuple[str, str], seconds: float) -> str:
        """The final answer that is waited for; empty when it does not come in time."""
        await asyncio.wait({self._waiting[key]}, timeout=seconds)
        return self._waiting[key].result() if self._waiting[key].done() else ""

    def _acknowledge(self, ask: Ask, text: str, call_id: str, branch: str, number: int) -> None:
        """RFC 3261, 17.1.1.3: the same branch for what is no success; for a success it is only that it stops."""
        if ask.method != "INVITE" or not text:
            return
        to = _TO.search(text)
        tag = to[1].partition(";tag=")[2] if to else ""
        acknowledged = Ask("ACK", ask.to, ask.user, ask.display, from_header=ask.from_header, to_tag=tag)
        self.throw(self.written(acknowledged, call_id, branch, number, {}))

    def written(self, ask: Ask, call_id: str, branch: str, number: int, more: Mapping[str, str]) -> bytes:
        """The request as it is sent."""
        uri, tag = self._target(ask), call_id[:8]
        who = ask.from_header or f"{ask.display} <{self.uri(ask.user)}>".lstrip()
        usual = {
            "Via": f"SIP/2.0/UDP {self.local};rport;branch={branch}",
            "Max-Forwards": "70",
            "From": f"{who};tag={tag}",
            "To": f"<{self.uri(ask.to)}>" + (f";tag={ask.to_tag}" if ask.to_tag else ""),
            "Call-ID": call_id,
            "CSeq": f"{number} {ask.method}",
            "Contact": f"<sip:{ask.user}{'@' if ask.user else ''}{self.local}>",
        }
        headers = {**usual, **ask.headers, **more}
        if ask.body:
            headers.setdefault("Content-Type", "application/sdp")
        headers["Content-Length"] = str(len(ask.body.encode()))
        lines = [f"{ask.method} {uri} SIP/2.0", *(f"{name}: {text}" for name, text in headers.items())]
        return ("\r\n".join(lines) + "\r\n\r\n" + ask.body).encode()

    def _target(self, ask: Ask) -> str:
        """The URI of a request; REGISTER is for the PBX itself, and names in To who registers (RFC 3261, 10.2)."""
        return self.uri("" if ask.method == "REGISTER" else ask.to)

    def _send(self, text: str) -> None:
        self.throw(text.encode())

    def _socket(self) -> asyncio.DatagramTransport:
        if self._transport is None:
            raise RuntimeError("the socket is not open")
        return self._transport


async def open_outsider(host: str, pbx: tuple[str, int]) -> Outsider:
    """A socket on an address, with any port."""
    loop = asyncio.get_running_loop()
    _, outsider = await loop.create_datagram_endpoint(lambda: Outsider(pbx), local_addr=(host, 0))
    return outsider


def offer(host: str) -> str:
    """What a caller offers to send and to hear: A-law at a port where nobody listens (RFC 4566)."""
    return (
        f"v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\n"
        "m=audio 4000 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n"
    )


def answer(request: str, line: str) -> str:
    """An answer to a request."""
    kept = [each.rstrip("\r") for each in _REPEATED.findall(request)]
    return "\r\n".join([f"SIP/2.0 {line}", *kept, "Content-Length: 0", "", ""])


def _code(text: str) -> int:
    code = text[8:11]
    return int(code) if code.isdigit() else 0
