"""``pbx cos --engine``: what the laboratory does for it."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from contextlib import nullcontext

from lab.addresses import NoAddressError
from lab.cli.run import provision
from lab.engine import EngineError
from lab.permissions import ask
from pbx.cli.console import console, fail
from pbx.output import cache_folder
from pbx.permissions import Answers, Probe
from pbx.site import Site


def permissions(site: Site, tenant: str, probes: Sequence[Probe], engine: str) -> Answers:
    """What a real Asterisk with the compiled site says of each probe (entry point ``pbx.permissions``)."""
    try:
        installation = provision(engine)
        shown = console(stderr=True).status("asking Asterisk") if sys.stderr.isatty() else nullcontext()
        with shown:
            return asyncio.run(ask(site, tenant, probes, installation, cache_folder(os.environ) / "loopback"))
    except (EngineError, NoAddressError) as error:
        fail(getattr(error, "problem", str(error)), getattr(error, "cure", ""), "PBX801")
