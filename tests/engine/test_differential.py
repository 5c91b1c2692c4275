"""Calls that nobody wrote, on real Asterisk: all as foretold; a sabotaged exit is found and shrunk."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from lab.differential.batches import Generator
from lab.differential.calls import scenario
from lab.differential.play import Played
from lab.differential.run import Outcome, Setting, run
from lab.engine import Installation
from pbx.output import cache_folder

pytestmark = pytest.mark.engine

CALLS = 500
SEED = 1


@pytest.fixture
def setting(installation: Installation) -> Iterator[Setting]:
    """A folder of its own, whose name is short enough for Asterisk's control socket."""
    with tempfile.TemporaryDirectory(prefix="pbx-differential-") as folder:
        yield Setting(installation, Path(folder), cache_folder(os.environ))


def made(setting: Setting, seed: int, count: int) -> Outcome:
    return asyncio.run(run(setting, seed, count, lambda _: None))


def told(played: Played) -> str:
    return "\n".join([played.row.trace_command("SITE"), *map(str, played.differences), played.failure])


def test_every_generated_call_goes_as_foretold(setting: Setting) -> None:
    """500 calls in less than four minutes on two processors that have nothing else to do."""
    outcome = made(setting, SEED, CALLS)
    assert [told(each.played) for each in (*outcome.disagreements, *outcome.unsteady)] == []
    assert outcome.log == []
    assert outcome.made == CALLS
    assert outcome.coverage.missing == []


def sabotage(before: str, after: str) -> Callable[[Mapping[str, str]], Mapping[str, str]]:
    """One text of all dialplans of tenants replaced by another."""

    def alter(files: Mapping[str, str]) -> Mapping[str, str]:
        return {
            name: text.replace(before, after) if name.endswith("/extensions.conf") else text
            for name, text in files.items()
        }

    return alter


def test_a_sabotaged_exit_is_found_and_shrunk_to_a_small_site(setting: Setting) -> None:
    """The busy exit of menus' timeouts: who presses no key is hung up on."""
    broken = replace(setting, alter=sabotage("(closed),Return(closed)", "(closed),Return(open)"))
    seed = _seed_with_calls_at_closed_schedules()
    outcome = made(broken, seed, 40)
    found = [each for each in outcome.disagreements if each.smallest]
    assert found
    assert all("schedule" in told(each.played) for each in found)
    for each in found[:1]:
        assert each.smallest is not None
        assert each.witness is not None
        assert any(
            difference.what == "exits" and "closed" in difference.expected and "open" in difference.observed
            for difference in each.witness.differences
        )
        assert "queues" not in each.smallest.tree or "queue:" in str(each.witness.row.forecast.nodes)
        assert len(str(each.smallest.tree)) < len(str(each.tree)) / 2


def _seed_with_calls_at_closed_schedules() -> int:
    """The first seed of which several calls are foretold to find a schedule closed."""
    for seed in range(50):
        (batch,) = Generator(seed, 40)
        rows = [scenario(call, batch.site.tenants[call.tenant], batch.at) for call in batch.calls]
        closed = [row for row in rows if any(step.exit == "closed" for step in row.forecast.steps)]
        if sum(not row.overrides for row in closed) >= 3:
            return seed
    raise AssertionError("no seed has closed schedules")
