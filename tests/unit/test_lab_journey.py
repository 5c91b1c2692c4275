"""The server's witness: which events belong to a call, and what they say."""

from __future__ import annotations

import json

import pytest

from lab.events import extra
from lab.journey import visited


def event(linked: str = "1", **headers: str) -> dict[str, str]:
    """An event of a call."""
    return {"event": "CEL", "linkedid": linked, "uniqueid": linked, **headers}


def told(kind: str, text: str, linked: str = "1") -> dict[str, str]:
    """A node or an exit that the dialplan announces."""
    return event(linked, eventname="USER_DEFINED", userdeftype=kind, extra=json.dumps({"extra": text}))


def played(sound: str, linked: str = "1") -> dict[str, str]:
    """A sound that begins."""
    return event(linked, eventname="STREAM_BEGIN", extra=json.dumps({"sound": sound, "format": "slin"}))


def test_events_become_places_exits_and_sounds_in_order() -> None:
    found = visited(
        [
            told("PBX_NODE", "did:+5411"),
            told("PBX_NODE", "ivr:day"),
            played("andina/ivr-day"),
            told("PBX_EXIT", "ivr:day timeout"),
            told("PBX_NODE", "ivr:day"),
            told("PBX_EXIT", "ivr:day 1"),
            told("PBX_NODE", "queue:sales"),
        ],
        "1",
    )
    assert found.nodes == ("did:+5411", "ivr:day", "queue:sales")
    assert found.exits == ("ivr:day timeout", "ivr:day 1")
    assert found.sounds == ("andina/ivr-day",)


def test_a_place_to_which_a_call_comes_back_is_told_again() -> None:
    found = visited([told("PBX_NODE", place) for place in ("ivr:a", "ivr:b", "ivr:a")], "1")
    assert found.nodes == ("ivr:a", "ivr:b", "ivr:a")


def test_other_calls_are_left_out() -> None:
    others = [told("PBX_NODE", "ivr:x", "2"), told("PBX_EXIT", "ivr:x 1", "2"), played("y", "2")]
    cdr = {"event": "Cdr", "uniqueid": "2", "disposition": "ANSWERED"}
    found = visited([*others, told("PBX_NODE", "ivr:day"), cdr], "1")
    assert (found.nodes, found.exits, found.sounds, found.cdr) == (("ivr:day",), (), (), ())


def test_the_record_of_any_channel_of_the_call_is_kept_without_noise() -> None:
    second = event(uniqueid="1.2", eventname="CHAN_START")
    record = {"event": "Cdr", "privilege": "cdr,all", "timestamp": "9", "uniqueid": "1.2", "billsec": "3"}
    assert visited([second, record], "1").cdr == ({"uniqueid": "1.2", "billsec": "3"},)


@pytest.mark.parametrize("text", ["", "{", "[]", "3", "null", '{"other": 1}', '{"extra": null}'])
def test_events_that_carry_nothing_say_nothing(text: str) -> None:
    assert extra({"extra": text}) == ""
