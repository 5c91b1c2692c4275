"""Several devices of one person: a password each, one call for all of them, and TLS where it is asked for."""

from __future__ import annotations

import pytest

from lab.calls import Lab
from tests.engine.calls.wire import Stranger

pytestmark = [pytest.mark.engine, pytest.mark.lab(site="tests/golden/trunks/site")]

EVA = "andina_205"


def password(lab: Lab, device: str) -> str:
    """A device's own password."""
    return lab.stage.secrets[f"andina/extension/205/{device}"]


def test_a_second_device_registers_over_tls_and_takes_a_call_for_both(lab: Lab) -> None:
    with Stranger(lab, user=EVA, password=password(lab, "movil"), tls=True) as mobile:
        assert mobile.ask("REGISTER", EVA, {"Expires": "60"}).code == 200
        with lab.phone("201").call("205") as call:
            invite = mobile.called()
            desk = lab.phone("205").rings()
            assert "a=crypto:" in invite
            assert mobile.answer(invite).startswith("ACK ")
            desk.stops()
            call.answered()
        assert mobile.ask("REGISTER", EVA, {"Expires": "0"}).code == 200


def test_each_device_has_a_password_of_its_own(lab: Lab) -> None:
    desk, mobile = password(lab, "escritorio"), password(lab, "movil")
    assert desk != mobile
    for secret, code in ((desk, 200), (mobile, 200), (lab.stage.secrets["andina/extension/201"], 401)):
        with Stranger(lab, user=EVA, password=secret) as device:
            assert device.ask("REGISTER", EVA, {"Expires": "60"}).code == code
            if code == 200:
                assert device.ask("REGISTER", EVA, {"Expires": "0"}).code == 200


def test_no_more_devices_register_than_there_are(lab: Lab) -> None:
    lab.expect_log("will exceed max contacts of 2")
    with (
        Stranger(lab, user=EVA, password=password(lab, "movil")) as second,
        Stranger(lab, user=EVA, password=password(lab, "movil"), host=201) as third,
    ):
        assert second.ask("REGISTER", EVA, {"Expires": "60"}).code == 200
        assert third.ask("REGISTER", EVA, {"Expires": "60"}).code == 403
        assert second.ask("REGISTER", EVA, {"Expires": "0"}).code == 200
