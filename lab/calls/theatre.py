"""Where call tests are played: one stage for each site, clock and speed, shared by the tests that want the same."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lab.addresses import Block, reserve
from lab.calls.background import Background
from lab.calls.failure import CallError
from lab.clock import FASTEST
from lab.engine import Installation, open_engine
from lab.matrix.moments import working
from lab.plan import Plan
from lab.preparation import prepare
from lab.scratch import scratch
from lab.stage import Stage
from pbx.check import check
from pbx.diagnostics import Diagnostic, has_errors
from pbx.folder import read_folder
from pbx.load import load
from pbx.output import cache_folder
from pbx.site import TenantScope

if TYPE_CHECKING:
    from lab.calls.play import Lab

DRIFT: Final = timedelta(minutes=20)
"""How far the clock of a shared stage may have gone on from where a test wants to begin."""
MOST_STAGES: Final = 3
"""Stages kept at once; the one that was not used for the longest time makes room."""


Key = tuple[Path, datetime, int, frozenset[tuple[str, str]]]


class SiteError(Exception):
    """A site that does not compile cannot be called."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a test asks for."""

    site: Path
    tenant: str = ""
    """The only or first tenant when empty."""
    at: str = ""
    """Local time of the tenant, such as ``2026-12-22T20:00``; a working hour when empty."""
    speed: int = FASTEST
    silent: tuple[str, ...] = ()
    """Trunks of the tenant that answer nothing to an INVITE."""

    def __post_init__(self) -> None:
        """A marker may give a list."""
        object.__setattr__(self, "silent", tuple(self.silent))


@dataclass(slots=True)
class Played:
    """A stage that runs, and where it began."""

    wanted: Wanted
    scope: TenantScope
    at: datetime
    plan: Plan
    stage: Stage
    block: Block
    used: int = 0


@dataclass(slots=True)
class Theatre:
    """All stages of a session of tests."""

    background: Background = field(default_factory=Background)
    folder: Path = field(default_factory=lambda: scratch("pbx-calls-"))
    """Short, for Asterisk's control socket must have a name of at most 107 bytes."""
    keep: bool = False
    """Whether the folder is worth keeping: a test has failed."""
    _plans: dict[Path, Plan] = field(default_factory=dict)
    _running: dict[Key, Played] = field(default_factory=dict)
    _installation: Installation | None = None
    _count: int = 0

    def stage(self, wanted: Wanted) -> Played:
        """A stage as wanted: one that runs and has not drifted away, else a new one. Raises what a boot raises."""
        plan = self._plan(wanted.site)
        scope = _tenant(plan, wanted.tenant)
        at = datetime.fromisoformat(wanted.at).replace(tzinfo=scope.timezone) if wanted.at else working(scope)
        key = (wanted.site, at, wanted.speed, frozenset((scope.slug, name) for name in wanted.silent))
        played = self._running.get(key)
        if played and not (played.stage.usable and played.stage.clock_now - at < DRIFT):
            self._stop(key)
            played = None
        if played is None:
            while len(self._running) >= MOST_STAGES:
                self._stop(min(self._running, key=lambda each: self._running[each].used))
            played = self._running[key] = self._start(wanted, scope, at, plan)
        self._count += 1
        played.used = self._count
        return replace(played, wanted=wanted, scope=scope)

    def leave(self, lab: Lab) -> None:
        """After a test that has failed: its stage goes on if nothing is left there, else it is stopped."""
        try:
            lab.clear()
        except CallError:
            for key in [key for key, played in self._running.items() if played.stage is lab.stage]:
                self._stop(key)

    def close(self) -> None:
        """Stop everything; nothing is left but the evidence of failures."""
        for key in tuple(self._running):
            self._stop(key)
        self.background.close()
        if not self.keep:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self, wanted: Wanted, scope: TenantScope, at: datetime, plan: Plan) -> Played:
        block = reserve(plan.locks)
        self._count += 1

        async def start() -> Stage:
            stage = Stage(
                site=plan.site,
                secrets=plan.secrets,
                installation=plan.installation,
                block=block,
                folder=self.folder / f"stage-{self._count}",
                sounds=plan.sounds,
                at=at,
                speed=wanted.speed,
                silent=[(scope.slug, name) for name in wanted.silent],
            )
            await stage.start()
            return stage

        try:
            return Played(wanted, scope, at, plan, self.background.run(start()), block)
        except BaseException:
            block.release()
            raise

    def _stop(self, key: Key) -> None:
        played = self._running.pop(key)
        self.background.run(played.stage.stop())
        played.block.release()

    def _plan(self, site_path: Path) -> Plan:
        if site_path not in self._plans:
            files, problems = read_folder(site_path)
            site, _, more = load(files) if files else (None, {}, [])
            problems = [*problems, *more, *(check(site) if site else ())]
            if site is None or has_errors(problems):
                raise SiteError(_told(site_path, problems))
            if self._installation is None:
                self._installation = open_engine("embedded").provision()
            folder = self.folder / f"site-{len(self._plans) + 1}"
            prepared = prepare(site, site_path, self._installation, folder, cache_folder(os.environ), FASTEST)
            if prepared.plan is None:
                raise SiteError(_told(site_path, prepared.problems))
            self._plans[site_path] = prepared.plan
        return self._plans[site_path]


def _tenant(plan: Plan, slug: str) -> TenantScope:
    known = plan.site.tenants
    if slug and slug not in known:
        raise SiteError(f"{plan.name} has no tenant {slug}; it has {', '.join(known)}")
    return known[slug or next(iter(known))]


def _told(site_path: Path, problems: list[Diagnostic]) -> str:
    lines = [f"  {each.code} {each.file}: {each.message}" for each in problems if each.severity == "error"]
    return "\n".join([f"{site_path} does not compile (pbx check says more):", *lines])


Make = Callable[[Wanted], Played]
