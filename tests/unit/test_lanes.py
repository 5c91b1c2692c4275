"""Who plays next, and how many calls go on at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast

import pytest

from lab.lanes import FEWEST, SLOW, WIDTH, Lanes, Pbx
from lab.playing import Row, Waiting


@dataclass
class Played:
    """What is known of a row that is over."""

    row: Any
    pace: float = 1.0


def waiting(name: str, urgency: float = 0, *, touched: Iterable[str] = (), shares: Iterable[str] = ()) -> Waiting:
    """A row that is to be played."""
    row = SimpleNamespace(name=name, touched=frozenset(touched), shares=frozenset(shares))
    return Waiting(cast("Row", row), urgency)


class House:
    """PBXs whose rows take a hundredth of a second each."""

    def __init__(self, lanes: int) -> None:
        self.lanes = Lanes(lanes)
        self.order: list[str] = []
        self.going = 0
        self.most = 0
        self.pace = 1.0

    async def play(self, row: Any) -> Played:  # noqa: ANN401 - a row is known by its name here
        """Note who begins, and how many go on."""
        self.order.append(row.name)
        self.going += 1
        self.most = max(self.most, self.going)
        await asyncio.sleep(0.01)
        self.going -= 1
        return Played(row, self.pace)

    async def run(
        self, *lists: list[Waiting], play: Callable[[Any], Awaitable[Played]] | None = None, open_: bool = True
    ) -> list[str]:
        """A PBX for each list; the names of the rows as they ended."""
        ended: list[str] = []

        async def one(rows: list[Waiting]) -> None:
            async for played in self.lanes.played(Pbx[Played](rows, play or self.play, lambda: open_)):
                ended.append(played.row.name)  # noqa: PERF401 - in the order in which they ended

        async with asyncio.timeout(2):
            await asyncio.gather(*(one(rows) for rows in lists))
        return ended


@pytest.mark.asyncio
async def test_no_more_calls_than_there_are_lanes_on_all_pbxs_together() -> None:
    house = House(3)
    await house.run([waiting(str(number)) for number in range(6)], [waiting(str(number)) for number in range(6, 12)])
    assert (house.most, house.going) == (3, 0)
    assert sorted(house.order, key=int) == [str(number) for number in range(12)]


@pytest.mark.asyncio
async def test_no_more_calls_on_one_pbx_than_it_carries() -> None:
    house = House(50)
    await house.run([waiting(str(number)) for number in range(2 * WIDTH + 1)])
    assert house.most == WIDTH


@pytest.mark.asyncio
async def test_a_free_lane_goes_to_the_most_urgent_row_on_whatever_pbx() -> None:
    house = House(1)
    await house.run([waiting("b", 5), waiting("d", 1)], [waiting("a", 9), waiting("c", 2)])
    # The first PBX is alone when it begins.
    assert house.order == ["b", "a", "c", "d"]


@pytest.mark.asyncio
async def test_pbxs_of_one_clock_share_what_waits() -> None:
    house, rows = House(4), [waiting(str(number), 9 - number) for number in range(8)]
    assert sorted(await house.run(rows, rows)) == [str(number) for number in range(8)]
    assert rows == []


@pytest.mark.asyncio
async def test_a_row_in_the_way_holds_no_lane() -> None:
    house = House(2)
    rows = [waiting("long", 9, touched="a"), waiting("same", 8, touched="a"), waiting("shares", 7, shares="a")]
    await house.run([*rows, waiting("free", 1, touched="b"), waiting("also", 0, shares="b")])
    assert house.order[:2] == ["long", "free"]
    assert set(house.order[2:]) == {"same", "shares", "also"}


@pytest.mark.asyncio
async def test_two_may_share_what_nobody_has_to_himself() -> None:
    house = House(2)
    await house.run([waiting("one", shares="a"), waiting("two", shares="a")])
    assert house.most == 2


@pytest.mark.asyncio
async def test_slow_calls_leave_fewer_lanes_and_quick_ones_give_them_back() -> None:
    house = House(10)
    house.pace = SLOW + 0.1
    await house.run([waiting(str(number)) for number in range(20)])
    assert house.lanes.allowed == FEWEST
    house.pace = 1.0
    await house.run([waiting(str(number)) for number in range(40)])
    assert house.lanes.allowed == 10


@pytest.mark.asyncio
async def test_on_a_pbx_that_may_not_go_on_nothing_begins() -> None:
    house, rows = House(2), [waiting("a")]
    assert await house.run(rows, open_=False) == []
    assert (house.order, len(rows)) == ([], 1)


@pytest.mark.asyncio
async def test_a_pbx_whose_rows_others_have_taken_is_over() -> None:
    house, rows = House(1), [waiting("a"), waiting("b")]
    assert await house.run(rows, rows, rows) == ["a", "b"]


@pytest.mark.asyncio
async def test_a_row_that_breaks_gives_its_lane_back() -> None:
    house = House(1)

    async def breaks(_row: object) -> Played:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await house.run([waiting("broken")], play=breaks)
    assert await house.run([waiting("next")]) == ["next"]


@pytest.mark.asyncio
async def test_who_stops_stops_what_goes_on() -> None:
    house = House(2)
    running = asyncio.create_task(house.run([waiting("a"), waiting("b")]))
    await asyncio.sleep(0.002)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await asyncio.sleep(0.02)
    assert (house.going, house.lanes.taken) == (2, 0)  # both began, and neither came to its end
    assert await house.run([waiting("next")]) == ["next"]


@pytest.mark.asyncio
async def test_who_wants_to_be_alone_waits_for_the_others_and_they_for_him() -> None:
    house = House(3)

    async def alone(name: str) -> None:
        async with house.lanes.alone():
            house.order.append(f"{name} begins")
            assert not house.going
            await asyncio.sleep(0.01)
            assert not house.going
            house.order.append(f"{name} ends")

    first = asyncio.create_task(house.run([waiting("call")]))
    await asyncio.sleep(0)
    both = [asyncio.create_task(alone(name)) for name in ("alone", "again")]
    await asyncio.sleep(0.015)
    await asyncio.gather(first, *both, house.run([waiting("late")]))
    assert house.order[:3] == ["call", "alone begins", "alone ends"]
    assert sorted(house.order[3:]) == ["again begins", "again ends", "late"]
