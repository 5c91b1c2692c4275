"""A schedule: which branch takes a call at which hour of which day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Annotated, Final

from pydantic import BeforeValidator, Field

from pbx import almanac
from pbx.asterisk import names
from pbx.asterisk.text import Verbatim, plain
from pbx.diagnostics import Diagnostic, Related
from pbx.kinds.base import Exit, Kind, Scope, Situation, Step, no_numbers, no_sounds
from pbx.model import (
    MINUTES_PER_DAY,
    WEEKDAYS,
    Day,
    DayHours,
    Days,
    Destination,
    FeatureCode,
    Hours,
    Model,
    Name,
    Ref,
    Weekdays,
    Years,
    distinct,
    refuse,
    written,
    written_days,
)

MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@written({"type": "string", "pattern": "^[A-Z]{2}(-.+)?$", "examples": ["AR", "AR-B"]})
def _calendar(value: object) -> str:
    text = value if isinstance(value, str) else ""
    country, _, subdivision = text.partition("-")
    subdivisions = almanac.subdivisions(country)
    if subdivisions is None:
        raise refuse("PBX122", f"there is no holiday calendar {text!r}", "a country's two letters, for example AR")
    if subdivision and subdivision not in subdivisions:
        known = ", ".join(f"{country}-{each}" for each in subdivisions[:30]) or "none"
        raise refuse("PBX122", f"{country} has no holiday calendar {text!r}", f"its subdivisions are: {known}")
    return text


@written({"also": False})
def _as_tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


class Holidays(Model):
    """Days on which the schedule's holiday branch answers."""

    calendar: Annotated[str, BeforeValidator(_calendar)] | None = None
    """A country, or a subdivision such as ``AR-B``, of the ``holidays`` library."""
    add: Annotated[dict[Days, Name], distinct("PBX117", "dates"), Field(default_factory=dict)]
    remove: Annotated[tuple[Day, ...], BeforeValidator(_as_tuple)] = ()


class Schedule(Model):
    """Opening hours and holidays with a branch for each."""

    hours: Annotated[dict[Weekdays, DayHours], distinct("PBX116", "days of the week")]
    holidays: Annotated[Holidays, Field(default_factory=Holidays)]
    open: Destination
    closed: Destination
    holiday: Destination | None = None
    override: FeatureCode | None = None
    """What any phone of the tenant dials to go from the calendar to closed, to open, and back to the calendar."""

    def on_holiday(self) -> Ref:
        """Where a holiday's calls go: its own branch, else the closed one."""
        return self.holiday or self.closed


def week(schedule: Schedule) -> dict[str, tuple[Hours, ...]]:
    """The open stretches of each weekday, sorted."""
    return {
        day: tuple(sorted(hours for days, each in schedule.hours.items() if day in days for hours in each))
        for day in WEEKDAYS
    }


def holiday_dates(schedule: Schedule, years: Years, language: str = "") -> dict[date, str]:
    """Every holiday with its name, in order, for the years of the tenant's calendar.

    National ones are named in ``language`` where the calendar knows it, else in the country's own.
    """
    calendar = schedule.holidays.calendar
    dates = dict(almanac.holidays(calendar, years.first, years.last, language)) if calendar else {}
    for day in schedule.holidays.remove:
        dates.pop(day, None)
    # Of two names for a day that of the shorter stretch is the nearer one, and the order of the lines means nothing.
    for days, name in sorted(schedule.holidays.add.items(), key=lambda each: (-len(each[0]), each)):
        dates.update(dict.fromkeys(days, name))
    return dict(sorted((day, name) for day, name in dates.items() if years.first <= day.year <= years.last))


def state(schedule: Schedule, years: Years, at: datetime, language: str = "") -> tuple[str, str]:
    """``open``, ``closed`` or ``holiday`` at a local time, and why."""
    holiday = holiday_dates(schedule, years, language).get(at.date())
    if holiday is not None:
        return "holiday", f"{at:%Y-%m-%d} is a holiday: {holiday}"
    day, minute = WEEKDAYS[at.weekday()], at.hour * 60 + at.minute
    for hours in week(schedule)[day]:
        if hours.start <= minute < hours.end:
            return "open", f"{day} {at:%H:%M} is within {clock(hours.start)}-{clock(hours.end)}"
    return "closed", f"{day} {at:%H:%M} is outside the opening hours"


def clock(minute: int) -> str:
    """Minutes since midnight as ``09:00``."""
    return f"{minute // 60:02}:{minute % 60:02}"


def exits(identity: str, schedule: Schedule, _scope: Scope) -> tuple[Exit, ...]:
    """One exit for each state of the calendar."""
    path = ("schedules", identity)
    return (
        Exit("open", schedule.open, "time", (*path, "open")),
        Exit("closed", schedule.closed, "time", (*path, "closed")),
        Exit("holiday", schedule.on_holiday(), "time", (*path, "holiday" if schedule.holiday else "closed")),
    )


def steps(identity: str, schedule: Schedule, scope: Scope, situation: Situation) -> tuple[Step, ...]:
    """The calendar decides, unless somebody has forced the schedule open or closed."""
    forced = situation.overrides.get(identity) if schedule.override else None
    when, because = state(schedule, scope.years, situation.at, scope.language)
    if forced:
        when, because = forced, f"forced {forced} by {schedule.override}"
    to = {"open": schedule.open, "closed": schedule.closed, "holiday": schedule.on_holiday()}[when]
    return (Step(Ref("schedule", identity), when, because, ("schedules", identity, when), to=to),)


def check(identity: str, schedule: Schedule, scope: Scope) -> Iterator[Diagnostic]:
    """Hours must not overlap; days added or removed must mean something."""
    path = ("schedules", identity)
    yield from _overlaps(identity, schedule, scope)
    national = schedule.holidays.calendar
    known = almanac.holidays(national, scope.years.first, scope.years.last) if national else {}
    for index, day in enumerate(schedule.holidays.remove):
        if day not in known:
            yield Diagnostic(
                "PBX402",
                scope.file,
                (*path, "holidays", "remove", index),
                f"{day} is not a holiday of {national or 'this schedule'}, so it cannot be removed",
                help="correct the date, or delete the line",
            )
    for added in schedule.holidays.add:
        for each in (added[0], added[-1]):
            if not scope.years.first <= each.year <= scope.years.last:
                yield Diagnostic(
                    "PBX403",
                    scope.file,
                    (*path, "holidays", "add", written_days(added)),
                    f"{each} lies outside calendar_years {scope.years}",
                    help="widen calendar_years, or delete the day",
                    at_key=True,
                )
                break


@dataclass(frozen=True, slots=True, order=True)
class _Stretch:
    """Hours and where they were written: the days as written, and the place in their list."""

    hours: Hours
    days: str
    index: int


def _overlaps(identity: str, schedule: Schedule, scope: Scope) -> Iterator[Diagnostic]:
    """Two stretches that overlap are told once, at the second of them, however many days they share."""
    found: dict[tuple[_Stretch, _Stretch], list[str]] = {}
    for day in WEEKDAYS:
        stretches = sorted(
            _Stretch(hours, days.written, index)
            for days, each in schedule.hours.items()
            if day in days
            for index, hours in enumerate(each)
        )
        for place, later in enumerate(stretches):
            for earlier in stretches[:place]:
                if later.hours.start < earlier.hours.end:
                    found.setdefault((earlier, later), []).append(day)
    for (earlier, later), days in found.items():
        path = ("schedules", identity, "hours")
        yield Diagnostic(
            "PBX401",
            scope.file,
            (*path, later.days, later.index),
            f"on {', '.join(days)} the hours {_written(earlier.hours)} and {_written(later.hours)} overlap",
            help="join the two stretches, or correct one of them",
            related=(Related(scope.file, (*path, earlier.days, earlier.index), f"{_written(earlier.hours)} is here"),),
        )


def _written(hours: Hours) -> str:
    return f"{clock(hours.start)}-{clock(hours.end)}"


@dataclass(frozen=True, slots=True)
class DayView:
    """One day, or several of one name in a row."""

    days: Verbatim
    """As an extension: ``20261225``, or ``_2027010[4-9]``."""
    name: str
    holiday: bool
    """Not so when the tenant works on a national holiday."""


@dataclass(frozen=True, slots=True)
class CalendarView:
    """The holidays of a national calendar."""

    context: str
    tenant: str
    """The first tenant that goes by it."""
    calendar: str
    days: tuple[DayView, ...]


@dataclass(frozen=True, slots=True)
class ScheduleView:
    """What the template reads."""

    node: Verbatim
    name: str
    hours: str
    holidays: str
    """The context of its holidays; empty when it has none."""
    timezone: str
    calendar: str
    """The context of the national holidays; empty without a calendar."""
    days: tuple[DayView, ...]
    """Its own days."""
    override: Verbatim
    """The code that forces it open or closed; empty when there is none."""
    open_times: tuple[Verbatim, ...]
    """The arguments of ``GotoIfTime`` for each open stretch."""
    open: Verbatim
    closed: Verbatim
    holiday: Verbatim


def _last_minute(end: int) -> str:
    # GotoIfTime includes the last minute of a range (get_timerange in main/pbx_timing.c); ours ends before it.
    return clock(min(end, MINUTES_PER_DAY) - 1)


def _alike(days: Mapping[str, tuple[Hours, ...]]) -> Iterator[tuple[str, tuple[Hours, ...]]]:
    """Days that follow each other and have the same hours, as ``GotoIfTime`` has them: ``mon-fri``."""
    for stretches, run in groupby(days.items(), key=lambda each: each[1]):
        names_of_days = [day for day, _ in run]
        first, last = names_of_days[0], names_of_days[-1]
        yield first if first == last else f"{first}-{last}", stretches


def _days(dates: Mapping[date, str], *, holiday: bool = True) -> tuple[DayView, ...]:
    """Days as extensions; those of one name are one pattern where they differ in their last digit only."""
    found = []
    for (start, name), alike in groupby(dates.items(), key=lambda each: (f"{each[0]:%Y%m%d}"[:-1], each[1])):
        last = "".join(f"{day:%d}"[-1] for day, _ in alike)
        found.append(DayView(Verbatim(names.ending(start, last)), plain(name), holiday))
    return tuple(found)


def calendar_view(calendar: str, years: Years, tenant: str) -> CalendarView:
    """A national calendar as dialplan sees it."""
    dates = dict(sorted(almanac.holidays(calendar, years.first, years.last).items()))
    return CalendarView(names.holidays(calendar, years.first, years.last), tenant, calendar, _days(dates))


def _own_days(schedule: Schedule, scope: Scope) -> tuple[DayView, ...]:
    """The days in which a schedule differs from its national calendar."""
    dates = holiday_dates(schedule, scope.years, scope.language)
    added = {day for days in schedule.holidays.add for day in days}
    own = {day: name for day, name in dates.items() if day in added}
    calendar = schedule.holidays.calendar
    national = almanac.holidays(calendar, scope.years.first, scope.years.last, scope.language) if calendar else {}
    worked = {day: name for day, name in sorted(national.items()) if day not in dates}
    return (*_days(own), *_days(worked, holiday=False))


def view(identity: str, schedule: Schedule, scope: Scope) -> ScheduleView:
    """The schedule as dialplan sees it."""
    zone = scope.timezone.key
    calendar = schedule.holidays.calendar
    days = _own_days(schedule, scope)
    open_times = tuple(
        Verbatim(f"{clock(hours.start)}-{_last_minute(hours.end)},{days},*,*,{zone}")
        for days, stretches in _alike(week(schedule))
        for hours in stretches
    )
    return ScheduleView(
        node=Verbatim(Ref("schedule", identity)),
        name=identity,
        hours=names.context(scope.slug, "hours", identity),
        holidays=names.context(scope.slug, "holidays", identity) if calendar or days else "",
        timezone=zone,
        calendar=names.holidays(calendar, scope.years.first, scope.years.last) if calendar else "",
        days=days,
        override=Verbatim(schedule.override or ""),
        open_times=open_times,
        open=Verbatim(names.place(scope.slug, schedule.open)),
        closed=Verbatim(names.place(scope.slug, schedule.closed)),
        holiday=Verbatim(names.place(scope.slug, schedule.on_holiday())),
    )


KIND: Final = Kind(
    name="schedule",
    section="schedules",
    exits=exits,
    steps=steps,
    check=check,
    sounds=no_sounds,
    numbers=no_numbers,
    view=view,
)
