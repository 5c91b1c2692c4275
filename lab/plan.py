"""Everything a run needs to know, made before the first Asterisk boots."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from lab.engine import Installation
from lab.stage import Sounds
from pbx.lower import Secrets
from pbx.site import Site


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything a run needs to know."""

    site: Site
    name: str
    """The site's folder as the user wrote it, for trace commands."""
    secrets: Secrets
    installation: Installation
    folder: Path
    sounds: Sounds
    prompts: Mapping[str, Mapping[str, Path]]
    """Reference sounds by tenant and name (``prompt:ivr-principal``)."""
    locks: Path
    speed: int
    registrations: tuple[str, tuple[str, ...]] = ("", ())
    """A tenant, and which of its rows about registration are wanted."""
    alter: Callable[[Mapping[str, str]], Mapping[str, str]] = dict
    """What is done to the compiled files before they are booted: nothing, unless somebody wants to see rows fail."""
    jobs: int = 0
    """PBXs at once; 0: as many as the runner thinks right."""
    fail_fast: bool = False
    """Whether no further row begins once one has failed."""
