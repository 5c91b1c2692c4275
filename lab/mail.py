"""The mail sink: a real SMTP server on loopback, and the command by which the PBX hands it a message."""

from __future__ import annotations

import asyncio
import stat
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

_COMMAND = """#!{python}
import email.policy, smtplib, sys
from email import message_from_binary_file
message = message_from_binary_file(sys.stdin.buffer, policy=email.policy.SMTP)
with smtplib.SMTP("127.0.0.1", {port}, timeout=30) as server:
    server.send_message(message)
"""


@dataclass(frozen=True, slots=True)
class Mail:
    """A message that was delivered."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes


class MailSink:
    """Catches all mail of a lab."""

    def __init__(self, receive: Callable[[Mail], None]) -> None:
        """``receive`` is called in the event loop with each message."""
        self._receive = receive
        self._server: asyncio.Server | None = None

    async def start(self, folder: Path, sender: str = "") -> Path:
        """Listen, and answer the command that replaces ``sendmail -t``.

        ``sender`` is the shell command it runs, with ``{port}`` for ours, where our own Python is not to be had.
        """
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: SMTP(self, hostname="lab", loop=loop), "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        command = folder / "sendmail"
        text = f"#!/bin/sh\nexec {sender}\n" if sender else _COMMAND
        command.write_text(text.format(python=sys.executable, port=port))
        command.chmod(command.stat().st_mode | stat.S_IXUSR)
        return command

    def stop(self) -> None:
        """Close the server."""
        if self._server:
            self._server.close()

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        """Take a message (aiosmtpd's hook)."""
        content = envelope.original_content or b""
        self._receive(Mail(envelope.mail_from or "", tuple(envelope.rcpt_tos), content))
        return "250 OK"
