"""The mail sink: what the PBX hands to its mail command arrives, and nobody else's."""

from __future__ import annotations

import asyncio
import email
import email.policy
import os
from email.message import EmailMessage
from pathlib import Path

import pytest

from lab.mail import Mail, MailSink

VOICEMAIL = (
    "Date: Sat, 21 Nov 2026 10:00:00 -0300\nFrom: PBX <buzon@nube-sur.example>\n"
    "To: =?utf-8?q?Ana_G=C3=B3mez?= <ana@andina.example>\nSubject: Mensaje nuevo\n"
    'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: text/plain; charset=UTF-8\n\n'
    "¿Mañana?\n.\n..\n--b\nContent-Type: audio/x-wav; name=msg0000.WAV\nContent-Transfer-Encoding: base64\n"
    "Content-Disposition: attachment; filename=msg0000.WAV\n\nUklGRg==\n--b--\n"
)


async def delivered(folder: Path, *messages: bytes) -> tuple[list[Mail], list[int]]:
    """What arrives when the command is given these messages, and how it ended each time."""
    found: list[Mail] = []
    sink = MailSink(found.append)
    command = await sink.start(folder)
    codes = []
    try:
        for message in messages:
            process = await asyncio.create_subprocess_exec(
                str(command),
                "-t",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
            )
            await process.communicate(message)
            codes.append(process.returncode or 0)
    finally:
        sink.stop()
    return found, codes


@pytest.mark.asyncio
async def test_a_message_arrives_whole_through_the_command(tmp_path: Path) -> None:
    (mail,), codes = await delivered(tmp_path, VOICEMAIL.encode())
    assert codes == [0]
    assert mail.sender == "buzon@nube-sur.example"
    assert mail.recipients == ("ana@andina.example",)
    message = email.message_from_bytes(mail.content, policy=email.policy.default)
    assert message["subject"] == "Mensaje nuevo"
    body = message.get_body()
    assert body is not None
    assert body.get_content().splitlines() == ["¿Mañana?", ".", ".."]
    (attachment,) = message.iter_attachments()
    assert attachment.get_filename() == "msg0000.WAV"
    assert attachment.get_content() == b"RIFF"


@pytest.mark.asyncio
async def test_all_recipients_are_known(tmp_path: Path) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Cc"] = "a@x.example", "b@x.example, c@x.example", "d@x.example"
    message.set_content("x")
    (mail,), _ = await delivered(tmp_path, message.as_bytes())
    assert mail.recipients == ("b@x.example", "c@x.example", "d@x.example")


@pytest.mark.asyncio
async def test_commands_inside_a_message_stay_text(tmp_path: Path) -> None:
    hostile = (
        "From: a@x.example\nTo: b@x.example\n"
        "Subject: =?utf-8?b?eA0KQmNjOiBldmlsQHguZXhhbXBsZQ==?=\n\n"
        "x\r\n.\r\nMAIL FROM:<evil@x.example>\r\nRCPT TO:<evil@x.example>\r\nDATA\r\nSubject: two\r\n\r\ntwo\r\n.\r\n"
    )
    found, _ = await delivered(tmp_path, hostile.encode(), VOICEMAIL.encode())
    assert [mail.recipients for mail in found] == [("b@x.example",), ("ana@andina.example",)]
    assert b"RCPT TO:<evil@x.example>" in found[0].content


@pytest.mark.asyncio
async def test_a_message_without_a_recipient_is_refused_and_the_next_one_arrives(tmp_path: Path) -> None:
    found, codes = await delivered(tmp_path, b"From: a@x.example\nSubject: x\n\nx\n", VOICEMAIL.encode())
    assert [mail.recipients for mail in found] == [("ana@andina.example",)]
    assert codes == [os.EX_DATAERR, 0]


@pytest.mark.asyncio
async def test_after_the_end_nobody_listens(tmp_path: Path) -> None:
    sink = MailSink(lambda _mail: None)
    command = await sink.start(tmp_path)
    sink.stop()
    process = await asyncio.create_subprocess_exec(str(command), "-t", stdin=asyncio.subprocess.DEVNULL)
    assert await process.wait() == os.EX_TEMPFAIL
