"""Generated tenants and calls, what is compared, and how a disagreement is made small."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

from lab.addresses import Block
from lab.differential import sites, tenants
from lab.differential.batches import Batch, Generator
from lab.differential.call import Call, scenario
from lab.differential.compare import differences
from lab.differential.coverage import EXITS, Coverage, taken
from lab.differential.shrink import Case, shrink
from lab.journey import Visited, foretold_exits, foretold_nodes
from lab.observation import Leg, Observation
from lab.parties import cast
from lab.scenario import Scenario
from pbx.kinds import BY_NAME
from pbx.site import Site

AT = datetime(2026, 3, 10, 15, tzinfo=UTC)


def batches(seed: int, count: int) -> list[Batch]:
    return list(Generator(seed, count))


@pytest.fixture(scope="module")
def two() -> list[Batch]:
    """One site at two moments."""
    return batches(5, 60)


def test_the_same_seed_makes_the_same_tenants_moments_and_calls(two: list[Batch]) -> None:
    again = batches(5, 60)
    assert [(each.trees, each.at, each.calls) for each in again] == [(each.trees, each.at, each.calls) for each in two]
    other = batches(6, 40)
    assert other[0].trees != two[0].trees
    assert [len(each.calls) for each in two] == [40, 20]
    assert len({call.name for each in two for call in each.calls}) == 60


def test_a_tenant_has_every_kind_of_place_and_every_type_of_trunk() -> None:
    site = _site(tenants.tenant(Random(3), "uno"))
    scope = site.tenants["uno"]
    assert {ref.kind for ref, _ in scope.models()} == set(BY_NAME)
    assert {trunk.type for trunk in scope.tenant.trunks.values()} == {"provider", "cloud", "vpn", "gateway", "pbx"}


def test_most_tenants_are_clean() -> None:
    errors = Counter(
        problem.code
        for seed in range(30)
        for problem in sites.load_trees([tenants.tenant(Random(seed), "uno")])[1]
        if problem.severity == "error"
    )
    assert sum(errors.values()) <= 3, errors


def test_every_kind_has_its_exits_in_the_table(two: list[Batch]) -> None:
    """All that the call flow has and more: what a node may be left by, as the forecasts name it."""
    assert set(EXITS) >= set(BY_NAME)
    for batch in two:
        for call in batch.calls:
            scope = batch.site.tenants[call.tenant]
            unknown = set(taken(scope, scenario(call, scope, batch.at).forecast)) - {
                (kind, each) for kind, exits in EXITS.items() for each in exits
            }
            assert unknown == set()


def test_calls_take_what_was_taken_least() -> None:
    coverage = Coverage()
    for batch in batches(1, 200):
        for call in batch.calls:
            coverage.add(batch.site.tenants[call.tenant], _row(batch.site, call, batch.at).forecast)
    assert len(coverage.missing) <= 3, coverage.missing


def test_a_tenant_is_written_so_that_yaml_reads_the_same(tmp_path: Path) -> None:
    tree = tenants.tenant(Random(8), "uno")
    sites.write(tmp_path, [tree])
    assert json.loads(json.dumps(_site(tree).tenants["uno"].tenant.name)) == "Prueba uno"
    assert (tmp_path / "tenants" / "uno.yaml").read_text("utf-8") == sites.text(tree)
    assert (tmp_path / "tenants" / "uno" / tenants.RECORDING).is_file()


def _site(*trees: tenants.Tree) -> Site:
    site, problems = sites.load_trees(trees)
    assert site is not None, problems
    return site


def _row(site: Site, call: Call, at: datetime = AT) -> Scenario:
    return scenario(call, site.tenants[call.tenant], at)


# What is compared.

SMALL: tenants.Tree = {
    "tenant": "uno",
    "name": "Uno",
    "country": "AR",
    "area_code": "11",
    "language": "es",
    "timezone": "America/Argentina/Buenos_Aires",
    "numbering": {"extensions": "200-299", "services": "600-699"},
    "calendar_years": "2026-2026",
    "ring_seconds": "5",
    "trunks": {
        "principal": {"type": "cloud", "host": "a.example", "max_calls": "30"},
        "otra": {"type": "cloud", "host": "b.example"},
    },
    "outbound_routes": [{"match": ["emergency", "mobile"], "trunks": ["principal", "otra"]}],
    "dids": {"+541152365000": "queue:ventas", "+541152365001": "extension:201", "+541152365002": "conference:espera"},
    "conferences": {tenants.WAITING_ROOM: {}},
    "classes_of_service": {"interno": {"allow": ["internal", "mobile"]}},
    "extensions": {
        number: {"first_name": name, "class_of_service": "interno", "forward": {"no_answer": "ring_group:todos"}}
        for number, name in (("201", "Ana"), ("202", "Eva"), ("203", "Luz"))
    },
    "queues": {"ventas": {"policy": "regular", "members": ["201", "202"], "max_wait": "60s", "overflow": "busy"}},
    "ring_groups": {"todos": {"number": "601", "members": ["202", "203"], "fallback": "busy"}},
}
SITE = _site(SMALL)
PARTIES = cast(SITE, Block(7, -1))
OUTSIDE = "+4915112345678"


def call(caller: str, dialled: str, **more: Any) -> Call:  # noqa: ANN401 - fields of a call
    return Call("c1", "uno", caller, dialled, **more)


def went(row: Scenario, *rang: str, answered: str = "", cause: int = 16, last: str = "", **more: Any) -> list[str]:  # noqa: ANN401 - fields of what was visited
    """What differs when a call visits what was foretold, lets phones ring, and ends so."""
    legs = [Leg(PARTIES["uno", str(row.caller)], Path("caller.wav"))]
    for name in rang:
        shown = row.forecast.shown if name.startswith("trunk:") else row.forecast.caller
        legs.append(Leg(PARTIES["uno", name], Path("leg.wav"), shown, row.forecast.caller_name))
    seen = Observation(legs=legs, linked="1", answered_by=answered, cause=cause)
    application, _, data = last.partition(" ")
    cdr = ({"uniqueid": "1", "lastapplication": application, "lastdata": data},)
    forecast = row.forecast
    visit = Visited(more.get("nodes", foretold_nodes(forecast)), more.get("exits", foretold_exits(forecast)), (), cdr)
    return [each.what for each in differences(row, seen, visit, [])]


def test_a_call_as_foretold_differs_in_nothing() -> None:
    row = _row(SITE, call("caller:principal", "+541152365000", caller_number=OUTSIDE, states={"201": "no_answer"}))
    assert went(row, "extension:201", "extension:202", answered="extension:202") == []


@pytest.mark.parametrize(
    ("rang", "more", "found"),
    [
        (("extension:202", "extension:201"), {}, ["who rang"]),
        (("extension:202",), {}, ["who rang"]),
        (("extension:201", "extension:202", "extension:203"), {}, ["who rang"]),
        (("extension:201", "extension:202"), {"answered": "extension:201"}, ["who answered"]),
        (("extension:201", "extension:202"), {"answered": ""}, ["who answered"]),
        (("extension:201", "extension:202"), {"nodes": ("did:+541152365000",)}, ["places"]),
        (("extension:201", "extension:202"), {"exits": ("queue:ventas timeout",)}, ["exits"]),
    ],
)
def test_each_difference_is_told(rang: tuple[str, ...], more: dict[str, Any], found: list[str]) -> None:
    row = _row(SITE, call("caller:principal", "+541152365000", caller_number=OUTSIDE, states={"201": "no_answer"}))
    assert went(row, *rang, **{"answered": "extension:202", **more}) == found


def test_of_phones_that_ring_at_once_any_may_be_first_and_any_may_answer() -> None:
    row = _row(SITE, call("extension:201", "601"))
    assert went(row, "extension:203", "extension:202", answered="extension:203") == []
    assert went(row, "extension:203", answered="extension:203") == []
    assert went(row, "extension:203", answered="extension:201") == ["who answered"]


def test_a_phone_that_refuses_as_busy_does_not_ring() -> None:
    row = _row(SITE, call("extension:201", "601", states={"202": "busy", "203": "busy"}))
    assert went(row, "extension:202", "extension:203", cause=17, last="Busy 10") == []
    assert went(row, cause=16, last="Hangup 16") == ["end", "end"]


def test_trunks_are_tried_in_order_and_shown_the_number() -> None:
    row = _row(SITE, call("extension:201", "1555551234", trunks={"principal": "failed"}))
    assert went(row, "trunk:principal", "trunk:otra", answered="trunk:otra") == []
    assert went(row, "trunk:otra", answered="trunk:otra") == ["who rang"]


def test_what_is_shown_is_compared() -> None:
    row = _row(SITE, call("extension:201", "202"))
    wrong = Leg(PARTIES["uno", "extension:202"], Path("leg.wav"), "999", "Nobody")
    seen = Observation(legs=[Leg(PARTIES["uno", "extension:201"], Path("c.wav")), wrong], answered_by="extension:202")
    visit = Visited(foretold_nodes(row.forecast), (), (), ())
    told = [str(each) for each in differences(row, seen, visit, [])]
    assert told == [
        "number shown at extension:202: the trace says 201, the call 999",
        "name shown at extension:202: the trace says Ana, the call Nobody",
    ]


# Rows side by side.


@pytest.mark.parametrize(
    ("one", "other", "beside"),
    [
        (call("extension:201", "202"), call("caller:principal", "+541152365001"), False),  # both need 201
        (call("extension:202", "203"), call("caller:principal", "+541152365001"), True),
        (call("extension:202", "203"), call("extension:202", "201"), True),  # one phone calls two
        (call("extension:202", "1555551234", trunks={"principal": "full"}), call("extension:203", "1555559999"), False),
        (call("extension:202", "1555551234"), call("extension:203", "1555559999"), True),
        (call("extension:202", "1555551234"), call("extension:203", "1555551234"), False),  # one outside number
    ],
)
def test_calls_run_side_by_side_where_they_touch_nothing_in_common(one: Call, other: Call, *, beside: bool) -> None:
    first, second = _row(SITE, one), _row(SITE, other)
    assert first.beside([second]) is second.beside([first]) is beside


# Shrinking.


def test_what_does_not_matter_is_left_out() -> None:
    """A disagreement that needs the queue, its first agent and the state of his phone."""
    world = {"states": {"201": "no_answer", "203": "busy"}, "trunks": {"otra": "busy"}}
    case = Case(SMALL, call("caller:principal", "+541152365000", caller_number=OUTSIDE, **world), AT)
    tried: list[Case] = []

    async def disagrees(tried_case: Case) -> bool:
        tried.append(tried_case)
        queue = tried_case.tree.get("queues", {}).get("ventas", {})
        return "201" in queue.get("members", []) and tried_case.call.states.get("201") == "no_answer"

    smallest = asyncio.run(shrink(case, disagrees, 16))
    assert len(tried) <= 3
    assert smallest.call.states == {"201": "no_answer"}
    assert smallest.call.trunks == {}
    assert set(smallest.tree["extensions"]) == {"201", "202"}
    assert {"ring_groups", "conferences", "phonebook"} & set(smallest.tree) == set()
    assert list(smallest.tree["dids"]) == ["+541152365000"]
    assert smallest.tree["queues"]["ventas"]["members"] == ["201", "202"]


def test_what_matters_although_it_is_not_on_the_way_is_kept() -> None:
    """Leaving out all at once does not disagree any more: it is found in smaller parts."""
    case = Case(SMALL, call("extension:201", "202", settings={("203", "hide_caller_id"): "on"}), AT)

    async def disagrees(tried: Case) -> bool:
        return "ring_groups" in tried.tree and bool(tried.call.settings)

    smallest = asyncio.run(shrink(case, disagrees, 60))
    assert "queues" not in smallest.tree
    assert "ring_groups" in smallest.tree
    assert smallest.call.settings


def test_shrinking_stops_after_so_many_calls() -> None:
    case = Case(SMALL, call("extension:201", "202", states={"202": "no_answer"}), AT)
    count = 0

    async def never(_tried: Case) -> bool:
        nonlocal count
        count += 1
        return False

    assert asyncio.run(shrink(case, never, 5)) == case
    assert count == 5


def test_who_is_in_a_call_meanwhile_is_kept() -> None:
    """Leaving out the other end of an earlier call would be another world, or none."""
    engaged = {"states": {"202": "busy"}, "engaged": ("202", "203")}
    tree = json.loads(json.dumps(SMALL))
    tree["extensions"]["202"]["call_waiting"] = "false"
    case = Case(tree, call("extension:201", "202", **engaged), AT)

    async def always(tried: Case) -> bool:
        return {"202", "203"} <= set(tried.tree["extensions"])

    assert set(asyncio.run(shrink(case, always, 10)).tree["extensions"]) == {"201", "202", "203"}
