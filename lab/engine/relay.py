"""A process of this machine that stands for a program in a container: it ends as that ends, and the other way round.

Run as a small program, ``relay.py run COMMAND…`` for ``docker run`` or ``relay.py ask SOCKET CONSOLE COMMAND`` for a
container that waits for work (``docker/pbx/host``). In the container ``leash`` runs the program as long as its input is
open. So nothing outlives us, however we end: the kernel closes our end. SIGTERM and SIGINT are handed on as lines.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from typing import Final

PATIENCE: Final = 15.0
"""Seconds in which a container that has died may be started again by Docker."""
_BETWEEN: Final = 0.05
_SIGNALS: Final = {signal.SIGTERM: b"TERM\n", signal.SIGINT: b"INT\n"}
_BY_SIGNAL: Final = 128
"""What a shell, and Docker, adds to the number of the signal that ended a program."""


def run(command: Sequence[str]) -> int:
    """Run a client that carries our pipe to the program's input; returns the program's status."""
    client = subprocess.Popen(command, stdin=subprocess.PIPE)
    pipe = client.stdin

    def send(line: bytes) -> None:
        if pipe:
            with contextlib.suppress(OSError):
                pipe.write(line)
                pipe.flush()

    _hand_on(send)
    return client.wait()


def ask(path: str, console: str, command: str) -> int:
    """Have the program run by the container that listens at a socket; returns its status.

    A container that dies takes the program with it as SIGKILL would. Raises `OSError` when nobody listens.
    """
    with _connected(path) as connection:
        _hand_on(connection.sendall)
        answer = b""
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):
            connection.sendall(f"{shlex.quote(console)}\n{command}\n".encode())
            while part := connection.recv(4096):
                answer += part
    words = answer.split()
    return int(words[-1]) if words[:1] == [b"exit"] else _BY_SIGNAL + signal.SIGKILL


def _connected(path: str) -> socket.socket:
    """A connection; while a container starts nobody listens, and nothing tells when somebody does."""
    end = time.monotonic() + PATIENCE
    while True:
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(path)
        except OSError:
            connection.close()
            if time.monotonic() > end:
                raise
            time.sleep(_BETWEEN)
        else:
            return connection


def _hand_on(send: Callable[[bytes], object]) -> None:
    for number, line in _SIGNALS.items():
        signal.signal(number, lambda *_, line=line: send(line))


def _end(status: int) -> None:
    """End as the program ended, by the same signal or with the same status."""
    if status > _BY_SIGNAL:
        number = status - _BY_SIGNAL
        with contextlib.suppress(OSError, ValueError):
            signal.signal(number, signal.SIG_DFL)
        with contextlib.suppress(OSError, ValueError):
            os.kill(os.getpid(), number)
    sys.exit(status)


if __name__ == "__main__":
    _end(run(sys.argv[2:]) if sys.argv[1] == "run" else ask(*sys.argv[2:]))
