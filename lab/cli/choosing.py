"""Which rows are played: all of a tenant's, or those that were asked for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer

from lab.cli.options import Options
from pbx.cli.console import fail, listed
from pbx.diagnostics.suggest import nearest

if TYPE_CHECKING:
    from lab.playing import Row
    from lab.results import RowText, RunResult
    from pbx.site import Site, TenantScope


@dataclass(frozen=True, slots=True)
class Chosen:
    """One tenant's rows to be played, and where its report goes."""

    tenant: str
    report: Path
    rows: list[Row]
    registrations: tuple[str, ...]
    earlier: RunResult | None
    """The run that is in the report's folder, if one can be read there."""
    texts: dict[str, RowText] = field(default_factory=dict)
    """All that was chosen, by id."""


def choose(site: Site, options: Options) -> list[Chosen]:
    """What is to be played, tenant by tenant; leaves the command when there is nothing, or something unknown."""
    slugs = [options.tenant] if options.tenant else list(site.tenants)
    several = len(slugs) > 1
    known: set[str] = set()
    found = []
    before = []
    for slug in slugs:
        report = options.report / slug if several else options.report
        others = [scope for name, scope in site.tenants.items() if name != slug]
        rows, registrations = _all_rows(site.tenants[slug], others)
        texts = registrations | {row.text.id: row.text for row in rows}
        known |= set(texts)
        earlier = _earlier(report, slug)
        before += [earlier] if earlier else []
        wanted = {name for name, text in texts.items() if _fits(text, options, earlier)}
        if options.quick:
            wanted &= {*registrations, *_quick(site.tenants[slug], rows)}
        chosen = Chosen(
            tenant=slug,
            report=report,
            rows=[row for row in rows if row.text.id in wanted],
            registrations=tuple(name for name in registrations if name in wanted),
            earlier=earlier,
            texts={name: text for name, text in texts.items() if name in wanted},
        )
        if chosen.texts:
            found.append(chosen)
    _refuse_unknown(options.rows, known)
    if not known:
        fail(f"nothing can be called in tenant {listed(slugs)}", "give it extensions, or numbers under dids:")
    if not found:
        _nothing_chosen(options, before=bool(before))
    return found


def _all_rows(scope: TenantScope, others: list[TenantScope]) -> tuple[list[Row], dict[str, RowText]]:
    from lab.matrix import derive
    from lab.registrations import row_ids, row_text

    return [*derive(scope, others)], {name: row_text(scope, name) for name in row_ids(scope)}


def _quick(scope: TenantScope, rows: list[Row]) -> frozenset[str]:
    from lab.matrix.quick import quick

    return quick(scope, rows)


def _fits(text: RowText, options: Options, earlier: RunResult | None) -> bool:
    """Whether a row is wanted: each kind of option narrows the choice."""
    return (
        (not options.rows or text.id in options.rows)
        and (not options.requirements or any(_under(text.requirement, each) for each in options.requirements))
        and (not options.phase or text.phase == options.phase)
        and (not options.failed or (earlier is not None and text.id in _not_passed(earlier)))
    )


def _under(requirement: str, wanted: str) -> bool:
    """``IVR-1`` is meant by itself, in any case of letters, and by its family ``IVR``."""
    wanted = wanted.upper()
    return requirement.upper() == wanted or requirement.upper().startswith(f"{wanted}-")


def _not_passed(run: RunResult) -> set[str]:
    return {row.row.id for row in run.rows if row.verdict != "passed"}


def _earlier(report: Path, tenant: str) -> RunResult | None:
    """What the report's folder holds of this tenant; a report of another kind or version is no earlier run."""
    from lab.report.reading import NoResultsError, read_run

    try:
        run = read_run(report)
    except NoResultsError:
        return None
    return run if run.tenant == tenant else None


def _refuse_unknown(wanted: Collection[str], known: Collection[str]) -> None:
    for name in wanted:
        if name not in known:
            near = nearest(name, known)
            cure = f"did you mean {near}?" if near else f"the rows are {listed(sorted(known), 100)}"
            fail(f"there is no row {name}", cure, exit_code=2)


def _nothing_chosen(options: Options, *, before: bool) -> NoReturn:
    if options.failed and not before:
        fail(f"there is no run in {options.report}", "run the whole matrix first: leave --failed away", exit_code=2)
    if options.failed and options.selection == "--failed":
        typer.echo(f"Every row of the run in {options.report} passed.")
        raise typer.Exit(0)
    fail(f"no row fits {options.selection}", "ask for less: without these options every row is run", exit_code=2)


def chosen_count(chosen: Collection[Chosen]) -> int:
    """How many rows are played in all."""
    return sum(len(each.texts) for each in chosen)
