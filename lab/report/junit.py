"""A run as JUnit XML, which every build server reads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as Xml  # noqa: S405 - only writes

from lab.results import Verdict

if TYPE_CHECKING:
    from lab.results import RowResult, RunResult

# https://www.w3.org/TR/xml/#charsets: not even as a reference may XML 1.0 hold these.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


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
    Xml.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + Xml.tostring(root, encoding="unicode") + "\n"


def _case(row: RowResult, run: RunResult, suite: Xml.Element) -> None:
    case = _element(
        "testcase",
        {"classname": f"{run.tenant}.{row.row.requirement}", "name": row.row.id, "time": f"{row.seconds:.3f}"},
        suite,
    )
    if row.verdict is Verdict.FAILED:
        _element("failure", {"message": row.reason, "type": "expectation"}, case).text = _clean(_where_to_look(row))
    elif row.verdict is Verdict.NOT_RUN:
        _element("skipped", {"message": row.reason}, case)
    _element("system-out", {}, case).text = _clean(row.row.objective.in_language(run.language))


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


def _element(tag: str, attributes: dict[str, str], parent: Xml.Element | None = None) -> Xml.Element:
    clean = {name: _clean(value) for name, value in attributes.items()}
    return Xml.Element(tag, clean) if parent is None else Xml.SubElement(parent, tag, clean)


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)
