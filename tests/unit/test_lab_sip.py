"""The lab's own SIP: digests, answers, lamps and a carrier that is silent."""

from __future__ import annotations

import asyncio

import pytest
from sipmessage import URI, AuthChallenge, Message, Request, Response

from lab.lamps import Lamp, dialog_state, messages
from lab.silent import open_silent_carrier
from lab.sip import Dialog, SipError, open_agent, response_to, with_credentials

HOST = "127.0.83.1"
DIALOG_INFO = (
    '<?xml version="1.0"?><dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="1" state="full" '
    'entity="sip:201@pbx">{}</dialog-info>'
)


def test_a_digest_is_that_of_the_standard(monkeypatch: pytest.MonkeyPatch) -> None:
    """The example of RFC 2617, 3.5, with its method and its path for ours."""
    monkeypatch.setattr("lab.sip.secrets.token_hex", lambda _: "0a4f113b")
    monkeypatch.setattr(URI, "__str__", lambda _: "/dir/index.html")
    challenge = AuthChallenge.parse(
        'Digest realm="testrealm@host.com", qop="auth", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"'
    )
    asked = Request("GET", URI.parse("sip:a@b"))
    parameters = with_credentials(asked, challenge, "Mufasa", "Circle Of Life").parameters
    assert parameters is not None
    assert parameters["response"] == "6629fae49393a05397450978507c4ef1"


@pytest.mark.asyncio
async def test_a_question_is_answered_by_its_own_response() -> None:
    server = await open_agent(HOST, 0, lambda asked: response_to(asked, 200, asked.headers["To"]))
    client = await open_agent(HOST, 0, lambda _: None)
    try:
        answers = await asyncio.gather(
            *(client.ask(Dialog("201", HOST, name).request("OPTIONS", {}), server.local) for name in ("a", "b", "c"))
        )
        assert [answer.phrase for answer in answers] == [f"<sip:{name}@{HOST}>" for name in ("a", "b", "c")]
        assert all(answer.to_address.parameters["tag"] for answer in answers)
    finally:
        server.close()
        client.close()


@pytest.mark.asyncio
async def test_silence_and_noise_are_told_as_no_answer() -> None:
    server = await open_agent(HOST, 0, lambda _: None)
    client = await open_agent(HOST, 0, lambda _: None)
    try:
        client.datagram_received(b"\xff\xfe not SIP \r\n\r\n", server.local)
        with pytest.raises(SipError, match="no answer to OPTIONS"):
            await client.ask(Dialog("201", HOST, "a").request("OPTIONS", {}), server.local, seconds=0.05)
    finally:
        server.close()
        client.close()


@pytest.mark.asyncio
async def test_a_silent_carrier_is_reachable_and_takes_no_call() -> None:
    carrier = await open_silent_carrier(HOST)
    client = await open_agent(HOST, 0, lambda _: None)
    try:
        assert (await client.ask(Dialog("pbx", HOST, "x").request("OPTIONS", {}), carrier.local)).code == 200
        registered = await client.ask(
            Dialog("pbx", HOST, "x").request("REGISTER", {"Contact": "<sip:x@y>"}), carrier.local
        )
        assert registered.headers["Contact"] == "<sip:x@y>"
        with pytest.raises(SipError):
            await client.ask(Dialog("pbx", HOST, "x").request("INVITE", {}), carrier.local, seconds=0.05)
    finally:
        carrier.close()
        client.close()


@pytest.mark.parametrize(
    ("dialogs", "state"),
    [
        ("", "idle"),
        ('<dialog id="1"><state>terminated</state></dialog>', "idle"),
        ('<dialog id="1" direction="recipient"><state>early</state></dialog>', "ringing"),
        ('<dialog id="1"><state>confirmed</state></dialog>', "busy"),
        ('<dialog id="1"><state>terminated</state></dialog><dialog id="2"><state>early</state></dialog>', "ringing"),
        ("<dialog>", "unreadable"),
    ],
)
def test_a_lamp_shows_the_most_that_goes_on(dialogs: str, state: str) -> None:
    assert dialog_state(DIALOG_INFO.format(dialogs).encode()) == state


def test_a_lamp_counts_messages() -> None:
    assert messages(b"Messages-Waiting: yes\r\nMessage-Account: sip:201@x\r\nVoice-Message: 2/1 (0/0)\r\n") == "2/1"
    assert messages(b"Messages-Waiting: no\r\n") == "0/0"


def notify(call_id: str, body: str, state: str = "active") -> Request:
    """A NOTIFY as Asterisk sends it."""
    text = (
        f"NOTIFY sip:202@{HOST} SIP/2.0\r\nVia: SIP/2.0/UDP {HOST};branch=z9hG4bK1\r\nFrom: <sip:201@pbx>;tag=1\r\n"
        f"To: <sip:202@pbx>;tag=2\r\nCall-ID: {call_id}\r\nCSeq: 7 NOTIFY\r\nSubscription-State: {state}\r\n\r\n{body}"
    )
    message = Message.parse(text.encode())
    assert isinstance(message, Request)
    return message


def test_a_lamp_keeps_what_it_has_shown_and_refuses_the_news_of_others() -> None:
    told: list[str] = []
    lamp = Lamp(Dialog("202", HOST, "201", call_id="mine"), "dialog", "", (HOST, 5060))
    lamp.changed = lambda: told.append(lamp.state)
    early = DIALOG_INFO.format('<dialog id="1"><state>early</state></dialog>')
    answers: list[Response] = [
        lamp.notified(notify("mine", early)),
        lamp.notified(notify("mine", early)),
        lamp.notified(notify("other", DIALOG_INFO.format(""))),
        lamp.notified(notify("mine", "", "terminated;reason=timeout")),
    ]
    assert [answer.code for answer in answers] == [200, 200, 481, 200]
    assert (lamp.shown, lamp.ended, told) == (["ringing"], True, ["ringing", "ringing", "ringing"])
