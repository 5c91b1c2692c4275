"""``pbx matrix``: the rows of a tenant's test matrix, without calling anybody."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lab.cli.neighbours import load_beside_others
from pbx.cli.console import SiteArgument, console, fail, listed

if TYPE_CHECKING:
    from rich.table import Table

    from lab.results import RowText, WaysTravelled
    from pbx.site import TenantScope

app = typer.Typer(
    name="matrix",
    add_completion=False,
    help="Show the test matrix of a tenant.",
)


class MatrixFormat(StrEnum):
    """What the matrix is written as."""

    TABLE = "table"
    JSON = "json"
    XLSX = "xlsx"
    HTML = "html"
    PDF = "pdf"


class Language(StrEnum):
    """Of the rows' words."""

    ES = "es"
    EN = "en"


@app.command(
    epilog="Examples:\n\npbx matrix lab/sites/demo andina\n\n"
    "pbx matrix lab/sites/demo andina --phase 2 --language en\n\n"
    "pbx matrix lab/sites/demo andina --format xlsx -o matriz.xlsx"
)
def matrix(  # noqa: PLR0913 - the options of the command
    site: SiteArgument,
    tenant: Annotated[str, typer.Argument(metavar="TENANT", help="The tenant's short name.", show_default=False)],
    *,
    phase: Annotated[int | None, typer.Option(min=1, max=2, help="Only the rows of this phase.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Only the rows of pbx lab run --quick.")] = False,
    format: Annotated[  # noqa: A002 - the word of the command line
        MatrixFormat, typer.Option(help="A table, for programs, or the form to be filled in and signed.")
    ] = MatrixFormat.TABLE,
    language: Annotated[Language | None, typer.Option(help="The tenant's unless given.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where it goes; printed unless given.")
    ] = None,
) -> None:
    """Show what the laboratory would call: the rows derived from the tenant, and those of its proof of concept.

    Nobody is called: pbx lab run does that. At the end stands how much of the call flow the rows travel.
    Exit code 0: shown; 1: the tenant has problems, or the file cannot be written; 2: wrong usage.
    """
    from lab.matrix.coverage import covered
    from lab.matrix.listing import every_row
    from lab.matrix.quick import quick as fewest

    loaded, _ = load_beside_others(site, tenant)
    scope = loaded.tenants[tenant]
    rows, texts = every_row(scope, [each for name, each in loaded.tenants.items() if name != tenant])
    left_out = {row.text.id for row in rows} - fewest(scope, rows) if quick else set()
    rows = tuple(row for row in rows if row.text.id not in left_out)
    shown = [text for text in texts if phase in {None, text.phase} and text.id not in left_out]
    if not shown:
        phases = listed(sorted({str(text.phase) for text in texts}))
        fail("no row is of this phase", f"there are rows of phase {phases}", exit_code=2)
    spoken = str(language or scope.tenant.language)
    if format is MatrixFormat.TABLE and output is None:
        _tell(shown, spoken, covered(scope, rows).told)
        return
    _write(_content(shown, spoken, scope, format, covered(scope, rows).told), output, format)


def _tell(texts: Sequence[RowText], language: str, ways: WaysTravelled) -> None:
    from lab.report.terminal import coverage

    screen = console()
    screen.print(_table(texts, language))
    screen.print(f" {_counted(texts)}")
    told = coverage(ways)
    if told is not None:
        screen.print(told, soft_wrap=True)


def _counted(texts: Sequence[RowText]) -> str:
    phases = sorted({text.phase for text in texts})
    parts = ", ".join(f"phase {phase}: {sum(text.phase == phase for text in texts)}" for phase in phases)
    return f"{len(texts)} rows ({parts}), which stand for {sum(1 + len(text.alike) for text in texts)} cases"


def _table(texts: Sequence[RowText], language: str) -> Table:
    from rich.table import Table
    from rich.text import Text

    from lab.evidence.text import visible

    table = Table(expand=False, pad_edge=False)
    table.add_column("row", overflow="fold", ratio=2)
    table.add_column("for", no_wrap=True)
    table.add_column("phase", justify="right", no_wrap=True)
    table.add_column("objective", ratio=4, overflow="fold")
    for text in texts:
        objective = Text(visible(text.objective.in_language(language)))
        table.add_row(Text(visible(text.id)), Text(visible(text.requirement)), str(text.phase), objective)
    return table


def _content(
    texts: Sequence[RowText],
    language: str,
    scope: TenantScope,
    format: MatrixFormat,  # noqa: A002 - as the option
    ways: WaysTravelled,
) -> bytes:
    if format is MatrixFormat.JSON:
        told: dict[str, object] = {"tenant": scope.slug, "rows": [dataclasses.asdict(text) for text in texts]}
        told["ways"] = dataclasses.asdict(ways)
        return (json.dumps(told, indent=2, ensure_ascii=True) + "\n").encode()
    if format is MatrixFormat.TABLE:
        from rich.console import Console

        screen = Console(width=160, no_color=True, highlight=False, markup=False, file=None)
        with screen.capture() as captured:
            screen.print(_table(texts, language))
            screen.print(f" {_counted(texts)}")
        return captured.get().encode()
    from lab.report.acceptance import acceptance_html, acceptance_pdf, acceptance_xlsx, form_of_rows

    form = form_of_rows(texts, scope, language)
    if format is MatrixFormat.HTML:
        return acceptance_html(form).encode()
    return acceptance_xlsx(form) if format is MatrixFormat.XLSX else acceptance_pdf(form)


def _write(content: bytes, output: Path | None, format: MatrixFormat) -> None:  # noqa: A002 - as the option
    if output is None:
        if format in {MatrixFormat.XLSX, MatrixFormat.PDF} and sys.stdout.isatty():
            fail(f"a {format} file is nothing for a terminal", f"name a file: -o matrix.{format}", exit_code=2)
        sys.stdout.buffer.write(content)
        return
    from pbx.output import write_bytes

    try:
        write_bytes(output, content)
    except OSError as error:
        fail(f"{output} cannot be written: {error.strerror or error}", "name another file")
    typer.echo(f"wrote {output}")
