"""The words of call tests, and what is owed at their end."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import numpy as np
import pytest

from lab.calls.background import Background
from lab.calls.evidence import Debts
from lab.calls.failure import CallError
from lab.calls.legs import Leg
from lab.calls.reach import Reach
from lab.calls.telling import who
from lab.calls.theatre import Theatre, Wanted
from lab.calls.words import ENDINGS, REFUSALS, ending, reference_of, sound_of
from lab.events import Events, of_others
from lab.handset import Arrivals, Handset
from lab.parties import Party
from lab.results import Words
from lab.voices import write_voices
from pbx.audio import to_wav_bytes
from tests.samples import DEMO, tenant

if TYPE_CHECKING:
    from lab.stage import Stage

ANA = Party("extension:201", "andina", "andina_201", "127.0.0.1", 820)
LUIS = Party("extension:202", "andina", "andina_202", "127.0.0.1", 851)


class Listener:
    """A leg that has heard something."""

    words = Words("quien llama", "the caller")
    lab = SimpleNamespace(who=lambda party: who(party, "andina"))

    def __init__(self, party: Party, recording: Path) -> None:
        self.party = party
        self.recording = recording

    def __str__(self) -> str:
        return "the caller"


def listener(recording: Path, party: Party = ANA) -> Leg:
    return cast("Leg", Listener(party, recording))


@pytest.fixture
def voices(tmp_path: Path) -> Path:
    write_voices(tmp_path, (ANA.tone, LUIS.tone), None)
    (tmp_path / "silence.wav").write_bytes(to_wav_bytes(np.zeros(16_000, np.int16)))
    return tmp_path


def test_what_was_heard_is_paid(voices: Path) -> None:
    debts = Debts()
    debts.owe_sound(listener(voices / "message.wav"), "message", voices / "message.wav", complete=True)
    debts.owe_tone(listener(voices / f"tone-{LUIS.tone}.wav"), LUIS)
    assert list(debts.unpaid([ANA, LUIS])) == []


def test_silence_and_the_own_voice_are_debts(voices: Path) -> None:
    debts = Debts()
    debts.owe_sound(listener(voices / "silence.wav"), "ivr:nocturno", voices / "message.wav", complete=False)
    debts.owe_tone(listener(voices / f"tone-{ANA.tone}.wav"), LUIS)
    told = list(debts.unpaid([ANA, LUIS]))
    assert told == [
        ("the caller to hear ivr:nocturno for 0.8 s", "silence.wav holds 0.0 s of it"),
        (
            "the caller to hear andina extension:202 and not itself",
            f"tone-{ANA.tone}.wav holds andina extension:201 2.0 s",
        ),
    ]


def test_a_sound_is_spelled_by_its_place() -> None:
    scope = tenant(DEMO, "andina")
    names = {}
    for spelled in ("ivr:nocturno", "ivr:principal 3", "announcement:feriado"):
        names[spelled], _ = reference_of(sound_of(scope, spelled), {}, Path())
    assert names == {
        "ivr:nocturno": "ivr-nocturno",
        "ivr:principal 3": "ivr-principal-3",
        "announcement:feriado": "announcement-feriado",
    }
    assert reference_of("beep", {}, Path("/sounds")) == ("beep", Path("/sounds/beep.wav"))
    assert reference_of("beep", {"prompt:beep": Path("own.wav")}, Path("/sounds")) == ("beep", Path("own.wav"))


@pytest.mark.parametrize("spelled", ["ivr:noctrno", "ivr:principal 9", "queue:ventas", "extension:201"])
def test_a_place_without_a_sound_is_told_with_those_that_have_one(spelled: str) -> None:
    with pytest.raises(ValueError, match=r"has no sound; andina has .*ivr:nocturno"):
        sound_of(tenant(DEMO, "andina"), spelled)


def test_every_way_to_refuse_is_an_ending_with_a_word() -> None:
    assert {ending(cause) for cause in REFUSALS.values()} <= set(ENDINGS)
    assert ending(99) == "Q.850 99"


@pytest.mark.asyncio
async def test_calls_are_taken_in_order_by_whoever_waits_for_them() -> None:
    def call(endpoint: str, number: str) -> Handset:
        return Handset({"agi_channel": f"PJSIP/{endpoint}-00000001", "agi_extension": number})

    arrivals = Arrivals()
    first, second = call("trunk", "+541"), call("trunk", "+542")
    arrivals.add(first)
    waiting = arrivals.next("trunk", "+542")
    given_up = arrivals.next("trunk", "+543")
    given_up.cancel()
    assert not waiting.done()
    arrivals.add(second)
    assert await waiting is second
    assert await arrivals.next("trunk") is first
    third = call("trunk", "+543")
    arrivals.add(third)
    assert await arrivals.next("trunk", "+543") is third
    arrivals.add(first)
    arrivals.forget("trunk")
    assert not arrivals.next("trunk").done()


def test_an_interrupted_test_ends_what_it_waits_for() -> None:
    background = Background()
    cancelled: list[bool] = []

    async def wait_for_ever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.append(True)

    async def interrupt() -> None:
        raise CallError("a call", "none")

    task = asyncio.run_coroutine_threadsafe(wait_for_ever(), background.loop)
    with pytest.raises(CallError, match=r"expected a call\n  happened none"):
        background.run(interrupt())
    background.close()
    assert cancelled == [True]
    assert task.cancelled()


def test_a_site_that_does_not_compile_says_why(tmp_path: Path) -> None:
    theatre = Theatre()
    try:
        with pytest.raises(Exception, match=r"does not compile"):
            theatre.stage(Wanted(tmp_path))
    finally:
        theatre.close()
    assert not theatre.folder.exists()


def test_an_act_attends_its_phones_and_at_carriers_its_numbers() -> None:
    everybody = [
        (tenant, f"{kind}:{name}")
        for tenant, people in (("andina", ("201", "202")), ("ombu", ("201", "202")))
        for kind, names in (("extension", people), ("trunk", ("principal",)), ("caller", ("principal",)))
        for name in names
    ]
    parties = {
        each: Party(each[1], each[0], "_".join(each).replace("extension:", ""), "127.0.0.1", 0) for each in everybody
    }
    stage = cast("Stage", SimpleNamespace(parties_by_name=parties))
    reach = Reach(frozenset({"extension:201", "external:+541144440001", "ombu extension:201", "queue:ventas"}))
    lines = [(str(party), number) for party, number in reach.lines(stage, "andina")]
    assert lines == [
        ("andina extension:201", ""),
        ("andina trunk:principal", "+541144440001"),
        ("ombu extension:201", ""),
    ]
    assert reach.allows("ombu", "extension:201", "andina")
    assert not reach.allows("ombu", "extension:202", "andina")
    assert reach.allows("andina", "caller:principal", "andina")
    own = reach.owner(stage, "andina", {"1.1"})
    assert own({"channel": "PJSIP/andina_201-00000001"})
    assert own({"channel": "PJSIP/andina_trunk_principal-00000001", "linkedid": "1.1"})
    assert not own({"channel": "PJSIP/andina_trunk_principal-00000001", "linkedid": "1.2"})


def test_a_line_of_the_log_about_another_rows_call_is_no_fault_of_this_one() -> None:
    own, other, unknown = (f"PJSIP/andina_20{digit}-0000000{digit}" for digit in (1, 2, 3))
    events = Events([{"channel": own, "linkedid": "1.1"}, {"channel": other, "linkedid": "1.2"}])
    told = {f"No audio on {own}??": False, f"No audio on {other}??": True, f"No audio on {unknown}??": False}
    told |= {f"{other} and {own}": False, "nobody is named": False}
    assert {line: of_others(line, events, {"1.1"}) for line in told} == told
