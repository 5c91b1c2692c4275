"""Lamps: a phone that watches another one's state, by SUBSCRIBE and NOTIFY (RFC 6665, RFC 4235).

Asterisk shows dialogs to phones and cannot watch them itself, so this is a subscriber of our own, over UDP.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final
from xml.etree import ElementTree as ET

from sipmessage import Request, Response

from lab.sip import Dialog, SipError, UserAgent, open_agent, response_to, with_credentials

DIALOG: Final = "dialog"
MESSAGES: Final = "message-summary"
_ACCEPTED: Final = {DIALOG: "application/dialog-info+xml", MESSAGES: "application/simple-message-summary"}
_STATES: Final = {"terminated": "idle", "early": "ringing", "trying": "ringing", "proceeding": "ringing"}
_DIALOG_INFO: Final = "{urn:ietf:params:xml:ns:dialog-info}"
_SECONDS: Final = 3600
_UNAUTHORIZED, _OK, _FIRST_REFUSAL = 401, 200, 300


class LampError(Exception):
    """The PBX refused the subscription."""

    def __init__(self, code: int, phrase: str) -> None:
        """What it said."""
        super().__init__(f"{code} {phrase}")
        self.code = code


@dataclass(slots=True)
class Lamp:
    """One subscription and what it has shown."""

    dialog: Dialog
    event: str
    password: str = field(repr=False)
    pbx: tuple[str, int]
    changed: Callable[[], None] = lambda: None
    """Called with each notification."""
    shown: list[str] = field(default_factory=list)
    """All states so far: of a dialog ``idle``, ``ringing`` or ``busy``, of messages ``new/old``."""
    ended: bool = False
    """Whether the PBX has ended the subscription."""
    agent: UserAgent | None = None

    @property
    def state(self) -> str:
        """What it shows now; empty before the first notification."""
        return self.shown[-1] if self.shown else ""

    def notified(self, asked: Request) -> Response:
        """Take a NOTIFY; the response to it."""
        if asked.method != "NOTIFY" or asked.call_id != self.dialog.call_id:
            return response_to(asked, 481, "Call/Transaction Does Not Exist")
        if asked.body:
            state = dialog_state(asked.body) if self.event == DIALOG else messages(asked.body)
            if state != self.state:
                self.shown.append(state)
        self.ended = (asked.headers.get("Subscription-State") or "").startswith("terminated")
        self.changed()
        return response_to(asked, _OK, "OK")

    async def subscribe(self, seconds: int = _SECONDS) -> None:
        """Subscribe or, with 0 seconds, end it. Raises :class:`LampError` or :class:`lab.sip.SipError`."""
        if self.agent is None:
            raise SipError("the lamp is not open")
        host, port = self.agent.local
        headers = {
            "Contact": f"<sip:{self.dialog.user}@{host}:{port}>",
            "Event": self.event,
            "Accept": _ACCEPTED[self.event],
            "Expires": str(seconds),
        }
        asked = self.dialog.request("SUBSCRIBE", headers)
        answer = await self.agent.ask(asked, self.pbx)
        challenge = answer.www_authenticate
        if answer.code == _UNAUTHORIZED and challenge:
            again = self.dialog.request("SUBSCRIBE", headers)
            again.authorization = with_credentials(again, challenge, self.dialog.user, self.password)
            answer = await self.agent.ask(again, self.pbx)
        if answer.code >= _FIRST_REFUSAL:
            raise LampError(answer.code, answer.phrase)
        self.dialog.to_tag = answer.to_address.parameters.get("tag") or ""

    async def close(self) -> None:
        """End the subscription and close the socket."""
        if self.agent is None:
            return
        try:
            if self.dialog.to_tag and not self.ended:
                await self.subscribe(0)
        except (LampError, SipError):
            pass  # the PBX has forgotten it, or is gone
        finally:
            self.agent.close()


async def open_lamp(
    user: str, password: str, watched: str, *, pbx: tuple[str, int], host: str, event: str = DIALOG
) -> Lamp:
    """A lamp of a phone, for an extension of its tenant. Raises :class:`LampError` when the PBX refuses it."""
    lamp = Lamp(Dialog(user, pbx[0], watched), event, password, pbx)
    lamp.agent = await open_agent(host, 0, lamp.notified)
    try:
        await lamp.subscribe()
    except BaseException:
        lamp.agent.close()
        raise
    return lamp


def dialog_state(body: bytes) -> str:
    """``idle``, ``ringing`` or ``busy``: the most that goes on in any dialog (RFC 4235, 4.1.3)."""
    try:
        root = ET.fromstring(body)  # noqa: S314 - from our own PBX, on loopback
    except ET.ParseError:
        return "unreadable"
    states = [_STATES.get(element.text or "", "busy") for element in root.iter(f"{_DIALOG_INFO}state")]
    return max(states, key=("idle", "ringing", "busy").index, default="idle")


def messages(body: bytes) -> str:
    """New and old voice messages as ``2/0`` (RFC 3842, 5.2)."""
    for line in body.decode("utf-8", "replace").splitlines():
        name, _, text = line.partition(":")
        if name.strip().lower() == "voice-message":
            return text.split("(")[0].strip()
    return "0/0"


__all__ = ["DIALOG", "MESSAGES", "Lamp", "LampError", "dialog_state", "messages", "open_lamp"]
