"""All acts of a tenant."""

from __future__ import annotations

from collections.abc import Iterable

from lab.acts import (
    agents,
    agreed,
    calendars,
    desk,
    directory,
    everybody,
    forwards,
    lines,
    numbers,
    parkings,
    pickups,
    rooms,
    settings,
    several,
    transfers,
    waiting,
)
from lab.acts.act import Act
from lab.security import rows as security
from pbx.site import TenantScope

_FAMILIES = (
    agreed,
    everybody,
    calendars,
    numbers,
    desk,
    transfers,
    pickups,
    parkings,
    rooms,
    directory,
    forwards,
    settings,
    waiting,
    agents,
    lines,
    several,
)


def derive_acts(scope: TenantScope, others: Iterable[TenantScope] = ()) -> tuple[Act, ...]:
    """The acts for what the tenant has, in the order of the report; ids are unique.

    ``others`` are the tenants of the same PBX from which it must be isolated.
    """
    found = [*(each for family in _FAMILIES for each in family.acts(scope)), *security.acts(scope, others)]
    return tuple({each.text.id: each for each in found}.values())
