"""Parking on a real PBX: set down by a transfer, taken up from another phone of the tenant, or given back."""

from __future__ import annotations

import pytest

from lab.calls import Call, Lab, Ringing

pytestmark = [pytest.mark.engine, pytest.mark.lab(site="sites/places", tenant="andina")]


def parked(lab: Lab) -> tuple[Call, Ringing]:
    """A caller from outside whom 201 has parked, and the leg of 201."""
    call = lab.carrier("principal").call("+541152365002")
    taken = lab.phone("201").rings().answer()
    call.answered().listen(1)
    assert taken.transfer("670") == "SUCCESS"
    return call, taken


def test_it_cannot_be_taken_up_from_another_tenant(lab: Lab) -> None:
    call, taken = parked(lab)
    taken.hang_up()
    thief = lab.of("sur").phone("201").call("671")
    thief.ended()
    finder = lab.phone("202").call("671").answered()
    finder.talks_with(call)
    finder.hang_up()
    call.ended()


def test_the_second_call_gets_the_second_slot(lab: Lab) -> None:
    first, one = parked(lab)
    one.hang_up()
    second = lab.phone("203").call("202")
    two = lab.phone("202").rings().answer()
    second.answered().listen(1)
    assert two.transfer("670") == "SUCCESS"
    with lab.phone("204").call("672") as finder:
        finder.answered().talks_with(second)
    first.hang_up()


def test_a_slot_without_a_call_ends(lab: Lab) -> None:
    lab.phone("204").call("673").ended()
