"""The rows that are derived from a tenant: complete, with names that stay, and each about what it says."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from lab.matrix import FAMILIES, calls, outside
from lab.matrix.moments import moment, working
from lab.scenario import Scenario
from pbx.dialing import denial, meaning, route_for
from pbx.kinds.extension import FORWARDS
from pbx.kinds.schedule import holiday_dates, state
from pbx.model import Ref
from pbx.numberplan import CATEGORIES
from pbx.site import TenantScope
from tests.samples import DEMO, TWO, clean, tenant, texts_of

SCOPES = {
    "demo": tenant(DEMO, "andina"),
    **clean(texts_of(TWO)).tenants,
}
IDENTITY = re.compile(r"[a-z0-9_-]+")


@pytest.fixture(params=SCOPES)
def scope(request: pytest.FixtureRequest) -> TenantScope:
    """Each tenant of the sample sites."""
    return SCOPES[request.param]


def rows_of(scope: TenantScope) -> dict[str, Scenario]:
    """The rows by their ids."""
    return {row.text.id: row for row in calls(scope)}


def test_no_row_is_lost_to_another_of_its_name(scope: TenantScope) -> None:
    names = Counter(row.text.id for family in FAMILIES for row in family(scope))
    assert [name for name, count in names.items() if count > 1] == []
    rows = rows_of(scope)
    kept = {name for row in rows.values() for name in (row.text.id, *row.text.alike)}
    assert kept - {name for name in rows if name.startswith("way-")} == set(names)


def test_names_of_rows_can_name_folders(scope: TenantScope) -> None:
    assert [name for name in rows_of(scope) if not IDENTITY.fullmatch(name)] == []


def test_the_same_tenant_gives_the_same_rows(scope: TenantScope) -> None:
    assert [row.text for row in calls(scope)] == [row.text for row in calls(scope)]


def test_the_rows_of_the_demo_keep_their_names() -> None:
    assert {
        "internal-call",
        "internal-call-real-time",
        "forward-201-busy",
        "forward-204-always",
        "voicemail-201-from-outside",
        "receive-internal-204",
        "did-541152365000-holiday",
        "did-541152365001-always",
        "ivr-principal-key-1",
        "ivr-principal-key-star",
        "ivr-principal-timeout",
        "ivr-siniestros-invalid",
        "ivr-principal-dial-201",
        "queue-ventas-agent-202",
        "queue-ventas-overflow-empty",
        "class-interno-toll-free",
        "class-completo-denied-5411600",
        "hidden-202",
        "emergency-9100",
    } <= set(rows_of(SCOPES["demo"]))


def test_every_row_is_written_in_both_languages(scope: TenantScope) -> None:
    for row in rows_of(scope).values():
        assert len(row.text.expected) == sum(step.to is not None for step in row.forecast.steps) + 1
        for words in (row.text.objective, *row.text.steps, *row.text.expected):
            assert words.es
            assert words.en


def test_every_row_has_an_end_and_needs_all_its_keys(scope: TenantScope) -> None:
    for row in rows_of(scope).values():
        assert row.forecast.end
        assert "lost" not in row.forecast.end
        asking = [step.node.kind for step in row.forecast.steps if step.node.kind in {"ivr", "conference", "directory"}]
        if "directory" not in asking:  # a name takes as many keys as it needs
            assert len(asking) >= len(row.presses), row.text.id


def test_outside_callers_are_told_apart(scope: TenantScope) -> None:
    own = set(scope.tenant.phonebook)
    callers = [row.caller_number for row in rows_of(scope).values() if row.caller.kind == "caller"]
    numbers = [number for number in callers if number not in own]
    assert all(numbers)
    assert len(set(numbers)) == len(numbers)
    assert all(not row.caller_number for row in rows_of(scope).values() if row.caller.kind == "extension")


def test_every_forward_has_a_row_that_takes_it(scope: TenantScope) -> None:
    rows = rows_of(scope)
    for number, extension in scope.tenant.extensions.items():
        always = extension.forward.always
        for when in FORWARDS:
            target = getattr(extension.forward, when)
            if target is None or (always and when != "always"):
                continue
            steps = rows[f"forward-{number}-{when.replace('_', '-')}"].forecast.steps
            assert (steps[0].node, steps[0].exit) == (Ref("extension", number), when)


def test_every_number_has_a_row_for_each_state_of_its_schedule(scope: TenantScope) -> None:
    rows = rows_of(scope)
    for did, target in scope.tenant.dids.items():
        schedule = scope.tenant.schedules[target.to.id] if target.to.kind == "schedule" else None
        holiday = ("holiday",) if schedule and holiday_dates(schedule, scope.tenant.calendar_years) else ()
        states = ("open", "closed", *holiday) if schedule else ("always",)
        for name in states if scope.tenant.trunks else ():
            steps = rows[f"did-{did.lstrip('+')}-{name}"].forecast.steps
            assert str(steps[0].node) == f"did:{did}"
            if name != "always":
                assert (steps[1].node, steps[1].exit) == (target.to, name)


def reached(scope: TenantScope) -> set[str]:
    """The menus to which an outside caller can come, by keys or without."""
    pending = [ref for did in scope.tenant.dids.values() for ref in (did.to,)]
    found: set[Ref] = set()
    while pending:
        ref = pending.pop()
        if ref in found:
            continue
        found.add(ref)
        if ref.kind == "schedule":
            schedule = scope.tenant.schedules[ref.id]
            pending += [schedule.open, schedule.closed, schedule.on_holiday()]
        if ref.kind == "ivr":
            pending += [option.to for option in scope.tenant.ivrs[ref.id].options.values()]
    return {ref.id for ref in found if ref.kind == "ivr"}


def test_every_key_of_every_menu_that_is_reached_is_pressed(scope: TenantScope) -> None:
    pressed = {
        (step.node.id, step.exit)
        for row in rows_of(scope).values()
        for step in row.forecast.steps
        if step.node.kind == "ivr"
    }
    for identity in reached(scope):
        ivr = scope.tenant.ivrs[identity]
        wanted = {(identity, key) for key in (*ivr.options, "timeout")}
        assert wanted <= pressed, wanted - pressed


@pytest.mark.parametrize("exit_", ["timeout", "invalid"])
def test_a_menu_gives_up_where_it_says(scope: TenantScope, exit_: str) -> None:
    rows = rows_of(scope)
    for identity in reached(scope):
        row = rows[f"ivr-{identity}-{exit_}"]
        last = [step for step in row.forecast.steps if step.node == Ref("ivr", identity)][-1]
        target = getattr(scope.tenant.ivrs[identity], exit_).to
        assert last.exit == exit_
        assert last.to == target or (last.to is None and last.end)


def test_a_row_about_a_menu_says_what_happens_there_at_last(scope: TenantScope) -> None:
    for name, row in rows_of(scope).items():
        if name.startswith("ivr-") and "-key-" in name:
            key = {"star": "*", "hash": "#"}.get(name.rpartition("-")[2], name.rpartition("-")[2])
            assert key in [step.exit for step in row.forecast.steps], name


def test_each_class_is_allowed_and_refused_what_it_says() -> None:
    scope = SCOPES["demo"]
    rows = rows_of(scope)
    for name, allowed in scope.tenant.classes_of_service.items():
        for category in set(CATEGORIES) - {"emergency"}:
            row = rows.get(f"class-{name}-{category.replace('_', '-')}")
            if row is None:
                assert category in allowed.allow, (name, category)
                assert route_for(scope, category) is None or not outside.example(scope, category)
                continue
            end = row.forecast.end
            assert scope.tenant.extensions[row.caller.id].class_of_service == name
            assert end.startswith("answered by external:") == (category in allowed.allow), (name, category, end)
            assert end.startswith("refused") == (category not in allowed.allow)


def test_a_denied_prefix_is_refused_although_its_kind_is_allowed() -> None:
    scope = SCOPES["demo"]
    row = rows_of(scope)["class-completo-denied-5411600"]
    found = meaning(scope, row.dialled)
    assert found
    assert found.category in scope.tenant.classes_of_service["completo"].allow
    assert denial(scope.tenant.classes_of_service["completo"], found.category, found.to.id).startswith("denies")
    assert row.forecast.end.startswith("refused")


def test_emergency_calls_go_out_from_the_most_restricted_extension() -> None:
    scope = SCOPES["demo"]
    rows = [row for name, row in rows_of(scope).items() if re.fullmatch("emergency-[0-9]+", name)]
    assert {row.dialled for row in rows} == {*scope.plan.emergency, f"9{scope.plan.emergency[0]}"}
    for row in rows:
        assert scope.tenant.extensions[row.caller.id].class_of_service == "interno"
        assert row.forecast.end.startswith("answered by external:")


def test_every_class_makes_emergency_calls() -> None:
    scope = SCOPES["demo"]
    rows = [row for name, row in rows_of(scope).items() if name.startswith("emergency-")]
    classes = {scope.tenant.extensions[row.caller.id].class_of_service for row in rows}
    assert classes == set(scope.tenant.classes_of_service)
    for row in rows:
        assert all(each.forecast.end.startswith("answered by external:") for each in (row, *row.alike))


def test_a_hidden_caller_is_hidden() -> None:
    assert rows_of(SCOPES["demo"])["hidden-202"].forecast.shown == "anonymous"


def test_each_member_of_a_queue_answers_once_and_overflow_is_taken() -> None:
    scope = SCOPES["demo"]
    rows = rows_of(scope)
    for identity, queue in scope.tenant.queues.items():
        for member in queue.members:
            assert rows[f"queue-{identity}-agent-{member}"].forecast.end == f"answered by extension:{member}"
        for how in ("timeout", "empty"):
            steps = rows[f"queue-{identity}-overflow-{how}"].forecast.steps
            assert queue.overflow in [step.to for step in steps]


def test_wherever_a_message_is_left_it_is_looked_for() -> None:
    left = {name: row.mailbox for name, row in rows_of(SCOPES["andina"]).items() if row.mailbox}
    assert left["queue-ventas-overflow-empty"] == "201"
    assert left["ivr-siniestros-key-1"] == "202"
    assert left["forward-201-busy"] == "201"
    assert "did-541152365000-open" not in left


def test_sound_is_judged_at_the_speed_of_real_time_once() -> None:
    assert [name for name, row in rows_of(SCOPES["demo"]).items() if row.real_speed] == ["internal-call-real-time"]


@pytest.mark.parametrize("wanted", ["open", "closed", "holiday"])
def test_moments_are_what_they_say(scope: TenantScope, wanted: str) -> None:
    for schedule in scope.tenant.schedules.values():
        at = moment(scope, schedule, wanted)
        if wanted == "holiday" and not holiday_dates(schedule, scope.tenant.calendar_years):
            assert at is None
            continue
        assert at is not None
        assert state(schedule, scope.tenant.calendar_years, at)[0] == wanted
        assert at.tzinfo is scope.timezone


def test_only_the_holiday_explains_a_holiday() -> None:
    scope = SCOPES["demo"]
    schedule = scope.tenant.schedules["oficina"]
    at = moment(scope, schedule, "holiday")
    assert at is not None
    ordinary = schedule.model_copy(
        update={"holidays": schedule.holidays.model_copy(update={"calendar": None, "add": {}})}
    )
    assert state(ordinary, scope.tenant.calendar_years, at)[0] == "open"


def test_a_schedule_without_hours_is_never_open() -> None:
    scope = SCOPES["demo"]
    closed = scope.tenant.schedules["oficina"].model_copy(update={"hours": {}})
    assert moment(scope, closed, "open") is None
    assert moment(scope, closed, "holiday") is None
    assert moment(scope, closed, "closed") is not None


def test_ordinary_rows_run_when_the_office_is_open() -> None:
    scope = SCOPES["demo"]
    assert state(scope.tenant.schedules["oficina"], scope.tenant.calendar_years, working(scope))[0] == "open"
