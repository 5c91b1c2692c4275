"""Ring groups on a real PBX: who rings when, and where a call goes that nobody takes."""

from __future__ import annotations

import pytest

from lab.calls import Lab

pytestmark = [pytest.mark.engine, pytest.mark.lab(site="sites/places", tenant="andina")]


def test_all_ring_at_once_and_the_others_stop_when_one_answers(lab: Lab) -> None:
    with lab.phone("204").call("601") as call:
        rings = [lab.phone(number).rings() for number in ("201", "202", "203")]
        rings[1].answer()
        call.answered()
        rings[0].stops()
        rings[2].stops()
        call.talks_with(rings[1])
    assert call.journey == ["ring_group:recepcion"]
    assert call.exits == []


def test_a_call_that_nobody_answers_falls_back_when_the_time_is_over(lab: Lab) -> None:
    with lab.phone("204").call("601") as call:
        call.leaves("ring_group:recepcion", "no_answer").reaches("extension:205")
        lab.phone("205").rings()
    assert sorted(lab.ringing_order()[:3]) == ["201", "202", "203"]
    assert lab.ringing_order()[3:] == ["205"]


def test_ordered_members_ring_one_after_the_other(lab: Lab) -> None:
    call = lab.phone("205").call("602")
    for number in ("201", "202"):
        lab.phone(number).rings().stops()
    last = lab.phone("203").rings()
    assert lab.ringing_order() == ["201", "202", "203"]
    last.answer()
    call.answered().talks_with(last)
    call.hang_up()


def test_an_ordered_group_ends_with_its_fallback(lab: Lab) -> None:
    call = lab.phone("205").call("602")
    call.leaves("ring_group:turnos", "no_answer").reaches("voicemail:204")
    call.hang_up()
    assert lab.ringing_order() == ["201", "202", "203"]


def test_a_group_of_busy_phones_is_busy_and_their_own_forwards_do_not_apply(lab: Lab) -> None:
    for number in ("201", "202", "203"):
        lab.phone(number).will("busy")
    call = lab.phone("204").call("601")
    call.leaves("ring_group:recepcion", "busy")
    lab.phone("205").rings()
    call.hang_up()
    assert call.journey == ["ring_group:recepcion", "extension:205"]
    assert sorted(lab.ringing_order()[:3]) == ["201", "202", "203"]


def test_a_group_without_registered_phones_is_unavailable(lab: Lab) -> None:
    for number in ("201", "202", "203"):
        lab.phone(number).unregister()
    call = lab.phone("204").call("601")
    call.leaves("ring_group:recepcion", "unavailable")
    lab.phone("205").rings()
    call.hang_up()


def test_do_not_disturb_and_a_phone_that_talks_without_call_waiting_are_left_out(lab: Lab) -> None:
    switch = lab.phone("201").call("*78")
    switch.answered().ended()
    talking = lab.phone("203").call("205")
    lab.phone("205").rings().answer()
    talking.answered()
    call = lab.phone("204").call("601")
    lab.phone("202").rings().refuse("busy")
    call.leaves("ring_group:recepcion", "busy")
    lab.phone("205").rings()
    call.hang_up()
    talking.hang_up()
    assert lab.ringing_order() == ["205", "202", "205"]
    lab.phone("201").call("*78").answered().ended()


def test_who_calls_his_own_group_does_not_ring_himself(lab: Lab) -> None:
    call = lab.phone("201").call("601")
    lab.phone("202").rings()
    lab.phone("203").rings()
    call.hang_up()
    assert sorted(lab.ringing_order()) == ["202", "203"]


def test_a_phone_for_internal_calls_rings_for_an_outsider_only_when_he_chose_the_group(lab: Lab) -> None:
    call = lab.carrier("principal").call("+541152365001")
    lab.phone("201").rings()
    lab.phone("203").rings()
    call.hang_up()
    assert sorted(lab.ringing_order()) == ["201", "203"]
    call = lab.carrier("principal").call("+541152365000")
    call.hears("ivr:principal").press("1")
    lab.phone("202").rings()
    call.hang_up()


def test_a_member_cannot_redirect_the_call(lab: Lab) -> None:
    call = lab.phone("204").call("601")
    lab.phone("201").rings().redirect("205")
    lab.phone("202").rings().answer()
    call.answered().hang_up()
    assert "205" not in lab.ringing_order()
