"""A private apt: it asks this machine's Debian mirror for packages of another suite and touches nothing of the machine.

Its lists, cache and (empty) status live in a folder of ours; the machine's settings for proxies and passwords hold.
Signatures are verified with the machine's Debian keys, hashes by apt and once more against the lock.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from lab.engine.base import EngineError
from lab.engine.lock import Lock, Package, make_lock
from lab.engine.sources import VARIABLE, Mirror

SUITE: Final = "sid"
"""The only suite of Debian that has Asterisk: what is asked for, unless another one is named."""
WANTED: Final = (
    "asterisk",
    "asterisk-core-sounds-en-wav",
    "asterisk-core-sounds-es-wav",
    "asterisk-moh-opsound-wav",
    "espeak-ng",
    "libfaketime",
)
_FILE: Final = re.compile(r"^'\S+' (?P<name>[^_\s]+)_(?P<version>[^_\s]+)_\w+\.deb ", re.MULTILINE)
"""A line of ``--print-uris``, which is seven seconds faster than ``--simulate``."""


@dataclass(frozen=True, slots=True)
class Apt:
    """Where the private apt keeps its state."""

    folder: Path
    architecture: str


def open_apt(folder: Path, architecture: str, mirror: Mirror, suite: str = SUITE) -> Apt:
    """Set up the private apt in a folder. Raises `EngineError` where there is no apt."""
    for program in ("apt-get", "apt-cache", "dpkg-deb"):
        if shutil.which(program) is None:
            raise EngineError(
                f"The embedded engine is fetched with apt, and this machine has no `{program}`.",
                "Install Asterisk 22 or newer and use the system engine.",
            )
    for name in ("lists/partial", "cache/archives/partial"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "status").touch()
    options = f"[arch={architecture}{f' signed-by={mirror.keyring}' if mirror.keyring else ''}]"
    (folder / "sources.list").write_text(f"deb {options} {mirror.address} {suite} main\n", encoding="utf-8")
    (folder / "apt.conf").write_text(_configuration(folder, architecture), encoding="utf-8")
    return Apt(folder, architecture)


def update(apt: Apt, seen: Callable[[float], None]) -> None:
    """Fetch the list of packages; ``seen`` is told the fraction done. Raises `EngineError`."""
    _run(apt, ["apt-get", "update", "--error-on=any"], apt.folder, seen)


def resolve(apt: Apt, wanted: Sequence[str] = WANTED) -> Lock:
    """What the mirror offers now: the closure of these packages with versions and hashes. Raises `EngineError`."""
    uris = _run(apt, ["apt-get", "install", "--print-uris", "--quiet=2", "--yes", *wanted], apt.folder)
    versions = [f"{match['name']}={unquote(match['version'])}" for match in _FILE.finditer(uris)]
    return make_lock(apt.architecture, offered(apt, versions))


def still_offered(apt: Apt, lock: Lock) -> bool:
    """Whether the mirror still has every locked package, unchanged."""
    versions = [f"{each.name}={each.version}" for each in lock.packages]
    return set(lock.packages) <= set(offered(apt, versions))


def offered(apt: Apt, versions: Sequence[str]) -> list[Package]:
    """Those of ``name=version`` that the mirror has, with their hashes."""
    shown = _run(apt, ["apt-cache", "show", *versions], apt.folder, missing_is_error=False)
    found = set()
    for paragraph in shown.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in paragraph.splitlines() if re.match(r"[A-Za-z0-9-]+: ", line))
        if {"Package", "Version", "SHA256"} <= fields.keys():
            found.add(Package(fields["Package"], fields["Version"], fields["SHA256"]))
    return sorted(each for each in found if f"{each.name}={each.version}" in set(versions))


def download(apt: Apt, packages: Sequence[Package], target: Path, seen: Callable[[float], None]) -> list[Path]:
    """Fetch packages into a folder and verify each hash. Raises `EngineError`."""
    names = [f"{each.name}={each.version}" for each in packages]
    _run(apt, ["apt-get", "download", *names], target, seen)
    archives = sorted(target.glob("*.deb"))
    verify(archives, packages)
    return archives


def verify(archives: Iterable[Path], packages: Sequence[Package]) -> None:
    """Compare the files with the hashes that were locked, one for one. Raises `EngineError`."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        hashes = set(pool.map(_sha256, archives))
    wrong = [each.name for each in packages if each.sha256 not in hashes]
    if wrong:
        raise EngineError(
            f"These packages do not have the SHA-256 that was locked: {', '.join(wrong)}.",
            f"Try again; if it stays so, use another mirror ({VARIABLE}) and tell us.",
        )


def extract(archive: Path, target: Path) -> None:
    """Unpack one package. Raises `EngineError`."""
    done = subprocess.run(
        ["dpkg-deb", "--extract", str(archive), str(target)],
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise explain(done.stderr or f"dpkg-deb could not unpack {archive.name}")


def explain(text: str) -> EngineError:
    """What went wrong, out of what apt or dpkg said."""
    lines = [line for line in text.strip().splitlines() if line.startswith(("E:", "W:", "dpkg", "tar"))]
    said = "\n".join(lines[-4:] or text.strip().splitlines()[-4:])
    if "No space left" in text or "enough free space" in text:
        return EngineError(f"The disk is full: {said}", "Free about 1 GB, or set XDG_CACHE_HOME to a larger disk.")
    if re.search(r"NO_PUBKEY|not signed|couldn't be verified|GPG error", text):
        return EngineError(
            f"The Debian mirror's signature could not be verified: {said}",
            "Install or upgrade the package debian-archive-keyring.",
        )
    if re.search(r"Hash Sum mismatch|unexpected size", text, re.IGNORECASE):
        return EngineError(
            f"The Debian mirror sent something damaged: {said}",
            f"Try again in a few minutes, or set {VARIABLE} to another mirror.",
        )
    if re.search(r"resolv|Could not connect|Connection|Failed to fetch|timed out|unreachable", text):
        return EngineError(
            f"The Debian mirror cannot be reached: {said}",
            f"Check the network and its proxy, or set {VARIABLE} to another mirror.",
        )
    return EngineError(f"apt failed: {said}", f"Try again, or set {VARIABLE} to another mirror.")


def _configuration(folder: Path, architecture: str) -> str:
    """Our own places; no hooks, pins or further architectures of the machine."""
    return f"""\
Dir::State "{folder}";
Dir::State::Lists "{folder}/lists";
Dir::State::status "{folder}/status";
Dir::Cache "{folder}/cache";
Dir::Cache::pkgcache "pkgcache.bin";
Dir::Cache::srcpkgcache "srcpkgcache.bin";
Dir::Etc::sourcelist "{folder}/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
#clear APT::Architectures;
APT::Architecture "{architecture}";
APT::Architectures {{ "{architecture}"; }};
APT::Install-Recommends "false";
APT::Sandbox::User "";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear Acquire::IndexTargets::deb::DEP-11;
#clear Acquire::IndexTargets::deb::Contents-deb;
Acquire::Check-Valid-Until "false";
Acquire::Languages "none";
Acquire::Retries "2";
"""


def _run(
    apt: Apt,
    command: Sequence[str],
    folder: Path,
    seen: Callable[[float], None] | None = None,
    *,
    missing_is_error: bool = True,
) -> str:
    """Run an apt program under our configuration and return its output; progress comes by its status pipe."""
    environment = {**os.environ, "APT_CONFIG": str(apt.folder / "apt.conf"), "LC_ALL": "C.UTF-8"}
    reading, writing = os.pipe()
    with (apt.folder / "errors").open("w+", encoding="utf-8") as errors, (apt.folder / "output").open("w+") as output:
        process = subprocess.Popen(
            [command[0], "-o", f"APT::Status-Fd={writing}", *command[1:]],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            pass_fds=(writing,),
        )
        os.close(writing)
        with os.fdopen(reading, encoding="utf-8", errors="replace") as status:
            for line in status:
                match = re.match(r"dlstatus:\d+:([\d.]+):", line)
                if match and seen:
                    seen(float(match[1]) / 100)
        failed = process.wait() != 0
        errors.seek(0)
        output.seek(0)
        if failed and missing_is_error:
            raise explain(errors.read() or output.read())
        return output.read()


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
