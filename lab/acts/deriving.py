"""All acts of a tenant."""

from __future__ import annotations

from lab.acts import pickups, transfers
from lab.acts.act import Act
from lab.security import rows as security
from pbx.site import TenantScope


def derive_acts(scope: TenantScope) -> tuple[Act, ...]:
    """The acts for what the tenant has, in the order of the report; ids are unique."""
    found = [*transfers.acts(scope), *pickups.acts(scope), *security.acts(scope)]
    return tuple({each.text.id: each for each in found}.values())
