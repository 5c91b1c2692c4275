"""The picture as SVG 1.1 with its own style for light and dark; a browser is not needed to make it.

The tree is built with the standard library's ElementTree, which escapes whatever the names of a tenant hold.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.resources import files
from itertools import pairwise
from typing import Final
from xml.etree import ElementTree as ET

from pbx.graph.layout import Direction, Rect, Route
from pbx.graph.picture import ENDS, Box, Line, Picture
from pbx.graph.shapes import (
    BAR,
    CAPTION_STEP,
    LABEL_STEP,
    LINE_STEP,
    PADDING,
    TITLE_STEP,
    Drawing,
    Written,
    drawing,
)
from pbx.graph.words import text

_NOT_XML: Final = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no spelling for (section 2.2)."""
_RADIUS: Final = 8


def svg(picture: Picture, direction: Direction = "right") -> str:
    """The picture as a file of its own."""
    root = tree(drawing(picture, direction))
    root.set("xmlns", "http://www.w3.org/2000/svg")
    style = ET.Element("style")
    style.text = style_text()
    root.insert(2, style)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def style_text() -> str:
    """The style of boxes and lines, for the SVG and for the page."""
    return files("pbx.graph").joinpath("drawing.css").read_text("utf-8")


def tree(drawn: Drawing) -> ET.Element:
    """The picture as a tree; the page puts it into itself."""
    layout, picture = drawn.layout, drawn.picture
    size = {"width": f"{layout.width}", "height": f"{layout.height}", "viewBox": f"0 0 {layout.width} {layout.height}"}
    root = ET.Element("svg", {**size, "class": "flow", "role": "group", "aria-labelledby": "flow-title flow-text"})
    _add(root, "title", {"id": "flow-title"}, f"{text('whole', picture.language).capitalize()}: {picture.title}")
    told = text("description", picture.language, len(picture.boxes), len(picture.lines))
    _add(root, "desc", {"id": "flow-text"}, told)
    _add(root, "rect", {"class": "paper", "width": "100%", "height": "100%"})
    everything = _add(root, "g", {"class": "everything"})
    _markers(everything)
    titles = {box.id: box.title for box in picture.boxes}
    for line in picture.lines:
        _line(everything, line, layout.routes[line.id], drawn.labels[line.id], titles, direction=layout.direction)
    for box in picture.boxes:
        _box(everything, box, layout.boxes[box.id], drawn.boxes[box.id])
    return root


def _add(parent: ET.Element, tag: str, attributes: Mapping[str, str], content: str = "") -> ET.Element:
    clean = {name: _NOT_XML.sub("\ufffd", value) for name, value in attributes.items()}
    element = ET.SubElement(parent, tag, clean)
    element.text = _NOT_XML.sub("\ufffd", content) or None
    return element


def _markers(root: ET.Element) -> None:
    definitions = _add(root, "defs", {})
    for way in ("auto", "key", "time", "lit"):
        box = {"viewBox": "0 0 10 10", "refX": "9", "refY": "5", "markerWidth": "9", "markerHeight": "9"}
        marker = {"id": f"arrow-{way}", "class": f"arrow {way}", "orient": "auto-start-reverse"}
        arrow = _add(definitions, "marker", {**marker, **box, "markerUnits": "userSpaceOnUse"})
        _add(arrow, "path", {"d": "M0 0.8 9.5 5 0 9.2 2.4 5z"})


def _line(
    root: ET.Element,
    line: Line,
    route: Route,
    label: tuple[str, ...],
    titles: Mapping[str, str],
    *,
    direction: Direction,
) -> None:
    back = " back" if route.backwards else ""
    group = _add(
        root, "g", {"class": f"way {line.way}{back}", "id": line.id, "data-from": line.source, "data-to": line.target}
    )
    _add(
        group, "title", {}, f"{titles[line.source]} → {titles[line.target]}" + (f": {line.label}" if line.label else "")
    )
    _add(group, "path", {"d": _path(route, direction), "marker-end": f"url(#arrow-{line.way})"})
    if route.label and label:
        place = route.label
        frame = {"class": "label-frame", "rx": "7", **_rect(place)}
        _add(group, "rect", frame)
        middle = place.x + place.width // 2
        written = _add(group, "text", {"class": "label", "x": f"{middle}", "y": f"{place.y + LABEL_STEP}"})
        for index, each in enumerate(label):
            _add(written, "tspan", {"x": f"{middle}", "dy": f"{LABEL_STEP if index else 0}"}, each)


def _path(route: Route, direction: Direction) -> str:
    """Straight through each layer, and in the gap between two a curve that leaves and arrives straight."""
    points = route.points
    parts = [f"M{points[0][0]} {points[0][1]}"]
    for before, after in pairwise(points):
        if before == after:
            continue
        if before[0] == after[0] or before[1] == after[1]:
            parts.append(f"L{after[0]} {after[1]}")
        elif direction == "down":
            middle = (before[1] + after[1]) // 2
            parts.append(f"C{before[0]} {middle} {after[0]} {middle} {after[0]} {after[1]}")
        else:
            middle = (before[0] + after[0]) // 2
            parts.append(f"C{middle} {before[1]} {middle} {after[1]} {after[0]} {after[1]}")
    return "".join(parts)


def _rect(place: Rect) -> dict[str, str]:
    return {"x": f"{place.x}", "y": f"{place.y}", "width": f"{place.width}", "height": f"{place.height}"}


def _box(root: ET.Element, box: Box, place: Rect, written: Written) -> None:
    group = _add(root, "g", {"class": f"box {box.kind}", "data-box": box.id})
    _add(group, "title", {}, "\n".join(each for each in (written.caption, box.title, *box.lines) if each))
    if box.kind in ENDS:
        _add(group, "rect", {"class": "frame", "rx": f"{place.height // 2}", **_rect(place)})
        middle = place.y + place.height // 2
        _add(group, "circle", {"class": "mark", "cx": f"{place.x + 14}", "cy": f"{middle}", "r": "4"})
        _add(group, "text", {"class": "line", "x": f"{place.x + 24}", "y": f"{middle + 4}"}, box.title)
        return
    _add(group, "rect", {"class": "frame", "rx": f"{_RADIUS}", **_rect(place)})
    bar = Rect(place.x, place.y + 9, BAR, place.height - 18)
    _add(group, "rect", {"class": "bar", "rx": "2", **_rect(bar)})
    x = f"{place.x + PADDING + BAR}"
    y = place.y + 9 + 11
    _add(group, "text", {"class": "caption", "x": x, "y": f"{y}"}, written.caption)
    y += CAPTION_STEP + 2
    for each in written.title:
        _add(group, "text", {"class": "title", "x": x, "y": f"{y}"}, each)
        y += TITLE_STEP
    y += 1
    for each in written.lines:
        _add(group, "text", {"class": "line", "x": x, "y": f"{y}"}, each)
        y += LINE_STEP
