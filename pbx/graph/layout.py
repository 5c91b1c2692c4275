"""Where boxes and lines stand: Sugiyama's layers, so that calls run one way and nothing lies upon anything else.

Every box has a layer of its kind, every label one between those of its two boxes; a line passes each layer between
through a gap that is kept for it. So boxes, labels and passing lines never overlap, whatever the order within a layer:
that order only makes crossings few, and the coordinates only make lines straight. Everything is decided by the order of
what is given and by numbers: the same input, the same drawing.

The steps: :mod:`pbx.graph.layers` (loops turned round, layers), :mod:`pbx.graph.order` (crossings) and
:mod:`pbx.graph.coordinates`. grandalf, the one Sugiyama library in pure Python, is GPL and has no labels on lines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from pbx.graph.coordinates import spread
from pbx.graph.layers import Edge, Item, Layered, layered
from pbx.graph.order import ordered

Direction = Literal["down", "right"]

MARGIN: Final = 24
"""Around the whole drawing."""
_GAP: Final = 26
"""Between two layers, at the least."""
_SLOPE: Final = 14
"""A gap grows by one for each so many by which a line in it moves sideways."""
_WIDEST_GAP: Final = 84
_APART: Final = 48
"""Between two parts that no line joins."""


@dataclass(frozen=True, slots=True)
class Rect:
    """A place on the drawing: the upper left corner, width and height."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Size:
    """What needs a place."""

    id: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Link:
    """What needs a way: from one box to another, with room for its label (0 by 0 for none)."""

    id: str
    source: str
    target: str
    width: int = 0
    height: int = 0
    by_key: bool = False
    """Whether a caller's key is needed: only such a line may run against the others."""


@dataclass(frozen=True, slots=True)
class Route:
    """A way: points to pass, two for each layer it touches, and where the label stands."""

    points: tuple[tuple[int, int], ...]
    label: Rect | None
    backwards: bool
    """Whether it runs against the others: the points still run from source to target."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The whole drawing."""

    width: int
    height: int
    boxes: Mapping[str, Rect]
    routes: Mapping[str, Route]
    direction: Direction


def arrange(sizes: Sequence[Size], links: Sequence[Link], direction: Direction = "down") -> Layout:
    """Give every box a place and every line a way. Lines from a box to itself are left out.

    What does not hang together stands side by side.
    """
    turned = direction == "right"
    items = {each.id: Item(each.id, *_turn(each.width, each.height, turned=turned)) for each in sizes}
    edges = [
        Edge(each.id, each.source, each.target, *_turn(each.width, each.height, turned=turned), each.by_key)
        for each in links
        if each.source != each.target
    ]
    boxes: dict[str, Rect] = {}
    routes: dict[str, Route] = {}
    width, height = MARGIN, 2 * MARGIN
    for part, own in _parts(items, edges):
        placed, ways, size = _arranged(part, own)
        boxes |= {each: _moved(rect, width - MARGIN) for each, rect in placed.items()}
        routes |= {each: _shifted(route, width - MARGIN) for each, route in ways.items()}
        width, height = width + size[0] + _APART, max(height, size[1])
    width += MARGIN - (_APART if boxes else 0)
    if not turned:
        return Layout(width, height, boxes, routes, direction)
    across = {each: _mirror(rect) for each, rect in boxes.items()}
    return Layout(height, width, across, {each: _turned(route) for each, route in routes.items()}, direction)


def _parts(items: Mapping[str, Item], edges: Sequence[Edge]) -> list[tuple[dict[str, Item], list[Edge]]]:
    """What hangs together, the part of the first box first."""
    beside: dict[str, list[str]] = {each: [] for each in items}
    for edge in edges:
        beside[edge.source].append(edge.target)
        beside[edge.target].append(edge.source)
    part_of: dict[str, str] = {}
    for start in items:
        waiting = [start]
        while waiting:
            at = waiting.pop()
            if at not in part_of:
                part_of[at] = start
                waiting += beside[at]
    return [
        (
            {each: item for each, item in items.items() if part_of[each] == start},
            [edge for edge in edges if part_of[edge.source] == start],
        )
        for start in dict.fromkeys(part_of[each] for each in items)
    ]


def _arranged(
    items: Mapping[str, Item], edges: Sequence[Edge]
) -> tuple[dict[str, Rect], dict[str, Route], tuple[int, int]]:
    """One part from the margins on, and its width and the height down to the lower margin."""
    graph = ordered(layered(items, edges))
    centres = spread(graph, MARGIN)
    bands = _bands(graph, centres)
    boxes = {each: _box(graph.items[each], centres, bands) for each in items}
    ends = _ends(graph, edges, centres)
    routes = {edge.id: _route(graph, edge, centres, bands, ends) for edge in edges}
    rightmost = [each.x + each.width for each in boxes.values()]
    rightmost += [x for route in routes.values() for x, _ in route.points]
    rightmost += [route.label.x + route.label.width for route in routes.values() if route.label]
    return boxes, routes, (max(rightmost) - MARGIN, bands[-1][1] + MARGIN)


def _moved(rect: Rect, by: int) -> Rect:
    return Rect(rect.x + by, rect.y, rect.width, rect.height)


def _shifted(route: Route, by: int) -> Route:
    points = tuple((x + by, y) for x, y in route.points)
    return Route(points, _moved(route.label, by) if route.label else None, route.backwards)


def _turn(width: int, height: int, *, turned: bool) -> tuple[int, int]:
    return (height, width) if turned else (width, height)


def _mirror(rect: Rect) -> Rect:
    return Rect(rect.y, rect.x, rect.height, rect.width)


def _turned(route: Route) -> Route:
    points = tuple((y, x) for x, y in route.points)
    return Route(points, _mirror(route.label) if route.label else None, route.backwards)


def _bands(graph: Layered, centres: Mapping[str, int]) -> list[tuple[int, int]]:
    """The upper and lower bound of each layer; where lines move far sideways, there is more room between two."""
    bands: list[tuple[int, int]] = []
    top = MARGIN
    for index, layer in enumerate(graph.layers):
        height = max((graph.items[each].height for each in layer), default=0)
        bands.append((top, top + height))
        moves = [abs(centres[each] - centres[after]) for each in layer for after in graph.below[each]]
        top += height + min(_WIDEST_GAP, _GAP + max(moves, default=0) // _SLOPE) if index < len(graph.layers) - 1 else 0
    return bands


def _box(item: Item, centres: Mapping[str, int], bands: Sequence[tuple[int, int]]) -> Rect:
    upper, lower = bands[item.layer]
    top = upper + (lower - upper - item.height) // 2
    return Rect(centres[item.id] - item.width // 2, top, item.width, item.height)


def _ends(graph: Layered, edges: Sequence[Edge], centres: Mapping[str, int]) -> dict[tuple[str, str], int]:
    """Where each line leaves and reaches its boxes: side by side, in the order in which they come from afar."""
    found: dict[tuple[str, str], int] = {}
    for side in (0, -1):
        at: dict[str, list[tuple[int, int, str]]] = {}
        for index, edge in enumerate(edges):
            chain = graph.chains[edge.id]
            near, far = (chain[0], chain[1]) if side == 0 else (chain[-1], chain[-2])
            at.setdefault(near, []).append((centres[far], index, edge.id))
        for box, arriving in at.items():
            room = graph.items[box].width * 7 // 10
            for place, (_, _, edge_id) in enumerate(sorted(arriving), 1):
                step = min(room // (len(arriving) + 1), 34)
                found[edge_id, box] = centres[box] + round(step * (place - (len(arriving) + 1) / 2))
    return found


def _route(
    graph: Layered,
    edge: Edge,
    centres: Mapping[str, int],
    bands: Sequence[tuple[int, int]],
    ends: Mapping[tuple[str, str], int],
) -> Route:
    chain = graph.chains[edge.id]
    points: list[tuple[int, int]] = []
    label = None
    for each in chain:
        item = graph.items[each]
        x = ends.get((edge.id, each), centres[each])
        upper, lower = bands[item.layer]
        if each in {chain[0], chain[-1]}:
            box = _box(item, centres, bands)
            # From the edge of the box to the bound of its layer straight on: boxes beside it may be higher.
            near = [(x, box.y + box.height), (x, lower)] if each == chain[0] else [(x, upper), (x, box.y)]
            points += near
        else:
            points += [(x, upper), (x, lower)]
        if each == graph.labels.get(edge.id):
            label = _box(item, centres, bands)
    backwards = edge.id in graph.turned
    return Route(tuple(reversed(points)) if backwards else tuple(points), label, backwards)
