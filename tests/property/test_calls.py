"""The rules of the call flow against calls: exact sets of minutes, certain ends, witnesses that run."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pbx.agenda import clock_changes, states
from pbx.check.minutes import minutes_of
from pbx.check.walks import Spot, Walks
from pbx.flow import build
from pbx.kinds.base import Situation
from pbx.trace import Journey, trace_did, trace_extension
from tests.diagnostics.pages import PLATFORM_BASE
from tests.property.tenants import tenant_trees, written
from tests.samples import read

if TYPE_CHECKING:
    from pbx.diagnostics import Diagnostic
    from pbx.site import TenantScope

PLATFORM = "".join(f"{key}: {value}\n" for key, value in PLATFORM_BASE.items())
SLOW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
RULES = {"PBX407", *(f"PBX{number}" for number in (*range(440, 470), *range(520, 530)))}


def read_tenant(tree: dict[str, Any]) -> tuple[TenantScope, list[Diagnostic]]:
    """A tenant and what is said of it."""
    site, _, problems = read({"platform.yaml": PLATFORM, "tenants/andina.yaml": written("andina", tree)})
    assert site is not None, problems
    return site.tenants["andina"], problems


HOURS = st.lists(st.integers(0, 96), min_size=2, max_size=6, unique=True).map(sorted)
ZONES = st.sampled_from(["America/Argentina/Buenos_Aires", "America/Santiago", "Europe/Madrid", "Pacific/Apia"])


@st.composite
def schedules(draw: Any) -> dict[str, Any]:  # noqa: ANN401 - Hypothesis' own
    """Two schedules with hours at any quarter, and holidays of their own."""
    tree: dict[str, Any] = {}
    for identity in ("dia", "noche"):
        hours = {}
        for days in draw(st.sets(st.sampled_from(["mon-thu", "fri", "sat", "sun"]), min_size=1)):
            edges = draw(HOURS)
            hours[days] = [
                f"{a // 4:02}:{a % 4 * 15:02}-{b // 4:02}:{b % 4 * 15:02}"
                for a, b in zip(edges[::2], edges[1::2], strict=False)
            ]
        added = {"2026-03-29": "A", "2026-05-01..2026-05-03": "B"} if draw(st.booleans()) else {}
        holidays = {"add": added} | ({"calendar": "AR"} if draw(st.booleans()) else {})
        tree[identity] = {"hours": hours, "open": "busy", "closed": "hangup", "holidays": holidays}
    return tree


@SLOW
@given(schedules(), ZONES)
def test_the_sets_of_minutes_are_those_of_the_calendar(own: dict[str, Any], zone: str) -> None:
    """Every minute of the years is of one sort, and each sort is in the state that the calendar gives each minute."""
    tree = {
        "name": "A", "country": "AR", "language": "es", "timezone": zone, "area_code": "11",
        "numbering": {"extensions": "200-249"}, "calendar_years": "2026-2027",
        "classes_of_service": {"interno": {"allow": ["internal"]}},
        "extensions": {"201": {"first_name": "Ana", "class_of_service": "interno"}},
        "schedules": own,
    }  # fmt: skip
    scope, _ = read_tenant(tree)
    minutes = minutes_of(scope)
    first, last = date(2026, 1, 1), date(2027, 12, 31)
    tables = {each: states(scope.tenant.schedules[each], scope.years, first, last) for each in own}
    # What happens together in the calendar, and really comes, is what is together in a sort, and nothing else.
    wanted = {tuple(state for _, state in each) for each in _together(tables, scope)}
    found = {
        tuple(next(state for state, when in minutes.states[each].items() if when & bit) for each in sorted(own))
        for bit, _ in minutes.samples_of(minutes.every)
    }
    assert found == wanted
    for each in own:
        assert sum(minutes.states[each].values()) == minutes.every
        for state in ("open", "closed", "holiday"):
            for _, at in minutes.samples_of(minutes.when(each, state)):
                assert next(table.state for table in tables[each] if table.start <= at < table.end) == state
    for at in minutes.samples:
        local = at.replace(tzinfo=scope.timezone)
        assert local.astimezone(UTC).astimezone(scope.timezone).replace(tzinfo=None) == at


def _together(tables: dict[str, Any], scope: TenantScope) -> Iterator[tuple[tuple[str, str], ...]]:
    """Of every stretch of time in which nothing changes: which schedule is in which state."""
    gaps = clock_changes(scope.timezone, date(2026, 1, 1), date(2027, 12, 31))
    cuts = {period.start for table in tables.values() for period in table} | {
        edge for gap in gaps for edge in (gap.before, gap.after)
    }
    rows = {each: iter(table) for each, table in tables.items()}
    now = {each: next(row) for each, row in rows.items()}
    for start in sorted(cuts):
        for each, row in rows.items():
            while now[each].end <= start:
                now[each] = next(row)
        if not any(gap.before <= start < gap.after for gap in gaps):
            yield tuple((each, now[each].state) for each in sorted(tables))


@SLOW
@given(tenant_trees())
def test_a_call_ends_without_a_word_exactly_when_it_is_said_to(tree: dict[str, Any]) -> None:
    scope, _ = read_tenant(tree)
    walks = Walks(scope, build(scope))
    for did in walks.dids:
        silent = walks.silent(Spot(did))
        for bit, at in walks.minutes.samples_of(walks.minutes.every):
            journey = trace_did(scope, did.id, Situation(at.replace(tzinfo=scope.timezone)))
            certain = all(step.exit in {"to", "open", "closed", "holiday", "always"} for step in journey.steps)
            refused = any(walks.refuses(Spot(step.node)) for step in journey.steps)
            if not refused:
                assert (journey.end == "hangup" and certain and not _heard(journey)) == bool(silent & bit), did


def _heard(journey: Journey) -> bool:
    return any(step.node.kind in {"announcement", "ivr", "queue", "ring_group"} for step in journey.steps)


@SLOW
@given(tenant_trees())
def test_what_is_told_of_a_tenant_at_random_is_shown_by_its_witness(tree: dict[str, Any]) -> None:
    """Tenants that nobody wrote are odd, and are warned of; every warning is right, and none is an error."""
    scope, problems = read_tenant(tree)
    for each in problems:
        if each.code in RULES:
            assert each.severity == "warning"
            assert each.witness, each
            journey = _made(scope, each.witness)
            assert _shows(each, journey), (each, journey.nodes, journey.end)


def _shows(problem: Diagnostic, journey: Journey) -> bool:
    last = journey.steps[-1]
    branches = [step.exit for step in journey.steps if step.node.kind == "schedule"]
    return {
        "PBX440": journey.end == "hangup",
        "PBX441": not journey.end.startswith(("answered", "left", "joined")),
        "PBX442": bool(branches) and branches[-1] != "open",
        "PBX443": bool(branches) and "open" not in branches,
        "PBX445": journey.end == "hangup" and last.exit in {"to", "open", "closed", "holiday", "always"},
        "PBX446": journey.end.startswith("refused by extension:"),
        "PBX452": any(step.node.kind == "ring_group" and step.exit == "unavailable" for step in journey.steps),
        "PBX453": journey.end.startswith("left at voicemail:"),
    }.get(problem.code, True)


def _made(scope: TenantScope, command: str) -> Journey:
    """The call of a command; the command line itself is tried elsewhere."""
    _, _, _, slug, *words = shlex.split(command)
    assert slug == scope.slug
    told: dict[str, list[str]] = {}
    for option, value in zip(words[::2], words[1::2], strict=True):
        told.setdefault(option, []).append(value)
    at = datetime.fromisoformat(told.get("--at", ["2026-05-04T10:00"])[0])
    situation = Situation(
        at.replace(tzinfo=scope.timezone),
        told.get("--press", []),
        dict(each.split("=", 1) for each in told.get("--state", [])),  # type: ignore[arg-type]
        overrides=dict(each.split("=", 1) for each in told.get("--override", [])),  # type: ignore[arg-type]
    )
    if "--did" in told:
        return trace_did(scope, told["--did"][0], situation)
    return trace_extension(scope, told["--from"][0], told["--to"][0], situation)
