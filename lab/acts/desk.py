"""What a phone on a desk shows and does: lamps for colleagues, hold, and the mailbox with its PIN."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from functools import partial
from typing import Final

from lab.acts.act import Act
from lab.acts.casting import act, colleagues, label, own, pick
from lab.calls import Lab
from lab.mail import Mail
from lab.results import Words
from pbx.asterisk import names
from pbx.asterisk.text import plain
from pbx.model import Ref
from pbx.site import TenantScope

HOLD: Final = 8.0
"""Seconds on hold: enough to recognise the music."""


def acts(scope: TenantScope) -> Iterator[Act]:
    """A lamp that follows a call, a call on hold, and mailboxes."""
    yield from _lamp(scope)
    yield from _hold(scope)
    yield from _mailbox(scope)
    yield from _missed(scope)


def _lamp(scope: TenantScope) -> Iterator[Act]:
    two = pick(colleagues(scope, "lamp"), 2)
    if not two:
        return
    caller, watched = two
    who = [label(scope, number) for number in two]
    yield act(
        scope,
        "lamp-follows-call",
        "POC-4",
        ("Luz de ocupado de un compañero (BLF)", "Lamp for a colleague (BLF)"),
        steps=[
            (f"{who[0]} tiene una tecla con luz para {watched}.", f"{who[0]} has a key with a lamp for {watched}."),
            (f"{who[0]} llama a {who[1]}, que atiende; luego corta.", f"{who[0]} calls {who[1]}, and hangs up later."),
        ],
        expected=[("La luz muestra libre, sonando, ocupado y libre.", "The lamp shows idle, ringing, busy and idle.")],
        play=partial(followed, caller=caller, watched=watched),
        people=two,
    )


def followed(lab: Lab, *, caller: str, watched: str) -> None:
    """By SUBSCRIBE and NOTIFY (RFC 4235)."""
    lamp = lab.phone(caller).lamp(watched).shows("idle")
    call = lab.phone(caller).call(watched)
    ringing = lab.phone(watched).rings()
    lamp.shows("ringing")
    ringing.answer()
    lamp.shows("busy")
    call.hang_up().ended()
    lamp.shows("idle")


def _hold(scope: TenantScope) -> Iterator[Act]:
    two = pick(colleagues(scope, "hold"), 2)
    if not two:
        return
    caller, holder = two
    who = [label(scope, number) for number in two]
    yield act(
        scope,
        "hold",
        "POC-4",
        ("Llamada en retención, con música", "Call on hold, with music"),
        steps=[
            (f"{who[0]} llama a {who[1]}, que atiende.", f"{who[0]} calls {who[1]}, who answers."),
            (
                f"{who[1]} retiene la llamada {HOLD:g} s y la retoma.",
                f"{who[1]} holds the call for {HOLD:g} s and takes it back.",
            ),
        ],
        expected=[
            (f"{who[0]} oye la música.", f"{who[0]} hears the music."),
            ("Después ambas partes se oyen.", "Afterwards both hear each other."),
        ],
        play=partial(held, caller=caller, holder=holder),
        people=two,
        seconds=25,
    )


def held(lab: Lab, *, caller: str, holder: str) -> None:
    """The caller hears the tenant's music meanwhile, and then the other again."""
    lab.phone(holder).will("answer")
    call = lab.phone(caller).call(holder)
    there = lab.phone(holder).rings()
    call.talks_with(there)
    there.holds(HOLD)
    call.hears_music(names.music(lab.scope.slug, "default"))
    call.talks_with(there)
    call.hang_up()


def _mailbox(scope: TenantScope) -> Iterator[Act]:
    """The first whose mailbox a colleague can fill, by the way that the file leads there."""
    for number in colleagues(scope, "mailbox"):
        extension = own(scope, number)
        caller = next((each for each in colleagues(scope, "caller") if each != number), "")
        when = next((each for each in ("busy", "unavailable", "no_answer") if _leads_there(scope, number, each)), "")
        if extension.voicemail is None or not caller or not when:
            continue
        keys, pin = scope.tenant.feature_codes.voicemail, extension.voicemail.pin
        wrong = "".join(str((int(digit) + 1) % 10) for digit in pin)
        address = extension.email if extension.voicemail.email and extension.email else ""
        who = [label(scope, each) for each in (caller, number)]
        yield act(
            scope,
            "voicemail-retrieved",
            "EXT-3",
            ("Mensaje de voz dejado y escuchado con la clave", "Voice message left, and heard with the PIN"),
            steps=[
                (f"{who[0]} llama a {who[1]} y deja un mensaje.", f"{who[0]} calls {who[1]} and leaves a message."),
                (
                    f"{who[1]} marca {keys}, la clave y 1; luego lo borra con 7.",
                    f"{who[1]} dials {keys}, the PIN and 1, then 7.",
                ),
            ],
            expected=[
                ("La luz de mensajes se enciende y se apaga.", "The message lamp is lit, then dark."),
                (f"{who[1]} oye el mensaje.", f"{who[1]} hears the message."),
            ],
            play=partial(retrieved, caller=caller, number=number, when=when, keys=keys, pin=pin, address=address),
            people=[caller, number],
            seconds=60,
        )
        yield act(
            scope,
            "voicemail-wrong-pin",
            "EXT-3",
            ("Casilla de voz con clave equivocada", "Mailbox with a wrong PIN"),
            steps=[(f"{who[1]} marca {keys} y tres veces {wrong}.", f"{who[1]} dials {keys} and three times {wrong}.")],
            expected=[("La casilla no se abre y la llamada termina.", "The mailbox does not open and the call ends.")],
            play=partial(kept_out, number=number, keys=keys, wrong=wrong),
            people=[number],
            seconds=40,
        )
        return


def _leads_there(scope: TenantScope, number: str, when: str) -> bool:
    forward = getattr(own(scope, number).forward, when)
    return forward in {Ref("voicemail"), Ref("voicemail", number)}


def retrieved(  # noqa: PLR0913 - the parts of the play
    lab: Lab, *, caller: str, number: str, when: str, keys: str, pin: str, address: str
) -> None:
    """What was said is heard, and the lamp of the phone tells of it."""
    phone = lab.phone(number)
    lab.pbx.empty_mailbox(number)
    if when == "unavailable":
        phone.unregister()
    phone.will("busy" if when == "busy" else "ring")
    call = lab.phone(caller).call(number)
    call.reaches(f"voicemail:{number}").leaves_message("message").press("#").ended("hangup")
    if when == "unavailable":
        phone.register()
    phone.has_messages(1)
    if address:
        lab.mail_to(address)
    call = phone.call(keys).hears("vm-password").press(f"{pin}#").hears("vm-youhave").press("1")
    call.hears("message", complete=True, played=lab.pbx.message(number)).press("7").hears("vm-deleted")
    sounds = call.visit.sounds
    said = sounds[sounds.index("vm-received") :] if "vm-received" in sounds else ()
    hours = f"digits/{lab.clock.hour}", f"digits/{lab.clock.hour % 12 or 12}"
    told = Words("La casilla dice la hora del mensaje", "The mailbox tells the hour of the message")
    lab.finds(told, " / ".join(dict.fromkeys(hours)), ", ".join(said), passed=any(hour in said for hour in hours))
    call.hang_up().ended()
    phone.has_messages(0)


def kept_out(lab: Lab, *, number: str, keys: str, wrong: str) -> None:
    """Three tries, and not a word of what is in the mailbox."""
    call = lab.phone(number).call(keys).hears("vm-password").press(f"{wrong}#")
    for _ in range(2):
        call.hears("vm-incorrect").press(f"{wrong}#")
    call.hears("vm-goodbye").ended("hangup")
    call.is_not_played("vm-youhave")
    asked = str(sum(sound == "vm-password" for sound in call.visit.sounds))
    lab.same(Words("Veces que se pide la clave", "How often the PIN is asked for"), "3", asked)


def _missed(scope: TenantScope) -> Iterator[Act]:
    """The first who is told of missed calls, and two who call."""
    for number, extension in scope.tenant.extensions.items():
        two = pick((each for each in colleagues(scope, "missed") if each != number), 2)
        if not extension.missed_call_mail or not extension.email or not two:
            continue
        first, second = two
        who = [label(scope, each) for each in (first, second, number)]
        yield act(
            scope,
            "missed-call-mail",
            "EXT-5",
            ("Correo por una llamada perdida", "Mail about a missed call"),
            steps=[
                (f"{who[0]} llama a {who[2]}, que atiende.", f"{who[0]} calls {who[2]}, who answers."),
                (f"{who[1]} llama a {who[2]} y corta antes.", f"{who[1]} calls {who[2]} and gives up before that."),
            ],
            expected=[
                (
                    f"{extension.email} recibe un correo sobre {second}.",
                    f"{extension.email} gets one about {second}.",
                ),
                ("De la llamada atendida no hay correo.", "There is none about the call that was answered."),
            ],
            play=partial(missed, first=first, second=second, number=number, address=extension.email),
            people=[first, second, number],
        )
        return


def missed(lab: Lab, *, first: str, second: str, number: str, address: str) -> None:
    """Who was called in vain is told by mail; a call that was answered is not."""
    answered = lab.phone(first).call(number)
    answered.talks_with(lab.phone(number).rings().answer())
    answered.hang_up().ended()
    call = lab.phone(second).call(number)
    lab.phone(number).rings()
    call.hang_up().ended()
    mail = lab.mail_to(address, holding=f"<{second}>")
    _says(lab, mail, second)
    others = lab.pbx.mails(address, f"<{first}>")
    lab.same(Words("Correos por la llamada atendida", "Mails about the answered call"), "0", str(others))


_MISSED: Final = {"es": "Llamada perdida: ", "en": "Missed call: "}


def _says(lab: Lab, mail: Mail, caller: str) -> None:
    """The subject and the first words tell who called; it comes from the platform."""
    message = email.message_from_bytes(mail.content, policy=email.policy.default)
    body = message.get_body(("plain",))
    text = str(body.get_content()).strip() if body else ""
    who = f'"{plain(lab.scope.name_of(caller))}" <{caller}>'
    subject = Words("Asunto del correo", "Subject of the mail")
    lab.same(subject, f"{_MISSED[lab.scope.language]}{who}", str(message["subject"]))
    told = Words("El correo comienza con quien llamó", "The mail begins with who called")
    lab.finds(told, who, text, passed=text.startswith(who))
    sender = lab.stage.shipped.platform.mail.sender
    lab.finds(
        Words("Remitente", "Sender"), sender, str(message["from"]), passed=f"<{sender}>" in f"<{message['from']}>"
    )
