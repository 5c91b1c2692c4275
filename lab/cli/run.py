"""``pbx lab run``: derive, play, judge, report."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from pbx.cli.console import TextOrJson, console, fail, listed, load_or_exit, show_problems
from pbx.diagnostics.suggest import nearest

if TYPE_CHECKING:
    from lab.engine import Installation
    from lab.results import RowResult, RunResult
    from lab.runner import Outcome, Plan
    from lab.scenario import Scenario
    from pbx.site import Site


def run_matrix(  # noqa: PLR0913 - the options of the command
    site_path: Path,
    *,
    tenant: str,
    wanted: tuple[str, ...],
    speed: int,
    report: Path,
    engine: str,
    format: TextOrJson,  # noqa: A002
) -> NoReturn:
    """The whole command; leaves with its exit code."""
    site, documents = load_or_exit(site_path, tenant=tenant or None)
    tenant = _tenant(site, tenant)
    rows, registrations = _rows(site, tenant, wanted)
    from lab.addresses import NoAddressError
    from lab.engine import EngineError
    from lab.preparation import prepare
    from pbx.output import cache_folder

    stop_as_by_keyboard()
    _make(report)
    folder = Path(tempfile.mkdtemp(prefix="pbx-lab-"))
    began = time.monotonic()
    try:
        installation = provision(engine)
        prepared = prepare(site, site_path, installation, folder, cache_folder(os.environ), speed)
        if prepared.plan is None:
            show_problems(prepared.problems, documents, site_path)
            raise typer.Exit(1)
        plan = replace(prepared.plan, registrations=(tenant, registrations))
        outcome = _play(plan, rows)
        result = _result(plan, tenant, outcome, time.monotonic() - began)
        page = _write(result, folder, report)
    except (EngineError, NoAddressError) as error:
        fail(getattr(error, "problem", str(error)), getattr(error, "cure", ""), "PBX801")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    _tell(result, page, format)
    raise typer.Exit(0 if all(row.verdict == "passed" for row in result.rows) else 4)


def provision(name: str) -> Installation:
    """The engine, fetched with a progress bar when it is not there yet. Raises what the engine raises."""
    from lab.engine import open_engine
    from lab.engine.cli import told_progress

    with told_progress() as progress:
        return open_engine(name).provision(progress)


def _tenant(site: Site, tenant: str) -> str:
    if not tenant and len(site.tenants) > 1:
        fail("this site has several tenants", f"name one: --tenant {listed(site.tenants)}", exit_code=2)
    return tenant or next(iter(site.tenants))


def _rows(site: Site, tenant: str, wanted: tuple[str, ...]) -> tuple[list[Scenario], tuple[str, ...]]:
    """The calls to be made and the rows about registration: all, or the wanted ones."""
    from lab.matrix import derive
    from lab.registrations import row_ids

    calls = {row.text.id: row for row in derive(site.tenants[tenant])}
    registrations = row_ids(site.tenants[tenant])
    known = (*registrations, *calls)
    for name in wanted:
        if name not in known:
            near = nearest(name, known)
            cure = f"did you mean {near}?" if near else f"the rows are {listed(known, 100)}"
            fail(f"there is no row {name}", cure, exit_code=2)
    if not known:
        fail(f"nothing can be called in tenant {tenant}", "give it extensions, or numbers under dids:")
    chosen = wanted or known
    return [row for name, row in calls.items() if name in chosen], tuple(
        each for each in registrations if each in chosen
    )


def _play(plan: Plan, rows: list[Scenario]) -> Outcome:
    from lab.runner import run

    with _progress(len(rows) + len(plan.registrations[1])) as told:
        return asyncio.run(run(plan, rows, told))


@contextlib.contextmanager
def _progress(count: int) -> Iterator[Callable[[RowResult], None]]:
    """A bar on a terminal; elsewhere only what does not pass is told, as it happens."""
    screen = console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[last]}"),
    )
    # Rich would print an empty line at the end where nobody sees its bar.
    bar = Progress(*columns, console=screen, transient=True) if screen.is_terminal else None
    with bar or contextlib.nullcontext():
        task = bar.add_task("calling", total=count, last="booting Asterisk") if bar else None

        def told(result: RowResult) -> None:
            if bar and task is not None:
                bar.update(task, advance=1, last=result.row.id)
            if result.verdict != "passed":
                screen.print(f"{result.verdict}: {result.row.id}: {result.reason}", soft_wrap=True)

        yield told


def _result(plan: Plan, tenant: str, outcome: Outcome, seconds: float) -> RunResult:
    from lab.results import RunResult
    from pbx.bundle import Bundle, differences
    from pbx.render import compile_site

    scope = plan.site.tenants[tenant]
    shipped = compile_site(plan.site, plan.secrets)
    tested = Bundle(outcome.tested, shipped.sounds) if outcome.tested else shipped
    return RunResult(
        site=plan.name,
        tenant=tenant,
        tenant_name=scope.tenant.name,
        language=scope.tenant.language,
        engine=f"{plan.installation.engine} Asterisk {plan.installation.version}",
        started=datetime.now().astimezone().isoformat(timespec="seconds"),
        wall_seconds=round(seconds, 1),
        rows=tuple(outcome.rows),
        differences=differences(shipped, tested, plan.secrets.values()),
        prompts=dict(plan.prompts[tenant]),
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


def _write(result: RunResult, folder: Path, report: Path) -> Path:
    """The report, and beside it the evidence that is too long for a page."""
    from lab.report import write_report

    try:
        page = write_report(result, report)
        _keep_evidence(result, folder, report / "evidence")
    except OSError as error:
        _unwritable(report, error)
    return page


def _unwritable(report: Path, error: OSError) -> NoReturn:
    message = f"the report cannot be written to {report}: {error.strerror}"
    fail(message, "free some space there, or name another folder with --report", "PBX802")


def _keep_evidence(result: RunResult, folder: Path, kept: Path) -> None:
    """Logs and captures of every PBX, and the recordings of the rows that did not pass."""
    shutil.rmtree(kept, ignore_errors=True)
    failed = {row.row.id for row in result.rows if row.verdict != "passed"}
    for stage in sorted(folder.glob("stage-*")):
        target = kept / stage.name
        target.mkdir(parents=True, exist_ok=True)
        for source, name in (
            (stage / "sip.pcap", "sip.pcap"),
            (stage / "pbx" / "log" / "messages.log", "pbx.log"),
            (stage / "parties" / "log" / "messages.log", "parties.log"),
        ):
            if source.is_file():
                shutil.copyfile(source, target / name)
        for mistake in stage.glob("*-mistake.txt"):
            shutil.copyfile(mistake, target / mistake.name)
        for row in sorted((stage / "rows").glob("*")):
            if row.name in failed:
                shutil.copytree(row, target / row.name, ignore=shutil.ignore_patterns("*.mix.wav"))


def _tell(result: RunResult, page: Path, format: TextOrJson) -> None:  # noqa: A002
    from lab.report.terminal import summary

    counts = {
        verdict: sum(row.verdict == verdict for row in result.rows) for verdict in ("passed", "failed", "not run")
    }
    if format is TextOrJson.JSON:
        rows = [{"id": row.row.id, "verdict": row.verdict, "reason": row.reason} for row in result.rows]
        typer.echo(json.dumps({**counts, "seconds": result.wall_seconds, "report": str(page), "rows": rows}, indent=2))
        return
    screen = console()
    screen.print(summary(result))
    screen.print(f"Report: {page}", soft_wrap=True)
