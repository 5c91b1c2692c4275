"""A calendar on a terminal: the usual week once, and every day that differs."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from datetime import date
from itertools import groupby
from typing import Any, Final

from pbx.calendars.words import Words
from pbx.calendars.year import Branch, Calendar, Pattern, Run, clock
from pbx.model import MINUTES_PER_DAY

Paint = Callable[[str, str], str]
"""From a text and one of the words ``title``, ``gap`` and ``holiday`` to the text as shown."""

_NARROWEST: Final = 40
_MINUTES_PER_HOUR: Final = 60


def table(calendar: Calendar, width: int, paint: Paint) -> str:
    """The calendar as text, ``width`` columns wide where words allow it."""
    words = calendar.words
    lines = [paint(printable(f"{calendar.tenant}: {calendar.title}"), "title"), f"{calendar.year}, {calendar.zone}", ""]
    lines += [paint(words.usual, "title"), *_week(calendar, paint), "", paint(words.different, "title")]
    runs = calendar.different()
    lines += list(_different(calendar, runs, width, paint)) if runs else [f"  {words.none_different}"]
    lines += ["", *_notes(calendar, width, paint)]
    return "\n".join(lines) + "\n"


def printable(text: str) -> str:
    """Text that cannot do anything to a terminal: names come from files."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def _week(calendar: Calendar, paint: Paint) -> Iterator[str]:
    groups = list(calendar.week())
    names = [weekdays(calendar.words, first, last) for first, last, _ in groups]
    column = max(map(len, names))
    for name, (_, _, pattern) in zip(names, groups, strict=True):
        for index, part in enumerate(pattern):
            branch = calendar.branch(part.branch)
            begin = name if index == 0 else ""
            yield f"  {begin:{column}}  {clock(part.start)}-{clock(part.end)}  {_shown(branch, paint)}"


def _shown(branch: Branch, paint: Paint) -> str:
    return paint(f"{printable(branch.label)} (!)", "gap") if branch.fault else printable(branch.label)


def weekdays(words: Words, first: int, last: int) -> str:
    """``lun-vie``, or ``sáb`` alone."""
    return words.weekdays[first] if first == last else f"{words.weekdays[first]}-{words.weekdays[last]}"


def _different(calendar: Calendar, runs: tuple[Run, ...], width: int, paint: Paint) -> Iterator[str]:
    rows = [(_dates(calendar.words, run), printable(", ".join(run.holidays)), run) for run in runs]
    dates = max(len(each) for each, _, _ in rows)
    names = min(max(len(each) for _, each, _ in rows), max(width - dates - 40, 12))
    for when, name, run in rows:
        wrapped = textwrap.wrap(name, names) or [""]
        parts = parts_of(calendar, run.parts)
        for index in range(max(len(wrapped), len(parts))):
            begin = when if index == 0 else ""
            middle = wrapped[index] if index < len(wrapped) else ""
            hours, branch = parts[index] if index < len(parts) else ("", None)
            told = f"{hours}  {_shown(branch, paint)}" if branch else ""
            yield f"  {begin:{dates}}  {paint(f'{middle:{names}}', 'holiday')}  {told}".rstrip()


def parts_of(calendar: Calendar, pattern: Pattern) -> list[tuple[str, Branch]]:
    """Each branch of a day with its hours, in the order of the day."""
    found: dict[Any, list[str]] = {}
    for part in pattern:
        whole = part.end - part.start == MINUTES_PER_DAY
        hours = calendar.words.all_day if whole else f"{clock(part.start)}-{clock(part.end)}"
        found.setdefault(part.branch, []).append(hours)
    return [(", ".join(hours), calendar.branch(ref)) for ref, hours in found.items()]


def _dates(words: Words, run: Run) -> str:
    return span(words, run.first) if run.first == run.last else f"{span(words, run.first)} .. {span(words, run.last)}"


def span(words: Words, day: date) -> str:
    """A date with its weekday: ``jue 2026-12-24``."""
    return f"{words.weekdays[day.weekday()]} {day}"


def _notes(calendar: Calendar, width: int, paint: Paint) -> Iterator[str]:
    words = calendar.words
    faulty = [branch for branch in calendar.branches if branch.fault]
    if faulty:
        yield paint(words.gaps_title, "title")
        for branch in faulty:
            yield paint(f"  (!) {printable(branch.label)}: {branch.fault}; {yearly(calendar, branch)}", "gap")
    else:
        yield words.no_gaps
    for note in notes(calendar):
        yield from textwrap.wrap(note, max(width, _NARROWEST))


def yearly(calendar: Calendar, branch: Branch) -> str:
    """How long a branch answers in the year."""
    hours, minutes = divmod(branch.minutes, _MINUTES_PER_HOUR)
    return calendar.words.hours_a_year.format(hours=f"{hours}:{minutes:02}" if minutes else hours)


def notes(calendar: Calendar) -> list[str]:
    """What else people should know: clocks that change, codes that overrule the calendar."""
    words = calendar.words
    told = []
    for change in calendar.changes:
        said = words.forward if change.after > change.before else words.back
        date_, before, after = span(words, change.before.date()), f"{change.before:%H:%M}", f"{change.after:%H:%M}"
        told.append(said.format(date=date_, before=before, after=after))
    told += [words.override.format(code=code) for code, _ in groupby(calendar.overrides)]
    return told


def records(calendar: Calendar) -> dict[str, Any]:
    """The calendar for scripts: stretches on the wall's clock, exact to the minute, and what differs."""
    return {
        "tenant": calendar.slug,
        "of": str(calendar.subject),
        "year": calendar.year,
        "timezone": calendar.zone,
        "branches": [
            {"branch": str(each.ref), "label": each.label, "gap": bool(each.fault), "minutes": each.minutes}
            for each in calendar.branches
        ],
        "stretches": [
            {
                "start": each.start.isoformat(timespec="minutes"),
                "end": each.end.isoformat(timespec="minutes"),
                "branch": str(each.branch),
                "holidays": list(each.holidays),
                "because": each.because,
            }
            for each in calendar.stretches
        ],
        "clock_changes": [
            {
                "at": each.at.isoformat().replace("+00:00", "Z"),
                "before": each.before.isoformat(timespec="minutes"),
                "after": each.after.isoformat(timespec="minutes"),
            }
            for each in calendar.changes
        ],
        "overrides": list(calendar.overrides),
    }
