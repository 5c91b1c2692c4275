"""Starting a program which dies with the laboratory, and watching any process for its end.

A program started by `start_process` has a session of its own, so that Ctrl-C in the terminal reaches only the
laboratory, which then stops its programs in order. Unless it is detached, the kernel kills it when the laboratory is
killed (``PR_SET_PDEATHSIG``). That setting is made by this file run as a small program between fork and exec, since
code between fork and exec inside a process with threads is not safe.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

_PR_SET_PDEATHSIG: Final = 1  # linux/prctl.h


def start_process(
    command: Sequence[str], *, environment: Mapping[str, str], folder: Path, output: Path, detached: bool = False
) -> subprocess.Popen[bytes]:
    """Start a program in its own session, both outputs appended to one file; it dies with us unless ``detached``.

    Call it from a thread that lives as long as the program should: the kernel looks at the thread, not the process.
    """
    trampoline = () if detached else (sys.executable, "-I", "-S", __file__, str(os.getpid()))
    with output.open("ab") as sink:
        return subprocess.Popen(
            [*trampoline, *command],
            env=dict(environment),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            start_new_session=True,
        )


async def ended(pid: int) -> None:
    """Wait until a process has ended; it need not be our child, and is not reaped."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    loop = asyncio.get_running_loop()
    over: asyncio.Future[None] = loop.create_future()

    def tell() -> None:
        if not over.done():
            over.set_result(None)

    loop.add_reader(descriptor, tell)
    try:
        await over
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)


def kill_session(leader: int) -> None:
    """Kill what is left of the process group that ``leader`` began; call it before the leader is reaped."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def describe_exit(status: int) -> str:
    """A process's return code in words; negative ones are signals, as in `subprocess`."""
    if status < 0:
        return f"killed by {signal.Signals(-status).name}"
    return f"exit status {status}"


def die_with_parent() -> None:
    """Ask the kernel to kill this process when the thread that started it ends (prctl(2))."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _become(parent: int, command: Sequence[str]) -> None:
    """Turn into the command, which dies with our parent."""
    die_with_parent()
    if os.getppid() != parent:  # it died before we could ask
        sys.exit(1)
    os.execvpe(command[0], list(command), os.environ)  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    _become(int(sys.argv[1]), sys.argv[2:])
