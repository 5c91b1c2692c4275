"""Who rings in which order, and where a caller goes whom no agent takes."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest

from lab.calls import Lab

pytestmark = pytest.mark.engine

AGENTS = ("211", "212", "213")
CALLS = 30


def serve(lab: Lab, queue: str, calls: int, agents: tuple[str, ...] = AGENTS, *, after: float = 0) -> list[str]:
    """So many calls, one after the other, each taken by an agent who rings for a while; the order of ringing."""
    for agent in agents:
        lab.phone(agent).will("answer", after=after, talk=0.5)
    before = len(lab.rung)
    for _ in range(calls):
        lab.phone("205").call(queue).ended("hangup")
    return lab.ringing_order()[before:]


def test_circular_takes_turns(lab: Lab) -> None:
    order = serve(lab, "601", CALLS)
    assert all(AGENTS[(AGENTS.index(one) + 1) % 3] == other for one, other in pairwise(order)), order
    assert Counter(order) == dict.fromkeys(AGENTS, CALLS // 3)


def test_circular_goes_on_after_the_agent_who_did_not_answer(lab: Lab) -> None:
    lab.phone("212").will("ring")
    order = serve(lab, "601", CALLS // 2, ("211", "213"))
    assert all(AGENTS[(AGENTS.index(one) + 1) % 3] == other for one, other in pairwise(order)), order


def test_regular_always_begins_with_the_first(lab: Lab) -> None:
    assert serve(lab, "602", CALLS) == ["211"] * CALLS


def test_regular_goes_on_in_the_order_of_the_file(lab: Lab) -> None:
    for agent in ("211", "212"):
        lab.phone(agent).will("busy")
    assert serve(lab, "602", CALLS // 3, ("213",)) == ["211", "212", "213"] * (CALLS // 3)


def test_simultaneous_rings_all(lab: Lab) -> None:
    lab.phone("211").will("ring")
    lab.phone("212").will("ring")
    order = serve(lab, "603", CALLS, ("213",), after=1)  # else a phone may be called off before its call has reached it
    assert Counter(order) == dict.fromkeys(AGENTS, CALLS)


def test_uniform_takes_the_agent_who_is_idle_longest(lab: Lab) -> None:
    order = serve(lab, "604", CALLS)
    assert all(len(set(order[index : index + 3])) == 3 for index in range(CALLS - 2)), order


def test_uniform_goes_on_when_the_agent_who_is_idle_longest_does_not_answer(lab: Lab) -> None:
    serve(lab, "604", 3)
    idle = lab.ringing_order()[-3]
    lab.phone(idle).will("ring")
    before = len(lab.rung)
    call = lab.phone("205").call("604")
    call.ended("hangup")
    assert lab.ringing_order()[before] == idle
    assert len(lab.ringing_order()[before:]) == 2
    assert serve(lab, "604", 1, tuple(each for each in AGENTS if each != idle))[0] == idle, "the next call begins anew"


def test_rings_is_how_often_an_agent_rings_before_the_next(lab: Lab) -> None:
    call = lab.phone("205").call("602")
    first = lab.phone("211").rings()
    began = lab.clock
    first.stops()
    assert 4 <= (lab.clock - began).total_seconds() <= 7, "one ring is 5 s here"
    lab.phone("212").rings()
    call.hang_up()


def test_a_full_queue_overflows(lab: Lab) -> None:
    first = lab.phone("205").call("605")
    lab.phone("211").rings()
    second = lab.phone("202").call("605")
    lab.phone("201").rings()
    assert second.exits == ["queue:estrecha full"]
    assert first.exits == []


def test_who_has_waited_too_long_overflows(lab: Lab) -> None:
    call = lab.phone("205").call("605").reaches("queue:estrecha")
    began = lab.clock
    lab.phone("201").rings(seconds=60)
    assert call.exits == ["queue:estrecha timeout"]
    assert 19 <= (lab.clock - began).total_seconds() <= 25, "max_wait is 20 s"


def test_a_queue_without_a_registered_agent_overflows_at_once(lab: Lab) -> None:
    lab.phone("211").unregister()
    call = lab.phone("205").call("605").reaches("queue:estrecha")
    began = lab.clock
    lab.phone("201").rings()
    assert call.exits == ["queue:estrecha empty"]
    assert (lab.clock - began).total_seconds() < 4


def test_who_waits_when_the_last_agent_leaves_overflows(lab: Lab) -> None:
    call = lab.phone("205").call("605")
    lab.phone("211").rings()
    lab.phone("211").unregister()
    lab.phone("201").rings(seconds=60)
    assert call.exits == ["queue:estrecha empty"]


def test_an_agent_in_a_conversation_does_not_ring(lab: Lab) -> None:
    lab.phone("211").will("answer")
    lab.phone("202").call("211").answered()
    lab.phone("205").call("602")
    lab.phone("212").rings()
    assert lab.ringing_order() == ["211", "212"]
