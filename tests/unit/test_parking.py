"""Parking: what its numbers mean, and which slots it may have."""

from __future__ import annotations

from datetime import datetime

import pytest

from pbx.kinds.base import Situation
from pbx.trace import trace_extension
from tests import built
from tests.samples import TWO, build, clean, read, tenant, texts_of

ANDINA = tenant(TWO, "andina")
MORNING = datetime(2026, 11, 18, 10, tzinfo=ANDINA.timezone)


@pytest.mark.parametrize(
    ("keys", "end"),
    [
        ("670", "parked at parking:670"),
        ("671", "takes the call parked at 671"),
        ("679", "takes the call parked at 679"),
        ("680", "refused: no such number"),
    ],
)
def test_the_number_parks_and_a_slot_gives_back(keys: str, end: str) -> None:
    assert trace_extension(ANDINA, "203", keys, Situation(MORNING)).end == end


def test_a_transfer_finds_park_as_the_first_step_of_the_number() -> None:
    # parking_is_exten_park of res_parking looks at the application of the first priority, through includes.
    contexts = built.contexts(build(clean(texts_of(TWO))).files)
    assert "andina_parking" in [name for _, name in contexts["andina_internal"].includes]
    assert not {"670", "671"} & set(contexts["andina_internal"].extensions)
    assert contexts["andina_parking"].extensions["670"].steps[0] == "Park(andina)"


@pytest.mark.parametrize(
    ("before", "after", "codes"),
    [
        ("slots: 671-679", "slots: 071-079", ["PBX115"]),
        ("slots: 671-679", "slots: 1000-1100", ["PBX115"]),
        ("slots: 671-679", "slots: 670-679", ["PBX202"]),
        ("slots: 671-679", "slots: 591-599", ["PBX201"]),
        ("slots: 671-679", "slots: 600-602", ["PBX202"]),
    ],
    ids=["leading-zero", "too-many", "its-own-number", "outside-the-range", "taken"],
)
def test_a_range_that_is_written_once_is_told_once(before: str, after: str, codes: list[str]) -> None:
    texts = texts_of(TWO)
    text = texts["tenants/andina.yaml"]
    assert before in text
    problems = read(texts | {"tenants/andina.yaml": text.replace(before, after)})[2]
    assert [each.code for each in problems if each.severity == "error"] == codes


@pytest.mark.parametrize(("keys", "end"), [("671", "takes the call parked at 671"), ("670", "parked at parking:670")])
def test_a_users_forward_leads_to_the_number_it_names(keys: str, end: str) -> None:
    situation = Situation(MORNING, settings={("201", "forward_always"): keys})
    assert trace_extension(ANDINA, "203", "201", situation).end == end
