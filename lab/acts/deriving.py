"""All acts of a tenant."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from lab.acts import desk, forwards, lines, parkings, pickups, rooms, settings, transfers, waiting
from lab.acts.act import Act
from lab.matrix.phases import phase_of
from lab.security import rows as security
from pbx.model import Ref
from pbx.site import TenantScope

_FAMILIES = (desk, transfers, pickups, parkings, rooms, forwards, settings, waiting, lines)


def derive_acts(scope: TenantScope, others: Iterable[TenantScope] = ()) -> tuple[Act, ...]:
    """The acts for what the tenant has, in the order of the report; ids are unique.

    ``others`` are the tenants of the same PBX from which it must be isolated.
    """
    acts = [*(each for family in _FAMILIES for each in family.acts(scope)), *security.acts(scope, others)]
    return tuple(_with_phase(each) for each in {each.text.id: each for each in acts}.values())


def _with_phase(act: Act) -> Act:
    """The act in the phase of the POC to which the places belong that it is about."""
    names = (name for name in act.touched | act.shares if " " not in name)
    places = [Ref(kind, identity) for kind, _, identity in (name.partition(":") for name in names)]
    return replace(act, text=replace(act.text, phase=phase_of(act.scope, places)))
