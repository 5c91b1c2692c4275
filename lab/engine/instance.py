"""One running Asterisk.

Deadlines are by `asyncio.timeout`: before Python 3.12 `asyncio.wait_for` forgets that its task was cancelled when what
it waits for ends at the same moment, and then Ctrl-C would be lost.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from lab import clock as clocks
from lab.engine.base import EngineError, Installation, InstanceSpec, Paths
from lab.engine.bootlog import BOOTED, HARMLESS, last_lines, read_since, unexpected_lines, unexpected_output
from lab.engine.control import listening_for_ready, run_command
from lab.engine.tree import write_tree
from lab.process import describe_exit, ended, kill_session, start_process

LOGGED: Final = 2.0
"""Real seconds within which the log of a boot is written."""
KEPT_ENVIRONMENT: Final = ("PATH", "HOME", "USER", "LOGNAME", "TMPDIR")
"""What Asterisk inherits; all else could make runs differ from one machine to the next."""

ALLOCATOR: Final = {"MALLOC_ARENA_MAX": "1", "MALLOC_TRIM_THRESHOLD_": str(1 << 30), "MALLOC_TOP_PAD_": str(1 << 24)}
"""A reload takes as much memory as it frees: kept, and not given back to the kernel page by page (mallopt(3))."""


class Instance:
    """One Asterisk, from a specification to its end."""

    def __init__(self, installation: Installation, spec: InstanceSpec) -> None:
        """Nothing happens before `start`."""
        self.installation = installation
        self.spec = spec
        self.paths = Paths(spec.folder.resolve())
        self.pid: int | None = None
        self.complaints: list[str] = []
        """What the last boot said that nobody expects."""
        self.died: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        """Done, with the reason, when Asterisk ends although nobody stopped it; a new one for each `start`."""
        self._process: subprocess.Popen[bytes] | None = None
        self._watcher: asyncio.Task[None] | None = None
        self._stopping = False
        self._cli_turn = asyncio.Lock()

    @property
    def ami(self) -> tuple[str, int]:
        """Host and port of the manager interface."""
        return self.spec.ami

    async def start(self, deadline: float = 20, *, complaining: bool = False) -> None:
        """Boot; returns when fully booted without an unexpected line in the log. Raises `EngineError`.

        The deadline is in real seconds, whatever the clock. Who may be ``complaining`` also boots with such lines.
        """
        await self._refuse_second_start()
        self._stopping = False
        self.died = asyncio.get_running_loop().create_future()
        self.paths = await asyncio.to_thread(write_tree, self.spec, self.installation)
        log_begins, console_begins = _size(self.paths.messages), _size(self.paths.console)
        shared = clocks.share(self.spec.clock) if self.spec.clock else {}
        try:
            async with listening_for_ready() as (notify, ready):
                self._spawn({**shared, "NOTIFY_SOCKET": notify})
                try:
                    await self._until_ready(ready, deadline)
                    await self._until_told(log_begins)
                finally:
                    self.complaints = unexpected_output(self.paths.console, console_begins)
                    self.complaints += self.unexpected_log_lines(log_begins)
            if self.complaints and not complaining:
                self._refuse_complaints()
        except BaseException:
            await self.stop()
            raise
        finally:
            clocks.unshare(shared)

    async def stop(self, deadline: float = 10) -> None:
        """End Asterisk: its own command, then SIGTERM, then SIGKILL, each with its share of the deadline.

        Afterwards no process of it is left. Harmless when it is not running.
        """
        if self.pid is None:
            return
        self._stopping = True
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(deadline / 3):
                await run_command(self.paths.control, "core stop now")
        for kill in (None, signal.SIGTERM, signal.SIGKILL):
            if kill is not None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self.pid, kill)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(deadline / 3):
                    await ended(self.pid)
                break
        kill_session(self.pid)
        if self._watcher is not None:
            await self._watcher
        self.pid = None

    async def cli(self, command: str, deadline: float = 20) -> str:
        """Run a command of Asterisk's CLI and return its output. Raises `EngineError`.

        One at a time: when many connect at once, Asterisk drops some connections or answers nothing (5 in 100).
        """
        try:
            async with self._cli_turn, asyncio.timeout(deadline):
                return await run_command(self.paths.control, command)
        except (OSError, TimeoutError) as error:
            raise EngineError(
                f"{self.spec.name} did not answer the command `{command}`: {error or 'no answer in time'}.",
                f"Read {self.paths.messages}.",
            ) from error

    def log_size(self) -> int:
        """How long the log is now, in bytes: a mark for `unexpected_log_lines`."""
        return _size(self.paths.messages)

    def unexpected_log_lines(self, since: int = 0) -> list[str]:
        """Errors and warnings that were logged after a mark and nobody expects."""
        return unexpected_lines(self.paths.messages, since, (*HARMLESS, *self.spec.harmless))

    async def _refuse_second_start(self) -> None:
        """Two Asterisks in one folder would fight over sockets and AstDB."""
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(5):
                await run_command(self.paths.control, "core show uptime")
            raise EngineError(
                f"An Asterisk is already running in {self.paths.folder}.", "Stop it first, or use another folder."
            )

    def _spawn(self, more: dict[str, str]) -> None:
        kept = {name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ}
        environment = {"TZ": self.spec.timezone, "LC_ALL": "C.UTF-8", **ALLOCATOR, **self.spec.environment, **more}
        program = self.installation.command
        if self.spec.clock is not None:
            if self.installation.clocked_command is None:
                raise EngineError(
                    f"The {self.installation.engine} engine cannot move the clock: libfaketime is missing.",
                    "Install the package libfaketime, or use the embedded engine.",
                )
            program = clocks.unhurried(self.installation.clocked_command)
        command: Sequence[str] = (*program, "-C", str(self.paths.etc / "asterisk.conf"), "-f")
        if self.installation.elsewhere is not None:
            command, environment = self.installation.elsewhere.launch(self.spec, command, environment), {}
        self._process = start_process(
            command,
            environment={**kept, **environment},
            folder=self.paths.run,
            output=self.paths.console,
            detached=self.spec.detached,
        )
        self.pid = self._process.pid
        _remember(self)
        self._watcher = asyncio.create_task(self._watch(), name=f"watch {self.spec.name}")

    async def _watch(self) -> None:
        """Wait for the end of Asterisk; tell why when nobody asked for it."""
        if self.pid is None:
            return
        await ended(self.pid)
        kill_session(self.pid)
        how = describe_exit(self._process.wait()) if self._process else "its process is gone"
        if not self._stopping and not self.died.done():
            lines = last_lines(self.paths.messages) or last_lines(self.paths.console)
            self.died.set_result("\n".join([f"{self.spec.name} (Asterisk) ended: {how}. Its last words:", *lines]))

    async def _until_ready(self, ready: asyncio.Future[None], deadline: float) -> None:
        waited: set[asyncio.Future[Any]] = {ready, self.died}
        done, _ = await asyncio.wait(waited, timeout=deadline, return_when=asyncio.FIRST_COMPLETED)
        if self.died in done:
            raise EngineError(self.died.result(), f"Read {self.paths.console} and {self.paths.messages}.")
        if not done:
            lines = "\n".join(last_lines(self.paths.messages))
            raise EngineError(
                f"{self.spec.name} (Asterisk) was not ready after {deadline:g} seconds. Its last words:\n{lines}",
                f"Read {self.paths.messages}; on a busy machine allow more time.",
            )

    async def _until_told(self, log_begins: int) -> None:
        """Wait for the last word of the boot: Asterisk's log is written by a thread of its own, a little later."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOGGED):
                while not (self.died.done() or BOOTED in read_since(self.paths.messages, log_begins)):  # noqa: ASYNC110
                    await asyncio.sleep(0.005)

    def _refuse_complaints(self) -> None:
        lines = [f"{self.spec.name} (Asterisk) booted with lines in its log that nobody expects:", *self.complaints]
        raise EngineError(
            "\n".join(lines),
            f"Correct the configuration in {self.paths.etc}, or say in the list of harmless lines why it is none.",
        )


def attach(installation: Installation, spec: InstanceSpec) -> Instance | None:
    """An instance that a former program left running in this folder (``detached``); None when there is none."""
    paths = Paths(spec.folder.resolve())
    try:
        known = json.loads((paths.run / "instance.json").read_text())
        if _started(known["pid"]) != known["started"]:
            return None
    except (OSError, ValueError, KeyError):
        return None
    instance = Instance(installation, spec)
    instance.pid = int(known["pid"])
    instance._watcher = asyncio.create_task(instance._watch(), name=f"watch {spec.name}")  # noqa: SLF001
    return instance


def _remember(instance: Instance) -> None:
    """Leave a note by which `attach` finds the process again and does not mistake another for it."""
    if instance.pid is not None:
        note = {"pid": instance.pid, "started": _started(instance.pid), "ami": instance.ami}
        (instance.paths.run / "instance.json").write_text(json.dumps(note))


def _started(pid: int) -> str:
    """When a process began, in clock ticks since the boot of the machine (proc_pid_stat(5), field 22).

    Raises `OSError` when it is gone, or has ended and nobody has reaped it.
    """
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    if fields[0] == "Z":
        raise ProcessLookupError(pid)
    return fields[19]


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
