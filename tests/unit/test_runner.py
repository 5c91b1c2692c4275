"""What the runner makes of rows that were hardly heard."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from lab import runner
from lab.lanes import Pbx
from lab.playing import Row, Waiting
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


@dataclass(frozen=True)
class _Played:
    row: Any
    held_up: float = 0.0


class _Laboratory:
    """Rows that have been played once on one stage; ``again`` tells what is heard the second time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, again: str = "", usable: bool = True) -> None:
        self.failing = {"unheard": ["by ear"], "wrong": ["by eye"]}
        self.again = again
        self.usable = usable
        self.told: list[str] = []
        self.played: list[tuple[str, bool]] = []
        for name in ("judge", "play"):
            monkeypatch.setattr(runner, name, getattr(self, name))
        monkeypatch.setattr(runner, "_on_all_stages", self.stages)

    async def stages(self, shared: Any, rows: Sequence[Row]) -> dict[str, RowResult]:  # noqa: ANN401 - the runner's own
        """Judge what has been played, while a call of another stage goes on for a moment."""
        stage = SimpleNamespace(usable=self.usable)
        judging = [asyncio.create_task(runner._judged(shared, cast("Any", _Played(row)))) for row in rows]  # noqa: SLF001

        async def elsewhere(_row: object) -> Any:  # noqa: ANN401
            await asyncio.gather(*judging)
            self.others = 1
            await asyncio.sleep(0.01)
            self.others = 0
            return SimpleNamespace(pace=1.0)

        other = Pbx[Any](
            [Waiting(cast("Any", SimpleNamespace(touched=set(), shares=set())), 0)], elsewhere, lambda: True
        )
        calls = asyncio.create_task(anext(shared.lanes.played(other)))
        await asyncio.sleep(0)
        sure = asyncio.gather(*(runner._sure(shared, cast("Any", stage), each) for each in judging))  # noqa: SLF001
        await calls
        return {row.text.id: each for (_, each), row in zip(await sure, rows, strict=True)}

    async def play(self, _stage: object, _plan: object, row: Any, *, again: bool) -> _Played:  # noqa: ANN401
        """The second time; whether it is alone then is noted."""
        assert again
        self.played.append((row.text.id, not self.others))
        if self.again == "stopped":
            raise KeyboardInterrupt
        self.failing = {"wrong": ["by eye"]} | ({"unheard": ["by ear"]} if self.again == "unheard" else {})
        return _Played(row)

    async def judge(self, played: _Played, *_: object) -> RowResult:
        """As `lab.judge.judge`."""
        return result(played.row.text.id, *self.failing.get(played.row.text.id, []))

    def run(self) -> list[RowResult]:
        """All rows."""
        rows = [cast("Any", row) for row in (_Row("fine"), _Row("unheard"), _Row("wrong"))]
        return asyncio.run(runner.run(cast("Any", _Plan()), rows, lambda each: self.told.append(each.row.id))).rows


@pytest.mark.parametrize("again", ["heard", "unheard"])
def test_a_row_that_was_doubtful_is_played_again_alone_and_told_once(
    monkeypatch: pytest.MonkeyPatch, again: str
) -> None:
    laboratory = _Laboratory(monkeypatch, again=again)
    found = laboratory.run()
    assert laboratory.played == [("unheard", True)]
    assert laboratory.told == ["fine", "wrong", "unheard"]
    expected = [Verdict.PASSED, Verdict.PASSED if again == "heard" else Verdict.FAILED, Verdict.FAILED]
    assert [each.verdict for each in found] == expected
    assert [each.doubtful for each in found] == ["", "1 s, got 0 s", ""]


def test_on_a_pbx_that_has_died_nothing_is_played_again_and_everything_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    laboratory = _Laboratory(monkeypatch, usable=False)
    assert [each.verdict for each in laboratory.run()] == [Verdict.PASSED, Verdict.FAILED, Verdict.FAILED]
    assert (laboratory.played, laboratory.told) == ([], ["fine", "wrong", "unheard"])


def test_a_row_in_doubt_is_told_also_when_the_run_ends_before_it_is_played_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    laboratory = _Laboratory(monkeypatch, again="stopped")
    with pytest.raises(KeyboardInterrupt):
        laboratory.run()
    assert laboratory.told == ["fine", "wrong", "unheard"]


class _Row:
    tenant = "uno"

    def __init__(self, name: str) -> None:
        self.text = RowText(name, "EXT-1", 1, Words("", ""), (), ())


class _Plan:
    registrations: tuple[str, tuple[str, ...]] = ("", ())
    jobs = 0
    fail_fast = False
    prompts: Mapping[str, Mapping[str, Path]] = {"uno": {}}
    name = "site"
