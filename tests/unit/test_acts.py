"""Acts: how a play is done in a thread, and what acts a tenant has."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import CancelledError
from dataclasses import replace
from functools import partial
from typing import cast

import pytest

from lab.acts.calendars import changes_of, led_by, loaded_steps
from lab.acts.deriving import derive_acts
from lab.acts.hands import Hands
from lab.matrix import calls
from lab.playing import in_the_way
from pbx.kinds.schedule import Schedule
from tests.samples import DEMO, tenant


@pytest.mark.asyncio
async def test_a_play_does_everything_on_the_loop_and_answers() -> None:
    hands, loop = Hands(), asyncio.get_running_loop()

    async def where() -> bool:
        return asyncio.get_running_loop() is loop

    assert await hands.act(lambda: hands.run(where()))


@pytest.mark.asyncio
async def test_what_goes_wrong_in_a_play_is_told() -> None:
    hands = Hands()

    def play() -> None:
        raise ValueError("a mistake")

    with pytest.raises(ValueError, match="a mistake"):
        await hands.act(play)


@pytest.mark.asyncio
async def test_a_row_that_is_interrupted_ends_its_play() -> None:
    hands, waiting, ended = Hands(), asyncio.Event(), threading.Event()
    problems: list[BaseException] = []

    async def wait_for_ever() -> None:
        waiting.set()
        await asyncio.Event().wait()

    def play() -> None:
        for _ in range(2):  # the second is not even begun
            try:
                hands.run(wait_for_ever())
            except CancelledError as error:
                problems.append(error)
        ended.set()

    row = asyncio.create_task(hands.act(play))
    await waiting.wait()
    row.cancel()
    with pytest.raises(asyncio.CancelledError):
        await row
    assert await asyncio.to_thread(ended.wait, 10)
    assert len(problems) == 2


def test_the_same_tenant_has_the_same_acts_and_each_its_own_caller() -> None:
    acts, again = (derive_acts(tenant(DEMO, "andina")) for _ in range(2))
    assert [(each.text, each.touched, each.shares) for each in acts] == [
        (each.text, each.touched, each.shares) for each in again
    ]
    assert len({each.text.id for each in acts}) == len({each.stranger for each in acts}) == len(acts)
    assert {each.text.id for each in acts}.isdisjoint(row.text.id for row in calls(tenant(DEMO, "andina")))


def test_a_tenant_has_only_acts_for_what_it_has() -> None:
    andina, ombu = ({each.text.id for each in derive_acts(tenant(DEMO, name))} for name in ("andina", "ombu"))
    assert {"parking-retrieved", "conference-sala", "paging-deposito", "queue-soporte-recorded"} <= andina
    assert {"hold", "lamp-follows-call", "trunk-antena-out"} <= ombu
    assert not any(name.startswith(("parking", "conference", "paging", "voicemail", "override")) for name in ombu)


def test_acts_that_empty_a_queue_touch_whom_its_overflow_reaches() -> None:
    acts = {act.text.id: act for act in derive_acts(tenant(DEMO, "andina"))}
    assert {"extension:203", "queue:ventas"} <= acts["queue-ventas-left-alone"].touched
    assert in_the_way(acts["queues-as-agreed"], acts["queue-ventas-left-alone"])


def test_an_act_that_changes_a_schedule_waits_for_the_calls_that_go_by_it() -> None:
    scope = tenant(DEMO, "andina")
    (override,) = [each for each in derive_acts(scope) if each.text.id.startswith("override")]
    by_it = next(each for each in calls(scope) if "schedule:recepcion" in each.shares)
    assert in_the_way(override, by_it)
    assert in_the_way(by_it, override)
    apart = replace(override, touched=frozenset({"extension:299"}))
    assert not in_the_way(apart, by_it)
    assert not in_the_way(replace(apart, shares=frozenset({"schedule:recepcion"})), by_it)


SHOWN = """\
[ Context 'andina_hours_oficina' created by 'pbx_config' ]
  's' =>            1. Gosub(pbx-day,s,1(andina_holidays_oficina,America/Argentina/Buenos_Aires)) [extensions.conf:588]
                    2. GotoIf($["${GOSUB_RETVAL}" = "holiday"]?holiday) [extensions.conf:589]
                    3. GotoIfTime(09:00-12:59,mon-fri,*,*,America/Argentina/Buenos_Aires?open) [extensions.conf:590]
                    4. GotoIfTime(09:00-12:59,sat,*,*,America/Argentina/Buenos_Aires?open) [extensions.conf:592]
     [closed]       5. Return(closed)                             [extensions.conf:593]
     [open]         6. Return(open)                               [extensions.conf:594]

-= 1 extension (8 priorities) in 1 context. =-
"""


@pytest.mark.parametrize(
    ("day", "clock", "state"),
    [(0, "08:59", "closed"), (0, "09:00", "open"), (4, "12:59", "open"), (4, "13:00", "closed"), (5, "09:00", "open"),
     (6, "09:00", "closed")],
)  # fmt: skip
def test_what_the_pbx_holds_of_a_schedule_is_read_to_the_minute(day: int, clock: str, state: str) -> None:
    minute = day * 1440 + int(clock[:2]) * 60 + int(clock[3:])
    steps = loaded_steps(SHOWN)
    assert led_by(steps, minute, "America/Argentina/Buenos_Aires") == state
    turned = loaded_steps(SHOWN.replace("Aires?open", "Aires?:open"))
    assert led_by(turned, minute, "America/Argentina/Buenos_Aires") == "closed", "what is not understood is not open"


def test_a_schedule_changes_in_these_minutes() -> None:
    hours = changes_of(tenant(DEMO, "andina").tenant.schedules["oficina"])
    assert len(hours) == 5 * 4 + 2
    assert hours[:4] == [9 * 60, 13 * 60, 14 * 60, 18 * 60]


def test_a_schedule_does_not_change_where_one_day_goes_on_in_the_next() -> None:
    hours = {"fri-sun": "00:00-24:00", "mon": ["00:00-02:00", "02:00-03:00"]}
    night = Schedule.model_validate({"hours": hours, "open": "hangup", "closed": "busy"})
    assert changes_of(night) == [3 * 60, 4 * 1440], "closes on Monday at three, opens on Friday at midnight"
    always = Schedule.model_validate({"hours": {"mon-sun": "00:00-24:00"}, "open": "hangup", "closed": "busy"})
    assert changes_of(always) == []
    sunday = Schedule.model_validate({"hours": {"sun": "12:00-24:00"}, "open": "hangup", "closed": "busy"})
    assert changes_of(sunday) == [0, 6 * 1440 + 720], "the end of a week is the begin of the next"


def test_every_way_to_dial_leads_out_by_its_route_or_is_refused() -> None:
    national, international = [each for each in derive_acts(tenant(DEMO, "andina")) if "numbers-" in each.text.id]
    plays = [cast("partial[None]", each.play) for each in (national, international)]
    ways = {way.keys: way for play in plays for way in play.keywords["ways"]}
    assert ways["91524447531"].number == "+5491124447531"
    assert {way.trunk for way in ways.values()} == {"principal", ""}
    assert not any(way.trunk for way in ways.values() if way.number == "+546444447531"), "premium numbers have no route"
    assert not ways["+12345"].number
    assert len(ways) > 40


def test_everybody_is_tried_who_is_not_called_alone() -> None:
    found = {each.text.id: each for each in derive_acts(tenant(DEMO, "andina"))}
    assert {f"extension:{number}" for number in ("210", "217")} <= found["everybody-rings"].touched
    assert "extension:201" not in found["everybody-rings"].touched, "its calls go on to another phone"
    names = [each for row, each in found.items() if row.startswith("directory-names")]
    assert {"extension:201", "extension:204", "extension:217"} <= frozenset().union(*(each.touched for each in names))
