"""The command ``pbx`` as a process of its own, and what it leaves behind."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

import pytest

T = TypeVar("T")

PBX = Path(sys.executable).with_name("pbx")
ROOT = Path(__file__).parents[2]
REGISTRATIONS: Final = 2
"""Rows of the demo without a call: its phones, and its one trunk with a user."""
SITE = "lab/sites/demo"
"""The demo site as a user names it, from the project's folder."""
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - where the moved clock keeps its objects while Asterisk boots


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A folder for everything a command makes, and an environment which leads it there.

    The folder is short, for Asterisk's control socket must have a name of at most 107 bytes.
    """

    folder: Path
    started: list[int] = field(default_factory=list)
    """The process id of every command."""

    @property
    def temporary(self) -> Path:
        """Where the runs make their folders."""
        return self.folder / "tmp"

    @property
    def report(self) -> Path:
        """Where the reports go."""
        return self.folder / "report"

    def environment(self) -> dict[str, str]:
        """The engine's cache stays that of the machine: it is large, and never changes."""
        return {**os.environ, "TMPDIR": str(self.temporary), "XDG_STATE_HOME": str(self.folder)}

    def start(self, *arguments: str, more: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
        """Start ``pbx`` in a process group of its own, as a shell does."""
        process = subprocess.Popen(
            [PBX, *arguments],
            cwd=ROOT,
            env={**self.environment(), **(more or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.started.append(process.pid)
        return process

    def run(self, *arguments: str, seconds: float = 120, more: Mapping[str, str] | None = None) -> Answer:
        """Run ``pbx`` to its end, with ``more`` environment."""
        return finished(self.start(*arguments, more=more), seconds)

    def lab_run(self, *arguments: str) -> Answer:
        """Run the demo's matrix, or the rows named."""
        return self.run("lab", "run", SITE, "--tenant", "andina", "--report", str(self.report), *arguments)

    def processes(self) -> dict[int, str]:
        """Every living process whose command line names this folder, the command itself included."""
        return {pid: line for pid, line in _command_lines() if str(self.folder) in line}

    def asterisks(self) -> dict[int, str]:
        """Those of them that are an Asterisk, or about to become one."""
        return {pid: line for pid, line in self.processes().items() if "asterisk.conf" in line}

    def leftovers(self) -> list[str]:
        """Processes, temporary folders and shared memory that nobody cleaned up."""
        folders = [path.name for path in self.temporary.iterdir()]
        shared = [path.name for pid in self.started for path in SHARED_MEMORY.glob(f"*centralita-clock-{pid}-*")]
        return [*self.processes().values(), *folders, *shared]


@contextmanager
def sandbox() -> Iterator[Sandbox]:
    """A sandbox; whatever still runs in it is killed when it is left, so that a red test harms no other."""
    made = Sandbox(Path(tempfile.mkdtemp(prefix="pbx-test-")))
    made.temporary.mkdir()
    try:
        yield made
    finally:
        for pid in made.processes():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        until(lambda: not made.processes(), "all processes to be gone")
        shutil.rmtree(made.folder, ignore_errors=True)


def finished(process: subprocess.Popen[str], seconds: float = 60) -> Answer:
    """Wait for a command's end."""
    try:
        out, err = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        out, err = process.communicate()
        pytest.fail(f"{process.args!r} did not end in {seconds:g} s; it had said:\n{out}\n{err}")
    return Answer(process.returncode, out, err)


def until(happened: Callable[[], T], what: str, seconds: float = 30) -> T:
    """The first true answer of a look at another process, which sends us no event."""
    end = time.monotonic() + seconds
    while not (found := happened()):
        if time.monotonic() > end:
            pytest.fail(f"waited {seconds:g} s in vain for {what}")
        time.sleep(0.005)
    return found


def _command_lines() -> Iterator[tuple[int, str]]:
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            line = (path / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
            if line:  # a process that has ended and was not reaped has none
                yield int(path.name), line
