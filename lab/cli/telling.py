"""What ``pbx lab run`` says at the end."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from lab.cli.options import Options
from pbx.cli.console import TextOrJson, console

if TYPE_CHECKING:
    from lab.results import RunResult

BUSY: Final = 3.0
"""Load for each processor from which a failure may well be the machine's: a run by itself makes about 2."""


def tell(runs: Sequence[RunResult], page: Path, options: Options, seconds: float) -> None:
    """The result on standard output; ``seconds`` is the wall time of the whole command."""
    if options.format is TextOrJson.JSON:
        typer.echo(json.dumps(_as_json(runs, page, seconds), indent=2))
        return
    from lab.report.terminal import changes, coverage, played_twice, summary, unsteady, where_time_went

    screen = console()
    for run in runs:
        screen.print(summary(run))
        for part in (
            unsteady(run),
            played_twice(run),
            changes(run),
            None if run.selection else coverage(run.ways, run.dialplan),  # of chosen rows it would say nothing
            where_time_went(run, seconds if len(runs) == 1 else None),
        ):
            if part is not None:
                screen.print(part, soft_wrap=True)
    if len(runs) > 1:
        screen.print(f"{len(runs)} tenants in {seconds:.1f} s", soft_wrap=True)
    if any(row.verdict != "passed" for run in runs for row in run.rows) and (told := _busy()):
        screen.print(told, soft_wrap=True)
    screen.print(f"Report: {page}", soft_wrap=True)


def _busy() -> str:
    """What is to be known when rows failed on a machine that had too much to do: it loses sound, and comes too late."""
    load, processors = os.getloadavg()[0], os.cpu_count() or 1
    if load < BUSY * processors:
        return ""
    return f"This machine is busy (load {load:.0f}, {processors} processors): run what failed again, or with --speed 5"


def _as_json(runs: Sequence[RunResult], page: Path, seconds: float) -> dict[str, object]:
    """The summary for scripts: one tenant's, or one for each of several."""
    told = [_summary(run, page if len(runs) == 1 else page.parent / run.tenant / "index.html") for run in runs]
    if len(told) == 1:
        return {**told[0], "wall_seconds": round(seconds, 1)}
    return {"tenants": told, "wall_seconds": round(seconds, 1), "report": str(page)}


def _summary(run: RunResult, page: Path) -> dict[str, object]:
    rows = [
        {
            "id": row.row.id,
            "verdict": row.verdict,
            "reason": row.reason,
            **({"passed": sum(row.repeats), "of": len(row.repeats)} if row.repeats else {}),
            **({"doubtful": row.doubtful} if row.doubtful else {}),
        }
        for row in run.rows
    ]
    counts = {verdict: sum(row.verdict == verdict for row in run.rows) for verdict in ("passed", "failed", "not run")}
    changes = (
        [{"id": each.id, "kind": each.kind} for each in run.comparison.changes] if run.comparison is not None else None
    )
    return {
        "tenant": run.tenant,
        **counts,
        "seconds": run.wall_seconds,
        "call_seconds": round(sum(row.call_seconds for row in run.rows), 1),
        "report": str(page),
        **({"changes": changes} if changes is not None else {}),
        **({"ways": dataclasses.asdict(run.ways)} if run.ways else {}),
        **({"dialplan": dataclasses.asdict(run.dialplan)} if run.dialplan else {}),
        "rows": rows,
    }


def tell_interrupted(done: int, count: int, page: Path) -> None:
    """What became of a run that was stopped."""
    typer.echo(f"{done} of {count} rows were played; report: {page}", err=True)
