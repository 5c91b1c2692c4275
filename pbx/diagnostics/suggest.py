"""What the user probably meant."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_LOOK_ALIKES = str.maketrans({"l": "1", "i": "1", "o": "0", "-": "_", " ": "_"})
_LONGEST = 80


def nearest(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate most like ``word``, or None when none is close enough to be worth a guess.

    Characters that look alike (``l`` and ``1``, ``O`` and ``0``), capitals, accents and ``-`` for ``_`` count as equal;
    then up to a third of the characters may differ, swapped neighbours counting once. Of ``kind:id`` only the id may
    differ when the kinds are the same. A number is suggested only when no other number is equally close.
    """
    if len(word) > _LONGEST:
        return None
    best: list[tuple[int, str]] = []
    for candidate in dict.fromkeys(candidates):
        if candidate == word or len(candidate) > _LONGEST:
            continue
        distance = _distance_within_reason(word, candidate)
        if distance is not None:
            best.append((distance, candidate))
    best.sort(key=lambda pair: pair[0])
    if not best:
        return None
    if word.isdigit() and len(best) > 1 and best[0][0] == best[1][0]:
        return None
    return best[0][1]


def _distance_within_reason(word: str, candidate: str) -> int | None:
    kind, colon, rest = word.partition(":")
    other_kind, other_colon, other_rest = candidate.partition(":")
    if colon and other_colon and kind == other_kind:
        word, candidate = rest, other_rest
    skeleton, other = _skeleton(word), _skeleton(candidate)
    if skeleton == other:
        return 0
    allowed = max(1, max(len(skeleton), len(other)) // 3)
    if abs(len(skeleton) - len(other)) > allowed or min(len(skeleton), len(other)) <= 1:
        return None
    distance = _edits(skeleton, other)
    return distance if distance <= allowed else None


def _skeleton(word: str) -> str:
    bare = "".join(mark for mark in unicodedata.normalize("NFKD", word) if not unicodedata.combining(mark))
    return bare.casefold().translate(_LOOK_ALIKES)


def _edits(one: str, other: str) -> int:
    """Edits between two words: a character more, less or different, or two neighbours swapped (Damerau, 1964)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        oldest, before, row = before, row, [i] + [0] * len(other)
        for j, b in enumerate(other, start=1):
            row[j] = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                row[j] = min(row[j], oldest[j - 2] + 1)
    return row[-1]
