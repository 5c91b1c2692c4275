"""The same rows played several times: what came out, and what is a flake."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from lab.results import RowResult, Verdict


def together(runs: Sequence[Sequence[RowResult]]) -> list[RowResult]:
    """One result for each row: its first failure, else its first run, with how each time ended.

    No flake is hidden: a row that failed once has failed.
    """
    if len(runs) == 1:
        return list(runs[0])
    return [_one(results) for results in zip(*runs, strict=True)]


def _one(results: Sequence[RowResult]) -> RowResult:
    bad = [result for result in results if result.verdict is not Verdict.PASSED]
    # A row that failed tells more than one that was not run; of runs that passed only the first is kept.
    shown = next((result for result in bad if result.verdict is Verdict.FAILED), bad[0] if bad else results[0])
    return replace(shown, repeats=tuple(result.verdict is Verdict.PASSED for result in results))


def flakes(rows: Iterable[RowResult]) -> list[RowResult]:
    """The rows that passed at least once, but not each time."""
    return [row for row in rows if any(row.repeats) and not all(row.repeats)]
