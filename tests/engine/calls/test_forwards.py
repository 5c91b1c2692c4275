"""The three ways in which a phone does not take a call, call waiting, and who may call at all."""

from __future__ import annotations

import pytest

from lab.calls import Lab

pytestmark = pytest.mark.engine


def test_a_busy_phone(lab: Lab) -> None:
    lab.phone("203").will("busy")
    call = lab.phone("205").call("203")
    lab.phone("201").rings()
    assert call.exits == ["extension:203 busy"]


def test_a_phone_that_nobody_answers(lab: Lab) -> None:
    call = lab.phone("205").call("203")
    lab.phone("203").rings().stops()
    lab.phone("202").rings()
    assert call.exits == ["extension:203 no_answer"]


def test_a_phone_that_is_not_registered(lab: Lab) -> None:
    lab.phone("203").unregister()
    call = lab.phone("205").call("203")
    lab.phone("204").rings()
    assert call.exits == ["extension:203 unavailable"]
    assert lab.ringing_order() == ["204"]


def test_a_phone_that_is_registered_again_rings_again(lab: Lab) -> None:
    lab.phone("203").unregister()
    lab.phone("203").register()
    lab.phone("205").call("203")
    lab.phone("203").rings()


def test_without_call_waiting_a_phone_that_calls_is_busy_too(lab: Lab) -> None:
    lab.phone("204").call("201")
    lab.phone("201").rings()
    lab.phone("202").call("204").ended("busy")


def test_whoever_receives_internal_calls_only_refuses_calls_from_outside(lab: Lab) -> None:
    lab.carrier("principal").call("+541152360006").ended("refused")
    assert lab.ringing_order() == []


def test_whoever_receives_internal_calls_only_takes_those_of_colleagues(lab: Lab) -> None:
    lab.phone("205").call("206")
    lab.phone("206").rings()


def test_whoever_receives_internal_calls_only_takes_what_a_menu_offers(lab: Lab) -> None:
    call = lab.carrier("principal").call("+541152360000")
    call.hears("ivr:principal").press("1")
    call.talks_with(lab.phone("206").rings().answer())


def test_whoever_receives_internal_calls_only_is_not_reached_by_dialling_the_extension(lab: Lab) -> None:
    call = lab.carrier("principal").call("+541152360000")
    call.hears("ivr:principal").press("206")
    call.ended("refused")
    assert lab.ringing_order() == []


def test_a_call_that_a_colleague_passes_on_from_outside_is_still_from_outside(lab: Lab) -> None:
    call = lab.carrier("principal").call("+541152360001")
    lab.phone("201").rings().answer().transfer("206")
    call.ended("refused")
    assert lab.ringing_order() == ["201"]
