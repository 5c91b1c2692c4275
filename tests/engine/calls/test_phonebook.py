"""Names of known callers, speed dials, and callers who call themselves what no name should hold."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes
from email.policy import default

import pytest

from lab.calls import Lab
from tests.engine.calls.wire import Stranger

pytestmark = [pytest.mark.engine, pytest.mark.lab(site="tests/golden/trunks/site")]

NUMBER = "+541152365000"
HOSTILE = [
    '"Ana\\" <sip:x@y>; ${SHELL(touch /tmp/owned)}"',
    '"$(touch /tmp/owned)`id`|id;id"',
    '"${CHANNEL(hangup)},1,Hangup()"',
    '"a%0d%0aBcc: x@y.example"',
    '"../../etc/passwd&PJSIP/andina_202"',
    "\"x' OR '1'='1\"",
    '"' + "A" * 90 + '"',
]


@pytest.mark.parametrize("sent", ["+541143210000", "541143210000", "1143210000", "01143210000", "43210000"])
def test_a_known_caller_is_shown_by_name_in_whatever_form_the_number_comes(lab: Lab, sent: str) -> None:
    with lab.carrier("principal").call(NUMBER, caller=sent, name="PROV 7"):
        shown = lab.phone("201").rings().shown
    assert (shown.number, shown.name) == ("+541143210000", "Proveedor Sur")


@pytest.mark.parametrize(
    ("sent", "number", "name"),
    [
        ("59899123456", "+59899123456", "Cliente Montevideo"),
        ("1555550000", "+5491155550000", "Zoë O'Neill S.A. SHELL id"),
        ("1143219999", "+541143219999", "Rita Sosa"),
        ("4930123456", "4930123456", "Rita Sosa"),
        ("anonymous", "anonymous", "Rita Sosa"),
    ],
)
def test_what_is_shown_can_be_dialled_back_where_the_country_is_certain(
    lab: Lab, sent: str, number: str, name: str
) -> None:
    with lab.carrier("principal").call(NUMBER, caller=sent, name="Rita Sosa"):
        shown = lab.phone("201").rings().shown
    assert (shown.number, shown.name) == (number, name)


def test_a_number_as_it_is_shown_is_called_back(lab: Lab) -> None:
    with lab.phone("201").call("+541143210000"):
        assert lab.carrier("principal").rings().dialled == "+541143210000"


def test_a_caller_who_hides_is_not_given_away_by_the_phonebook(lab: Lab) -> None:
    headers = {"Privacy": "id", "P-Asserted-Identity": "<sip:+541143210000@sip.operador.example>"}
    with lab.carrier("principal").call(NUMBER, caller="anonymous", name="Anonymous", headers=headers):
        shown = lab.phone("201").rings().shown
    assert (shown.number, shown.name, shown.asserted) == ("anonymous", "Anonymous", "")


@pytest.mark.parametrize("display", HOSTILE)
def test_what_a_caller_calls_himself_is_shown_without_its_signs(lab: Lab, display: str) -> None:
    # Asterisk cuts at 80 bytes, and says so in its own way.
    lab.expect_log("has invalid UTF-8 characters")
    lab.phone("201").will("busy")
    carrier = lab.carrier("principal").party
    host = int(carrier.address.rpartition(".")[2])
    with (
        Stranger(lab, host=host, user="+541140001111", display=display) as caller,
        ThreadPoolExecutor(1) as pool,
    ):
        answer = pool.submit(caller.ask, "INVITE", NUMBER)
        shown = lab.phone("201").rings().shown
        assert answer.result().code == 486
    assert shown.number == "+541140001111"
    assert shown.name
    assert re.fullmatch(r"[A-Za-z0-9 .'+-]{1,60}", shown.name)


def test_the_mail_of_a_message_names_a_hostile_caller_harmlessly(lab: Lab) -> None:
    name = "${SHELL(id)}`id` \\ ; Bcc: x@y.example"
    with lab.carrier("principal").call("+541152365002", caller="+541140001111", name=name) as call:
        call.hears("beep").says("message")
    mail = message_from_bytes(lab.mail_to("luis.paz@andina.example").content, policy=default)
    assert "SHELLidid" in mail["Subject"]
    assert mail["Bcc"] is None
    assert not set("`$;{}\\") & set(mail["Subject"])


def test_a_speed_dial_calls_the_contact(lab: Lab) -> None:
    with lab.phone("201").call("*001") as call:
        ringing = lab.carrier("principal").rings("+541143210000")
        assert ringing.shown.number == NUMBER
        ringing.answer()
        call.talks_with(ringing)
    assert call.journey == ["feature_code:speed_dial", "external:+541143210000", "trunk:principal"]


def test_a_speed_dial_is_no_way_round_the_class_of_service(lab: Lab) -> None:
    lab.phone("203").call("*001").ended("refused")
    lab.phone("201").call("*007").ended("nobody")
    lab.carrier("principal").call("*001").ended("nobody")
    lab.carrier("central_vieja").call("*001").ended("nobody")
