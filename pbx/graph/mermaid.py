"""The picture as Mermaid's flowchart, for pages that draw it themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pbx.graph.layout import Direction
from pbx.graph.picture import ENDS, Box, Picture
from pbx.graph.words import KINDS, word

_SHAPES: Final = {
    "did": ("([", "])"),
    "dids": ("([", "])"),
    "direct": ("([", "])"),
    "schedule": ("{{", "}}"),
    "ivr": ("[/", "/]"),
    "hangup": ("((", "))"),
    "busy": ("((", "))"),
    "external": (">", "]"),
}
_ARROWS: Final = {"auto": "-->", "time": "==>", "key": "-.->"}
_HARMLESS: Final = frozenset(" .,:;+-–·→«»“”()/")
"""Signs that mean nothing to Mermaid within quotes; every other one is spelled as a number."""


def mermaid(picture: Picture, direction: Direction = "right") -> str:
    """The picture as text; every name is written so that it can only be read as a name."""
    return "\n".join([*_lines(picture, direction), ""])


def _lines(picture: Picture, direction: Direction) -> Iterator[str]:
    names = {box.id: f"n{index}" for index, box in enumerate(picture.boxes)}
    yield f"flowchart {'LR' if direction == 'right' else 'TD'}"
    for box in picture.boxes:
        opening, closing = _SHAPES.get(box.kind, ("[", "]"))
        yield f'  {names[box.id]}{opening}"{_label(box, picture.language)}"{closing}'
    for line in picture.lines:
        label = f'|"{_plain(line.label)}"|' if line.labels else ""
        yield f"  {names[line.source]} {_ARROWS[line.way]}{label} {names[line.target]}"


def _label(box: Box, language: str) -> str:
    if box.kind in ENDS:
        return _plain(box.title)
    told = [word(KINDS, box.kind, language), box.title, *box.lines]
    return "<br/>".join(_plain(each) for each in told)


def _plain(text: str) -> str:
    """Letters and digits stay; the rest becomes Mermaid's ``#NUMBER;``."""
    return "".join(each if each.isalnum() or each in _HARMLESS else f"#{ord(each)};" for each in text)
