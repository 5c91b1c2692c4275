"""A lamp of a telephone: a real SUBSCRIBE (RFC 6665) to the dialogs of a number (RFC 4235), and what NOTIFY says."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pbx.asterisk import names
from pbx.secrets import extension_name
from tests.engine.test_up import Softphone

if TYPE_CHECKING:
    from lab.calls import Lab


class Lamp(Softphone):
    """A telephone that watches one number."""

    heard = -1
    """The number of the last NOTIFY: what comes again since the PBX waited for our answer is no news."""

    def subscribe(self, number: str) -> str:
        """Ask for the state of a number from now on; the first state."""
        self.call, self.heard = secrets.token_hex(8), -1
        status, text = self.ask("SUBSCRIBE", f"sip:{number}@{self.server}", f"<sip:{number}@{self.server}>")
        assert status == 200, text
        return self.state()

    def state(self) -> str:
        """The state in the next NOTIFY of the present subscription: ``terminated``, ``early`` or ``confirmed``."""
        while True:
            text = self.socket.recv(65536).decode()
            if text.startswith("NOTIFY ") and f"Call-ID: {self.call}" in text:
                self._confirm(text)
                number = re.search(r"CSeq: (\d+)", text)
                found = re.search(r"<state>(\w+)</state>", text)
                assert number, text
                assert found, text
                if int(number[1]) > self.heard:
                    self.heard = int(number[1])
                    return found[1]

    def _confirm(self, request: str) -> None:
        kept = [line for line in request.split("\r\n") if re.match(r"(Via|From|To|Call-ID|CSeq):", line)]
        self.socket.sendto(
            "\r\n".join(["SIP/2.0 200 OK", *kept, "Content-Length: 0", "", ""]).encode(), (self.server, 5060)
        )

    def _send(self, method: str, uri: str, to: str, *, body: str = "", more: str = "", branch: str = "") -> None:
        if method == "SUBSCRIBE":
            more += "Event: dialog\r\nAccept: application/dialog-info+xml\r\nExpires: 600\r\n"
        super()._send(method, uri, to, body=body, more=more, branch=branch)


@contextmanager
def lamp(lab: Lab, extension: str, number: str) -> Iterator[tuple[Lamp, str]]:
    """A lamp on the telephone of an extension, and its first state."""
    slug = lab.scope.slug
    password = lab.stage.secrets[extension_name(slug, extension)]
    made = Lamp(lab.stage.block.pbx, names.endpoint(slug, extension), password)
    with made.socket:
        yield made, made.subscribe(number)
