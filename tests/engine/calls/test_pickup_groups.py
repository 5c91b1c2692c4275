"""Taking a call that rings at a colleague of the same pickup group."""

from __future__ import annotations

import pytest

from lab.calls import Lab

pytestmark = [pytest.mark.engine, pytest.mark.lab(site="lab/sites/demo")]


def test_without_a_call_that_rings_there_is_nothing_to_take(lab: Lab) -> None:
    lab.phone("201").call("*8").ended("refused")
