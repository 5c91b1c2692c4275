"""``pbx lab mutate``: break a compiled bundle on purpose, and see whether the matrix notices."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from lab.cli.neighbours import load_beside_others
from lab.cli.run import provision, stop_as_by_keyboard
from lab.scratch import scratch
from pbx.cli.console import TextOrJson, console, fail, show_problems

if TYPE_CHECKING:
    from lab.mutation.run import Score, Told
    from lab.mutation.trial import Tried

FELL_SHORT = 4
"""The exit code of a score below what was asked for."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The options, as they were given."""

    tenant: str
    sample: int
    seed: int
    at_least: float
    jobs: int
    speed: int
    engine: str
    format: TextOrJson


def mutate_tenant(site_path: Path, wanted: Wanted) -> NoReturn:
    """The whole command; leaves with its exit code."""
    site, documents = load_beside_others(site_path, wanted.tenant)
    from lab.addresses import NoAddressError
    from lab.engine import EngineError
    from lab.mutation.run import run
    from lab.preparation import prepare
    from pbx.output import cache_folder

    stop_as_by_keyboard()
    folder = scratch("pbx-mutate-")
    try:
        installation = provision(wanted.engine)
        prepared = prepare(site, site_path, installation, folder, cache_folder(os.environ), wanted.speed)
        if prepared.plan is None:
            show_problems(prepared.problems, documents, site_path)
            raise typer.Exit(1)
        hidden = tuple(prepared.plan.secrets.values())
        with _watching(wanted) as told:
            score = asyncio.run(run(prepared.plan, wanted.tenant, wanted.sample, wanted.seed, wanted.jobs, told))
    except* (EngineError, NoAddressError) as group:
        error = group.exceptions[0]
        fail(getattr(error, "problem", str(error)), getattr(error, "cure", ""), "PBX801")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if wanted.format is TextOrJson.JSON:
        typer.echo(_blanked(json.dumps(as_json(score), indent=2, ensure_ascii=False), hidden))
    else:
        _show(score, hidden)
    raise typer.Exit(0 if score.percent >= wanted.at_least else FELL_SHORT)


def _blanked(text: str, hidden: Sequence[str]) -> str:
    from pbx.secrets import blank

    return blank(text, hidden)


@contextlib.contextmanager
def _watching(wanted: Wanted) -> Iterator[Told]:
    """A bar on a terminal, elsewhere a line for each survivor; all on standard error."""
    from lab.mutation.run import Told
    from lab.mutation.trial import KILLED

    screen = console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    bar = Progress(*columns, console=screen, transient=True) if screen.is_terminal else None
    with bar or contextlib.nullcontext():
        rows = bar.add_task("rows as they are", total=None) if bar else None
        tried = bar.add_task("mutants", total=wanted.sample) if bar else None

        def row(_: str) -> None:
            if bar and rows is not None:
                bar.update(rows, advance=1)

        def mutant(each: Tried) -> None:
            if bar and tried is not None:
                bar.update(tried, advance=1)
            if each.fate not in KILLED and wanted.format is TextOrJson.TEXT:
                screen.print(f"{each.fate}: {each.mutant.place}: {each.mutant.meaning}", soft_wrap=True, markup=False)

        yield Told(row, mutant)


def as_json(score: Score) -> dict[str, Any]:
    """The score for scripts, with every mutant."""
    return {
        "tenant": score.tenant,
        "score": round(score.percent, 1),
        "killed": score.killed,
        "tried": len(score.tried),
        "mutants": score.mutants,
        "seed": score.seed,
        "seconds": round(score.seconds, 1),
        "baseline_seconds": round(score.baseline_seconds, 1),
        "boots": score.boots,
        "rows": len(score.baseline.green),
        "red_without_mutant": score.baseline.red,
        "fates": dict(sorted(Counter(str(each.fate) for each in score.tried).items())),
        "by_kind": _counts(score, _kind),
        "by_file": _counts(score, _file),
        "tried_mutants": [_one(each) for each in score.tried],
    }


def _one(tried: Tried) -> dict[str, Any]:
    mutant = tried.mutant
    return {
        "file": mutant.file,
        "line": mutant.line,
        "kind": mutant.kind,
        "old": mutant.old,
        "new": mutant.new,
        "meaning": mutant.meaning,
        "origin": mutant.origin,
        "fate": str(tried.fate),
        "by": tried.by,
        "reason": tried.reason,
        "rows": tried.rows,
        "wavering": tried.wavering,
        "seconds": tried.seconds,
    }


def _kind(tried: Tried) -> str:
    return tried.mutant.kind


def _file(tried: Tried) -> str:
    return tried.mutant.file


def _counts(score: Score, key: Callable[[Tried], str]) -> dict[str, dict[str, int]]:
    return {name: {"killed": killed, "tried": tried} for name, killed, tried in _by(score, key)}


def _by(score: Score, key: Callable[[Tried], str]) -> list[tuple[str, int, int]]:
    from lab.mutation.trial import KILLED

    tried = Counter(key(each) for each in score.tried)
    killed = Counter(key(each) for each in score.tried if each.fate in KILLED)
    return [(name, killed[name], count) for name, count in sorted(tried.items())]


def _show(score: Score, hidden: Sequence[str]) -> None:
    from lab.mutation.trial import KILLED, Fate

    screen = console()
    for title, key in (("kind of change", _kind), ("file", _file)):
        table = Table(title=None)
        table.add_column(title)
        table.add_column("killed", justify="right")
        table.add_column("of", justify="right")
        for name, killed, tried in _by(score, key):
            table.add_row(name, Text(str(killed), style="" if killed == tried else "yellow"), str(tried))
        screen.print(table)
    for each in score.tried:
        if each.fate not in KILLED:
            screen.print(Text(_blanked(_told(each), hidden)), soft_wrap=True)
    if score.baseline.red:
        names = ", ".join(sorted(score.baseline.red))
        screen.print(Text(f"not asked, since they are red without a mutant: {names}"), soft_wrap=True)
    fates = Counter(each.fate for each in score.tried)
    told = ", ".join(f"{fates[fate]} {fate}" for fate in Fate if fates[fate])
    screen.print(f"{score.killed} of {len(score.tried)} mutants killed ({score.percent:.1f} %): {told}", soft_wrap=True)
    screen.print(
        f"a sample (seed {score.seed}) of {score.mutants} mutants; {len(score.baseline.green)} rows; "
        f"{score.seconds:.0f} s, of which {score.baseline_seconds:.0f} s for the rows as they are; {score.boots} boots",
        soft_wrap=True,
    )


def _told(tried: Tried) -> str:
    """A survivor: where it is, what was changed, what it was made of, and who was asked."""
    mutant = tried.mutant
    changed = (
        f"- {mutant.old.strip()}\n    + {mutant.new.strip()}" if mutant.new is not None else f"- {mutant.old.strip()}"
    )
    lines = [f"{tried.fate}: {mutant.place} ({mutant.kind}): {mutant.meaning}", f"    {changed}"]
    lines += [f"    made of {mutant.origin}"] if mutant.origin else []
    lines += [f"    rows that ran: {', '.join(tried.rows)}"] if tried.rows else []
    lines += [f"    {tried.reason}"] if tried.reason else []
    return "\n".join(lines)
