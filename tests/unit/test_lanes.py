"""How many calls go on at once."""

from __future__ import annotations

import asyncio

import pytest

from lab.lanes import FEWEST, SLOW, Lanes


@pytest.mark.asyncio
async def test_no_more_calls_than_there_are_lanes() -> None:
    lanes, going, most = Lanes(3), 0, 0

    async def call() -> None:
        nonlocal going, most
        async with lanes.one():
            going += 1
            most = max(most, going)
            await asyncio.sleep(0)
            going -= 1

    await asyncio.gather(*(call() for _ in range(12)))
    assert (most, going) == (3, 0)


@pytest.mark.asyncio
async def test_slow_calls_leave_fewer_lanes_and_quick_ones_give_them_back() -> None:
    lanes = Lanes(10)
    for _ in range(20):
        async with lanes.one() as lane:
            lane.pace = SLOW + 0.1
    assert lanes.allowed == FEWEST
    for _ in range(40):
        async with lanes.one():
            pass
    assert lanes.allowed == 10


@pytest.mark.asyncio
async def test_a_call_that_was_cut_off_gives_its_lane_back() -> None:
    lanes = Lanes(1)

    async def call() -> None:
        async with lanes.one():
            await asyncio.sleep(60)

    task = asyncio.create_task(call())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    async with asyncio.timeout(1), lanes.one():
        pass


@pytest.mark.asyncio
async def test_who_wants_to_be_alone_waits_for_the_others_and_they_for_him() -> None:
    lanes, order = Lanes(3), list[str]()

    async def call(name: str) -> None:
        async with lanes.one():
            order.append(f"{name} begins")
            await asyncio.sleep(0.01)
            order.append(f"{name} ends")

    async def alone(name: str) -> None:
        async with lanes.alone():
            order.append(f"{name} begins")
            await asyncio.sleep(0.01)
            order.append(f"{name} ends")

    first = asyncio.create_task(call("call"))
    await asyncio.sleep(0)
    both = [asyncio.create_task(alone(name)) for name in ("alone", "again")]
    await asyncio.sleep(0.015)
    await asyncio.gather(first, *both, call("late"))
    assert [each.rpartition(" ")[2] for each in order] == ["begins", "ends"] * 4
    assert order[0] == "call begins"
