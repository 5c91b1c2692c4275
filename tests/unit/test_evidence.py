"""What the evidence shows of captures and recordings, and what it must not show."""

from __future__ import annotations

import struct
from dataclasses import replace
from ipaddress import ip_address
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import numpy as np
import pytest
import soundfile

from lab.evidence import about_calls, ladder, read_capture, timeline
from lab.results import Heard, Recording, SipMessage

if TYPE_CHECKING:
    from pathlib import Path

INVITE = (
    "INVITE sip:600@127.0.1.10 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.1.20:5060;branch=z9\r\nFrom: <sip:a@b>;tag=1\r\n"
    "To: <sip:600@b>\r\nCall-ID: call-1\r\nCSeq: 7 INVITE\r\n"
    'Authorization: Digest username="u", response="5f2a9", uri="sip:b"\r\nContent-Length: 0\r\n\r\n'
    "v=0\r\nm=audio 4000 RTP/AVP 8 0 101\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:c2VjcmV0a2V5\r\n"
)
OK = "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.1.20:5060\r\ni: call-1\r\nCSeq: 7 INVITE\r\n\r\n"
BYE = (
    "BYE sip:a@127.0.1.20 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.1.10:5060;branch=z1\r\nCall-ID: call-1\r\n"
    "CSeq: 8 BYE\r\n\r\n"
)


def ethernet(payload: bytes, source: str, target: str, protocol: int = 17) -> bytes:
    """Build a frame as Asterisk writes it; addresses as ``host port``."""
    (host, port), (other, other_port) = source.split(), target.split()
    ports = struct.pack("!2H", int(port), int(other_port))
    if protocol == 17:
        body = ports + struct.pack("!2H", 8 + len(payload), 0) + payload
    else:
        body = ports + struct.pack("!2I2B3H", 1, 1, 5 << 4, 24, 8192, 0, 0) + payload
    here, there = ip_address(host).packed, ip_address(other).packed
    if len(here) == 4:
        header = struct.pack("!2B3H2BH", 0x45, 0, 20 + len(body), 0, 0, 64, protocol, 0) + here + there
        return bytes(12) + b"\x08\x00" + header + body
    return bytes(12) + b"\x86\xdd" + struct.pack("!IH2B", 6 << 28, len(body), protocol, 64) + here + there + body


def capture(path: Path, *frames: bytes, order: str = "<") -> Path:
    content = struct.pack(f"{order}I2H4I", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
    for index, frame in enumerate(frames):
        content += struct.pack(f"{order}4I", 1_800_000_000 + index, 250_000, len(frame), len(frame)) + frame
    path.write_bytes(content)
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "calls.pcap"


PHONE, PBX, UNKNOWN = "127.0.1.20 5060", "127.0.1.10 5060", "0.0.0.0 0"


@pytest.mark.parametrize("order", ["<", ">"])
def test_messages_are_read_in_their_order_with_times_from_the_first(path: Path, order: str) -> None:
    capture(path, ethernet(INVITE.encode(), PHONE, PBX), ethernet(OK.encode(), PBX, PHONE), order=order)
    first, second = read_capture(path)
    assert (first.time, first.source, first.target) == (0, "127.0.1.20:5060", "127.0.1.10:5060")
    assert (first.first_line, first.call_id) == ("INVITE sip:600@127.0.1.10 SIP/2.0", "call-1")
    assert (second.time, second.first_line, second.call_id) == (1, "SIP/2.0 200 OK", "call-1")


def test_times_count_from_the_beginning_of_the_row(path: Path) -> None:
    capture(path, ethernet(INVITE.encode(), PHONE, PBX))
    (message,) = read_capture(path, start=1_799_999_990)
    assert message.time == pytest.approx(10.25)


def test_the_address_asterisk_leaves_out_is_taken_from_its_own_requests(path: Path) -> None:
    capture(path, ethernet(INVITE.encode(), PHONE, UNKNOWN), ethernet(BYE.encode(), UNKNOWN, PHONE))
    assert [(each.source, each.target) for each in read_capture(path)] == [
        ("127.0.1.20:5060", "127.0.1.10:5060"),
        ("127.0.1.10:5060", "127.0.1.20:5060"),
    ]
    assert read_capture(path, local="192.0.2.1:5070")[0].target == "192.0.2.1:5070"


def test_ipv6_and_tcp_are_read_too(path: Path) -> None:
    capture(path, ethernet(INVITE.encode(), "::1 5060", "::2 5070", 6), ethernet(OK.encode(), "::2 5070", "::1 5060"))
    first, second = read_capture(path)
    assert (first.source, first.target) == ("[::1]:5060", "[::2]:5070")
    assert first.first_line.startswith("INVITE")
    assert second.first_line == "SIP/2.0 200 OK"


def test_what_is_not_sip_is_left_out(path: Path) -> None:
    capture(
        path,
        ethernet(b"\r\n\r\n", PHONE, PBX),
        ethernet(b"\x80\x08rtp", PHONE, PBX),
        bytes(14) + b"\x45",
        b"",
        ethernet(OK.encode(), PBX, PHONE),
    )
    assert [each.first_line for each in read_capture(path)] == ["SIP/2.0 200 OK"]


def test_a_capture_cut_off_anywhere_gives_its_whole_messages(path: Path) -> None:
    frame = ethernet(OK.encode(), PBX, PHONE)
    whole = capture(path, frame, frame).read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        assert len(read_capture(path)) == (1 if length >= 24 + 16 + len(frame) else 0)


def test_no_capture_gives_no_messages(path: Path) -> None:
    assert read_capture(path) == ()
    path.write_bytes(b"this is not a capture, but it is long enough to be one")
    assert read_capture(path) == ()


def test_secrets_are_blanked(path: Path) -> None:
    basic = INVITE.replace("Authorization: Digest", "Proxy-Authorization: Basic dXNlcjpwYXNz\r\nAuthorization: Digest")
    folded = INVITE.replace(' response="', '\r\n response = "')
    unclosed = INVITE.replace('response="5f2a9"', "response=5f2a9")
    frames = [ethernet(text.encode(), PHONE, PBX) for text in (basic, folded, unclosed)]
    for message in read_capture(capture(path, *frames)):
        assert "5f2a9" not in message.text
        assert "dXNlcjpwYXNz" not in message.text
        assert "c2VjcmV0a2V5" not in message.text
        assert 'uri="sip:b"' in message.text


def message(first_line: str, sequence: str, time: float = 0, call_id: str = "call-1") -> SipMessage:
    text = f"{first_line}\r\nCSeq: {sequence}\r\n\r\nm=audio 4000 RTP/AVP 8 0\r\n"
    return SipMessage(time, "127.0.1.20:5060", "127.0.1.10:5060", first_line, call_id, text)


NAMES = {"127.0.1.20:5060": "extension:201", "127.0.1.10": "PBX"}


def words(drawing: str) -> list[str]:
    """All text of a drawing, which must be well-formed XML."""
    return [text for text in ET.fromstring(drawing).itertext() if text.strip()]


def test_a_ladder_names_participants_messages_transactions_and_sound() -> None:
    answer = replace(message("SIP/2.0 200 OK", "7 INVITE", 1.5), source="127.0.1.10:5060", target="127.0.1.20:5060")
    shown = words(ladder([message("INVITE sip:600@b SIP/2.0", "7 INVITE"), answer], NAMES))
    for text in ("extension:201", "PBX", "INVITE", "200 OK", "7 INVITE · SDP alaw/ulaw", "1.500"):
        assert text in shown


def test_dialogs_are_told_apart_by_letter_and_colour() -> None:
    drawing = ladder([message("A x SIP/2.0", "1 A"), message("B x SIP/2.0", "1 B", call_id="call-2")], NAMES)
    assert {"A", "B"} <= set(words(drawing))
    assert "--dialog-0" in drawing
    assert "--dialog-1" in drawing


def test_registrations_are_noise_unless_asked_for() -> None:
    messages = [message("REGISTER x SIP/2.0", "1 REGISTER"), message("SIP/2.0 200 OK", "1 REGISTER")]
    assert about_calls(messages) == ()
    assert ladder(messages, NAMES) == ""
    assert "REGISTER" in words(ladder(messages, NAMES, noise=frozenset()))


def test_a_long_ladder_says_how_much_it_leaves_out() -> None:
    messages = [message("INFO x SIP/2.0", f"{index} INFO") for index in range(50)]
    drawing = ladder(messages, NAMES, most=10)
    assert words(drawing).count("INFO") == 10
    assert "… 40 more" in words(drawing)
    assert "more" not in ladder(messages, NAMES, most=50)


def test_a_message_to_oneself_is_drawn() -> None:
    assert "OPTION" in words(ladder([replace(message("OPTION x SIP/2.0", "1 X"), target="127.0.1.20:5060")], NAMES))


HOSTILE = '<script>alert(1)</script>" onmouseover="x\x00\x1b\u202e\ud800'


def test_hostile_headers_stay_text() -> None:
    bad = SipMessage(0, HOSTILE, "127.0.1.10:5060", f"SIP/2.0 200 {HOSTILE}", HOSTILE, f"CSeq: 1 X\nm=audio {HOSTILE}")
    drawing = ladder([bad], {"127.0.1.10:5060": HOSTILE})
    assert {element.tag.partition("}")[2] for element in ET.fromstring(drawing).iter()} <= {
        "svg", "title", "line", "rect", "text", "g", "path",
    }  # fmt: skip
    assert not any(name.startswith("on") for element in ET.fromstring(drawing).iter() for name in element.attrib)


def test_a_timeline_marks_what_was_heard_where_it_was_heard(tmp_path: Path) -> None:
    path = tmp_path / "heard.wav"
    soundfile.write(path, 0.1 * np.ones(40000), 8000)
    drawing = timeline(Recording("extension:201", path, (Heard("prompt:ivr", 1, 3, 0.99), Heard("silence", 4, 5, 1))))
    marks = {mark.get("data-seek"): mark for mark in ET.fromstring(drawing).iter() if mark.get("data-seek")}
    assert (marks["1.000"].get("x"), marks["1.000"].get("width")) == ("20.00%", "40.00%")
    assert "prompt:ivr 1.00–3.00 s (0.99)" in words(drawing)
    assert "4.000" in marks


def test_a_timeline_of_a_missing_recording_is_an_empty_strip(tmp_path: Path) -> None:
    drawing = timeline(Recording(HOSTILE, tmp_path / "missing.wav", (Heard(HOSTILE, 0, 1, 1),)))
    assert ET.fromstring(drawing).get("data-seconds") == "1.000"
