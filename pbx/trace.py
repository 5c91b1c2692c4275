"""The walk of one call through its tenant: where it goes and why, before it is made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from pbx.diagnostics import Path
from pbx.dialing import Meaning, denial, did_as_sent, internal_numbers, meaning, route_for, shown_number
from pbx.feature_codes import code_step, forwardable
from pbx.kinds import BY_NAME
from pbx.kinds.base import Situation, Step, TrunkState
from pbx.model import BUSY, Ref
from pbx.numberplan import classify
from pbx.site import TenantScope

ENDLESS: Final = "goes on for ever"
"""How a walk ends that is given up."""
LONGEST: Final = 200
"""Steps after which a walk is given up; the checks refuse every endless loop before."""
MOST_HOPS: Final = 10
"""Forwards that users have set by code which one call follows (``pbx-forward`` in lib/pbx.conf): they may go round."""


@dataclass(slots=True)
class Journey:
    """One call, foretold."""

    steps: list[Step] = field(default_factory=list)
    end: str = ""
    arrival: Step | None = None
    """By which trunk a call has come, and what may be reached from there; None for a phone, or where nobody asks."""
    shown: str = ""
    """The number an outside called party sees; ``anonymous`` when it is hidden, empty when nobody outside is called."""
    caller: str = ""
    """The number that those inside see."""
    caller_name: str = ""
    """The name beside it, empty when nobody knows it."""

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
    # Who is at the customer's other PBX is a colleague, also when a DID is dialled there.
    situation.from_trunk = not situation.trunk or scope.tenant.trunks[situation.trunk].type != "pbx"
    contact = scope.tenant.phonebook.get(situation.outside)
    journey = Journey(caller=situation.outside, caller_name=contact.name if contact else "")
    journey.take(Step(Ref("did", number), "to", "the number was called from outside", ("dids", number), to=did.to))
    return _Walk(scope, situation, journey).go(did.to)


_REACHED: Final = {
    "pbx": "the customer's other PBX: it reaches people, services and DIDs, and no outside number",
    "gateway": "a gateway's lines: they reach DIDs alone",
}
"""What may be dialled from a trunk, by its type: ``trunks.conf.j2`` leads nowhere else."""
_CARRIER: Final = "a carrier: it reaches DIDs alone"


def trace_trunk(scope: TenantScope, trunk: str, keys: str, situation: Situation) -> Journey:
    """A call that comes by a trunk: from outside to a DID, or from a colleague at the customer's other PBX.

    Such a colleague (``type: pbx``) also reaches the numbers inside. Raises KeyError when there is no such trunk.
    """
    model = scope.tenant.trunks[trunk]
    node, path = Ref("trunk", trunk), ("trunks", trunk)
    situation.trunk = trunk
    arrival = Step(node, "arrived", _REACHED.get(model.type, _CARRIER), (*path, "type"))
    journey = Journey(caller=situation.outside, arrival=arrival)
    did = did_as_sent(scope, keys)
    if situation.trunks.get(trunk) == "full":
        because = f"it carries all the calls it may: {model.max_calls}, both ways together"
        journey.take(Step(node, "full", because, (*path, "max_calls"), end="failed"))
    elif model.type == "pbx" and keys in internal_numbers(scope):
        situation.dialled = keys
        return _Walk(scope, situation, journey).go(internal_numbers(scope)[keys][0])
    elif did is not None:
        journey = trace_did(scope, did, situation)
        journey.arrival = arrival
    else:
        what = "no DID, and no number inside" if model.type == "pbx" else "no DID"
        because = f"{keys} is {what}: nothing else is reached from there"
        journey.take(Step(node, "refused", because, (*path, "type"), end="refused: no such number"))
    return journey


def trace_extension(scope: TenantScope, caller: str, keys: str, situation: Situation) -> Journey:
    """A call from a phone of ``caller`` that dials ``keys``; raises KeyError when there is no such extension."""
    extension = scope.tenant.extensions[caller]
    situation.caller = caller
    journey = Journey(caller=caller, caller_name=scope.name_of(caller))
    found = meaning(scope, keys)
    if found is not None and (found.role == "code" or found.path == ("feature_codes", "speed_dial")):
        journey.take(code_step(scope, caller, keys, found, situation))
        if journey.end:
            return journey
    return _Walk(scope, situation, journey).dial(extension.class_of_service, found, keys, caller)


@dataclass(slots=True)
class _Walk:
    """One call on its way."""

    scope: TenantScope
    situation: Situation
    journey: Journey
    hops: int = 0

    def go(self, start: Ref) -> Journey:
        """From a place to the end."""
        at: Ref | None = start
        while at is not None and not self.journey.end:
            if len(self.journey.steps) > LONGEST:
                self.journey.end = ENDLESS
            elif at.kind == "external":
                category = classify(self.scope.plan, at.id) or "international"
                self._outside(Meaning("outside", at, category, ()), None)
            elif at.kind == "dialled":
                at = self._forwarded(at.id)
            elif not at.id:
                self.journey.end = at.kind
            else:
                at = self._step(at)
        return self.journey

    def dial(self, class_of_service: str, found: Meaning | None, keys: str, caller: str | None) -> Journey:
        """What dialled keys mean, if the class of service allows it; ``caller`` is whose own call it is."""
        self.situation.dialled = keys
        if found is None:
            self.journey.end = "refused: no such number"
            return self.journey
        path: Path = ("classes_of_service", class_of_service)
        reason = denial(self.scope.tenant.classes_of_service[class_of_service], found.category, found.to.id)
        if reason:
            because = f"class of service {class_of_service} {reason}"
            self.journey.take(Step(found.to, "refused", because, path, end=f"refused: {because}"))
        elif found.to.kind == "external":
            self._outside(found, caller, class_of_service)
        elif found.to.kind == "trunk":
            because = f"{keys} is a number of that PBX"
            self.journey.take(Step(found.to, "answered", because, found.path, end=f"answered by {keys} at {found.to}"))
        else:
            return self.go(found.to)
        return self.journey

    def _step(self, at: Ref) -> Ref | None:
        model = self.scope.find(at)
        if model is None:
            self.journey.end = f"lost: there is no {at}"
            return None
        for step in BY_NAME[at.kind].steps(at.id, model, self.scope, self.situation):
            self.journey.take(step)
        return self.journey.steps[-1].to

    def _forwarded(self, keys: str) -> Ref | None:
        """A forward that a user has set by code: it may lead to whatever that extension may dial, but for codes."""
        self.hops += 1
        if self.hops > MOST_HOPS:
            return BUSY
        forwarder = self.scope.tenant.extensions[self.journey.steps[-1].node.id]
        found = forwardable(self.scope, keys)
        self.dial(forwarder.class_of_service, found, keys, None)
        return None

    def _outside(self, call: Meaning, caller: str | None, class_of_service: str = "") -> None:
        """The call leaves by the first trunk of its route that takes it."""
        scope, journey = self.scope, self.journey
        found = route_for(scope, call.category)
        if found is None:
            end = f"refused: no route for {call.category} calls"
            journey.take(Step(call.to, "refused", end, ("outbound_routes",), end=end))
            return
        index, route = found
        path: Path = ("outbound_routes", index)
        allowed = f"; class {class_of_service} allows it" if class_of_service else ""
        why = f"it is {_article(call.category)} call{allowed}"
        journey.take(Step(call.to, "allowed", why, path, to=Ref("trunk", route.trunks[0])))
        journey.shown = self._shown(route.caller_id, caller, call.category)
        for position, name in enumerate(route.trunks):
            trunk, last = Ref("trunk", name), position == len(route.trunks) - 1
            state = self._state_of(name)
            order = "the first trunk of the route" if position == 0 else "the next trunk of the route"
            if state == "answer":
                journey.take(Step(trunk, "answered", order, path, end=f"answered by {call.to}"))
                return
            if state == "busy":
                journey.take(Step(trunk, "busy", f"{order}: the called party is busy", path, end="busy"))
                return
            why = {"full": "it carries all the calls it may", "failed": "it cannot be reached or fails"}[state]
            onward = None if last else Ref("trunk", route.trunks[position + 1])
            journey.take(Step(trunk, state, f"{order}: {why}", path, to=onward, end="failed" if last else ""))

    def _state_of(self, trunk: str) -> TrunkState:
        """What becomes of the call at a trunk; one that carries a single call is full by the call that came by it."""
        own = self.situation.trunk == trunk and self.scope.tenant.trunks[trunk].max_calls == 1
        return "full" if own else self.situation.trunks.get(trunk, "answer")

    def _shown(self, of_route: str | None, caller: str | None, category: str) -> str:
        extension = self.scope.tenant.extensions.get(caller) if caller else None
        hidden = extension is not None and extension.hide_caller_id
        said = self.situation.setting(caller, "hide_caller_id") if caller else ""
        if (said == "on" if said else hidden) and category != "emergency":
            return "anonymous"
        return shown_number(self.scope, of_route, caller)


def _article(category: str) -> str:
    words = category.replace("_", " ")
    return f"an {words}" if words[0] in "aeiou" else f"a {words}"
