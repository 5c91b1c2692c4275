"""``pbx lab differential``: generated calls, foretold and made."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from lab.cli.run import provision, stop_as_by_keyboard
from lab.scratch import scratch
from pbx.cli.console import TextOrJson, console, fail

if TYPE_CHECKING:
    from lab.differential.coverage import Coverage
    from lab.differential.play import Played
    from lab.differential.run import Disagreement, Outcome


def prove(
    *,
    calls: int,
    seed: int,
    jobs: int,
    keep: Path,
    engine: str,
    format: TextOrJson,  # noqa: A002
) -> NoReturn:
    """The whole command; leaves with its exit code."""
    from lab.addresses import NoAddressError
    from lab.differential.play import BrokenError
    from lab.differential.run import Setting, UnpreparedError, run
    from lab.engine import EngineError
    from pbx.output import cache_folder

    stop_as_by_keyboard()
    folder = scratch("pbx-differential-")
    began = time.monotonic()
    try:
        setting = Setting(provision(engine), folder, cache_folder(os.environ), jobs)
        with _progress(calls) as told:
            outcome = asyncio.run(run(setting, seed, calls, told))
    except* (EngineError, NoAddressError, BrokenError, UnpreparedError) as group:
        error = group.exceptions[0]
        fail(getattr(error, "problem", str(error)), getattr(error, "cure", ""), "PBX801")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    kept = {id(each): _kept(each, keep, number) for number, each in enumerate(outcome.disagreements, 1)}
    told_seconds = time.monotonic() - began
    if format is TextOrJson.JSON:
        typer.echo(json.dumps(_record(outcome, kept, seed, told_seconds), indent=2, ensure_ascii=True))
    else:
        _tell(outcome, kept, seed, told_seconds)
    raise typer.Exit(1 if outcome.disagreements or outcome.unsteady else 0)


@contextlib.contextmanager
def _progress(count: int) -> Iterator[Callable[[Played], None]]:
    """A bar on a terminal; elsewhere only what disagrees is told, as it happens."""
    screen = console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[disagree]}"),
    )
    bar = Progress(*columns, console=screen, transient=True) if screen.is_terminal else None
    with bar or contextlib.nullcontext():
        task = bar.add_task("calling", total=count, disagree="") if bar else None
        disagree = 0

        def told(played: Played) -> None:
            nonlocal disagree
            if not played.agrees:
                disagree += 1
                screen.print(f"disagrees: {_command(played, 'SITE')}", soft_wrap=True, markup=False)
                for line in _reasons(played):
                    screen.print(f"  {line}", soft_wrap=True, markup=False)
            if bar and task is not None:
                bar.update(task, advance=1, disagree=f"{disagree} disagree" if disagree else "")

        yield told


def _command(played: Played, site: str) -> str:
    return played.row.trace_command(site)


def _reasons(played: Played) -> list[str]:
    return [*map(str, played.differences), *([played.failure] if played.failure else [])]


def _kept(found: Disagreement, keep: Path, number: int) -> str:
    """Write the smallest site that shows a disagreement, and answer its folder."""
    from lab.differential import sites

    folder = keep / f"disagreement-{number}"
    try:
        shutil.rmtree(folder, ignore_errors=True)
        sites.write(folder, [found.smallest.tree if found.smallest else found.tree])
    except OSError as error:
        fail(f"the site cannot be written to {folder}: {error.strerror}", "name another folder with --keep", "PBX802")
    return str(folder)


def _record(outcome: Outcome, kept: dict[int, str], seed: int, seconds: float) -> dict[str, Any]:
    return {
        "calls": outcome.made,
        "seed": seed,
        "seconds": round(seconds, 1),
        "disagreements": [_told(each, kept[id(each)]) for each in outcome.disagreements],
        "unsteady": [_told(each, "SITE") for each in outcome.unsteady],
        "log": outcome.log,
        "tenants_thrown_away": outcome.thrown_away,
        "coverage": outcome.coverage.table(),
        "not_covered": [f"{kind} {each}" for kind, each in outcome.coverage.missing],
    }


def _told(found: Disagreement, site: str) -> dict[str, Any]:
    played = found.witness or found.played
    return {
        "site": site,
        "command": _command(played, site),
        "call": found.played.call.name,
        "foretold": [f"{step.node} {step.exit}" for step in played.row.forecast.steps],
        "end": played.row.forecast.end,
        "differences": _reasons(played),
    }


def _tell(outcome: Outcome, kept: dict[int, str], seed: int, seconds: float) -> None:
    from lab.differential import sites

    screen = console()
    screen.print(_table(outcome.coverage))
    for found in outcome.disagreements:
        told = _told(found, kept[id(found)])
        screen.print(Text(f"\n✗ {told['command']}", style="bold red"), soft_wrap=True)
        for line in told["differences"]:
            screen.print(Text(f"  {line}"), soft_wrap=True)
        if found.smallest and found.smallest.tree != found.tree:
            screen.print(Text(sites.text(found.smallest.tree), style="dim"), soft_wrap=True)
    for found in outcome.unsteady:
        screen.print(Text(f"\n? {_command(found.played, 'SITE')}", style="bold yellow"), soft_wrap=True)
        for line in [*_reasons(found.played), "it went as foretold when it was repeated alone"]:
            screen.print(Text(f"  {line}"), soft_wrap=True)
    for line in outcome.log:
        screen.print(Text(f"log: {line}", style="yellow"), soft_wrap=True)
    words = (
        f"{outcome.made} calls from seed {seed} in {seconds:.0f} s ({outcome.made / seconds:.1f} a second)",
        f"{len(outcome.disagreements)} disagree",
        *([f"{len(outcome.unsteady)} disagreed once"] if outcome.unsteady else []),
        f"{len(outcome.coverage.missing)} exits not covered",
        *([f"{outcome.thrown_away} tenants with errors thrown away"] if outcome.thrown_away else []),
    )
    screen.print(Text(", ".join(words), style="red" if outcome.disagreements or outcome.unsteady else "green"))


def _table(coverage: Coverage) -> Table:
    """Kinds and their exits with how often each was taken; what was not is red."""
    table = Table("kind", "exits taken by calls that went as foretold")
    for kind, exits in coverage.table().items():
        cells = Text()
        for name, count in exits.items():
            cells.append(f"{name} {count}", style="" if count else "bold red")
            cells.append("  ")
        table.add_row(kind, cells)
    return table
