"""What was foretold of a call against what happened: journey, who rang, who answered, how it ended, what was shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from lab.events import extra
from lab.journey import Visited, foretold_exits, foretold_nodes
from lab.observation import Leg, Observation
from lab.scenario import Scenario
from pbx.asterisk.ami import Event
from pbx.asterisk.text import plain
from pbx.kinds.base import Step

REFUSED: Final = 21
"""Q.850 cause of a refused call."""
ENDS: Final[tuple[tuple[str, frozenset[str], frozenset[int]], ...]] = (
    ("refused: no such number", frozenset({"Hangup 1"}), frozenset({1, 3, 28})),
    ("refused: class", frozenset({"Hangup 21", "Hangup 1"}), frozenset({1, 3, 21, 28})),
    ("refused", frozenset({"Hangup 21"}), frozenset({21})),
    ("busy", frozenset({"Busy 10"}), frozenset({17})),
    ("hangup", frozenset({"Hangup 16", "Hangup 19", "Hangup 20"}), frozenset({16, 19, 20, 21})),
    ("failed", frozenset({"Congestion 10"}), frozenset({34, 38, 42})),
)
"""By what the forecast's end begins with: the last application of the call's record (``pbx-end`` in lib/pbx.conf), and
how a caller is told who was never answered (Q.850).

What a class of service does not allow inside does not exist for its phones; outside it is refused. Who is hung up on is
told why nobody took the call; a plain hangup before any answer is 603, which is 21 (chan_pjsip.c).
"""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that was foretold otherwise."""

    what: str
    expected: str
    observed: str

    def __str__(self) -> str:
        return f"{self.what}: the trace says {self.expected or '–'}, the call {self.observed or '–'}"


def differences(row: Scenario, seen: Observation, visit: Visited, events: Sequence[Event]) -> Iterator[Difference]:
    """Everything in which a call was not as foretold."""
    forecast = row.forecast
    yield from _same("places", foretold_nodes(forecast), visit.nodes)
    yield from _same("exits", foretold_exits(forecast), visit.exits)
    yield from _rang(row, seen)
    yield from _end(row, seen, visit, events)
    yield from _shown(row, seen)


def _same(what: str, expected: Sequence[str], observed: Sequence[str]) -> Iterator[Difference]:
    if tuple(expected) != tuple(observed):
        yield Difference(what, " → ".join(expected), " → ".join(observed))


def _own_legs(row: Scenario, seen: Observation) -> list[Leg]:
    """The legs of those who were called, without what the calls before have let ring."""
    before = {each.caller_number for each in row.earlier if each.caller_number}
    return [leg for leg in seen.legs[1:] if leg.caller_number not in before]


@dataclass(frozen=True, slots=True)
class _Slot:
    """Parties that ring together, or in an order that depends on the calls before."""

    parties: frozenset[str]
    every: bool
    """Whether all of them must ring."""


def _rang(row: Scenario, seen: Observation) -> Iterator[Difference]:
    """Who rang, each once and in the order of the first ring; a phone that is busy does not ring."""
    if any(step.node.kind == "paging" for step in row.forecast.steps):
        return
    legs = _own_legs(row, seen)
    slots = [slot for step in row.forecast.steps for slot in _slots(row, step)]
    busy = {f"extension:{number}" for number, state in row.states.items() if state == "busy"}
    busy -= {f"extension:{number}" for number in (row.engaged or ())[:1]}
    observed = list(dict.fromkeys(leg.party.name for leg in legs if leg.party.name not in busy))
    left, known = list(observed), set[str]()
    for slot in slots:
        rang = set[str]()
        while left and left[0] in slot.parties - known:
            rang.add(left.pop(0))
            known |= rang
        if slot.every and not slot.parties <= known:
            break
    else:
        if not left:
            return
    expected = ", ".join(" + ".join(sorted(slot.parties)) for slot in slots)
    yield Difference("who rang", expected, ", ".join(observed))


def _slots(row: Scenario, step: Step) -> Iterator[_Slot]:
    if step.node.kind == "trunk":
        if step.exit not in {"full", "refused"}:
            yield _Slot(frozenset({str(step.node)}), every=True)
        return
    moments: dict[int, list[str]] = {}
    for ring in step.rings:
        moments.setdefault(ring.after, []).append(f"extension:{ring.extension}")
    if _by_turns(row, step):
        yield _Slot(frozenset(f"extension:{number}" for number in _members(row, step)), every=False)
        return
    for parties in moments.values():
        # Of phones that ring at once one may be cancelled before its ring is seen, when another answers.
        yield _Slot(frozenset(parties), every=len(parties) == 1 or step.exit != "answered")


def _members(row: Scenario, step: Step) -> list[str]:
    model: Any = row.scope.find(step.node)
    return list(model.members)


def _by_turns(row: Scenario, step: Step) -> bool:
    """Whether who rings first depends on the calls before, or on chance."""
    model: Any = row.scope.find(step.node)
    return step.node.kind == "queue" and model.policy in {"circular", "uniform", "weighted"}


def _end(row: Scenario, seen: Observation, visit: Visited, events: Sequence[Event]) -> Iterator[Difference]:
    end = row.forecast.end
    if end.startswith("heard at "):
        heard = sorted(leg.party.name.partition(":")[2] for leg in seen.legs if leg.answered)
        yield from _same("who heard it", sorted(end.removeprefix("heard at ").split(", ")), heard)
        return
    answering = _answering(row)
    if seen.answered_by not in (answering or {""}):
        yield Difference("who answered", " or ".join(sorted(answering)), seen.answered_by)
    for start, applications, causes in ENDS:
        if end.startswith(start):
            yield from _how(end, applications, causes, seen, visit)
            break
    yield from _code(row, seen, visit, events)


def _how(
    end: str, applications: frozenset[str], causes: frozenset[int], seen: Observation, visit: Visited
) -> Iterator[Difference]:
    own = next((each for each in reversed(visit.cdr) if each.get("uniqueid") == seen.linked), None)
    if own is not None:
        last = f"{own.get('lastapplication', '')} {own.get('lastdata', '')}".strip()
        if last not in applications:
            yield Difference("end", f"{end} ({' or '.join(sorted(applications))})", last)
    answered = own is not None and own.get("answertime")
    if not answered and seen.cause not in causes:
        yield Difference("end", f"{end} (Q.850 {' or '.join(map(str, sorted(causes)))})", f"Q.850 {seen.cause}")


def _answering(row: Scenario) -> set[str]:
    """Who may answer: one party, or any of those who would where several ring at once or by turns."""
    end, steps = row.forecast.end, row.forecast.steps
    if not end.startswith("answered by "):
        return set()
    last = steps[-1]
    if last.node.kind == "trunk":
        return {str(last.node)}
    at_once = len({ring.after for ring in last.rings}) == 1
    if last.node.kind in {"queue", "ring_group"} and (at_once or _by_turns(row, last)):
        return {f"extension:{number}" for number in _members(row, last) if row.states.get(number, "answer") == "answer"}
    return {end.removeprefix("answered by ")}


def _code(row: Scenario, seen: Observation, visit: Visited, events: Sequence[Event]) -> Iterator[Difference]:
    """What a feature code did: the setting that the dialplan tells, or the mailbox that speaks."""
    what, _, name = row.forecast.end.partition(":")
    if what in {"setting", "override"}:
        told = [extra(each) for each in events if each.get("userdeftype") == "PBX_SETTING" and _of(each, seen)]
        setting = f"{row.caller.id} {name}" if what == "setting" else f"schedule:{name} override"
        expected = f"{setting} {row.forecast.steps[-1].exit}"
        if told != [expected]:
            yield Difference("setting", expected, ", ".join(told))
    elif what == "mailbox" and "vm-password" not in visit.sounds:
        yield Difference("code", "the mailbox asks for the password", ", ".join(visit.sounds))
    elif what == "pickup" and seen.cause != REFUSED:
        yield Difference("code", "nothing to pick up (Q.850 21)", f"Q.850 {seen.cause}")


def _of(event: Event, seen: Observation) -> bool:
    return event.get("linkedid") == seen.linked


def _shown(row: Scenario, seen: Observation) -> Iterator[Difference]:
    """The number and the name that each called party was shown."""
    forecast = row.forecast
    for leg in _own_legs(row, seen):
        expected = forecast.shown if _outside(row, leg) else forecast.caller
        if leg.caller_number != expected:
            yield Difference(f"number shown at {leg.party.name}", expected, leg.caller_number)
        name = plain(forecast.caller_name)
        if name and not _outside(row, leg) and not leg.party.name.startswith("trunk:") and leg.caller_name != name:
            yield Difference(f"name shown at {leg.party.name}", name, leg.caller_name)


def _outside(row: Scenario, leg: Leg) -> bool:
    """Whether a leg goes to the public network: the customer's other PBX is shown who calls, as phones are."""
    return leg.party.name.startswith("trunk:") and bool(row.forecast.shown)
