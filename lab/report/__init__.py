"""What a run is told as: a page for people, documents to sign, XML for a build server, JSON for programs."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lab.formats import ReportFormat
from lab.report.acceptance import acceptance_pdf, acceptance_xlsx, form_of_run
from lab.report.bundle import keep_evidence, write_bundle
from lab.report.files import write_whole
from lab.report.html import render_html
from lab.report.json import render_json
from lab.report.junit import render_junit
from lab.report.reading import NoResultsError, read_run
from lab.report.terminal import summary

if TYPE_CHECKING:
    from lab.results import RunResult

__all__ = [
    "FILES",
    "NoResultsError",
    "ReportFormat",
    "keep_evidence",
    "read_run",
    "render_html",
    "render_json",
    "render_junit",
    "summary",
    "write_bundle",
    "write_report",
]


FILES: Final = {
    ReportFormat.JSON: "results.json",
    ReportFormat.JUNIT: "junit.xml",
    ReportFormat.XLSX: "acceptance.xlsx",
    ReportFormat.PDF: "acceptance.pdf",
    ReportFormat.HTML: "index.html",
}
"""The file of each format within the report's folder."""


def write_report(
    run: RunResult, folder: Path, *, formats: Collection[ReportFormat] = tuple(ReportFormat), language: str = ""
) -> Path:
    """Write a run in some or all formats into a folder and give the path of the page.

    Documents for people are in the run's language, or in another (``es``, ``en``). Each file is written aside and
    renamed, so a reader never meets half a report. Raises `OSError` when the folder cannot be made or written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    form = form_of_run(run, language)
    writers: dict[ReportFormat, Callable[[], str | bytes]] = {
        ReportFormat.JSON: lambda: render_json(run, folder),
        ReportFormat.JUNIT: lambda: render_junit(run),
        ReportFormat.XLSX: lambda: acceptance_xlsx(form),
        ReportFormat.PDF: lambda: acceptance_pdf(form),
        ReportFormat.HTML: lambda: render_html(run, language),
    }
    contents = {FILES[each]: writers[each]() for each in FILES if each in formats}
    for name, content in contents.items():
        write_whole(folder / name, content)
    return folder / FILES[ReportFormat.HTML]
