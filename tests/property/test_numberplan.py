"""The number plans against Google's libphonenumber, over generated numbers of every type.

Each comparison prints the share that agrees. A difference is a failure unless ``EXPLAINED`` names the numbers it is
about and says why we differ.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from pbx.asterisk.patterns import best_match, compare, is_pattern, match_order, matches, overlaps, swallows
from pbx.numberplan import NUMBER, classify, countries, dialled, nationally, plan_for
from pbx.numberplan.data import country_data
from tests.property.phone_samples import national_numbers, short_numbers

if TYPE_CHECKING:
    from pbx.numberplan import NumberPlan

EACH = 400
GEOGRAPHIC = {"local", "national"}
EXPECTED = {
    PhoneNumberType.FIXED_LINE: GEOGRAPHIC,
    PhoneNumberType.MOBILE: {"mobile"},
    # Where the ranges are shared nobody can tell before dialling.
    PhoneNumberType.FIXED_LINE_OR_MOBILE: {*GEOGRAPHIC, "mobile"},
    PhoneNumberType.TOLL_FREE: {"toll_free"},
    PhoneNumberType.PREMIUM_RATE: {"premium"},
    # The caller pays a part: between a local call and anything.
    PhoneNumberType.SHARED_COST: {*GEOGRAPHIC, "premium"},
    PhoneNumberType.UAN: {*GEOGRAPHIC, "premium"},
    PhoneNumberType.PERSONAL_NUMBER: {"premium"},
    PhoneNumberType.VOIP: GEOGRAPHIC,
}
EXPLAINED = {
    "AR": [
        (
            r"\+54(9)?11[01]",
            "no subscriber number begins with 0 or 1: 0 is the national prefix, 1 the special services",
        ),
        (
            r"\+5493873[01]",
            "Salta is 387 and seven digits; the library writes it as 3873 and a subscriber number with a 1",
        ),
    ],
    "UY": [
        (r"\+5980004", "international freephone, dialled 000 4…: it has no E.164 form and a trunk does not reach it"),
    ],
}
"""By country: numbers (E.164) on which we differ, and why."""


def an_area(country: str, random: Random) -> str:
    """Choose an area code, or none where there are none."""
    codes = sorted(country_data(country).area_codes)
    return random.choice(codes) if codes else ""


def explained(country: str, number: str) -> bool:
    """Tell whether a difference is one that we know of."""
    return any(re.match(pattern, number) for pattern, _ in EXPLAINED.get(country, []))


def told(share: str, agreeing: int, total: int, differing: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Print the share, and fail with the differences that nobody explained."""
    with capsys.disabled():
        print(f"\n  {share}: {agreeing} of {total} agree ({agreeing / total:.2%})")  # noqa: T201 - a figure that the docs cite
    assert differing[:20] == []
    assert agreeing > total // 2


@pytest.mark.parametrize("country", countries())
def test_numbers_of_every_type_have_the_category_that_libphonenumber_gives_them(
    country: str, capsys: pytest.CaptureFixture[str]
) -> None:
    random = Random(country)
    counted: Counter[bool] = Counter()
    types: Counter[tuple[str, bool]] = Counter()
    differing = []
    for national in national_numbers(country, EACH):
        number = phonenumbers.parse(f"+{country_data(country).code}{national}")
        if phonenumbers.region_code_for_number(number) != country:
            continue
        e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
        category = classify(plan_for(country, an_area(country, random)), e164)
        kind = phonenumbers.number_type(number)
        agrees = category in EXPECTED[kind]
        counted[agrees] += 1
        types[PhoneNumberType.to_string(kind), agrees] += 1
        if not agrees and not explained(country, e164):
            differing.append(f"{e164} is {PhoneNumberType.to_string(kind)}, we say {category}")
    with capsys.disabled():
        for name in sorted({name for name, _ in types}):
            agreeing, total = types[name, True], types[name, True] + types[name, False]
            print(f"\n  {country}, {name}: {agreeing} of {total} agree ({agreeing / total:.2%})", end="")  # noqa: T201 - as above
        for pattern, why in EXPLAINED.get(country, []):
            print(f"\n  {country} differs on {pattern}: {why}", end="")  # noqa: T201 - as above
    told(f"{country}, category", counted[True], counted.total(), differing, capsys)


@pytest.mark.parametrize("country", countries())
def test_a_number_dialled_as_it_is_written_in_the_country_reaches_its_e164(
    country: str, capsys: pytest.CaptureFixture[str]
) -> None:
    random = Random(country)
    counted: Counter[bool] = Counter()
    differing = []
    for national in national_numbers(country, EACH):
        number = phonenumbers.parse(f"+{country_data(country).code}{national}")
        if phonenumbers.region_code_for_number(number) != country:
            continue
        plan = plan_for(country, an_area(country, random))
        e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
        digits = re.sub(r"\D", "", phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL))
        found = dialled(plan, digits)
        agrees = found is not None and (found.number, found.category) == (e164, classify(plan, e164))
        counted[agrees] += 1
        if not agrees and not explained(country, e164):
            differing.append(f"{digits} is {e164} ({classify(plan, e164)}), we say {found}")
    told(f"{country}, dialling", counted[True], counted.total(), differing, capsys)


@pytest.mark.parametrize("country", countries())
def test_what_a_form_takes_is_the_number_that_libphonenumber_reads(country: str) -> None:
    random = Random(country)
    compared = 0
    for _ in range(300):
        plan = plan_for(country, an_area(country, random))
        form = random.choice([form for form in plan.forms if form.category != "emergency"])
        digits = "".join(random.choice(choices) for choices in positions(form.pattern, random))
        found = dialled(plan, digits)
        if found is None or not found.number.startswith("+"):
            continue
        assert classify(plan, found.number) == found.category, digits
        written = digits if digits.startswith(("+", "0", "1")) else found.number
        try:
            read = phonenumbers.parse(written, country)
        except phonenumbers.NumberParseException:
            continue
        if not phonenumbers.is_valid_number(read) or phonenumbers.is_valid_number_for_region(read, country) is False:
            continue
        compared += 1
        assert phonenumbers.format_number(read, PhoneNumberFormat.E164) == found.number, digits
    assert compared > 20


@pytest.mark.parametrize("region", ["CA", "JM", "DO", "BS", "TT", "AG", "VG", "SX"])
def test_other_countries_of_code_1_are_abroad(region: str) -> None:
    plan = plan_for("US", "212")
    for national in national_numbers(region, 60):
        number = phonenumbers.parse(f"+1{national}")
        if phonenumbers.region_code_for_number(number) != region or not re.fullmatch(r"\d{3}[2-9]\d{6}", national):
            continue  # No exchange begins with 0 or 1, and seven digits alone cannot be dialled from abroad.
        for digits in (f"+1{national}", f"1{national}", national, f"0111{national}"):
            found = dialled(plan, digits)
            assert found is not None, digits
            assert (found.number, found.category) == (f"+1{national}", "international"), digits


def positions(pattern: str, random: Random) -> list[str]:
    """Give for each position of a pattern the characters it takes; a trailing ``.`` becomes some digits."""
    out: list[str] = []
    for piece in re.findall(r"\[[^]]*\]|.", pattern.removeprefix("_")):
        if piece == ".":
            out += ["0123456789"] * random.randint(7, 10)
        else:
            out.append("".join(digit for digit in "0123456789+" if matches(f"_{piece}", digit)))
    return out


@pytest.mark.parametrize("country", countries())
def test_every_emergency_number_of_libphonenumber_is_one_of_ours(country: str) -> None:
    random = Random(country)
    for _ in range(5):
        plan = plan_for(country, an_area(country, random))
        assert set(short_numbers(country)) <= set(plan.emergency)


@pytest.mark.parametrize("country", countries())
def test_the_plan_of_every_area_is_sound(country: str) -> None:
    for area in sorted(country_data(country).area_codes) or [""]:
        plan = plan_for(country, area)
        patterns = [form.pattern for form in plan.forms]
        ordered = match_order(patterns)
        assert all(compare(one, other) for one, other in pairwise(ordered)), area
        for number in plan.emergency:
            found = dialled(plan, number)
            assert found is not None, number
            assert (found.number, found.category) == (number, "emergency")
            assert [form for form in plan.forms if is_pattern(form.pattern) and matches(form.pattern, number)] == []


def same_number_another_way(plan: NumberPlan, e164: str) -> list[str]:
    """Give other ways to dial a number of the own country: from abroad."""
    prefixes = [prefix for prefix in country_data(plan.country).international if "[" not in prefix]
    return [prefix + e164[1:] for prefix in prefixes]


@pytest.mark.parametrize("country", countries())
def test_nobody_reaches_a_number_of_the_country_as_something_else_through_the_international_prefix(
    country: str,
) -> None:
    random = Random(country)
    for national in national_numbers(country, 40):
        plan = plan_for(country, an_area(country, random))
        e164 = f"+{country_data(country).code}{national}"
        for digits in same_number_another_way(plan, e164):
            found = dialled(plan, digits)
            assert (found and found.category) == classify(plan, e164)
            assert found is None or found.number == e164


@given(st.text("0123456789+*#&@;-() abc\n", max_size=24), st.sampled_from(countries()))
def test_nothing_but_a_number_ever_comes_out(digits: str, country: str) -> None:
    plan = plan_for(country, an_area(country, Random(digits)))
    found = dialled(plan, digits)
    if found is not None:
        assert re.fullmatch(NUMBER.strip("^$"), found.number)
        assert classify(plan, found.number) == found.category


extensions = st.one_of(
    st.text("0123456789*#", min_size=1, max_size=5),
    st.from_regex(r"_([XZN0-9+*#-]|\[[0-9]{1,3}\]|\[[0-4]-[5-9]\]){1,5}[.!]?", fullmatch=True),
)


@given(st.lists(extensions, min_size=1, max_size=8), st.text("0123456789*#", max_size=6))
def test_the_best_match_matches_and_comes_before_all_others(given_extensions: list[str], digits: str) -> None:
    best = best_match(given_extensions, digits)
    matching = [extension for extension in given_extensions if matches(extension, digits)]
    assert (best in matching) if matching else (best is None)
    assert all(compare(best, other) <= 0 for other in matching if best is not None)


@given(extensions, extensions, extensions)
def test_the_order_of_extensions_is_an_order(one: str, two: str, three: str) -> None:
    assert (compare(one, two) > 0) == (compare(two, one) < 0)
    if compare(one, two) <= 0 and compare(two, three) <= 0:
        assert compare(one, three) <= 0


@given(extensions, extensions, st.text("0123456789+*#", min_size=1, max_size=7))
def test_overlap_and_swallowing_agree_with_matching(one: str, two: str, digits: str) -> None:
    example = overlaps(one, two)
    if example is not None:
        assert matches(one, example)
        assert matches(two, example)
    if matches(one, digits) and matches(two, digits):
        assert example is not None
        assert len(example) <= len(digits)
    if swallows(one, two) and matches(two, digits):
        assert matches(one, digits)


@pytest.mark.parametrize("country", countries())
def test_what_people_dial_at_home_leads_back_to_the_number(country: str) -> None:
    random = Random(7)
    for _ in range(5):
        plan = plan_for(country, an_area(country, random))
        for national in national_numbers(country, 20):
            number = f"+{plan.country_code}{national}"
            if classify(plan, number) is None:
                continue
            keys = nationally(plan, number)
            found = dialled(plan, keys)
            assert found is not None, (number, keys)
            assert found.number == number, keys
            assert "+" not in keys
