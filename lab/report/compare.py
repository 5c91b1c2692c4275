"""A run beside an earlier one: what has changed, in words of both languages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from lab.report.explain import explanation
from lab.results import Change, Comparison, Verdict, Words

if TYPE_CHECKING:
    from lab.results import RowResult, RunResult

KINDS: Final = {
    "red": ("✗", Words("dejó de pasar", "newly red")),
    "green": ("✓", Words("ahora pasa", "newly green")),
    "new": ("+", Words("nueva", "new")),
    "gone": ("−", Words("ya no está", "gone")),
    "slower": ("◷", Words("más lenta", "slower")),
}
"""Sign and name of each kind of change, in the order in which they are told."""

SLOWER: Final = 1.5
"""So many times as long as before a call must take to be called slower, and ..."""
SLOWER_SECONDS: Final = 5.0
"""... so many seconds of PBX time longer: at ten times the speed the machine's moods are in it tenfold."""


def compare(run: RunResult, earlier: RunResult) -> Comparison:
    """What is not as it was. Rows that were not chosen for one of the runs are neither new nor gone."""
    changes = {change.id + change.kind: change for change in _changes(run, earlier)}
    ordered = sorted(changes.values(), key=lambda change: list(KINDS).index(change.kind))
    return Comparison(started=earlier.started, rows=len(earlier.rows), changes=tuple(ordered))


def _changes(run: RunResult, earlier: RunResult) -> Iterator[Change]:
    before = {row.row.id: row for row in earlier.rows}
    after = {row.row.id: row for row in run.rows}
    for name, row in after.items():
        if name in before:
            yield from _changed(row, before[name])
        elif not earlier.selection:
            yield Change(name, "new", row.row.objective)
    for name, row in before.items():
        if name not in after and not run.selection:
            yield Change(name, "gone", row.row.objective)


def _changed(row: RowResult, before: RowResult) -> Iterator[Change]:
    passed, passed_before = (each.verdict is Verdict.PASSED for each in (row, before))
    if passed_before and not passed:
        yield Change(row.row.id, "red", explanation(row))
    elif passed and not passed_before:
        was = explanation(before)
        yield Change(row.row.id, "green", Words(f"Antes: {was.es}", f"Before: {was.en}"))
    elif passed and row.call_seconds > max(SLOWER * before.call_seconds, before.call_seconds + SLOWER_SECONDS):
        took = f"{before.call_seconds:.1f} s → {row.call_seconds:.1f} s"
        yield Change(row.row.id, "slower", Words(took, took))
