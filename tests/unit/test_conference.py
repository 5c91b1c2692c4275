"""Conferences: who is let in, as foretold."""

from __future__ import annotations

from datetime import datetime

import pytest

from pbx.kinds.base import Situation
from pbx.model import Ref
from pbx.trace import trace_did, trace_extension
from tests.samples import TWO, build, clean, tenant, texts_of

ANDINA = tenant(TWO, "andina")
MORNING = datetime(2026, 11, 18, 10, tzinfo=ANDINA.timezone)


@pytest.mark.parametrize(
    ("presses", "exits", "end"),
    [
        ([], ["joined"], "joined conference:sala"),
        (["2580"], ["joined"], "joined conference:sala"),
        (["2508", "2580"], ["wrong_pin", "joined"], "joined conference:sala"),
        (["1", "2", "3", "2580"], ["wrong_pin"] * 3 + ["refused"], "refused by conference:sala"),
    ],
)
def test_the_pin_is_asked_three_times(presses: list[str], exits: list[str], end: str) -> None:
    journey = trace_extension(ANDINA, "201", "650", Situation(MORNING, presses))
    assert [step.exit for step in journey.steps] == exits
    assert journey.end == end


def test_a_menu_leads_to_a_room_with_the_keys_that_are_left() -> None:
    journey = trace_did(ANDINA, "+541152365000", Situation(MORNING, ["6", "2580"]))
    assert journey.nodes[-2:] == ["ivr:principal", "conference:sala"]
    assert journey.end == "joined conference:sala"


def test_a_room_without_pin_asks_nobody() -> None:
    assert [each.exit for each in trace_extension(ANDINA, "201", "651", Situation(MORNING)).steps] == ["joined"]
    dialplan = build(clean(texts_of(TWO))).files["tenants/andina/extensions.conf"]
    assert dialplan.count("Gosub(pbx-pin") == 1


def test_a_full_room_lets_nobody_in() -> None:
    room = Ref("conference", "chica")
    journey = trace_extension(ANDINA, "201", "651", Situation(MORNING, full={room}))
    assert [(each.exit, each.because) for each in journey.steps] == [("full", "3 are in the room already")]
    assert journey.end == "refused by conference:chica"
    unlimited = Situation(MORNING, ["2580"], full={Ref("conference", "sala")})
    assert trace_extension(ANDINA, "201", "650", unlimited).end == "joined conference:sala"
