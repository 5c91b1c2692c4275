"""How wide text is, without a font: no reader's font is known, so each letter is taken as wide as in a wide one."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

_NARROW: Final = 0.36
_COMMON: Final = 0.61
_CAPITAL: Final = 0.72
_WIDE: Final = 0.98
_THIN: Final = frozenset("ijltfrI.,:;'|!()[]{} ·/«»“”‘’`")
_BROAD: Final = frozenset("mwMWÑ%@&→—…")


@lru_cache(maxsize=8192)
def width(text: str, size: float, *, bold: bool = False) -> int:
    """The width of a text in pixels, rather too much than too little."""
    ems = sum(map(_ems, text))
    return math.ceil(ems * size * (1.08 if bold else 1))


@lru_cache(maxsize=1024)
def _ems(letter: str) -> float:
    if unicodedata.combining(letter):
        return 0
    if letter in _THIN:
        return _NARROW
    if letter in _BROAD or unicodedata.east_asian_width(letter) in "WF" or ord(letter) > 0xFFFF:  # noqa: PLR2004
        return _WIDE
    return _CAPITAL if letter.isupper() else _COMMON


def fitted(text: str, room: float, size: float, *, bold: bool = False) -> str:
    """The text, cut with an ellipsis where there is no room for all of it."""
    if width(text, size, bold=bold) <= room:
        return text
    kept = text
    while kept and width(f"{kept}…", size, bold=bold) > room:
        kept = kept[:-1]
    return f"{kept.rstrip()}…"


def wrapped(text: str, room: float, size: float, most: int, *, bold: bool = False) -> tuple[str, ...]:
    """The text in so many lines at the most, broken at blanks; what is left over is cut from the last one."""
    lines = list(_broken(text, room, size, bold=bold))
    if len(lines) <= most:
        return tuple(fitted(line, room, size, bold=bold) for line in lines)
    rest = " ".join(lines[most - 1 :])
    return (*(fitted(line, room, size, bold=bold) for line in lines[: most - 1]), fitted(rest, room, size, bold=bold))


def _broken(text: str, room: float, size: float, *, bold: bool) -> Iterator[str]:
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if line and width(longer, size, bold=bold) > room:
            yield line
            longer = word
        line = longer
    if line:
        yield line
