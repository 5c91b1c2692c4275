"""Starting a program which dies with the laboratory, and watching any process for its end.

A program started by `start_process` has a process group of its own, so that Ctrl-C in the terminal reaches only the
laboratory, which then stops its programs in order. Unless it is detached, it stays in the laboratory's session, for
where the kernel shares processors between sessions (sched(7), autogroup), nice values count within one only; and the
kernel kills it when the laboratory is killed (``PR_SET_PDEATHSIG``). That setting is made by setpriv(1) before it turns
into the program, since code between fork and exec inside a process with threads is not safe.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

_PR_SET_PDEATHSIG: Final = 1  # linux/prctl.h
_DIES_WITH_US: Final = ("setpriv", "--pdeathsig", "KILL", "sh", "-c", '[ "$PPID" = "$0" ] && exec "$@"')
"""To be followed by our process's number and a program, which does not begin when we have died before it asked."""
_MODEST: Final = 10
"""A tenth of the weight of a program that is not nice."""
_urgent: Final[list[ThreadPoolExecutor]] = []
"""The thread that starts programs, once we are modest."""


def start_process(
    command: Sequence[str], *, environment: Mapping[str, str], folder: Path, output: Path, detached: bool = False
) -> subprocess.Popen[bytes]:
    """Start a program in its own process group, both outputs appended to one file; it dies with us unless ``detached``.

    Call it from a thread that lives as long as the program should: the kernel looks at the thread, not the process.
    """
    leash = () if detached else (*_DIES_WITH_US, str(os.getpid()))

    def start() -> subprocess.Popen[bytes]:
        with output.open("ab") as sink:
            return subprocess.Popen(
                [*leash, *command],
                env=dict(environment),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                start_new_session=detached,
                process_group=None if detached else 0,
            )

    return _urgent[0].submit(start).result() if _urgent else start()


def be_modest() -> None:
    """Let the programs that are started from now on go before the thread that calls this, and all that it begins.

    A nice value is a thread's own and is inherited (sched(7)), and nobody may lower his own: another thread, which
    keeps the old one, starts the programs.
    """
    if not _urgent:
        _urgent.append(ThreadPoolExecutor(1, "urgent"))
        _urgent[0].submit(os.getpid).result()  # its thread begins now
        os.nice(_MODEST)


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
