"""All acts of a tenant."""

from __future__ import annotations

from lab.acts import desk, forwards, lines, parkings, pickups, rooms, settings, transfers, waiting
from lab.acts.act import Act
from lab.security import rows as security
from pbx.site import TenantScope

_FAMILIES = (desk, transfers, pickups, parkings, rooms, forwards, settings, waiting, lines, security)


def derive_acts(scope: TenantScope) -> tuple[Act, ...]:
    """The acts for what the tenant has, in the order of the report; ids are unique."""
    return tuple({each.text.id: each for family in _FAMILIES for each in family.acts(scope)}.values())
