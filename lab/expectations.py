"""What an engineer has written that a call must do, against what it did: beside the forecast, not instead of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from lab.journey import Visited
from lab.observation import Observation
from lab.results import Check, Words
from lab.scenario import Scenario
from pbx.model import Ref

_ENDS: Final[Mapping[str, frozenset[int]]] = {
    "hangup": frozenset({16, 19, 20, 21}),
    "busy": frozenset({0, 16, 17}),
    "refused": frozenset({1, 3, 21}),
    "failed": frozenset({34, 38, 41, 42}),
}
"""Q.850 causes by which a caller's phone is told of an end; the first two also of calls that the PBX had taken."""


def own_checks(scenario: Scenario, seen: Observation, visit: Visited) -> Iterator[Check]:
    """Each expectation of :attr:`Scenario.expects`."""
    expected = scenario.expects
    if expected is None:
        return
    if expected.answers:
        subject = Words("Fila propia: quién atiende", "Own row: who answers")
        observed = _answerer(expected.answers, seen, visit)
        yield Check("phone", subject, str(expected.answers), observed or "–", observed == str(expected.answers))
    if expected.message:
        subject = Words("Fila propia: mensaje en la casilla", "Own row: message in the mailbox")
        observed = seen.message.parent.parent.name if seen.message else ""
        yield Check("server", subject, expected.message, observed or "–", observed == expected.message)
    if expected.ends:
        subject = Words("Fila propia: fin de la llamada", "Own row: end of the call")
        passed = not seen.answered_by and seen.cause in _ENDS[expected.ends]
        observed = f"answered by {seen.answered_by}" if seen.answered_by else f"Q.850 {seen.cause}"
        yield Check("phone", subject, expected.ends, observed, passed)
    if expected.passes:
        subject = Words("Fila propia: lugares por los que pasa", "Own row: places it comes to")
        places = iter(visit.nodes)
        passed = all(str(ref) in places for ref in expected.passes)
        yield Check("server", subject, " → ".join(map(str, expected.passes)), " → ".join(visit.nodes) or "–", passed)
    if expected.shown:
        subject = Words("Fila propia: número mostrado", "Own row: number shown")
        leg = next((leg for leg in seen.legs if leg.party.name == seen.answered_by), None)
        observed = leg.caller_number if leg else ""
        yield Check("phone", subject, expected.shown, observed or "–", observed == expected.shown)


def _answerer(expected: Ref, seen: Observation, visit: Visited) -> str:
    """Who answered; of a carrier the outside number that was called, if that is what was asked."""
    if expected.kind == "external" and seen.answered_by.startswith("trunk:"):
        return next((node for node in reversed(visit.nodes) if node.startswith("external:")), "")
    return seen.answered_by
