"""The page's walk is the compiler's trace, step by step, over generated calls and in a real JavaScript engine."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import quickjs
from hypothesis import given, settings
from hypothesis import strategies as st

from pbx.graph.collapse import picture
from pbx.graph.page import places_of
from pbx.graph.table import NOT_HERE, table
from pbx.kinds.base import Situation
from pbx.trace import Journey, trace_did
from tests.property.tenants import tenant_trees, written
from tests.samples import DEMO, clean, tenant, texts_of

if TYPE_CHECKING:
    from pbx.diagnostics import Path, Span
    from pbx.site import TenantScope

CALLS = 50
"""To each generated tenant."""
BEGIN = datetime.fromisoformat("2025-12-30T00:00")
"""Outside the calendar years of every sample, as the end is."""
MOMENTS = st.integers(0, 3 * 366 * 24 * 60).map(lambda minutes: BEGIN + timedelta(minutes=minutes))
EDGES = st.builds(
    lambda day, clock: datetime.fromisoformat(f"{day}T{clock}"),
    st.sampled_from(["2026-12-24", "2027-01-04", "2027-01-15", "2027-01-16", "2026-07-09", "2026-03-02", "2026-03-07"]),
    st.sampled_from(["00:00", "08:59", "09:00", "12:59", "13:00", "13:59", "14:00", "17:59", "18:00", "23:59"]),
)
STATES = st.sampled_from(["answer", "busy", "no_answer", "unavailable"])
PRESSES = st.sampled_from([*"0123456789*#", "timeout", "invalid", "201", "203", "299", "12"])


@cache
def engine() -> quickjs.Context:
    """The walk in an engine of its own."""
    context = quickjs.Context()
    context.eval(files("pbx.graph").joinpath("walk.js").read_text("utf-8"))
    context.eval("let known; function learn(text) { known = JSON.parse(text) }")
    context.eval("function foretell(text) { return JSON.stringify(walk(known, JSON.parse(text))) }")
    return context


def anywhere(path: Path) -> Span:
    """A place in a file: which one matters elsewhere."""
    from pbx.diagnostics import Span as Place

    return Place("-".join(map(str, path)), 1, 1, 1, 1)


def learn(scope: TenantScope) -> None:
    """Give the walk a tenant."""
    asked = table(scope, places_of(picture(scope)), anywhere)
    engine().get("learn")(json.dumps(asked))


def walked(number: str, at: datetime, presses: list[str], states: dict[str, str]) -> dict[str, Any]:
    """A call as the page walks it."""
    call = {"number": number, "at": f"{at:%Y-%m-%dT%H:%M}", "presses": presses, "states": states}
    answer: dict[str, Any] = json.loads(engine().get("foretell")(json.dumps(call)))
    return answer


def told(journey: Journey) -> list[tuple[str, str, str, str | None, str, str]]:
    """The steps of the compiler's trace, as the page has them."""
    return [
        (str(each.node), each.exit, each.because, str(each.to) if each.to else None, each.end, anywhere(each.path).file)
        for each in journey.steps
    ]


def compare(scope: TenantScope, number: str, at: datetime, presses: list[str], states: dict[str, Any]) -> None:
    """The same call, walked twice."""
    page = walked(number, at, presses, states)
    situation = Situation(at=at, presses=list(presses), states=states)
    journey = trace_did(scope, number, situation)
    names = ("node", "exit", "because", "to", "end", "file")
    if page["end"] == NOT_HERE:
        before = told(journey)[: len(page["steps"])]
        assert [tuple(each[name] for name in names) for each in page["steps"]] == before
        assert journey.steps[len(before)].node.kind == "directory"
        return
    assert [tuple(each[name] for name in names) for each in page["steps"]] == told(journey)
    assert (page["end"], page["shown"], page["unused"]) == (journey.end, journey.shown, situation.presses)


@given(st.data(), tenant_trees())
@settings(max_examples=30)
def test_the_page_walks_every_call_as_the_compiler_does(data: st.DataObject, tree: dict[str, Any]) -> None:
    texts = {**texts_of(DEMO), "tenants/uno.yaml": written("uno", tree)}
    scope = clean({name: text for name, text in texts.items() if "andina" not in name}).tenants["uno"]
    learn(scope)
    numbers = st.sampled_from(sorted(tree["dids"]))
    phones = st.dictionaries(st.sampled_from(sorted(tree["extensions"])), STATES)
    for _ in range(CALLS):
        call = data.draw(st.tuples(numbers, MOMENTS | EDGES, st.lists(PRESSES, max_size=8), phones))
        compare(scope, *call)


@cache
def demo() -> TenantScope:
    """The demo, known to the walk."""
    return tenant(DEMO, "andina")


@given(
    number=st.sampled_from(["+541152365000", "+541152365001", "+541152365002"]),
    at=MOMENTS | EDGES,
    presses=st.lists(PRESSES, max_size=8),
    states=st.dictionaries(st.sampled_from(["201", "202", "203", "204"]), STATES),
)
@settings(max_examples=500)
def test_the_page_walks_the_demo_as_the_compiler_does(
    number: str, at: datetime, presses: list[str], states: dict[str, str]
) -> None:
    learn_once()
    compare(demo(), number, at, presses, states)


@cache
def learn_once() -> None:
    """Give the walk the demo."""
    learn(demo())
