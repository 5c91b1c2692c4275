"""What must be as before once rows were played."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from lab.conditions import (
    SPARE_DESCRIPTORS,
    SPARE_MEMORY,
    Footprint,
    compared,
    footprint,
    open_dialogs,
    with_conditions,
)
from lab.results import Check, SipMessage, Verdict, Words
from tests.runs import row


def message(first_line: str, call: str, method: str) -> SipMessage:
    return SipMessage(0.0, "a:1", "b:1", first_line, call, f"{first_line}\r\nCall-ID: {call}\r\nCSeq: 1 {method}\r\n")


ANSWERED = (message("INVITE sip:b SIP/2.0", "one", "INVITE"), message("SIP/2.0 200 OK", "one", "INVITE"))


@pytest.mark.parametrize(
    ("rest", "open_"),
    [
        ((), {"one"}),
        ((message("BYE sip:a SIP/2.0", "one", "BYE"),), set()),
        ((message("BYE sip:a SIP/2.0", "two", "BYE"),), {"one"}),
        ((message("SIP/2.0 200 OK", "two", "REGISTER"), message("BYE sip:a SIP/2.0", "one", "BYE")), set()),
    ],
)
def test_an_answered_call_without_a_bye_is_open(rest: tuple[SipMessage, ...], open_: set[str]) -> None:
    assert open_dialogs((*ANSWERED, *rest)) == open_


def test_a_call_that_nobody_answered_leaves_no_dialog() -> None:
    refused = (message("INVITE sip:b SIP/2.0", "one", "INVITE"), message("SIP/2.0 486 Busy Here", "one", "INVITE"))
    assert open_dialogs(refused) == set()


def test_a_row_fails_for_its_own_open_dialog_and_for_no_others() -> None:
    own = replace(row("a"), sip=ANSWERED)
    failed = with_conditions(own, [], {"one", "other"})
    assert failed.verdict is Verdict.FAILED
    assert failed.reason == "No SIP dialog is left open: expected –, got one."
    assert with_conditions(own, [], {"other"}) == own


def test_what_a_pbx_keeps_fails_its_rows_and_the_first_reason_stays() -> None:
    left = [Check("server", Words("Canales", "Channels"), "–", "PJSIP/x", passed=False)]
    assert with_conditions(row("a"), left, ()).verdict is Verdict.FAILED
    assert "Channels" in with_conditions(row("a"), left, ()).reason
    before = row("b", Verdict.FAILED, "its own reason")
    assert with_conditions(before, left, ()).reason == "its own reason"
    assert with_conditions(before, left, ()).checks[-1] is left[0]


def test_growth_beyond_what_is_spared_is_told() -> None:
    before = Footprint(65_000, 19)
    assert compared(before, Footprint(65_000 + SPARE_MEMORY, 19 + SPARE_DESCRIPTORS)) == []
    (files,) = compared(before, Footprint(65_000, 20 + SPARE_DESCRIPTORS))
    assert (files.passed, files.expected) == (False, "≤ 19 + 8")
    (memory,) = compared(before, Footprint(65_001 + SPARE_MEMORY, 19))
    assert (memory.passed, memory.observed) == (False, "185 MB")


def test_the_footprint_of_a_process_is_what_the_kernel_says() -> None:
    before = footprint(os.getpid())
    read, write = os.pipe()
    after = footprint(os.getpid())
    os.close(read)
    os.close(write)
    assert before
    assert after
    assert after.descriptors == before.descriptors + 2
    assert before.memory > 1000
    assert footprint(None) is None
    assert footprint(2**22 + 1) is None
