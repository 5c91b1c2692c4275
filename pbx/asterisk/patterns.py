"""How Asterisk chooses an extension for dialled digits.

A faithful emulation of Asterisk 22's ``main/pbx.c`` (``ext_cmp`` for the order, ``_extension_match_core`` for the
match) with the default matcher (``extenpatternmatchnew=no``), so that a trace of a call and the running dialplan agree.

The rules, in short. A name that does not begin with ``_`` is literal. In a pattern ``X`` is 0-9, ``Z`` is 1-9, ``N`` is
2-9 (in either case), ``[...]`` is a set with ranges, ``.`` is one or more of anything and ``!`` is zero or more of
anything; both end the pattern. ``-`` outside brackets is decoration, in patterns and in dialled digits. Asterisk keeps
the extensions of one context sorted and takes the first that matches: literals first, then patterns compared position
by position, the smaller set of characters first, then ``.``, then ``!``, then the end of the pattern.

The first difference decides, so a pattern that is narrower further on does not help: ``_1.`` loses to ``_1X.``, but
``_X11`` loses to ``_1.``; and because the end of a pattern sorts last, ``_9!`` takes a plain 9 away from ``_9``.

An included context is only asked when nothing in the including context matched: ask :func:`best_match` once for each
context, in the order of the includes.
"""

from __future__ import annotations

import itertools
from collections import deque
from dataclasses import dataclass
from functools import cached_property, cmp_to_key, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

DIGITS = "0123456789"
DIALLABLE = DIGITS + "*#+ABCD"
"""What a telephone can send as an address: the digits of a keypad and the plus of E.164."""

# Scores of pbx.c's ext_cmp_pattern_pos; a lower one is tried first.
_ONE_OR_MORE = 0x18000
_ZERO_OR_MORE = 0x28000
_END = 0x30000
_BROKEN_SET = 0x40000
_CLASSES = {"X": frozenset(DIGITS), "Z": frozenset(DIGITS[1:]), "N": frozenset(DIGITS[2:])}


@dataclass(frozen=True)
class _Step:
    """One position of a pattern: the characters it takes, and its place in the order."""

    score: int
    members: frozenset[str] = frozenset()
    wild: bool = False

    @cached_property
    def order(self) -> tuple[int, int]:
        """What patterns are compared by: the score; of sets of one size the one with the lower characters is first."""
        return self.score, -sum(1 << (255 - (ord(member) & 0xFF)) for member in self.members)


def is_pattern(extension: str) -> bool:
    """Tell whether Asterisk would read this extension as a pattern and not as itself."""
    return extension.startswith("_")


def matches(extension: str, digits: str) -> bool:
    """Tell whether an extension takes all the digits (pbx.c ``_extension_match_core``, E_MATCH)."""
    dialled = digits.replace("-", "")
    if not is_pattern(extension):
        return extension.replace("-", "") == dialled
    steps = _steps(extension[1:])
    for index, step in enumerate(steps):
        if step.wild:
            return step.score == _ZERO_OR_MORE or len(dialled) > index
        if index >= len(dialled):
            return step.score == _END
        if dialled[index] not in step.members:
            return False
    return False


def compare(left: str, right: str) -> int:
    """Order two extensions as Asterisk keeps them: negative when ``left`` is tried first, 0 when they are one to it."""
    if not is_pattern(left) or not is_pattern(right):
        if is_pattern(left) != is_pattern(right):
            return 1 if is_pattern(left) else -1
        one, other = left.replace("-", ""), right.replace("-", "")
        return (one > other) - (one < other)
    for one_step, other_step in zip(_steps(left[1:]), _steps(right[1:]), strict=False):
        if one_step.order != other_step.order:
            return -1 if one_step.order < other_step.order else 1
    return 0


def match_order(extensions: Iterable[str]) -> tuple[str, ...]:
    """Sort extensions in the order in which Asterisk tries them; equal ones keep their order."""
    return tuple(sorted(extensions, key=cmp_to_key(compare)))


def best_match(extensions: Iterable[str], digits: str) -> str | None:
    """Answer which extension of one context Asterisk would run for the digits, or ``None``."""
    matching = [extension for extension in extensions if matches(extension, digits)]
    return match_order(matching)[0] if matching else None


@lru_cache(maxsize=4096)
def overlaps(one: str, other: str) -> str | None:
    """Answer a shortest dial string that both extensions take, or ``None`` when there is none.

    Of several the one with the lowest digits is given. Only what a telephone can dial counts (:data:`DIALLABLE`).
    """
    left, right = _automaton(one), _automaton(other)
    queue: deque[tuple[int, int, str]] = deque([(0, 0, "")])
    seen = {(0, 0)}
    while queue:
        left_at, right_at, dialled = queue.popleft()
        if dialled and _accepts(left, left_at) and _accepts(right, right_at):
            return dialled
        for character in DIALLABLE:
            next_left, next_right = _advance(left, left_at, character), _advance(right, right_at, character)
            if next_left is None or next_right is None or (next_left, next_right) in seen:
                continue
            seen.add((next_left, next_right))
            queue.append((next_left, next_right, dialled + character))
    return None


def swallows(wide: str, narrow: str) -> bool:
    """Tell whether every dial string that ``narrow`` takes is also taken by ``wide``."""
    left, right = _automaton(wide), _automaton(narrow)
    queue: deque[tuple[int | None, int]] = deque([(0, 0)])
    seen: set[tuple[int | None, int]] = {(0, 0)}
    while queue:
        wide_at, narrow_at = queue.popleft()
        if _accepts(right, narrow_at) and (wide_at is None or not _accepts(left, wide_at)):
            return False
        for character in DIALLABLE:
            next_narrow = _advance(right, narrow_at, character)
            if next_narrow is None:
                continue
            after = (None if wide_at is None else _advance(left, wide_at, character), next_narrow)
            if after not in seen:
                seen.add(after)
                queue.append(after)
    return True


def width(extension: str) -> int | None:
    """Answer how many characters an extension takes, or ``None`` when it takes any number of them."""
    steps = _automaton(extension)
    return None if steps[-1].wild else len(steps) - 1


@lru_cache(maxsize=4096)
def taken(extension: str, most: int) -> tuple[str, ...]:
    """Everything that an extension takes, sorted; nothing when that is more than ``most`` or without end."""
    count = 1
    steps = _automaton(extension)
    for step in steps[:-1]:
        count *= len(step.members)
    if steps[-1].score != _END or count > most:
        return ()
    return tuple(sorted(map("".join, itertools.product(*(step.members for step in steps[:-1])))))


@lru_cache(maxsize=4096)
def _steps(pattern: str) -> tuple[_Step, ...]:
    """Cut a pattern (without its underscore) into positions; the last one is a wildcard, the end, or a broken set."""
    steps: list[_Step] = []
    at = 0
    while at < len(pattern):
        character = pattern[at]
        at += 1
        if character == "-":
            continue
        if character in ".!":
            steps.append(_Step(_ONE_OR_MORE if character == "." else _ZERO_OR_MORE, wild=True))
            return tuple(steps)
        if character == "[":
            end = pattern.find("]", at)
            if end < 0:
                steps.append(_Step(_BROKEN_SET))
                return tuple(steps)
            members = _set_members(pattern[at:end])
            at = end + 1
            if not members:
                continue
        else:
            members = _CLASSES.get(character.upper(), frozenset(character))
        steps.append(_Step(len(members) * 0x100 | ord(min(members)) & 0xFF, members))
    return (*steps, _Step(_END))


def _set_members(inside: str) -> frozenset[str]:
    """Read what stands between brackets: ranges and single characters, letters taken literally."""
    members: set[str] = set()
    at = 0
    while at < len(inside):
        if at + 2 < len(inside) and inside[at + 1] == "-":
            members.update(chr(code) for code in range(ord(inside[at]), ord(inside[at + 2]) + 1))
            at += 3
        else:
            members.add(inside[at])
            at += 1
    return frozenset(members)


def _automaton(extension: str) -> tuple[_Step, ...]:
    """Give an extension as positions; a literal is a pattern of one-character sets."""
    if is_pattern(extension):
        return _steps(extension[1:])
    literal = extension.replace("-", "")
    return (*(_Step(0x100 | ord(character) & 0xFF, frozenset(character)) for character in literal), _Step(_END))


def _accepts(steps: tuple[_Step, ...], at: int) -> bool:
    """Tell whether the pattern may end here. Position ``len(steps)`` means: inside a wildcard that took something."""
    return at == len(steps) or steps[at].score in (_END, _ZERO_OR_MORE)


def _advance(steps: tuple[_Step, ...], at: int, character: str) -> int | None:
    """Answer the position after one more character, or ``None`` when the pattern does not take it."""
    if at == len(steps) or steps[at].wild:
        return len(steps)
    return at + 1 if character in steps[at].members else None
