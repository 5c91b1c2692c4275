"""Every answer that a place can give to a call, asked of the compiler's own trace: what the page walks over.

For each place the trace is asked in a few situations that stand for all: each key, each silence and each wrong key of
a menu; each stretch of each day of a schedule; and for whatever rings phones, each of them as the first who answers,
and what the others do when nobody does. ``walk.js`` only looks up which of these is the case, so no rule of a kind is
written twice; that the few stand for all is what the tests compare, call by call, with :func:`pbx.flow.trace_did`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from itertools import combinations, cycle, pairwise
from typing import Any, Final, cast

from pbx.diagnostics import Path, Span
from pbx.graph.facts import spoken
from pbx.graph.words import ending, reason
from pbx.kinds.base import PhoneState, Situation, Step
from pbx.kinds.schedule import holiday_dates, week
from pbx.model import MINUTES_PER_DAY, Ref
from pbx.site import TenantScope
from pbx.tenant import Did
from pbx.trace import Journey, trace_did

_KEYS: Final = tuple("1234567890*#")
_REASONS: Final[tuple[PhoneState, ...]] = ("busy", "no_answer", "unavailable")
_MOST_TRIES: Final = 30
"""More wrong keys than any menu allows."""
_NOON: Final = time(12)
NOT_HERE: Final = "a name is spelled"
"""The end of a walk at a directory: whom a caller finds there is told by ``pbx trace`` alone."""


@dataclass(frozen=True, slots=True)
class _Visit:
    """What happens to a call at one place, up to its leaving or its end."""

    steps: tuple[Step, ...]
    end: str
    shown: str


class _Watched(Mapping[str, PhoneState]):
    """The states of all phones, which remembers in which order they were asked for."""

    def __init__(self, state: Callable[[str], PhoneState]) -> None:
        self.state = state
        self.asked: dict[str, None] = {}

    def __getitem__(self, number: str) -> PhoneState:
        self.asked.setdefault(number)
        return self.state(number)

    def __iter__(self) -> Iterator[str]:
        return iter(self.asked)

    def __len__(self) -> int:
        return len(self.asked)


@dataclass(slots=True)
class _Probe:
    """Asks the trace, and keeps each step that it is told once."""

    scope: TenantScope
    place: Callable[[Path], Span]
    noon: datetime
    steps: list[dict[str, Any]] = field(default_factory=list)
    known: dict[tuple[object, ...], int] = field(default_factory=dict)

    def visit(self, ref: Ref, situation: Situation) -> _Visit:
        """What happens at a place in a situation, as if a public number led straight to it."""
        journey = trace_did(self.scope, _doorway(ref), situation)
        own: list[Step] = []
        for step in journey.steps[1:]:
            own.append(step)
            if step.end or (step.to and step.to.kind != "trunk"):
                break
        whole = len(own) == len(journey.steps) - 1
        goes_on = bool(own) and own[-1].to is not None and not own[-1].end
        return _Visit(tuple(own), _end(journey) if whole and not goes_on else "", journey.shown if whole else "")

    def answer(self, visit: _Visit, chosen: Ref | None = None, *, clock: str = "") -> dict[str, Any]:
        """A visit as data. Of a ``clock`` in its reasons, any time of day may stand there."""
        last = visit.steps[-1] if visit.steps else None
        told: dict[str, Any] = {"steps": [self._number(each, clock) for each in visit.steps]}
        if last and last.to and last.to.kind != "trunk":
            told["to"] = str(last.to)
        if visit.end:
            told["end"] = visit.end
        if visit.shown:
            told["shown"] = visit.shown
        if chosen:
            told["chosen"] = str(chosen)
        return told

    def _number(self, step: Step, clock: str) -> int:
        because = step.because.replace(clock, "{time}") if clock else step.because
        key = (step.node, step.exit, because, step.path, step.to, step.end)
        if key not in self.known:
            span = self.place(step.path)
            self.known[key] = len(self.steps)
            self.steps.append(
                {
                    "node": str(step.node),
                    "exit": step.exit,
                    "because": because,
                    "said": reason(because, self.scope.language),
                    "file": span.file,
                    "line": span.line,
                    "to": str(step.to) if step.to else None,
                    "end": step.end,
                    "ended": ended(self.scope, step.end),
                }
            )
        return self.known[key]


def table(scope: TenantScope, places: Sequence[Ref], place: Callable[[Path], Span]) -> dict[str, Any]:
    """The answers of all these places, public numbers among them, as data for ``walk.js``."""
    probe = _Probe(_with_doorways(scope, places), place, datetime.combine(date(scope.years.first, 1, 1), _NOON))
    told = {str(ref): _told(probe, ref) for ref in places}
    return {"steps": probe.steps, "places": told}


def ended(scope: TenantScope, end: str) -> str:
    """How a call ends, in the tenant's language and with the names of places."""
    kind, colon, identity = end.rpartition(" ")[2].partition(":")
    said = ending(end, scope.language)
    return said.replace(f"{kind}:{identity}", spoken(scope, Ref(kind, identity))) if colon else said


def _end(journey: Journey) -> str:
    return journey.end


def _doorway(ref: Ref) -> str:
    return f"doorway to {ref}"


def _with_doorways(scope: TenantScope, places: Sequence[Ref]) -> TenantScope:
    """The same tenant with a public number for every place, which the trace can be asked about."""
    doors = {_doorway(ref): Did.model_construct(to=ref, name="") for ref in places}
    tenant = scope.tenant.model_copy(update={"dids": {**scope.tenant.dids, **doors}})
    return replace(scope, tenant=tenant)


def _told(probe: _Probe, ref: Ref) -> dict[str, Any]:
    if ref.kind == "did":
        journey = trace_did(probe.scope, ref.id, Situation(at=probe.noon))
        return {"fixed": probe.answer(_Visit(tuple(journey.steps[:1]), "", ""))}
    if ref.kind == "ivr":
        return _menu(probe, ref)
    if ref.kind == "schedule":
        return _hours(probe, ref)
    if ref.kind == "directory":
        return {"fixed": {"steps": [], "end": NOT_HERE}}
    if ref.kind == "conference" and getattr(probe.scope.find(ref), "pin", None):
        return _room(probe, ref)
    told = _phones(probe, ref, None)
    chosen = _phones(probe, ref, ref)
    return told if chosen == told else {**told, "chosen": chosen}


def _menu(probe: _Probe, ref: Ref) -> dict[str, Any]:
    """The first answer to each key, and each answer to silence and to wrong keys."""

    def pressed(presses: list[str]) -> tuple[_Visit, Ref | None]:
        situation = Situation(at=probe.noon, presses=presses)
        visit = probe.visit(ref, situation)
        return visit, situation.chosen

    keys = {}
    for key in (*_KEYS, *probe.scope.extension_numbers()):
        visit, chosen = pressed([key])
        if visit.steps[0].exit != "invalid":
            keys[key] = probe.answer(_Visit(visit.steps[:1], "", ""), chosen)
    silent, _ = pressed([])
    wrong, _ = pressed(["invalid"] * _MOST_TRIES)
    return {"keys": keys, "timeout": _each(probe, silent), "invalid": _each(probe, wrong)}


def _room(probe: _Probe, ref: Ref) -> dict[str, Any]:
    """Who presses nothing knows the PIN, and whatever is pressed is a wrong one: the PIN itself is not told."""
    right = probe.visit(ref, Situation(at=probe.noon))
    situation = Situation(at=probe.noon, presses=["wrong"] * _MOST_TRIES)
    wrong = probe.visit(ref, situation)
    tries = _MOST_TRIES - len(situation.presses)
    # What follows the last try needs no further key.
    answers = [*_each(probe, wrong)[: tries - 1], probe.answer(_Visit(wrong.steps[tries - 1 :], wrong.end, ""))]
    return {"keys": {}, "timeout": [probe.answer(right)], "invalid": answers, "secret": True}


def _each(probe: _Probe, visit: _Visit) -> list[dict[str, Any]]:
    """The answers to one key after the other."""
    return [probe.answer(_Visit((step,), step.end, "")) for step in visit.steps]


def _hours(probe: _Probe, ref: Ref) -> dict[str, Any]:
    """The stretches of each weekday (Monday first) and of each holiday, each with the minute at which it ends."""
    model = probe.scope.find(ref)
    bounds = sorted(
        {0, MINUTES_PER_DAY}
        | {edge for day in week(cast("Any", model)).values() for each in day for edge in (each.start, each.end)}
    )
    holidays = holiday_dates(cast("Any", model), probe.scope.years)
    plain = _plain_week(probe.scope.years.first, holidays)
    return {
        "week": [_day(probe, ref, day, bounds) for day in plain],
        "days": {day.isoformat(): _day(probe, ref, day, bounds) for day in holidays},
    }


def _plain_week(year: int, holidays: Mapping[date, str]) -> list[date]:
    """A Monday, a Tuesday and so on that are no holidays."""
    found: dict[int, date] = {}
    day = date(year, 1, 1)
    while len(found) < 7:  # noqa: PLR2004 - days of a week
        if day not in holidays:
            found.setdefault(day.weekday(), day)
        day += timedelta(days=1)
    return [found[weekday] for weekday in range(7)]


def _day(probe: _Probe, ref: Ref, day: date, bounds: Sequence[int]) -> list[tuple[int, dict[str, Any]]]:
    stretches: list[tuple[int, dict[str, Any]]] = []
    for start, end in pairwise(bounds):
        # A minute that is no bound itself: wherever its clock is told, any other minute's would stand.
        minute = start + 1 if end - start > 1 else start
        at = datetime.combine(day, time(minute // 60, minute % 60))
        answer = probe.answer(probe.visit(ref, Situation(at=at)), clock=f"{at:%H:%M}" if minute > start else "")
        if stretches and stretches[-1][1] == answer:
            stretches.pop()
        stretches.append((end, answer))
    return stretches


def _phones(probe: _Probe, ref: Ref, chosen: Ref | None) -> dict[str, Any]:
    """Who rings, what follows when each of them is the first to answer, and what follows when nobody does."""

    def ask(state: Callable[[str], PhoneState]) -> tuple[_Visit, list[str]]:
        states = _Watched(state)
        situation = Situation(at=probe.noon, states=states, chosen=chosen)
        return probe.visit(ref, situation), list(states.asked)

    nobody, asked = ask(lambda _: "no_answer")
    answered = {}
    for phone in asked:
        visit, _ = ask(lambda number, phone=phone: "answer" if number == phone else "no_answer")  # type: ignore[misc]
        if visit != nobody:
            answered[phone] = probe.answer(visit)
    if not answered:
        return {"fixed": probe.answer(nobody)}
    otherwise = {}
    for count in range(1, min(len(_REASONS), len(answered)) + 1):
        for reasons in combinations(_REASONS, count):
            given = dict(zip(answered, cycle(reasons), strict=False))
            visit, _ = ask(lambda number, given=given: given.get(number, "no_answer"))  # type: ignore[misc]
            otherwise[" ".join(reasons)] = probe.answer(visit)
    return {"phones": list(answered), "answered": answered, "otherwise": otherwise}
