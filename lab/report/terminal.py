"""A run as a table for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from lab.evidence.text import visible
from lab.report.compare import KINDS
from lab.report.repeats import flakes
from lab.report.words import date_words
from lab.results import Verdict

if TYPE_CHECKING:
    from lab.results import LinesRun, RowResult, RunResult, WaysTravelled

_MOST_CHANGES = 12
"""Changes of one kind that are listed before the rest is only counted."""

_MARKS = {
    Verdict.PASSED: ("✓ passed", "green"),
    Verdict.FAILED: ("✗ failed", "bold red"),
    Verdict.NOT_RUN: ("– not run", "yellow"),
}


def summary(run: RunResult) -> RenderableType:
    """Give the rows with their verdicts, why the failed ones failed beneath them, and the count.

    The words are the engineer's English; objectives are in the tenant's language.
    """
    table = Table(expand=False, pad_edge=False, title=Text(f"{visible(run.tenant_name)} · {visible(run.engine)}"))
    table.add_column("row", overflow="fold", ratio=2)
    table.add_column("for", no_wrap=True)
    table.add_column("objective", ratio=4, overflow="fold")
    table.add_column("verdict", no_wrap=True)
    table.add_column("s", justify="right", no_wrap=True)
    for row in run.rows:
        mark, style = _MARKS[row.verdict]
        table.add_row(
            Text(visible(row.row.id)),
            Text(visible(row.row.requirement)),
            _objective(row, run.language),
            Text(mark, style),
            f"{row.seconds:.1f}",
        )
    return Group(table, Padding(_count(run), (0, 0, 0, 1)))


def _objective(row: RowResult, language: str) -> Text:
    text = Text(visible(row.row.objective.in_language(language)))
    if row.reason:
        text.append(f"\n{visible(row.reason)}", _MARKS[row.verdict][1])
    return text


def _count(run: RunResult) -> Text:
    text = Text()
    for verdict, (mark, style) in _MARKS.items():
        count = sum(row.verdict is verdict for row in run.rows)
        if count or verdict is Verdict.PASSED:
            symbol, _, word = mark.partition(" ")
            text.append(f"{symbol} {count} {word}  ", style)
    return text


def coverage(ways: WaysTravelled | None, dialplan: LinesRun | None = None) -> Text | None:
    """How much of the call flow the rows travel, with the ways that none does, and of the dialplan in a run."""
    if ways is None:
        return None
    text = Text(f" {ways.travelled} of {ways.ways} ways of the call flow ({ways.percent:.1f} %)")
    if ways.alike:
        text.append(f", {ways.alike} of them by rows that stand for others", "dim")
    if dialplan is not None and dialplan.lines:
        part = 100 * dialplan.run / dialplan.lines
        text.append(f"; {dialplan.run} of {dialplan.lines} lines of the dialplan ({part:.1f} %)")
    for each in ways.missing:
        text.append(f"\n  no row travels {visible(each)}", "yellow")
    return text


def where_time_went(run: RunResult, wall: float | None = None) -> Text:
    """How long it took, how long the calls would have taken by hand, and where the time went.

    ``wall`` is the whole time with the report, when it is known.
    """
    calls = sum(row.call_seconds * max(1, len(row.repeats)) for row in run.rows)
    whole = wall or run.wall_seconds
    text = Text(f" {calls:.0f} s of calls in {whole:.1f} s: {calls / max(whole, 0.1):.0f} times as fast as by hand")
    if run.spent:
        parts = [
            f"prepare {run.spent.prepare:.1f} s",
            f"first boot {run.spent.boot:.1f} s",
            f"calls {run.spent.calls:.1f} s",
            f"judging {run.spent.judging:.1f} s",
            *([f"report {wall - run.wall_seconds:.1f} s"] if wall else []),
        ]
        text.append(f"\n {' · '.join(parts)} ({run.spent.boots} PBXs booted in {run.spent.boots_seconds:.1f} s)", "dim")
    return text


def unsteady(run: RunResult) -> Text | None:
    """The rows that passed some times and failed others, when rows were played more than once."""
    times = max((len(row.repeats) for row in run.rows), default=0)
    if not times:
        return None
    found = flakes(run.rows)
    if not found:
        return Text(f" No row changed its mind in {times} runs", "green")
    text = Text(f" {len(found)} of {len(run.rows)} rows changed their mind:", "bold red")
    for row in found:
        text.append(f"\n  {visible(row.row.id)}: passed {sum(row.repeats)} of {len(row.repeats)}", "red")
    return text


def played_twice(run: RunResult) -> Text | None:
    """The rows that were played twice, since the machine had no time the first time."""
    rows = [visible(row.row.id) for row in run.rows if row.doubtful]
    if not rows:
        return None
    return Text(f" Played twice, the second time alone, as the machine had no time: {', '.join(rows)}", "yellow")


def changes(run: RunResult) -> Text | None:
    """What is not as it was in the earlier run that it was compared with."""
    if run.comparison is None:
        return None
    since = date_words(run.comparison.started).en
    if not run.comparison.changes:
        return Text(f" Nothing changed since {visible(since)}", "dim")
    text = Text(f" Since {visible(since)}:")
    for kind, (sign, name) in KINDS.items():
        own = [change for change in run.comparison.changes if change.kind == kind]
        style = {"red": "bold red", "green": "green"}.get(kind, "")
        for change in own[:_MOST_CHANGES]:
            text.append(f"\n  {sign} {name.en}: {visible(change.id)}", style)
        if len(own) > _MOST_CHANGES:
            text.append(f"\n  {sign} {name.en}: {len(own) - _MOST_CHANGES} more", style)
    return text
