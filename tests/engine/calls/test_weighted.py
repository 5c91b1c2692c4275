"""A weighted queue gives each agent its share of the calls.

Of 130 calls agent 202 is to get 70 %: the number it gets has a standard deviation of 5.2 round 91. Bounds of five
deviations, 65 to 117, are left by chance less than once in a million runs; had the shares been swapped, the number
would lie round 39, and be within them less than twice in a million runs.
"""

from __future__ import annotations

import math
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

import pytest

from lab.calls import Lab
from pbx.kinds.queue import achieved

if TYPE_CHECKING:
    from pbx.asterisk.ami import Event

pytestmark = [pytest.mark.engine, pytest.mark.lab(site="queues")]

CALLS = 130
LOWEST, HIGHEST = 65, 117


def tail(share: float, low: int, high: int) -> float:
    """How likely it is that of all calls fewer than ``low`` or more than ``high`` go to who has this share."""
    return sum(
        math.comb(CALLS, count) * share**count * (1 - share) ** (CALLS - count)
        for count in range(CALLS + 1)
        if not low <= count <= high
    )


def test_the_bounds_are_what_they_are_said_to_be() -> None:
    assert tail(0.7, LOWEST, HIGHEST) < 1e-6
    assert 1 - tail(0.3, LOWEST, HIGHEST) < 2e-6


def test_the_shares_of_many_calls_are_the_stated_ones(lab: Lab) -> None:
    queue = lab.scope.tenant.queues["reparto"]
    assert float(achieved(queue)["202"]) == 0.7
    for member in queue.members:
        lab.phone(member).will("answer", talk=0)
    first = Counter[str]()
    for _ in range(CALLS):
        since = len(lab.stage.pbx_events.seen)
        call = lab.phone("201").call("600")
        call.ended()
        (called,) = [each for each in lab.stage.pbx_events.seen[since:] if each["event"] == "AgentCalled"]
        first[called["interface"]] += 1
        # An agent whose last call is not quite over would be passed over, and the other would get too many.
        lab.run(
            lab.stage.until(
                lab.stage.pbx_events,
                partial(_free, called["interface"]),
                expected="an agent who is free again",
                since=since,
            )
        )
    assert sum(first.values()) == CALLS
    assert LOWEST <= first["PJSIP/colas_202"] <= HIGHEST, first


def _free(interface: str, event: Event) -> bool:
    return event["event"] == "DeviceStateChange" and event["device"] == interface and event["state"] == "NOT_INUSE"
