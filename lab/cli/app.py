"""What ``pbx lab`` offers; the work is done in the neighbouring modules, imported when it is wanted."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lab.engine.cli import EngineName, engine_app
from pbx.cli.console import TextOrJson

app = typer.Typer(
    name="lab",
    add_completion=False,
    help="Prove a site by real calls on real Asterisk: phones and carriers are simulated, the PBX is not.",
    no_args_is_help=True,
)
app.add_typer(engine_app, name="engine")

SiteArgument = Annotated[Path, typer.Argument(metavar="SITE", help="The site's folder.", show_default=False)]
EngineOption = Annotated[EngineName, typer.Option("--engine", help="Which Asterisk to run.")]


@app.command(
    epilog="Examples:\n\npbx lab run lab/sites/demo --tenant andina\n\n"
    "pbx lab run lab/sites/demo --tenant andina --row forward-201-busy --speed 1 --report build/one"
)
def run(  # noqa: PLR0913 - the options of a run
    site: SiteArgument,
    *,
    tenant: Annotated[
        str, typer.Option(metavar="TENANT", help="Only this tenant; needed when the site has several.")
    ] = "",
    row: Annotated[list[str] | None, typer.Option(metavar="ID", help="Only this row; may be repeated.")] = None,
    speed: Annotated[
        int, typer.Option(min=1, max=10, help="How many times faster than real time; rows about sound stay at 1.")
    ] = 10,
    report: Annotated[Path, typer.Option(metavar="DIR", help="Where the report goes.")] = Path("build/report"),
    engine: EngineOption = EngineName.EMBEDDED,
    format: Annotated[TextOrJson, typer.Option(help="For people or for scripts.")] = TextOrJson.TEXT,  # noqa: A002
) -> None:
    """Run the test matrix of a tenant and write its report.

    Exit code 0: all rows passed; 1: the site has problems or the lab cannot start; 2: wrong usage; 4: a row failed or
    was not run.
    """
    from lab.cli.run import run_matrix

    run_matrix(
        site, tenant=tenant, wanted=tuple(row or ()), speed=speed, report=report, engine=engine.value, format=format
    )


@app.command(epilog="Example: pbx lab differential --calls 2000 --seed 7")
def differential(
    *,
    calls: Annotated[int, typer.Option(min=1, max=100_000, help="How many calls to make.")] = 500,
    seed: Annotated[int, typer.Option(help="The same seed makes the same tenants and calls.")] = 1,
    keep: Annotated[Path, typer.Option(metavar="DIR", help="Where small sites that disagree are written.")] = Path(
        "build/differential"
    ),
    engine: EngineOption = EngineName.EMBEDDED,
    format: Annotated[TextOrJson, typer.Option(help="For people or for scripts.")] = TextOrJson.TEXT,  # noqa: A002
) -> None:
    """Make calls at generated tenants on real Asterisk, and compare each with what pbx trace foretells.

    A call that goes elsewhere is shrunk and shown as a small site with the trace command. Exit code 0: all calls went
    as foretold; 1: some did not, or the lab cannot start.
    """
    from lab.cli.differential import prove

    prove(calls=calls, seed=seed, keep=keep, engine=engine.value, format=format)


@app.command(epilog="Example: pbx lab up lab/sites/demo")
def up(site: SiteArgument, engine: EngineOption = EngineName.EMBEDDED) -> None:
    """Start a PBX with simulated carriers and leave it running, to be played with by softphones."""
    from lab.cli.up import start

    start(site, engine.value)


@app.command(epilog="Example: pbx lab down")
def down() -> None:
    """Stop the lab that pbx lab up started. Harmless when none is running."""
    from lab.cli.up import stop

    stop()


@app.command(epilog="Example: pbx lab status --format json")
def status(
    format: Annotated[TextOrJson, typer.Option(help="For people or for scripts.")] = TextOrJson.TEXT,  # noqa: A002
) -> None:
    """Show whether a lab is running, and who is registered."""
    from lab.cli.up import show

    show(format)


@app.command(epilog='Examples:\n\npbx lab cli\n\npbx lab cli "core show channels"')
def cli(
    command: Annotated[list[str] | None, typer.Argument(metavar="[COMMAND]", help="Run this and leave.")] = None,
) -> None:
    """Open the Asterisk console of the running lab, or run one command of it."""
    from lab.cli.up import console

    console(" ".join(command or ()))
