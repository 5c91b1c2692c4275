"""Time as a parameter: the same call at two speeds, and the edges of a schedule to the minute."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import Final

import pytest

from lab.matrix import calls
from lab.matrix.writing import text
from lab.plan import Plan
from lab.results import RowResult, Verdict, Words
from lab.runner import run
from lab.scenario import Scenario

pytestmark = pytest.mark.engine

SAMPLE: Final = ("internal-call", "forward-204-always", "ivr-principal-key-0", "class-nacional-local", "emergency-911")
"""Short rows of several kinds."""
EDGES: Final = {
    "2026-03-02T08:59": "closed",
    "2026-03-02T09:00": "open",
    "2026-03-02T12:59": "open",
    "2026-03-02T13:00": "closed",
    "2026-03-02T17:59": "open",
    "2026-03-02T18:00": "closed",
    "2026-02-28T23:59": "closed",
    "2026-12-24T10:00": "holiday",
    "2027-12-24T10:00": "open",
}
"""The office opens Monday to Friday from 9 to 13 and from 14 to 18; the 24th of December 2026 alone is a holiday."""


async def _results(plan: Plan, rows: list[Scenario]) -> dict[str, RowResult]:
    plan.folder.mkdir(exist_ok=True)
    return {result.row.id: result for result in (await run(plan, rows)).rows}


def test_real_time_and_ten_times_as_fast_agree(plan: Plan) -> None:
    rows = [row for row in calls(plan.site.tenants["andina"]) if row.text.id in SAMPLE]
    assert len(rows) == len(SAMPLE)

    async def both() -> list[dict[str, RowResult]]:
        plans = (replace(plan, speed=speed, folder=plan.folder / f"x{speed}") for speed in (1, 10))
        return [await _results(each, rows) for each in plans]

    slow, fast = asyncio.run(both())
    for row in SAMPLE:
        one, other = slow[row], fast[row]
        assert (one.speed, other.speed) == (1, 10)
        assert (one.verdict, one.reason) == (other.verdict, other.reason) == (Verdict.PASSED, "")
        assert one.journey == other.journey
        assert [(each.subject, each.expected) for each in one.checks] == [
            (each.subject, each.expected) for each in other.checks
        ]
        assert {each.what for leg in one.recordings for each in leg.heard if each.what != "silence"} == {
            each.what for leg in other.recordings for each in leg.heard if each.what != "silence"
        }


@pytest.fixture(scope="module")
def at_the_edges(plan: Plan) -> dict[str, RowResult]:
    """The main number called at each of the moments."""
    scope = plan.site.tenants["andina"]
    template = next(row for row in calls(scope) if row.text.id == "ivr-principal-key-hash")
    rows = [
        Scenario(
            text(moment, "IVR-1", Words(moment, moment)),
            scope,
            template.caller,
            template.dialled,
            datetime.fromisoformat(moment).replace(tzinfo=scope.timezone),
            caller_number=f"+549116000{number:04d}",
            presses=("#",) if state == "open" else (),
        )
        for number, (moment, state) in enumerate(EDGES.items())
    ]
    # Not faster: the call must be over before the minute is, however long a busy machine takes to boot.
    return asyncio.run(_results(replace(plan, speed=3, folder=plan.folder / "edges"), rows))


@pytest.mark.parametrize("moment", EDGES)
def test_a_schedule_changes_at_its_minute(at_the_edges: dict[str, RowResult], moment: str) -> None:
    result = at_the_edges[moment]
    assert f"{result.verdict}: {result.reason}" == "passed: "
    place = {"open": "ivr:principal", "closed": "ivr:nocturno", "holiday": "announcement:feriado"}[EDGES[moment]]
    assert result.journey[-1] == place
