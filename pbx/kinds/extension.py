"""An extension: a person, the phones, the four forwards."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import Field

from pbx.asterisk import names
from pbx.asterisk.text import Verbatim, plain
from pbx.diagnostics import Diagnostic
from pbx.kinds.base import (
    Dialled,
    Exit,
    Kind,
    PhoneState,
    Ring,
    Scope,
    ShownName,
    Situation,
    Step,
    no_check,
    no_numbers,
    no_sounds,
)
from pbx.model import (
    BUSY,
    E164,
    HANGUP,
    Email,
    ForwardDestination,
    Mention,
    Model,
    Name,
    Pin,
    Ref,
    Seconds,
    Slug,
    Truth,
)


class Forward(Model):
    """The four forwards; the three after ringing are three different things (EXT-4)."""

    always: ForwardDestination | None = None
    busy: ForwardDestination | None = None
    no_answer: ForwardDestination | None = None
    unavailable: ForwardDestination | None = None


class Voicemail(Model):
    """A mailbox."""

    pin: Pin
    email: Truth = False
    """Whether a message is announced by mail to the extension's address."""
    attach: Truth = True
    """Whether that mail carries the audio."""


class Device(Model):
    """One phone or application of a person, with a password of its own, so that it alone can be locked out."""

    name: Slug
    transport: Literal["udp", "tcp", "tls"] = "udp"
    """How it reaches the PBX; ``tls`` encrypts the sound too (SRTP)."""


Devices = Annotated[list[Device], Field(min_length=1, max_length=10)]


class Extension(Model):
    """A person who can be called."""

    profile: Mention | None = None
    first_name: ShownName
    last_name: Name = ""
    department: Name = ""
    email: Email | None = None
    class_of_service: Mention
    receive: Literal["all", "internal"] = "all"
    caller_id: E164 | None = None
    hide_caller_id: Truth = False
    call_waiting: Truth = True
    ring: Seconds = 20
    voicemail: Voicemail | None = None
    missed_call_mail: Truth = False
    """Whether each call that nobody took is told by e-mail."""
    devices: Devices | None = None
    """The phones that may register; without the key any five may, with one password."""
    forward: Annotated[Forward, Field(default_factory=Forward)]
    pickup_group: Slug | None = None
    """Who may take each other's calls with the code ``pickup``."""


FORWARDS: Final = ("always", "busy", "no_answer", "unavailable")


def person(extension: Extension) -> str:
    """First and last name."""
    return f"{extension.first_name} {extension.last_name}".strip()


def target(number: str, extension: Extension, when: str) -> Ref:
    """Where a call goes that this extension does not take: the forward, else busy tone or the end."""
    destination: Ref | None = getattr(extension.forward, when)
    if destination is None:
        return BUSY if when == "busy" else HANGUP
    return Ref("voicemail", number) if destination == Ref("voicemail") else destination


def numbers(number: str, _extension: Extension) -> tuple[Dialled, ...]:
    """An extension is dialled by its number."""
    return (Dialled(number, ("extensions", number), number),)


def exits(number: str, extension: Extension, _scope: Scope) -> tuple[Exit, ...]:
    """The forward for all calls, which the user can switch off, and what then counts: busy, no answer, unavailable."""
    path = ("extensions", number)
    when = (*(("always",) if extension.forward.always else ()), "busy", "no_answer", "unavailable")
    return tuple(Exit(each, target(number, extension, each), "system", (*path, "forward", each)) for each in when)


def steps(number: str, extension: Extension, scope: Scope, situation: Situation) -> tuple[Step, ...]:
    """Refused, forwarded, answered, or not taken and then forwarded."""
    node, path = Ref("extension", number), ("extensions", number)
    if extension.receive == "internal" and situation.from_trunk and situation.chosen != node:
        return (Step(node, "refused", "it receives internal calls only", (*path, "receive"), end=f"refused by {node}"),)
    said = situation.setting(number, "forward_always")
    if said not in {"", "off"} or (not said and extension.forward.always):
        return (_forwarded(number, extension, situation, "always", "all calls are forwarded"),)
    state = _state(number, extension, situation)
    rings = (Ring(number, extension.ring),) if state in {"answer", "no_answer"} else ()
    if state == "answer":
        because = f"{scope.label(node)} answers"
        return (Step(node, "answered", because, path, end=f"answered by {node}", rings=rings),)
    undisturbed = situation.setting(number, "do_not_disturb") == "on"
    because = {
        "busy": "it does not want to be disturbed" if undisturbed else "the phone is busy",
        "no_answer": f"nobody answers for {extension.ring} s",
        "unavailable": "no phone is registered",
    }[state]
    return (_forwarded(number, extension, situation, state, because, rings),)


def _state(number: str, extension: Extension, situation: Situation) -> PhoneState:
    """What the phones do; the one that makes this very call is in a call, and rings only with call waiting."""
    said = situation.setting(number, "call_waiting")
    waiting = said == "on" if said else extension.call_waiting
    state = situation.state(number)
    return "busy" if number == situation.caller and not waiting and state != "unavailable" else state


def _forwarded(
    number: str, extension: Extension, situation: Situation, when: str, because: str, rings: tuple[Ring, ...] = ()
) -> Step:
    """Where the call goes: as the user has said by code, else as the tenant's file has it."""
    node, path = Ref("extension", number), ("extensions", number, "forward", when)
    said = situation.setting(number, f"forward_{when}")
    if not said:
        return Step(node, when, because, path, to=target(number, extension, when), rings=rings)
    ends = BUSY if when == "busy" else HANGUP
    if said == "off":
        to, why = ends, "the user has switched the forward off"
    elif said == "voicemail":  # said when there still was a mailbox, perhaps
        to, why = (
            Ref("voicemail", number) if extension.voicemail else ends,
            "the user has sent such calls to the mailbox",
        )
    else:
        to, why = Ref("dialled", said), f"the user has sent such calls to {said}"
    return Step(node, when, f"{because}; {why}", path, to=to, rings=rings)


@dataclass(frozen=True, slots=True)
class ForwardView:
    """Where the tenant's file leads a call that an extension does not take."""

    when: str
    to: Verbatim


@dataclass(frozen=True, slots=True)
class ExtensionView:
    """What the template reads."""

    node: Verbatim
    number: str
    name: str
    ring: int
    call_waiting: str
    internal_only: bool
    class_of_service: str
    missed: str
    """Where calls are told that nobody took; empty for nowhere."""
    forwards: tuple[ForwardView, ...]


def view(number: str, extension: Extension, scope: Scope) -> ExtensionView:
    """The extension as dialplan sees it."""
    return ExtensionView(
        node=Verbatim(Ref("extension", number)),
        number=number,
        name=plain(person(extension)),
        ring=extension.ring,
        call_waiting="on" if extension.call_waiting else "off",
        internal_only=extension.receive == "internal",
        class_of_service=extension.class_of_service,
        missed=(extension.email or "") if extension.missed_call_mail else "",
        forwards=tuple(
            ForwardView(when, Verbatim(names.place(scope.slug, target(number, extension, when))))
            for when in FORWARDS
            if getattr(extension.forward, when)
        ),
    )


def check(number: str, extension: Extension, scope: Scope) -> Iterator[Diagnostic]:
    """A forward to the own mailbox needs a mailbox; mail needs an address."""
    path = ("extensions", number)
    for when in FORWARDS:
        if target(number, extension, when) == Ref("voicemail", number) and extension.voicemail is None:
            yield Diagnostic(
                "PBX304",
                scope.file,
                (*path, "forward", when),
                f"extension {number} forwards to its voicemail and has none",
                help=f'add voicemail: {{pin: "…"}} to extension {number}',
                consequence="the caller would be hung up on",
            )
    called = [device.name for device in extension.devices or ()]
    for index, name in enumerate(called):
        if name in called[:index]:
            yield Diagnostic(
                "PBX315",
                scope.file,
                (*path, "devices", index, "name"),
                f"extension {number} has two devices called {name}",
                help="give one of them another name",
            )
    if extension.voicemail and extension.voicemail.email and not extension.email:
        yield Diagnostic(
            "PBX305",
            scope.file,
            (*path, "voicemail"),
            f"extension {number} wants its messages by mail and has no e-mail address",
            help="add email: …, or voicemail: {email: false}",
        )
    if extension.missed_call_mail and not extension.email:
        yield Diagnostic(
            "PBX305",
            scope.file,
            (*path, "missed_call_mail"),
            f"extension {number} wants its missed calls by mail and has no e-mail address",
            help="add email: …, or missed_call_mail: false",
        )


KIND: Final = Kind(
    name="extension",
    section="extensions",
    included=True,
    exits=exits,
    steps=steps,
    check=check,
    sounds=no_sounds,
    numbers=numbers,
    view=view,
)


def voicemail_exits(_number: str, _extension: Extension, _scope: Scope) -> tuple[Exit, ...]:
    """A mailbox is an end."""
    return ()


def voicemail_steps(number: str, _extension: Extension, _scope: Scope, _situation: Situation) -> tuple[Step, ...]:
    """The caller leaves a message."""
    node = Ref("voicemail", number)
    path, end = ("extensions", number, "voicemail"), f"left at {node}"
    return (Step(node, "message", "a message can be left", path, end=end, hears=("vm-intro",)),)


@dataclass(frozen=True, slots=True)
class MailboxView:
    """What the template reads."""

    number: str


def voicemail_view(number: str, _extension: Extension, _scope: Scope) -> MailboxView:
    """The mailbox as dialplan sees it."""
    return MailboxView(number)


VOICEMAIL: Final = Kind(
    name="voicemail",
    section="",
    exits=voicemail_exits,
    steps=voicemail_steps,
    check=no_check,
    sounds=no_sounds,
    numbers=no_numbers,
    view=voicemail_view,
)
