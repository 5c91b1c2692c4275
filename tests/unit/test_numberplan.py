"""How people dial, and how Asterisk chooses: by example."""

from __future__ import annotations

import pytest

from pbx.asterisk.patterns import best_match, compare, match_order, matches, overlaps, swallows, width
from pbx.numberplan import (
    BadAreaCode,
    DialForm,
    UnknownCountry,
    classify,
    countries,
    dialled,
    has_plan,
    plan_for,
    tones,
)

MEASURED = (
    # `dialplan show` of a running Asterisk 22.10.1, in its own order.
    (
        *("_+920", "_1[*#].", "_5[5-31]", "_90*", "_9N[0-9]N!", "_[*#]x!", "_[*#]!", "_[13-5]1n1.", "_N+"),
        *("_Z[0-9]Z[*#]", "_x+!", "_x2+Z-", "_x[*#]N!", "_x[0-9][5-31][5-31]+"),
    ),
    ("911", "_911!", "_911", "_91.", "_9.", "_9!", "_9"),
)


@pytest.mark.parametrize("order", MEASURED)
def test_extensions_stand_in_the_order_of_asterisk(order: tuple[str, ...]) -> None:
    assert match_order(reversed(order)) == order
    assert match_order(sorted(order)) == order


@pytest.mark.parametrize(
    ("extensions", "digits", "best"),
    [
        (["_9.", "_9XX", "911"], "911", "911"),
        (["_9.", "_9XX"], "912", "_9XX"),
        (["_X11", "_1."], "111", "_1."),
        (["_9!", "_9"], "9", "_9!"),
        (["_[2-8]XX", "_NXX"], "200", "_[2-8]XX"),
        (["_[1-4]X", "_[2-5]X"], "30", "_[1-4]X"),
        (["_[13]X", "_[12]X"], "10", "_[12]X"),
        (["_555-1234"], "5551234", "_555-1234"),
        (["5551234"], "555-1234", "5551234"),
        (["_2XX"], "2000", None),
        (["_2XX"], "20", None),
        (["_2."], "2", None),
        (["_2!"], "2", "_2!"),
        (["_[]2"], "2", "_[]2"),
        (["_[1"], "1", None),
        (["_zN"], "12", "_zN"),
        (["_+54."], "+5411", "_+54."),
    ],
)
def test_the_extension_that_asterisk_would_run(extensions: list[str], digits: str, best: str | None) -> None:
    assert best_match(extensions, digits) == best
    assert best_match(extensions[::-1], digits) == best


def test_two_spellings_of_one_pattern_are_one_to_asterisk() -> None:
    assert compare("_[0-9]", "_X") == 0
    assert compare("_1-2", "_12") == 0
    assert compare("_[1]", "_1") == 0


@pytest.mark.parametrize(
    ("one", "other", "example"),
    [
        ("_2XX", "_[2-8]XXXXXXX", None),
        ("_2XX", "_N!", "200"),
        ("_0.", "_00.", "000"),
        ("*97", "_*9X", "*97"),
        ("*97", "_*8", None),
        ("_X.", "_.", "00"),
    ],
)
def test_an_overlap_is_shown_by_a_shortest_example(one: str, other: str, example: str | None) -> None:
    assert overlaps(one, other) == example
    assert overlaps(other, one) == example


def test_a_wide_pattern_swallows_a_narrow_one_but_not_the_other_way() -> None:
    assert swallows("_9.", "911")
    assert swallows("_0.", "_0[1-9]X")
    assert not swallows("_0XX", "_0.")
    assert not swallows("_9.", "_9!")


@pytest.mark.parametrize(
    ("extension", "characters"), [("_00", 2), ("_1[1-3]0", 3), ("911", 3), ("_9.", None), ("_-9", 1)]
)
def test_the_width_of_an_extension(extension: str, characters: int | None) -> None:
    assert width(extension) == characters
    assert characters is None or not matches(extension, "9" * (characters + 1))


@pytest.mark.parametrize(
    ("country", "area", "digits", "number", "category"),
    [
        ("AR", "11", "52365000", "+541152365000", "local"),
        ("AR", "11", "1555550000", "+5491155550000", "mobile"),
        ("AR", "11", "01152365000", "+541152365000", "local"),
        ("AR", "341", "01152365000", "+541152365000", "national"),
        ("AR", "341", "4123456", "+543414123456", "local"),
        ("AR", "2202", "412345", "+542202412345", "local"),
        ("AR", "220", "02202412345", "+542202412345", "national"),
        ("AR", "11", "0341154123456", "+5493414123456", "mobile"),
        ("AR", "11", "0222115412345", "+5492221412345", "mobile"),
        ("AR", "341", "0111555550000", "+5491155550000", "mobile"),
        ("AR", "11", "08001234567", "+548001234567", "toll_free"),
        ("AR", "11", "08101234567", "+548101234567", "local"),
        ("AR", "11", "06091234567", "+546091234567", "premium"),
        ("AR", "11", "08881234567", "+548881234567", "premium"),
        ("AR", "11", "0059829001234", "+59829001234", "international"),
        ("AR", "11", "00546001234567", "+546001234567", "premium"),
        ("AR", "11", "+546001234567", "+546001234567", "premium"),
        ("AR", "11", "+5491155550000", "+5491155550000", "mobile"),
        ("AR", "11", "+12125551212", "+12125551212", "international"),
        ("AR", "11", "911", "911", "emergency"),
        ("AR", "11", "107", "107", "emergency"),
        ("AR", "11", "144", "144", "toll_free"),
        ("CR", "", "88881234", "+50688881234", "mobile"),
        ("CR", "", "22221234", "+50622221234", "local"),
        ("CL", "", "18801212555121", "+1212555121", "international"),
        ("UY", "", "099123456", "+59899123456", "mobile"),
        ("CO", "601", "6012281260", "+576012281260", "local"),
        ("CO", "604", "6012281260", "+576012281260", "national"),
        ("CO", "601", "00456131234567", "+131234567", "international"),
        ("ES", "", "803123456", "+34803123456", "premium"),
        ("MX", "", "5512345678", "+525512345678", "local"),
        ("US", "212", "5551212", "+12125551212", "local"),
        ("US", "212", "13055551212", "+13055551212", "national"),
        ("US", "212", "18765551212", "+18765551212", "international"),
        ("US", "212", "8765551212", "+18765551212", "international"),
        ("US", "212", "01118765551212", "+18765551212", "international"),
        ("US", "212", "+19005551212", "+19005551212", "premium"),
        ("US", "212", "01144207946000", "+44207946000", "international"),
    ],
)
def test_what_becomes_of_dialled_digits(country: str, area: str, digits: str, number: str, category: str) -> None:
    plan = plan_for(country, area)
    found = dialled(plan, digits)
    assert found is not None
    assert (found.number, found.category) == (number, category)
    assert classify(plan, number) == category


@pytest.mark.parametrize(
    "digits",
    ["", "2", "412345678", "0", "00", "+54", "+54911", "0054123", "00598", "00598-1&x@y", "15", "+1234567890123456"],
)
def test_what_is_no_number_is_refused(digits: str) -> None:
    assert dialled(plan_for("AR", "11"), digits) is None


def test_a_number_is_classified_only_as_it_is_written_in_e164() -> None:
    plan = plan_for("AR", "11")
    assert classify(plan, "1555550000") is None
    assert classify(plan, "+54911") is None


@pytest.mark.parametrize("number", ["100", "101", "103", "106", "107", "911"])
def test_argentina_knows_its_emergency_numbers(number: str) -> None:
    assert number in plan_for("AR", "341").emergency


def test_a_form_is_written_for_asterisk_behind_an_outside_prefix() -> None:
    plan = plan_for("AR", "11")
    drop = plan.form("_0[23]XX15[2-8]XXXXXX")
    assert drop.asterisk() == "+549${EXTEN:1:3}${EXTEN:6}"
    assert drop.asterisk("ARG1", 1) == "+549${ARG1:2:3}${ARG1:7}"
    assert plan.form("911").asterisk() == "${EXTEN}"
    assert plan.form("911").asterisk(offset=1) == "${EXTEN:1}"


def test_the_slices_of_a_form_make_its_number() -> None:
    form = DialForm("_01115XXXXXXXX", 1, "+549", "mobile", "x", drop=(3, 2))
    digits = "0111555550000"
    made = form.prepend + "".join(digits[a : None if n is None else a + n] for a, n in form.slices)
    assert made == form.number(digits) == "+5491155550000"


def test_an_unknown_country_is_told_the_known_ones() -> None:
    assert not has_plan("ZZ")
    with pytest.raises(UnknownCountry, match="AR") as raised:
        plan_for("ZZ", "1")
    assert raised.value.known == countries()


@pytest.mark.parametrize(
    ("country", "area", "words"),
    [
        ("AR", "011", "without the 0"),
        ("AR", "343x", "no area code of Argentina"),
        ("AR", "999", "such as 11"),
        ("AR", "", "needs an area code"),
        ("CR", "2", "leave area_code out"),
    ],
)
def test_a_bad_area_code_is_told_what_to_write(country: str, area: str, words: str) -> None:
    with pytest.raises(BadAreaCode, match=words):
        plan_for(country, area)


@pytest.mark.parametrize("country", ["AR", "CR", "MX", "CL", "UY", "CO", "ES", "US"])
def test_every_country_has_the_tones_that_asterisk_plays(country: str) -> None:
    zone = tones(country)
    needed = {"description", "ringcadence", "dial", "busy", "ring", "congestion", "callwaiting", "dialrecall", "record"}
    assert needed | {"info", "stutter"} <= set(zone)
    for option in set(zone) - {"description", "ringcadence"}:
        for element in zone[option].split(","):
            frequency, _, duration = element.removeprefix("!").partition("/")
            assert all(part.isdigit() for part in frequency.replace("*", "+").split("+")), (option, element)
            assert duration.isdigit() or not duration


def test_there_are_no_tones_for_an_unknown_country() -> None:
    assert tones("ZZ") == {}
