"""What a text with ``${…}`` may be when the call gets there, as far as the build tells.

A variable's values are known when everything that sets it is written in the build with a known value: ``Set``,
``set_var`` of an endpoint, ``[globals]``; and for the words of Asterisk's own results (``DIALSTATUS`` and the like).
All else is any text, written :data:`ANYTHING`.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pbx.verify.references import variable_name

ANYTHING: Final = "\0"
SHARED: Final = ""
"""The scope of the files that all tenants share. What only tenants set is unknown there."""
_MOST: Final = 200
"""More values than this are any text: nobody writes so many words by hand."""
_DEEPEST: Final = 5
_SLICE: Final = re.compile(r"(\w+)(?::(-?\d+))?(?::(-?\d+))?")

RESULTS: Final[Mapping[str, frozenset[str]]] = {
    # Without ANSWER: after an answered call Dial comes back only with option g, and Queue not at all.
    "DIALSTATUS": frozenset(
        ["CHANUNAVAIL", "CONGESTION", "NOANSWER", "BUSY", "CANCEL", "DONTCALL", "TORTURE", "INVALIDARGS"]
    ),
    "QUEUESTATUS": frozenset(
        ["TIMEOUT", "FULL", "JOINEMPTY", "LEAVEEMPTY", "JOINUNAVAIL", "LEAVEUNAVAIL", "CONTINUE", "WITHDRAW"]
    ),
    "PLAYBACKSTATUS": frozenset({"SUCCESS", "FAILED"}),
    "BACKGROUNDSTATUS": frozenset({"SUCCESS", "FAILED"}),
    "VMSTATUS": frozenset({"SUCCESS", "USEREXIT", "FAILED"}),
}
"""What the applications' own documentation says (``core show application Dial``)."""

Known = Mapping[str, frozenset[str]]


@dataclass(slots=True)
class Words:
    """The values of the variables of a build."""

    values: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    """By the scope of whoever sets it, and its name."""
    settled: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    """What was found out, once nothing more is learnt."""

    def learn(self, scope: str, variable: str, value: str) -> None:
        """Take note of an assignment, as written: ``__PBX_ORIGIN``, ``trunk``."""
        self.values.setdefault((scope, variable_name(variable)), set()).add(value)

    def of(self, text: str, known: Known, scope: str | None = None, depth: int = 0) -> frozenset[str]:
        """Everything a text may be; ``known`` holds what is known at that place alone.

        With a ``scope`` (a tenant, or empty for what all share) the values count that are set there or by all.
        """
        if "${" not in text and "$[" not in text:
            return frozenset({text})
        if text[2:-1] in known and text[0] == "$":
            return known[text[2:-1]]
        pieces = [self._piece(piece, known, scope, depth) for piece in cut(text)]
        count = 1
        for piece in pieces:
            count *= len(piece)
        if count > _MOST:
            pieces = [piece if len(piece) == 1 else frozenset({ANYTHING}) for piece in pieces]
        return frozenset("".join(words) for words in itertools.product(*pieces))

    def _piece(self, piece: str, known: Known, scope: str | None, depth: int) -> frozenset[str]:
        if not piece.startswith("$"):
            return frozenset({piece})
        found = _SLICE.fullmatch(piece[2:-1]) if piece.startswith("${") else None
        values = self._values(found[1], known, scope, depth) if found else frozenset({ANYTHING})
        if found is None or found[2] is None:
            return values
        begin, length = int(found[2]), int(found[3]) if found[3] else None
        return frozenset(ANYTHING if ANYTHING in each else cut_out(each, begin, length) for each in values)

    def _values(self, name: str, known: Known, scope: str | None, depth: int) -> frozenset[str]:
        if name in known:
            return known[name]
        if name in RESULTS:
            return RESULTS[name]
        if scope is None or depth >= _DEEPEST:
            return frozenset({ANYTHING})
        if known:
            return self._written(name, known, scope, depth)
        if (scope, name) not in self.settled:
            self.settled[scope, name] = self._written(name, known, scope, depth)
        return self.settled[scope, name]

    def _written(self, name: str, known: Known, scope: str, depth: int) -> frozenset[str]:
        written = self.values.get((scope, name), set()) | self.values.get((SHARED, name), set())
        if not written or len(written) > _MOST:
            return frozenset({ANYTHING})
        return frozenset().union(*(self.of(each, known, scope, depth + 1) for each in written))


def cut(text: str) -> list[str]:
    """A text in pieces: plain ones, and ``${…}`` and ``$[…]`` as a whole."""
    pieces, begin, index = [], 0, 0
    while index < len(text):
        if text.startswith(("${", "$["), index):
            end = _end(text, index + 1)
            pieces += [text[begin:index], text[index:end]]
            begin = index = end
        else:
            index += 1
    return [piece for piece in (*pieces, text[begin:]) if piece]


def fits(word: str, names: Sequence[str]) -> bool:
    """Whether a text, parts of which may be anything, can be one of the sorted names."""
    pieces = word.split(ANYTHING)
    pattern = re.compile(".+".join(map(re.escape, pieces)), re.DOTALL) if pieces[1:] != [""] else None
    for index in range(bisect_left(names, pieces[0]), len(names)):
        name = names[index]
        if not name.startswith(pieces[0]):
            return False
        if len(name) > len(pieces[0]) and (pattern is None or pattern.fullmatch(name)):
            return True
    return False


def cut_out(text: str, begin: int, length: int | None) -> str:
    """``${NAME:begin:length}`` (pbx_variables.c ``substring``)."""
    rest = text[begin:] if begin >= 0 else text[max(len(text) + begin, 0) :]
    if length is None:
        return rest
    return rest[:length]


def _end(text: str, opening: int) -> int:
    depth = 0
    for index in range(opening, len(text)):
        depth += (text[index] in "[{") - (text[index] in "]}")
        if depth == 0:
            return index + 1
    return len(text)
