"""How large each box and label is, and which lines of text it holds: the same for every drawing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pbx.graph.layout import Direction, Layout, Link, Size, arrange
from pbx.graph.measure import fitted, width, wrapped
from pbx.graph.picture import ENDS, Box, Line, Picture
from pbx.graph.words import KINDS, word

WIDTH: Final = 212
"""Of every box."""
PADDING: Final = 12
BAR: Final = 5
"""The coloured bar at the left of a box."""
CAPTION: Final = 10.5
TITLE: Final = 14.0
LINE: Final = 11.5
LABEL: Final = 11.0
"""Sizes of text in pixels."""
CAPTION_STEP: Final = 16
TITLE_STEP: Final = 18
LINE_STEP: Final = 15
LABEL_STEP: Final = 14
_LABEL_WIDTH: Final = 132
_END_HEIGHT: Final = 24
_SHARED: Final = frozenset({"dids", "direct", "extensions"})


@dataclass(frozen=True, slots=True)
class Written:
    """The text of a box, line by line."""

    caption: str
    title: tuple[str, ...]
    lines: tuple[str, ...]
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture with everything in its place."""

    picture: Picture
    layout: Layout
    boxes: dict[str, Written]
    labels: dict[str, tuple[str, ...]]


def drawing(picture: Picture, direction: Direction) -> Drawing:
    """Measure and arrange a picture."""
    boxes = {box.id: written(box, picture.language) for box in picture.boxes}
    labels = {line.id: label_lines(line) for line in picture.lines}
    sizes = [Size(each, text.width, text.height) for each, text in boxes.items()]
    links = [
        Link(line.id, line.source, line.target, *_label_size(labels[line.id]), by_key=line.by_caller)
        for line in picture.lines
    ]
    return Drawing(picture, arrange(sizes, links, direction), boxes, labels)


def written(box: Box, language: str) -> Written:
    """The text of a box, cut to what fits."""
    if box.kind in ENDS:
        return Written("", (box.title,), (), width(box.title, LINE) + 36, _END_HEIGHT)
    room = WIDTH - 2 * PADDING - BAR
    title = wrapped(box.title, room, TITLE, 2, bold=True)
    if box.kind in _SHARED:
        lines = tuple(fitted(each, room, LINE) for each in box.lines)
    else:
        lines = tuple(part for each in box.lines[:3] for part in wrapped(each, room, LINE, 2))[:4]
    below = LINE_STEP * len(lines) + (5 if lines else 0)
    height = 2 * 9 + CAPTION_STEP + TITLE_STEP * len(title) + below - 4
    return Written(word(KINDS, box.kind, language), title, lines, WIDTH, height)


def label_lines(line: Line) -> tuple[str, ...]:
    """A label in at most three lines, broken between names."""
    if not line.labels:
        return ()
    lines = [line.labels[0]]
    for each in line.labels[1:]:
        joined = f"{lines[-1]} · {each}"
        if width(joined, LABEL) <= _LABEL_WIDTH:
            lines[-1] = joined
        else:
            lines.append(each)
    if len(lines) > 3:  # noqa: PLR2004
        lines = [*lines[:2], " · ".join(lines[2:])]
    return tuple(fitted(each, _LABEL_WIDTH, LABEL) for each in lines)


def _label_size(lines: tuple[str, ...]) -> tuple[int, int]:
    if not lines:
        return 0, 0
    return max(width(each, LABEL) for each in lines) + 14, LABEL_STEP * len(lines) + 6
