"""Callers who wait hear how many are before them, in the tenant's language."""

from __future__ import annotations

import pytest

from lab.calls import Lab

pytestmark = [pytest.mark.engine, pytest.mark.lab(site="queues")]


def test_the_first_hears_to_be_next_and_the_second_how_many_there_are(lab: Lab) -> None:
    with lab.phone("201").call("602") as first:
        lab.phone("204").rings()
        first.hears("queue-youarenext", complete=True)
        with lab.phone("203").call("602") as second:
            second.hears("queue-thereare")
            second.hears("queue-callswaiting")
            # Again and again, while the agent rings.
            first.hears("queue-youarenext", complete=True)
