"""The call flow of a tenant: every place with its exits, and the walk of one call through it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from pbx.diagnostics import Path
from pbx.dialing import Meaning, denial, meaning, route_for, shown_number
from pbx.kinds import BY_NAME
from pbx.kinds.base import Exit, Situation, Step
from pbx.model import Ref
from pbx.numberplan import classify
from pbx.site import TenantScope

LONGEST: Final = 200
"""Steps after which a walk is given up; the checks refuse every endless loop before."""


@dataclass(frozen=True, slots=True)
class Node:
    """One place in a call."""

    ref: Ref
    path: Path
    exits: tuple[Exit, ...]


@dataclass(frozen=True, slots=True)
class CallFlow:
    """All places of a tenant and how they hang together."""

    nodes: Mapping[Ref, Node]

    def automatic_edges(self, ref: Ref) -> Iterator[Exit]:
        """The exits that are taken without a key pressed by the caller."""
        node = self.nodes.get(ref)
        yield from (each for each in (node.exits if node else ()) if each.by != "caller")

    def reached(self, starts: Iterable[Ref]) -> set[Ref]:
        """Every place to which a call can come that begins at one of ``starts``."""
        found: set[Ref] = set()
        pending = list(starts)
        while pending:
            ref = pending.pop()
            if ref not in found and ref in self.nodes:
                found.add(ref)
                pending += [way.to for way in self.nodes[ref].exits]
        return found


def build(scope: TenantScope) -> CallFlow:
    """The call flow of a tenant; it may lead to places that do not exist, which the checks tell."""
    nodes: dict[Ref, Node] = {}
    for number, did in scope.tenant.dids.items():
        ref, path = Ref("did", number), ("dids", number)
        nodes[ref] = Node(ref, path, (Exit("to", did.to, "system", path),))
    for ref, model in scope.models():
        kind = BY_NAME[ref.kind]
        nodes[ref] = Node(ref, kind.path(ref.id), kind.exits(ref.id, model, scope))
    return CallFlow(nodes)


@dataclass(slots=True)
class Journey:
    """One call, foretold."""

    steps: list[Step] = field(default_factory=list)
    end: str = ""
    shown: str = ""
    """The number an outside called party sees; ``anonymous`` when it is hidden, empty when nobody outside is called."""

    @property
    def nodes(self) -> list[str]:
        """The places visited, in order, as ``kind:id``."""
        visited: list[str] = []
        for step in self.steps:
            spelled = str(step.node)
            if not visited or visited[-1] != spelled:
                visited.append(spelled)
        return visited

    def take(self, step: Step) -> None:
        """Add a step; one with an end ends the journey."""
        self.steps.append(step)
        if step.end:
            self.end = step.end


def trace_did(scope: TenantScope, number: str, situation: Situation) -> Journey:
    """A call from outside to a public number; raises KeyError when the tenant has no such DID."""
    did = scope.tenant.dids[number]
    situation.from_trunk = True
    journey = Journey()
    journey.take(Step(Ref("did", number), "to", "the number was called from outside", ("dids", number), to=did.to))
    return _walk(scope, journey, did.to, situation)


def trace_extension(scope: TenantScope, caller: str, keys: str, situation: Situation) -> Journey:
    """A call from a phone of ``caller`` that dials ``keys``; raises KeyError when there is no such extension."""
    extension = scope.tenant.extensions[caller]
    situation.caller, situation.dialled = caller, keys
    journey = Journey()
    found = meaning(scope, keys)
    if found is None:
        journey.end = "refused: no such number"
        return journey
    if found.role == "code":
        journey.end = str(found.to)
        return journey
    allowed = scope.tenant.classes_of_service[extension.class_of_service]
    reason = denial(allowed, found.category, found.to.id)
    path = ("classes_of_service", extension.class_of_service)
    if reason:
        because = f"class of service {extension.class_of_service} {reason}"
        journey.take(Step(found.to, "refused", because, path, end=f"refused: {because}"))
        return journey
    if found.to.kind == "external":
        return _outside(scope, journey, found, caller)
    if found.to.kind == "trunk":
        because = f"{keys} is a number of that PBX"
        journey.take(Step(found.to, "answered", because, found.path, end=f"answered by {keys} at {found.to}"))
        return journey
    return _walk(scope, journey, found.to, situation)


def _walk(scope: TenantScope, journey: Journey, start: Ref, situation: Situation) -> Journey:
    at: Ref | None = start
    while at is not None and not journey.end:
        if len(journey.steps) > LONGEST:
            journey.end = "goes on for ever"
        elif at.kind == "external":
            category = classify(scope.plan, at.id) or "international"
            return _outside(scope, journey, Meaning("outside", at, category, ()), None)
        elif not at.id:
            journey.end = at.kind
        else:
            at = _step(scope, journey, at, situation)
    return journey


def _step(scope: TenantScope, journey: Journey, at: Ref, situation: Situation) -> Ref | None:
    model = scope.find(at)
    if model is None:
        journey.end = f"lost: there is no {at}"
        return None
    for step in BY_NAME[at.kind].steps(at.id, model, scope, situation):
        journey.take(step)
    return journey.steps[-1].to


def _outside(scope: TenantScope, journey: Journey, call: Meaning, caller: str | None) -> Journey:
    """The call leaves by the first trunk of its route; the lab's carriers answer."""
    found = route_for(scope, call.category)
    if found is None:
        end = f"refused: no route for {call.category} calls"
        journey.take(Step(call.to, "refused", end, ("outbound_routes",), end=end))
        return journey
    index, route = found
    path = ("outbound_routes", index)
    trunk = Ref("trunk", route.trunks[0])
    journey.take(Step(call.to, "allowed", f"it is {_article(call.category)} call", path, to=trunk))
    journey.take(Step(trunk, "answered", "the first trunk of the route", path, end=f"answered by {call.to}"))
    extension = scope.tenant.extensions.get(caller) if caller else None
    hidden = extension is not None and extension.hide_caller_id and call.category != "emergency"
    journey.shown = "anonymous" if hidden else shown_number(scope, route, caller)
    return journey


def _article(category: str) -> str:
    words = category.replace("_", " ")
    return f"an {words}" if words[0] in "aeiou" else f"a {words}"
