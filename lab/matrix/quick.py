"""The quick matrix, for a demonstration: the fewest rows that still show everything once.

Left out is a row of which everything is shown by others as well: the ways of the call flow that it travels, the
requirement in its phase, and the sort of test: of attacks each is one. Rows of ``poc/TENANT.yaml`` are never left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Sequence
from functools import partial

from lab.matrix.coverage import Edge, covered, travelled
from lab.playing import Row
from lab.scenario import Scenario
from pbx.site import TenantScope


def quick(scope: TenantScope, rows: Sequence[Row]) -> frozenset[str]:
    """The ids of the rows that are enough; the longest are left out first."""
    ways = covered(scope, rows).edges
    shown = {row.text.id: _shown(row, ways) for row in rows}
    times = Counter(each for everything in shown.values() for each in everything)
    for row in sorted(rows, key=lambda each: -each.expected_seconds):
        if all(times[each] > 1 for each in shown[row.text.id]):
            times.subtract(shown.pop(row.text.id))
    return frozenset(shown)


def _shown(row: Row, ways: Collection[Edge]) -> set[Hashable]:
    text = row.text
    found: set[Hashable] = {("requirement", text.requirement, text.phase)}
    if isinstance(row, Scenario):
        own = row.scope.poc.rows if row.scope.poc else {}
        travels = {way for each in (row, *row.alike) for way in travelled(each)}
        return found | (travels & set(ways)) | ({text.id} if text.id in own else set())
    play = row.play.func if isinstance(row.play, partial) else row.play
    return found | {(text.requirement, play)}
