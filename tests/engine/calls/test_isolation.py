"""Two customers with the same extension numbers on one PBX: from neither can the other be reached or listened to."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from lab.calls import Lab
from tests.engine.calls.wire import Stranger

pytestmark = pytest.mark.engine

DID_OF_THE_OTHER = "+541143210000"
NAMES = [
    "otra_201",
    "otra_trunk_unica",
    "201@otra",
    "otra_extension,201,1",
    "PJSIP/otra_201",
    "*8otra_201",
    "**otra_201",
    "otra_did",
]


def dialled_by_hand(lab: Lab, to: str, method: str = "INVITE", headers: Mapping[str, str] | None = None) -> int:
    """What a logged-in phone of ours is told when it asks for something by its own words."""
    secret = lab.stage.secrets["firma/extension/201"]
    with Stranger(lab, user="firma_201", password=secret) as phone:
        return phone.ask(method, to, headers).code


def test_the_same_number_rings_at_the_own_company_only(lab: Lab) -> None:
    with lab.phone("201").call("202"):
        lab.phone("202").rings()
        lab.of("otra").phone("202").stays_silent(1)
    with lab.of("otra").phone("201").call("202"):
        lab.of("otra").phone("202").rings()
        lab.phone("202").stays_silent(1)


def test_the_others_public_number_is_reached_over_the_public_network_only(lab: Lab) -> None:
    with lab.phone("201").call(DID_OF_THE_OTHER):
        lab.carrier("principal").rings(DID_OF_THE_OTHER)
        lab.of("otra").phone("201").stays_silent(1)
    lab.carrier("principal").call(DID_OF_THE_OTHER).ended("nobody")
    lab.of("otra").carrier("unica").call("+541152360001").ended("nobody")


@pytest.mark.parametrize("name", NAMES)
def test_the_others_names_cannot_be_dialled(lab: Lab, name: str) -> None:
    assert dialled_by_hand(lab, name.replace(",", "%2C").replace("@", "%40").replace("/", "%2F")) == 404
    lab.of("otra").phone("201").stays_silent(1)


def test_a_call_that_rings_at_the_other_cannot_be_picked_up(lab: Lab) -> None:
    with lab.of("otra").phone("201").call("202"):
        lab.of("otra").phone("202").rings()
        lab.phone("201").call("**202").ended("refused")
        lab.phone("201").call("*8").ended("refused")


def test_the_others_lamps_stay_dark(lab: Lab) -> None:
    headers = {"Event": "dialog", "Accept": "application/dialog-info+xml", "Expires": "60"}
    for name in ("otra_201", "202%40otra", "otra_hints"):
        assert dialled_by_hand(lab, name, "SUBSCRIBE", headers) in {403, 404, 489}
    # Its own 202 is another one than theirs.
    with lab.of("otra").phone("201").call("202"):
        lab.of("otra").phone("202").rings()
        assert not {"ringing", "busy"} & set(lab.phone("201").lamp("202").shows("idle").shown)


def test_a_call_cannot_be_transferred_to_the_other(lab: Lab) -> None:
    lab.expect_log("target does not exist")
    with lab.phone("201").call("202") as call:
        lab.phone("202").rings().answer()
        call.answered()
        for target in ("otra_201", "otra_extension"):
            assert call.transfer(target) == "FAILURE"
        lab.of("otra").phone("201").stays_silent(1)


def test_the_other_companys_password_opens_nothing_here(lab: Lab) -> None:
    for user, secret in (("otra_201", "firma/extension/201"), ("firma_201", "otra/extension/201")):
        with Stranger(lab, user=user, password=lab.stage.secrets[secret]) as thief:
            assert thief.ask("REGISTER", user, {"Expires": "60"}).code == 401
    lab.expect_log("AOR '' not found")
    # One's own password for somebody else's address of record.
    with Stranger(lab, user="firma_201", password=lab.stage.secrets["firma/extension/201"]) as thief:
        assert thief.ask("REGISTER", "otra_201", {"Expires": "60"}).code in {401, 403, 404}
