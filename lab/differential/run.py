"""The whole proof: batches are generated and played, a few at a time; what disagrees is repeated alone, and shrunk."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Final

from lab.differential import sites
from lab.differential.batches import Batch, Generator
from lab.differential.coverage import Coverage
from lab.differential.play import BrokenError, Played, play
from lab.differential.shrink import Case, shrink
from lab.differential.tenants import Tree
from lab.engine import Installation
from lab.plan import Plan
from lab.preparation import prepare
from lab.process import be_modest
from pbx.diagnostics import Diagnostic

SHRUNK: Final = 3
"""Of those, how many are shrunk."""
RUNS: Final = 16
"""Calls that shrinking one disagreement may take."""
AHEAD: Final = timedelta(seconds=30)
"""How long before its call the PBX of a repetition starts, in PBX time."""

SPEEDS: Final = ((2.5, 10), (4.5, 6), (8.0, 4))
"""How many times faster than real time, up to a load of the machine (runnable processes for each processor)."""
SLOWEST: Final = 2
Alter = Callable[[Mapping[str, str]], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Setting:
    """Where and with what calls are played."""

    installation: Installation
    folder: Path
    """Where sites, configurations and logs are kept while it runs."""
    cache: Path
    repeated: int = 8
    """Disagreements that are repeated alone; more have one cause or a few."""
    jobs: int = 2
    """PBXs at once."""
    alter: Alter = dict
    """What is done to the compiled files: nothing, unless somebody wants to see disagreements."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A call that did not go as foretold."""

    played: Played
    tree: Tree
    """Its tenant."""
    smallest: Case | None = None
    """The smallest site and call that still disagree; None when it agreed as soon as it was alone."""
    witness: Played | None = None
    """The smallest call as it went."""


@dataclass(slots=True)
class Outcome:
    """What a run has found."""

    coverage: Coverage = field(default_factory=Coverage)
    """What really was travelled: the calls that went as foretold."""
    made: int = 0
    disagreements: list[Disagreement] = field(default_factory=list)
    unsteady: list[Disagreement] = field(default_factory=list)
    """Calls that disagreed once, among others, and agreed when they were repeated alone."""
    log: list[str] = field(default_factory=list)
    """Lines of the PBXs' logs that nobody expects."""
    thrown_away: int = 0


class UnpreparedError(Exception):
    """A generated site cannot be compiled into a lab: its problems."""

    def __init__(self, problems: list[Diagnostic]) -> None:
        """``problems`` as the compiler tells them."""
        super().__init__("; ".join(f"{each.code} {each.message}" for each in problems))


async def run(setting: Setting, seed: int, count: int, told: Callable[[Played], None]) -> Outcome:
    """Make ``count`` calls from a seed. Raises what engines raise, :class:`BrokenError`, :class:`UnpreparedError`."""
    be_modest()
    generator, outcome = Generator(seed, count), Outcome()
    batches, gate, turn = iter(generator), asyncio.Lock(), asyncio.Lock()
    disagreed: list[tuple[Played, Batch]] = []

    async def stage() -> None:
        while True:
            async with turn:  # a generator runs in one thread at a time
                batch = await asyncio.to_thread(next, batches, None)
            if batch is None:
                return
            plan = await asyncio.to_thread(_prepared, setting, batch.name, batch.trees)

            def heard(played: Played, batch: Batch = batch) -> None:
                outcome.made += 1
                if played.agrees:
                    outcome.coverage.add(played.row.scope, played.row.forecast)
                else:
                    disagreed.append((played, batch))
                told(played)

            outcome.log += await play(plan, batch.at, batch.calls, "stage", heard, gate)

    async with asyncio.TaskGroup() as tasks:
        for _ in range(setting.jobs):
            tasks.create_task(stage())
    outcome.thrown_away = generator.thrown_away
    for number, (played, batch) in enumerate(disagreed):
        found = await _examined(setting, played, batch, number, shrunk=len(outcome.disagreements) < SHRUNK)
        (outcome.disagreements if found.smallest or number >= setting.repeated else outcome.unsteady).append(found)
    return outcome


async def _examined(setting: Setting, played: Played, batch: Batch, number: int, *, shrunk: bool) -> Disagreement:
    """Repeat a disagreement alone, and shrink it."""
    tree = next(each for each in batch.trees if each["tenant"] == played.call.tenant)
    case = Case(tree, played.call, played.placed)
    if number >= setting.repeated:
        return Disagreement(played, tree)
    runs = (f"again-{number}-{index}" for index in range(10 * RUNS))
    seen: dict[int, Played] = {}

    async def disagrees(tried: Case) -> bool:
        again = await repeat(setting, tried, next(runs))
        if again is not None and _alike(again, played):
            seen[id(tried)] = again
        return id(tried) in seen

    if not await disagrees(case):
        return Disagreement(played, tree)
    smallest = await shrink(case, disagrees, RUNS) if shrunk else case
    return Disagreement(played, tree, smallest, seen[id(smallest)])


def _alike(one: Played, other: Played) -> bool:
    """Whether two calls differ from their forecasts in the same thing, and not by a mistake of the lab."""
    what, same = ({each.what for each in played.differences} for played in (one, other))
    return bool(what & same) or (not same and not one.agrees and not one.failure.startswith("PBX900"))


async def repeat(setting: Setting, case: Case, name: str) -> Played | None:
    """Make one call alone, at the moment at which it was made; None when the PBX did not survive it."""
    plan = await asyncio.to_thread(_prepared, setting, name, (case.tree,))
    found: list[Played] = []
    try:
        await play(plan, case.at - AHEAD, [case.call], "stage", found.append, asyncio.Lock())
    except BrokenError:
        return None
    return found[0]


def speed() -> int:
    """How many times faster than real time this machine can play calls now: what others do on it counts."""
    load = os.getloadavg()[0] / (os.cpu_count() or 1)
    return next((each for most, each in SPEEDS if load <= most), SLOWEST)


def _prepared(setting: Setting, name: str, trees: tuple[Tree, ...]) -> Plan:
    folder = setting.folder / name
    sites.write(folder / "site", trees)
    site, problems = sites.load_trees(trees)
    if site is None:
        raise UnpreparedError(problems)
    prepared = prepare(site, folder / "site", setting.installation, folder, setting.cache, speed())
    if prepared.plan is None:
        raise UnpreparedError(prepared.problems)
    return replace(prepared.plan, alter=setting.alter)
