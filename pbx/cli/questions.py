"""Commands that answer questions about a tenant: what they are called and take."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pbx.cli.console import GraphDirection, GraphFormat, SiteArgument

app = typer.Typer()

TenantArgument = Annotated[str, typer.Argument(metavar="TENANT", help="The tenant's short name.", show_default=False)]
OutputOption = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where it goes; printed unless given.")
]


class CalendarFormat(StrEnum):
    """What a calendar is written as."""

    TEXT = "text"
    SVG = "svg"
    HTML = "html"
    JSON = "json"
    ICS = "ics"


class MatrixFormat(StrEnum):
    """What the matrix is written as."""

    TEXT = "text"
    JSON = "json"
    HTML = "html"


class EngineName(StrEnum):
    """Which Asterisk is asked."""

    NONE = "none"
    EMBEDDED = "embedded"
    SYSTEM = "system"


@app.command(
    epilog="Examples:\n\npbx graph lab/sites/demo andina -o flow.svg\n\n"
    "pbx graph lab/sites/demo andina --did +541152365000 -o flow.html\n\n"
    "pbx graph lab/sites/demo andina --did +541152365000 --direction down --format mermaid"
)
def graph(
    site: SiteArgument,
    tenant: TenantArgument,
    *,
    did: Annotated[
        str, typer.Option(metavar="NUMBER", help="Only what calls to this number reach; else the whole tenant.")
    ] = "",
    format: Annotated[  # noqa: A002 - as the option
        GraphFormat | None, typer.Option(help="By the file's name unless given; svg without a file.")
    ] = None,
    direction: Annotated[GraphDirection, typer.Option(help="Which way calls run.")] = GraphDirection.RIGHT,
    output: OutputOption = None,
) -> None:
    """Draw where calls go: a picture (svg), a page on which calls can be tried (html), mermaid, or data (json).

    In the tenant's language. The page needs no network and nothing else: send it, open it on a phone.
    Exit code 0: drawn; 1: the tenant has problems; 2: wrong usage.
    """
    from pbx.cli.graph import draw

    draw(site, tenant, did, format, direction, output)


@app.command(
    epilog="Examples:\n\npbx calendar lab/sites/demo andina\n\n"
    "pbx calendar lab/sites/demo andina --did +541152365000 --year 2027 --format svg -o calendar.svg\n\n"
    "pbx calendar lab/sites/demo andina --schedule oficina --format ics -o oficina.ics"
)
def calendar(  # noqa: PLR0913 - what may be asked
    site: SiteArgument,
    tenant: TenantArgument,
    *,
    did: Annotated[
        str, typer.Option(metavar="NUMBER", help="Of this number; the first that a schedule answers unless given.")
    ] = "",
    schedule: Annotated[str, typer.Option(metavar="ID", help="Of this schedule.")] = "",
    year: Annotated[
        int | None, typer.Option(metavar="YEAR", help="One of calendar_years; the first of them unless given.")
    ] = None,
    format: Annotated[  # noqa: A002 - the word of the command line
        CalendarFormat, typer.Option(help="A table, a picture, a page, or for programs.")
    ] = CalendarFormat.TEXT,
    output: OutputOption = None,
) -> None:
    """Show which branch answers at every hour of a year, with holidays, and gaps in red.

    In the tenant's language, by the clock on the wall of its zone (ics: in UTC); the same site gives the same bytes.

    Exit code 0: shown; 1: the tenant has problems, or the file cannot be written; 2: the question makes no sense.
    """
    from pbx.cli.calendar import show_calendar

    show_calendar(site, tenant, did=did, schedule=schedule, year=year, format=format, output=output)


@app.command(
    epilog="Examples:\n\npbx cos lab/sites/demo andina\n\npbx cos lab/sites/demo andina --engine embedded\n\n"
    "pbx cos lab/sites/demo andina --engine embedded --format html -o permisos.html"
)
def cos(
    site: SiteArgument,
    tenant: TenantArgument,
    *,
    engine: Annotated[
        EngineName, typer.Option(help="A real Asterisk that is asked as well, with the compiled site.")
    ] = EngineName.NONE,
    format: Annotated[MatrixFormat, typer.Option(help="A table, a page, or for scripts.")] = MatrixFormat.TEXT,  # noqa: A002
    output: OutputOption = None,
) -> None:
    """Show who may call what: classes of service against kinds of calls, prefixes denied, and routes.

    With --engine it is derived twice, from the model and by dialling on a real Asterisk (no phone, no carrier), and the
    two must agree. At any hour: schedules do not restrict outgoing calls.

    Exit code 0: shown; 1: problems; 2: wrong usage; 4: Asterisk does something else than the model says.
    """
    from pbx.cli.cos import show_matrix

    raise typer.Exit(show_matrix(site, tenant, engine, format, output))
