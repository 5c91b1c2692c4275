"""An agent pauses by a code, or by not wanting to be disturbed: no queue rings the phone until that is over."""

from __future__ import annotations

import pytest

from lab.calls import Lab

pytestmark = [pytest.mark.engine, pytest.mark.lab(site="queues")]


def dials(lab: Lab, phone: str, keys: str, *said: str) -> None:
    """A phone dials a code, and hears how the setting stands now."""
    call = lab.phone(phone).call(keys)
    for word in said:
        call.hears(word)
    call.ended("hangup")


def first_to_ring(lab: Lab) -> str:
    """Who rings first at the queue that always begins with 202."""
    before = len(lab.rung)
    with lab.phone("201").call("603") as call:
        call.reaches("queue:turnos")
        lab.run(
            lab.stage.until(
                lab.stage.pbx_events,
                lambda each: each["event"] == "AgentCalled",
                expected="ringing",
                since=call.watch.since,
            )
        )
        call.listen(1)
    return lab.ringing_order()[before]


def test_an_agent_who_wants_quiet_is_passed_over_until_that_is_over(lab: Lab) -> None:
    assert first_to_ring(lab) == "202"
    light = lab.phone("204").lamp("*46202").shows("idle")
    dials(lab, "202", "*78", "do_not_disturb", "on")
    light.shows("busy")
    assert first_to_ring(lab) == "203"
    dials(lab, "202", "*78", "do_not_disturb", "off")
    light.shows("idle")
    assert first_to_ring(lab) == "202"


def test_who_asks_for_a_pause_and_for_quiet_is_paused_until_both_are_over(lab: Lab) -> None:
    dials(lab, "202", "*46", "queue_pause", "on")
    dials(lab, "202", "*78", "do_not_disturb", "on")
    dials(lab, "202", "*46", "queue_pause", "off")
    assert first_to_ring(lab) == "203"
    dials(lab, "202", "*78", "do_not_disturb", "off")
    assert first_to_ring(lab) == "202"


def test_a_queue_whose_agents_are_all_paused_overflows_at_once(lab: Lab) -> None:
    for agent in ("202", "203"):
        dials(lab, agent, "*46", "queue_pause", "on")
    call = lab.phone("201").call("603")
    call.leaves("queue:turnos", "empty", seconds=5).ended()


def test_a_paused_agent_still_takes_other_calls(lab: Lab) -> None:
    dials(lab, "202", "*46", "queue_pause", "on")
    with lab.phone("201").call("202"):
        lab.phone("202").rings().answer()


def test_who_is_in_no_queue_may_ask_for_a_pause_and_nothing_breaks(lab: Lab) -> None:
    dials(lab, "201", "*46", "queue_pause", "on")
    dials(lab, "201", "*46", "queue_pause", "off")


def test_a_pause_and_a_lamp_survive_a_restart(lab: Lab) -> None:
    dials(lab, "202", "*46", "queue_pause", "on")
    lab.run(lab.stage.restart())
    assert "paused" not in lab.run(lab.stage.pbx.cli("queue show colas_turnos")), "Asterisk has begun to remember"
    for phone in ("201", "202", "203"):
        lab.phone(phone).unregister()
        lab.phone(phone).register()
    lab.phone("204").lamp("*46202").shows("busy")
    assert first_to_ring(lab) == "203"
    dials(lab, "202", "*46", "queue_pause", "off")
