"""A Docker daemon to test with: the machine's own, else one of ours, which is gone afterwards.

Ours keeps its images in this program's cache, so that only the first run has to fetch and build them. What is missing
on Debian is installed (docker.io) or fetched beside it (the plugins for Compose and Buildx, which are newer there).
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from lab.engine import EngineError
from lab.engine.debian import open_apt, update
from lab.engine.embedded import MACHINES, cache_folder
from lab.engine.sources import find_mirror
from lab.process import start_process
from tests.engine.commands import ROOT

COMPOSE: Final = ROOT / "docker" / "compose.yaml"
REFUSED: Final = "CENTRALITA_DOCKER"
"""Environment variable: ``no`` leaves these tests out."""
PLUGINS: Final = ("compose", "buildx")
PLUGIN_SUITE: Final = "trixie"
"""The newer Debian whose plugins run on the oldest one that is supported."""
BASES: Final = {"sid": "debian:sid-slim", "trixie": "debian:trixie-slim"}
MADE: Final = "centralita-base"
"""The base image that we make of a mirror's packages where no registry answers: one, of the older suite, upon which
come the packages of the newer one."""
_OLDER: Final = "trixie"
_PLUGIN_PLACE: Final = Path("usr/libexec/docker/cli-plugins")
_FORWARDING: Final = Path("/proc/sys/net/ipv4/ip_forward")
_KEPT: Final = "3GB"
"""How much of what builds have left is kept for the next."""
_POLICY: Final = Path("/usr/sbin/policy-rc.d")
_INSTALL: Final = ("docker.io", "iptables", "mmdebstrap")


class NoDockerError(Exception):
    """Docker cannot be had here; the text says why."""


@dataclass(frozen=True, slots=True)
class Docker:
    """Docker's command, and the daemon that it speaks to."""

    environment: Mapping[str, str] = field(repr=False)
    machine: Path = Path()
    """A second file for Compose, with what this machine needs for a build."""
    log: Path | None = None
    """Of a daemon of ours."""

    def compose(self) -> tuple[str, ...]:
        """The words of a command of Compose before its own."""
        return ("compose", "--ansi=never", "--file", str(COMPOSE), "--file", str(self.machine))

    def try_to(self, *words: str, seconds: float = 120, more: Mapping[str, str] | None = None) -> Done:
        """Run a command of it, whatever comes of it."""
        return subprocess.run(
            ["docker", *words],
            env={**self.environment, **(more or {})},
            check=False,
            capture_output=True,
            text=True,
            timeout=seconds,
        )

    def say(self, *words: str, seconds: float = 120) -> str:
        """Run a command of it that has to work; what it printed."""
        done = self.try_to(*words, seconds=seconds)
        assert done.returncode == 0, f"docker {' '.join(words)}\n{done.stdout}\n{done.stderr}"
        return done.stdout


Done = subprocess.CompletedProcess[str]


@contextmanager
def open_docker() -> Iterator[Docker]:
    """Docker with Compose and Buildx; everything that was started is stopped. Raises :class:`NoDockerError`."""
    if os.environ.get(REFUSED) == "no":
        raise NoDockerError(f"{REFUSED}=no")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pbx-docker-")))
        docker = Docker(dict(os.environ))
        if not _answers(docker):
            docker = stack.enter_context(_own_daemon(folder))
        yield _with_plugins(docker, folder)


def _answers(docker: Docker) -> bool:
    return shutil.which("docker") is not None and docker.try_to("version").returncode == 0


@contextmanager
def _own_daemon(folder: Path) -> Iterator[Docker]:
    _install()
    cache = cache_folder() / "docker-daemon"
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two daemons cannot share one folder; the other test run ends some time
        socket, log = folder / "docker.sock", folder / "dockerd.log"
        command = [
            "dockerd",
            "--data-root",
            cache / "data",
            "--exec-root",
            folder / "exec",
            "--host",
            f"unix://{socket}",
            "--bridge=none",  # every container of ours names its network, and docker0 would stay
        ]
        rules = _network_rules()
        process = start_process(
            [*map(str, command), "--pidfile", str(folder / "dockerd.pid")],
            environment=_with_sbin(),
            folder=folder,
            output=log,
        )
        docker = Docker({**os.environ, "DOCKER_HOST": f"unix://{socket}"}, log=log)
        try:
            end = time.monotonic() + 60
            while not _answers(docker):
                if process.poll() is not None or time.monotonic() > end:
                    said = log.read_text(errors="replace").strip().splitlines() or ["nothing"]
                    raise NoDockerError(f"dockerd does not run here: {said[-1]}")
                time.sleep(0.1)  # the daemon's socket is there before it answers
            yield docker
            docker.try_to("builder", "prune", "--force", f"--keep-storage={_KEPT}")
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            _restore_network_rules(rules)
            _unmount_below(folder)


def _unmount_below(folder: Path) -> None:
    """Take away the mounts that a daemon leaves when it ends: the network name space of its containers."""
    places = [line.split()[1] for line in Path("/proc/mounts").read_text("utf-8").splitlines()]
    for place in sorted((each for each in places if each.startswith(f"{folder}/")), reverse=True):
        subprocess.run(["umount", place], check=True)


def _network_rules() -> tuple[str, str]:
    """The packet filter and the forwarding of this machine, both of which a daemon changes for good."""
    saved = subprocess.run(["iptables-save"], env=_with_sbin(), check=False, capture_output=True, text=True).stdout
    return saved, _FORWARDING.read_text()


def _restore_network_rules(rules: tuple[str, str]) -> None:
    saved, forwarding = rules
    chains = {"filter": ("INPUT", "FORWARD", "OUTPUT"), "nat": ("PREROUTING", "INPUT", "OUTPUT", "POSTROUTING")}
    for table, names in chains.items():
        if f"*{table}\n" not in saved:
            saved += "".join([f"*{table}\n", *(f":{name} ACCEPT [0:0]\n" for name in names), "COMMIT\n"])
    subprocess.run(["iptables-restore"], env=_with_sbin(), check=True, input=saved, capture_output=True, text=True)
    _FORWARDING.write_text(forwarding)


def _with_sbin() -> dict[str, str]:
    return {**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin"}


def _install() -> None:
    """Install the daemon, as root on Debian. Raises :class:`NoDockerError`."""
    if all(shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin") for name in ("dockerd", "mmdebstrap")):
        return
    if os.geteuid() != 0:
        raise NoDockerError("no Docker daemon answers, and only root may install and start one")
    if shutil.which("apt-get") is None:
        raise NoDockerError("no Docker daemon answers, and there is no apt-get to install one with")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with _services_stay_as_they_are():
        for words in (("update",), ("install", "--yes", "--no-install-recommends", *_INSTALL)):
            done = subprocess.run(
                ["apt-get", "-qq", *words], env=environment, check=False, capture_output=True, text=True, timeout=300
            )
            if done.returncode:
                said = done.stderr.strip().splitlines() or ["no reason"]
                raise NoDockerError(f"docker.io could not be installed: {said[-1]}")


@contextmanager
def _services_stay_as_they_are() -> Iterator[None]:
    """A package that is installed starts no daemon, which nobody would stop (invoke-rc.d(8), policy-rc.d)."""
    if _POLICY.exists():
        yield
        return
    _POLICY.write_text("#!/bin/sh\nexit 101\n", encoding="ascii")
    _POLICY.chmod(0o755)
    try:
        yield
    finally:
        _POLICY.unlink()


def _with_plugins(docker: Docker, folder: Path) -> Docker:
    """The same with Compose and Buildx. Raises :class:`NoDockerError`."""
    if all(docker.try_to(name, "version").returncode == 0 for name in PLUGINS):
        return docker
    place = cache_folder() / "docker-daemon" / "plugins"
    if not all((place / f"docker-{name}").exists() for name in PLUGINS):
        try:
            _fetch_plugins(place, folder)
        except (EngineError, subprocess.CalledProcessError) as error:
            raise NoDockerError(f"Docker has no Compose here, and none could be fetched: {error}") from error
    settings = folder / "docker"
    (settings / "cli-plugins").mkdir(parents=True)
    for name in PLUGINS:
        (settings / "cli-plugins" / f"docker-{name}").symlink_to(place / f"docker-{name}")
    return replace(docker, environment={**docker.environment, "DOCKER_CONFIG": str(settings)})


def _fetch_plugins(place: Path, folder: Path) -> None:
    apt = open_apt(folder / "apt", MACHINES[os.uname().machine].architecture, find_mirror(os.environ), PLUGIN_SUITE)
    update(apt, lambda _: None)
    environment = {**os.environ, "APT_CONFIG": str(apt.folder / "apt.conf")}
    names = [f"docker-{name}" for name in PLUGINS]
    subprocess.run(["apt-get", "-qq", "download", *names], cwd=folder, env=environment, check=True, capture_output=True)
    for archive in folder.glob("docker-*.deb"):
        subprocess.run(["dpkg-deb", "--extract", archive, folder / "plugins"], check=True, capture_output=True)
    place.mkdir(parents=True, exist_ok=True)
    for name in names:
        shutil.copy(folder / "plugins" / _PLUGIN_PLACE / name, place / name)


def base_images(docker: Docker, folder: Path) -> dict[str, tuple[str, Path | None]]:
    """For each suite its base image, and what apt has to know to fetch packages for it (None: it knows).

    From a registry, else made of the packages of this machine's mirror, of which the image does not know the address.
    Raises :class:`NoDockerError`.
    """
    missing = [name for name in BASES.values() if docker.try_to("image", "inspect", name).returncode]
    made = docker.try_to("image", "inspect", MADE).returncode == 0
    if not made and all(docker.try_to("pull", "--quiet", name).returncode == 0 for name in missing):
        return {suite: (name, None) for suite, name in BASES.items()}
    try:
        mirror = find_mirror(os.environ)
    except EngineError as error:
        raise NoDockerError(f"no registry answers, and {error.problem}") from error
    if not made:
        _make_base(docker, mirror.address, folder / "base.tar")
    return {suite: (MADE, _sources(folder / f"{suite}.list", mirror.address, suite)) for suite in BASES}


def _sources(path: Path, mirror: str, suite: str) -> Path:
    signed = "/usr/share/keyrings/debian-archive-keyring.gpg"
    path.write_text(f"deb [signed-by={signed}] {mirror} {suite} main\n", encoding="utf-8")
    return path


def _make_base(docker: Docker, mirror: str, archive: Path) -> None:
    if shutil.which("mmdebstrap") is None or os.geteuid() != 0:
        raise NoDockerError("no registry answers, and a base image can only be made by root with mmdebstrap")
    excluded = [f"--dpkgopt=path-exclude=/usr/share/{part}/*" for part in ("doc", "man", "locale")]
    command = [
        *("mmdebstrap", "--quiet", "--variant=apt", "--include=debian-archive-keyring"),
        *('--aptopt=Acquire::Check-Valid-Until "false"', *excluded),
        *("--customize-hook=rm -rf $1/etc/apt/sources.list $1/etc/apt/sources.list.d/* $1/var/lib/apt/lists/*",),
        *("--customize-hook=rm -f $1/etc/apt/apt.conf.d/99mmdebstrap $1/etc/resolv.conf $1/etc/hostname",),
        *(_OLDER, str(archive), f"deb {mirror} {_OLDER} main"),
    ]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=600)
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["no reason"]
        raise NoDockerError(f"a base image of Debian {_OLDER} could not be made: {said[-1]}")
    docker.say("import", str(archive), MADE)
    archive.unlink()
