"""What the fixture ``lab`` promises to those who write call tests."""

from __future__ import annotations

import pytest

from lab.calls import CallError, Lab

pytestmark = [pytest.mark.engine, pytest.mark.lab(site="lab/sites/demo")]


def test_a_caller_at_night_hears_the_night_menu_and_is_led_to_the_mailbox(lab: Lab) -> None:
    call = lab.carrier("principal").call("+541152365000", at="2026-12-22T20:00", caller="+5491160001111")
    call.hears("ivr:nocturno").listen(2).press("1")
    call.reaches("voicemail:201").hears("beep")
    call.hang_up().ended()
    assert call.journey == ["did:+541152365000", "schedule:oficina", "ivr:nocturno", "voicemail:201"]


def test_two_phones_talk(lab: Lab) -> None:
    with lab.phone("201").call("202") as call:
        ringing = lab.phone("202").rings()
        assert (ringing.shown.number, ringing.shown.name) == ("201", "Ana Gómez")
        ringing.answer()
        call.talks_with(ringing)
    ringing.stops()
    call.ended("hangup")


def test_a_refused_call_says_so(lab: Lab) -> None:
    lab.phone("205").call("9003444444444").ended("refused")


def test_what_does_not_happen_is_told_with_the_call_and_where_to_look(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lab.stage.ALLOWANCE", 0.5)
    lab.phone("202").will("answer")
    lab.phone("201").call("202").answered()
    with pytest.raises(CallError, match=r"(?s)expected a call at extension:203.*extension:202.*look at /"):
        lab.phone("203").rings(seconds=1)
