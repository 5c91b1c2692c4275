"""Names in Asterisk: unmistakable, and patterns that take a range exactly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pbx.asterisk import names, patterns
from pbx.model import NumberRange, Ref

SLUGS = st.from_regex(r"[a-z][a-z0-9]{1,15}", fullmatch=True)
IDS = st.from_regex(r"[a-z][a-z0-9_]{1,30}", fullmatch=True)
ROLES = st.sampled_from(["class", "outside", "allow", "deny", "menu", "hours", "holidays"])


@given(st.tuples(SLUGS, ROLES, IDS), st.tuples(SLUGS, ROLES, IDS))
def test_two_contexts_share_a_name_only_when_they_are_one(
    one: tuple[str, str, str], other: tuple[str, str, str]
) -> None:
    assert (names.context(*one) == names.context(*other)) == (one == other)


@given(SLUGS, ROLES, IDS)
def test_a_context_fits_into_asterisk(tenant: str, role: str, identity: str) -> None:
    assert len(names.context(tenant, role, identity)) <= 79


@given(SLUGS, IDS, SLUGS, st.from_regex(r"[0-9]{2,6}", fullmatch=True))
def test_a_trunk_is_never_taken_for_a_phone(one: str, identity: str, other: str, number: str) -> None:
    assert names.trunk(one, identity) != names.endpoint(other, number)


def test_a_place_is_a_jump() -> None:
    assert names.place("andina", Ref("ring_group", "todos")) == "andina_ringgroup,todos,1"
    assert names.place("andina", Ref("hangup")) == "pbx-end,hangup,1"


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("200", "299", ("_2XX",)),
        ("250", "269", ("_2[5-6]X",)),
        ("20", "20", ("_20",)),
        ("2000", "2149", ("_20XX", "_21[0-4]X")),
    ],
)
def test_a_range_becomes_few_patterns(first: str, last: str, expected: tuple[str, ...]) -> None:
    assert names.range_patterns(NumberRange(first, last)) == expected


@given(st.integers(0, 9999), st.integers(0, 9999))
def test_the_patterns_of_a_range_take_it_exactly_and_once(one: int, other: int) -> None:
    first, last = sorted((one, other))
    found = names.range_patterns(NumberRange(f"{first:04}", f"{last:04}"))
    for number in {0, first - 1, first, (first + last) // 2, last, last + 1, 9999} & set(range(10_000)):
        taking = [each for each in found if patterns.matches(each, f"{number:04}")]
        assert len(taking) == (first <= number <= last)


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ([], ()),
        (["205"], ("205",)),
        (["201", "200", "202", "205", "310"], ("_20[0-25]", "310")),
        (["20", "200", "201"], ("20", "_20[01]")),
        ([f"20{digit}" for digit in range(10)], ("_20X",)),
    ],
)
def test_numbers_that_differ_in_their_last_digit_are_one_pattern(numbers: list[str], expected: tuple[str, ...]) -> None:
    assert names.patterns_of(numbers) == expected


@given(st.sets(st.integers(0, 999).map(str), max_size=60))
def test_patterns_of_numbers_take_these_and_no_other(numbers: set[str]) -> None:
    found = names.patterns_of(numbers)
    assert {str(number) for number in range(1000) if patterns.best_match(found, str(number))} == numbers
    assert {number for each in found for number in patterns.taken(each, 10)} == numbers


def test_what_a_pattern_takes_is_told_only_when_it_is_little() -> None:
    assert patterns.taken("_20[13]", 10) == ("201", "203")
    assert patterns.taken("_2XX", 10) == ()
    assert patterns.taken("_20.", 10) == ()
