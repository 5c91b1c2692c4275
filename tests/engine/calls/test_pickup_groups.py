"""Taking a call that rings at a colleague of the same pickup group."""

from __future__ import annotations

import pytest

from lab.calls import Lab

pytestmark = [pytest.mark.engine, pytest.mark.lab(site="lab/sites/demo")]


def test_a_call_that_rings_at_a_colleague_of_the_group_is_taken(lab: Lab) -> None:
    call = lab.phone("203").call("201")
    ringing = lab.phone("201").rings()
    taken = lab.phone("202").call("*8").answered()
    ringing.stops()
    call.talks_with(taken)
    call.hang_up().ended()


def test_whoever_is_not_of_the_group_takes_nothing(lab: Lab) -> None:
    with lab.phone("202").call("201"):
        ringing = lab.phone("201").rings()
        lab.phone("203").call("*8").ended("refused")
        ringing.answer()


def test_without_a_call_that_rings_there_is_nothing_to_take(lab: Lab) -> None:
    lab.phone("201").call("*8").ended("refused")
