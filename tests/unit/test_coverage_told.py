"""What is said at the end of a run about the ways and lines it went through."""

from __future__ import annotations

from lab.report.terminal import coverage
from lab.results import LinesRun, WaysTravelled

WAYS = WaysTravelled(ways=10, travelled=9, alike=3, missing=("queue:ventas full",))


def test_ways_lines_and_what_is_missing_are_told() -> None:
    told = str(coverage(WAYS, LinesRun(lines=8, run=4, missing=("x",) * 4)))
    assert "9 of 10 ways of the call flow (90.0 %), 3 of them by rows that stand for others" in told
    assert "4 of 8 lines of the dialplan (50.0 %)" in told
    assert "no row travels queue:ventas full" in told


def test_where_nothing_is_known_nothing_is_said() -> None:
    assert coverage(None) is None
