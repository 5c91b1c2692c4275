"""A site's folder: what is in it, read once, before anything is understood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pbx.diagnostics import Diagnostic

PLATFORM = "platform.yaml"
SECRETS = "secrets.yaml"


@dataclass(frozen=True, slots=True)
class SiteFiles:
    """The files of a site: texts by their name as shown, and the recordings each tenant's folder holds."""

    root: Path
    texts: Mapping[str, bytes]
    recordings: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Names of the wav files by tenant slug."""


def read_folder(root: Path) -> tuple[SiteFiles | None, list[Diagnostic]]:
    """Read a site's YAML files; a folder that is not a site, or cannot be read, is told as a diagnostic."""
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
    problems: list[Diagnostic] = []
    for path in (platform, *sorted((root / "tenants").glob("*.yaml"))):
        name = path.relative_to(root).as_posix()
        try:
            texts[name] = path.read_bytes()
            if path != platform:
                folder = path.with_suffix("")
                recordings[path.stem] = frozenset(each.name for each in folder.glob("*.wav") if each.is_file())
        except OSError as error:
            reason = error.strerror or str(error)
            problems.append(
                Diagnostic("PBX001", name, (), f"this file cannot be read: {reason}", help="check its rights")
            )
    return (None if problems else SiteFiles(root, texts, recordings)), problems
