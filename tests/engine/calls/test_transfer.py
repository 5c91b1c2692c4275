"""A class of service holds when somebody is transferred."""

from __future__ import annotations

import pytest

from lab.calls import Lab

pytestmark = pytest.mark.engine

OUTSIDE = "944445555"
"""With the outside prefix: a local number, which only the class ``nacional`` may call."""


def test_a_phone_that_may_call_outside_may_send_its_caller_there(lab: Lab) -> None:
    call = lab.carrier("principal").call("+541152360001")
    lab.phone("201").rings().answer().transfer(OUTSIDE)
    outside = lab.carrier("principal").rings("+541144445555").answer()
    assert outside.shown.number == "+541152360000"
    call.talks_with(outside)
    call.hang_up()


def test_a_phone_that_may_not_call_outside_may_not_send_there_whom_it_has_called(lab: Lab) -> None:
    call = lab.phone("205").call("201")
    called = lab.phone("201").rings().answer()
    call.transfer(OUTSIDE)
    called.stops()
    assert lab.ringing_order() == ["201"]


def test_a_phone_that_may_call_outside_may_forward_its_calls_there_by_itself(lab: Lab) -> None:
    call = lab.carrier("principal").call("+541152360001")
    lab.phone("201").rings().redirect(OUTSIDE)
    outside = lab.carrier("principal").rings("+541144445555").answer()
    call.talks_with(outside)
    call.hang_up()


def test_a_phone_that_may_not_call_outside_may_not_forward_its_calls_there_by_itself(lab: Lab) -> None:
    call = lab.carrier("principal").call("+541152360005")
    lab.phone("205").rings().redirect(OUTSIDE)
    call.ended("no_answer")
    assert call.exits == ["external:+541144445555 refused", "extension:205 unavailable"]
    assert lab.ringing_order() == ["205"]
