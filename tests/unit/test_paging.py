"""Paging: who hears the caller, as foretold."""

from __future__ import annotations

from datetime import datetime

import pytest

from pbx.kinds.base import PhoneState, Situation
from pbx.trace import trace_extension
from tests.samples import TWO, read, tenant, texts_of

ANDINA = tenant(TWO, "andina")
MORNING = datetime(2026, 11, 18, 10, tzinfo=ANDINA.timezone)


@pytest.mark.parametrize(
    ("caller", "states", "end"),
    [
        ("203", {}, "heard at 204, 205, 201"),
        ("201", {}, "heard at 204, 205"),
        ("203", {"204": "busy", "205": "no_answer"}, "heard at 201"),
        ("203", {"204": "busy", "205": "unavailable", "201": "busy"}, "busy"),
        ("203", {"204": "busy", "205": "no_answer", "201": "busy"}, "heard by nobody"),
    ],
)
def test_phones_that_are_free_hear_the_caller(caller: str, states: dict[str, PhoneState], end: str) -> None:
    assert trace_extension(ANDINA, caller, "660", Situation(MORNING, [], states)).end == end


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ('["204", "205", "201"]', '["204", "299"]', "PBX301"),
        ('["204", "205", "201"]', '["204", "204"]', "PBX411"),
        ('["204", "205", "201"]', "[]", "PBX410"),
        ('"0": extension:204', '"0": paging:deposito', "PBX120"),
    ],
    ids=["unknown", "twice", "nobody", "no-destination"],
)
def test_members_are_known_and_a_page_is_no_destination(before: str, after: str, code: str) -> None:
    texts = texts_of(TWO)
    text = texts["tenants/andina.yaml"]
    assert before in text
    problems = read(texts | {"tenants/andina.yaml": text.replace(before, after)})[2]
    assert code in {each.code for each in problems}
