"""The mail sink: a real SMTP server on loopback, and the command by which the PBX hands it a message."""

from __future__ import annotations

import asyncio
import contextlib
import email.policy
import functools
import os
import smtplib
import stat
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path
from typing import Final

from aiosmtpd.smtp import SMTP, Envelope, Session

_HERE: Final = "127.0.0.1"
_HAND_OVER: Final = """#!/bin/bash
# Hand a message to the lab, which delivers it, and end as that did.
exec 3<> /dev/tcp/127.0.0.1/{port} || exit 75
{{ cat; printf '\\0'; }} >&3
read -r -t 30 status <&3
exit "${{status:-75}}"
"""
"""Bash, since an interpreter with a library for mail takes ten times as long to begin, for each mail."""
_END: Final = b"\0"
"""What ends a message that is handed over: none may hold it (RFC 5322, section 2.2)."""
_LARGEST: Final = 32 << 20
"""Bytes of a message."""


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
        self._servers: list[asyncio.Server] = []

    async def start(self, folder: Path, sender: str = "") -> Path:
        """Listen, and answer the command that replaces ``sendmail -t``.

        ``sender`` is the shell command that sends by SMTP to ``{port}`` where the PBX has a mailer of its own.
        """
        loop = asyncio.get_running_loop()
        port = await self._listening(loop.create_server(lambda: SMTP(self, hostname="lab", loop=loop), _HERE, 0))
        if sender:
            text = f"#!/bin/sh\nexec {sender}\n"
        else:
            deliver = functools.partial(_deliver, port)
            port = await self._listening(asyncio.start_server(deliver, _HERE, 0, limit=_LARGEST))
            text = _HAND_OVER
        command = folder / "sendmail"
        command.write_text(text.format(port=port))
        command.chmod(command.stat().st_mode | stat.S_IXUSR)
        return command

    def stop(self) -> None:
        """Take no more mail."""
        for server in self._servers:
            server.close()

    async def _listening(self, started: Awaitable[asyncio.Server]) -> int:
        server = await started
        self._servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        """Take a message (aiosmtpd's hook)."""
        content = envelope.original_content or b""
        self._receive(Mail(envelope.mail_from or "", tuple(envelope.rcpt_tos), content))
        return "250 OK"


async def _deliver(port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send a message that is handed over to whom it names itself, as ``sendmail -t`` does."""
    gone = (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError)  # stopped meanwhile, or too large
    with contextlib.suppress(*gone):
        try:
            content = await reader.readuntil(_END)
            status = await asyncio.to_thread(_send, content.removesuffix(_END), port)
            writer.write(f"{status}\n".encode())
            await writer.drain()
        finally:
            writer.close()


def _send(content: bytes, port: int) -> int:
    message = message_from_bytes(content, policy=email.policy.SMTP)
    try:
        with smtplib.SMTP(_HERE, port, timeout=30) as server:
            server.send_message(message)
    except (smtplib.SMTPException, ValueError):
        return os.EX_DATAERR
    return os.EX_OK
