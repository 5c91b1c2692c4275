"""Conferences on a real PBX: who comes in, and that everybody hears everybody."""

from __future__ import annotations

import pytest

from lab.calls import Call, Lab

pytestmark = [pytest.mark.engine, pytest.mark.lab(site="sites/places", tenant="andina")]


def enters(call: Call) -> Call:
    """Enter the PIN of the room, and be in it."""
    return call.hears("conf-getpin").listen(1).press("2580").leaves("conference:sala", "joined")


def test_a_slip_is_forgiven(lab: Lab) -> None:
    call = lab.phone("201").call("650")
    call.hears("conf-getpin").listen(1).press("2508").hears("conf-invalidpin")
    enters(call).hang_up()


def test_a_full_room_takes_nobody_else(lab: Lab) -> None:
    inside = [lab.phone(number).call("651").leaves("conference:chica", "joined") for number in ("201", "202")]
    late = lab.phone("203").call("651")
    late.hears("conf-locked").ended("refused")
    assert late.exits == ["conference:chica full"]
    for call in inside:
        call.hang_up()


def test_rooms_of_the_same_name_are_different_rooms_in_two_tenants(lab: Lab) -> None:
    ours = enters(lab.phone("201").call("650"))
    theirs = lab.of("sur").phone("201").call("650").leaves("conference:sala", "joined")
    # Each is alone, and is told so in the tenant's language.
    ours.hears("conf-onlyperson", complete=True)
    theirs.listen(3)
    assert "conf-onlyperson" in theirs.visit.sounds
    ours.hang_up()
    theirs.hang_up()
