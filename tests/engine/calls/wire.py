"""SIP by hand: what a stranger, or a phone with somebody else's name, may send to the PBX."""

from __future__ import annotations

import hashlib
import re
import socket
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
    _socket: socket.socket = field(init=False)

    def __post_init__(self) -> None:
        """It listens from now on."""
        self.pbx = self.lab.stage.block.pbx
        self.address = f"{self.pbx.rpartition('.')[0]}.{self.host}"
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.settimeout(PATIENCE)
        self._socket.bind((self.address, 0))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Listen no more."""
        self._socket.close()

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
                f"Via: SIP/2.0/UDP {self.address}:{port};rport;branch={branch}",
                "Max-Forwards: 70",
                f"From: {self.display} <sip:{self.user}@{self.pbx}>;tag={call[:8]}",
                f"To: <sip:{to}@{self.pbx}>{tag}",
                f"Call-ID: {call}",
                f"CSeq: {number} {method}",
                f"Contact: <sip:{self.user}@{self.address}:{port}>",
                *(f"{name}: {text}" for name, text in more.items()),
                f"Content-Length: {len(body)}",
            ]
            return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()

        self._socket.sendto(request(method, headers, "", body), (self.pbx, 5060))
        while True:
            text = self._socket.recv(65535).decode(errors="replace")
            code = int(text.split(" ", 2)[1]) if text.startswith("SIP/2.0 ") else 0
            if code >= 200 and f"CSeq: {number} {method}" in text:
                break
        if method == "INVITE":
            tag = re.search(r"^To:.*?(;tag=\S+)", text, re.MULTILINE)
            self._socket.sendto(request("ACK", {}, tag[1] if tag else "", ""), (self.pbx, 5060))
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
