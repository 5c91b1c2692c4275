"""``pbx lab report``: the reports of a run written again, without a call."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import typer

from lab.formats import ReportFormat
from pbx.cli.console import fail


def rebuild(folder: Path, formats: tuple[ReportFormat, ...], language: str, compare_with: Path | None) -> None:
    """Write the wanted reports (all without a choice) into the folder again, and say which."""
    from lab.report import FILES, NoResultsError, read_run, write_report
    from lab.report.compare import compare

    place = folder if folder.is_dir() else folder.parent
    wanted = formats or tuple(ReportFormat)
    try:
        run = read_run(folder)
        if compare_with is not None:
            run = replace(run, comparison=compare(run, read_run(compare_with)))
        write_report(run, place, formats=wanted, language=language)
    except NoResultsError as error:
        fail(error.problem, error.cure, exit_code=2)
    except OSError as error:
        message = f"the report cannot be written to {place}: {error.strerror}"
        fail(message, "free some space there, or copy the folder elsewhere first", "PBX802")
    for each in wanted:
        typer.echo(str(place / FILES[each]))
