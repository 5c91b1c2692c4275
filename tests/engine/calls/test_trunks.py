"""Which trunk carries a call, and what a carrier is told."""

from __future__ import annotations

import pytest

from lab.calls import Lab

pytestmark = pytest.mark.engine

DIALLED = "944445555"
OUTSIDE = "+541144445555"


def test_the_next_trunk_is_tried_when_the_carrier_cannot(lab: Lab) -> None:
    lab.carrier("principal").will("congestion")
    with lab.phone("201").call(DIALLED) as call:
        call.talks_with(lab.carrier("respaldo").rings(OUTSIDE).answer())
    assert lab.ringing_order() == ["principal", "respaldo"]


@pytest.mark.lab(silent=["principal"])
def test_the_next_trunk_is_tried_when_the_carrier_is_silent(lab: Lab) -> None:
    """SIP would give up after 32 s (RFC 3261, timer B); a trunk that says nothing for 12 s is left before."""
    lab.expect_log("principal")
    call = lab.phone("201").call(DIALLED)
    began = lab.clock
    outside = lab.carrier("respaldo").rings(OUTSIDE, seconds=60).answer()
    assert 11 <= (lab.clock - began).total_seconds() <= 25
    assert call.journey == [f"external:{OUTSIDE}", "trunk:principal", "trunk:respaldo"]
    call.talks_with(outside)


def test_a_busy_number_is_not_called_again_over_the_next_trunk(lab: Lab) -> None:
    lab.carrier("principal").will("busy")
    lab.phone("201").call(DIALLED).ended("busy")
    assert lab.ringing_order() == ["principal"]


def test_a_number_that_nobody_has_is_not_called_again_over_the_next_trunk(lab: Lab) -> None:
    lab.carrier("principal").will("not_found")
    lab.phone("201").call(DIALLED).ended("nobody")
    assert lab.ringing_order() == ["principal"]


def test_a_call_that_is_forbidden_is_not_tried_again_over_the_next_trunk(lab: Lab) -> None:
    lab.carrier("principal").will("refused")
    lab.phone("201").call(DIALLED).ended("refused")
    assert lab.ringing_order() == ["principal"]


def test_a_number_that_does_not_answer_is_not_called_again_over_the_next_trunk(lab: Lab) -> None:
    lab.phone("201").call(DIALLED).ended("no_answer")
    assert lab.ringing_order() == ["principal"]


def test_a_full_trunk_is_passed_over(lab: Lab) -> None:
    lab.carrier("principal").will("answer")
    for number in ("201", "202"):
        lab.phone(number).call(DIALLED).answered()
    third = lab.phone("203").call(DIALLED)
    lab.carrier("respaldo").rings(OUTSIDE).answer()
    third.answered()
    assert third.journey == [f"external:{OUTSIDE}", "trunk:respaldo"]
    assert third.exits == ["trunk:principal full"]


def test_a_trunk_is_free_again_when_a_call_has_ended(lab: Lab) -> None:
    lab.carrier("principal").will("answer")
    first = lab.phone("201").call(DIALLED).answered()
    lab.phone("202").call(DIALLED).answered()
    first.hang_up().ended()
    lab.phone("203").call(DIALLED).answered()
    assert lab.ringing_order() == ["principal", "principal", "principal"]


def test_when_every_carrier_refuses_the_caller_is_told(lab: Lab) -> None:
    for name in ("principal", "respaldo"):
        lab.carrier(name).will("congestion")
    lab.phone("201").call(DIALLED).ended("failed")
    assert lab.ringing_order() == ["principal", "respaldo"]


def test_a_hidden_number_stays_hidden_over_the_next_trunk(lab: Lab) -> None:
    lab.carrier("principal").will("congestion")
    lab.phone("202").call(DIALLED)
    outside = lab.carrier("respaldo").rings(OUTSIDE)
    assert (outside.shown.number, outside.shown.privacy) == ("anonymous", "id")


def test_an_emergency_call_is_never_hidden(lab: Lab) -> None:
    lab.phone("202").call("911")
    assert lab.carrier("principal").rings("911").shown.number == "+541152360002"
