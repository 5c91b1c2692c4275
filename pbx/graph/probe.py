"""Asks the compiler's trace what happens at one place, and keeps each step that it is told once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass, field, replace
from datetime import datetime
from typing import Any

from pbx.diagnostics import Path, Span
from pbx.graph.facts import spoken
from pbx.graph.words import ending, reason
from pbx.kinds.base import Situation, Step
from pbx.model import Ref
from pbx.site import TenantScope
from pbx.tenant import Did
from pbx.trace import trace_did


@dataclass(frozen=True, slots=True)
class Visit:
    """What happens to a call at one place, up to its leaving or its end."""

    steps: tuple[Step, ...]
    end: str
    shown: str


@dataclass(slots=True)
class Probe:
    """Asks the trace, and keeps each step that it is told once."""

    scope: TenantScope
    place: Callable[[Path], Span]
    noon: datetime
    steps: list[dict[str, Any]] = field(default_factory=list)
    known: dict[tuple[object, ...], int] = field(default_factory=dict)

    def visit(self, ref: Ref, situation: Situation, *, after: int = 1) -> Visit:
        """What happens at a place in a situation, as if a public number led straight to it; ``after`` so many steps."""
        journey = trace_did(self.scope, doorway(ref), situation)
        own: list[Step] = []
        for step in journey.steps[after:]:
            own.append(step)
            if step.end or (step.to and step.to.kind != "trunk"):
                break
        whole = len(own) == len(journey.steps) - after
        goes_on = bool(own) and own[-1].to is not None and not own[-1].end
        return Visit(tuple(own), journey.end if whole and not goes_on else "", journey.shown if whole else "")

    def answer(self, visit: Visit, chosen: Ref | None = None, *, clock: str = "") -> dict[str, Any]:
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
        to = str(step.to) if step.to else None
        key = (step.node, step.exit, because, step.path, to, step.end, step.hears, step.rings)
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
                    "to": to,
                    "end": step.end,
                    "ended": ended(self.scope, step.end),
                    **({"hears": step.hears} if step.hears else {}),
                    **({"rings": [astuple(each) for each in step.rings]} if step.rings else {}),
                }
            )
        return self.known[key]


def ended(scope: TenantScope, end: str) -> str:
    """How a call ends, in the tenant's language and with the names of places."""
    kind, colon, identity = end.rpartition(" ")[2].partition(":")
    said = ending(end, scope.language)
    return said.replace(f"{kind}:{identity}", spoken(scope, Ref(kind, identity))) if colon else said


def doorway(ref: Ref) -> str:
    """The number that leads straight to a place."""
    return f"doorway to {ref}"


def with_doorways(scope: TenantScope, places: Sequence[Ref]) -> TenantScope:
    """The same tenant with a public number for every place, which the trace can be asked about."""
    doors = {doorway(ref): Did.model_construct(to=ref, name="") for ref in places}
    tenant = scope.tenant.model_copy(update={"dids": {**scope.tenant.dids, **doors}})
    return replace(scope, tenant=tenant)
