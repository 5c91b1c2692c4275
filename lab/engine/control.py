"""Talking to a running Asterisk: its control socket, and the word it gives when it is ready."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

_HIGHEST_ASCII: Final = 127


async def run_command(control: Path, command: str) -> str:
    """Run one command of Asterisk's CLI and return what it prints; raises `OSError` when nobody listens.

    This is what ``asterisk -rx`` does (asterisk.c, ``ast_remotecontrol``), without starting a process: the greeting
    is one line, ``cli quit after`` closes the connection after the answer, and lines of the verbose log, which begin
    with a byte over 127, are skipped.
    """
    reader, writer = await asyncio.open_unix_connection(control)
    try:
        # No drain: a quick answer and the end of the connection may be here already, which drain takes for an error.
        writer.write(b"cli quit after " + command.encode() + b"\0")
        answer = await reader.read()
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
    lines = answer.split(b"\n")[1:]
    kept = [line for line in lines if not (line and line[0] > _HIGHEST_ASCII)]
    return b"\n".join(kept).decode("utf-8", "replace").replace("\0", "").rstrip("\n")


@contextlib.asynccontextmanager
async def listening_for_ready() -> AsyncIterator[tuple[str, asyncio.Future[None]]]:
    """A value for ``NOTIFY_SOCKET``, and a future that is done when Asterisk is fully booted (sd_notify(3)).

    The socket's name is abstract: there is no file, no length to care for, and it is gone with this process.
    """
    name = f"centralita-ready-{os.getpid()}-{secrets.token_hex(4)}"
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as listener:
        listener.bind(f"\0{name}")

        def receive() -> None:
            with contextlib.suppress(BlockingIOError):
                if b"READY=1" in listener.recv(4096) and not ready.done():
                    ready.set_result(None)

        loop.add_reader(listener, receive)
        try:
            yield f"@{name}", ready
        finally:
            loop.remove_reader(listener)
