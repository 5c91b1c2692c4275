"""How long phones ring, read from the PBX's own account."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lab.durations import as_long, busy_check, rang, ring_checks
from lab.journey import Visited
from lab.matrix import calls
from tests.samples import DEMO, tenant

SCOPE = tenant(DEMO, "andina")
ROWS = {row.text.id: row for row in calls(SCOPE)}


def channel(name: str, begin: str, end: str) -> tuple[dict[str, str], ...]:
    """The events of a channel."""
    return (
        {"eventname": "CHAN_START", "channel": f"{name}-0000001a", "eventtime": f"2026-03-02 14:{begin}"},
        {"eventname": "HANGUP", "channel": f"{name}-0000001a", "eventtime": f"2026-03-02 14:{end}"},
    )


def visit(*events: dict[str, str]) -> Visited:
    """What the PBX says of a call."""
    return Visited((), (), (), (), events)


@pytest.mark.parametrize(
    ("end", "passed"), [("02:20", True), ("02:18", True), ("02:28", True), ("02:40", False), ("02:10", False)]
)
def test_a_phone_that_nobody_answers_rings_for_its_time(end: str, *, passed: bool) -> None:
    row = ROWS["forward-203-no-answer"]
    seen = visit(*channel("PJSIP/andina_205", "02:00", "03:00"), *channel("PJSIP/andina_203", "02:00", end))
    (check,) = ring_checks(row, row.forecast, seen)
    assert (check.subject.en, check.expected, check.passed) == ("Seconds that 203 rings", "20 s", passed)


def test_the_first_agent_of_a_queue_rings_for_its_cycles() -> None:
    row = ROWS["queue-cobranzas-overflow-timeout"]
    once = (*channel("PJSIP/andina_210", "02:00", "02:10"), *channel("PJSIP/andina_211", "02:00", "02:19"))
    found = {check.subject.en: check.passed for check in ring_checks(row, row.forecast, visit(*once))}
    pause = {"Pause of the queue between attempts": False}
    assert found == {"Seconds that 210 rings": True, "Seconds that 211 rings": False, **pause}


@pytest.mark.parametrize(("begin", "passed"), [("02:12", True), ("02:15", True), ("02:20", False)])
def test_a_queue_tries_again_after_its_pause(begin: str, *, passed: bool) -> None:
    row = ROWS["queue-cobranzas-overflow-timeout"]
    again = {"eventname": "CHAN_START", "channel": "PJSIP/andina_210-3", "eventtime": f"2026-03-02 14:{begin}"}
    seen = visit(*channel("PJSIP/andina_210", "02:00", "02:10"), again)
    found = {check.subject.en: check.passed for check in ring_checks(row, row.forecast, seen)}
    assert found["Pause of the queue between attempts"] == passed


def test_who_rings_at_two_places_of_a_call_is_not_timed_at_one() -> None:
    ombu = tenant(DEMO, "ombu")
    row = next(row for row in calls(ombu) if row.text.id == "way-queue-desk-timeout")
    seen = visit(*channel("PJSIP/ombu_201", "02:00", "02:15"), *channel("PJSIP/ombu_202", "02:20", "02:35"))
    subjects = {check.subject.en for check in ring_checks(row, row.forecast, seen)}
    assert "Seconds that 201 rings" in subjects
    assert "Seconds that 202 rings" not in subjects, "first as an agent, for 15 s, and then as who takes the overflow"


def test_nothing_is_said_of_a_phone_that_does_not_ring_or_that_is_answered() -> None:
    row = ROWS["forward-203-no-answer"]
    assert not list(ring_checks(row, row.forecast, visit()))
    assert not list(ring_checks(replace(row, brief=True), row.forecast, visit(*channel("PJSIP/andina_203", "1", "2"))))
    answered = ROWS["call-203"]
    seen = visit(*channel("PJSIP/andina_203", "02:00", "02:50"))
    assert not list(ring_checks(answered, answered.forecast, seen))


def test_the_last_channel_of_a_name_may_be_asked_for() -> None:
    later = {"eventname": "CHAN_START", "channel": "PJSIP/andina_203-2", "eventtime": "2026-03-02 14:05:00"}
    end = {"eventname": "HANGUP", "channel": "PJSIP/andina_203-2", "eventtime": "2026-03-02 14:05:07"}
    events = (*channel("PJSIP/andina_203", "02:00", "02:20"), later, end)
    assert (rang(events, "PJSIP/andina_203-"), rang(events, "PJSIP/andina_203-", last=True)) == (20, 7)
    assert rang(events, "PJSIP/andina_204-") is None


@pytest.mark.parametrize(("end", "passed"), [("02:12", True), ("02:32", False)])
def test_the_busy_tone_of_the_pbx_ends(end: str, *, passed: bool) -> None:
    row = ROWS["ivr-servicios-key-star"]
    events = (
        {"eventname": "ANSWER", "eventtime": "2026-03-02 14:01:00"},
        {"eventname": "USER_DEFINED", "userdeftype": "PBX_EXIT", "eventtime": "2026-03-02 14:02:02"},
        {"eventname": "HANGUP", "eventtime": f"2026-03-02 14:{end}"},
    )
    (check,) = busy_check(row, row.forecast, visit(*events))
    assert check.passed == passed
    assert not list(busy_check(row, row.forecast, visit(*events[1:]))), "a call that was not answered is refused"


def test_a_little_more_is_no_longer_than_agreed() -> None:
    assert [seconds for seconds in (7, 8, 10, 14, 15) if as_long(seconds, 10)] == [8, 10, 14]
