"""The embedded engine: Debian's Asterisk in a cache folder, run through its own loader, without root or Docker.

Cache: ``$XDG_CACHE_HOME/centralita/engines/asterisk-VERSION-ARCHITECTURE-LOCK``. A root is built aside and renamed, so
what is there is whole; ``centralita.json`` in it says what it is. Several live side by side.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import platform
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lab.engine import debian
from lab.engine.base import EngineError, Installation, Progress, quiet
from lab.engine.lock import Lock, Package, read_lock
from lab.engine.sources import find_mirror
from lab.engine.speech import write_speech_command

NEEDED_BYTES: Final = 900_000_000
"""Room to build a root: packages, extracted files, lists of packages."""
ZONES: Final = Path("/usr/share/zoneinfo")
"""Where Asterisk, as compiled, looks for time zones: on the machine, not in its root."""
_NOTE: Final = "centralita.json"
_LANGUAGES: Final = {"en": "en_US_f_Allison", "es": "es_MX_f_Allison"}
_UNUSED: Final = (
    "adduser", "base-passwd", "debconf", "dirmngr", "gnupg", "gnupg-l10n", "gpg", "gpg-agent", "gpgconf", "gpgsm",
    "libpam-modules", "libpam-modules-bin", "libpam-runtime", "libperl5.42", "libx11-data", "login.defs", "passwd",
    "pci.ids", "perl-base", "perl-modules-5.42", "pinentry-curses", "tzdata", "gcc-16-base",
)  # fmt: skip
"""Packages of the closure which serve installation, or documentation: neither fetched nor unpacked."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What differs between architectures."""

    architecture: str
    triplet: str
    loader: str


MACHINES: Final = {
    "x86_64": Machine("amd64", "x86_64-linux-gnu", "ld-linux-x86-64.so.2"),
    "aarch64": Machine("arm64", "aarch64-linux-gnu", "ld-linux-aarch64.so.1"),
}


@dataclass(frozen=True, slots=True)
class Root:
    """A finished root in the cache."""

    path: Path
    version: str
    wanted: str
    """The digest of the lock file at the time; differs from the root's own when the mirror had moved on."""


class Embedded:
    """The engine named ``embedded``."""

    name = "embedded"

    def __init__(self, cache: Path | None = None) -> None:
        """Use this cache folder, or the user's."""
        self.cache = cache or cache_folder()

    def provision(self, progress: Progress = quiet) -> Installation:
        """The cached root, else fetch one. Raises `EngineError`."""
        machine = this_machine()
        lock = read_lock(machine.architecture)
        root = self.find(lock)
        if root is None:
            with self._alone(progress):
                root = self.find(lock) or self._build(machine, lock, progress)
        installation = describe(root, machine)
        if installation.espeak:
            write_speech_command(installation.espeak, self.cache / "bin")
        return installation

    def find(self, lock: Lock | None) -> Root | None:
        """A finished root for this lock: of exactly these packages, else the one resolved in its place."""
        roots = [root for root in self.roots() if root.wanted == (lock.digest if lock else "")]
        exact = [root for root in roots if lock and root.path.name.endswith(lock.digest)]
        return next(iter(exact or roots), None)

    def roots(self) -> list[Root]:
        """Every finished root, newest version first."""
        found = []
        for note in self.engines.glob(f"asterisk-*/{_NOTE}"):
            known = json.loads(note.read_text(encoding="utf-8"))
            found.append(Root(note.parent, known["version"], known["wanted"]))
        return sorted(found, key=lambda root: root.path.name, reverse=True)

    @property
    def engines(self) -> Path:
        """The folder of the roots."""
        return self.cache / "engines"

    def lock_now(self, architecture: str, progress: Progress = quiet) -> Lock:
        """What the mirror offers now, for a new lock file; any architecture. Raises `EngineError`."""
        mirror = find_mirror(os.environ)
        with tempfile.TemporaryDirectory() as folder:
            progress(f"asking the Debian mirror for {architecture}", 0)
            apt = debian.open_apt(Path(folder), architecture, mirror)
            debian.update(apt, lambda done: progress(f"asking the Debian mirror for {architecture}", done))
            return debian.resolve(apt)

    def clean(self, *, everything: bool = False) -> list[Path]:
        """Remove roots other than the current one (or all), and what interrupted runs left; returns what went."""
        machine = this_machine()
        current = None if everything else self.find(read_lock(machine.architecture))
        with self._alone(quiet):
            gone = [root.path for root in self.roots() if current is None or root.path != current.path]
            for path in gone:
                shutil.rmtree(path)
            return gone

    def _build(self, machine: Machine, lock: Lock | None, progress: Progress) -> Root:
        mirror = find_mirror(os.environ)
        self._need_room()
        work = Path(tempfile.mkdtemp(prefix=".building-", dir=self.engines))
        try:
            return self._build_in(work, debian.open_apt(work / "apt", machine.architecture, mirror), lock, progress)
        except OSError as error:
            raise debian.explain(str(error)) from error
        finally:
            shutil.rmtree(work, ignore_errors=True)

    def _build_in(self, work: Path, apt: debian.Apt, lock: Lock | None, progress: Progress) -> Root:
        """Fetch and unpack in ``work``, rename into place at the very end."""
        progress("asking the Debian mirror", 0)
        debian.update(apt, lambda done: progress("asking the Debian mirror", 0.2 * done))
        actual = lock if lock and debian.still_offered(apt, lock) else debian.resolve(apt)
        if lock and actual != lock:
            progress(f"the mirror has moved on from the locked versions; taking Asterisk {actual.asterisk}", 0.2)
        packages = needed(actual)
        folder = work / "packages"
        folder.mkdir()
        stage = f"fetching Asterisk {actual.asterisk} ({len(packages)} packages)"
        archives = debian.download(apt, packages, folder, lambda done: progress(stage, 0.2 + 0.4 * done))
        root = work / "root"
        root.mkdir()
        _extract_all(archives, root, progress)
        note = {"version": actual.asterisk, "wanted": lock.digest if lock else "", "lock": actual.digest}
        (root / _NOTE).write_text(json.dumps(note), encoding="utf-8")
        target = self.engines / f"asterisk-{actual.asterisk}-{actual.architecture}-{actual.digest}"
        if target.exists():  # the same packages, wanted by another lock
            shutil.rmtree(target)
        root.rename(target)
        progress(f"Asterisk {actual.asterisk} is ready", 1)
        return Root(target, actual.asterisk, str(note["wanted"]))

    def _need_room(self) -> None:
        free = shutil.disk_usage(self.engines).free
        if free < NEEDED_BYTES:
            raise EngineError(
                f"{self.engines} has {free // 1_000_000} MB free; building the embedded engine needs "
                f"{NEEDED_BYTES // 1_000_000} MB.",
                "Free some space, or set XDG_CACHE_HOME to a larger disk.",
            )

    @contextlib.contextmanager
    def _alone(self, progress: Progress) -> Iterator[None]:
        """Hold the cache's lock, which the kernel frees when we die; then what other builders left is rubbish."""
        try:
            self.engines.mkdir(parents=True, exist_ok=True)
            with (self.engines / ".lock").open("w") as handle:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    progress("waiting for another run that is fetching the engine", 0)
                    fcntl.flock(handle, fcntl.LOCK_EX)
                for rubbish in self.engines.glob(".building-*"):
                    shutil.rmtree(rubbish, ignore_errors=True)
                yield
        except PermissionError as error:
            raise EngineError(
                f"The cache folder cannot be written: {error.filename}.", "Set XDG_CACHE_HOME to a folder of yours."
            ) from error


def cache_folder() -> Path:
    """Where this program keeps what it has fetched (XDG Base Directory Specification)."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if base.startswith("/") else Path.home() / ".cache") / "centralita"


def this_machine() -> Machine:
    """The machine we run on. Raises `EngineError` where there is no embedded engine for it."""
    machine = MACHINES.get(platform.machine())
    if machine is None or platform.system() != "Linux":
        raise EngineError(
            f"There is no embedded engine for {platform.system()} on {platform.machine()}.",
            "Install Asterisk 22 or newer and use the system engine.",
        )
    return machine


def needed(lock: Lock) -> list[Package]:
    """The packages of a lock that serve at run time."""
    return [each for each in lock.packages if each.name not in _UNUSED]


def describe(root: Root, machine: Machine) -> Installation:
    """How to run what is in a root."""
    libraries = root.path / "usr/lib" / machine.triplet
    # Libraries that Debian keeps in folders of their own find each other by an absolute RUNPATH, which is not ours.
    library_path = f"{libraries}:{libraries / 'pulseaudio'}"
    loader = (str(libraries / machine.loader), "--library-path", library_path)
    program = str(root.path / "usr/sbin/asterisk")
    faketime = libraries / "faketime/libfaketime.so.1"
    data = root.path / "usr/share/asterisk"
    if not (ZONES / "America/Argentina/Buenos_Aires").exists():
        raise EngineError("This machine has no time zones, which Asterisk needs.", "Run `apt-get install tzdata`.")
    return Installation(
        engine="embedded",
        version=root.version,
        command=(*loader, program),
        # The loader's own option, not LD_PRELOAD: what Asterisk starts runs in the machine's libraries and real time.
        clocked_command=(*loader, "--preload", str(faketime), program),
        modules=libraries / "asterisk/modules",
        data=data,
        languages={name: data / "sounds" / folder for name, folder in _LANGUAGES.items()},
        espeak=("env", f"ESPEAK_DATA_PATH={libraries}", *loader, str(root.path / "usr/bin/espeak-ng")),
    )


def _extract_all(archives: Sequence[Path], root: Path, progress: Progress) -> None:
    """Unpack, largest first and on every processor: what takes longest is decompression."""
    largest_first = sorted(archives, key=lambda path: path.stat().st_size, reverse=True)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for count, _ in enumerate(pool.map(lambda archive: debian.extract(archive, root), largest_first), 1):
            progress("unpacking", 0.6 + 0.4 * count / len(archives))
