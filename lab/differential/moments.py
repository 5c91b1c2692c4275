"""When generated calls are made: at any hour, on holidays, and around the minutes at which schedules change."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Final

from pbx.kinds.schedule import Schedule, holiday_dates, state, week
from pbx.model import WEEKDAYS
from pbx.site import Site, TenantScope

BEFORE: Final = timedelta(seconds=100)
"""How long before a change a PBX is started whose first calls are to come before it."""
_DAYS: Final = 725
"""Of the generated tenants' two years, all but the last."""


def moment(random: Random, site: Site) -> tuple[datetime, datetime]:
    """When to start a PBX, and about when its calls will be made, in UTC."""
    scope = site.tenants[random.choice(sorted(site.tenants))]
    day = date(2026, 1, 2) + timedelta(days=random.randrange(_DAYS))
    schedule = scope.tenant.schedules[random.choice(sorted(scope.tenant.schedules))] if scope.tenant.schedules else None
    wanted = random.choice(("before", "after", "holiday", "any")) if schedule else "any"
    if schedule and wanted == "holiday":
        day = random.choice(sorted(holiday_dates(schedule, scope.years)) or [day])
    edges = list(_changes(scope, schedule, day)) if schedule else []
    if edges and wanted in {"before", "after"}:
        edge = random.choice(edges)
        return (edge - BEFORE, edge - BEFORE / 2) if wanted == "before" else (edge, edge + BEFORE / 2)
    hour = time(random.randrange(8, 20) if wanted == "holiday" else random.randrange(24), random.randrange(60))
    at = datetime.combine(day, hour, scope.timezone).astimezone(UTC)
    return at, at + BEFORE / 2


def _changes(scope: TenantScope, schedule: Schedule, day: date) -> Iterator[datetime]:
    """The minutes of a day at which the schedule takes another branch than the minute before."""
    stretches = week(schedule)[WEEKDAYS[day.weekday()]]
    for minute in sorted({0, *(edge for hours in stretches for edge in (hours.start, hours.end))}):
        at = datetime.combine(day, time(), scope.timezone) + timedelta(minutes=minute)
        if state(schedule, scope.years, at)[0] != state(schedule, scope.years, at - timedelta(minutes=1))[0]:
            yield at.astimezone(UTC)
