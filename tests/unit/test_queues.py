"""Queues: what is written, what is refused, and what Asterisk is given."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from pbx.kinds.base import PhoneState, Situation, Step
from pbx.kinds.queue import achieved, percent
from pbx.model import Ref
from pbx.trace import trace_extension
from tests import built
from tests.samples import TWO, build, clean, tenant, texts_of
from tests.unit.test_check import codes

ANDINA = tenant(TWO, "andina")
FILES = build(clean(texts_of(TWO))).files
PEOPLE = "".join(
    f"{start}{{first_name: Ana, class_of_service: interno}}"
    for start in ('extensions: {"201": ', ', "202": ', ', "203": ')
)
PEOPLE += "}\n"


def queue(rest: str) -> list[str]:
    """What is said of a queue with a number."""
    return codes(f'{PEOPLE}queues: {{ventas: {{number: "600", {rest}}}}}\n')


def section(name: str) -> list[str]:
    """The lines of one queue, without comments."""
    return dict(built.sections(FILES, "queues.conf"))[name]


def test_a_weighted_queue_is_wrandom_with_penalties() -> None:
    lines = section("andina_reparto")
    assert "strategy=wrandom" in lines
    assert [line for line in lines if line.startswith("member")] == [
        "member=PJSIP/andina_201,7,extension:201",
        "member=PJSIP/andina_202,10,extension:202",
        "member=PJSIP/andina_203,14,extension:203",
    ]


def test_the_achieved_shares_are_stated_with_everybody_there_and_with_each_one_away() -> None:
    text = FILES["tenants/andina/queues.conf"]
    assert "; 201 gets 49.9 %, 202 gets 29.9 %, 203 gets 20.2 % of the calls" in text
    assert "; while 201 is away: 202 gets 63.3 %, 203 gets 36.7 %" in text
    reparto = ANDINA.tenant.queues["reparto"]
    assert {member: percent(share) for member, share in achieved(reparto, "203").items()} == {
        "201": "63.6 %",
        "202": "36.4 %",
    }


@pytest.mark.parametrize(
    ("rest", "found"),
    [
        ('policy: weighted, members: {"201": 70, "202": 30}', []),
        ('policy: weighted, members: {"201": 100}', []),
        ('policy: weighted, members: {"201": 70, "202": 31}', ["PBX432"]),
        ('policy: weighted, members: {"201": 70, "202": 29}', ["PBX432"]),
        ('policy: weighted, members: {"201": 100, "202": 0}', ["PBX114"]),
        ('policy: weighted, members: {"201": 70, "20x": 30}', ["PBX105"]),
        ('policy: weighted, members: {"201": 70, "299": 30}', ["PBX301"]),
        ('policy: weighted, members: ["201", "202"]', ["PBX431"]),
        ('policy: circular, members: {"201": 70, "202": 30}', ["PBX431"]),
        ("policy: weighted, members: []", ["PBX405"]),
        ("policy: weighted, members: {}", ["PBX405"]),
        ("policy: weighted", ["PBX102"]),
        ("policy: weighted, members: none", ["PBX103"]),
        ('policy: weighted, members: {"201": 34, "202": 33, "203": 33}', []),
        ('policy: weighted, members: {"201": 70, "202": 20, "203": 10}', ["PBX430"]),
        ('policy: circular, members: ["201"], max_wait: 19s', ["PBX433"]),
        ('policy: circular, members: ["201"], max_wait: 20s', []),
        ('policy: loudest, members: ["201"]', ["PBX103"]),
    ],
)
def test_what_is_said_of_members_and_waits(rest: str, found: list[str]) -> None:
    assert queue(rest) == found


def test_the_trace_tells_the_share_of_who_answers() -> None:
    from tests.unit.test_flow import dial

    journey = dial("204", "603")
    assert journey.steps[-1].because == "Ana Gómez (201) answers, as for 49.9 % of the calls"


def test_only_a_queue_that_records_names_a_file_and_it_is_the_tenants_own() -> None:
    steps = "\n".join(built.contexts(FILES)["andina_queue"].extensions["reparto"].steps)
    assert "Set(MONITOR_FILENAME=andina/${STRFTIME(${EPOCH},America/Argentina/Buenos_Aires,%Y%m%d-%H%M%S)}" in steps
    assert "-reparto-${UNIQUEID})" in steps
    assert "MONITOR" not in "\n".join(built.contexts(FILES)["andina_queue"].extensions["ventas"].steps)
    assert "monitor-format=wav" in section("andina_reparto")
    assert "monitor-format=wav" not in section("andina_ventas")


def test_no_queue_follows_an_agents_redirection_or_has_a_context_of_keys() -> None:
    for body in built.contexts(FILES)["andina_queue"].extensions.values():
        assert [step.split(",")[1].partition("b(")[0] for step in body.steps if step.startswith("Queue(")] == ["i"]
    assert "context=" not in FILES["tenants/andina/queues.conf"]


def test_music_is_a_class_of_the_tenants_own() -> None:
    assert "musicclass=andina_default" in section("andina_ventas")
    classes = dict(built.sections(FILES, "musiconhold.conf"))
    assert {"and_default", "andina_default"} <= set(classes)


def test_the_position_is_told_to_the_first_caller_too_and_no_guess_of_the_time() -> None:
    lines = section("andina_ventas")
    assert {"announce-position=yes", "announce-to-first-user=yes", "announce-holdtime=no"} <= set(lines)
    assert not [line for line in section("andina_soporte") if line.startswith("announce")]


def test_an_agent_for_internal_calls_is_told_only_where_callers_from_outside_get() -> None:
    people = (
        'extensions: {"201": {first_name: Ana, class_of_service: interno}, '
        '"202": {first_name: Eva, class_of_service: interno, receive: internal}}\n'
    )
    queues = 'queues: {ventas: {number: "600", policy: circular, members: ["202"]}}\n'
    assert codes(f'{people}{queues}dids: {{"+541152365000": extension:201}}\n') == []
    assert codes(f'{people}{queues}dids: {{"+541152365000": queue:ventas}}\n') == ["PBX434"]


def call(caller: str, number: str, **world: Any) -> Step:  # noqa: ANN401 - as Situation has it
    """What happens to a call at a queue."""
    situation = Situation(datetime(2026, 11, 18, 10, tzinfo=ANDINA.timezone), **world)
    return trace_extension(ANDINA, caller, number, situation).steps[0]


def test_an_agent_who_calls_his_own_queue_does_not_ring() -> None:
    """``ringinuse=no``: his phone is in use, by this very call."""
    assert call("203", "601").end == "answered by extension:201"
    assert call("201", "601").end == "answered by extension:205"
    assert [ring.extension for ring in call("201", "601", states={"205": "no_answer"}).rings] == ["205"]


def test_a_queue_does_not_wait_for_agents_who_are_paused_or_gone() -> None:
    """``joinempty`` of queues.conf: paused, unavailable; a busy one is waited for."""
    paused = {("201", "queue_pause"): "on"}
    assert call("203", "601", settings=paused).end == "answered by extension:205"
    assert call("203", "601", settings=paused, states={"205": "unavailable"}).exit == "empty"
    undisturbed = {("201", "do_not_disturb"): "on", ("205", "do_not_disturb"): "on"}
    assert call("203", "601", settings=undisturbed).exit == "empty"
    assert call("203", "601", states={"201": "busy", "205": "busy"}).exit == "timeout"


def test_an_agent_whose_turn_comes_after_the_wait_does_not_ring() -> None:
    """Each of the two rings for 20 s, and the caller waits for 60; with 15 s the second has no turn."""
    first: dict[str, PhoneState] = {"201": "no_answer"}
    assert call("203", "601", states=first).end == "answered by extension:205"
    queue = ANDINA.tenant.queues["cobros"].model_copy(update={"max_wait": 15})
    tenant = ANDINA.tenant.model_copy(update={"queues": {"cobros": queue}})
    situation = Situation(datetime(2026, 11, 18, 10, tzinfo=ANDINA.timezone), states=first)
    step = trace_extension(replace(ANDINA, tenant=tenant), "203", "601", situation).steps[0]
    assert (step.exit, [ring.extension for ring in step.rings]) == ("timeout", ["201"])


def test_a_full_queue_takes_nobody_unless_nobody_is_there() -> None:
    full = {Ref("queue", "ventas")}
    assert call("203", "600", full=full).exit == "full"
    assert call("203", "600", full=full, states={"201": "unavailable", "202": "unavailable"}).exit == "empty"
    assert call("203", "601", full={Ref("queue", "cobros")}).exit == "answered"  # it has no limit


def test_the_announcement_of_the_position_is_part_of_the_wait() -> None:
    assert queue("policy: circular, members: [201], rings: 2, max_wait: 12s") == []
    assert queue("policy: circular, members: [201], rings: 2, max_wait: 12s, announce_position: 30s") == ["PBX433"]
    assert queue("policy: circular, members: [201], rings: 2, max_wait: 20s, announce_position: 30s") == []


def test_who_has_rung_in_vain_comes_after_the_others_in_a_uniform_queue_alone() -> None:
    bodies = built.contexts(FILES)["andina_queue"].extensions
    assert "Gosub(pbx-agents,s,1(andina,andina_cobros,201&205,fair))" in bodies["cobros"].steps
    assert [name for name, body in bodies.items() if any("pbx-rung" in step for step in body.steps)] == ["cobros"]
