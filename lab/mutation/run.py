"""Mutants of a tenant's bundle, tried side by side on PBXs of their own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from lab.addresses import reserve
from lab.events import NotHappenedError, StageError
from lab.handset import HungUpError
from lab.judge import Ears
from lab.matrix import derive
from lab.mutation.alone import House
from lab.mutation.baseline import Baseline, baseline, by_id
from lab.mutation.mutant import Mutant, mutated
from lab.mutation.sampling import mutants, sample
from lab.mutation.touching import asked, dialplan_of
from lab.mutation.trial import KILLED, Court, Fate, Tried, trial
from lab.plan import Plan
from lab.process import be_modest
from lab.registrations import row_ids
from lab.stage import AmiError
from lab.testbed import under_test
from pbx.bundle import Bundle
from pbx.render import compile_site
from pbx.verify import verify

JOBS: Final = 4
"""PBXs at once: most of the time of a row that turns red is a deadline that is waited for."""


@dataclass(slots=True)
class Score:
    """What came of a run."""

    tenant: str
    mutants: int
    """How many there are; the tried ones are a sample."""
    seed: int
    tried: list[Tried] = field(default_factory=list)
    baseline: Baseline = field(default_factory=Baseline)
    baseline_seconds: float = 0
    seconds: float = 0
    boots: int = 0

    @property
    def killed(self) -> int:
        """How many were found out."""
        return sum(each.fate in KILLED for each in self.tried)

    @property
    def percent(self) -> float:
        """The part that was found out; 100 when nothing was tried."""
        return 100 * self.killed / len(self.tried) if self.tried else 100.0


@dataclass(frozen=True, slots=True)
class Told:
    """Who hears of what goes on."""

    row: Callable[[str], None]
    """A row of the baseline is known."""
    mutant: Callable[[Tried], None]


def chosen(plan: Plan, tenant: str, count: int, seed: int) -> tuple[Bundle, tuple[Mutant, ...], tuple[Mutant, ...]]:
    """The bundle as the lab boots it, all its mutants, and the sample."""
    block = reserve(plan.locks)
    try:
        bundle = compile_site(under_test(plan.site, block, plan.site.platform.mail.command, plan.folder), plan.secrets)
    finally:
        block.release()
    every = mutants(bundle, tenant, frozenset(plan.site.tenants) - {tenant})
    return bundle, every, sample(every, count, seed)


async def run(plan: Plan, tenant: str, count: int, seed: int, jobs: int, told: Told) -> Score:
    """Try a sample of the mutants of a tenant's bundle."""
    be_modest()
    began = time.monotonic()
    asyncio.get_running_loop().set_exception_handler(_unless_given_up)
    bundle, every, these = chosen(plan, tenant, count, seed)
    score = Score(tenant, len(every), seed)
    scope = plan.site.tenants[tenant]
    rows = by_id(derive(scope, [each for name, each in plan.site.tenants.items() if name != tenant]))
    house = House(plan, Ears())
    try:
        score.baseline = await baseline(house, dialplan_of(bundle.files), list(rows.values()), jobs or JOBS, told.row)
        score.baseline_seconds = time.monotonic() - began
        court = Court(house, scope, rows, row_ids(scope))
        score.tried = await _trials(court, bundle, these, score.baseline, jobs or JOBS, told)
    finally:
        house.ears.close()
    score.seconds, score.boots = time.monotonic() - began, house.boots
    return score


def _unless_given_up(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """What a row still waited for when another one had killed the mutant is no mistake that anybody be told of."""
    if not isinstance(context.get("exception"), (NotHappenedError, StageError, AmiError, HungUpError)):
        loop.default_exception_handler(context)


async def _trials(
    court: Court, bundle: Bundle, these: Sequence[Mutant], known: Baseline, jobs: int, told: Told
) -> list[Tried]:
    gate = asyncio.Semaphore(jobs)

    async def one(mutant: Mutant) -> Tried:
        async with gate:
            tried = await asyncio.to_thread(refused, bundle, mutant)
            if tried is None:
                tried = await trial(court, mutant, asked(mutant, known.green))
        told.mutant(tried)
        return tried

    async with asyncio.TaskGroup() as tasks:
        trials = [tasks.create_task(one(mutant)) for mutant in these]
    return [each.result() for each in trials]


def refused(bundle: Bundle, mutant: Mutant) -> Tried | None:
    """A mutant that the build's own check refuses; None for one that must be called."""
    problems = verify(Bundle(mutated(bundle.files, mutant), bundle.sounds, bundle.origins))
    if not problems:
        return None
    return Tried(mutant, Fate.CHECK, problems[0].code, problems[0].message)
