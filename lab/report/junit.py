"""A run as JUnit XML, which every build server reads."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from lab.evidence.text import visible
from lab.results import Verdict

if TYPE_CHECKING:
    from lab.results import RowResult, RunResult


def render_junit(run: RunResult) -> str:
    """Give one ``testcase`` per row, in the tenant's language; a row that did not run is ``skipped``."""
    counts = {verdict: sum(row.verdict is verdict for row in run.rows) for verdict in Verdict}
    totals = {
        "name": run.tenant,
        "tests": str(len(run.rows)),
        "failures": str(counts[Verdict.FAILED]),
        "errors": "0",
        "skipped": str(counts[Verdict.NOT_RUN]),
        "time": f"{run.wall_seconds:.3f}",
    }
    root = _element("testsuites", totals)
    suite = _element("testsuite", {**totals, "timestamp": run.started}, root)
    properties = _element("properties", {}, suite)
    for name, value in (("site", run.site), ("engine", run.engine)):
        _element("property", {"name": name, "value": value}, properties)
    for row in run.rows:
        _case(row, run, suite)
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _case(row: RowResult, run: RunResult, suite: ET.Element) -> None:
    case = _element(
        "testcase",
        {"classname": f"{run.tenant}.{row.row.requirement}", "name": row.row.id, "time": f"{row.seconds:.3f}"},
        suite,
    )
    if row.verdict is Verdict.FAILED:
        _element("failure", {"message": row.reason, "type": "expectation"}, case).text = visible(_where_to_look(row))
    elif row.verdict is Verdict.NOT_RUN:
        _element("skipped", {"message": row.reason}, case)
    _element("system-out", {}, case).text = visible(row.row.objective.in_language(run.language))


def _where_to_look(row: RowResult) -> str:
    lines = [row.reason]
    for check in row.checks:
        if not check.passed:
            lines.append(f"{check.witness}: {check.subject.en}: expected {check.expected}, observed {check.observed}")
            if check.where:
                lines.append(f"  see {check.where}")
    if row.trace_command:
        lines.append(f"reproduce the forecast: {row.trace_command}")
    return "\n".join(lines)


def _element(tag: str, attributes: dict[str, str], parent: ET.Element | None = None) -> ET.Element:
    clean = {name: visible(value) for name, value in attributes.items()}
    return ET.Element(tag, clean) if parent is None else ET.SubElement(parent, tag, clean)
