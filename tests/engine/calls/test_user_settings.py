"""What a user sets with a feature code: the four forwards, do-not-disturb, call waiting, hidden caller id."""

from __future__ import annotations

import pytest

from lab.calls import Lab

pytestmark = [pytest.mark.engine, pytest.mark.lab(site="lab/sites/demo")]

OUTSIDE = "923456789"
"""As the demo company's phones dial +541123456789."""


def dialled(lab: Lab, phone: str, keys: str, *said: str) -> None:
    """A phone dials a code, and hears how the setting stands now."""
    call = lab.phone(phone).call(keys)
    for word in said:
        call.hears(word)
    call.ended("hangup")


def test_a_forward_to_a_number_that_the_class_does_not_allow_is_refused(lab: Lab) -> None:
    for phone, keys in (("205", f"*72{OUTSIDE}"), ("203", "*72900541160012345"), ("202", "*72911"), ("202", "*72202")):
        call = lab.phone(phone).call(keys)
        call.hears("refused").ended()
    with lab.phone("201").call("205") as call:
        lab.phone("205").rings().answer()
        assert call.journey == ["extension:205"]


def test_a_forward_may_lead_to_the_own_mailbox(lab: Lab) -> None:
    dialled(lab, "201", "*72*97", "forward_always", "on")
    call = lab.phone("202").call("201")
    call.reaches("voicemail:201")
    call.hang_up().ended()


def test_a_forward_of_the_file_is_switched_off_and_on_again(lab: Lab) -> None:
    dialled(lab, "204", "*72", "forward_always", "off")
    with lab.phone("201").call("204") as call:
        lab.phone("204").rings().answer()
        assert call.journey == ["extension:204"]
    dialled(lab, "204", "*72", "forward_always", "on")
    lab.phone("203").will("answer")
    call = lab.phone("201").call("204").answered()
    assert call.journey == ["extension:204", "extension:203"]
    call.hang_up().ended()


def test_forwards_that_go_round_end(lab: Lab) -> None:
    dialled(lab, "202", "*72203", "forward_always", "on")
    dialled(lab, "203", "*72202", "forward_always", "on")
    lab.phone("201").call("202").ended("busy")
