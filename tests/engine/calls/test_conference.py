"""Conferences on a real PBX: who comes in, and that everybody hears everybody."""

from __future__ import annotations

import pytest

from lab.calls import Call, Lab

pytestmark = [pytest.mark.engine, pytest.mark.lab(site="sites/places", tenant="andina")]


def enters(call: Call) -> Call:
    """Enter the PIN of the room, and be in it."""
    return call.hears("conf-getpin").listen(1).press("2580").leaves("conference:sala", "joined")


def test_three_hear_each_other_one_of_them_from_outside(lab: Lab) -> None:
    ana = enters(lab.phone("201").call("650"))
    ana.hears("conf-onlyperson", complete=True).listen(1)
    luis = enters(lab.phone("202").call("650")).listen(2)
    guest = lab.carrier("principal").call("+541152365000")
    guest.hears("ivr:principal").press("2")
    enters(guest).listen(2)
    for one, other in ((ana, luis), (luis, guest), (ana, guest)):
        one.talks_with(other)
    assert guest.journey == ["did:+541152365000", "ivr:principal", "conference:sala"]
    for call in (ana, luis, guest):
        call.hang_up()


def test_after_three_wrong_pins_the_call_ends(lab: Lab) -> None:
    call = lab.phone("201").call("650")
    for wrong in ("1111", "2581", "0000"):
        call.hears("conf-getpin").listen(1).press(wrong)
        call.leaves("conference:sala", "wrong_pin")
    call.leaves("conference:sala", "refused").ended("refused")
    assert call.exits == ["conference:sala wrong_pin"] * 3 + ["conference:sala refused"]


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
