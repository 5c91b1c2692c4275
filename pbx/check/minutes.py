"""Every minute of a tenant's calendar, told apart only where one of its schedules tells it apart.

A schedule decides by the date, which is or is not a holiday, by the day of the week and by the minute of the day. So
the minutes of ``calendar_years`` fall into a few hundred sorts at the most, each of which all schedules treat in one
way. A set of sorts is an ``int`` with a bit for each of them: what holds for the bits holds for every minute of those
years, and nothing is sampled.

Times are those of the wall's clock, as in :mod:`pbx.agenda`. An hour that is skipped when clocks go forward is in no
set; one that comes twice is answered twice in the same way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from pbx.agenda import clock_changes
from pbx.kinds.schedule import Schedule, holiday_dates, week
from pbx.model import MINUTES_PER_DAY, WEEKDAYS, Hours, Years
from pbx.site import TenantScope

Set = int
"""A set of sorts of minutes."""
_DAY: Final = timedelta(days=1)
_Gap = tuple[int, int]
"""Minutes of a day that the clock skips: from, to before."""


@dataclass(frozen=True, slots=True)
class Minutes:
    """The sorts of minutes of a tenant."""

    samples: tuple[datetime, ...]
    """For each sort one minute that there really is, the first of a stretch; local time without a zone."""
    states: Mapping[str, Mapping[str, Set]]
    """By schedule: when it is ``open``, ``closed`` and ``holiday``."""

    @property
    def every(self) -> Set:
        """All minutes."""
        return (1 << len(self.samples)) - 1

    def when(self, schedule: str, state: str) -> Set:
        """When a schedule is in a state by the calendar; what somebody forces by its code is not in here."""
        return self.states[schedule][state]

    def samples_of(self, minutes: Set) -> Iterator[tuple[Set, datetime]]:
        """Each sort of a set, as a set of its own, with a minute of it; in order of these minutes."""
        found = ((each, index) for index, each in enumerate(self.samples) if minutes >> index & 1)
        yield from ((1 << index, at) for at, index in sorted(found))


def minutes_of(scope: TenantScope) -> Minutes:
    """The sorts of minutes that a tenant's schedules tell apart."""
    schedules = sorted(scope.tenant.schedules.items())
    first = date(scope.years.first, 1, 1)
    if not schedules:
        return Minutes((datetime.combine(first, time(10)),), {})
    samples: list[datetime] = []
    states = {identity: dict.fromkeys(("open", "closed", "holiday"), 0) for identity, _ in schedules}
    weeks = {identity: week(schedule) for identity, schedule in schedules}
    for day, off, gaps in _sorts_of_days(schedules, scope.years, scope.timezone):
        name = WEEKDAYS[day.weekday()]
        hours = {identity: weeks[identity][name] for identity, _ in schedules if identity not in off}
        begin = datetime.combine(day, time())
        for start, end in _stretches(hours, gaps):
            bit = 1 << len(samples)
            samples.append(begin + timedelta(minutes=start))
            for identity, own in states.items():
                own[_state(hours.get(identity), start, end)] |= bit
    return Minutes(tuple(samples), states)


def _state(hours: tuple[Hours, ...] | None, start: int, end: int) -> str:
    if hours is None:
        return "holiday"
    return "open" if any(each.start <= start and end <= each.end for each in hours) else "closed"


def _stretches(hours: Mapping[str, tuple[Hours, ...]], gaps: tuple[_Gap, ...]) -> Iterator[_Gap]:
    """A day, cut wherever a schedule changes its mind; what the clock skips is left out."""
    cuts = {0, MINUTES_PER_DAY}
    for each in hours.values():
        cuts.update(edge for stretch in each for edge in (stretch.start, stretch.end))
    for gap in gaps:
        cuts.update(gap)
    for start, end in pairwise(sorted(cuts)):
        if not any(since <= start and end <= until for since, until in gaps):
            yield start, end


def _sorts_of_days(
    schedules: list[tuple[str, Schedule]], years: Years, zone: ZoneInfo
) -> Iterator[tuple[date, frozenset[str], tuple[_Gap, ...]]]:
    """The first day of each sort, the schedules that are on holiday then, and what the clock skips on it."""
    first, last = date(years.first, 1, 1), date(years.last, 12, 31)
    off: dict[date, set[str]] = {}
    for identity, schedule in schedules:
        for day in holiday_dates(schedule, years):
            off.setdefault(day, set()).add(identity)
    skipped = _skipped(zone, first, last)
    for offset in range(len(WEEKDAYS)):
        day = first + offset * _DAY
        while day <= last and (day in off or day in skipped):
            day += 7 * _DAY
        if day <= last:
            yield day, frozenset(), ()
    told: set[tuple[int, frozenset[str], tuple[_Gap, ...]]] = set()
    for day in sorted({*off, *skipped}):
        own, gaps = frozenset(off.get(day, ())), skipped.get(day, ())
        if (day.weekday(), own, gaps) not in told:
            told.add((day.weekday(), own, gaps))
            yield day, own, gaps


def _skipped(zone: ZoneInfo, first: date, last: date) -> dict[date, tuple[_Gap, ...]]:
    """By day, the minutes that a clock put forward never shows."""
    found: dict[date, tuple[_Gap, ...]] = {}
    for change in clock_changes(zone, first, last):
        day = change.before.date()
        while datetime.combine(day, time()) < change.after:
            begin = datetime.combine(day, time())
            start, end = max(change.before, begin), min(change.after, begin + _DAY)
            if start < end and first <= day <= last:
                gap = (int((start - begin) / timedelta(minutes=1)), int((end - begin) / timedelta(minutes=1)))
                found[day] = (*found.get(day, ()), gap)
            day += _DAY
    return found
