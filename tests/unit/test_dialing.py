"""What dialled keys mean, and who may call whom."""

from __future__ import annotations

import pytest

from pbx.dialing import denial, emergency_numbers, matches_prefix, meaning, route_for, shown_number
from pbx.tenant import ClassOfService
from tests.samples import TWO, tenant

ANDINA = tenant(TWO, "andina")
AND = tenant(TWO, "and")


@pytest.mark.parametrize(
    ("keys", "role", "to", "category"),
    [
        ("201", "internal", "extension:201", "internal"),
        ("600", "internal", "queue:ventas", "internal"),
        ("*98", "code", "mailbox", "internal"),
        ("**201", "code", "pickup", "internal"),
        ("101", "emergency", "external:101", "emergency"),
        ("9101", "emergency", "external:101", "emergency"),
        ("911", "emergency", "external:911", "emergency"),
        ("9911", "emergency", "external:911", "emergency"),
        ("943210000", "outside", "external:+541143210000", "local"),
        ("91555550000", "outside", "external:+5491155550000", "mobile"),
        ("+541143210000", "outside", "external:+541143210000", "local"),
        ("90013055550100", "outside", "external:+13055550100", "international"),
    ],
)
def test_what_keys_mean(keys: str, role: str, to: str, category: str) -> None:
    found = meaning(ANDINA, keys)
    assert found is not None
    assert (found.role, str(found.to), found.category) == (role, to, category)


@pytest.mark.parametrize("keys", ["299", "*97", "43210000", "9", "", "999999999", "**20", "9+1&x"])
def test_what_nobody_has_means_nothing(keys: str) -> None:
    assert meaning(ANDINA, keys) is None


def test_without_an_outside_prefix_numbers_are_dialled_as_they_are() -> None:
    found = meaning(AND, "5550100")
    assert found is not None
    assert str(found.to) == "external:+13055550100"
    assert emergency_numbers(AND) == ("911", "112")


def test_emergency_numbers_are_known_with_and_without_the_prefix() -> None:
    plain = [number for number in emergency_numbers(ANDINA) if not number.startswith("9") or number == "911"]
    assert set(emergency_numbers(ANDINA)) == {*plain, *(f"9{number}" for number in plain)}


def test_a_class_of_service_is_closed() -> None:
    allowed = ClassOfService.model_validate({"allow": ["internal", "local"], "deny": ["+5411600*", "+541143210000"]})
    assert denial(allowed, "local", "+541143219999") == ""
    assert denial(allowed, "mobile", "+5491155550000") == "does not allow mobile calls"
    assert denial(allowed, "local", "+541160012345") == "denies +5411600*"
    assert denial(allowed, "local", "+541143210000") == "denies +541143210000"


def test_nothing_denies_an_emergency() -> None:
    nothing = ClassOfService.model_validate({"allow": [], "deny": ["+1*"]})
    assert denial(nothing, "emergency", "101") == ""


def test_a_star_takes_all_that_begins_so_and_no_star_the_number_alone() -> None:
    assert matches_prefix("+5411600*", "+5411600")
    assert matches_prefix("+5411600*", "+54116001234")
    assert not matches_prefix("+5411600", "+54116001234")


def test_the_first_route_of_a_category_is_taken() -> None:
    assert route_for(ANDINA, "international") == (1, ANDINA.tenant.outbound_routes[1])
    assert route_for(ANDINA, "premium") is None


def test_the_shown_number_is_the_callers_then_the_routes_then_the_lowest_of_the_tenant() -> None:
    outside, abroad, _ = ANDINA.tenant.outbound_routes
    assert shown_number(ANDINA, abroad.caller_id, "201") == "+541152365001"
    assert shown_number(ANDINA, outside.caller_id, "202") == "+541152365000"
    assert shown_number(ANDINA, abroad.caller_id, "202") == min(ANDINA.tenant.dids)
