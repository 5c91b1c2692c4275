"""The directory: whom a caller finds by spelling."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from pbx.kinds.base import Person, Situation
from pbx.kinds.directory import words
from pbx.site import TenantScope
from pbx.trace import Journey, trace_did, trace_extension
from tests.samples import TWO, build, clean, tenant, texts_of

ANDINA = tenant(TWO, "andina")
MORNING = datetime(2026, 11, 18, 10, tzinfo=ANDINA.timezone)


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [
        ("José", "Ñandú", ("Jose", "Nandu")),
        ("Juan José", "Gómez Pérez", ("Juan", "Jose", "Gomez", "Perez")),
        ("Portería", "", ("Porteria",)),
        ("O'Hara", "de la Cruz", ("O", "Hara", "de", "la", "Cruz")),
        ("日本", "24", ()),
    ],
)
def test_each_word_of_a_name_counts_in_letters_that_keys_have(first: str, last: str, found: tuple[str, ...]) -> None:
    assert words(Person("201", first, last, call_waiting=True, internal_only=False)) == found


@pytest.mark.parametrize(
    ("presses", "end"),
    [
        (["262", "1"], "answered by extension:201"),  # Ana
        (["466"], "answered by extension:201"),  # Gómez
        (["584"], "answered by extension:202"),  # Luis
        (["337"], "answered by extension:204"),  # Depósito
        (["999"], "hangup"),
        (["262", "*"], "hangup"),
        ([], "hangup"),
    ],
)
def test_a_caller_spells_a_name(presses: list[str], end: str) -> None:
    assert trace_extension(ANDINA, "203", "690", Situation(MORNING, presses)).end == end


@pytest.mark.parametrize(
    ("keys", "names", "order"),
    [
        ("729", {"201": ("Zoe", "Paz"), "202": ("Ana", "Paz")}, ["202", "201"]),
        ("729", {"201": ("Paz", "Vega"), "202": ("Eva", "Paz")}, ["201", "202"]),  # paz vega, pazeva
        ("729", {"201": ("Ana", "Soto Paz"), "202": ("Eva", "Paz")}, ["201", "202"]),  # an alias stands alone
        ("262", {"201": ("Ana", "Soto"), "202": ("Ana", "Paz")}, ["202", "201"]),
    ],
    ids=["same-last-name", "first-and-last-name", "alias", "same-first-name"],
)
def test_people_with_the_same_letters_are_told_in_the_order_of_asterisk(
    keys: str, names: dict[str, tuple[str, str]], order: list[str]
) -> None:
    """``check_match`` and ``sort_items`` of app_directory.c: by last name, and the first name after it."""
    people = ANDINA.tenant.extensions
    named = {
        number: people[number].model_copy(update={"first_name": first, "last_name": last})
        for number, (first, last) in names.items()
    }
    scope = replace(ANDINA, tenant=ANDINA.tenant.model_copy(update={"extensions": {**people, **named}}))
    assert [dial(scope, keys).steps[0].exit, dial(scope, keys, "*").steps[0].exit] == order


def dial(scope: TenantScope, *presses: str) -> Journey:
    return trace_extension(scope, "203", "690", Situation(MORNING, list(presses)))


def test_who_is_found_was_chosen() -> None:
    journey = trace_did(ANDINA, "+541152365000", Situation(MORNING, ["9", "337"]))
    assert journey.nodes[-3:] == ["ivr:principal", "directory:690", "extension:204"]
    assert journey.end == "answered by extension:204"


def test_everybody_is_in_the_file_with_a_mailbox_or_without() -> None:
    text = texts_of(TWO)
    text["tenants/andina.yaml"] = text["tenants/andina.yaml"].replace("last_name: Gómez", "last_name: de la Peña Gómez")
    lines = build(clean(text)).files["tenants/andina/directory.conf"].splitlines()
    assert "201 => ,Ana de la Pena Gomez,,,attach=no|alias=la|alias=Pena|alias=Gomez" in lines
    assert "204 => ,Deposito,,,attach=no" in lines
