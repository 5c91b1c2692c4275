"""Real calls over each type of trunk: what the other side sees, when the next trunk is tried, and who may call what."""

from __future__ import annotations

import pytest

from lab.calls import Lab
from tests.engine.calls.wire import Stranger

pytestmark = [pytest.mark.engine, pytest.mark.lab(site="tests/golden/trunks/site")]


def test_a_carrier_over_a_vpn_gets_digits_without_plus(lab: Lab) -> None:
    with lab.phone("201").call("902234567890") as call:
        ringing = lab.carrier("tunel").rings()
        assert ringing.dialled == "542234567890"
        ringing.answer()
        call.talks_with(ringing)


def test_a_gateway_gets_the_keys_that_people_dial_at_home(lab: Lab) -> None:
    for keys, sent in (("91555550000", "1555550000"), ("9+5492234567890", "0223154567890")):
        with lab.phone("201").call(keys):
            assert lab.carrier("lineas").rings().dialled == sent


def test_who_may_call_nobody_calls_no_number_of_the_old_pbx(lab: Lab) -> None:
    lab.phone("204").call("305").ended("nobody")
    lab.carrier("central_vieja").stays_silent()


def test_a_busy_phone_of_the_old_pbx_is_told_as_busy(lab: Lab) -> None:
    lab.carrier("central_vieja").will("busy")
    lab.phone("201").call("305").ended("busy")


def test_callers_of_the_old_pbx_are_colleagues(lab: Lab) -> None:
    with lab.carrier("central_vieja").call("203", caller="305", name="Rita") as call:
        ringing = lab.phone("203").rings()
        assert (ringing.shown.number, ringing.shown.name) == ("305", "Rita")
        ringing.answer()
        call.talks_with(ringing)
    with lab.carrier("central_vieja").call("+541152365001", caller="305"):
        lab.phone("203").rings()


def test_callers_from_outside_are_no_colleagues(lab: Lab) -> None:
    lab.carrier("principal").call("+541152365001").ended("refused")
    for trunk in ("principal", "respaldo", "tunel", "lineas"):
        lab.carrier(trunk).call("203").ended("nobody")
        lab.carrier(trunk).call("305").ended("nobody")
    lab.carrier("central_vieja").stays_silent()


@pytest.mark.parametrize("number", ["91152365999", "9911", "911", "+541143210000", "305", "*97", "*72305", "**201"])
def test_nobody_at_the_old_pbx_gets_outside_by_ours(lab: Lab, number: str) -> None:
    lab.carrier("central_vieja").call(number, caller="305").ended("nobody")
    for trunk in ("principal", "respaldo", "tunel", "lineas", "central_vieja"):
        lab.carrier(trunk).stays_silent(1)


def test_calls_of_both_ways_fill_a_trunk(lab: Lab) -> None:
    with lab.carrier("principal").call("+541152365000") as incoming:
        first = lab.phone("201").rings()
        first.answer()
        incoming.answered()
        with lab.phone("202").call("943210000") as outgoing:
            lab.carrier("principal").rings().answer()
            outgoing.answered()
            with lab.phone("201").call("943210001") as third:
                lab.carrier("respaldo").rings().answer()
                third.answered()
            assert "trunk:principal full" in third.exits
            lab.carrier("principal").call("+541152365000").ended("failed")


@pytest.mark.parametrize("name", ["andina_trunk_central_vieja", "andina_trunk_principal", "stranger"])
def test_nobody_becomes_a_trunk_by_the_name_he_gives_himself(lab: Lab, name: str) -> None:
    with Stranger(lab, user=name) as stranger:
        assert stranger.ask("INVITE", "201").code == 401
    lab.phone("201").stays_silent(1)
