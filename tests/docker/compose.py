"""docker/compose.yaml, as its users run it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from tests.docker.daemon import Docker, Done

PROJECT: Final = "centralita"
PROFILES: Final = ("test", "demo", "production", "compile")


@dataclass(frozen=True, slots=True)
class Compose:
    """One profile, and the settings it is given."""

    docker: Docker
    profile: str
    files: tuple[str, ...]
    settings: dict[str, str]

    def try_to(self, *words: str, seconds: float = 180) -> Done:
        """Run a command of Compose, whatever comes of it."""
        return self.docker.try_to(*self._words(), *words, seconds=seconds, more=self.settings)

    def say(self, *words: str, seconds: float = 180) -> str:
        """Run a command of Compose that has to work; what it printed."""
        done = self.try_to(*words, seconds=seconds)
        assert done.returncode == 0, f"{words}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def start(self, *words: str, output: IO[str]) -> subprocess.Popen[str]:
        """Start a command of Compose, as a shell does, in a process group of its own."""
        return subprocess.Popen(
            ["docker", *self._words(), *words],
            env={**self.docker.environment, **self.settings},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def _words(self) -> tuple[str, ...]:
        return (*self.docker.compose(), *self.files, "--profile", self.profile)

    def asterisk(self, service: str, command: str) -> str:
        """What the CLI of a running service answers."""
        return self.say("exec", "--no-TTY", service, "asterisk", "-rx", command)


@contextmanager
def composed(docker: Docker, profile: str, *more: Path, **settings: str) -> Iterator[Compose]:
    """A profile, changed by ``more`` files; nothing of it is left afterwards."""
    files = tuple(word for file in more for word in ("--file", str(file)))
    compose = Compose(docker, profile, files, settings)
    try:
        yield compose
    finally:
        compose.say("down", "--volumes", "--remove-orphans", "--timeout", "5")
    assert leftovers(docker) == []


def leftovers(docker: Docker) -> list[str]:
    """Containers, networks and volumes of ours."""
    ours = f"label=com.docker.compose.project={PROJECT}"
    listed = docker.say("ps", "--all", "--filter", "name=centralita", "--format", "container {{.Names}}")
    for kind in ("network", "volume"):
        listed += docker.say(kind, "ls", "--filter", ours, "--format", f"{kind} {{{{.Name}}}}")
    return listed.splitlines()


def readable(folder: Path) -> Path:
    """A folder of the test that the user of a container may read and write, whoever he is."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o777 if path.is_dir() else 0o666)
    for parent in folder.parents:
        if parent.stat().st_uid == os.getuid() and parent.name.startswith("pytest-"):
            parent.chmod(parent.stat().st_mode | 0o055)
    return folder
