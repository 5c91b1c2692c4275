"""The page above the reports of several tenants."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from importlib.resources import files
from typing import TYPE_CHECKING

from jinja2 import Environment, StrictUndefined

from lab.evidence.text import visible
from lab.report.words import WORDS, date_words, headline
from lab.results import Verdict

if TYPE_CHECKING:
    from pathlib import Path

    from lab.results import RunResult


def render_tenants(runs: Sequence[RunResult], language: str = "") -> str:
    """One page that tells how the run of each tenant ended and leads to its report, ``TENANT/index.html``."""
    chosen = language or (runs[0].language if runs else "en")
    entries = []
    for run in runs:
        counts = Counter(row.verdict for row in run.rows)
        passed, failed, not_run = (counts[verdict] for verdict in Verdict)
        entries.append(
            {
                "tenant": run.tenant,
                "name": visible(run.tenant_name),
                "kind": "failed" if failed else "notrun" if not_run or not passed else "passed",
                "told": headline(passed, failed, not_run).in_language(chosen),
                "seconds": run.wall_seconds,
                "calls": sum(row.call_seconds for row in run.rows),
            }
        )
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(files("lab.report").joinpath("tenants.html.j2").read_text("utf-8"))
    return template.render(
        language=chosen,
        title=WORDS["title"].in_language(chosen),
        site=visible(runs[0].site) if runs else "",
        date=date_words(runs[0].started).in_language(chosen) if runs else "",
        entries=entries,
        signs={"passed": "✓", "failed": "✗", "notrun": "–"},
        calls={"es": "de llamadas", "en": "of calls"}[chosen],
    )


def write_tenants(runs: Sequence[RunResult], folder: Path, language: str = "") -> Path:
    """Write the page as ``index.html`` into the folder that holds the reports. Raises `OSError`."""
    from lab.report.files import write_whole

    page = folder / "index.html"
    write_whole(page, render_tenants(runs, language))
    return page
