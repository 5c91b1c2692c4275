"""A redirection (302) switches no setting, and a carrier's is not followed."""

from __future__ import annotations

import pytest

from lab.calls import Lab

pytestmark = [pytest.mark.engine, pytest.mark.lab(site="lab/sites/demo")]


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
