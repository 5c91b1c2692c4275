"""Why a row did not reach its goal, in the customer's language; :attr:`RowResult.reason` is the engineer's English."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.reasons import telling
from lab.results import Check, Verdict, Words

if TYPE_CHECKING:
    from lab.results import RowResult


def explanation(row: RowResult) -> Words:
    """One or two sentences; empty for a row that passed each time."""
    if row.verdict is Verdict.PASSED:
        return Words("", "")
    failed = [check for check in row.checks if not check.passed]
    told = _compared(failed) if failed and row.verdict is Verdict.FAILED else Words(row.reason, row.reason)
    if not row.repeats:
        return told
    passed, count = sum(row.repeats), len(row.repeats)
    return Words(
        f"{told.es} Pasó {passed} de {count} veces.".strip(), f"{told.en} It passed {passed} of {count} times.".strip()
    )


def _compared(failed: list[Check]) -> Words:
    first, more = telling(failed), len(failed) - 1
    others = (f" (y {more} más)", f" (and {more} more)") if more else ("", "")
    return Words(
        f"{first.subject.es}: se esperaba {first.expected}; se observó {first.observed}{others[0]}.",
        f"{first.subject.en}: expected {first.expected}; observed {first.observed}{others[1]}.",
    )
