"""A call that shows what was found without following any call: where the rule that found it knows of no calls."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Final, cast

from pbx.check.minutes import Set
from pbx.check.walks import Walks
from pbx.check.witness import dialled, witness
from pbx.diagnostics import Diagnostic, Path
from pbx.dialing import emergency_numbers
from pbx.kinds import KINDS
from pbx.kinds.schedule import Schedule
from pbx.model import WEEKDAYS, Hours, Ref


def with_witness(walks: Walks, problems: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The problems, each with the call that shows it, as far as one does."""
    found = []
    for each in problems:
        show = None if each.witness else _SHOWN.get(each.code)
        found.append(replace(each, witness=show(walks, each)) if show else each)
    return found


def _place(path: Path) -> Ref:
    """The place in whose part of the tenant's file a problem is."""
    section, identity = path[:2]
    kind = next(each for each in KINDS if (each.section or "extensions") == section)
    return Ref(kind.name, str(identity))


def _reached(walks: Walks, problem: Diagnostic) -> str:
    return witness(walks, _place(problem.path))


def _left(when: str | None = None) -> Callable[[Walks, Diagnostic], str]:
    """A call that leaves the place by an exit; by the one that the problem's path ends with, unless it is named."""

    def show(walks: Walks, problem: Diagnostic) -> str:
        ref = _place(problem.path)
        wanted = when or problem.path[-1]
        way = next(each for each in walks.flow.nodes[ref].exits if each.when == wanted)
        return witness(walks, ref, (way,))

    return show


def _overlapping(walks: Walks, problem: Diagnostic) -> str:
    """A call in a minute of both stretches."""
    ref = _place(problem.path)
    schedule = cast("Schedule", walks.scope.find(ref))
    both: Set = walks.minutes.when(ref.id, "open")
    for path in (problem.path, problem.related[0].path):
        both &= _within(walks, schedule, path)
    return witness(walks, ref, minutes=both)


def _within(walks: Walks, schedule: Schedule, path: Path) -> Set:
    """The minutes of a stretch that was written at a path."""
    days, hours = next(
        (days, listed[cast("int", path[-1])]) for days, listed in schedule.hours.items() if days.written == path[-2]
    )
    found: Set = 0
    for one, at in walks.minutes.samples_of(walks.minutes.every):
        if WEEKDAYS[at.weekday()] in days and _begun(hours, at.hour * 60 + at.minute):
            found |= one
    return found


def _begun(hours: Hours, minute: int) -> bool:
    return hours.start <= minute < hours.end


def _taken(walks: Walks, problem: Diagnostic) -> str:
    return dialled(walks, problem.message.partition(" ")[0])


def _emergency(walks: Walks, _problem: Diagnostic) -> str:
    return dialled(walks, emergency_numbers(walks.scope)[0])


_SHOWN: Final[Mapping[str, Callable[[Walks, Diagnostic], str]]] = {
    "PBX204": _taken,
    "PBX401": _overlapping,
    "PBX405": _reached,
    "PBX410": _reached,
    "PBX433": _left("timeout"),
    "PBX501": _left(),
    "PBX502": _emergency,
}
"""By code, how the call is found."""
