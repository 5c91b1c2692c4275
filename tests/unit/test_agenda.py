"""Which branch answers when: holidays, chains of schedules, hours that come twice or never, who can be reached."""

# ruff: noqa: DTZ001 - what the clock on the wall shows has no zone
from __future__ import annotations

import time
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from pbx.agenda import ENDLESS, instants, reach, states, stretches
from pbx.model import Ref
from tests.samples import DEMO, clean, read, tenant, texts_of

if TYPE_CHECKING:
    from pbx.site import TenantScope

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)


def changed(old: str, new: str) -> TenantScope:
    """The demo's tenant with another text in its file."""
    texts = texts_of(DEMO)
    assert old in texts["tenants/andina.yaml"]
    texts["tenants/andina.yaml"] = texts["tenants/andina.yaml"].replace(old, new)
    return clean(texts).tenants["andina"]


def at(scope: TenantScope, ref: Ref, moment: datetime) -> Ref:
    found = stretches(scope, ref, FIRST, LAST)
    return next(each.branch for each in found if each.start <= moment < each.end)


def test_the_days_of_the_demo() -> None:
    scope = tenant(DEMO, "andina")
    found = stretches(scope, Ref("did", "+541152365000"), date(2026, 12, 23), date(2026, 12, 26))
    told = [(f"{each.start:%d %H:%M}", str(each.branch), each.holidays) for each in found]
    assert told == [
        ("23 00:00", "ivr:nocturno", ()),
        ("23 09:00", "ivr:principal", ()),
        ("23 13:00", "ivr:nocturno", ()),
        ("23 14:00", "ivr:principal", ()),
        ("23 18:00", "ivr:nocturno", ()),
        ("24 00:00", "announcement:feriado", ("Nochebuena",)),
        ("25 00:00", "announcement:feriado", ("Navidad",)),
        ("26 00:00", "ivr:nocturno", ()),
        ("26 09:00", "ivr:principal", ()),
        ("26 13:00", "ivr:nocturno", ()),
    ]
    assert found[5].because == "schedule:oficina: holiday: Nochebuena"
    assert [step.node for step in found[5].steps] == [Ref("did", "+541152365000"), Ref("schedule", "oficina")]
    assert found[1].steps[-1].path == ("schedules", "oficina", "open")


def test_schedules_lead_to_schedules() -> None:
    scope = changed(
        "schedules:\n",
        'schedules:\n  noche: {hours: {mon-fri: "13:30-22:00"}, open: extension:203, closed: schedule:oficina}\n',
    )
    monday = datetime(2026, 3, 2)
    assert at(scope, Ref("schedule", "noche"), monday.replace(hour=15)) == Ref("extension", "203")
    assert at(scope, Ref("schedule", "noche"), monday.replace(hour=12)) == Ref("ivr", "principal")
    assert at(scope, Ref("schedule", "noche"), monday.replace(hour=23)) == Ref("ivr", "nocturno")
    found = stretches(scope, Ref("schedule", "noche"), monday.date(), monday.date())
    assert [f"{each.start:%H:%M}" for each in found] == ["00:00", "09:00", "13:00", "13:30", "22:00"]
    assert found[1].because == ("schedule:noche: outside the opening hours; schedule:oficina: within the opening hours")


def test_a_ring_of_schedules_ends() -> None:
    texts = texts_of(DEMO)
    texts["tenants/andina.yaml"] = texts["tenants/andina.yaml"].replace(
        "    closed: ivr:nocturno\n", "    closed: schedule:oficina\n"
    )
    site, _, _ = read(texts)
    assert site is not None
    found = stretches(site.tenants["andina"], Ref("schedule", "oficina"), date(2026, 3, 1), date(2026, 3, 1))
    assert [(each.branch, each.steps[-1].end) for each in found] == [(Ref("schedule", "oficina"), ENDLESS)]


def test_a_place_that_is_no_schedule_answers_all_the_time() -> None:
    scope = tenant(DEMO, "andina")
    (only,) = stretches(scope, Ref("did", "+541152365001"), FIRST, LAST)
    assert (only.branch, only.start, only.end) == (Ref("extension", "201"), datetime(2026, 1, 1), datetime(2027, 1, 1))
    assert only.because == ""
    assert only.minutes == 365 * 24 * 60
    (lost,) = stretches(scope, Ref("schedule", "nada"), FIRST, LAST)
    assert lost.branch == Ref("schedule", "nada")
    with pytest.raises(KeyError):
        stretches(scope, Ref("did", "+1"), FIRST, LAST)


def test_there_are_no_holidays_outside_the_years_of_the_calendar() -> None:
    scope = tenant(DEMO, "andina")
    schedule = scope.tenant.schedules["oficina"]
    assert any(each.state == "holiday" for each in states(schedule, scope.years, FIRST, LAST))
    later = states(schedule, scope.years, date(2030, 1, 1), date(2030, 12, 31))
    assert not [each for each in later if each.state == "holiday"]


def test_an_hour_that_comes_twice_and_one_that_never_comes() -> None:
    madrid = ZoneInfo("Europe/Madrid")
    twice = instants(datetime(2026, 10, 25, 2, 0), datetime(2026, 10, 25, 2, 30), madrid)
    assert [(f"{start:%H:%M}", f"{end:%H:%M}") for start, end in twice] == [("00:00", "00:30"), ("01:00", "01:30")]
    assert instants(datetime(2026, 3, 29, 2, 0), datetime(2026, 3, 29, 3, 0), madrid) == ()
    (whole,) = instants(datetime(2026, 10, 25), datetime(2026, 10, 26), madrid)
    assert whole == (datetime(2026, 10, 24, 22, tzinfo=UTC), datetime(2026, 10, 25, 23, tzinfo=UTC))


@pytest.mark.parametrize(
    ("ref", "best"),
    [
        ("ivr:principal", "person"),
        ("ivr:nocturno", "mailbox"),
        ("announcement:feriado", "nobody"),
        ("extension:201", "person"),
        ("queue:ventas", "person"),
        ("external:+5491155550000", "person"),
        ("schedule:oficina", "person"),
    ],
)
def test_whom_a_caller_can_hope_for(ref: str, best: str) -> None:
    kind, _, identity = ref.partition(":")
    assert reach(tenant(DEMO, "andina"), Ref(kind, identity)) == best


def test_an_extension_for_internal_calls_is_reached_from_outside_by_a_key_alone() -> None:
    scope = tenant(DEMO, "andina")
    assert reach(scope, Ref("extension", "205")) == "nobody"
    menu = changed('"0": extension:203', '"0": extension:205')
    assert reach(menu, Ref("ivr", "principal")) == "person"
    assert reach(scope, Ref("hangup", "")) == "nobody"
    empty = changed('members: ["201", "202"]', "members: []")
    assert reach(changed("overflow: extension:203", "overflow: hangup"), Ref("queue", "ventas")) == "person"
    assert reach(empty, Ref("queue", "ventas")) == "person"  # its overflow is somebody


def test_a_year_takes_milliseconds() -> None:
    scope = tenant(DEMO, "andina")
    stretches(scope, Ref("did", "+541152365000"), FIRST, LAST)  # the library of holidays is loaded once
    best = min(_seconds(scope) for _ in range(5))
    assert best < 0.1


def _seconds(scope: TenantScope) -> float:
    began = time.perf_counter()
    stretches(scope, Ref("did", "+541152365000"), FIRST, LAST)
    return time.perf_counter() - began
