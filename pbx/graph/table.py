"""Every answer that a place can give to a call, asked of the compiler's own trace: what the page walks over.

For each place the trace is asked in a few situations that stand for all: each key, each silence and each wrong key of
a menu; each stretch of each day of a schedule; and for whatever rings phones, each of them as the first who answers,
and what the others do when nobody does. ``walk.js`` only looks up which of these is the case, so no rule of a kind is
written twice; that the few stand for all is what the tests compare, call by call, with :func:`pbx.flow.trace_did`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import combinations, cycle, pairwise
from typing import Any, Final, cast, get_args

from pbx.diagnostics import Path, Span
from pbx.graph.probe import Probe, Visit, with_doorways
from pbx.graph.users import forwards, kept, routed
from pbx.kinds.base import Forced, PhoneState, Ring, Situation, TrunkState
from pbx.kinds.schedule import holiday_dates, week
from pbx.model import MINUTES_PER_DAY, Ref
from pbx.site import TenantScope
from pbx.trace import trace_did

_KEYS: Final = tuple("1234567890*#")
_REASONS: Final[tuple[PhoneState, ...]] = ("busy", "no_answer", "unavailable")
_MOST_TRIES: Final = 30
"""More wrong keys than any menu allows."""
_NOON: Final = time(12)
NOT_HERE: Final = "a name is spelled"
"""The end of a walk at a directory: whom a caller finds there is told by ``pbx trace`` alone."""


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


def table(scope: TenantScope, places: Sequence[Ref], place: Callable[[Path], Span]) -> dict[str, Any]:
    """The answers of all these places, public numbers among them, as data for ``walk.js``."""
    # Whom a user forwards to his mailbox is led there, whether the picture shows it or not.
    people = [ref.id for ref in places if ref.kind == "extension"]
    boxes = [Ref("voicemail", number) for number in people if scope.tenant.extensions[number].voicemail]
    there = tuple(dict.fromkeys((*places, *boxes)))
    probe = Probe(with_doorways(scope, there), place, datetime.combine(date(scope.years.first, 1, 1), _NOON))
    told = {str(ref): _told(probe, ref) for ref in there}
    contacts = {number: contact.name for number, contact in sorted(scope.tenant.phonebook.items())}
    users = forwards(probe, places)
    routes = [each["route"] for each in (*told.values(), *_each_dialled(users)) if "route" in each]
    trunks = sorted({name for route in routes for name, _ in route["tries"]})
    return {
        "steps": probe.steps,
        "places": told,
        "contacts": contacts,
        "trunks": {name: _states_of(probe.scope, name) for name in trunks},
        **users,
    }


def _each_dialled(users: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for answers in users["dialled"].values():
        yield from answers.values()


def _states_of(scope: TenantScope, trunk: str) -> list[TrunkState]:
    """What may become of calls at a trunk: only one with a limit can be full."""
    return [each for each in get_args(TrunkState) if each != "full" or scope.tenant.trunks[trunk].max_calls]


def limited(scope: TenantScope, ref: Ref) -> bool:
    """Whether a queue or a conference holds so many callers at the most."""
    model = scope.find(ref)
    return bool(getattr(model, "max_callers", None) or getattr(model, "max_members", None))


def _told(probe: Probe, ref: Ref) -> dict[str, Any]:
    if ref.kind == "did":
        journey = trace_did(probe.scope, ref.id, Situation(at=probe.noon))
        return {"fixed": probe.answer(Visit(tuple(journey.steps[:1]), "", ""))}
    if ref.kind == "directory":
        return {"fixed": {"steps": [], "end": NOT_HERE}}
    own = {"ivr": _menu, "schedule": _hours, "external": _outside}.get(ref.kind)
    if own is not None:
        return own(probe, ref)
    if ref.kind == "conference" and getattr(probe.scope.find(ref), "pin", None):
        full = {"full": _room(probe, ref, (ref,))} if limited(probe.scope, ref) else {}
        return {**_room(probe, ref), **full}
    ask = kept if ref.kind == "extension" else _phones
    told, chosen = ask(probe, ref, None), ask(probe, ref, ref)
    return told if chosen == told else {**told, "chosen": chosen}


def _outside(probe: Probe, ref: Ref) -> dict[str, Any]:
    return routed(probe, lambda trunks: probe.visit(ref, Situation(at=probe.noon, trunks=trunks)))


def _menu(probe: Probe, ref: Ref) -> dict[str, Any]:
    """The first answer to each key, and each answer to silence and to wrong keys."""

    def pressed(presses: list[str]) -> tuple[Visit, Ref | None]:
        situation = Situation(at=probe.noon, presses=presses)
        visit = probe.visit(ref, situation)
        return visit, situation.chosen

    keys = {}
    for key in (*_KEYS, *probe.scope.extension_numbers()):
        visit, chosen = pressed([key])
        if visit.steps[0].exit != "invalid":
            keys[key] = probe.answer(Visit(visit.steps[:1], "", ""), chosen)
    silent, _ = pressed([])
    wrong, _ = pressed(["invalid"] * _MOST_TRIES)
    return {"keys": keys, "timeout": _each(probe, silent), "invalid": _each(probe, wrong)}


def _room(probe: Probe, ref: Ref, full: Sequence[Ref] = ()) -> dict[str, Any]:
    """Who presses nothing knows the PIN, and whatever is pressed is a wrong one: the PIN itself is not told."""
    right = probe.visit(ref, Situation(at=probe.noon, full=full))
    situation = Situation(at=probe.noon, presses=["wrong"] * _MOST_TRIES, full=full)
    wrong = probe.visit(ref, situation)
    tries = _MOST_TRIES - len(situation.presses)
    # What follows the last try needs no further key.
    answers = [*_each(probe, wrong)[: tries - 1], probe.answer(Visit(wrong.steps[tries - 1 :], wrong.end, ""))]
    return {"keys": {}, "timeout": [probe.answer(right)], "invalid": answers, "secret": True}


def _each(probe: Probe, visit: Visit) -> list[dict[str, Any]]:
    """The answers to one key after the other."""
    return [probe.answer(Visit((step,), step.end, "")) for step in visit.steps]


def _hours(probe: Probe, ref: Ref) -> dict[str, Any]:
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
        **({"forced": _forced(probe, ref)} if getattr(model, "override", None) else {}),
    }


def _forced(probe: Probe, ref: Ref) -> dict[str, Any]:
    """The branch when somebody has overridden the calendar."""
    ways: tuple[Forced, ...] = get_args(Forced)
    return {how: probe.answer(probe.visit(ref, Situation(at=probe.noon, overrides={ref.id: how}))) for how in ways}


def _plain_week(year: int, holidays: Mapping[date, str]) -> list[date]:
    """A Monday, a Tuesday and so on that are no holidays."""
    found: dict[int, date] = {}
    day = date(year, 1, 1)
    while len(found) < 7:  # noqa: PLR2004 - days of a week
        if day not in holidays:
            found.setdefault(day.weekday(), day)
        day += timedelta(days=1)
    return [found[weekday] for weekday in range(7)]


def _day(probe: Probe, ref: Ref, day: date, bounds: Sequence[int]) -> list[tuple[int, dict[str, Any]]]:
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


def _phones(probe: Probe, ref: Ref, chosen: Ref | None) -> dict[str, Any]:
    """Who rings, what follows when each of them is the first to answer, and what follows when nobody does."""
    ringing: list[Ring] = []

    def ask(state: Callable[[str], PhoneState]) -> tuple[Visit, list[str]]:
        states = _Watched(state)
        situation = Situation(at=probe.noon, states=states, chosen=chosen)
        visit = probe.visit(ref, situation)
        return (visit if ref.kind == "extension" else _without_rings(visit, ringing)), list(states.asked)

    nobody, asked = ask(lambda _: "no_answer")
    turns = {"turns": _turns(ringing, asked, _patience(probe, ref))} if ringing else {}
    answered = {}
    for phone in asked:
        visit, _ = ask(lambda number, phone=phone: "answer" if number == phone else "busy")  # type: ignore[misc]
        if visit != nobody:
            answered[phone] = probe.answer(visit)
    full = {}
    if limited(probe.scope, ref) and (answered or ref.kind == "conference"):
        full = {"full": {"fixed": probe.answer(probe.visit(ref, Situation(at=probe.noon, full=(ref,), chosen=chosen)))}}
    if not answered:
        return {"fixed": probe.answer(nobody), **full}
    otherwise = {}
    for count in range(1, min(len(_REASONS), len(answered)) + 1):
        for reasons in combinations(_REASONS, count):
            given = dict(zip(answered, cycle(reasons), strict=False))
            visit, _ = ask(lambda number, given=given: given.get(number, "no_answer"))  # type: ignore[misc]
            otherwise[" ".join(reasons)] = probe.answer(visit)
    if ref.kind == "queue":
        paused = {(phone, "do_not_disturb"): "on" for phone in answered}
        otherwise["paused"] = probe.answer(probe.visit(ref, Situation(at=probe.noon, settings=paused, chosen=chosen)))
    return {"phones": list(answered), "answered": answered, "otherwise": otherwise, **turns, **full}


def _without_rings(visit: Visit, ringing: list[Ring]) -> Visit:
    """Who rings at a group depends on each phone: ``walk.js`` counts that out, from those of the first visit."""
    if not ringing:
        ringing += [each for step in visit.steps for each in step.rings]
    return replace(visit, steps=tuple(replace(step, rings=()) for step in visit.steps))


def _turns(ringing: Sequence[Ring], phones: Sequence[str], limit: int) -> dict[str, int]:
    """How long each phone of a group rings, and how long after the one before it; 0 where all ring at once.

    Nobody rings from ``limit`` seconds on, if there is one: so of two phones the second may be too late to be seen.
    """
    first, second = ringing[0], ringing[min(1, len(ringing) - 1)]
    late = limit if len(ringing) == 1 and len(phones) > 1 else 0
    return {"seconds": first.seconds, "pause": late or second.after - first.after, "limit": limit}


def _patience(probe: Probe, ref: Ref) -> int:
    """After how many seconds a caller leaves; 0 for never."""
    return getattr(probe.scope.find(ref), "max_wait", None) or 0
