"""`make bench`: measures, prints a table, and ends with 1 when a bound is missed."""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.bench.measure import Measured
from tests.bench.reload import reload_seconds
from tests.bench.trace import Traced, trace_seconds

EXTENSIONS = 50
SMALL, LARGE = 200, 2_000


@dataclass(frozen=True, slots=True)
class Finding:
    """Something measured, and what it may be at the most."""

    what: str
    value: float
    unit: str
    bound: float | None = None

    @property
    def kept(self) -> bool:
        """Whether the bound holds; what has none always does."""
        return self.bound is None or self.value <= self.bound


def measured(tenants: int, rounds: int) -> Measured:
    """A size, measured in a process of its own. Raises CalledProcessError when that fails."""
    command = [sys.executable, "-m", "tests.bench.measure", str(tenants), str(EXTENSIONS), str(rounds)]
    told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return Measured(**json.loads(told.stdout))


def findings(small: Measured, large: Measured | None, reloads: Sequence[float], traced: Traced) -> list[Finding]:
    """What the measurements say; ratios are of medians of one run."""
    compiled, composed = statistics.median(small.compile_seconds), statistics.median(small.compose_seconds)
    size = f"{small.tenants} tenants × {small.extensions} extensions"
    found = [
        Finding(f"YAML of {size}", small.characters / 1e6, "million characters"),
        Finding("read, check and compile it", compiled, "s of CPU"),
        Finding("yaml.compose of the same text, C loader", composed, "s of CPU"),
        Finding("ratio of the two", compiled / composed, "times", 12),
        Finding("peak memory of the first compilation", small.peak_mebibytes, "MiB", 600),
    ]
    if large:
        much = statistics.median(large.compile_seconds)
        ratio = f"ratio of {large.tenants:,} tenants to {small.tenants}"
        found += [
            Finding(f"compile {large.tenants:,} tenants × {large.extensions}", much, "s of CPU"),
            Finding(ratio, much / compiled, "times", 10.5),
            Finding(f"peak memory of {large.tenants:,} tenants", large.peak_mebibytes, "MiB"),
        ]
    best = min(traced.trace_seconds)
    found += [
        Finding(f"pbx trace, one of {traced.tenants} tenants, best of {len(traced.trace_seconds)}", best, "s", 0.3),
        Finding("the same, median", statistics.median(traced.trace_seconds), "s"),
        Finding("ratio to a process that only loads typer and pydantic", best / min(traced.bare_seconds), "times", 2.5),
        Finding("pbx trace --dialplan of the same call", min(traced.dialplan_seconds), "s"),
    ]
    if reloads:
        found.append(
            Finding(f"dialplan reload of {size}, median of {len(reloads)}", statistics.median(reloads), "s", 0.2)
        )
    return found


def table(found: Sequence[Finding]) -> Table:
    """The findings for people."""
    made = Table("measured", "value", "", "at most", "", title=f"Python {platform.python_version()}")
    for each in found:
        bound = "" if each.bound is None else f"{each.bound:g}"
        verdict = "" if each.bound is None else "kept" if each.kept else "MISSED"
        made.add_row(
            each.what, f"{each.value:.3g}" if each.value < 100 else f"{each.value:.0f}", each.unit, bound, verdict
        )
    return made


def main(arguments: Sequence[str]) -> int:
    """Measure and print; answer the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write what was measured, for scripts")
    parser.add_argument("--quick", action="store_true", help=f"leave out {LARGE:,} tenants and Asterisk")
    chosen = parser.parse_args(arguments)
    small = measured(SMALL, rounds=3)
    large = None if chosen.quick else measured(LARGE, rounds=1)
    reloads = [] if chosen.quick else asyncio.run(reload_seconds(SMALL, EXTENSIONS, rounds=9))
    traced = trace_seconds(SMALL, EXTENSIONS, rounds=9)
    found = findings(small, large, reloads, traced)
    Console().print(table(found))
    if chosen.json:
        chosen.json.parent.mkdir(parents=True, exist_ok=True)
        told: dict[str, Any] = {
            "findings": [{**asdict(each), "kept": each.kept} for each in found],
            "small": asdict(small),
        }
        told |= {"large": asdict(large) if large else None, "reload_seconds": list(reloads), "trace": asdict(traced)}
        chosen.json.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    return 0 if all(each.kept for each in found) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
