"""Dates, hours and years."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from typing import Annotated, Final
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BeforeValidator, PlainSerializer, ValidatorFunctionWrapHandler, WrapValidator

from pbx.diagnostics.suggest import nearest
from pbx.model.base import expect_text, refuse, written

MINUTES_PER_DAY: Final = 24 * 60
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Years:
    """Calendar years, both included."""

    first: int
    last: int

    def __str__(self) -> str:
        """As it is written in the tenant file."""
        return f"{self.first}-{self.last}" if self.last > self.first else f"{self.first}"

    def __iter__(self) -> Iterator[int]:
        """Each year in order."""
        return iter(range(self.first, self.last + 1))


@written({"type": "string", "pattern": "^20[0-9]{2}(-20[0-9]{2})?$", "examples": ["2026-2028"]})
def _years(value: object) -> Years:
    text = expect_text(value, "a range of years")
    match = re.fullmatch(r"(20[0-9]{2})(?:-(20[0-9]{2}))?", text)
    if not match or int(match[2] or match[1]) < int(match[1]):
        raise refuse("PBX115", f"{text!r} is not a range of years", "for example 2026-2028")
    return Years(int(match[1]), int(match[2] or match[1]))


YearRange = Annotated[Years, BeforeValidator(_years)]


@dataclass(frozen=True, slots=True, order=True)
class Hours:
    """A stretch of one day in minutes since midnight: ``start`` included, ``end`` not (``24:00`` is 1440)."""

    start: int
    end: int


def _clock_minutes(text: str) -> int | None:
    match = re.fullmatch(r"([0-9]{1,2}):([0-9]{2})", text)
    if not match or int(match[2]) > 59:  # noqa: PLR2004 - minutes of an hour
        return None
    minutes = int(match[1]) * 60 + int(match[2])
    return minutes if minutes <= MINUTES_PER_DAY else None


_HOURS: Final = {
    "type": "string",
    "pattern": r"^\s*[0-9]{1,2}:[0-5][0-9]\s*-\s*[0-9]{1,2}:[0-5][0-9]\s*$",
    "description": "hours of a day; past midnight is two stretches",
    "examples": ["09:00-18:00"],
}


@written(_HOURS)
def _hours(value: object) -> Hours:
    text = expect_text(value, "hours of a day")
    start, dash, end = text.partition("-")
    first, last = _clock_minutes(start.strip()), _clock_minutes(end.strip())
    if not dash or first is None or last is None:
        cure = "two times of day, 24:00 at the latest, for example 09:00-18:00"
        raise refuse("PBX116", f"{text!r} is not a stretch of a day", cure)
    if first >= last:
        raise refuse(
            "PBX116",
            f"{text!r} ends before it starts",
            f"past midnight is two stretches: {start}-24:00 on this day and 00:00-{end} on the next",
        )
    return Hours(first, last)


@written({"also": _HOURS})
def _hours_list(value: object) -> object:
    return value if isinstance(value, list) else [value]


DayHours = Annotated[tuple[Annotated[Hours, BeforeValidator(_hours)], ...], BeforeValidator(_hours_list)]


@dataclass(frozen=True, slots=True)
class WeekdaySet:
    """Days of the week."""

    days: tuple[str, ...]
    written: str = field(compare=False)
    """As in the tenant file: ``mon-fri`` and ``mon,tue,wed,thu,fri`` are the same days."""

    def __contains__(self, day: str) -> bool:
        return day in self.days


_DAY_NAME: Final = f"(?:{'|'.join(WEEKDAYS)})"
_DAY_STRETCH: Final = f"{_DAY_NAME}(-{_DAY_NAME})?"
_WEEKDAYS: Final = {
    "type": "string",
    "pattern": rf"^\s*{_DAY_STRETCH}\s*(,\s*{_DAY_STRETCH}\s*)*$",
    "examples": ["mon-fri", "sat", "mon,wed,fri"],
}


@written(_WEEKDAYS)
def _weekday_set(value: object) -> WeekdaySet:
    text = expect_text(value, "days of the week")
    days: list[str] = []
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        if first not in WEEKDAYS or (dash and last not in WEEKDAYS):
            raise refuse("PBX116", f"{text!r} is not a set of weekdays", "for example mon-fri, sat or mon,wed,fri")
        start, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
        days += [WEEKDAYS[(start + step) % 7] for step in range((end - start) % 7 + 1)]
    return WeekdaySet(tuple(sorted(set(days), key=WEEKDAYS.index)), text)


Weekdays = Annotated[
    WeekdaySet, BeforeValidator(_weekday_set), PlainSerializer(lambda days: days.written, return_type=str)
]


_DATE: Final = "[0-9]{4}-[0-9]{2}-[0-9]{2}"


def _day(text: str) -> date:
    # Not every spelling of ISO 8601: 20261224 and 2026-W52-4 are days to Python and riddles to people.
    if re.fullmatch(_DATE, text):
        with suppress(ValueError):
            return date.fromisoformat(text)
    raise refuse("PBX117", f"{text!r} is not a date", "year, month and day: 2026-12-24")


@written(
    {"type": "string", "pattern": rf"^{_DATE}(\.\.{_DATE})?$", "examples": ["2026-12-24", "2027-01-04..2027-01-15"]}
)
def _days(value: object) -> tuple[date, ...]:
    text = expect_text(value, "a date or a range of dates")
    first, dots, last = text.partition("..")
    start, end = _day(first), _day(last) if dots else _day(first)
    if end < start or (end - start).days > 366:  # noqa: PLR2004 - days of a leap year
        raise refuse("PBX117", f"{text!r} is not a range of dates", "earlier date first, a year at the most")
    return tuple(start + timedelta(days=step) for step in range((end - start).days + 1))


def written_days(days: tuple[date, ...]) -> str:
    """A day, or a range of days, as it is written in the tenant file."""
    return f"{days[0]}" if len(days) == 1 else f"{days[0]}..{days[-1]}"


Days = Annotated[tuple[date, ...], BeforeValidator(_days)]


@written({"type": "string", "pattern": f"^{_DATE}$", "description": "a day", "examples": ["2026-12-24"]})
def _one_day(value: object) -> date:
    return _day(expect_text(value, "a date"))


Day = Annotated[date, BeforeValidator(_one_day)]


def distinct(code: str, what: str) -> WrapValidator:
    """A validator for mappings whose keys have several spellings: two for one thing would lose the first in silence."""

    def validate(given: object, handler: ValidatorFunctionWrapHandler) -> object:
        understood = handler(given)
        if isinstance(given, dict) and len(understood) != len(given):
            raise refuse(code, f"the same {what} are written twice here", "join the two lines")
        return understood

    return WrapValidator(validate)


_NO_ZONE: Final = re.compile("(?:posix|right)/.*|posixrules|localtime|Factory")
"""What lies among the files of the zones and is none, or another spelling of one."""


@cache
def _zone(name: str) -> ZoneInfo | None:
    """The zone of a name; only its own file is opened, for to look for all of them is slow."""
    try:
        return None if _NO_ZONE.fullmatch(name) else ZoneInfo(name)
    except (ValueError, KeyError, OSError):  # no key of a file, no such file, a folder
        return None


@written(
    {"type": "string", "pattern": "^[A-Za-z0-9_+/-]+$", "examples": ["America/Argentina/Buenos_Aires", "Europe/Madrid"]}
)
def _timezone(value: object) -> ZoneInfo:
    text = expect_text(value, "a time zone")
    found = _zone(text)
    if found is None:
        by_city = {zone.rpartition("/")[2]: zone for zone in sorted(available_timezones(), reverse=True)}
        city = text.rpartition("/")[2]
        guess = by_city.get(city) or by_city.get(nearest(city, by_city) or "")
        cure = f"did you mean {guess}?" if guess else "for example America/Argentina/Buenos_Aires"
        raise refuse("PBX118", f"there is no time zone {text!r}", cure)
    return found


TimeZone = Annotated[ZoneInfo, BeforeValidator(_timezone)]
