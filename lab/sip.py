"""The little SIP that Asterisk cannot play as a client: one UDP user agent, for lamps and for carriers that are silent.

Messages are read and written by the library sipmessage. Nothing is sent twice: loopback loses nothing.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sipmessage import URI, AuthChallenge, AuthCredentials, AuthParameters, Message, Request, Response, Via

_FIRST_FINAL: Final = 200
_COPIED: Final = ("Via", "From", "To", "Call-ID", "CSeq")
"""Headers of a request that its response repeats (RFC 3261, 8.2.6.2)."""

Answer = Callable[[Request], Response | None]
"""What a user agent says to a request; None is silence."""


class SipError(Exception):
    """No answer, or one that cannot be used."""


class UserAgent(asyncio.DatagramProtocol):
    """A UDP socket that speaks SIP; made by :func:`open_agent`."""

    def __init__(self, answer: Answer) -> None:
        """``answer`` is asked for each request that comes."""
        self._answer = answer
        self._waiting: dict[str, asyncio.Future[Response]] = {}
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: Any) -> None:  # noqa: ANN401 - asyncio gives it as its base class
        """Keep the socket (asyncio's hook)."""
        self._transport = transport

    def datagram_received(self, data: bytes, address: Any) -> None:  # noqa: ANN401 - asyncio's type of an address
        """Take a message (asyncio's hook); what is no SIP is dropped."""
        try:
            message = Message.parse(data)
        except (ValueError, UnicodeDecodeError):
            return
        if isinstance(message, Response):
            waiting = self._waiting.get(message.via[0].parameters.get("branch") or "") if message.via else None
            if waiting and not waiting.done() and message.code >= _FIRST_FINAL:
                waiting.set_result(message)
        else:
            response = self._answer(message)
            if response is not None:
                self._send(bytes(response), address)

    @property
    def local(self) -> tuple[str, int]:
        """Its own address and port."""
        host, port = self._socket().get_extra_info("sockname")[:2]
        return str(host), int(port)

    async def ask(self, request: Request, target: tuple[str, int], seconds: float = 5) -> Response:
        """Send a request and wait for its final response, in real seconds. Raises :class:`SipError`."""
        branch = f"z9hG4bK{secrets.token_hex(8)}"  # RFC 3261, 8.1.1.7: the prefix tells a branch of this RFC
        host, port = self.local
        request.via = [Via.parse(f"SIP/2.0/UDP {host}:{port};branch={branch};rport")]
        request.headers.set("Content-Length", str(len(request.body or b"")))
        self._waiting[branch] = asyncio.get_running_loop().create_future()
        self._send(bytes(request), target)
        try:
            async with asyncio.timeout(seconds):
                return await self._waiting[branch]
        except TimeoutError as error:
            raise SipError(f"no answer to {request.method} in {seconds:g} s") from error
        finally:
            del self._waiting[branch]

    def close(self) -> None:
        """Close the socket."""
        self._socket().close()

    def _send(self, data: bytes, target: tuple[str, int]) -> None:
        self._socket().sendto(data, target)

    def _socket(self) -> asyncio.DatagramTransport:
        if self._transport is None:
            raise SipError("the socket is not open")
        return self._transport


async def open_agent(host: str, port: int, answer: Answer) -> UserAgent:
    """A user agent on an address; port 0 takes any."""
    loop = asyncio.get_running_loop()
    _, agent = await loop.create_datagram_endpoint(lambda: UserAgent(answer), local_addr=(host, port))
    return agent


@dataclass(slots=True)
class Dialog:
    """Who talks with whom, as each request of a dialog repeats it (RFC 3261, 12)."""

    user: str
    host: str
    """The PBX."""
    target: str
    """Whom the requests are for: the user part."""
    tag: str = field(default_factory=lambda: secrets.token_hex(4))
    call_id: str = field(default_factory=lambda: secrets.token_hex(12))
    to_tag: str = ""
    number: int = 0

    def request(self, method: str, headers: Mapping[str, str]) -> Request:
        """The next request."""
        self.number += 1
        target = f"sip:{self.target}@{self.host}"
        made = Request(method, URI.parse(target))
        made.headers.set("Max-Forwards", "70")
        made.headers.set("From", f"<sip:{self.user}@{self.host}>;tag={self.tag}")
        made.headers.set("To", f"<{target}>" + (f";tag={self.to_tag}" if self.to_tag else ""))
        made.headers.set("Call-ID", self.call_id)
        made.headers.set("CSeq", f"{self.number} {method}")
        for name, text in headers.items():
            made.headers.set(name, text)
        return made


def with_credentials(asked: Request, challenge: AuthChallenge, user: str, password: str) -> AuthCredentials:
    """The digest that answers a challenge (RFC 2617, 3.2.2, MD5 with ``qop=auth``)."""
    return _credentials(asked.method, str(asked.uri), challenge, user, password)


def authorization(method: str, uri: str, challenge: str, user: str, password: str) -> str:
    """The same for a request that is written by hand: from the text of a challenge to that of an Authorization."""
    return str(_credentials(method, uri, AuthChallenge.parse(challenge), user, password))


def _credentials(method: str, uri: str, challenge: AuthChallenge, user: str, password: str) -> AuthCredentials:
    given = challenge.parameters
    realm, nonce, count, client = given["realm"], given["nonce"], "00000001", secrets.token_hex(8)
    who = _md5(f"{user}:{realm}:{password}")
    what = _md5(f"{method}:{uri}")
    response = _md5(f"{who}:{nonce}:{count}:{client}:auth:{what}")
    told = {"username": user, "realm": realm, "nonce": nonce, "uri": uri, "response": response}
    told |= {"algorithm": "MD5", "qop": "auth", "nc": count, "cnonce": client}
    told |= {"opaque": given["opaque"]} if "opaque" in given else {}
    return AuthCredentials("Digest", AuthParameters(**told))


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def response_to(asked: Request, code: int, phrase: str, headers: Mapping[str, str] | None = None) -> Response:
    """A response with the headers that must be repeated, and a tag of its own."""
    made = Response(code=code, phrase=phrase)
    for name in _COPIED:
        for text in asked.headers.getlist(name):
            tagged = name == "To" and ";tag=" not in text
            made.headers.add(name, f"{text};tag={secrets.token_hex(4)}" if tagged else text)
    for name, text in (headers or {}).items():
        made.headers.set(name, text)
    made.headers.set("Content-Length", "0")
    return made
