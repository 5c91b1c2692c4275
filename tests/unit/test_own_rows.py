"""Rows that an engineer has written: read, checked, foretold, and judged."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lab.expectations import own_checks
from lab.journey import Visited
from lab.observation import Leg, Observation
from lab.parties import Party
from lab.scenario import Scenario
from pbx.check.poc import differences, foretold
from pbx.poc import Expected
from tests.samples import DEMO, clean, read, texts_of

TEXTS = texts_of(DEMO)
SCOPE = clean(TEXTS).tenants["andina"]
NIGHT = "proveedor-de-noche"
ANA, CARRIER = (
    Party("extension:201", "andina", "andina_201", "127.0.0.1", 820),
    Party("trunk:principal", "andina", "andina_trunk_principal", "127.0.0.2", 851),
)


def problems_of(poc: str, tenant: str = "") -> list[tuple[str, str, int]]:
    """Codes, files and lines of what is wrong with the demo and another proof of concept."""
    name = "poc/andina.yaml"
    _, documents, problems = read({**TEXTS, name: poc, **({"tenants/andina.yaml": tenant} if tenant else {})})
    spans = [(each, each.span or documents[each.file].place(each.path, at_key=each.at_key)) for each in problems]
    return [(each.code, each.file, span.line) for each, span in spans]


ROW = (
    "poc: andina\nrows:\n  una:\n    objective: Una\n    from: {caller}\n    call: {call}\n    {more}\n"
    "    expect: {expect}\n"
)


def row(
    caller: str = '"205"', call: str = '"201"', more: str = "phase: 1", expect: str = "{answers: extension:201}"
) -> str:
    return ROW.format(caller=caller, call=call, more=more, expect=expect)


def test_a_good_row_is_clean() -> None:
    assert problems_of(row()) == []


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        (row(caller='"299"'), "PBX824", 5),
        (row(caller='"+541143210000"', call='"+541152365009"'), "PBX824", 6),
        (row(caller='"+541143210000"', call='"201"'), "PBX824", 6),
        (row(more='states: {"299": busy}'), "PBX824", 7),
        (row(more="trunks: {otra: busy}"), "PBX824", 7),
        (row(more="overrides: {oficina: closed}"), "PBX824", 7),
        (row(more='settings: {"201": {nothing: "on"}}'), "PBX824", 7),
        (row(expect="{passes: [ivr:nada]}"), "PBX301", 8),
        (row(expect="{shown: '201'}"), "PBX821", 8),
        (row(expect="{ends: busy, answers: extension:201}"), "PBX821", 8),
        (row(more="press: [x]"), "PBX123", 7),
        (row(more="requirement: EXT-99"), "PBX103", 7),
        (row(more="phase: 3"), "PBX114", 7),
        (row(more="at: tomorrow"), "PBX117", 7),
        (row(more="hour: 12"), "PBX101", 7),
        ("poc: andina\nlicences: {sip: 30}\n", "PBX114", 2),
        ("poc: andina\nphase_2: [ivr:siniestro]\n", "PBX301", 2),
        ("poc: otra\n", "PBX127", 1),
    ],
)
def test_a_mistake_is_told_in_its_place(text: str, code: str, line: int) -> None:
    assert (code, "poc/andina.yaml", line) in problems_of(text)


def test_a_poc_of_nobody_is_told() -> None:
    _, _, problems = read({**TEXTS, "poc/nadie.yaml": "poc: nadie\n"})
    assert [(each.code, each.file) for each in problems] == [("PBX127", "poc/nadie.yaml")]


def test_a_row_that_the_tenant_contradicts_is_told_before_anybody_calls() -> None:
    at = "at: 2026-03-02T11:00"
    assert problems_of(row(more=at, expect="{answers: extension:202}")) == [("PBX825", "poc/andina.yaml", 8)]
    assert problems_of(row(more=at)) == []


@pytest.mark.parametrize(
    ("expect", "keys"),
    [
        ({"message": "201", "passes": ["schedule:oficina", "ivr:nocturno"]}, []),
        ({"message": "202"}, ["message"]),
        ({"answers": "extension:201"}, ["answers"]),
        ({"ends": "busy"}, ["ends"]),
        ({"passes": ["ivr:nocturno", "schedule:oficina"]}, ["passes"]),
    ],
)
def test_expectations_are_compared_with_the_forecast(expect: dict[str, Any], keys: list[str]) -> None:
    assert SCOPE.poc is not None
    written = SCOPE.poc.rows[NIGHT]
    assert written.at is not None
    journey = foretold(SCOPE, written, written.at.replace(tzinfo=SCOPE.timezone))
    assert [key for key, _, _ in differences(Expected.model_validate(expect), journey)] == keys


def seen(**changes: str | int | Path) -> Observation:
    """Ana has answered."""
    return replace_observation(
        Observation(answered_by="extension:201", cause=16, legs=[Leg(ANA, Path(), "205")]), changes
    )


def replace_observation(observation: Observation, changes: dict[str, str | int | Path]) -> Observation:
    for name, value in changes.items():
        setattr(observation, name, value)
    return observation


def failed(expect: dict[str, Any], observation: Observation, *nodes: str) -> list[str]:
    """The subjects of what did not pass."""
    from lab.matrix import calls

    scenario: Scenario = next(each for each in calls(SCOPE) if each.text.id == NIGHT)
    scenario = replace(scenario, expects=Expected.model_validate(expect))
    visit = Visited(nodes, (), (), ())
    return [check.subject.en for check in own_checks(scenario, observation, visit) if not check.passed]


@pytest.mark.parametrize(
    ("expect", "observation", "nodes", "wrong"),
    [
        ({"answers": "extension:201"}, seen(), (), False),
        ({"answers": "extension:202"}, seen(), (), True),
        (
            {"answers": "external:+5491155550000"},
            seen(answered_by="trunk:principal"),
            ("external:+5491155550000",),
            False,
        ),
        (
            {"answers": "external:+5491155550001"},
            seen(answered_by="trunk:principal"),
            ("external:+5491155550000",),
            True,
        ),
        ({"message": "201"}, seen(answered_by="", message=Path("andina/201/INBOX/msg0000.wav")), (), False),
        ({"message": "202"}, seen(answered_by="", message=Path("andina/201/INBOX/msg0000.wav")), (), True),
        ({"ends": "busy"}, seen(answered_by="", cause=17), (), False),
        ({"ends": "busy"}, seen(answered_by="", cause=21), (), True),
        ({"ends": "busy"}, seen(cause=17), (), True),
        ({"passes": ["ivr:nocturno"]}, seen(), ("did:1", "ivr:nocturno", "voicemail:201"), False),
        ({"passes": ["ivr:principal"]}, seen(), ("did:1", "ivr:nocturno"), True),
        ({"answers": "extension:201", "shown": "205"}, seen(), (), False),
        ({"answers": "extension:201", "shown": "206"}, seen(), (), True),
    ],
)
def test_expectations_are_compared_with_what_happened(
    expect: dict[str, Any], observation: Observation, nodes: tuple[str, ...], wrong: bool
) -> None:
    assert bool(failed(expect, observation, *nodes)) is wrong
