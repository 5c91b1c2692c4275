"""POC-4: which phase of the POC a row belongs to, as ``poc/TENANT.yaml`` says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from lab.scenario import Scenario
from pbx.model import Ref
from pbx.site import TenantScope

if TYPE_CHECKING:
    from lab.acts.act import Act


def phase_of(scope: TenantScope, places: Iterable[Ref]) -> int:
    """2 for what touches a place of ``phase_2``; everything else, and everything without a POC, is phase 1."""
    second = set(scope.poc.phase_2) if scope.poc else set()
    return 2 if second & set(places) else 1


def act_in_phase(scope: TenantScope, act: Act) -> Act:
    """The act in its phase: that of what it touches, where nobody has put it into the second."""
    names = (name.partition(":") for name in act.touched | act.shares)
    phase = max(act.text.phase, phase_of(scope, [Ref(kind, identity) for kind, _, identity in names]))
    return replace(act, text=replace(act.text, phase=phase))


def with_phase(row: Scenario) -> Scenario:
    """The row in its phase: that of the places its call comes to, and of the trunk by which it comes."""
    places = [step.node for step in row.forecast.steps]
    if row.caller.kind == "caller":
        places.append(Ref("trunk", row.caller.id))
    return replace(row, text=replace(row.text, phase=phase_of(row.scope, places)))
