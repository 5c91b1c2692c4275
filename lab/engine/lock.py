"""The lock file: which version of each package the embedded engine is made of, by architecture.

It holds no addresses: what a package is called, its version and its SHA-256 are the same on every mirror.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lab.engine.base import EngineError

LOCK_FILE: Final = Path(__file__).with_name("embedded.lock")
_HEAD: Final = """\
# What the embedded engine is made of. Written by `pbx lab engine lock`; do not edit.
# package version sha256
"""


@dataclass(frozen=True, slots=True, order=True)
class Package:
    """One package of one architecture, exactly."""

    name: str
    version: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Lock:
    """All packages of one architecture, sorted by name."""

    architecture: str
    packages: tuple[Package, ...]

    @property
    def digest(self) -> str:
        """Twelve hexadecimal digits that differ when anything in the lock differs."""
        text = "\n".join(f"{each.name} {each.version} {each.sha256}" for each in self.packages)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    @property
    def asterisk(self) -> str:
        """Asterisk's own version, ``22.10.1``, out of Debian's, ``1:22.10.1+dfsg+~cs6…-1``."""
        full = next((each.version for each in self.packages if each.name == "asterisk"), "")
        match = re.match(r"(?:\d+:)?(\d+(?:\.\d+)*)", full)
        return match[1] if match else "unknown"


def make_lock(architecture: str, packages: Iterable[Package]) -> Lock:
    """A lock of these packages."""
    return Lock(architecture, tuple(sorted(packages)))


def parse_locks(text: str) -> dict[str, Lock]:
    """Read a lock file; raises `EngineError` when it is damaged."""
    sections: dict[str, list[Package]] = {}
    current: list[Package] | None = None
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.split("#", 1)[0].strip()
        words = line.split()
        if not words:
            continue
        if line.startswith("[") and line.endswith("]"):
            current = sections.setdefault(line[1:-1].strip(), [])
        elif current is not None and len(words) == 3 and re.fullmatch(r"[0-9a-f]{64}", words[2]):  # noqa: PLR2004
            current.append(Package(*words))
        else:
            raise EngineError(
                f"The lock file of the embedded engine is damaged in line {number}: {raw}",
                "Restore it from version control, or write it anew with `pbx lab engine lock`.",
            )
    return {architecture: make_lock(architecture, packages) for architecture, packages in sections.items()}


def format_locks(locks: Mapping[str, Lock]) -> str:
    """The text of a lock file."""
    parts = [_HEAD]
    for architecture in sorted(locks):
        lines = (f"{each.name} {each.version} {each.sha256}\n" for each in locks[architecture].packages)
        parts.append(f"\n[{architecture}]\n" + "".join(lines))
    return "".join(parts)


def read_lock(architecture: str, path: Path = LOCK_FILE) -> Lock | None:
    """The lock of this architecture; None where there is none yet."""
    return parse_locks(path.read_text(encoding="utf-8")).get(architecture) if path.is_file() else None
