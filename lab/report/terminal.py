"""A run as a table for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from lab.evidence.text import visible
from lab.results import Verdict

if TYPE_CHECKING:
    from lab.results import RowResult, RunResult

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
    calls = sum(row.call_seconds for row in run.rows)
    return text.append(f"{calls:.0f} s of calls in {run.wall_seconds:.1f} s", "dim")
