"""A row's call: what it touches, and the command that shows its forecast."""

from __future__ import annotations

import json
import shlex
from datetime import datetime

import pytest

from lab.matrix import calls
from lab.results import RowText, Words
from lab.scenario import Scenario
from pbx.cli.guard import run
from pbx.kinds.base import PhoneState
from pbx.model import Ref
from tests.samples import DEMO, tenant

SCOPE = tenant(DEMO, "andina")
ROWS = {row.text.id: row for row in calls(SCOPE)}
MORNING = datetime(2026, 3, 3, 11, 0, tzinfo=SCOPE.timezone)


def call(caller: str, dialled: str, *presses: str, **states: PhoneState) -> Scenario:
    """A call; ``_201="busy"`` gives a phone its state."""
    kind, _, identity = caller.partition(":")
    return Scenario(
        RowText("row", "EXT-2", 1, Words("", ""), (), ()),
        SCOPE,
        Ref(kind, identity),
        dialled,
        MORNING,
        caller_number="+549116" if kind == "caller" else "",
        presses=presses,
        states={number.removeprefix("_"): state for number, state in states.items()},
    )


@pytest.mark.parametrize(
    ("scenario", "touched"),
    [
        (call("extension:205", "203"), {"dialled:203", "extension:203"}),
        (call("extension:205", "203", _203="busy"), {"dialled:203", "extension:203", "extension:202"}),
        (call("extension:203", "201", _201="busy"), {"dialled:201", "extension:201"}),
        (call("extension:203", "9100"), {"dialled:9100", "external:100"}),
        (call("caller:principal", "+541152365001"), {"caller:+549116", "extension:201"}),
        (
            call("caller:principal", "+541152365000", "1"),
            {"caller:+549116", "queue:ventas", "extension:201", "extension:202"},
        ),
        (call("extension:203", "205", _204="busy"), {"dialled:205", "extension:205", "extension:204"}),
    ],
)
def test_a_row_keeps_to_itself_whom_it_calls(scenario: Scenario, touched: set[str]) -> None:
    assert scenario.touched == touched


@pytest.mark.parametrize("row", ROWS)
def test_the_trace_command_tells_the_forecast(row: str, capsys: pytest.CaptureFixture[str]) -> None:
    scenario = ROWS[row]
    words = shlex.split(scenario.trace_command(str(DEMO)))
    assert words[0] == "pbx"
    assert run([*words[1:], "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    forecast = scenario.forecast
    assert [step["node"] for step in told["steps"]] == [str(step.node) for step in forecast.steps]
    assert told["end"] == forecast.end
    assert datetime.fromisoformat(told["at"]) == scenario.at
    assert told["unused_presses"] == []


def test_a_path_with_spaces_survives_the_shell() -> None:
    assert shlex.split(ROWS["internal-call"].trace_command("my sites/demo"))[2] == "my sites/demo"
