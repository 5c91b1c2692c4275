"""A build: every file that Asterisk reads, as text, and every sound, as a recipe."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pbx.model import Language, Prompt
from pbx.origins import Origin


@dataclass(frozen=True, slots=True)
class SoundRecipe:
    """How one sound file is made."""

    tenant: str
    """Whose it is; empty for what the PBX itself says."""
    language: Language
    prompt: Prompt
    """A recording of the tenant's folder, or a text to say."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """A whole build. Paths are relative to Asterisk's configuration folder and, for sounds, to its sounds folder."""

    files: Mapping[str, str]
    sounds: Mapping[str, SoundRecipe]
    origins: Mapping[str, tuple[Origin, ...]] = field(default_factory=dict)
    """What the lines of each file were made of."""


def differences(shipped: Bundle, tested: Bundle, secrets: Iterable[str]) -> tuple[str, ...]:
    """Unified-diff lines between two builds, without context and with every password blanked."""
    import difflib

    from pbx.secrets import blank

    hidden = tuple(secrets)
    lines: list[str] = []
    for path in sorted({*shipped.files, *tested.files}):
        before = blank(shipped.files.get(path, ""), hidden).splitlines()
        after = blank(tested.files.get(path, ""), hidden).splitlines()
        lines += difflib.unified_diff(before, after, path, path, n=0, lineterm="")
    return tuple(lines)
