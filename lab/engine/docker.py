"""The Docker engine: each Asterisk is a container of the image ``centralita-pbx`` (docker/pbx/Dockerfile).

A container shares the machine's network, so the lab's loopback addresses are the same as with every other engine, and
sees the folders of its stage under the names they have here. It runs as the user who runs the lab, without any
capability, on a root file system that nobody can write to.

Inside a container of its own the lab has no Docker to ask. There ``CENTRALITA_HOSTS`` names the folder with the sockets
of two containers, ``pbx`` and ``parties``, which run its Asterisks for it (docker/compose.yaml, profile ``test``).
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shlex
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lab.engine import relay
from lab.engine.base import EngineError, Installation, InstanceSpec, Progress, quiet
from lab.engine.embedded import cache_folder
from lab.engine.system import asterisk_version

IMAGE: Final = "CENTRALITA_PBX_IMAGE"
"""Environment variable with the name of another image of the PBX."""
HOSTS: Final = "CENTRALITA_HOSTS"
"""Environment variable with the folder of the sockets of containers that wait for work."""
LABEL: Final = "centralita.lab"
"""The label of every container of ours; its value is the process which it must not outlive, 0 when there is none."""
SPEECH_IMAGE: Final = "centralita-runner"
_MODULES: Final = Path("/usr/lib/asterisk/modules")
_CLOCKED: Final = ("env", "LD_PRELOAD=/usr/lib/asterisk/libfaketime.so", "FAKETIME_ONLY_CMDS=asterisk", "asterisk")
_MAIL: Final = "env MAIL_HOST=127.0.0.1 MAIL_PORT={port} /usr/sbin/sendmail -t"
_SHARE: Final = Path("/usr/share/asterisk")
_LANGUAGES: Final = ("en", "es")
_NOTE: Final = "centralita.json"
_SHARED_MEMORY: Final = "/dev/shm"  # noqa: S108 - where the moved clock keeps what all Asterisks read
_OWN: Final = ("DOCKER_", "BUILDKIT_")
"""The beginnings of the names of the environment by which Docker's client is set up."""


class Docker:
    """The engine named ``docker``."""

    name = "docker"

    def __init__(self, cache: Path | None = None) -> None:
        """Keep copies of the images' sounds in this cache folder, or in the user's."""
        self.cache = cache or cache_folder()

    def provision(self, progress: Progress = quiet) -> Installation:
        """What the image holds; its sounds are copied once, since the lab compares with them. Raises `EngineError`."""
        hosts = os.environ.get(HOSTS)
        if hosts:
            return _waiting(Path(hosts))
        client = _client()
        image = os.environ.get(IMAGE, "centralita-pbx")
        identity = client.image(image)
        if identity is None:
            raise EngineError(
                f"Docker has no image {image}.",
                f"Build it in this project's folder: docker build -f docker/pbx/Dockerfile -t {image} .",
            )
        client.sweep()
        share = self._share(client, image, identity, progress)
        return Installation(
            engine=self.name,
            version=json.loads((share / _NOTE).read_text("utf-8"))["version"],
            command=("asterisk",),
            clocked_command=_CLOCKED,
            modules=_MODULES,
            data=share,
            languages={name: share / "sounds" / name for name in _LANGUAGES},
            espeak=_speech(client),
            elsewhere=Containers(client, image, share),
        )

    def _share(self, client: Client, image: str, identity: str, progress: Progress) -> Path:
        """The image's sounds, music and documentation, in a folder of this machine that has the image's identity."""
        share = self.cache / "docker" / identity
        share.parent.mkdir(parents=True, exist_ok=True)
        with (share.parent / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (share / _NOTE).exists():
                progress("copying the sounds out of the image", 0)
                for old in share.parent.glob("[0-9a-f]*"):
                    shutil.rmtree(old, ignore_errors=True)
                with tempfile.TemporaryDirectory(dir=share.parent, prefix=".copying-") as folder:
                    client.copy(image, _SHARE, Path(folder))
                    found = Path(folder) / _SHARE.name
                    note = {"version": asterisk_version(client.once(image, "asterisk", "-V"), image)}
                    (found / _NOTE).write_text(json.dumps(note), encoding="utf-8")
                    found.rename(share)
        return share


@dataclass(frozen=True, slots=True)
class Client:
    """Docker's command."""

    program: str

    def say(self, *words: str, seconds: float = 60) -> subprocess.CompletedProcess[str]:
        """Run one command of it. Raises `EngineError` only when it does not end."""
        try:
            return subprocess.run([self.program, *words], check=False, capture_output=True, text=True, timeout=seconds)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise EngineError(f"`docker {words[0]}` did not end: {error}.", "Is the Docker daemon well?") from error

    def image(self, name: str) -> str | None:
        """The identity of an image in twelve characters; None when there is none."""
        done = self.say("image", "inspect", "--format", "{{.Id}}", name)
        return done.stdout.strip().removeprefix("sha256:")[:12] if done.returncode == 0 else None

    def once(self, image: str, *words: str) -> str:
        """What a command in a container prints."""
        return self.say("run", "--rm", "--network", "none", image, *words).stdout

    def copy(self, image: str, source: Path, target: Path) -> None:
        """Copy a folder out of an image. Raises `EngineError`."""
        made = self.say("create", "--network=none", "--label", f"{LABEL}={os.getpid()}", image).stdout.strip()
        try:
            with (
                subprocess.Popen([self.program, "cp", f"{made}:{source}", "-"], stdout=subprocess.PIPE) as process,
                tarfile.open(fileobj=process.stdout, mode="r|") as archive,
            ):
                archive.extractall(target, filter="data")
        except (OSError, tarfile.TarError) as error:
            raise EngineError(f"{source} could not be copied out of {image}: {error}.", "Build it anew.") from error
        finally:
            self.say("rm", "--force", "--volumes", made)

    def sweep(self) -> None:
        """Remove containers of labs that were killed before they could."""
        listed = self.say(
            "ps", "--all", "--filter", f"label={LABEL}", "--format", f'{{{{.ID}}}} {{{{.Label "{LABEL}"}}}}'
        )
        for line in listed.stdout.splitlines():
            container, _, owner = line.partition(" ")
            if owner != "0" and not Path(f"/proc/{owner}").exists():
                self.say("rm", "--force", "--volumes", container)


@dataclass(frozen=True, slots=True)
class Containers:
    """A container of its own for each Asterisk."""

    client: Client
    image: str
    share: Path

    @property
    def mail(self) -> str:
        """The machine's loopback is theirs."""
        return _MAIL

    def launch(self, spec: InstanceSpec, program: Sequence[str], environment: Mapping[str, str]) -> tuple[str, ...]:
        """``docker run`` of the program, on a leash; the container's name is noted beside the instance."""
        folder = spec.folder.resolve()
        name = f"centralita-{spec.name}-{os.getpid()}-{secrets.token_hex(4)}"
        owner = 0 if spec.detached else os.getpid()
        (folder / "run" / "container").write_text(name, encoding="utf-8")
        settings = [f"--env={key}={value}" for key, value in environment.items()]
        mounts = [f"--volume={path}:{path}{mode}" for path, mode in _mounts(spec, self.share)]
        return (
            *("env", *_own_environment(), sys.executable, "-I", "-S", relay.__file__, "run", self.client.program),
            *("run", "--rm", "--interactive", "--sig-proxy=false", "--name", name, "--label", f"{LABEL}={owner}"),
            *("--network=host", f"--user={os.getuid()}:{os.getgid()}", "--cap-drop=ALL"),
            *(
                "--security-opt=no-new-privileges",
                "--read-only",
                "--tmpfs=/tmp",
                "--no-healthcheck",
                "--log-driver=none",
            ),
            *(f"--volume={_SHARED_MEMORY}:{_SHARED_MEMORY}", *mounts, *settings, f"--workdir={folder / 'run'}"),
            *(self.image, "leash", *program),
        )

    def console(self, folder: Path, words: Sequence[str]) -> tuple[str, ...]:
        """``docker exec`` in the container of the instance."""
        name = (folder / "run" / "container").read_text(encoding="utf-8")
        terminal = ("--interactive", "--tty") if sys.stdin.isatty() and sys.stdout.isatty() else ()
        return (self.client.program, "exec", *terminal, name, "asterisk", *words)


@dataclass(frozen=True, slots=True)
class Hosts:
    """Two containers that wait for work, and share our network and the volume with all folders."""

    folder: Path

    @property
    def mail(self) -> str:
        """Our loopback is theirs."""
        return _MAIL

    def launch(self, spec: InstanceSpec, program: Sequence[str], environment: Mapping[str, str]) -> tuple[str, ...]:
        """Ask the parties' host for the parties, and the PBX's for all else."""
        words = ("env", *(f"{key}={value}" for key, value in environment.items()), *program)
        console = str(spec.folder.resolve() / "log" / "console.log")
        return self.ask("parties" if spec.name == "parties" else "pbx", console, words)

    def ask(self, host: str, console: str, words: Sequence[str]) -> tuple[str, ...]:
        """A command that has a host run another one."""
        path = str(self.folder / f"{host}.sock")
        return (sys.executable, "-I", "-S", relay.__file__, "ask", path, console, shlex.join(words))

    def console(self, folder: Path, words: Sequence[str]) -> tuple[str, ...]:
        """Not to be had: these Asterisks live as long as one run. Raises `EngineError`."""
        asked = shlex.join(("asterisk", *words))
        raise EngineError(f"There is no console of {folder.name} here.", f"Use: docker compose exec test-pbx {asked}")


def _client() -> Client:
    """Docker's command, with a daemon that answers. Raises `EngineError`."""
    program = shutil.which("docker")
    if program is None:
        raise EngineError("There is no `docker` on PATH.", "Install Docker Engine, or use the embedded engine.")
    client = Client(program)
    asked = client.say("version", "--format", "{{.Server.Version}}", seconds=20)
    if asked.returncode:
        said = (asked.stderr.strip().splitlines() or ["no answer"])[0]
        raise EngineError(
            f"The Docker daemon does not answer: {said.rstrip('.')}.",
            "Start it, let your user use it (sudo usermod -aG docker $USER, then log in again), "
            "or use the embedded engine.",
        )
    return client


def _waiting(folder: Path) -> Installation:
    """What the containers that wait for work hold; the image's sounds are a volume here. Raises `EngineError`."""
    hosts = Hosts(folder)
    with tempfile.NamedTemporaryFile() as console:
        done = subprocess.run(
            hosts.ask("pbx", console.name, ("asterisk", "-V")), check=False, capture_output=True, text=True
        )
        said = console.read().decode()
    if done.returncode:
        raise EngineError(f"No container answers at {folder}: {done.stderr.strip()[-200:]}", "Is the PBX's up?")
    return Installation(
        engine=Docker.name,
        version=asterisk_version(said, "the PBX's container"),
        command=("asterisk",),
        clocked_command=_CLOCKED,
        modules=_MODULES,
        data=_SHARE,
        languages={name: _SHARE / "sounds" / name for name in _LANGUAGES},
        espeak=("espeak-ng",) if shutil.which("espeak-ng") else None,
        elsewhere=hosts,
    )


def _speech(client: Client) -> tuple[str, ...] | None:
    """A program that speaks: this machine's, else the one of the runner's image."""
    if shutil.which("espeak-ng"):
        return ("espeak-ng",)
    if client.image(SPEECH_IMAGE) is None:
        return None
    return (client.program, "run", "--rm", "-i", "--network=none", "--entrypoint=espeak-ng", SPEECH_IMAGE)


def _mounts(spec: InstanceSpec, share: Path) -> Iterator[tuple[Path, str]]:
    """The folders a container sees: its stage's, whose files its calls use, and the sounds, which it cannot change."""
    stage = spec.folder.resolve().parent
    yield stage, ""
    clock = [spec.clock.folder.resolve()] if spec.clock else []
    yield from ((path, "") for path in clock if not path.is_relative_to(stage))
    sounds = {path.resolve() for path in spec.sounds.values()}
    yield from ((path, ":ro") for path in sorted(sounds) if not path.is_relative_to(stage))
    yield share, ":ro"


def _own_environment() -> list[str]:
    return [f"{name}={value}" for name, value in os.environ.items() if name.startswith(_OWN)]
