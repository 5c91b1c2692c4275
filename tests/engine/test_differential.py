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
from lab.differential.call import scenario
from lab.differential.play import Played
from lab.differential.run import Outcome, Setting, run
from lab.engine import Installation
from pbx.output import cache_folder

pytestmark = pytest.mark.engine

CALLS = 500
SEED = 1
FEW = 10


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
    """Every schedule is open when it should be closed: calls go elsewhere, and a site of a few lines shows it."""
    broken = replace(setting, alter=sabotage("(closed),Return(closed)", "(closed),Return(open)"), repeated=1)
    outcome = made(broken, _seed_with_a_closed_schedule(), FEW)
    found = [each for each in outcome.disagreements if each.smallest]
    assert len(found) == 1
    assert found[0].smallest is not None
    assert found[0].witness is not None
    exits = next(each for each in found[0].witness.differences if each.what == "exits")
    assert "closed" in exits.expected
    assert "open" in exits.observed
    assert "schedules" in found[0].smallest.tree
    assert len(str(found[0].smallest.tree)) < len(str(found[0].tree)) / 2


def _seed_with_a_closed_schedule() -> int:
    """The first seed of which one call or two are foretold to find a schedule closed by its hours."""
    for seed in range(100):
        (batch,) = Generator(seed, FEW)
        rows = [scenario(call, batch.site.tenants[call.tenant], batch.at) for call in batch.calls]
        closed = [
            row for row in rows if any(step.exit == "closed" for step in row.forecast.steps) and not row.overrides
        ]
        if len(closed) in {1, 2}:
            return seed
    raise AssertionError("no seed has closed schedules")
