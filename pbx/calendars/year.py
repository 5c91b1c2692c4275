"""A year, day by day: which branch answers at which hour, the usual week, and the days that differ from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Final, Literal

from pbx.agenda import ClockChange, Stretch, clock_changes, reach, stretches
from pbx.calendars.words import Words, fault, label, words_of
from pbx.model import MINUTES_PER_DAY, Ref
from pbx.site import TenantScope

Paper = Literal["plain", "hatched", "red"]
"""How a branch is drawn: as it is, hatched in red when nobody can be reached by it, red when the call just ends."""

_DAY: Final = timedelta(days=1)
_PALETTES: Final = {
    "open": ("#3a9d6e", "#9ad3a8", "#1f6f78", "#c3dd8b"),
    "closed": ("#b7c3d3", "#8396b3", "#d9dee6", "#6b7894"),
    "holiday": ("#f2b53c", "#f6d98a", "#d98c2b", "#fbe9bd"),
    "": ("#6aaed6", "#b39bd0", "#8fc7c2", "#d7b39a"),
}
"""By the state of the schedule that led there: told apart in grey as well, and no red among them."""
RED: Final = "#d3302f"


@dataclass(frozen=True, slots=True)
class Branch:
    """A place that answers at some time of the year."""

    ref: Ref
    label: str
    colour: str
    paper: Paper
    fault: str
    """What is wrong with it, in words; empty when nothing is."""
    minutes: int
    """How long it answers in the year."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a day, in minutes since midnight on the wall's clock; ``end`` is not included."""

    start: int
    end: int
    branch: Ref


Pattern = tuple[Part, ...]
"""A whole day, without a gap between its parts."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the year."""

    date: date
    parts: Pattern
    holidays: tuple[str, ...]
    """Names of the holidays that decide on this day."""
    usual: bool
    """Whether it is like most of its weekday."""


@dataclass(frozen=True, slots=True)
class Run:
    """Days in a row that are alike and differ from their usual week."""

    first: date
    last: date
    parts: Pattern
    holidays: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Calendar:
    """A year of a DID or a schedule."""

    tenant: str
    """The tenant's name."""
    slug: str
    subject: Ref
    title: str
    """What it is the calendar of, in words."""
    year: int
    zone: str
    words: Words
    days: tuple[Day, ...]
    stretches: tuple[Stretch, ...]
    usual: tuple[Pattern, ...]
    """Each weekday's most frequent day, Monday first."""
    branches: tuple[Branch, ...]
    changes: tuple[ClockChange, ...]
    overrides: tuple[str, ...]
    """Codes by which people can overrule the calendar."""

    def branch(self, ref: Ref) -> Branch:
        """The branch behind a place that answers this year."""
        return next(each for each in self.branches if each.ref == ref)

    def different(self) -> tuple[Run, ...]:
        """The days that are not as usual or are a holiday, alike ones in a row together."""
        odd = [day for day in self.days if day.holidays or not day.usual]
        grouped = groupby(enumerate(odd), key=lambda each: (_run_key(each[1]), each[1].date - each[0] * _DAY))
        runs = []
        for (key, _), members in grouped:
            days = [day for _, day in members]
            runs.append(Run(days[0].date, days[-1].date, *key))
        return tuple(runs)

    def week(self) -> Iterator[tuple[int, int, Pattern]]:
        """The usual week: first and last weekday (Monday is 0) of each group that is alike, and its day."""
        for pattern, members in groupby(range(7), key=lambda weekday: self.usual[weekday]):
            weekdays = list(members)
            yield weekdays[0], weekdays[-1], pattern


def _run_key(day: Day) -> tuple[Pattern, tuple[str, ...]]:
    return day.parts, day.holidays


def year_of(scope: TenantScope, subject: Ref, year: int) -> Calendar:
    """The calendar of a DID (``did:+54…``) or a schedule for a year. Raises KeyError for a DID that is not there."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    found = stretches(scope, subject, first, last)
    parts, holidays = _days(found)
    usual = tuple(_usual([parts[day] for day in parts if day.weekday() == weekday]) for weekday in range(7))
    days = tuple(
        Day(day, pattern, tuple(dict.fromkeys(holidays.get(day, ()))), pattern == usual[day.weekday()])
        for day, pattern in parts.items()
    )
    return Calendar(
        tenant=scope.tenant.name,
        slug=scope.slug,
        subject=subject,
        title=_title(scope, subject),
        year=year,
        zone=scope.timezone.key,
        words=words_of(scope),
        days=days,
        stretches=found,
        usual=usual,
        branches=tuple(_branches(scope, found)),
        changes=clock_changes(scope.timezone, first, last),
        overrides=_overrides(scope, found),
    )


def _days(found: tuple[Stretch, ...]) -> tuple[dict[date, Pattern], dict[date, list[str]]]:
    """The stretches cut at midnight."""
    parts: dict[date, list[Part]] = {}
    holidays: dict[date, list[str]] = {}
    for stretch in found:
        day = stretch.start.date()
        while datetime.combine(day, time()) < stretch.end:
            begin = datetime.combine(day, time())
            start = max(0, int((stretch.start - begin) / timedelta(minutes=1)))
            end = min(MINUTES_PER_DAY, int((stretch.end - begin) / timedelta(minutes=1)))
            own = parts.setdefault(day, [])
            if own and own[-1].branch == stretch.branch:
                own[-1] = Part(own[-1].start, end, stretch.branch)
            else:
                own.append(Part(start, end, stretch.branch))
            holidays.setdefault(day, []).extend(stretch.holidays)
            day += _DAY
    return {day: tuple(own) for day, own in parts.items()}, holidays


def _usual(patterns: list[Pattern]) -> Pattern:
    """The most frequent; of two as frequent ones that which came first."""
    return Counter(patterns).most_common(1)[0][0]


def _title(scope: TenantScope, subject: Ref) -> str:
    if subject.kind == "did":
        name = scope.tenant.dids[subject.id].name
        return f"{subject.id} ({name})" if name else subject.id
    return label(scope, subject)


def _branches(scope: TenantScope, found: tuple[Stretch, ...]) -> Iterator[Branch]:
    """Those of open hours first, then closed, then holidays, each in the order of the time they take."""
    minutes: Counter[Ref] = Counter()
    states: dict[Ref, Counter[str]] = {}
    for stretch in found:
        minutes[stretch.branch] += stretch.minutes
        asked = [step.exit for step in stretch.steps if step.node.kind == "schedule" and step.exit in _PALETTES]
        states.setdefault(stretch.branch, Counter())[asked[-1] if asked else ""] += stretch.minutes
    order = list(_PALETTES)
    mostly = {ref: max(order, key=lambda state: counted[state]) for ref, counted in states.items()}
    used: Counter[str] = Counter()
    for ref in sorted(minutes, key=lambda each: (order.index(mostly[each]), -minutes[each], str(each))):
        palette = _PALETTES[mostly[ref]]
        wrong = fault(words_of(scope), ref, reach(scope, ref))
        ends = ref.kind in {"hangup", "busy", "schedule"}
        colour = RED if ends else palette[used[mostly[ref]] % len(palette)]
        used[mostly[ref]] += 0 if ends else 1
        paper: Paper = "red" if ends else "hatched" if wrong else "plain"
        yield Branch(ref, label(scope, ref), colour, paper, wrong, minutes[ref])


def _overrides(scope: TenantScope, found: tuple[Stretch, ...]) -> tuple[str, ...]:
    asked = {step.node for stretch in found for step in stretch.steps if step.node.kind == "schedule"}
    found_codes = (schedule.override for ref in sorted(asked, key=str) if (schedule := scope.find(ref)) is not None)
    return tuple(str(code) for code in found_codes if code)


def clock(minute: int) -> str:
    """Minutes since midnight as ``09:00``."""
    return f"{minute // 60:02}:{minute % 60:02}"
