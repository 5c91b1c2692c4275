"""Ring groups: who rings, and why a call that nobody takes goes on."""

from __future__ import annotations

from datetime import datetime

import pytest

from pbx.kinds.base import PhoneState, Situation
from pbx.trace import trace_did, trace_extension
from tests import built
from tests.samples import TWO, build, clean, read, tenant, texts_of

ANDINA = tenant(TWO, "andina")
MORNING = datetime(2026, 11, 18, 10, tzinfo=ANDINA.timezone)


def dial(keys: str, caller: str = "203", **states: PhoneState) -> list[tuple[str, str]]:
    """What becomes of a call from a phone: each step's place and exit."""
    phones = {number.removeprefix("x"): state for number, state in states.items()}
    journey = trace_extension(ANDINA, caller, keys, Situation(MORNING, [], phones))
    return [*((str(step.node), step.exit) for step in journey.steps), ("end", journey.end)]


@pytest.mark.parametrize(
    ("states", "outcome"),
    [
        ({"x202": "busy", "x205": "busy"}, "busy"),
        ({"x202": "unavailable", "x205": "busy"}, "busy"),
        ({"x202": "no_answer", "x205": "busy"}, "no_answer"),
        ({"x202": "unavailable", "x205": "no_answer"}, "no_answer"),
        ({"x202": "unavailable", "x205": "unavailable"}, "unavailable"),
    ],
)
def test_a_phone_that_rang_outweighs_a_busy_one_and_that_one_an_absent_one(
    states: dict[str, PhoneState], outcome: str
) -> None:
    assert dial("611", **states) == [("ring_group:todos", outcome), ("end", "hangup")]


def test_the_first_member_who_answers_takes_the_call_and_own_forwards_do_not_apply() -> None:
    assert dial("610", x201="busy") == [
        ("ring_group:recepcion", "answered"),
        ("end", "answered by extension:204"),
    ]


def test_who_calls_his_own_group_does_not_ring_himself() -> None:
    assert dial("611", caller="202", x205="unavailable") == [("ring_group:todos", "unavailable"), ("end", "hangup")]


def test_who_receives_internal_calls_only_rings_for_an_outsider_who_chose_the_group() -> None:
    def outside(*presses: str) -> str:
        states: dict[str, PhoneState] = {"205": "busy", "202": "unavailable"}
        return trace_did(ANDINA, "+541152365000", Situation(MORNING, list(presses), states)).end

    assert outside("5") == "answered by extension:204"
    # The fallback of the chosen group is not what he chose.
    text = texts_of(TWO)
    moved = text["tenants/andina.yaml"].replace('"5": ring_group:guardia', '"5": ring_group:otro')
    moved = moved.replace("ring_groups:\n", "ring_groups:\n  otro: {members: [], fallback: ring_group:guardia}\n")
    scope = clean(text | {"tenants/andina.yaml": moved}).tenants["andina"]
    states: dict[str, PhoneState] = {"205": "busy", "202": "unavailable"}
    assert trace_did(scope, "+541152365000", Situation(MORNING, ["5"], states)).end == "hangup"


def test_all_ring_at_once_and_ordered_ones_one_after_the_other() -> None:
    contexts = built.contexts(build(clean(texts_of(TWO))).files)

    def routines(group: str) -> list[str]:
        steps = contexts["andina_ringgroup"].extensions[group].steps
        return [step.split("(")[1].split(",")[0] for step in steps if step.startswith("Gosub(")]

    assert routines("guardia") == ["pbx-member", "pbx-ring-members"] * 2
    assert routines("recepcion") == ["pbx-member"] * 3 + ["pbx-ring-members"]


def test_members_are_known_and_the_strategy_is_a_word_of_the_language() -> None:
    text = texts_of(TWO)
    for before, after, code in (
        ('["202", "205"]}', '["202", "299"]}', "PBX301"),
        ("strategy: ordered", "strategy: round", "PBX103"),
        ("fallback: voicemail:201}\n  guardia", "fallback: voicemail:299}\n  guardia", "PBX301"),
        ('number: "610"', 'number: "600"', "PBX202"),
        ("fallback: ring_group:todos", "fallback: ring_group:guardia", "PBX407"),
    ):
        changed = text["tenants/andina.yaml"].replace(before, after)
        assert changed != text["tenants/andina.yaml"], before
        assert code in {each.code for each in read(text | {"tenants/andina.yaml": changed})[2]}, after
