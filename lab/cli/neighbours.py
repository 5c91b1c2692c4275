"""One tenant of a site, beside those from which it must be isolated."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from pbx.cli.console import load_and_check, load_or_exit

if TYPE_CHECKING:
    from pbx.document import Document
    from pbx.site import Site

MOST: Final = 6
"""Tenants that a site may have for all of them to be on the PBX when one is tested: each costs phones and prompts."""


def load_beside_others(site_path: Path, tenant: str) -> tuple[Site, dict[str, Document]]:
    """A checked site; with a tenant named, its problems alone end the command.

    The others are there too if they are few and without errors: a mistake in one customer's file is no reason not to
    test another.
    """
    from pbx.folder import tenants_in

    site, documents = load_or_exit(site_path, tenant=tenant or None)
    if tenant and len(tenants_in(site_path)) <= MOST:
        whole, more, _ = load_and_check(site_path)
        if whole is not None:
            return whole, more
    return site, documents
