"""Hours and holidays decide something, and nothing leads where it is always closed."""

from __future__ import annotations

from collections.abc import Iterator

from pbx.check.minutes import Set
from pbx.check.walks import Walks
from pbx.check.witness import witness
from pbx.diagnostics import Diagnostic, Path, Related
from pbx.kinds.base import Exit
from pbx.kinds.schedule import Schedule, clock, week
from pbx.model import WEEKDAYS, Hours, Ref, written_days


def check(walks: Walks) -> Iterator[Diagnostic]:
    """Ways into what is closed then, hours that never come, holidays and branches without effect."""
    for identity, schedule in sorted(walks.scope.tenant.schedules.items()):
        yield from _never_open(walks, identity, schedule)
        yield from _idle_holidays(walks, identity, schedule)
        yield from _idle_branch(walks, identity, schedule)
    yield from _into_closed(walks)


def _never_open(walks: Walks, identity: str, schedule: Schedule) -> Iterator[Diagnostic]:
    """Hours that never come, since their days are holidays each time, and a schedule without any hours."""
    opened = walks.minutes.when(identity, "open")
    if not opened:
        yield _closed_then(walks, identity, ("schedules", identity, "hours"), "its hours never come")
        return
    starts = {(WEEKDAYS[at.weekday()], at.hour * 60 + at.minute) for _, at in walks.minutes.samples_of(opened)}
    for days, listed in schedule.hours.items():
        for index, hours in enumerate(listed):
            if not any(day in days and hours.start <= minute < hours.end for day, minute in starts):
                path = ("schedules", identity, "hours", days.written, index)
                yield _closed_then(walks, identity, path, f"{days.written} {_spelled(hours)} never comes")


def _spelled(hours: Hours) -> str:
    return f"{clock(hours.start)}-{clock(hours.end)}"


def _closed_then(walks: Walks, identity: str, path: Path, what: str) -> Diagnostic:
    ref = Ref("schedule", identity)
    return Diagnostic(
        "PBX443",
        walks.scope.file,
        path,
        f"{ref} does not open then in {walks.scope.years}: {what}",
        help="correct the hours, or the holidays that take their days",
        consequence="every caller would hear that it is closed",
        witness=witness(walks, ref),
    )


def _idle_holidays(walks: Walks, identity: str, schedule: Schedule) -> Iterator[Diagnostic]:
    """Holidays by name: one that is on a Sunday this year may be on a Monday the next."""
    hours = week(schedule)
    working = {day for day in WEEKDAYS if hours[day]}
    useful = {
        name
        for days, name in schedule.holidays.add.items()
        if any(
            WEEKDAYS[day.weekday()] in working and walks.scope.years.first <= day.year <= walks.scope.years.last
            for day in days
        )
    }
    ref = Ref("schedule", identity)
    for days, name in sorted(schedule.holidays.add.items()):
        inside = [day for day in days if walks.scope.years.first <= day.year <= walks.scope.years.last]
        if name in useful or not inside or not working:
            continue
        yield Diagnostic(
            "PBX444",
            walks.scope.file,
            ("schedules", identity, "holidays", "add", written_days(days)),
            f"{name} never falls on a day on which {ref} opens: {inside[0]} is a {inside[0]:%A}",
            help="correct the date, or delete the line",
            consequence="if another day is meant, callers would be told on that day that it is open",
            at_key=True,
            witness=_on(walks, ref, inside[0].isoformat()),
        )


def _on(walks: Walks, ref: Ref, day: str) -> str:
    """A call on a day; the sorts of minutes have other days of the same sort as their samples."""
    found = witness(walks, ref, minutes=None)
    before, at, after = found.partition(" --at ")
    return f"{before}{at}{day}T12:00{after[len('2026-01-01T00:00') :]}" if at else found


def _idle_branch(walks: Walks, identity: str, schedule: Schedule) -> Iterator[Diagnostic]:
    """A holiday branch without holidays."""
    if schedule.holiday and not walks.minutes.when(identity, "holiday"):
        ref = Ref("schedule", identity)
        yield Diagnostic(
            "PBX449",
            walks.scope.file,
            ("schedules", identity, "holiday"),
            f"{ref} has a way for holidays and knows none in {walks.scope.years}",
            help=f"add holidays: {{calendar: {walks.scope.tenant.country}}}, or delete the way",
            consequence="on holidays the caller would be answered as on any other day",
            witness=_on(walks, ref, f"{walks.scope.years.first}-12-25"),
        )


def _into_closed(walks: Walks) -> Iterator[Diagnostic]:
    """A way into a schedule that is taken only while that is not open, although it does open at other times."""
    leading = [
        (ref, way)
        for ref, node in walks.flow.nodes.items()
        for way in node.exits
        if way.to.kind == "schedule" and ref.kind != "did" and way.to.id in walks.minutes.states
    ]
    taken: dict[Path, tuple[Ref, Exit, Set]] = {}
    for ref, way in leading:
        # Two exits may be written as one.
        first_ref, first, before = taken.get(way.path, (ref, way, 0))
        taken[way.path] = (first_ref, first, before | walks.taken(ref, way))
    for ref, way, minutes in taken.values():
        opened = walks.minutes.when(way.to.id, "open")
        if minutes and opened and not minutes & opened:
            yield _closed_here(walks, ref, way, minutes)


def _closed_here(walks: Walks, ref: Ref, way: Exit, minutes: Set) -> Diagnostic:
    return Diagnostic(
        "PBX442",
        walks.scope.file,
        way.path,
        f"{way.to} is never open when calls come to it from {ref} ({way.when})",
        help="lead this way elsewhere, or correct the hours of one of the two",
        consequence="whoever is led there would always find it closed",
        related=(Related(walks.scope.file, ("schedules", way.to.id, "hours"), f"the hours of {way.to} are here"),),
        witness=witness(walks, ref, (way,), minutes=minutes),
    )
