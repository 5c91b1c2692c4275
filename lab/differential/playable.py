"""Which generated calls can be played, and have an end that can be foretold."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from lab.differential.call import Call, scenario
from lab.scenario import Scenario, wrong_key
from pbx.kinds.base import Step
from pbx.model import Ref
from pbx.site import TenantScope
from pbx.trace import Journey

LONGEST: Final = 60
"""PBX seconds a call may take."""
MOST_STEPS: Final = 14


def playable(call: Call, scope: TenantScope, at: datetime) -> bool:
    """Whether the lab can play a call, and the forecast claims to know its end."""
    row = scenario(call, scope, at)
    journey = row.forecast
    if len(journey.steps) > MOST_STEPS or row.expected_seconds > LONGEST:
        return False
    if journey.end.startswith(("goes on", "lost")) or ("invalid" in call.presses and not _wrong_keys(row)):
        return False
    if any(
        name.startswith("extension:") and name == str(each.caller) for each in row.earlier for name in _rung(journey)
    ):
        return False
    if any(step.node.kind == "paging" for step in journey.steps) and _refusing(call):
        return False
    if any(_depends_on_before(call, scope, step) for step in journey.steps):
        return False
    return _can_be_full(call, scope, journey)


def _refusing(call: Call) -> bool:
    """Whether a phone is busy without being in a call: a page asks the PBX who is, and not the phones."""
    return any(state == "busy" and (call.engaged or ("",))[0] != number for number, state in call.states.items())


def _depends_on_before(call: Call, scope: TenantScope, step: Step) -> bool:
    """Whether it depends on the calls before, or on chance, if an agent who answers rings in time."""
    model: Any = scope.find(step.node)
    if step.node.kind != "queue" or model.policy not in {"circular", "uniform", "weighted"} or not model.max_wait:
        return False
    states = [call.states.get(member, "answer") for member in model.members]
    if not {"answer", "no_answer"} <= set(states):
        return False
    # The same agent may be chosen by lot again and again; by turns the last one rings after all the others.
    rounds = model.rings * scope.ring_seconds + model.retry
    return bool(model.policy == "weighted" or (len(states) - 1) * rounds >= model.max_wait)


def _wrong_keys(row: Scenario) -> bool:
    menus = [row.scope.tenant.ivrs[step.node.id] for step in row.forecast.steps if step.exit == "invalid"]
    return all(wrong_key(row.scope, menu) for menu in menus)


def _rung(journey: Journey) -> Sequence[str]:
    return [f"extension:{ring.extension}" for step in journey.steps for ring in step.rings]


def _can_be_full(call: Call, scope: TenantScope, journey: Journey) -> bool:
    """A queue is full only while nobody answers its callers, and a trunk is filled before the call comes by it."""
    for place in call.full:
        if place.kind == "queue":
            states = [call.states.get(member, "answer") for member in scope.tenant.queues[place.id].members]
            if "answer" in states or set(states) == {"unavailable"} or _asked_again(scope, place, journey):
                return False
    own = call.caller.removeprefix("caller:")
    return not (call.trunks.get(own) == "full" and call.caller.startswith("caller:")) and bool(journey.end)


def _asked_again(scope: TenantScope, full: Ref, journey: Journey) -> bool:
    """Whether a call comes to an agent of the full queue, whose phone may ring for those who wait there."""
    agents = set(scope.tenant.queues[full.id].members)
    asked = set()
    for step in journey.steps:
        model: Any = scope.find(step.node)
        asked |= {step.node.id} if step.node.kind == "extension" else set()
        asked |= (
            set(model.members) if step.node.kind in {"queue", "ring_group", "paging"} and step.node != full else set()
        )
    return bool(agents & asked)
