"""A schedule is forced closed and open by a code that every phone of the tenant may dial, and its lamp tells."""

from __future__ import annotations

import pytest

from lab.calls import Lab
from pbx.kinds.base import Situation
from pbx.trace import trace_did

pytestmark = [pytest.mark.engine, pytest.mark.lab(site="queues", at="2026-11-18T10:00")]

NUMBER = "+541152365000"
CODE = "*28"


def override(lab: Lab, phone: str, said: str) -> None:
    """A phone dials the code, and hears how the schedule stands now."""
    lab.phone(phone).call(CODE).hears("schedule").hears(said).ended("hangup")


def journey(lab: Lab, forced: str) -> tuple[list[str], list[str]]:
    """Where a call from outside goes, and how the trace foretells it."""
    call = lab.carrier("principal").call(NUMBER)
    call.ended("hangup")
    overrides = {"oficina": forced} if forced else {}
    foretold = trace_did(lab.scope, NUMBER, Situation(lab.clock, overrides=overrides))  # type: ignore[arg-type]
    assert f"schedule:oficina {foretold.steps[1].exit}" in call.exits
    return call.journey, foretold.nodes


@pytest.mark.lab(at="2026-11-18T20:00")
def test_an_office_that_is_forced_open_answers_at_night(lab: Lab) -> None:
    assert journey(lab, "")[0][-1] == "announcement:cerrado"
    override(lab, "201", "closed")
    override(lab, "201", "open")
    real, foretold = journey(lab, "open")
    assert real == foretold
    assert real[-1] == "announcement:abierto"
    override(lab, "201", "automatic")
    assert journey(lab, "")[0][-1] == "announcement:cerrado"


def test_nobody_overrides_a_schedule_from_outside(lab: Lab) -> None:
    lab.carrier("principal").call(CODE).ended("nobody")
    assert journey(lab, "")[0][-1] == "announcement:abierto"


def test_an_override_and_its_lamp_survive_a_restart(lab: Lab) -> None:
    override(lab, "201", "closed")
    lab.run(lab.stage.restart())
    lab.phone("204").lamp(CODE).shows("busy")
    assert journey(lab, "closed")[0][-1] == "announcement:cerrado"
    override(lab, "201", "open")
    override(lab, "201", "automatic")
