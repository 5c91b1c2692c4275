"""A phone that forwards by itself (302) leads no further than its class of service."""

from __future__ import annotations

import pytest

from lab.calls import Lab

pytestmark = [pytest.mark.engine, pytest.mark.lab(site="lab/sites/demo")]


def test_a_phone_may_redirect_to_a_colleague(lab: Lab) -> None:
    lab.phone("203").will("answer")
    call = lab.phone("201").call("205")
    lab.phone("205").rings().redirect("203")
    call.answered()
    assert call.journey[-1] == "extension:203"
    call.hang_up().ended()


def test_a_phone_may_not_redirect_to_a_number_that_its_class_refuses(lab: Lab) -> None:
    call = lab.phone("201").call("205")
    lab.phone("205").rings().redirect("923456789")
    lab.carrier("principal").stays_silent()
    call.ended()
    assert "trunk:principal" not in call.journey


def test_a_phone_switches_nothing_by_a_redirection(lab: Lab) -> None:
    call = lab.phone("201").call("205")
    lab.phone("205").rings().redirect("*78")
    call.ended()
    with lab.phone("201").call("205"):
        lab.phone("205").rings().answer()


def test_a_carrier_redirects_nobody(lab: Lab) -> None:
    call = lab.phone("201").call("923456789")
    lab.carrier("principal").rings().redirect("203")
    lab.phone("203").stays_silent()
    call.hang_up().ended()
