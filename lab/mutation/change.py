"""How operators say what they change; the mutant is made of it where it is known which line it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from pbx.verify.references import split

SWITCH: Final[Mapping[str, str]] = {"on": "off", "off": "on", "yes": "no", "no": "yes", "prohib": "allowed"}
"""Words that are said or not, and the other one."""


class Change(NamedTuple):
    """A change of a line: what is replaced by what, and its meaning. None for ``new`` takes the line away."""

    kind: str
    old: str
    new: str | None
    meaning: str
    names: tuple[str, ...] = ()


def other(value: str, known: list[str]) -> str:
    """The next of the known values, the first after the last; empty when there is no other."""
    rest = [each for each in known if each > value] + [each for each in known if each < value]
    return rest[0] if rest else ""


def branches(text: str) -> tuple[str, str, str] | None:
    """``condition?yes:no`` taken apart; None when it is no question."""
    question = split(text, "?")
    if len(question) != 2:  # noqa: PLR2004 - a question has two sides
        return None
    yes, *no = split(question[1], ":")
    return question[0], yes, ":".join(no)
