"""A calendar as iCalendar (RFC 5545), for the calendars people already look at.

Times are in UTC (RFC 5545, 3.3.5, form 2), so that no reader needs to know the rules of a zone: the wall's clock, with
its changes, was led to UTC here. Each event keeps its UID from one export to the next; DTSTAMP, which every event must
have (3.6.1), is the first moment of the year, so that nothing differs while nothing has changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from pbx.agenda import Stretch, instants
from pbx.calendars.text import notes, printable
from pbx.calendars.year import Calendar

_OCTETS: Final = 75
"""The longest line without its line break (RFC 5545, 3.1)."""
_DAY: Final = timedelta(days=1)


def export(calendar: Calendar, domain: str) -> str:
    """The whole file; ``domain`` is the platform's and makes UIDs those of nobody else."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//centralita//pbx calendar//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{escaped(f'{calendar.tenant}: {calendar.title}')}",
        f"X-WR-TIMEZONE:{escaped(calendar.zone)}",
    ]
    if told := notes(calendar):
        lines.append(f"X-WR-CALDESC:{escaped(' '.join(told))}")
    for event in (*_stretches(calendar, domain), *_holidays(calendar, domain)):
        lines += ["BEGIN:VEVENT", *event, "END:VEVENT"]
    lines.append("END:VCALENDAR")
    return "".join(f"{folded(line)}\r\n" for line in lines)


def escaped(text: str) -> str:
    """A TEXT value (RFC 5545, 3.3.11); what cannot be printed, line breaks among it, is replaced."""
    shown = printable(text)
    for sign in ("\\", ";", ","):
        shown = shown.replace(sign, f"\\{sign}")
    return shown


def folded(line: str) -> str:
    """A line of at most 75 octets, folded between characters (RFC 5545, 3.1)."""
    pieces, used = [""], 0
    for character in line:
        size = len(character.encode())
        if used + size > _OCTETS:
            pieces.append("")
            used = 1  # the space that marks a folded line
        pieces[-1] += character
        used += size
    return "\r\n ".join(pieces)


def _stretches(calendar: Calendar, domain: str) -> Iterator[list[str]]:
    """An event for each stretch in which one branch answers; those of a part of an hour that comes twice are two."""
    zone = ZoneInfo(calendar.zone)
    for stretch in _joined(calendar.stretches):
        branch = calendar.branch(stretch.branch)
        state = stretch.steps[-1].exit if stretch.steps else ""
        summary = f"{branch.label} ({branch.fault})" if branch.fault else branch.label
        told = [calendar.words.state.get(state, ""), *stretch.holidays]
        for start, end in instants(stretch.start, stretch.end, zone):
            yield [
                *_head(calendar, domain, f"{start:%Y%m%dT%H%M%SZ}", summary),
                f"DTSTART:{start:%Y%m%dT%H%M%SZ}",
                f"DTEND:{end:%Y%m%dT%H%M%SZ}",
                f"DESCRIPTION:{escaped(': '.join(each for each in told if each))}",
                f"CATEGORIES:{escaped(str(stretch.branch))}",
                "TRANSP:TRANSPARENT",
            ]


def _joined(stretches: tuple[Stretch, ...]) -> Iterator[Stretch]:
    """Neighbours with the same branch for the same reasons are one event."""
    waiting: Stretch | None = None
    for each in stretches:
        if waiting and (waiting.branch, waiting.holidays) == (each.branch, each.holidays):
            waiting = Stretch(waiting.start, each.end, each.branch, each.steps, each.holidays)
            continue
        if waiting:
            yield waiting
        waiting = each
    if waiting:
        yield waiting


def _holidays(calendar: Calendar, domain: str) -> Iterator[list[str]]:
    """All-day events with the names of the holidays."""
    for run in calendar.different():
        if run.holidays:
            yield [
                *_head(calendar, domain, f"{run.first:%Y%m%d}-holiday", ", ".join(run.holidays)),
                f"DTSTART;VALUE=DATE:{run.first:%Y%m%d}",
                f"DTEND;VALUE=DATE:{run.last + _DAY:%Y%m%d}",
                "TRANSP:TRANSPARENT",
            ]


def _head(calendar: Calendar, domain: str, identity: str, summary: str) -> list[str]:
    subject = f"{calendar.subject.kind}-{calendar.subject.id.removeprefix('+')}"
    stamp = datetime.combine(date(calendar.year, 1, 1), datetime.min.time(), UTC)
    return [
        f"UID:{escaped(f'{identity}.{subject}.{calendar.slug}@{domain}')}",
        f"DTSTAMP:{stamp:%Y%m%dT%H%M%SZ}",
        f"SUMMARY:{escaped(summary)}",
    ]
