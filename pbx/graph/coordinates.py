"""Where everything stands within its layer: as near to its neighbours above and below as the order allows.

For each layer in turn the least squares are found by pooling adjacent violators (isotonic regression), so distances are
kept exactly; lines that pass several layers weigh most, and so become straight.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

from pbx.graph.layers import Layered

_BETWEEN_BOXES: Final = 22
_BETWEEN_LINES: Final = 12
_ROUNDS: Final = 40
_STRAIGHTENED: Final = 4
_WEIGHTS: Final = {0: 1.0, 1: 2.0, 2: 8.0}
"""Of a connection, by how many of its ends are part of a line."""


def spread(graph: Layered, margin: int) -> dict[str, int]:
    """The centre of every item across the layers, the leftmost edge at the margin."""
    centres: dict[str, float] = {}
    for layer in graph.layers:
        centres |= zip(layer, _side_by_side(graph, layer), strict=True)
    for turn in range(_ROUNDS):
        both = turn >= _ROUNDS // 2
        downwards = turn % 2 == 0
        layers = graph.layers if downwards else graph.layers[::-1]
        for layer in layers:
            _settle(graph, layer, centres, above=downwards or both, below=not downwards or both)
    neighbours = graph.neighbours()
    for _ in range(_STRAIGHTENED):
        for chain in graph.chains.values():
            _straighten(graph, chain, centres, neighbours)
    left = min((centres[each] - graph.items[each].width / 2 for each in centres), default=0.0)
    return _whole(graph, {each: centre - left + margin for each, centre in centres.items()})


def distance(graph: Layered, left: str, right: str) -> int:
    """How far apart the centres of two neighbours must be at the least."""
    one, other = graph.items[left], graph.items[right]
    apart = _BETWEEN_LINES if one.passing or other.passing else _BETWEEN_BOXES
    return (one.width + 1) // 2 + (other.width + 1) // 2 + apart


def _side_by_side(graph: Layered, layer: Sequence[str]) -> list[float]:
    places = [0.0]
    for left, right in pairwise(layer):
        places.append(places[-1] + distance(graph, left, right))
    return [place - places[-1] / 2 for place in places[: len(layer)]]


def _settle(graph: Layered, layer: Sequence[str], centres: dict[str, float], *, above: bool, below: bool) -> None:
    wishes, weights, offsets = [], [], []
    offset = 0.0
    for index, each in enumerate(layer):
        offset += distance(graph, layer[index - 1], each) if index else 0
        near = [*(graph.above[each] if above else ()), *(graph.below[each] if below else ())]
        pulls = [(_WEIGHTS[graph.items[each].passing + graph.items[other].passing], centres[other]) for other in near]
        weight = sum(pull for pull, _ in pulls)
        wish = sum(pull * place for pull, place in pulls) / weight if weight else centres[each]
        offsets.append(offset)
        wishes.append(wish - offset)
        weights.append(weight or 0.1)
    for each, place, moved in zip(layer, _pooled(wishes, weights), offsets, strict=True):
        centres[each] = place + moved


def _straighten(
    graph: Layered, chain: Sequence[str], centres: dict[str, float], neighbours: Mapping[str, tuple[str, str]]
) -> None:
    """As few bends as its neighbours leave room for, from the upper box on: each run of it at one place."""
    run: list[str] = []
    low, high = float("-inf"), float("inf")
    for each in [*chain[1:-1], ""]:
        left, right = neighbours.get(each, ("", ""))
        least = centres[left] + distance(graph, left, each) if left else float("-inf")
        most = centres[right] - distance(graph, each, right) if right else float("inf")
        if run and (not each or max(low, least) > min(high, most)):
            wish = centres[chain[0]] if run[0] == chain[1] else centres[run[-1]]
            if run[-1] == chain[-2] and not graph.items[run[0]].width:
                wish = centres[chain[-1]]
            for one in run:
                centres[one] = min(max(wish, low), high)
            run, low, high = [], float("-inf"), float("inf")
        run.append(each)
        low, high = max(low, least), min(high, most)


def _pooled(wishes: Sequence[float], weights: Sequence[float]) -> list[float]:
    """The rising row of numbers that is nearest to the wishes."""
    blocks: list[tuple[float, float, int]] = []
    for wish, weight in zip(wishes, weights, strict=True):
        mean, total, count = wish, weight, 1
        while blocks and blocks[-1][0] > mean:
            before, heavier, more = blocks.pop()
            mean = (before * heavier + mean * total) / (heavier + total)
            total, count = heavier + total, count + more
        blocks.append((mean, total, count))
    return [mean for mean, _, count in blocks for _ in range(count)]


def _whole(graph: Layered, centres: Mapping[str, float]) -> dict[str, int]:
    """Whole numbers; what rounding brought too near is moved on."""
    found: dict[str, int] = {}
    for layer in graph.layers:
        for index, each in enumerate(layer):
            place = round(centres[each])
            if index:
                place = max(place, found[layer[index - 1]] + distance(graph, layer[index - 1], each))
            found[each] = place
    return found
