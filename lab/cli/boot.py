"""``pbx check --boot``: what the laboratory does for it."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import nullcontext

from lab.addresses import NoAddressError
from lab.cli.run import provision
from lab.dryboot import dry_boot
from lab.engine import EngineError
from pbx.bundle import Bundle
from pbx.cli.console import console, fail
from pbx.diagnostics import Diagnostic
from pbx.output import cache_folder
from pbx.site import Site


def boot(site: Site) -> tuple[list[Diagnostic], Bundle]:
    """What a real Asterisk has to say about a site's build, and the build it booted (entry point ``pbx.boot``)."""
    try:
        installation = provision("embedded")
        shown = console(stderr=True).status("booting the build") if sys.stderr.isatty() else nullcontext()
        with shown:
            return asyncio.run(dry_boot(site, installation, cache_folder(os.environ) / "loopback"))
    except (EngineError, NoAddressError) as error:
        fail(getattr(error, "problem", str(error)), getattr(error, "cure", ""), "PBX801")
