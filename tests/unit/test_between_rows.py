"""What one row leaves to the next: channels, attendants, recordings, and its place in the line."""

from __future__ import annotations

import asyncio
from functools import partial
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from lab.calls.ground import Ground
from lab.calls.play import Lab
from lab.events import Events, NotHappenedError
from lab.parties import Party
from lab.playing import in_turn
from lab.stage import Stage
from lab.watch import Watch

if TYPE_CHECKING:
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


def test_nobody_attends_any_more_when_a_call_does_not_end() -> None:
    told: list[str] = []

    async def does_not_end() -> None:
        raise NotHappenedError("the call to end", 30)

    async def nobody_attends() -> None:
        told.append("nobody attends")

    lab = SimpleNamespace(
        calls=[SimpleNamespace(end=does_not_end)], lamps=[], attendance=SimpleNamespace(end=nobody_attends)
    )
    with pytest.raises(NotHappenedError):
        asyncio.run(Lab._clear(cast("Lab", lab), settings=False))  # noqa: SLF001 - `clear` wants a running stage
    assert told == ["nobody attends"]


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


def test_what_holds_up_the_end_is_played_first() -> None:
    def row(name: str, seconds: float, *touched: str) -> Row:
        made = SimpleNamespace(name=name, expected_seconds=seconds, touched=frozenset(touched))
        return cast("Row", made)

    rows = [row("alone", 10, "c"), row("short", 30, "a"), row("long", 40, "a", "b"), row("longest", 60)]

    def order(stages: int) -> list[str]:
        return [cast("SimpleNamespace", each).name for each in in_turn(rows, stages)]

    assert order(1) == ["longest", "long", "short", "alone"]
    assert in_turn([row("short", 5, "a"), row("medium", 15)] + [row("next", 5, "a")] * 20, 1)[-1] == row("medium", 15)
