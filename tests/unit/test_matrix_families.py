"""What the demo's matrix holds: each family, folded, in its phase, and every way of the call flow travelled."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lab.matrix import calls, derive
from lab.matrix.coverage import completing, covered
from lab.matrix.folding import folded
from lab.matrix.moments import moments
from lab.matrix.phases import phase_of
from lab.registrations import row_ids
from lab.scenario import Scenario
from pbx.flow import build
from pbx.kinds.schedule import state
from pbx.model import Ref
from pbx.site import TenantScope
from tests.samples import DEMO, clean, texts_of

SITE = clean(texts_of(DEMO))
ANDINA, OMBU = SITE.tenants["andina"], SITE.tenants["ombu"]
ROWS = {row.text.id: row for row in calls(ANDINA)}


def without_poc() -> TenantScope:
    return replace(ANDINA, poc=None)


def test_the_demo_has_a_hundred_rows_in_two_phases() -> None:
    rows = derive(ANDINA)
    assert len(rows) + len(row_ids(ANDINA)) >= 150
    phases = [row.text.phase for row in rows]
    assert set(phases) == {1, 2}
    assert min(phases.count(1), phases.count(2)) >= 40
    assert len({row.text.id for row in rows}) == len(rows)


def test_what_calls_can_prove_is_there() -> None:
    proven = {row.text.requirement for row in derive(ANDINA)}
    wanted = {"EXT-1", "EXT-2", "EXT-3", "EXT-4", "EXT-6", "EXT-7", "BOOK-1", "IVR-1", "IVR-2", "IVR-3", "IVR-4"}
    assert wanted | {"QUE-2", "QUE-4", "POC-7"} <= proven


@pytest.mark.parametrize("scope", [ANDINA, OMBU], ids=lambda scope: scope.slug)
def test_every_way_of_the_call_flow_is_travelled(scope: TenantScope) -> None:
    told = covered(scope, calls(scope)).told
    assert told.missing == ()
    assert told.percent == 100
    assert told.ways > 10


def test_a_way_that_no_row_travels_is_told() -> None:
    rows = [row for row in ROWS.values() if not row.text.id.startswith("queue-turnos")]
    told = covered(ANDINA, rows).told
    assert "queue:turnos full" in told.missing
    assert told.travelled + len(told.missing) == told.ways
    assert told.percent < 100


def test_a_row_that_stands_for_others_covers_theirs_and_says_so() -> None:
    row = ROWS["no-forward-206-busy"]
    assert "no-forward-217-busy" in row.text.alike
    assert f"vale por {1 + len(row.alike)} casos" in row.text.objective.es
    assert f"stands for {1 + len(row.alike)} equal cases" in row.text.objective.en
    coverage = covered(ANDINA, [row])
    assert coverage.edges[Ref("extension", "217"), "busy"] == row.text.id
    assert (Ref("extension", "217"), "busy") in coverage.alike
    assert (Ref("extension", "206"), "busy") not in coverage.alike


def shape(row: Scenario) -> list[tuple[str, str, str]]:
    """The way of a row without its names: what is dialled in menus and spelled in the directory is one."""
    return [
        (
            step.node.kind,
            step.exit if step.node.kind not in {"ivr", "directory"} else "",
            step.to.kind if step.to else step.end.partition(":")[0],
        )
        for step in row.forecast.steps
    ]


def test_only_what_differs_in_nothing_but_names_is_folded() -> None:
    for row in ROWS.values():
        for each in row.alike:
            assert shape(each) == shape(row), each.text.id


def test_folding_keeps_the_order_and_runs_the_first() -> None:
    one, two, three = (
        replace(ROWS[name], sort=sort)
        for name, sort in (("hidden-202", "a"), ("internal-call", ""), ("forward-201-busy", "a"))
    )
    assert [row.text.id for row in folded([one, two, three])] == ["hidden-202", "internal-call"]


def test_ways_that_no_family_finds_get_a_row() -> None:
    rows = list(completing(ANDINA, []))
    assert covered(ANDINA, rows).told.percent > 95
    assert all(row.text.id.startswith("way-") for row in rows)


def test_a_schedule_that_is_never_on_holiday_has_no_such_way() -> None:
    assert (Ref("schedule", "recepcion"), "holiday") not in covered(ANDINA, []).edges
    assert (Ref("schedule", "oficina"), "holiday") in covered(ANDINA, []).edges
    assert any(way.when == "holiday" for way in build(ANDINA).nodes[Ref("schedule", "recepcion")].exits)


def test_moments_are_shared_between_schedules() -> None:
    found = moments(ANDINA)
    assert len(set(found.values())) == 3
    for (identity, wanted), at in found.items():
        assert state(ANDINA.tenant.schedules[identity], ANDINA.years, at)[0] == wanted


def test_every_queue_overflows_for_each_cause_it_has() -> None:
    for identity, queue in ANDINA.tenant.queues.items():
        causes = ["empty", *(["timeout"] if queue.max_wait else []), *(["full"] if queue.max_callers else [])]
        for cause in causes:
            row = ROWS[f"queue-{identity}-overflow-{cause}"]
            assert (Ref("queue", identity), cause) in [(step.node, step.exit) for step in row.forecast.steps]
    full = ROWS["queue-ventas-overflow-full"]
    assert len(full.earlier) == ANDINA.tenant.queues["ventas"].max_callers


def test_each_trunk_carries_a_call_in_and_each_list_of_trunks_is_tried_to_its_end() -> None:
    for name in ANDINA.tenant.trunks:
        assert ROWS[f"trunk-{name.replace('_', '-')}-in"].caller == Ref("caller", name)
    last = ROWS["route-emergency-failed-3"].forecast
    assert [step.exit for step in last.steps] == ["allowed", "failed", "failed", "failed"]
    second = ROWS["route-emergency-failed-1"].forecast
    assert [step.node.id for step in second.steps if step.exit == "answered"] == ["respaldo"]


def test_a_contact_is_shown_by_name_and_calls_are_made_as_the_class_allows() -> None:
    known = ROWS["phonebook-541143210000"]
    assert (known.caller_number, known.forecast.caller_name) == ("+541143210000", "Proveedor Sur")
    assert len(known.alike) == len(ANDINA.tenant.phonebook) - 1
    assert ROWS["speed-dial-star003-refused"].forecast.end.startswith("refused")


def test_a_schedule_forced_by_its_code_has_two_rows() -> None:
    for how in ("open", "closed"):
        row = ROWS[f"schedule-recepcion-forced-{how}"]
        taken = next(step for step in row.forecast.steps if step.node.kind == "schedule")
        assert taken.exit == how
        assert state(ANDINA.tenant.schedules["recepcion"], ANDINA.years, row.at)[0] != how


def test_phases_are_those_of_the_poc() -> None:
    assert ROWS["queue-turnos-agent-216"].text.phase == 2
    assert ROWS["queue-ventas-agent-201"].text.phase == 1
    assert ROWS["trunk-sede-in"].text.phase == 2
    assert phase_of(ANDINA, [Ref("ivr", "principal"), Ref("ivr", "servicios")]) == 2
    assert {row.text.phase for row in calls(without_poc())} == {1}


def test_own_rows_are_as_they_were_written() -> None:
    night = ROWS["proveedor-de-noche"]
    assert (night.caller_number, night.dialled, night.presses) == ("+541143210000", "+541152365000", ("1",))
    assert night.text.requirement == "IVR-1"
    assert night.expects is not None
    assert night.expects.message == "201"
    away = ROWS["vacaciones-de-ana"]
    assert away.settings == {("201", "forward_always"): "202"}
    assert away.forecast.end == "answered by extension:202"


def test_rows_do_not_depend_on_the_order_of_keys() -> None:
    tenant = ANDINA.tenant
    turned = tenant.model_copy(update={"queues": dict(reversed(tenant.queues.items()))})
    names = {row.text.id for row in calls(replace(ANDINA, tenant=turned))}
    assert names == set(ROWS)


def test_of_groups_one_member_alone_is_free() -> None:
    for row in ROWS.values():
        for step in row.forecast.steps:
            if step.node.kind in {"queue", "ring_group"} and step.exit == "answered":
                members = set(ANDINA.find(step.node).members) - {row.caller.id}  # type: ignore[union-attr]
                free = [each for each in members if row.states.get(each, "answer") == "answer"]
                assert len(free) == 1, row.text.id


def test_every_row_can_be_told_from_others_by_what_it_touches() -> None:
    rows: list[Scenario] = [row for row in ROWS.values() if row.caller.kind == "caller"]
    numbers = [row.caller_number for row in rows]
    for row in rows:
        assert f"caller:{row.caller_number}" in row.touched
    assert len(set(numbers)) >= len(numbers) - len(ANDINA.tenant.phonebook)
