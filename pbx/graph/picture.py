"""What a drawing shows: boxes and lines, before anything has a place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from pbx.model import Ref

Way = Literal["auto", "key", "time"]
"""Whether a call takes a line by itself, by a key of the caller, or by the hour."""

ENDS: Final = ("hangup", "busy")


@dataclass(frozen=True, slots=True)
class Box:
    """Something that is drawn: one place, several that are drawn together, or a small mark where calls end."""

    id: str
    """Unique in the picture: the place's spelling, or that of the place it hangs on."""
    kind: str
    """As in :data:`pbx.graph.words.KINDS`."""
    title: str
    lines: tuple[str, ...]
    """What is said of it, the most important first."""
    places: tuple[Ref, ...]
    """What it stands for; empty for an end."""


@dataclass(frozen=True, slots=True)
class Line:
    """The ways from one box to another that are taken alike, drawn as one."""

    id: str
    source: str
    target: str
    way: Way
    labels: tuple[str, ...]
    exits: tuple[tuple[str, str], ...]
    """Which exits it stands for: place and name."""
    by_caller: bool
    """Whether each of them needs a key of the caller."""

    @property
    def label(self) -> str:
        """Its labels joined."""
        return " · ".join(self.labels)


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything that is drawn."""

    title: str
    language: str
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    drawn: Mapping[str, str]
    """From the spelling of every place to the box that shows it."""
