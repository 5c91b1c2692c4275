"""A journey on the call-flow diagram: the way that a call took, and what it could have taken at each place.

Of the tenant's picture only the visited places and their neighbours are drawn, so that it can be read on a page beside
a hundred others. Ids within the drawing are made unique by a prefix, for many drawings stand on one page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

from pbx.graph.picture import ENDS
from pbx.graph.shapes import drawing
from pbx.graph.svg import style_text, tree

if TYPE_CHECKING:
    from pbx.graph.picture import Line, Picture
    from pbx.graph.shapes import Drawing

MOST_WAYS: Final = 7
"""Ways out of one place that are drawn beside those taken; a place with more shows only those taken."""
_REFERENCE: Final = re.compile(r"url\(#([\w-]+)\)")
_LIT: Final = (
    ".route .box:not(.lit),.route .way:not(.lit){opacity:.55}"
    ".route .way.lit path{stroke:var(--lit,#0a7d3c);stroke-width:3;stroke-dasharray:none}"
    ".route .way.lit .label{fill:var(--lit,#0a7d3c);font-weight:700}"
    ".route .arrow.lit path{fill:var(--lit,#0a7d3c)}"
    ".route .box.lit .frame{stroke:var(--lit,#0a7d3c);stroke-width:2.4}"
    ".route .astray{--lit:var(--failed,#b3321a)}"
    ".route .box.lit.astray .frame{stroke-dasharray:6 3}"
)


def route_style() -> str:
    """The style of these drawings, once for a page of them."""
    return style_text() + _LIT


def route(
    picture: Picture,
    journey: Sequence[str],
    exits: Sequence[str],
    foretold: Sequence[str] = (),
    *,
    prefix: str,
    alone: bool = False,
) -> str:
    """Draw a journey (places as ``queue:ventas``, exits as ``ivr:principal 1``) as an SVG.

    Where a call went that was not ``foretold`` (when anything was) stands out.

    A drawing that is to stand ``alone`` brings its style; else the page needs :func:`route_style`. Where the picture
    shows nothing of the journey, the answer is an empty text.
    """
    visited = list(dict.fromkeys(picture.drawn[place] for place in journey if place in picture.drawn))
    if not visited:
        return ""
    taken = {line.id for line in _taken(picture, journey, exits)}
    shown = _around(picture, visited, taken)
    root = tree(_laid_out(_Same(picture, shown)))
    root.set("class", "flow route")
    _light(root, {*visited, *(line.target for line in shown.lines if line.id in taken)}, taken)
    if foretold:
        _set_apart(root, set(visited) - {picture.drawn.get(place, "") for place in foretold})
    _prefix(root, prefix)
    # On a narrow page the text must stay readable: the drawing is moved sideways rather than made smaller still.
    root.set("style", f"min-width:{0.85 * float(root.get('width', '0')):.0f}px;max-width:100%;height:auto")
    if alone:
        root.set("xmlns", "http://www.w3.org/2000/svg")
        style = ET.Element("style")
        style.text = route_style()
        root.insert(2, style)
    return ET.tostring(root, encoding="unicode")


class _Same:
    """A part of a picture, alike to every part of it with the same boxes and lines: many calls take the same way."""

    def __init__(self, whole: Picture, part: Picture) -> None:
        self.whole, self.part = whole, part
        self.key = (id(whole), tuple(box.id for box in part.boxes), tuple(line.id for line in part.lines))

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.whole is other.whole and self.key == other.key


@lru_cache(maxsize=512)
def _laid_out(same: _Same) -> Drawing:
    """Where everything stands: what takes most of the time of a drawing."""
    return drawing(same.part, "right")


def _light(root: ET.Element, boxes: set[str], lines: set[str]) -> None:
    for group in root.iter("g"):
        if group.get("data-box") in boxes or group.get("id") in lines:
            group.set("class", f"{group.get('class', '')} lit")
        if group.get("id") in lines:
            for path in group.iter("path"):
                path.set("marker-end", "url(#arrow-lit)")


def _set_apart(root: ET.Element, boxes: set[str]) -> None:
    """Mark boxes, and the lines by which a call came to them."""
    for group in root.iter("g"):
        if "lit" in group.get("class", "").split() and {group.get("data-box"), group.get("data-to")} & boxes:
            group.set("class", f"{group.get('class', '')} astray")


def _taken(picture: Picture, journey: Sequence[str], exits: Sequence[str]) -> Iterator[Line]:
    """The lines that were travelled: by the exits that the PBX told, or from one visited place to the next."""
    left = {(place, when) for place, _, when in (each.partition(" ") for each in exits)}
    places = [picture.drawn.get(place) for place in journey]
    hops = set(pairwise(places))
    for line in picture.lines:
        follows = (line.source, line.target) in hops
        told = any(each in left for each in line.exits)
        ends = next((box.kind in ENDS for box in picture.boxes if box.id == line.target), False)
        # Two lines may join the same boxes; the exit says which one. What nobody tells is known by where it leads.
        if (told and (follows or ends)) or (follows and not _is_told(line, picture, left, hops)):
            yield line


def _is_told(
    line: Line, picture: Picture, left: set[tuple[str, str]], hops: set[tuple[str | None, str | None]]
) -> bool:
    """Whether a line between the same boxes is known by its exit."""
    return (line.source, line.target) in hops and any(
        each in left
        for other in picture.lines
        if (other.source, other.target) == (line.source, line.target)
        for each in other.exits
    )


def _around(picture: Picture, visited: Sequence[str], taken: set[str]) -> Picture:
    """The visited boxes, where else a call could have gone from them, and nothing more."""
    lines = []
    for line in picture.lines:
        if line.id in taken:
            lines.append(line)
        elif line.source in visited:
            beside = sum(each.source == line.source for each in picture.lines)
            if beside <= MOST_WAYS:
                lines.append(line)
    names = {*visited, *(line.source for line in lines), *(line.target for line in lines)}
    return replace(picture, boxes=tuple(box for box in picture.boxes if box.id in names), lines=tuple(lines))


def _prefix(root: ET.Element, prefix: str) -> None:
    for element in root.iter():
        if "id" in element.attrib:
            element.set("id", f"{prefix}{element.get('id')}")
        if "marker-end" in element.attrib:
            element.set("marker-end", _REFERENCE.sub(rf"url(#{prefix}\1)", element.get("marker-end", "")))
    labels = root.get("aria-labelledby", "").split()
    root.set("aria-labelledby", " ".join(f"{prefix}{label}" for label in labels))
