"""The conversation with an agent is recorded, both sides of it, in the tenant's own folder; music is heard before."""

from __future__ import annotations

import re

import pytest

from lab import hearing
from lab.calls import Lab
from lab.calls.evidence import wait_until_written

pytestmark = [pytest.mark.engine, pytest.mark.lab(site="queues")]


def test_a_recorded_queue_keeps_both_sides_of_the_conversation(lab: Lab) -> None:
    before = set(lab.stage.pbx.paths.recordings.rglob("*"))
    with lab.phone("201").call("601") as call:
        agent = lab.phone("202").rings().answer()
        call.talks_with(agent)
    call.ended()
    (made,) = [each for each in lab.stage.pbx.paths.recordings.rglob("*.wav") if each not in before]
    assert made.parent == lab.stage.pbx.paths.recordings / "colas"
    assert re.fullmatch(rf"{lab.clock:%Y%m%d}-\d{{6}}-grabada-[\w.-]+\.wav", made.name), made.name
    wait_until_written(made)
    tones = {each.party.name: float(each.party.tone) for each in (call, agent)}
    assert {each.what for each in hearing.tones(made, tones)} == {f"tone:{name}" for name in tones}


def test_what_was_not_answered_is_not_recorded(lab: Lab) -> None:
    before = set(lab.stage.pbx.paths.recordings.rglob("*"))
    with lab.phone("201").call("601") as call:
        lab.phone("202").rings()
        call.listen(2)
    assert set(lab.stage.pbx.paths.recordings.rglob("*")) == before


def test_who_waits_hears_the_music_of_the_tenants_class(lab: Lab) -> None:
    with lab.phone("201").call("601") as call:
        lab.phone("202").rings()
        call.listen(6)
    call.ended()
    wait_until_written(call.recording)
    songs = {song.stem: song for song in (lab.stage.pbx.installation.data / "moh").glob("*.wav")}
    heard = hearing.listen(call.recording, songs)
    assert sum(each.end - each.start for each in heard) > 3
    assert [
        each.get("class")
        for each in lab.stage.pbx_events.seen[call.watch.since :]
        if each["event"] == "MusicOnHoldStart"
    ] == ["colas_default"]
