"""What ``pbx lab`` offers; the work is done in the neighbouring modules, imported when it is wanted."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lab.cli.options import Language, Options
from lab.engine.cli import EngineName, engine_app
from lab.formats import ReportFormat
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
    epilog="Examples:\n\npbx lab run lab/sites/demo\n\npbx lab run lab/sites/demo --tenant andina --requirement IVR\n\n"
    "pbx lab run lab/sites/demo --tenant andina --row forward-201-busy --speed 1 --report build/one\n\n"
    "pbx lab run lab/sites/demo --tenant andina --quick\n\n"
    "pbx lab run lab/sites/demo --tenant andina --failed\n\n"
    "pbx lab run lab/sites/demo --tenant andina --repeat 30"
)
def run(  # noqa: PLR0913 - the options of a run
    site: SiteArgument,
    *,
    tenant: Annotated[
        str, typer.Option(metavar="TENANT", help="Only this tenant; else all, each with a report of its own.")
    ] = "",
    row: Annotated[list[str] | None, typer.Option(metavar="ID", help="Only this row; may be repeated.")] = None,
    requirement: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Only rows for this requirement or family; may be repeated.")
    ] = None,
    phase: Annotated[int, typer.Option(min=0, max=2, help="Only rows of this phase: 1 or 2.", show_default=False)] = 0,
    quick: Annotated[
        bool,
        typer.Option("--quick", help="Only the rows that cross every way of a call and show every feature once."),
    ] = False,
    failed: Annotated[
        bool, typer.Option("--failed", help="Only what did not pass in the run in the report's folder.")
    ] = False,
    repeat: Annotated[
        int, typer.Option(min=1, max=1000, help="So many times; tells which rows change their mind.")
    ] = 1,
    speed: Annotated[
        int, typer.Option(min=1, max=10, help="How many times faster than real time; rows about sound stay at 1.")
    ] = 10,
    jobs: Annotated[
        int, typer.Option(min=0, max=32, help="PBXs at once; 0: as many as two cores bear.", show_default=False)
    ] = 0,
    fail_fast: Annotated[bool, typer.Option("--fail-fast", help="Begin no further row once one has failed.")] = False,
    report: Annotated[Path, typer.Option(metavar="DIR", help="Where the report goes.")] = Path("build/report"),
    compare: Annotated[
        Path | None,
        typer.Option(metavar="RESULTS", help="An earlier report to compare with; else the one that is replaced."),
    ] = None,
    language: Annotated[
        Language | None, typer.Option(help="Of pages and documents; else the tenant's.", show_default=False)
    ] = None,
    engine: EngineOption = EngineName.EMBEDDED,
    format: Annotated[TextOrJson, typer.Option(help="For people or for scripts.")] = TextOrJson.TEXT,  # noqa: A002
) -> None:
    """Run the test matrix of one tenant or of all, and write the reports.

    Ctrl-C keeps what was done: the report tells which rows were not played.

    Exit code 0: all rows passed; 1: the site has problems or the lab cannot start; 2: wrong usage; 4: a row failed or
    was not run; 130: stopped.
    """
    from lab.cli.run import run_matrix

    options = Options(
        tenant=tenant,
        rows=tuple(row or ()),
        requirements=tuple(requirement or ()),
        phase=phase,
        quick=quick,
        failed=failed,
        repeat=repeat,
        speed=speed,
        jobs=jobs,
        fail_fast=fail_fast,
        report=report,
        engine=engine.value,
        language=language.value if language else "",
        compare=compare,
        format=format,
    )
    run_matrix(site, options)


@app.command(
    epilog="Examples:\n\npbx lab report build/report --format pdf --language en\n\n"
    "pbx lab report build/report --compare build/report-of-yesterday"
)
def report(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="What pbx lab run wrote.", show_default=False)],
    *,
    format: Annotated[  # noqa: A002 - the word of the command line
        list[ReportFormat] | None, typer.Option(help="Only this one; may be repeated.", show_default=False)
    ] = None,
    language: Annotated[
        Language | None, typer.Option(help="Of pages and documents; else that of the run.", show_default=False)
    ] = None,
    compare: Annotated[
        Path | None, typer.Option(metavar="RESULTS", help="An earlier report: tell what has changed since.")
    ] = None,
) -> None:
    """Write the reports of a run again from its results and evidence, without a call."""
    from lab.cli.report import rebuild

    rebuild(folder, tuple(format or ()), language.value if language else "", compare)


@app.command(epilog="Example: pbx lab differential --calls 2000 --seed 7")
def differential(
    *,
    calls: Annotated[int, typer.Option(min=1, max=100_000, help="How many calls to make.")] = 500,
    seed: Annotated[int, typer.Option(help="The same seed makes the same tenants and calls.")] = 1,
    keep: Annotated[Path, typer.Option(metavar="DIR", help="Where small sites that disagree are written.")] = Path(
        "build/differential"
    ),
    jobs: Annotated[int, typer.Option(min=1, max=16, help="How many PBXs at once.")] = 2,
    engine: EngineOption = EngineName.EMBEDDED,
    format: Annotated[TextOrJson, typer.Option(help="For people or for scripts.")] = TextOrJson.TEXT,  # noqa: A002
) -> None:
    """Make calls at generated tenants on real Asterisk, and compare each with what pbx trace foretells.

    A call that goes elsewhere is shrunk and shown as a small site with the trace command. Exit code 0: all calls went
    as foretold; 1: some did not, or the lab cannot start.
    """
    from lab.cli.differential import prove

    prove(calls=calls, seed=seed, jobs=jobs, keep=keep, engine=engine.value, format=format)


@app.command(
    epilog="Examples:\n\npbx lab mutate lab/sites/demo andina --sample 200\n\n"
    "pbx lab mutate lab/sites/demo andina --sample 20 --seed 7 --format json"
)
def mutate(  # noqa: PLR0913 - the options of the command
    site: SiteArgument,
    tenant: Annotated[str, typer.Argument(metavar="TENANT", help="The tenant's short name.", show_default=False)],
    *,
    sample: Annotated[int, typer.Option(min=1, max=100_000, help="How many mutants to try.")] = 50,
    seed: Annotated[int, typer.Option(help="The same seed takes the same mutants.")] = 1,
    at_least: Annotated[float, typer.Option(min=0, max=100, help="The score that is enough, in percent.")] = 95.0,
    speed: Annotated[int, typer.Option(min=1, max=10, help="How many times faster than real time.")] = 10,
    jobs: Annotated[int, typer.Option(min=0, max=32, help="PBXs at once; 0: four.", show_default=False)] = 0,
    engine: EngineOption = EngineName.EMBEDDED,
    format: Annotated[TextOrJson, typer.Option(help="For people or for scripts.")] = TextOrJson.TEXT,  # noqa: A002
) -> None:
    """Change one thing in the compiled bundle, again and again, and see whether a row of the matrix turns red.

    A mutant that the build's own check refuses is killed without a call; one that no row notices survives, and is
    shown with its line, its place in the YAML and the rows that were asked.

    Exit code 0: the score is high enough; 4: it is not; 1: the site has problems or the lab cannot start.
    """
    from lab.cli.mutate import Wanted, mutate_tenant

    mutate_tenant(site, Wanted(tenant, sample, seed, at_least, jobs, speed, engine.value, format))


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


@app.command(hidden=True, epilog="Example: docker compose -f docker/compose.yaml --profile demo up")
def demo(
    site: SiteArgument,
    *,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="The volume of the containers.")],
    address: Annotated[str, typer.Option(metavar="HOST", help="Where softphones find this machine.")] = "127.0.0.1",
) -> None:
    """Write what the containers of the demonstration run, and say how a softphone registers."""
    from lab.cli.demo import prepare

    prepare(site, output, address)
