"""What is left of a voice message: a file in the mailbox, the lamp of the phone, and a mail."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator, Mapping
from email.message import EmailMessage
from pathlib import Path
from typing import Final

from lab import hearing
from lab.observation import Observation
from lab.results import Check, Recording, Words
from lab.scenario import Scenario
from pbx.asterisk.text import plain

SUBJECT: Final = "Mensaje de voz / Voicemail: "
"""How the subject of a mail about a message begins, in both languages (``voicemail.conf``)."""


def message_on_disk(scenario: Scenario, heard: tuple[Recording, ...], prompts: Mapping[str, Path]) -> Check:
    """The newest message of the mailbox is on disk and holds what the caller said."""
    kept = next((each for each in heard if each.party == f"voicemail:{scenario.mailbox}"), None)
    stretches = [each for each in (kept.heard if kept else ()) if each.what == "prompt:message"]
    seconds = sum(each.end - each.start for each in stretches)
    start, end = hearing.audible_extent(prompts["prompt:message"])
    wanted = (end - start) * 0.8
    return Check(
        "server",
        Words("Mensaje grabado en la casilla", "Message recorded in the mailbox"),
        f"wav: ≥ {wanted:.1f} s",
        f"{kept.path.name}: {seconds:.1f} s" if kept else "–",
        seconds >= wanted,
        by_ear=True,
    )


def message_told(scenario: Scenario, seen: Observation) -> Iterator[Check]:
    """The lamp is lit; a mail with or without the audio has come, if one is wanted."""
    lamp = Words("Luz de mensaje del teléfono", "Message lamp of the phone")
    yield Check("phone", lamp, "≥ 1", seen.lamp or "0", seen.lamp.isdigit() and int(seen.lamp) >= 1)
    extension = scenario.scope.tenant.extensions[scenario.mailbox]
    if extension.voicemail and extension.voicemail.email and extension.email:
        message = email.message_from_bytes(seen.mail, policy=email.policy.default) if seen.mail else None
        attached = [part.get_filename() or "" for part in message.iter_attachments()] if message else []
        wanted = extension.voicemail.attach
        yield Check(
            "server",
            Words("Correo recibido con el audio", "Mail received with the audio"),
            f"{extension.email}{' + wav' if wanted else ''}",
            f"{message['to'] if message else '–'}{' + ' + ', '.join(attached) if attached else ''}",
            bool(message) and any(name.lower().endswith(".wav") for name in attached) == wanted,
        )
        if message:
            yield _whose(scenario, message)


def _whose(scenario: Scenario, message: EmailMessage) -> Check:
    """The mail tells whose mailbox it is, and in its subject who called."""
    name = plain(scenario.scope.name_of(scenario.mailbox))
    caller = scenario.caller_number or scenario.caller.id
    body = message.get_body(("plain",))
    text, subject = str(body.get_content()).strip() if body else "", str(message["subject"] or "")
    return Check(
        "server",
        Words("El correo dice de quién es el mensaje", "The mail tells whose message it is"),
        f"{name}; {caller}",
        f"{text[:40]}…; {subject}",
        name in text and caller.lstrip("+") in subject and subject.startswith(SUBJECT),
    )
