"""The first two steps of a layered drawing: loops are turned round, and everything gets a layer."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final

_STEP: Final = 2
"""Layers from one box to the next: every other layer is for labels."""


@dataclass(frozen=True, slots=True)
class Item:
    """Something with a layer: a box, a label, or the gap that a line passes through (0 by 0)."""

    id: str
    width: int
    height: int
    layer: int = 0
    passing: bool = False
    """Whether it is part of a line."""


@dataclass(frozen=True, slots=True)
class Edge:
    """A line between two different boxes, with the size of its label."""

    id: str
    source: str
    target: str
    width: int
    height: int
    by_key: bool


@dataclass(slots=True)
class Layered:
    """Boxes, labels and gaps in their layers, and what hangs together with what in the next one."""

    items: dict[str, Item]
    layers: list[list[str]]
    chains: dict[str, list[str]] = field(default_factory=dict)
    """By edge: the items that it passes, from the upper box to the lower one."""
    labels: dict[str, str] = field(default_factory=dict)
    """By edge: the item of its label."""
    turned: frozenset[str] = frozenset()
    """Edges whose target is above their source."""
    above: dict[str, list[str]] = field(default_factory=dict)
    below: dict[str, list[str]] = field(default_factory=dict)

    def neighbours(self) -> dict[str, tuple[str, str]]:
        """What stands left and right of each item in its layer; empty at the ends."""
        return {
            each: (layer[index - 1] if index else "", layer[index + 1] if index + 1 < len(layer) else "")
            for layer in self.layers
            for index, each in enumerate(layer)
        }


def layered(items: Mapping[str, Item], edges: Sequence[Edge]) -> Layered:
    """Layers for all items, with an item for each label and each gap."""
    turned = _turned(items, edges)
    downwards = {
        each.id: (each.target, each.source) if each.id in turned else (each.source, each.target) for each in edges
    }
    depth = _depths(items, list(downwards.values()))
    found = {each.id: replace(each, layer=depth[each.id]) for each in items.values()}
    graph = Layered(found, [[] for _ in range(max(depth.values(), default=-1) + 1)], turned=turned)
    for each in items:
        graph.layers[depth[each]].append(each)
    for edge in edges:
        _insert(graph, edge, *downwards[edge.id])
    graph.above = {each: [] for each in graph.items}
    graph.below = {each: [] for each in graph.items}
    for chain in graph.chains.values():
        for upper, lower in pairwise(chain):
            graph.below[upper].append(lower)
            graph.above[lower].append(upper)
    return graph


def _insert(graph: Layered, edge: Edge, upper: str, lower: str) -> None:
    """Items for the label and the gaps of an edge; the label stands in the first layer of labels after its source."""
    first, last = graph.items[upper].layer, graph.items[lower].layer
    beside = last - 1 if edge.id in graph.turned else first + 1
    chain = [upper]
    for layer in range(first + 1, last):
        item = Item(f"{edge.id}\0{layer}", 0, 0, layer, passing=True)
        if layer == beside and edge.width:
            item = replace(item, width=edge.width, height=edge.height)
            graph.labels[edge.id] = item.id
        graph.items[item.id] = item
        graph.layers[layer].append(item.id)
        chain.append(item.id)
    graph.chains[edge.id] = [*chain, lower]


def _turned(items: Iterable[str], edges: Sequence[Edge]) -> frozenset[str]:
    """The edges to turn round, so that none is left that leads back: those by key, which lead nearest to the start."""
    distance = _distances(items, edges)
    below: dict[str, set[str]] = {}
    turned = set()
    for edge in sorted(edges, key=lambda each: (each.by_key, distance[each.target] <= distance[each.source])):
        if _leads(below, edge.target, edge.source):
            turned.add(edge.id)
        else:
            below.setdefault(edge.source, set()).add(edge.target)
    return frozenset(turned)


def _distances(items: Iterable[str], edges: Sequence[Edge]) -> dict[str, int]:
    """How many lines each box is away from where calls begin."""
    targets = {edge.target for edge in edges}
    below: dict[str, list[str]] = {}
    for edge in edges:
        below.setdefault(edge.source, []).append(edge.target)
    every = list(items)
    distance: dict[str, int] = {}
    for start in [*(each for each in every if each not in targets), *every]:
        waiting = deque([] if start in distance else [start])
        distance.setdefault(start, 0)
        while waiting:
            at = waiting.popleft()
            for each in below.get(at, ()):
                if each not in distance:
                    distance[each] = distance[at] + 1
                    waiting.append(each)
    return distance


def _leads(below: Mapping[str, set[str]], start: str, goal: str) -> bool:
    waiting, seen = [start], {start}
    while waiting:
        at = waiting.pop()
        if at == goal:
            return True
        new = below.get(at, set()) - seen
        seen |= new
        waiting += new
    return False


def _depths(items: Iterable[str], ways: Sequence[tuple[str, str]]) -> dict[str, int]:
    """The longest way to each box; then what leads down and has nothing above is moved down to what it leads to."""
    every = list(items)
    below: dict[str, list[str]] = {each: [] for each in every}
    missing = dict.fromkeys(every, 0)
    for upper, lower in ways:
        below[upper].append(lower)
        missing[lower] += 1
    starts = [each for each in every if not missing[each]]
    depth = dict.fromkeys(every, 0)
    waiting = deque(starts)
    while waiting:
        at = waiting.popleft()
        for each in below[at]:
            depth[each] = max(depth[each], depth[at] + _STEP)
            missing[each] -= 1
            if not missing[each]:
                waiting.append(each)
    for each in starts:
        depth[each] = min((depth[lower] for lower in below[each]), default=_STEP) - _STEP
    return depth
