"""What one row leaves to the next: channels, attendants, recordings, and its place in the line."""

from __future__ import annotations

import asyncio
import json
from functools import partial
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from lab.calls.ground import Ground
from lab.calls.legs import Call
from lab.calls.play import Lab
from lab.calls.reach import EVERYBODY
from lab.events import Events, NotHappenedError
from lab.parties import Party
from lab.playing import EARLIER, in_turn
from lab.stage import Stage
from lab.watch import Watch

if TYPE_CHECKING:
    from lab.calls.attendance import Attendance
    from lab.calls.theatre import Played
    from lab.playing import Row

LUIS = Party("extension:202", "andina", "andina_202", "127.0.0.1", 851)


def test_a_channel_lives_from_its_first_event_to_its_hangup_under_whatever_name() -> None:
    events = Events()
    for channel in ("PJSIP/a_201-00000001", "PJSIP/a_202-00000002", "Local/601@a-0001;1"):
        events.add({"event": "Newchannel", "channel": channel})
    events.add({"event": "Rename", "channel": "PJSIP/a_202-00000002", "newname": "PJSIP/a_203-00000003"})
    events.add({"event": "Hangup", "channel": "Local/601@a-0001;1"})
    events.add({"event": "SoftHangupRequest", "channel": "PJSIP/a_201-00000001"})
    assert events.living == {"PJSIP/a_201-00000001", "PJSIP/a_203-00000003"}


def test_when_a_call_does_not_end_nobody_attends_any_more_and_every_phone_is_back() -> None:
    told: list[str] = []

    async def does_not_end() -> None:
        raise NotHappenedError("the call to end", 30)

    async def nobody_attends() -> None:
        told.append("nobody attends")

    async def set_registered(party: Party, *, registered: bool) -> None:
        told.append(f"{party.name} {registered}")

    async def forgotten(command: str) -> None:
        told.append(command)

    stage = SimpleNamespace(set_registered=set_registered, pbx=SimpleNamespace(cli=forgotten))
    lab = Lab.__new__(Lab)  # what begins a lab wants a running stage
    lab.calls = [cast("Call", SimpleNamespace(end=does_not_end))]
    lab.lamps, lab.reach, lab._absent = [], EVERYBODY, [LUIS]  # noqa: SLF001
    lab.attendance = cast("Attendance", SimpleNamespace(end=nobody_attends))
    lab._played = cast("Played", SimpleNamespace(stage=stage))  # noqa: SLF001
    with pytest.raises(NotHappenedError):
        asyncio.run(lab._clear(settings=True))  # noqa: SLF001
    assert told == ["nobody attends", "extension:202 True", "database deltree pbx"]


def test_two_recordings_of_a_phone_have_two_files_though_neither_call_is_known_yet() -> None:
    ground = cast("Ground", SimpleNamespace(folder=Path("row"), calls=[], rung=[], _files=count(1)))
    assert [Ground.file(ground, LUIS).name for _ in range(2)] == ["01-extension-202.wav", "02-extension-202.wav"]


@pytest.mark.parametrize("told", [True, False])
def test_the_pbxs_word_of_a_call_placed_may_come_after_that_of_its_phone(*, told: bool) -> None:
    async def ended() -> bool:
        stage = SimpleNamespace(pbx_events=Events(), broken=asyncio.Future(), speed=10, patience=None)
        stage.within = partial(Stage.within, cast("Stage", stage))
        stage.until = partial(Stage.until, cast("Stage", stage))
        watch = Watch(cast("Stage", stage), "andina_202", "203")
        asked = asyncio.create_task(watch.reached())
        await asyncio.sleep(0)
        assert stage.pbx_events.waiters
        channel = {"event": "Newchannel", "channel": "PJSIP/andina_202-00000001", "linkedid": "1.1"}
        stage.pbx_events.add({**channel, "exten": "203" if told else "s"})  # s: the PBX calls this phone
        return await asked

    assert asyncio.run(ended()) is told


@pytest.mark.parametrize(("late", "took"), [("external:100", True), ("external:101", False)])
def test_the_pbxs_word_of_a_place_may_come_after_that_of_the_carrier(late: str, *, took: bool) -> None:
    def place(node: str) -> dict[str, str]:
        return {"event": "CEL", "userdeftype": "PBX_NODE", "linkedid": "1.1", "extra": json.dumps({"extra": node})}

    async def compared() -> list[str]:
        stage = SimpleNamespace(pbx_events=Events(), broken=asyncio.Future(), speed=10, patience=0)
        stage.within = partial(Stage.within, cast("Stage", stage))
        stage.until = partial(Stage.until, cast("Stage", stage))
        stage.pbx_events.add(place("extension:201"))
        tasks: list[asyncio.Task[None]] = []
        lab = SimpleNamespace(stage=stage, run=lambda act, *_: tasks.append(asyncio.create_task(act)))
        watch = cast("Watch", SimpleNamespace(look=lambda: "1.1", since=0, dialled="100"))
        call = Call(cast("Lab", lab), LUIS, Path("none.wav"), watch, "")
        call._may_still_say(lambda: call.journey == ["extension:201", "external:100"])  # noqa: SLF001
        await asyncio.sleep(0)
        assert stage.pbx_events.waiters
        stage.pbx_events.add(place("queue:ventas") | {"linkedid": "2.2"})
        stage.pbx_events.add(place(late))
        await tasks[0]
        assert not stage.pbx_events.waiters
        return call.journey

    assert (asyncio.run(compared()) == ["extension:201", "external:100"]) is took


def test_what_holds_up_the_end_is_played_first() -> None:
    def row(name: str, seconds: float, *touched: str) -> Row:
        made = SimpleNamespace(name=name, expected_seconds=seconds, touched=frozenset(touched))
        return cast("Row", made)

    rows = [row("alone", 10, "c"), row("short", 30, "a"), row("long", 40, "a", "b"), row("longest", 60)]

    def order(stages: int) -> list[str]:
        return [cast("SimpleNamespace", each.row).name for each in in_turn(rows, stages, 10)]

    assert order(1) == ["longest", "long", "short", "alone"]
    crowd = [row("short", 5, "a"), row("medium", 15), *[row("next", 5, "a")] * 20]
    assert in_turn(crowd, 1, 10)[-1].row == row("medium", 15)


def test_urgency_is_in_real_seconds_so_that_rows_of_all_clocks_compare() -> None:
    row = cast("Row", SimpleNamespace(name="a", expected_seconds=30, touched=frozenset()))
    assert [in_turn([row], 1, speed)[0].urgency for speed in (1, 10)] == [EARLIER * 30, EARLIER * 3]
