"""Asterisk's own sounds: the names in the packages ``asterisk-core-sounds-en`` and ``-es``, release 1.6.1."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class SoundLibrary:
    """The sounds that Asterisk plays in one language."""

    names: frozenset[str]

    def has(self, name: str) -> bool:
        """Whether Asterisk can play ``name``."""
        return name in self.names

    def help(self, name: str) -> str:
        """What to write instead of an unknown ``name``."""
        near = difflib.get_close_matches(name, sorted(self.names), n=1)
        return f"did you mean {near[0]}?" if near else "write the text instead: {say: ...}"


@cache
def library(language: str) -> SoundLibrary:
    """The sounds of ``es`` or ``en``; for what Spanish lacks Asterisk falls back to English by itself."""
    text = files("pbx.asterisk").joinpath(f"sounds_{language}.txt").read_text("utf-8")
    return SoundLibrary(frozenset(text.split()))
