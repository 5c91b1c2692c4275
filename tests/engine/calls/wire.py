"""SIP by hand: what a stranger, or a phone with somebody else's name, may send to the PBX."""

from __future__ import annotations

import hashlib
import re
import socket
import ssl
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from lab.calls import Lab

PATIENCE = 5.0
"""Real seconds in which the PBX must answer."""


@dataclass(frozen=True)
class Answer:
    """A SIP answer."""

    code: int
    text: str


@dataclass
class Stranger:
    """A user agent on an address of its own, which says whatever it is told to."""

    lab: Lab
    host: int = 200
    """The last byte of its loopback address."""
    user: str = "stranger"
    password: str = ""
    display: str = ""
    """What stands before its address in From, such as ``"Ana"``, as it is."""
    tls: bool = False
    _socket: socket.socket = field(init=False)
    _unread: bytes = field(init=False, default=b"")

    def __post_init__(self) -> None:
        """It listens from now on."""
        self.pbx = self.lab.stage.block.pbx
        self.address = f"{self.pbx.rpartition('.')[0]}.{self.host}"
        kind = socket.SOCK_STREAM if self.tls else socket.SOCK_DGRAM
        plain = socket.socket(socket.AF_INET, kind)
        plain.settimeout(PATIENCE)
        plain.bind((self.address, 0))
        if self.tls:
            # The certificate is a throw-away one.
            trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
            plain.connect((self.pbx, 5061))
            self._socket = trusting.wrap_socket(plain)
        else:
            plain.connect((self.pbx, 5060))
            self._socket = plain

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Listen no more."""
        self._socket.close()

    def called(self) -> str:
        """Wait for an INVITE, and ring."""
        while True:
            text = self._receive()
            if text.startswith("INVITE "):
                self.reply(text, "180 Ringing")
                return text
            if text.startswith(("OPTIONS ", "NOTIFY ")):
                self.reply(text, "200 OK")

    def answer(self, invite: str) -> str:
        """Take a call; the next request that comes is the answer."""
        sdp = (
            f"v=0\r\no=- 1 1 IN IP4 {self.address}\r\ns=-\r\nc=IN IP4 {self.address}\r\nt=0 0\r\n"
            "m=audio 40000 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n"
        )
        self.reply(invite, "200 OK", sdp)
        return self._receive()

    def reply(self, request: str, line: str, body: str = "") -> None:
        """Answer a request."""
        kept = [
            each
            for each in request.split("\r\n")
            if re.match(r"(Via|From|To|Call-ID|CSeq|Record-Route):", each, re.IGNORECASE)
        ]
        kept = [f"{each};tag=t" if each.startswith("To:") and "tag=" not in each else each for each in kept]
        lines = [f"SIP/2.0 {line}", *kept, f"Contact: {self._contact}", f"Content-Length: {len(body)}"]
        if body:
            lines.insert(-1, "Content-Type: application/sdp")
        self._socket.send(("\r\n".join(lines) + "\r\n\r\n" + body).encode())

    @property
    def _contact(self) -> str:
        transport = ";transport=tls" if self.tls else ""
        return f"<sip:{self.user}@{self.address}:{self._socket.getsockname()[1]}{transport}>"

    def _receive(self) -> str:
        """The next message."""
        if not self.tls:
            return self._socket.recv(65535).decode(errors="replace")
        while True:
            head, end, rest = self._unread.lstrip(b"\r\n").partition(b"\r\n\r\n")
            length = re.search(rb"Content-Length:\s*(\d+)", head, re.IGNORECASE)
            if end and length and len(rest) >= int(length[1]):
                body, self._unread = rest[: int(length[1])], rest[int(length[1]) :]
                return (head + end + body).decode(errors="replace")
            self._unread += self._socket.recv(65535)

    def ask(self, method: str, to: str, headers: Mapping[str, str] | None = None, body: str = "") -> Answer:
        """Send a request, with a login when it is asked for and there is a password; the final answer, ACK included."""
        call, number = uuid.uuid4().hex, 1
        answer = self._send(method, to, call, number, headers or {}, body)
        if answer.code == 401 and self.password:
            login = {"Authorization": self._login(method, f"sip:{to}@{self.pbx}", answer.text)}
            answer = self._send(method, to, call, number + 1, {**(headers or {}), **login}, body)
        return answer

    def _send(self, method: str, to: str, call: str, number: int, headers: Mapping[str, str], body: str) -> Answer:
        port = self._socket.getsockname()[1]
        branch = f"z9hG4bK{uuid.uuid4().hex}"

        def request(method: str, more: Mapping[str, str], tag: str, body: str) -> bytes:
            lines = [
                f"{method} sip:{to}@{self.pbx} SIP/2.0",
                f"Via: SIP/2.0/{'TLS' if self.tls else 'UDP'} {self.address}:{port};rport;branch={branch}",
                "Max-Forwards: 70",
                f"From: {self.display} <sip:{self.user}@{self.pbx}>;tag={call[:8]}",
                f"To: <sip:{to}@{self.pbx}>{tag}",
                f"Call-ID: {call}",
                f"CSeq: {number} {method}",
                f"Contact: {self._contact}",
                *(f"{name}: {text}" for name, text in more.items()),
                f"Content-Length: {len(body)}",
            ]
            return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()

        self._socket.send(request(method, headers, "", body))
        while True:
            text = self._receive()
            code = int(text.split(" ", 2)[1]) if text.startswith("SIP/2.0 ") else 0
            if code >= 200 and f"CSeq: {number} {method}" in text:
                break
        if method == "INVITE":
            tag = re.search(r"^To:.*?(;tag=\S+)", text, re.MULTILINE)
            self._socket.send(request("ACK", {}, tag[1] if tag else "", ""))
        return Answer(code, text)

    def _login(self, method: str, uri: str, challenge: str) -> str:
        """A digest (RFC 7616, MD5) for the challenge of an answer."""
        said = dict(re.findall(r'(\w+)="?([^",\r\n]+)"?', challenge[challenge.index("WWW-Authenticate:") :]))

        def digest(*parts: str) -> str:
            return hashlib.md5(":".join(parts).encode()).hexdigest()  # noqa: S324 - what the protocol asks for

        secret, asked = digest(self.user, said["realm"], self.password), digest(method, uri)
        nonce, unique = said["nonce"], uuid.uuid4().hex
        response = digest(secret, nonce, "00000001", unique, "auth", asked)
        return (
            f'Digest username="{self.user}", realm="{said["realm"]}", nonce="{nonce}", uri="{uri}", '
            f'response="{response}", algorithm=MD5, qop=auth, nc=00000001, cnonce="{unique}", '
            f'opaque="{said.get("opaque", "")}"'
        )
