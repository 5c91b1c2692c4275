"""What an engine is: the types that every engine and everyone who uses one agree on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from lab.clock import Clock
from lab.engine.bootlog import Expected

Progress = Callable[[str, float], None]
"""Told what is being done, in words, and how far the whole is, from 0 to 1."""


def quiet(stage: str, fraction: float) -> None:
    """Progress that nobody wants to see."""


class EngineError(Exception):
    """The engine cannot be had or cannot run; says what is wrong and what the user can do about it."""

    def __init__(self, problem: str, cure: str) -> None:
        """Both are sentences for a user; they are shown one below the other."""
        super().__init__(f"{problem}\n{cure}")
        self.problem = problem
        self.cure = cure


@dataclass(frozen=True, slots=True)
class Installation:
    """An Asterisk that can be run."""

    engine: str
    version: str
    """Of Asterisk, for example ``22.10.1``."""
    command: tuple[str, ...]
    """The first words of a command that runs Asterisk; its own options follow."""
    clocked_command: tuple[str, ...] | None
    """The same under libfaketime; None where that library is missing."""
    modules: Path
    data: Path
    """The folder that holds ``sounds``, ``moh``, ``documentation`` and so on (``astdatadir``)."""
    languages: Mapping[str, Path]
    """Shipped sounds by language: ``{"en": …/sounds/en_US_f_Allison, "es": …}``."""
    espeak: tuple[str, ...] | None = None
    """The first words of a command that speaks text into a file; None where it is missing."""
    elsewhere: Elsewhere | None = None
    """Where Asterisk runs, unless its processes are ours; ``command`` and ``modules`` are named as they are there."""


class Elsewhere(Protocol):
    """A place with a file system of its own that Asterisk runs in: containers, which see the lab's folders as we do."""

    @property
    def mail(self) -> str:
        """The command there, for a shell, that sends the mail on its input to ``{port}`` of loopback."""

    def launch(self, spec: InstanceSpec, program: Sequence[str], environment: Mapping[str, str]) -> tuple[str, ...]:
        """A command of this machine that runs a program there: it ends when that ends, and the other way round."""

    def console(self, folder: Path, words: Sequence[str]) -> tuple[str, ...]:
        """A command of this machine that runs ``asterisk`` with these words beside the instance of a folder."""


class Engine(Protocol):
    """A way to get a real Asterisk."""

    @property
    def name(self) -> str:
        """``embedded``, ``system`` or ``docker``."""

    def provision(self, progress: Progress = quiet) -> Installation:
        """Find it, fetch it when needed; quick and without network when it is there. Raises `EngineError`."""


@dataclass(frozen=True, slots=True)
class Paths:
    """Where one instance keeps its things, all below one folder."""

    folder: Path

    @property
    def etc(self) -> Path:
        """Configuration."""
        return self.folder / "etc"

    @property
    def spool(self) -> Path:
        """Voicemail, recordings, call files."""
        return self.folder / "spool"

    @property
    def voicemail(self) -> Path:
        """Mailboxes, by context and number."""
        return self.spool / "voicemail"

    @property
    def recordings(self) -> Path:
        """Where MixMonitor writes a file whose name is relative."""
        return self.spool / "monitor"

    @property
    def log(self) -> Path:
        """Logs, CDR files and the console's output."""
        return self.folder / "log"

    @property
    def messages(self) -> Path:
        """Asterisk's main log."""
        return self.log / "messages.log"

    @property
    def console(self) -> Path:
        """What Asterisk prints before its log is open, and what its children print."""
        return self.log / "console.log"

    @property
    def run(self) -> Path:
        """Control socket and process id."""
        return self.folder / "run"

    @property
    def control(self) -> Path:
        """The control socket."""
        return self.run / "asterisk.ctl"

    @property
    def varlib(self) -> Path:
        """AstDB."""
        return self.folder / "varlib"

    @property
    def data(self) -> Path:
        """Sounds, music on hold, documentation: links to what is shipped, beside what is given."""
        return self.folder / "data"

    @property
    def sounds(self) -> Path:
        """Sound files: a folder per language and one for each that was given."""
        return self.data / "sounds"


@dataclass(frozen=True, slots=True)
class InstanceSpec:
    """All that makes one running Asterisk differ from another."""

    name: str
    """For messages: ``pbx``, ``parties``."""
    folder: Path
    """Made when missing; a former instance's files in it are replaced, its state is kept."""
    files: Mapping[str, str]
    """Configuration by name relative to ``etc``, all but ``asterisk.conf`` and ``logger.conf``."""
    ami: tuple[str, int]
    """Where ``manager.conf`` of these files listens."""
    clock: Clock | None = None
    """The moved clock; None for real time."""
    sounds: Mapping[str, Path] = field(default_factory=dict)
    """More sounds: ``{"andina": folder}`` makes ``andina/welcome`` playable."""
    options: Mapping[str, str] = field(default_factory=dict)
    """More lines for ``[options]`` of ``asterisk.conf``."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """More environment for Asterisk and what it starts."""
    timezone: str = "UTC"
    """The time zone of the process: of its log, and of what names no zone of its own."""
    detached: bool = False
    """Whether it goes on when this program ends."""
    harmless: tuple[Expected, ...] = ()
    """Errors and warnings that are no problem in this instance's log, beside those that never are."""
