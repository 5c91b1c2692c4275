"""Directed pickup: ** and the number of a phone that rings."""

from __future__ import annotations

import pytest

from lab.calls import Lab

pytestmark = pytest.mark.engine


def test_nothing_rings_so_there_is_nothing_to_take(lab: Lab) -> None:
    lab.phone("203").call("**201").ended("refused")


def test_a_conversation_cannot_be_taken_away(lab: Lab) -> None:
    lab.phone("201").will("answer")
    call = lab.phone("203").call("201").answered()
    lab.phone("202").call("**201").ended("refused")
    call.press("1")


def test_another_tenant_cannot_take_the_call(lab: Lab) -> None:
    call = lab.phone("203").call("201")
    ringing = lab.phone("201").rings()
    lab.of("otra").phone("202").call("**201").ended("refused")
    ringing.answer()
    call.talks_with(ringing)
