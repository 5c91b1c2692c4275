"""The directory on a real PBX: spelled, found, rung."""

from __future__ import annotations

import pytest

from lab.calls import Lab

pytestmark = [pytest.mark.engine, pytest.mark.lab(site="sites/places", tenant="andina")]


@pytest.mark.parametrize(
    ("keys", "number"),
    [("262", "201"), ("466", "201"), ("767", "204"), ("567", "205"), ("284", "205"), ("72#", "202")],
    ids=["first-name", "last-name-with-accent", "one-word", "second-first-name", "accent-at-the-start", "short"],
)
def test_a_name_is_found_by_any_of_its_words(lab: Lab, keys: str, number: str) -> None:
    call = lab.phone("203").call("690")
    call.answered().listen(2).press(keys).listen(8).press("1")
    call.leaves("directory:690", number)
    lab.phone(number).rings().answer()
    assert call.journey == ["directory:690", f"extension:{number}"]
    call.hang_up()


def test_an_outsider_who_finds_a_phone_for_internal_calls_has_chosen_it(lab: Lab) -> None:
    call = lab.carrier("principal").call("+541152365000")
    call.hears("ivr:principal").press("3").reaches("directory:690").listen(2).press("584").listen(8).press("1")
    lab.phone("202").rings()
    call.hang_up()


def test_a_name_of_another_tenant_is_not_found(lab: Lab) -> None:
    call = lab.of("sur").phone("201").call("690")
    call.answered().listen(2).press("466").hears("dir-nomatch").hang_up()
    assert lab.ringing_order() == []
