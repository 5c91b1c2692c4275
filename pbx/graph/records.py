"""The picture as plain records, for scripts: what is drawn, where it is written, and where it stands in the drawing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pbx.diagnostics import Path, Span
from pbx.flow import CallFlow, build
from pbx.graph.layout import Direction
from pbx.graph.picture import Picture
from pbx.graph.shapes import drawing
from pbx.model import Ref
from pbx.site import TenantScope


def records(
    scope: TenantScope, picture: Picture, place: Callable[[Path], Span], direction: Direction = "right"
) -> dict[str, Any]:
    """Boxes with their places and corners, and lines with the exits that they stand for."""
    flow = build(scope)
    layout = drawing(picture, direction).layout
    return {
        "tenant": scope.slug,
        "title": picture.title,
        "language": picture.language,
        "width": layout.width,
        "height": layout.height,
        "boxes": [
            {
                "id": box.id,
                "kind": box.kind,
                "title": box.title,
                "lines": list(box.lines),
                "places": [_written(flow, ref, place) for ref in box.places],
                "x": layout.boxes[box.id].x,
                "y": layout.boxes[box.id].y,
                "width": layout.boxes[box.id].width,
                "height": layout.boxes[box.id].height,
            }
            for box in picture.boxes
        ],
        "lines": [
            {
                "from": line.source,
                "to": line.target,
                "way": line.way,
                "labels": list(line.labels),
                "exits": [{"node": node, "exit": when} for node, when in line.exits],
            }
            for line in picture.lines
        ],
    }


def written_at(flow: CallFlow, ref: Ref) -> Path:
    """Where a place is written; one without an entry of its own, such as an outside number, where it is named first."""
    if ref in flow.nodes:
        return flow.nodes[ref].path
    return next((each.path for node in flow.nodes.values() for each in node.exits if each.to == ref), ())


def _written(flow: CallFlow, ref: Ref, place: Callable[[Path], Span]) -> dict[str, Any]:
    span = place(written_at(flow, ref))
    return {"place": str(ref), "file": span.file, "line": span.line}
