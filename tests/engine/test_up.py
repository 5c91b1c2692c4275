"""A lab that is left running: started, asked, registered to, called from, and stopped."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import pytest

from tests.engine.commands import SITE, Answer, Sandbox, sandbox

pytestmark = pytest.mark.engine

SOUND: Final = b"\x2a" * 160
"""20 ms of A-law; 2A is as loud as it gets."""


@pytest.fixture(scope="module")
def up() -> Iterator[tuple[Sandbox, Answer]]:
    """A running lab, stopped at the end whatever happens."""
    with sandbox() as box:
        answer = box.run("lab", "up", SITE)
        yield box, answer
        box.run("lab", "down")


@dataclass
class Softphone:
    """A SIP user agent of a few lines: one registration and one call, over UDP (RFC 3261, RFC 2617)."""

    server: str
    user: str
    password: str
    sequence: int = 0
    call: str = field(default_factory=lambda: secrets.token_hex(8))

    def __post_init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(5)
        self.address = "127.0.0.1:" + str(self.socket.getsockname()[1])

    def ask(self, method: str, uri: str, to: str, body: str = "") -> tuple[int, str]:
        """Send a request, answer the challenge, and return the final response: its status and all of its text."""
        status, text = self._exchange(method, uri, to, body, "")
        if status in {401, 407}:
            if method == "INVITE":
                self._acknowledge(uri, text, final=False)
            status, text = self._exchange(method, uri, to, body, self._credentials(method, uri, text, status))
        if method == "INVITE" and status == 200:
            self._acknowledge(uri, text, final=True)
        return status, text

    def _exchange(self, method: str, uri: str, to: str, body: str, credentials: str) -> tuple[int, str]:
        self.sequence += 1
        self._send(method, uri, to, body=body, more=credentials)
        while True:
            text = self.socket.recv(65536).decode()
            status = re.match(r"SIP/2\.0 (\d+)", text)
            if status and int(status[1]) >= 200 and f"CSeq: {self.sequence} {method}" in text:
                return int(status[1]), text

    def _send(self, method: str, uri: str, to: str, *, body: str = "", more: str = "", branch: str = "") -> None:
        kind = "Content-Type: application/sdp\r\n" if body else ""
        branch = branch or f"z9hG4bK{secrets.token_hex(8)}"
        self.socket.sendto(
            (
                f"{method} {uri} SIP/2.0\r\n"
                f"Via: SIP/2.0/UDP {self.address};branch={branch};rport\r\n"
                f"Max-Forwards: 70\r\nFrom: <sip:{self.user}@{self.server}>;tag={self.call}\r\nTo: {to}\r\n"
                f"Call-ID: {self.call}\r\nCSeq: {self.sequence} {method}\r\n"
                f"Contact: <sip:{self.user}@{self.address}>\r\n"
                f"{more}{kind}Content-Length: {len(body)}\r\n\r\n{body}"
            ).encode(),
            (self.server, 5060),
        )

    def _acknowledge(self, uri: str, response: str, *, final: bool) -> None:
        to = re.search(r"(?m)^To: (.*?)\r$", response)
        branch = re.search(r"branch=([^;\r]+)", response)
        assert to
        assert branch
        # That of a refusal belongs to the same transaction (RFC 3261, 17.1.1.3).
        self._send("ACK", uri, to[1], branch="" if final else branch[1])

    def _credentials(self, method: str, uri: str, challenge: str, status: int) -> str:
        realm, nonce = (re.search(rf'{name}="([^"]*)"', challenge) for name in ("realm", "nonce"))
        assert realm
        assert nonce
        opaque = re.search(r'opaque="([^"]*)"', challenge)
        client = secrets.token_hex(8)
        owner = _md5(f"{self.user}:{realm[1]}:{self.password}")
        answer = _md5(f"{owner}:{nonce[1]}:00000001:{client}:auth:{_md5(f'{method}:{uri}')}")
        header = "Authorization" if status == 401 else "Proxy-Authorization"
        return (
            f'{header}: Digest username="{self.user}", realm="{realm[1]}", nonce="{nonce[1]}", uri="{uri}", '
            f'response="{answer}", algorithm=MD5, cnonce="{client}", nc=00000001, qop=auth'
            + (f', opaque="{opaque[1]}"' if opaque else "")
            + "\r\n"
        )

    def register(self) -> int:
        """Register; the status tells whether the password was right."""
        return self.ask("REGISTER", f"sip:{self.server}", f"<sip:{self.user}@{self.server}>")[0]

    def heard_back(self, number: str) -> bytes:
        """Call a number that echoes, speak, and return the first sound that comes back."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sound:
            sound.bind(("127.0.0.1", 0))
            sound.settimeout(5)
            offer = (
                "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
                f"m=audio {sound.getsockname()[1]} RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\na=sendrecv\r\n"
            )
            uri = f"sip:{number}@{self.server}"
            self.call = secrets.token_hex(8)
            status, text = self.ask("INVITE", uri, f"<{uri}>", offer)
            assert status == 200, text
            host, port = (re.search(pattern, text) for pattern in (r"c=IN IP4 (\S+)", r"m=audio (\d+)"))
            assert host
            assert port
            try:
                return _echo(sound, (host[1], int(port[1])))
            finally:
                to = re.search(r"(?m)^To: (.*?)\r$", text)
                assert to
                self.ask("BYE", uri, to[1])


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _echo(sound: socket.socket, target: tuple[str, int]) -> bytes:
    """Speak 20 ms at a time until something comes back that is not silence."""
    for number in range(250):
        head = b"\x80\x08" + number.to_bytes(2, "big") + (number * 160).to_bytes(4, "big") + b"\0\0\0\1"
        sound.sendto(head + SOUND, target)
        packet = sound.recv(2048)
        if packet[12:] == SOUND:
            return packet[12:]
    return b""


@contextmanager
def _phone(up: tuple[Sandbox, Answer], number: str) -> Iterator[Softphone]:
    """A softphone made of nothing but what the command printed."""
    text = up[1].out
    server = re.search(r"server\s+(\S+), port 5060, UDP", text)
    account = re.search(rf"(?m)^\s+{number}\s+user (\S+)\s+password (\S+)$", text)
    assert server
    assert account
    phone = Softphone(server[1], account[1], account[2])
    with phone.socket:
        yield phone


def _status(box: Sandbox) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(box.run("lab", "status", "--format", "json").out)
    return content


def test_it_says_how_to_register(up: tuple[Sandbox, Answer]) -> None:
    _, answer = up
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith(f"The lab is running {SITE}.")
    assert len(re.findall(r"(?m)^\s+20\d\s+user andina_20\d\s+password \w{24}$", answer.out)) == 7


def test_its_console_answers(up: tuple[Sandbox, Answer]) -> None:
    answer = up[0].run("lab", "cli", "core show version")
    assert answer.code == 0
    assert answer.out.startswith("Asterisk 22.")


def test_a_second_one_is_refused(up: tuple[Sandbox, Answer]) -> None:
    answer = up[0].run("lab", "up", SITE)
    assert (answer.code, answer.out) == (1, "")
    assert answer.err == "error[PBX803]: a lab is running already\n  = help: stop it with: pbx lab down\n"
    assert _status(up[0])["running"] is True


def test_a_phone_registers_with_the_printed_password_and_hears_itself_at_the_carrier(
    up: tuple[Sandbox, Answer],
) -> None:
    box, _ = up
    assert _status(box)["contacts"] == []
    with _phone(up, "201") as phone:
        assert phone.register() == 200
        told = _status(box)
        heard = phone.heard_back("945678901")
    assert [contact.partition("/")[0] for contact in told["contacts"]] == ["andina_201"]
    assert (told["site"], told["address"], told["port"]) == (SITE, phone.server, 5060)
    assert "registered: andina_201/" in box.run("lab", "status").out
    assert heard == SOUND


def test_a_wrong_password_does_not_register(up: tuple[Sandbox, Answer]) -> None:
    with _phone(up, "202") as phone:
        phone.password = "wrong"
        assert phone.register() in {401, 403}


def test_a_run_goes_on_beside_it(up: tuple[Sandbox, Answer]) -> None:
    answer = up[0].lab_run("--row", "internal-call")
    assert answer.code == 0, answer.err
    assert _status(up[0])["running"] is True


def test_down_leaves_nothing_and_may_be_repeated(up: tuple[Sandbox, Answer]) -> None:
    box, _ = up
    answer = box.run("lab", "down")
    assert (answer.code, answer.out, answer.err) == (0, "The lab is stopped.\n", "")
    assert box.leftovers() == []
    again = box.run("lab", "down")
    assert (again.code, again.out, again.err) == (0, "No lab was running.\n", "")
    assert _status(box) == {"running": False}
    asked = box.run("lab", "cli", "core show version")
    assert (asked.code, asked.out) == (1, "")
    assert asked.err == "error[PBX804]: no lab is running\n  = help: start one with: pbx lab up SITE\n"


def test_a_folder_with_too_long_a_name_is_told() -> None:
    with sandbox() as box:
        answer = box.run("lab", "up", SITE, more={"XDG_STATE_HOME": str(box.folder / ("long" * 30))})
        assert (answer.code, answer.out) == (1, "")
        assert "too long a name for a control socket" in answer.err
        assert "= help: " in answer.err
        assert "Traceback" not in answer.err
        assert box.leftovers() == []
