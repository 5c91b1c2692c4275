"""Who a caller says has sent the call on (Diversion, RFC 5806): nobody need believe it, and nothing is made of it."""

from __future__ import annotations

import pytest

from lab.calls import Lab

pytestmark = [pytest.mark.engine, pytest.mark.lab(site="lab/sites/demo")]

OF_ANOTHER_TENANT = {"Diversion": "<sip:+59842241000@pbx.example>\\;reason=user-busy"}
WITH_LINES = {"Diversion": "<sip:77%0d%0aorigmailbox=203%0d%0acategory=forged@pbx.example>\\;reason=user-busy"}


def test_a_phone_shows_the_carrier_nobody_elses_number(lab: Lab) -> None:
    with lab.phone("203").call("943210000", headers=OF_ANOTHER_TENANT):
        shown = lab.carrier("principal").rings().shown
        assert (shown.number, shown.diversion) == ("+541152365002", "")


def test_a_caller_from_outside_shows_the_carrier_nobody_elses_number(lab: Lab) -> None:
    lab.phone("201").unregister()  # its calls go outside meanwhile
    with lab.carrier("respaldo").call("+541152365001", headers=OF_ANOTHER_TENANT):
        assert lab.carrier("principal").rings().shown.diversion == ""


def test_who_has_transferred_a_call_is_not_told_to_the_carrier(lab: Lab) -> None:
    with lab.phone("202").call("203") as call:
        lab.phone("203").rings().answer()
        call.answered()
        assert call.transfer("943210000") == "SUCCESS"
        assert lab.carrier("principal").rings().variable("${PJSIP_HEADER(read,Referred-By)}") == ""


def test_nothing_is_written_into_the_file_of_a_message(lab: Lab) -> None:
    lab.phone("201").will("busy")
    with lab.carrier("respaldo").call("+541152365001", headers=WITH_LINES) as call:
        call.hears("beep").says("message")
    call.ended()
    inbox = lab.stage.pbx.paths.voicemail / "andina" / "201" / "INBOX"
    lines = next(inbox.glob("*.txt")).read_text("utf-8").splitlines()
    assert "rdnis=77origmailbox203categoryforged" in lines
    assert [line for line in lines if line.startswith("origmailbox=")] == ["origmailbox=201"]
