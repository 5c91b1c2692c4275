"""A site's folder: what is in it, read once, before anything is understood."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pbx.diagnostics import Diagnostic

PLATFORM = "platform.yaml"
SECRETS = "secrets.yaml"
TENANTS = "tenants"
POCS = "poc"
LARGEST_LIST = 8 * 1024 * 1024
"""Bytes a list may have: more than a hundred thousand extensions."""


@dataclass(frozen=True, slots=True)
class CustomerFile:
    """A list in a tenant's folder: what it holds, or why it was not read."""

    data: bytes
    refusal: str = ""
    """In words that follow "it cannot be read:"; empty when it was read."""


@dataclass(frozen=True, slots=True)
class SiteFiles:
    """The files of a site: texts by their name as shown, and the recordings each tenant's folder holds."""

    root: Path
    texts: Mapping[str, bytes]
    recordings: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Names of the wav files by tenant slug."""
    lists: Mapping[str, Mapping[str, CustomerFile]] = field(default_factory=dict)
    """The csv files of each tenant's folder by tenant slug and name (Unicode NFC, whatever the file system does)."""


def tenants_in(root: Path) -> list[str]:
    """The short names of the tenants of a site's folder, sorted; none of their files is opened."""
    return sorted(path.stem for path in (root / "tenants").glob("*.yaml"))


def read_folder(
    root: Path, tenant: str | None = None, *, pocs: bool = True
) -> tuple[SiteFiles | None, list[Diagnostic]]:
    """Read a site's YAML files; a folder that is not a site, or cannot be read, is told as a diagnostic.

    With ``tenant`` no file of another tenant is opened; where that one has no file, the platform's alone is read.
    Without ``pocs`` no proof of concept is.
    """
    platform = root / PLATFORM
    if not root.is_dir():
        return None, [Diagnostic("PBX011", str(root), (), f"there is no folder {root}", help="name the site's folder")]
    if not platform.is_file():
        return None, [
            Diagnostic(
                "PBX011",
                str(root),
                (),
                f"{root} is not a site: it has no {PLATFORM}",
                help="a site is a folder with platform.yaml and tenants/*.yaml",
            )
        ]
    texts: dict[str, bytes] = {}
    recordings: dict[str, frozenset[str]] = {}
    lists: dict[str, dict[str, CustomerFile]] = {}
    problems: list[Diagnostic] = []
    wanted = tenants_in(root) if tenant is None else [each for each in tenants_in(root) if each == tenant]
    own = root / POCS / f"{tenant}.yaml"
    tried = sorted((root / POCS).glob("*.yaml")) if tenant is None else [own] if own.is_file() else []
    for path in (platform, *(root / TENANTS / f"{each}.yaml" for each in wanted), *(tried if pocs else ())):
        name = path.relative_to(root).as_posix()
        try:
            texts[name] = path.read_bytes()
            if path != platform and path.parent.name == TENANTS:
                folder = path.with_suffix("")
                recordings[path.stem] = frozenset(each.name for each in folder.glob("*.wav") if each.is_file())
                lists[path.stem] = dict(_lists(folder, root.resolve() / folder.relative_to(root)))
        except OSError as error:
            reason = error.strerror or str(error)
            problems.append(
                Diagnostic("PBX001", name, (), f"this file cannot be read: {reason}", help="check its rights")
            )
    return (None if problems else SiteFiles(root, texts, recordings, lists)), problems


def _lists(folder: Path, real: Path) -> Iterator[tuple[str, CustomerFile]]:
    """The lists of a tenant's folder; one that cannot be read is a problem only where it is named."""
    for path in sorted(folder.glob("*")):
        if path.suffix.lower() == ".csv":
            yield unicodedata.normalize("NFC", path.name), _customer_file(path, real)


def _customer_file(path: Path, folder: Path) -> CustomerFile:
    """``folder`` is where the file must lie when all links are followed."""
    try:
        if path.resolve().parent != folder:
            return CustomerFile(b"", "it is a link that leads out of its folder")
        if not path.is_file():
            return CustomerFile(b"", "it is not a file")
        with path.open("rb") as file:
            data = file.read(LARGEST_LIST + 1)
    except OSError as error:
        return CustomerFile(b"", (error.strerror or str(error)).lower())
    except RuntimeError:  # of pathlib before Python 3.13
        return CustomerFile(b"", "it is a link that leads to itself")
    if len(data) > LARGEST_LIST:
        return CustomerFile(b"", f"it is larger than {LARGEST_LIST // (1024 * 1024)} MiB")
    return CustomerFile(data)
