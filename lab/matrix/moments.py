"""Moments at which a schedule is open, closed, or on holiday: always the same ones for the same tenant."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final

from pbx.kinds.schedule import Schedule, holiday_dates, state, week
from pbx.model import MINUTES_PER_DAY, WEEKDAYS
from pbx.site import TenantScope

STATES: Final = ("open", "closed", "holiday")
"""What a schedule may be."""


def _days(scope: TenantScope) -> Iterator[date]:
    day = date(scope.tenant.calendar_years.first, 3, 1)
    while day.year <= scope.tenant.calendar_years.last:
        yield day
        day += timedelta(days=1)


def _at(scope: TenantScope, day: date, minute: int) -> datetime:
    return datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=scope.timezone)


def moment(scope: TenantScope, schedule: Schedule | None, wanted: str) -> datetime | None:
    """The first moment in which the schedule is ``open``, ``closed`` or ``holiday``; noon of a weekday without one.

    A holiday is taken at an hour that would be open otherwise, so that only the holiday can explain the branch.
    """
    years = scope.tenant.calendar_years
    if schedule is None:
        return _at(scope, next(day for day in _days(scope) if day.weekday() == 1), 12 * 60)
    holidays, hours_of = holiday_dates(schedule, years), week(schedule)
    for day in _days(scope):
        stretches = hours_of[WEEKDAYS[day.weekday()]]
        inside = [(hours.start + hours.end) // 2 for hours in stretches]
        if wanted == "holiday" and day not in holidays:
            continue
        outside = [23 * 60, 0, *(hours.end % MINUTES_PER_DAY for hours in stretches)]
        for minute in outside if wanted == "closed" else inside:
            at = _at(scope, day, minute)
            if state(schedule, years, at)[0] == wanted:
                return at
    return None


def moments(scope: TenantScope) -> dict[tuple[str, str], datetime]:
    """A moment for each schedule in each of its states, by schedule and state; those that never come are left out.

    As few clocks as possible, for each needs a PBX of its own: a moment of an earlier schedule is used where it does.
    """
    found: dict[tuple[str, str], datetime] = {}
    for identity, schedule in scope.tenant.schedules.items():
        for wanted in STATES:
            known = (at for at in found.values() if state(schedule, scope.tenant.calendar_years, at)[0] == wanted)
            at = next(known, None) or moment(scope, schedule, wanted)
            if at is not None:
                found[identity, wanted] = at
    return found


def working(scope: TenantScope) -> datetime:
    """The moment for rows that depend on no schedule: the tenant's first schedule is open, when it has one."""
    first = next(iter(scope.tenant.schedules.values()), None)
    return moment(scope, first, "open") or _at(scope, next(_days(scope)), 12 * 60)
