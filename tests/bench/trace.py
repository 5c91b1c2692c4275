"""How long `pbx trace` takes, as a process, for a call of one tenant among many."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.bench.measure import write_site
from tests.bench.sites import site_texts

_CALL: Final = ("t00007", "--did", "+541140000070", "--at", "2026-12-22T10:00", "--press", "1")
_PROGRAM: Final = ("-c", "from pbx.cli import main; main()", "trace")
_BARE: Final = ("-c", "import typer, typer._adapters, pydantic")
"""What every command of ours must load before it does anything, and so what a trace is compared with."""


@dataclass(frozen=True, slots=True)
class Traced:
    """Seconds on the clock of each process; the two kinds take turns, so that both meet the same machine."""

    tenants: int
    trace_seconds: list[float]
    dialplan_seconds: list[float]
    """With ``--dialplan``."""
    bare_seconds: list[float]


def trace_seconds(tenants: int, extensions: int, rounds: int) -> Traced:
    """Trace one call as often. Raises CalledProcessError when that fails."""
    traced = Traced(tenants, [], [], [])
    with tempfile.TemporaryDirectory(prefix="pbx-bench-") as name:
        folder = Path(name)
        write_site(site_texts(tenants, extensions), folder / "site")
        call = (*_PROGRAM, str(folder / "site"), *_CALL)
        # With byte code, as an installed program has it, whatever is set here; the first process writes it.
        environment = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environment["PYTHONPYCACHEPREFIX"] = str(folder / "bytecode")
        for each in (_BARE, call, (*call, "--dialplan")):
            _seconds(each, environment)
        for _ in range(rounds):
            traced.bare_seconds.append(_seconds(_BARE, environment))
            traced.trace_seconds.append(_seconds(call, environment))
            traced.dialplan_seconds.append(_seconds((*call, "--dialplan"), environment))
    return traced


def _seconds(arguments: Sequence[str], environment: Mapping[str, str]) -> float:
    begin = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL, env=environment)
    return time.perf_counter() - begin
