"""A proof of concept: its scope, its dates and people, and rows for the test matrix that an engineer adds.

``poc/TENANT.yaml`` beside the tenant's file; every call of a row is one that ``pbx trace`` can foretell.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, Field, model_validator

from pbx.kinds.base import Forced, PhoneState
from pbx.model import (
    E164,
    REFERENCE_KINDS,
    Day,
    Email,
    ExtensionNumber,
    Mention,
    Model,
    Name,
    Ref,
    Slug,
    TenantSlug,
    expect_text,
    pattern,
    refuse,
    whole_number,
    written,
)

PLACES: Final = (*(kind for kind in REFERENCE_KINDS if kind != "external"), "did", "trunk", "parking", "paging")
"""Kinds of places that can be named here."""
ANSWERING: Final = ("extension", "external", "trunk")
REQUIREMENTS: Final = r"(?:EXT-[1-9]|BOOK-1|IVR-[1-5]|QUE-[1-4]|POC-(?:[1-9]|1[0-3]))"
_PATTERN: Final = rf"^(?:{'|'.join(PLACES)}):.+$"

TrunkPart = Literal["busy", "failed", "silent"]
"""What a carrier does with a call: the called party is busy (486), it refuses the call (503), or it says nothing."""


@written({"type": "string", "pattern": _PATTERN, "description": "a place of the tenant", "examples": ["ivr:principal"]})
def _place(value: object) -> Ref:
    text = expect_text(value, "a place of the tenant")
    kind, _, identity = text.partition(":")
    if kind not in PLACES or not identity:
        known = f"a kind and an id, for example ivr:principal; the kinds are {', '.join(PLACES)}"
        raise refuse("PBX120", f"{text!r} is not a place of a tenant", known)
    return Ref(kind, identity)


Place = Annotated[Ref, BeforeValidator(_place)]


@written(
    {
        "type": "string",
        "pattern": rf"^(?:{'|'.join(ANSWERING)}):.+$",
        "description": "who answers: an extension, an outside number, or a trunk",
        "examples": ["extension:201", "external:+541143210000"],
    }
)
def _somebody(value: object) -> Ref:
    text = expect_text(value, "who answers")
    kind, _, identity = text.partition(":")
    if kind not in ANSWERING or not identity:
        raise refuse("PBX120", f"{text!r} cannot answer a call", "for example extension:201 or external:+541143210000")
    return Ref(kind, identity)


@written(
    {
        "type": "string",
        "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{1,2}:[0-9]{2}$",
        "examples": ["2026-12-24T10:00"],
    }
)
def _moment(value: object) -> datetime:
    text = expect_text(value, "a date with a time")
    found = re.fullmatch(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{1,2}):([0-9]{2})", text)
    try:
        return (
            datetime.fromisoformat(f"{found[1]}T{int(found[2]):02}:{found[3]}") if found else datetime.fromisoformat("")
        )
    except ValueError:
        raise refuse("PBX117", f"{text!r} is not a date with a time", "for example 2026-12-24T10:00") from None


Press = Annotated[
    str,
    BeforeValidator(
        pattern(
            "PBX123",
            "something that can be pressed",
            r"[0-9]{1,20}|[*#]|timeout|invalid",
            "a key, digits, timeout or invalid",
        )
    ),
]
Keys = Annotated[
    str, BeforeValidator(pattern("PBX105", "something that can be dialled", r"\+?[0-9*#]{1,40}", "digits, * and #"))
]
RowId = Annotated[
    str,
    BeforeValidator(
        pattern(
            "PBX104",
            "a row's id",
            r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*",
            "lower-case words with hyphens, for example night-call",
        )
    ),
]


class Licences(Model):
    """How many of each are tried; together 25 at the most (POC-1)."""

    sip: Annotated[int, whole_number(0, 25)] = 0
    teams: Annotated[int, whole_number(0, 25)] = 0

    @model_validator(mode="after")
    def _together(self) -> Licences:
        if self.sip + self.teams > LICENCES:
            message = f"these are {self.sip + self.teams} licences, and a proof of concept has {LICENCES} at the most"
            raise refuse("PBX820", message, "lower one of them, or agree on a second proof of concept")
        return self


LICENCES: Final = 25


class Contact(Model):
    """Somebody at the customer's who is asked."""

    name: str = ""
    """Left empty until it is known."""
    email: Email | None = None
    phone: E164 | None = None


class Contacts(Model):
    """Who is responsible for what (POC-9)."""

    network: Contact | None = None
    pbx: Contact | None = None
    microsoft_tenant: Contact | None = None


class Signer(Model):
    """Who signs the acceptance (POC-11)."""

    company: Name
    name: str = ""
    """Left empty until it is known."""
    title: str = ""
    """The signer's position in the company."""


class Objectives(Model):
    """What each phase is to show, in the customer's words."""

    phase_1: Name | None = None
    phase_2: Name | None = None


class Objective(Model):
    """What a row is for, in both languages; a plain text serves for both."""

    es: Name
    en: Name

    @model_validator(mode="before")
    @classmethod
    @written({"also": {"type": "string", "minLength": 1}})
    def _short_form(cls, value: object) -> object:
        return {"es": value, "en": value} if isinstance(value, str) else value


class Expected(Model):
    """What must happen; what is not named may be as it likes."""

    answers: Annotated[Ref, BeforeValidator(_somebody)] | None = None
    message: ExtensionNumber | None = None
    """The extension in whose mailbox a message is left."""
    ends: Literal["hangup", "busy", "refused", "failed"] | None = None
    """How a call ends that nobody answers."""
    passes: list[Place] = Field(default_factory=list)
    """Places the call comes to, in this order; others may lie between."""
    shown: (
        Annotated[
            str,
            BeforeValidator(
                pattern(
                    "PBX106",
                    "a number that is shown",
                    r"\+[1-9][0-9]{5,14}|[0-9]{2,6}|anonymous",
                    "like +541143210000 or anonymous",
                )
            ),
        ]
        | None
    ) = None
    """The number that the answering side sees."""

    @model_validator(mode="after")
    def _something(self) -> Expected:
        if not (self.answers or self.message or self.ends or self.passes):
            raise refuse(
                "PBX821", "nothing is expected of this row", "add answers: extension:201, message:, ends: or passes:"
            )
        if sum(each is not None for each in (self.answers, self.message, self.ends)) > 1:
            raise refuse("PBX821", "a call ends in one way", "keep one of answers, message and ends")
        return self


class Row(Model):
    """A row of the test matrix: who calls whom, what everybody does, and what must happen."""

    objective: Objective
    requirement: Annotated[
        str, BeforeValidator(pattern("PBX103", "the id of a requirement", REQUIREMENTS, "for example IVR-3"))
    ] = "POC-6"
    phase: Annotated[int, whole_number(1, 2)] | None = None
    """That of the places the call comes to, unless it is written."""
    caller: Annotated[Keys, Field(alias="from")]
    """An extension, or the number of somebody outside in international form."""
    trunk: Mention | None = None
    """By which an outside call comes: the first one that is no PBX, unless it is written."""
    call: Keys
    """What is dialled: by an extension as on its phone, from outside a DID."""
    at: Annotated[datetime, BeforeValidator(_moment)] | None = None
    """The tenant's local time; an hour at which the first schedule is open, unless it is written."""
    press: list[Press] = Field(default_factory=list)
    states: dict[ExtensionNumber, PhoneState] = Field(default_factory=dict)
    """What phones do: they answer, unless it is written."""
    trunks: dict[Slug, TrunkPart] = Field(default_factory=dict)
    """What carriers do with the call."""
    settings: dict[ExtensionNumber, dict[Slug, Keys | Literal["on", "off", "voicemail"]]] = Field(default_factory=dict)
    """What users have set before by their codes: ``{"201": {forward_always: "202"}}``."""
    overrides: dict[Slug, Forced] = Field(default_factory=dict)
    """Schedules that somebody has forced."""
    expect: Expected

    @property
    def outside(self) -> bool:
        """Whether the call comes from outside."""
        return self.caller.startswith("+")


class Poc(Model):
    """A proof of concept."""

    poc: TenantSlug
    start: Day | None = None
    """Day 1; days 15, 16, 24 and 30 follow (POC-5)."""
    licences: Annotated[Licences, Field(default_factory=Licences)]
    contacts: Annotated[Contacts, Field(default_factory=Contacts)]
    signers: list[Signer] = Field(default_factory=list)
    objectives: Annotated[Objectives, Field(default_factory=Objectives)]
    phase_2: list[Place] = Field(default_factory=list)
    """What belongs to phase 2: everything else is phase 1."""
    rows: dict[RowId, Row] = Field(default_factory=dict)
    """Rows beside those that are derived from the tenant."""
