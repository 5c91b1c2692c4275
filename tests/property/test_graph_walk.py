"""The page's walk is the compiler's trace, step by step, over generated calls and in a real JavaScript engine."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import quickjs
from hypothesis import given, settings
from hypothesis import strategies as st

from pbx.dialing import FORWARD_CODES
from pbx.graph.collapse import picture
from pbx.graph.page import places_of
from pbx.graph.table import NOT_HERE, table
from pbx.kinds.base import Situation
from pbx.model import Ref
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


def learn(scope: TenantScope) -> dict[str, Any]:
    """Give the walk a tenant, and answer what it was given."""
    asked = table(scope, places_of(picture(scope)), anywhere)
    engine().get("learn")(json.dumps(asked))
    return asked


@dataclass(frozen=True, slots=True)
class Call:
    """A call as the page has it; what the compiler is asked for is made of it."""

    number: str
    at: datetime
    presses: list[str]
    states: dict[str, Any]
    overrides: dict[str, Any] = field(default_factory=dict)
    settings: dict[tuple[str, str], str] = field(default_factory=dict)
    caller: str = ""
    trunks: dict[str, Any] = field(default_factory=dict)
    full: list[str] = field(default_factory=list)

    def situation(self) -> Situation:
        """What the compiler assumes."""
        return Situation(
            at=self.at,
            presses=[*self.presses],
            states=self.states,
            overrides=self.overrides,
            settings=self.settings,
            outside=self.caller,
            trunks=self.trunks,
            full=[Ref(*each.split(":")) for each in self.full],
        )


def walked(call: Call) -> dict[str, Any]:
    """A call as the page walks it."""
    told = asdict(call) | {
        "at": f"{call.at:%Y-%m-%dT%H:%M}",
        "settings": {" ".join(key): value for key, value in call.settings.items()},
    }
    answer: dict[str, Any] = json.loads(engine().get("foretell")(json.dumps(told)))
    return answer


NAMES = ("node", "exit", "because", "to", "end", "file", "hears", "rings")


def told(journey: Journey) -> list[tuple[Any, ...]]:
    """The steps of the compiler's trace, as the page has them."""
    return [
        (
            str(each.node),
            each.exit,
            each.because,
            str(each.to) if each.to else None,
            each.end,
            anywhere(each.path).file,
            [*each.hears],
            [asdict(ring) for ring in each.rings],
        )
        for each in journey.steps
    ]


def compare(scope: TenantScope, call: Call) -> None:
    """The same call, walked twice."""
    page = walked(call)
    situation = call.situation()
    journey = trace_did(scope, call.number, situation)
    steps = [tuple(each[name] for name in NAMES) for each in page["steps"]]
    assert page["caller"] == {"number": journey.caller, "name": journey.caller_name}
    if page["end"] == NOT_HERE:
        before = told(journey)[: len(steps)]
        assert steps == before
        assert journey.steps[len(before)].node.kind == "directory"
        return
    assert steps == told(journey)
    assert (page["end"], page["shown"], page["unused"]) == (journey.end, journey.shown, situation.presses)


def user_settings(scope: TenantScope, keys: list[str]) -> st.SearchStrategy[dict[tuple[str, str], str]]:
    """What users of a tenant may have set; forwards lead to some of these keys."""
    phones = st.sampled_from(sorted(scope.tenant.extensions))
    ways = st.sampled_from([*FORWARD_CODES])
    targets = st.sampled_from(["off", "voicemail", *keys])
    return st.builds(
        lambda some, more, paused: some | more | paused,
        st.dictionaries(st.tuples(phones, ways), targets, max_size=4),
        st.dictionaries(st.tuples(phones, st.just("do_not_disturb")), st.sampled_from(["on", "off"]), max_size=2),
        st.dictionaries(st.tuples(phones, st.just("queue_pause")), st.sampled_from(["on", "off"]), max_size=3),
    )


def calls(scope: TenantScope, asked: dict[str, Any]) -> st.SearchStrategy[Call]:
    """Calls to a tenant of which the page knows these answers."""
    overridden = [each for each, schedule in scope.tenant.schedules.items() if schedule.override]
    forced = st.sampled_from(["open", "closed"])
    crowded = [ref for ref, place in asked["places"].items() if "full" in place]
    at_trunk = st.sampled_from(["answer", "busy", "full", "failed"])
    return st.builds(
        Call,
        number=st.sampled_from(sorted(scope.tenant.dids)),
        at=MOMENTS | EDGES,
        presses=st.lists(PRESSES, max_size=8),
        states=st.dictionaries(st.sampled_from(sorted(scope.tenant.extensions)), STATES),
        overrides=st.dictionaries(st.sampled_from(overridden), forced) if overridden else st.just({}),
        settings=st.just({}) | user_settings(scope, [each["keys"] for each in asked["forwards"]]),
        caller=st.sampled_from(["", "+541143210000", *scope.tenant.phonebook]),
        trunks=st.dictionaries(st.sampled_from(sorted(asked["trunks"])), at_trunk) if asked["trunks"] else st.just({}),
        full=st.lists(st.sampled_from(crowded), unique=True) if crowded else st.just([]),
    )


@given(st.data(), tenant_trees())
@settings(max_examples=30)
def test_the_page_walks_every_call_as_the_compiler_does(data: st.DataObject, tree: dict[str, Any]) -> None:
    texts = {**texts_of(DEMO), "tenants/uno.yaml": written("uno", tree)}
    scope = clean({name: text for name, text in texts.items() if "andina" not in name}).tenants["uno"]
    asked = learn(scope)
    some = calls(scope, asked)
    for _ in range(CALLS):
        compare(scope, data.draw(some))


@cache
def demo() -> tuple[TenantScope, dict[str, Any]]:
    """The demo, with its phonebook and a schedule that can be overridden, and its answers."""
    scope = tenant(DEMO, "andina")
    return scope, table(scope, places_of(picture(scope)), anywhere)


@given(st.data())
@settings(max_examples=20)
def test_the_page_walks_the_demo_as_the_compiler_does(data: st.DataObject) -> None:
    scope, asked = demo()
    engine().get("learn")(json.dumps(asked))
    assert {"91543215555", "202"} < {each["keys"] for each in asked["forwards"]}
    some = calls(scope, asked)
    for _ in range(CALLS):
        compare(scope, data.draw(some))
