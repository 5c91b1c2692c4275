"""The demo site's whole matrix, by the command that users type."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final
from xml.etree import ElementTree as ET

import pytest

from tests.engine.commands import Answer, Sandbox, sandbox

pytestmark = pytest.mark.engine

PLATFORM_VALUES: Final = {
    "manager.conf": {"bindaddr"},
    "pjsip.conf": {"bind"},
    "rtp.conf": {"rtpstart", "rtpend"},
    "voicemail.conf": {"mailcmd"},
    "minivm.conf": {"mailcmd"},
    "tenants/andina/pjsip.conf": {"from_domain", "contact", "match", "server_uri", "client_uri"},
    "tenants/ombu/pjsip.conf": {"from_domain", "contact", "match", "server_uri", "client_uri"},
}
"""Where the configuration under test may differ from the shipped one: addresses, ports, mail command, carriers."""


@pytest.fixture(scope="module")
def ran() -> Iterator[tuple[Sandbox, Answer]]:
    """One run for all tests of this module."""
    with sandbox() as box:
        yield box, box.lab_run("--speed", "5", "--jobs", "3", "--format", "json")


@pytest.fixture(scope="module")
def results(ran: tuple[Sandbox, Answer]) -> dict[str, Any]:
    """What the run wrote for programs."""
    content: dict[str, Any] = json.loads((ran[0].report / "results.json").read_text("utf-8"))
    return content


def test_every_row_passes(ran: tuple[Sandbox, Answer]) -> None:
    _, answer = ran
    told = json.loads(answer.out)
    assert [row for row in told["rows"] if row["verdict"] != "passed"] == []
    assert told["passed"] == len(told["rows"]) >= 150
    assert (told["failed"], told["not run"]) == (0, 0)
    assert (answer.code, answer.err) == (0, "")


def test_the_three_reports_tell_the_same(ran: tuple[Sandbox, Answer], results: dict[str, Any]) -> None:
    box, answer = ran
    rows = {row["id"] for row in json.loads(answer.out)["rows"]}
    assert {row["row"]["id"] for row in results["rows"]} == rows
    suites = ET.parse(box.report / "junit.xml").getroot()
    cases = list(suites.iter("testcase"))
    assert len(cases) == len(rows)
    assert all(any(row in " ".join(case.attrib.values()) for case in cases) for row in rows)
    assert not list(suites.iter("failure"))
    page = (box.report / "index.html").read_text("utf-8")
    assert all(row in page for row in rows)


def test_the_whole_call_flow_and_the_dialplan_were_gone_through(results: dict[str, Any]) -> None:
    ways, dialplan = results["ways"], results["dialplan"]
    assert (ways["missing"], ways["travelled"]) == ([], ways["ways"])
    assert ways["ways"] - ways["alike"] >= 80
    assert dialplan["run"] + len(dialplan["missing"]) == dialplan["lines"]
    assert dialplan["run"] > 400
    # Whatever a call comes to says so: of the places of the tenant no first line is left out.
    kinds = ("andina_ivr", "andina_queue", "andina_schedule", "andina_announcement", "andina_ringgroup", "andina_did")
    assert [line for line in dialplan["missing"] if any(f"[{kind}]" in line and ",1 " in line for kind in kinds)] == []


def test_both_phases_are_there(results: dict[str, Any]) -> None:
    phases = [row["row"]["phase"] for row in results["rows"]]
    assert min(phases.count(1), phases.count(2)) >= 40
    assert set(results["objectives"]) == {"1", "2"}


def test_the_page_needs_nothing_from_elsewhere(ran: tuple[Sandbox, Answer]) -> None:
    page = (ran[0].report / "index.html").read_text("utf-8")
    assert re.findall(r"""(?:src|href|action|poster)\s*=\s*["']?(?:https?:)?//[^"'\s>]*""", page) == []
    assert re.findall(r"""url\(\s*["']?(?:https?:)?//|@import|<link\b|<iframe\b|fetch\(|XMLHttpRequest""", page) == []


def test_both_witnesses_and_the_forecast_spoke(results: dict[str, Any]) -> None:
    witnesses = {check["witness"] for row in results["rows"] for check in row["checks"]}
    assert witnesses == {"server", "phone", "trace"}
    assert all(row["checks"] for row in results["rows"])
    assert {row["speed"] for row in results["rows"]} == {1, 5}
    calls = [row for row in results["rows"] if any(check["witness"] == "trace" for check in row["checks"])]
    assert len(calls) >= 120
    assert all(row["sip"] for row in calls)


def test_the_shipped_configuration_is_what_was_tested(results: dict[str, Any]) -> None:
    others, file = [], ""
    for line in results["differences"]:
        if line.startswith("+++ "):
            file = line.removeprefix("+++ ")
        elif line[0] in "+-" and not line.startswith("--- "):
            key = line[1:].partition("=")[0].strip()
            if key not in PLATFORM_VALUES.get(file, set()):
                others.append(f"{file}: {line}")
    assert file, "no difference at all: then it was not the laboratory's addresses that were called"
    assert others == []


def test_no_password_is_told(ran: tuple[Sandbox, Answer], results: dict[str, Any]) -> None:
    box, _ = ran
    told = "\n".join(results["differences"])
    assert re.findall(r"(?im)^.?\s*(?:password|secret)\s*=(?!\s*\*+$).*", told) == []
    for path in box.report.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            # Digest authentication sends no password, so none may be in a capture either.
            assert re.findall(rb"(?i)\b(?:password|secret|passwd)\s*[=:]\s*[A-Za-z0-9]{24}", content) == [], path


def test_nothing_is_left_behind(ran: tuple[Sandbox, Answer]) -> None:
    assert ran[0].leftovers() == []
