"""What the runner makes of rows that were hardly heard."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

import pytest

from lab import runner
from lab.playing import Row
from lab.pulse import BEAT, Pulse
from lab.results import Check, RowResult, RowText, Verdict, Words


def result(name: str, *failed: str, speed: int = 10) -> RowResult:
    """A row with a check for each of ``failed``: one by ear, or another."""
    checks = tuple(Check("phone", Words("", ""), "1 s", "0 s", passed=False, by_ear=how == "by ear") for how in failed)
    text = RowText(name, "EXT-1", 1, Words("", ""), (), ())
    verdict, reason = (Verdict.FAILED, "1 s, got 0 s") if failed else (Verdict.PASSED, "")
    return RowResult(text, verdict, reason, "", speed, 1.0, 10.0, checks=checks)


def test_only_what_was_not_heard_or_came_late_at_a_high_speed_may_be_the_machines_fault() -> None:
    assert runner.doubtful(result("a", "by ear", "by ear"))
    assert not runner.doubtful(result("a", "by ear", "by eye"))
    assert not runner.doubtful(result("a", "by ear", speed=1))
    assert not runner.doubtful(result("a"))
    assert runner.doubtful(replace(result("a", "by eye"), held_up=0.3))
    assert not runner.doubtful(replace(result("a", "by eye"), held_up=0.1))
    assert not runner.doubtful(replace(result("a"), held_up=0.3))


@pytest.mark.asyncio
async def test_the_pulse_tells_by_how_much_the_lab_was_late() -> None:
    pulse = Pulse()
    async with pulse.beating():
        await asyncio.sleep(2 * BEAT)
        began = time.monotonic()
        time.sleep(0.3)  # noqa: ASYNC251 - this is what is to be noticed
        await asyncio.sleep(2 * BEAT)
        assert 0.2 < pulse.held_up(began) < 1
        assert pulse.held_up(time.monotonic()) == 0


@pytest.mark.asyncio
@pytest.mark.parametrize("heard", [True, False])
async def test_a_row_that_was_doubtful_is_played_again_alone_and_told_once(
    monkeypatch: pytest.MonkeyPatch, heard: bool
) -> None:
    played: list[tuple[list[str], bool, float]] = []
    told: list[str] = []

    async def stages(shared: Any, rows: Sequence[Row]) -> dict[str, RowResult]:  # noqa: ANN401 - the runner's own
        names = [row.text.id for row in rows]
        played.append((names, shared.again, shared.lanes.allowed))
        second = [result(name, *([] if heard else ["by ear"])) for name in names]
        first = [result(name, *{1: ["by ear"], 2: ["by eye"]}.get(number, [])) for number, name in enumerate(names)]
        results = second if shared.again else first
        for each in results:
            shared.tell(each)
        return {each.row.id: each for each in results}

    monkeypatch.setattr(runner, "_on_all_stages", stages)
    rows = [cast("Any", row) for row in (_Row("fine"), _Row("unheard"), _Row("wrong"))]
    plan = cast("Any", _Plan())
    outcome = await runner.run(plan, rows, lambda each: told.append(each.row.id))
    assert played[0][:2] == (["fine", "unheard", "wrong"], False)
    assert played[1:] == [(["unheard"], True, 1)]
    assert told == ["fine", "wrong", "unheard"]
    verdicts = [each.verdict for each in outcome.rows]
    assert verdicts == [Verdict.PASSED, Verdict.PASSED if heard else Verdict.FAILED, Verdict.FAILED]
    assert [each.doubtful for each in outcome.rows] == ["", "1 s, got 0 s", ""]


@pytest.mark.asyncio
async def test_a_row_in_doubt_is_told_also_when_the_run_ends_before_it_is_played_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[str] = []

    async def stages(shared: Any, rows: Sequence[Row]) -> dict[str, RowResult]:  # noqa: ANN401 - the runner's own
        if shared.again:
            raise KeyboardInterrupt
        first = [result(row.text.id, "by ear") for row in rows]
        for each in first:
            shared.tell(each)
        return {each.row.id: each for each in first}

    monkeypatch.setattr(runner, "_on_all_stages", stages)
    with pytest.raises(KeyboardInterrupt):
        await runner.run(cast("Any", _Plan()), [cast("Any", _Row("unheard"))], lambda each: told.append(each.row.id))
    assert told == ["unheard"]


class _Row:
    def __init__(self, name: str) -> None:
        self.text = RowText(name, "EXT-1", 1, Words("", ""), (), ())


class _Plan:
    registrations: tuple[str, tuple[str, ...]] = ("", ())
    jobs = 0
    fail_fast = False
