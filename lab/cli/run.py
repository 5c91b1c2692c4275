"""``pbx lab run``: derive, play, judge, report."""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

import typer

from lab.cli.choosing import Chosen, choose, chosen_count
from lab.cli.neighbours import load_beside_others
from lab.cli.options import Options
from lab.cli.progress import watching
from lab.cli.telling import tell, tell_interrupted
from lab.scratch import scratch
from pbx.cli.console import fail, show_problems

if TYPE_CHECKING:
    from lab.engine import Installation
    from lab.judge import Ears
    from lab.plan import Plan
    from lab.results import RowResult, RunResult, Spent
    from lab.runner import Outcome


FEW: Final = 50
"""Rows that are not worth telling another process of."""


@dataclass(frozen=True, slots=True)
class _Session:
    """What the runs of all tenants share."""

    plan: Plan
    options: Options
    told: Callable[[RowResult], None]
    prepared: float
    """Real seconds until the first tenant's run could begin."""
    ears: Ears
    folders: Iterator[Path]
    """A new one for each run: short names, for Asterisk's control socket takes 107 bytes."""


def run_matrix(site_path: Path, options: Options) -> NoReturn:
    """The whole command; leaves with its exit code."""
    began = time.monotonic()
    site, documents = load_beside_others(site_path, options.tenant)
    chosen = choose(site, options)
    from lab.addresses import NoAddressError
    from lab.engine import EngineError
    from lab.judge import Ears
    from lab.preparation import prepare
    from pbx.output import cache_folder

    stop_as_by_keyboard()
    compared = _compared_with(options)
    for each in chosen:
        _make(each.report)
    folder, ears = scratch("pbx-lab-"), Ears()
    try:
        installation = provision(options.engine)
        prepared = prepare(site, site_path, installation, folder, cache_folder(os.environ), options.speed)
        if prepared.plan is None:
            show_problems(prepared.problems, documents, site_path)
            raise typer.Exit(1)
        plan = replace(prepared.plan, jobs=options.jobs, fail_fast=options.fail_fast)
        with watching(chosen_count(chosen) * options.repeat, options.format) as told:
            folders = (folder / str(number) for number in itertools.count(1))
            session = _Session(plan, options, told, time.monotonic() - began, ears, folders)
            runs = [_run_tenant(session, each, compared) for each in chosen]
    except (EngineError, NoAddressError) as error:
        fail(getattr(error, "problem", str(error)), getattr(error, "cure", ""), "PBX801")
    finally:
        ears.close()
        shutil.rmtree(folder, ignore_errors=True)
    page = _page(runs, chosen, options)
    tell(runs, page, options, time.monotonic() - began)
    raise typer.Exit(0 if all(row.verdict == "passed" for run in runs for row in run.rows) else 4)


def provision(name: str) -> Installation:
    """The engine, fetched with a progress bar when it is not there yet. Raises what the engine raises."""
    from lab.engine import open_engine
    from lab.engine.cli import told_progress

    with told_progress() as progress:
        return open_engine(name).provision(progress)


def _compared_with(options: Options) -> RunResult | None:
    """The run that was named to be compared with; what cannot be read is told before anybody waits."""
    if options.compare is None:
        return None
    from lab.report.reading import NoResultsError, read_run

    try:
        return read_run(options.compare)
    except NoResultsError as error:
        fail(error.problem, error.cure, exit_code=2)


def _run_tenant(session: _Session, chosen: Chosen, compared: RunResult | None) -> RunResult:
    """Play the rows of a tenant, as often as was asked for, and write its report; also when it is stopped."""
    from lab.report.repeats import together

    began = time.monotonic()
    done: list[_Played] = []
    folders: list[Path] = []
    for number in range(session.options.repeat):
        folders.append(next(session.folders))
        played = _play(replace(session.plan, folder=folders[-1]), chosen, session)
        if played.rows:  # of a run that was stopped at once nothing can be shown; of those before, everything
            done.append(played)
        if played.stopped or (session.options.fail_fast and not played.passed):
            break
        if number and played.passed:
            shutil.rmtree(folders[-1], ignore_errors=True)  # no row of it is shown: thirty runs would fill a disk
    if not done:
        raise KeyboardInterrupt
    result = _result(session, chosen, done, together([each.rows for each in done]), folders)
    result = replace(result, wall_seconds=round(session.prepared + time.monotonic() - began, 1))
    ears = None if played.stopped else session.ears  # they may still have much to listen to
    result, page = _write(result, chosen.report, folders, compared or chosen.earlier, ears)
    if played.stopped:
        tell_interrupted(sum(row.verdict != "not run" for row in result.rows), len(result.rows), page)
        raise KeyboardInterrupt
    return result


@dataclass(frozen=True, slots=True)
class _Played:
    """One run of a tenant's rows."""

    rows: list[RowResult]
    outcome: Outcome
    stopped: bool
    began: float
    ended: float
    """Of time.monotonic."""

    @property
    def passed(self) -> bool:
        """Whether every row passed."""
        return all(row.verdict == "passed" for row in self.rows)


def _play(plan: Plan, chosen: Chosen, session: _Session) -> _Played:
    """One run; when it is stopped, its rows are those that were played until then and those that were not."""
    from lab.runner import Outcome, run

    began = time.monotonic()
    told: list[RowResult] = []
    outcome = Outcome()

    def tell_of(result: RowResult) -> None:
        told.append(result)
        session.told(result)

    plan.folder.mkdir()
    plan = replace(plan, registrations=(chosen.tenant, chosen.registrations))

    async def rows_played() -> None:
        asyncio.get_running_loop().set_exception_handler(_unless_interrupted)
        await run(plan, chosen.rows, tell_of, outcome, session.ears)

    try:
        asyncio.run(rows_played())
    except KeyboardInterrupt:
        ended = {row.row.id: row for row in (*_left(chosen, told, plan.speed), *told)}
        rows = [ended[name] for name in chosen.texts] if told else []
        return _Played(rows, outcome, stopped=True, began=began, ended=time.monotonic())
    return _Played(outcome.rows, outcome, stopped=False, began=began, ended=time.monotonic())


def _unless_interrupted(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """A second Ctrl-C ends whatever task it meets: no mistake that anybody should be told of."""
    if not isinstance(context.get("exception"), KeyboardInterrupt):
        loop.default_exception_handler(context)


def _left(chosen: Chosen, done: Sequence[RowResult], speed: int) -> list[RowResult]:
    """The rows that nobody came to before the run was stopped."""
    from lab.results import RowResult, Verdict

    ended = {row.row.id for row in done}
    reason = "the run was stopped before this row was played"
    return [
        RowResult(text, Verdict.NOT_RUN, reason, clock="–", speed=speed, seconds=0, call_seconds=0)
        for name, text in chosen.texts.items()
        if name not in ended
    ]


def _result(
    session: _Session, chosen: Chosen, done: Sequence[_Played], rows: Sequence[RowResult], folders: Sequence[Path]
) -> RunResult:
    from lab.lines import lines_run, steps_of
    from lab.matrix.coverage import covered
    from lab.report.acceptance import objectives_of, signers_of
    from lab.results import RunResult
    from pbx.bundle import Bundle, differences
    from pbx.graph.collapse import picture
    from pbx.render import compile_site

    plan = session.plan
    scope = plan.site.tenants[chosen.tenant]
    shipped = compile_site(plan.site, plan.secrets)
    tested = next(
        (Bundle(outcome.tested, shipped.sounds) for outcome in (each.outcome for each in done) if outcome.tested),
        shipped,
    )
    return RunResult(
        site=plan.name,
        tenant=chosen.tenant,
        tenant_name=scope.tenant.name,
        language=session.options.language or scope.tenant.language,
        engine=f"{plan.installation.engine} Asterisk {plan.installation.version}",
        started=datetime.now().astimezone().isoformat(timespec="seconds"),
        wall_seconds=0,
        rows=tuple(rows),
        differences=differences(shipped, tested, plan.secrets.values()),
        prompts=dict(plan.prompts[chosen.tenant]),
        selection=session.options.selection,
        objectives=objectives_of(scope),
        signers=signers_of(scope),
        flow=picture(scope),
        ways=covered(scope, chosen.rows).told,
        dialplan=lines_run(tested.files, chosen.tenant, steps_of(folders)),
        spent=_spent(session, done),
    )


def _spent(session: _Session, done: Sequence[_Played]) -> Spent:
    """Where the time went, summed over the runs; a run in which nobody was called took its time to boot."""
    from lab.results import Spent

    boots = [seconds for each in done for seconds in each.outcome.boots]
    marks = [
        (each.began, each.outcome.first_call or each.ended, each.outcome.last_call or each.ended, each.ended)
        for each in done
    ]
    return Spent(
        prepare=round(session.prepared, 2),
        boot=round(sum(first - began for began, first, _, _ in marks), 2),
        calls=round(sum(last - first for _, first, last, _ in marks), 2),
        judging=round(sum(ended - last for _, _, last, ended in marks), 2),
        boots=len(boots),
        boots_seconds=round(sum(boots), 2),
    )


def stop_as_by_keyboard() -> None:
    """Let the polite signals end a run as Ctrl-C does: in order, and with nothing left."""
    for kind in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(kind, lambda *_: signal.raise_signal(signal.SIGINT))


def _make(report: Path) -> None:
    """The report's folder, before anybody waits for calls that could not be reported."""
    try:
        report.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        _unwritable(report, error)


def _write(
    result: RunResult, report: Path, folders: Sequence[Path], earlier: RunResult | None, ears: Ears | None
) -> tuple[RunResult, Path]:
    """The report, and beside it the evidence that is too long for a page; with ears, of many rows both at once."""
    from lab.report import ReportFormat, keep_evidence, write_bundle, write_report
    from lab.report.compare import compare

    if earlier is not None:
        result = replace(result, comparison=compare(result, earlier))
    formats = set(ReportFormat)
    try:
        page = ears.aside(_write_page, result, report) if ears and len(result.rows) > FEW else None
        result = write_bundle(result, report)
        keep_evidence(folders, report / "evidence")
        place = write_report(result, report, formats=formats - {ReportFormat.HTML} if page else formats)
        if page:
            page.result()
    except OSError as error:
        _unwritable(report, error)
    return result, place


def _write_page(result: RunResult, report: Path) -> None:
    """The page, in another process: it takes as long as all else together."""
    from lab.report import ReportFormat, write_report

    write_report(result, report, formats={ReportFormat.HTML})


def _page(runs: Sequence[RunResult], chosen: Sequence[Chosen], options: Options) -> Path:
    """The page to open: the only report's, or the one above all."""
    from lab.report.tenants import write_tenants

    if len(chosen) == 1 and chosen[0].report == options.report:
        return options.report / "index.html"
    try:
        return write_tenants(runs, options.report, options.language)
    except OSError as error:
        _unwritable(options.report, error)


def _unwritable(report: Path, error: OSError) -> NoReturn:
    message = f"the report cannot be written to {report}: {error.strerror}"
    fail(message, "free some space there, or name another folder with --report", "PBX802")
