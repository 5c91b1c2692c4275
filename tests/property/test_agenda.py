"""Exact stretches of time hold against the schedule's own word for single minutes, and against zoneinfo."""

# ruff: noqa: DTZ001 - what the clock on the wall shows has no zone
from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st

from pbx.agenda import ENDLESS, clock_changes, instants, states, stretches
from pbx.kinds.base import Situation
from pbx.kinds.schedule import Schedule, state
from pbx.model import WEEKDAYS, Ref, Years
from tests.property.tenants import tenant_trees, written
from tests.samples import DEMO, clean, texts_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from pbx.site import TenantScope

YEARS = Years(2026, 2027)
MINUTE = timedelta(minutes=1)
ZONES = st.sampled_from(
    [
        "America/Argentina/Buenos_Aires",
        "America/Santiago",
        "Europe/Madrid",
        "America/New_York",
        "Australia/Lord_Howe",
        "Africa/Casablanca",
        "Asia/Kathmandu",
        "Pacific/Apia",
    ]
).map(ZoneInfo)
TIMES = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31, 23, 59)).map(
    lambda at: at.replace(second=0, microsecond=0)
)


def clock(minute: int) -> str:
    return f"{minute // 60}:{minute % 60:02}"


@st.composite
def hours(draw: Callable[[st.SearchStrategy[Any]], Any]) -> list[str]:
    """Up to three stretches of a day that do not overlap; they may touch, and may be the whole day."""
    edges = sorted(draw(st.sets(st.integers(0, 1440), min_size=2, max_size=6)))
    touching = draw(st.booleans())
    pairs = pairwise(edges) if touching else zip(edges[::2], edges[1::2], strict=False)
    return [f"{clock(start)}-{clock(end)}" for start, end in pairs]


@st.composite
def schedules(draw: Callable[[st.SearchStrategy[Any]], Any]) -> Schedule:
    """Hours of some weekdays, and holidays: national, added, removed, or none at all."""
    days = draw(st.sets(st.sampled_from(WEEKDAYS), min_size=1))
    tree: dict[str, Any] = {"hours": {day: draw(hours()) for day in sorted(days)}, "open": "busy", "closed": "hangup"}
    holidays: dict[str, Any] = {}
    if draw(st.booleans()):
        holidays["calendar"] = draw(st.sampled_from(["AR", "ES-MD", "US"]))
    added = draw(st.lists(st.dates(date(2025, 12, 1), date(2028, 1, 31)), max_size=4, unique=True))
    holidays["add"] = {f"{day}..{day + timedelta(days=draw(st.integers(0, 9)))}": f"fiesta {day}" for day in added}
    holidays["remove"] = [
        str(day) for day in draw(st.lists(st.dates(date(2026, 1, 1), date(2027, 12, 31)), max_size=3))
    ]
    return Schedule.model_validate({**tree, "holidays": holidays})


@given(schedules(), st.lists(TIMES, max_size=40))
@settings(max_examples=60, deadline=None)
def test_a_schedule_is_in_the_state_it_says_itself_at_every_boundary_and_any_minute(
    schedule: Schedule, times: list[datetime]
) -> None:
    first, last = date(2026, 1, 1), date(2027, 12, 31)
    periods = states(schedule, YEARS, first, last)
    assert periods[0].start == datetime(2026, 1, 1)
    assert periods[-1].end == datetime(2028, 1, 1)
    assert all(one.end == other.start for one, other in pairwise(periods))
    assert all((one.state, one.because) != (other.state, other.because) for one, other in pairwise(periods))
    for period in periods:
        for at in (period.start, period.start + MINUTE, period.end - MINUTE):
            if period.start <= at < period.end:
                said, because = state(schedule, YEARS, at)
                assert said == period.state, at
                assert period.holiday in because
    for at in times:
        assert next(each for each in periods if each.start <= at < each.end).state == state(schedule, YEARS, at)[0]


@given(TIMES, st.integers(0, 3000), ZONES, st.lists(st.integers(0, 60 * 24 * 4), min_size=1, max_size=30))
@example(datetime(2026, 10, 25, 2, 15), 30, ZoneInfo("Europe/Madrid"), [60 * 25, 60 * 26])
@example(datetime(2026, 3, 29, 2, 15), 30, ZoneInfo("Europe/Madrid"), [60 * 25])
@example(datetime(2026, 4, 5, 1, 0), 120, ZoneInfo("Australia/Lord_Howe"), [60 * 14])
@settings(max_examples=300, deadline=None)
def test_an_instant_is_within_when_the_clock_on_the_wall_is(
    start: datetime, minutes: int, zone: ZoneInfo, offsets: list[int]
) -> None:
    end = start + minutes * MINUTE
    found = instants(start, end, zone)
    assert all(one[1] < other[0] for one, other in pairwise(found))
    edges = [each + shift for pair in found for each in pair for shift in (-MINUTE, timedelta(), MINUTE)]
    somewhere = [start.replace(tzinfo=UTC) - timedelta(days=1) + each * MINUTE for each in offsets]
    for instant in (*edges, *somewhere):
        wall = instant.astimezone(zone).replace(tzinfo=None)
        assert (start <= wall < end) == any(low <= instant < high for low, high in found), (instant, wall)


@given(ZONES, st.sampled_from([2026, 2027]))
@settings(deadline=None)
def test_clock_changes_are_where_zoneinfo_changes_its_offset(zone: ZoneInfo, year: int) -> None:
    changes = clock_changes(zone, date(year, 1, 1), date(year, 12, 31))
    second = timedelta(seconds=1)
    for change in changes:
        before, after = (change.at - second).astimezone(zone), change.at.astimezone(zone)
        assert before.replace(tzinfo=None) + second == change.before
        assert after.replace(tzinfo=None) == change.after
        assert before.utcoffset() != after.utcoffset()
    hour = datetime(year, 1, 2, tzinfo=UTC)
    offsets = []
    while hour.year == year:
        offsets.append(hour.astimezone(zone).utcoffset())
        hour += timedelta(hours=1)
    assert len(changes) == sum(one != other for one, other in pairwise(offsets))


@cache
def _platform() -> str:
    return texts_of(DEMO)["platform.yaml"]


def walked(scope: TenantScope, ref: Ref, at: datetime) -> Ref:
    """Where calls arrive at a time, asked of the kinds minute by minute."""
    from pbx.kinds import BY_NAME

    while ref.kind == "schedule":
        model = scope.find(ref)
        (step,) = BY_NAME["schedule"].steps(ref.id, model, scope, Situation(at=at))
        assert step.to is not None
        ref = step.to
    return ref


@given(tenant_trees(), st.lists(TIMES, min_size=1, max_size=10))
@settings(max_examples=60, deadline=None)
def test_a_did_leads_where_its_schedules_lead_one_by_one(tree: dict[str, Any], times: list[datetime]) -> None:
    tree["schedules"]["tarde"] = {
        "hours": {"mon-sun": "12:00-20:00"},
        "open": "busy",
        "closed": "hangup",
        "holidays": {"add": {"2026-05-01": "Día"}},
    }
    for name in tree["schedules"]:
        if name != "tarde":
            tree["schedules"][name]["closed"] = "schedule:tarde"
    scope = clean({"platform.yaml": _platform(), "tenants/uno.yaml": written("uno", tree)}).tenants["uno"]
    for number, did in scope.tenant.dids.items():
        found = stretches(scope, Ref("did", number), date(2026, 1, 1), date(2027, 12, 31))
        assert all(one.end == other.start for one, other in pairwise(found))
        assert (found[0].start, found[-1].end) == (datetime(2026, 1, 1), datetime(2028, 1, 1))
        edges = [at for each in found[:40] for at in (each.start, each.end - MINUTE)]
        for at in (*times, *edges):
            stretch = next(each for each in found if each.start <= at < each.end)
            assert stretch.branch == walked(scope, did.to, at)
            assert all(step.end != ENDLESS for step in stretch.steps)
