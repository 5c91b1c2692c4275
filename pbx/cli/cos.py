"""``pbx cos``: who may call what, by the model and by what a real Asterisk has loaded."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import entry_points
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from pbx.cli.console import colour_wanted, error_text, fail, load_or_exit
from pbx.cli.questions import EngineName, MatrixFormat

if TYPE_CHECKING:
    from pbx.permissions import Answers, Difference, Probe, Row
    from pbx.site import Site, TenantScope

PERMISSIONS: Final = "pbx.permissions"
"""The group of entry points that ask a real Asterisk: an :data:`Ask`."""
DISAGREE: Final = 4
"""The exit code when the model and Asterisk do not agree."""

Ask = Callable[["Site", str, "Sequence[Probe]", str], "Answers"]
"""From a site, a tenant's short name, probes and the name of an engine to what a real Asterisk answers."""


_COLOURS: Final = {"title": {"bold": True}, "yes": {"fg": "green"}, "no": {"dim": True}, "warn": {"fg": "yellow"}}


def show_matrix(
    site_path: Path,
    tenant: str,
    engine: EngineName,
    format: MatrixFormat,  # noqa: A002 - as the option
    output: Path | None,
) -> int:
    """Print or write the matrix; answer the exit code."""
    site, _ = load_or_exit(site_path, tenant=tenant)
    from pbx.permissions import all_foretold, matrix, probes

    scope = site.tenants[tenant]
    tried = probes(scope)
    rows = matrix(scope, tried, all_foretold(scope, tried))
    calls: int = 0
    wrong: list[Difference] = []
    if engine is not EngineName.NONE:
        answers = _asked(site, tenant, tried, engine.value)
        calls = len(answers.calls) + len(answers.transfers)
        wrong = differences(scope, tried, answers)
    if wrong:
        _tell(wrong)
    if format is MatrixFormat.JSON or not wrong:
        _write(_written(scope, (rows, calls, wrong), format, painted=output is None), output)
    return DISAGREE if wrong else 0


def _asked(site: Site, tenant: str, tried: Sequence[Probe], engine: str) -> Answers:
    found = next(iter(entry_points(group=PERMISSIONS)), None)
    cure = "install it: pip install 'centralita[lab]'"
    if found is None:
        fail("--engine needs the laboratory, and none is installed here", cure)
    try:
        ask: Ask = found.load()
    except ImportError as error:
        fail(f"the laboratory cannot be loaded: {' '.join(str(error).split())}", cure)
    return ask(site, tenant, tried, engine)


def differences(scope: TenantScope, tried: Sequence[Probe], answers: Answers) -> list[Difference]:
    """All that Asterisk does otherwise than the model says; a transfer only where a call that is dialled agrees."""
    from pbx.permissions import compare, compare_phones

    calls = list(compare(scope, tried, answers.calls))
    known = {(each.row, each.keys) for each in calls}
    moved = [each for each in compare(scope, tried, answers.transfers) if (each.row, each.keys) not in known]
    return [*compare_phones(scope, answers.phones), *calls, *(each.transferred() for each in moved)]


def _tell(differences: Iterable[Difference]) -> None:
    """Each cell once, with its first example and how many more there are."""
    from pbx.permissions.show import plain

    for (row, column), members in groupby(sorted(differences, key=_cell), key=_cell):
        found = list(members)
        more = f" (and {len(found) - 1} more such numbers)" if len(found) > 1 else ""
        message = plain(f"the model and Asterisk disagree about {row} × {column}{more}: {found[0].told()}")
        typer.echo(error_text(message), err=True)


def _cell(difference: Difference) -> tuple[str, str]:
    return difference.row, difference.column


def _written(
    scope: TenantScope,
    found: tuple[Sequence[Row], int, Sequence[Difference]],
    format: MatrixFormat,  # noqa: A002 - as the option
    *,
    painted: bool,
) -> str:
    from pbx.permissions import show

    rows, calls, wrong = found
    if format is MatrixFormat.JSON:
        return json.dumps(show.records(scope, rows, calls, wrong), indent=2, ensure_ascii=True) + "\n"
    if format is MatrixFormat.HTML:
        return show.page(scope, rows, calls)
    return show.table(scope, rows, calls, _paint if painted and colour_wanted() else lambda text, _: text)


def _write(text: str, output: Path | None) -> None:
    if output is None:
        typer.echo(text, nl=False)
        return
    from pbx.cli.calendar import write_out

    write_out(output, text)


def _paint(text: str, style: str) -> str:
    return typer.style(text, **_COLOURS[style])  # type: ignore[arg-type]
