"""The order within the layers of a drawing, so that few lines cross: sweeps by barycentre, then neighbours swapped."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

from pbx.graph.layers import Layered

_SWEEPS: Final = 16


def ordered(graph: Layered) -> Layered:
    """The same graph, its layers in a better order."""
    best = _start(graph)
    fewest = crossings(best, graph.below)
    layers = best
    for sweep in range(_SWEEPS):
        if not fewest:
            break
        layers = _sweep(layers, graph, downwards=sweep % 2 == 0)
        found = crossings(layers, graph.below)
        if found < fewest:
            best, fewest = layers, found
    graph.layers = _swapped(best, graph)
    return graph


def crossings(layers: Sequence[Sequence[str]], below: Mapping[str, Sequence[str]]) -> int:
    """How many pairs of lines cross."""
    return sum(_between(upper, lower, below) for upper, lower in pairwise(layers))


def _between(upper: Sequence[str], lower: Sequence[str], below: Mapping[str, Sequence[str]]) -> int:
    place = {each: index for index, each in enumerate(lower)}
    passed: list[int] = []
    found = 0
    for each in upper:
        ends = sorted(place[after] for after in below[each])
        found += sum(len(passed) - bisect_left(passed, end + 1) for end in ends)
        for end in ends:
            insort(passed, end)
    return found


def _start(graph: Layered) -> list[list[str]]:
    """Everything in the order in which a walk from the first boxes comes by, going deep first."""
    seen: dict[str, None] = {}
    waiting = [each for layer in reversed(graph.layers) for each in reversed(layer) if not graph.above[each]]
    waiting += []
    while waiting:
        at = waiting.pop()
        if at not in seen:
            seen[at] = None
            waiting.extend(reversed(graph.below[at]))
    place = {each: index for index, each in enumerate(seen)}
    return [sorted(layer, key=lambda each: place[each]) for layer in graph.layers]


def _sweep(layers: Sequence[Sequence[str]], graph: Layered, *, downwards: bool) -> list[list[str]]:
    """Each layer by the middle of what it hangs together with in the layer before."""
    near = graph.above if downwards else graph.below
    result = [list(layer) for layer in layers]
    order = range(1, len(result)) if downwards else range(len(result) - 2, -1, -1)
    for index in order:
        before = result[index - 1 if downwards else index + 1]
        place = {each: position for position, each in enumerate(before)}
        own = {each: position for position, each in enumerate(result[index])}
        scale = len(before) / max(1, len(own))

        def key(each: str, place: dict[str, int] = place, own: dict[str, int] = own, scale: float = scale) -> float:
            places = [place[other] for other in near[each]]
            return sum(places) / len(places) if places else own[each] * scale

        result[index].sort(key=key)
    return result


def _swapped(layers: list[list[str]], graph: Layered) -> list[list[str]]:
    """Neighbours change places as long as that saves crossings."""
    for _ in range(_SWEEPS):
        saved = False
        for index, layer in enumerate(layers):
            sides = [
                (graph.above, {each: place for place, each in enumerate(layers[index - 1])} if index else {}),
                (
                    graph.below,
                    {each: place for place, each in enumerate(layers[index + 1])} if index + 1 < len(layers) else {},
                ),
            ]
            for place in range(len(layer) - 1):
                left, right = layer[place], layer[place + 1]
                now = sum(_pair([at[x] for x in near[left]], [at[x] for x in near[right]]) for near, at in sides)
                then = sum(_pair([at[x] for x in near[right]], [at[x] for x in near[left]]) for near, at in sides)
                if then < now:
                    layer[place], layer[place + 1] = right, left
                    saved = True
        if not saved:
            break
    return layers


def _pair(left: Sequence[int], right: Sequence[int]) -> int:
    """Crossings of the lines of two neighbours."""
    return sum(1 for each in left for other in right if each > other)
