"""Paging on a real PBX: phones are asked to answer by themselves, and hear the caller."""

from __future__ import annotations

import pytest

from lab.calls import Lab

pytestmark = [pytest.mark.engine, pytest.mark.lab(site="sites/places", tenant="andina")]


def test_a_page_in_both_ways(lab: Lab) -> None:
    call = lab.phone("201").call("661")
    leg = lab.phone("203").rings().answer()
    call.answered().hears("beep").listen(1)
    call.talks_with(leg)
    call.hang_up()


def test_who_speaks_or_does_not_want_to_be_disturbed_is_left_out(lab: Lab) -> None:
    lab.phone("202").call("*78").answered().ended()
    talking = lab.phone("203").call("205")
    lab.phone("205").rings().answer()
    talking.answered()
    call = lab.phone("201").call("660")
    lab.phone("204").rings().answer()
    call.answered().listen(2).hang_up()
    talking.hang_up()
    assert lab.ringing_order() == ["205", "204"]
    lab.phone("202").call("*78").answered().ended()


def test_a_page_that_nobody_can_hear_is_busy(lab: Lab) -> None:
    lab.phone("203").unregister()
    call = lab.phone("201").call("661")
    call.leaves("paging:intercom", "nobody").hang_up()


def test_an_outsider_who_is_transferred_to_a_page_is_refused(lab: Lab) -> None:
    call = lab.carrier("principal").call("+541152365002")
    taken = lab.phone("201").rings().answer()
    call.answered().listen(1)
    taken.transfer("660")
    call.leaves("paging:deposito", "refused").ended()
    assert lab.ringing_order() == ["201"]
