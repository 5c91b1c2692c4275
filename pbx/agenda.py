"""Which branch answers when: exact stretches of local time for a DID or a schedule, through chains of schedules.

Times are naive: they are what a clock on the wall of the tenant's office shows, since that is what decides. The
dialplan asks ``GotoIfTime`` and ``STRFTIME`` with the tenant's zone, and both see the local time alone: when clocks go
back an hour, the hour that comes twice is answered twice in the same way, and an hour that is skipped is never asked
for. :func:`instants` leads from the wall to UTC.

Nothing is sampled. A schedule changes its mind at midnight and where its hours begin or end, and nowhere else.
What somebody has forced by an override code is not in here: this is what the calendar alone decides.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Final, Literal, cast
from zoneinfo import ZoneInfo

from pbx.flow import build
from pbx.kinds.base import Exit, Step
from pbx.kinds.schedule import Schedule, exits, holiday_dates, week
from pbx.model import MINUTES_PER_DAY, WEEKDAYS, Hours, Ref, Years
from pbx.site import TenantScope

State = Literal["open", "closed", "holiday"]
Reach = Literal["person", "mailbox", "nobody"]

ENDLESS: Final = "goes on for ever"
"""How a call ends that schedules hand to each other in a ring."""
_DAY: Final = timedelta(days=1)
_LOOK: Final = timedelta(hours=12)
"""Clocks are not changed twice within this time anywhere."""


@dataclass(frozen=True, slots=True)
class Period:
    """A longest stretch of time in which a schedule is in one state for one reason; ``end`` is not included."""

    start: datetime
    end: datetime
    state: State
    because: str
    holiday: str = ""
    """The holiday's name, empty on other days."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A longest stretch of time in which calls take the same way to the same branch; ``end`` is not included."""

    start: datetime
    end: datetime
    branch: Ref
    """Where calls arrive: no schedule, unless that schedule does not exist or hands the call round for ever."""
    steps: tuple[Step, ...]
    """The way there, from the DID or the first schedule on; a ring ends with a step whose ``end`` is ENDLESS."""
    holidays: tuple[str, ...] = ()
    """Names of the holidays that decide, in the order in which schedules are asked."""

    @property
    def because(self) -> str:
        """Why, schedule by schedule; empty where no schedule is asked."""
        return "; ".join(f"{step.node}: {step.because}" for step in self.steps if step.node.kind == "schedule")

    @property
    def minutes(self) -> int:
        """How long it is on the wall's clock."""
        return int((self.end - self.start) / timedelta(minutes=1))


@dataclass(frozen=True, slots=True)
class ClockChange:
    """Clocks are put forward or back."""

    at: datetime
    """The instant, in UTC."""
    before: datetime
    """What the wall's clock is about to show, and ..."""
    after: datetime
    """... what it shows instead: later when an hour is skipped, earlier when one comes twice."""


def states(schedule: Schedule, years: Years, first: date, last: date, language: str = "") -> tuple[Period, ...]:
    """The states of a schedule from the beginning of ``first`` to the end of ``last``, without a gap between them.

    ``years`` are those of the tenant's calendar: elsewhere there are no holidays, as in the dialplan. ``language`` is
    that in which national holidays are named.
    """
    holidays, hours = holiday_dates(schedule, years, language), week(schedule)
    joined: list[Period] = []
    for offset in range((last - first).days + 1):
        day = first + offset * _DAY
        for period in _day(day, hours[WEEKDAYS[day.weekday()]], holidays.get(day)):
            before = joined[-1] if joined else None
            if before and (before.state, before.because) == (period.state, period.because):
                joined[-1] = Period(before.start, period.end, period.state, period.because, period.holiday)
            else:
                joined.append(period)
    return tuple(joined)


def _day(day: date, hours: tuple[Hours, ...], holiday: str | None) -> Iterator[Period]:
    begin = datetime.combine(day, time())
    if holiday is not None:
        yield Period(begin, begin + _DAY, "holiday", f"holiday: {holiday}", holiday)
        return
    minute = 0
    for each in hours:
        start = max(each.start, minute)
        if start > minute:
            yield _within(begin, minute, start, "closed")
        if each.end > start:
            yield _within(begin, start, each.end, "open")
        minute = max(minute, each.end)
    if minute < MINUTES_PER_DAY:
        yield _within(begin, minute, MINUTES_PER_DAY, "closed")


def _within(begin: datetime, start: int, end: int, state: State) -> Period:
    because = "within the opening hours" if state == "open" else "outside the opening hours"
    return Period(begin + timedelta(minutes=start), begin + timedelta(minutes=end), state, because)


def stretches(scope: TenantScope, ref: Ref, first: date, last: date) -> tuple[Stretch, ...]:
    """Which branch takes the calls to a DID, a schedule or any place, from ``first`` to ``last``, without a gap.

    Raises KeyError for a DID that the tenant has not. Any other place is its own branch all the time.
    """
    begin, end = datetime.combine(first, time()), datetime.combine(last, time()) + _DAY
    way: tuple[Step, ...] = ()
    if ref.kind == "did":
        to = scope.tenant.dids[ref.id].to
        way, ref = (Step(ref, "to", "the number was called from outside", ("dids", ref.id), to=to),), to
    return tuple(_Walk(scope, first, last, {}).branches(Stretch(begin, end, ref, way)))


@dataclass(frozen=True)
class _Walk:
    """From schedule to schedule; each is worked out once."""

    scope: TenantScope
    first: date
    last: date
    known: dict[str, _Timetable]

    def branches(self, stretch: Stretch) -> Iterator[Stretch]:
        """The way on from the place where a stretch has arrived."""
        at = stretch.branch
        table = self._timetable(at) if at.kind == "schedule" else None
        if table is None:
            yield stretch
        elif any(step.node == at for step in stretch.steps):
            again = Step(at, "again", "schedules lead to each other", ("schedules", at.id), end=ENDLESS)
            yield Stretch(stretch.start, stretch.end, at, (*stretch.steps, again), stretch.holidays)
        else:
            for period in table.between(stretch.start, stretch.end):
                way = table.exits[period.state]
                step = Step(at, period.state, period.because, way.path, to=way.to)
                names = (*stretch.holidays, period.holiday) if period.holiday else stretch.holidays
                start, end = max(period.start, stretch.start), min(period.end, stretch.end)
                yield from self.branches(Stretch(start, end, way.to, (*stretch.steps, step), names))

    def _timetable(self, ref: Ref) -> _Timetable | None:
        if ref.id not in self.known:
            schedule: Schedule | None = self.scope.find(ref)
            if schedule is None:
                return None
            ways = {cast("State", each.when): each for each in exits(ref.id, schedule, self.scope)}
            periods = states(schedule, self.scope.years, self.first, self.last, self.scope.language)
            self.known[ref.id] = _Timetable(periods, ways)
        return self.known[ref.id]


@dataclass(frozen=True)
class _Timetable:
    """A schedule, worked out."""

    periods: tuple[Period, ...]
    exits: dict[State, Exit]

    @cached_property
    def _starts(self) -> list[datetime]:
        return [period.start for period in self.periods]

    def between(self, start: datetime, end: datetime) -> Iterator[Period]:
        """The periods that share some time with a stretch."""
        for index in range(max(bisect_right(self._starts, start) - 1, 0), len(self.periods)):
            if self.periods[index].start >= end:
                return
            yield self.periods[index]


@lru_cache(maxsize=64)
def clock_changes(zone: ZoneInfo, first: date, last: date) -> tuple[ClockChange, ...]:
    """When clocks are changed, from the beginning of ``first`` to the end of ``last``, to the second."""
    at, end = _utc(first, -1), _utc(last, 2)
    found = []
    while at < end:
        after = min(at + _LOOK, end)
        if _offset(zone, at) != _offset(zone, after):
            instant = _bisect(zone, at, after)
            before_change, after_change = _offset(zone, instant - timedelta(seconds=1)), _offset(zone, instant)
            found.append(ClockChange(instant, _wall(instant, before_change), _wall(instant, after_change)))
        at = after
    begin, finish = datetime.combine(first, time()), datetime.combine(last, time()) + _DAY
    return tuple(each for each in found if begin <= each.before <= finish)


def _bisect(zone: ZoneInfo, low: datetime, high: datetime) -> datetime:
    """The first second with the offset that holds at ``high``."""
    wanted = _offset(zone, high)
    seconds = int((high - low).total_seconds())
    start = 0
    while seconds - start > 1:
        middle = (start + seconds) // 2
        if _offset(zone, low + timedelta(seconds=middle)) == wanted:
            seconds = middle
        else:
            start = middle
    return low + timedelta(seconds=seconds)


def _utc(day: date, days: int) -> datetime:
    return datetime.combine(day + days * _DAY, time(), UTC)


def _offset(zone: ZoneInfo, instant: datetime) -> timedelta:
    return instant.astimezone(zone).utcoffset() or timedelta()


def _wall(instant: datetime, offset: timedelta) -> datetime:
    return (instant + offset).replace(tzinfo=None)


def instants(start: datetime, end: datetime, zone: ZoneInfo) -> tuple[tuple[datetime, datetime], ...]:
    """When, in UTC, the clock on the wall shows a time from ``start`` to before ``end``, in order.

    Mostly one stretch. Two, apart, for a part of an hour that comes twice; none within an hour that is skipped.
    """
    begin, finish = _utc(start.date(), -2), _utc(end.date(), 3)
    changes = clock_changes(zone, start.date() - 4 * _DAY, end.date() + 4 * _DAY)
    edges = [begin, *(change.at for change in changes if begin < change.at < finish), finish]
    found: list[tuple[datetime, datetime]] = []
    for since, until in pairwise(edges):
        offset = _offset(zone, since)
        low = max(since, start.replace(tzinfo=UTC) - offset)
        high = min(until, end.replace(tzinfo=UTC) - offset)
        if low < high:
            if found and found[-1][1] == low:
                found[-1] = (found[-1][0], high)
            else:
                found.append((low, high))
    return tuple(found)


def reach(scope: TenantScope, ref: Ref) -> Reach:
    """The best that a caller from outside can hope for at a place: a person, else a mailbox, else nobody.

    Every key may be pressed and every phone may answer; schedules behind the place count with all their branches, so
    ``nobody`` is certain, and ``person`` means that somebody can be reached by some way at some time.
    """
    nodes = build(scope).nodes
    best: Reach = "nobody"
    waiting, seen = [(ref, False)], {ref}
    while waiting:
        at, chosen = waiting.pop()
        here = _at(scope, at, chosen=chosen)
        if here == "person":
            return "person"
        best = here if here == "mailbox" else best
        node = nodes.get(at)
        for way in node.exits if node else ():
            if way.to not in seen:
                seen.add(way.to)
                waiting.append((way.to, way.by == "caller"))
    return best


def _at(scope: TenantScope, ref: Ref, *, chosen: bool) -> Reach:
    """Who is at the place itself."""
    if ref.kind in {"hangup", "busy", "announcement", "ivr", "schedule"}:
        return "nobody"
    if ref.kind == "voicemail":
        return "mailbox"
    model = scope.find(ref)
    if ref.kind in {"queue", "ring_group"}:
        return "person" if model is not None and model.members else "nobody"
    if ref.kind == "extension":
        barred = model is None or model.forward.always or (model.receive == "internal" and not chosen)
        return "nobody" if barred else "person"
    return "person"
