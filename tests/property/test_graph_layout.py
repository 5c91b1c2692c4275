"""Drawings of generated flows: nothing lies upon anything else, and calls run one way but for what keys lead back."""

from __future__ import annotations

from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pbx.graph.collapse import picture
from pbx.graph.layout import Layout, Link, Rect, Size, arrange
from pbx.graph.mermaid import mermaid
from pbx.graph.shapes import drawing
from pbx.graph.svg import svg
from tests.property.tenants import tenant_trees, written
from tests.samples import DEMO, clean, texts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pbx.site import TenantScope


@st.composite
def flows(draw: Callable[[st.SearchStrategy[Any]], Any]) -> tuple[list[Size], list[Link]]:
    """Boxes and lines: automatic ones lead onwards, those by key anywhere, also twice between the same two."""
    count = draw(st.integers(1, 24))
    sizes = [
        Size(f"b{index}", draw(st.sampled_from([60, 120, 212])), draw(st.sampled_from([24, 50, 90])))
        for index in range(count)
    ]
    links = []
    pairs = draw(st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1), st.booleans()), max_size=40))
    for index, (one, other, by_key) in enumerate(pairs):
        if one != other:
            first, last = (one, other) if by_key else sorted((one, other))
            width, height = draw(st.sampled_from([(0, 0), (24, 20), (130, 48)]))
            links.append(Link(f"l{index}", f"b{first}", f"b{last}", width, height, by_key))
    return sizes, links


def overlap(one: Rect, other: Rect) -> bool:
    """Whether two places share more than an edge."""
    beside = one.x + one.width <= other.x or other.x + other.width <= one.x
    above = one.y + one.height <= other.y or other.y + other.height <= one.y
    return not (beside or above)


def occupied(layout: Layout) -> list[tuple[str, Rect]]:
    """Everything with a place of its own."""
    labels = [(f"label of {each}", route.label) for each, route in layout.routes.items() if route.label]
    return [*layout.boxes.items(), *labels]


def hops(layout: Layout) -> Iterator[tuple[str, Rect]]:
    """The room of every piece of every line: a curve stays between its two ends."""
    for name, route in layout.routes.items():
        for (x, y), (right, lower) in pairwise(route.points):
            yield name, Rect(min(x, right), min(y, lower), abs(right - x), abs(lower - y))


def crossed(layout: Layout, links: list[Link]) -> list[tuple[str, str]]:
    """Lines that touch a box that is not their own, or the label of another line."""
    own = {link.id: {link.source, link.target, f"label of {link.id}"} for link in links}
    return [
        (line, name)
        for line, piece in hops(layout)
        for name, place in occupied(layout)
        if name not in own[line] and overlap(Rect(piece.x, piece.y, max(piece.width, 1), max(piece.height, 1)), place)
    ]


def check(layout: Layout, links: list[Link]) -> None:
    """What holds for every drawing."""
    for (one, place), (other, another) in combinations(occupied(layout), 2):
        assert not overlap(place, another), (one, other)
    assert crossed(layout, links) == []
    for _, place in occupied(layout):
        assert place.x >= 0
        assert place.y >= 0
        assert place.x + place.width <= layout.width
        assert place.y + place.height <= layout.height
    for link in links:
        route, source, target = layout.routes[link.id], layout.boxes[link.source], layout.boxes[link.target]
        onwards = source.x + source.width <= target.x
        if layout.direction == "down":
            onwards = source.y + source.height <= target.y
        assert onwards != route.backwards
        assert link.by_key or onwards, link


@pytest.mark.parametrize("direction", ["down", "right"])
@given(flow=flows())
@settings(max_examples=150)
def test_nothing_lies_upon_anything_and_calls_run_one_way(flow: tuple[list[Size], list[Link]], direction: Any) -> None:  # noqa: ANN401 - one of two words
    sizes, links = flow
    check(arrange(sizes, links, direction), links)


@given(flow=flows())
@settings(max_examples=30)
def test_the_same_flow_is_drawn_the_same(flow: tuple[list[Size], list[Link]]) -> None:
    assert arrange(*flow) == arrange(*flow)


def generated(tree: dict[str, Any]) -> TenantScope:
    """The scope of a generated tenant."""
    texts = {"platform.yaml": texts_of(DEMO)["platform.yaml"], "tenants/uno.yaml": written("uno", tree)}
    return clean(texts).tenants["uno"]


def turned(tree: Any) -> Any:  # noqa: ANN401 - JSON
    """The same tree, its keys the other way round."""
    return {key: turned(tree[key]) for key in reversed(tree)} if isinstance(tree, dict) else tree


@given(tree=tenant_trees())
@settings(max_examples=60)
def test_every_clean_tenant_can_be_drawn_and_the_order_of_keys_means_nothing(tree: dict[str, Any]) -> None:
    shown = picture(generated(tree))
    drawn = drawing(shown, "right")
    links = [Link(line.id, line.source, line.target, by_key=line.by_caller) for line in shown.lines]
    check(drawn.layout, links)
    assert set(shown.drawn.values()) == {box.id for box in shown.boxes if box.places}
    again = picture(generated(turned(tree)))
    assert svg(again) == svg(shown)
    assert mermaid(again) == mermaid(shown)
