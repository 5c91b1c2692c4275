"""A customer of the platform: everything its file can say."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from pbx.kinds.announcement import Announcement
from pbx.kinds.conference import Conference
from pbx.kinds.directory import Directory
from pbx.kinds.extension import Devices, Extension, Forward
from pbx.kinds.ivr import Ivr
from pbx.kinds.paging import Page
from pbx.kinds.parking import Parking
from pbx.kinds.queue import Queue
from pbx.kinds.ring_group import RingGroup
from pbx.kinds.schedule import Schedule
from pbx.model import (
    E164,
    LIST_NAME,
    Destination,
    DigitPrefix,
    Digits,
    ExtensionNumber,
    FeatureCode,
    Language,
    ListName,
    Mention,
    Model,
    Name,
    NumberPrefix,
    Range,
    Seconds,
    Slug,
    TenantSlug,
    TimeZone,
    Truth,
    YearRange,
    destination_schema,
    expect_text,
    refuse,
    whole_number,
    written,
)
from pbx.numberplan import CATEGORIES, countries, has_plan
from pbx.phonebook import Contact
from pbx.trunks import OutboundRoute, Trunk


class Did(Model):
    """A public number of the tenant."""

    to: Destination
    name: Name = ""

    @model_validator(mode="before")
    @classmethod
    @written({"also": destination_schema("hangup", "busy")})
    def _short_form(cls, value: object) -> object:
        return {"to": value} if isinstance(value, str) else value


@written({"enum": ["internal", *(each for each in CATEGORIES if each != "emergency")]})
def _allowed(given: object) -> str:
    value = expect_text(given, "a category of calls")
    if value == "emergency":
        raise refuse("PBX125", "emergency is always allowed and need not be named", "delete it from the list")
    if value != "internal" and value not in CATEGORIES:
        known = ", ".join(["internal", *(each for each in CATEGORIES if each != "emergency")])
        raise refuse("PBX103", f"{value!r} is not a category of calls", f"one of {known}")
    return value


class ClassOfService(Model):
    """What an extension may call; what is not allowed is refused."""

    allow: list[Annotated[str, BeforeValidator(_allowed)]]
    deny: list[NumberPrefix] = Field(default_factory=list)


class ProfileVoicemail(Model):
    """Defaults for the mailboxes of a profile."""

    email: Truth | None = None
    attach: Truth | None = None


class Profile(Model):
    """What several extensions share; an extension's own words win."""

    class_of_service: Mention | None = None
    receive: Literal["all", "internal"] | None = None
    caller_id: E164 | None = None
    hide_caller_id: Truth | None = None
    call_waiting: Truth | None = None
    ring: Seconds | None = None
    department: Name | None = None
    voicemail: ProfileVoicemail | None = None
    missed_call_mail: Truth | None = None
    forward: Forward | None = None
    devices: Devices | None = None
    pickup_group: Slug | None = None


class Numbering(Model):
    """Which internal numbers are people's and which are services'."""

    extensions: Range
    """Of people."""
    services: Range | None = None
    """Of queues and whatever else has a number."""


class FeatureCodes(Model):
    """What phones dial to reach a function."""

    voicemail: FeatureCode = "*97"
    """Listens to the own messages."""
    forward_always: FeatureCode = "*72"
    """Followed by a number: all calls go there. Alone: off, and on again where the file has such a forward."""
    forward_busy: FeatureCode = "*90"
    forward_no_answer: FeatureCode = "*92"
    forward_unavailable: FeatureCode = "*94"
    do_not_disturb: FeatureCode = "*78"
    """Switches: every call finds the extension busy."""
    call_waiting: FeatureCode = "*70"
    """Switches: whether a second call rings."""
    hide_caller_id: FeatureCode = "*67"
    """Switches: whether those outside see who calls."""
    queue_pause: FeatureCode = "*46"
    """Switches: queues do not ring the phone. Followed by an extension it is the lamp of that."""
    pickup: FeatureCode = "*8"
    """Takes a call that rings at somebody of the own pickup group."""
    pickup_extension: FeatureCode = "**"
    """Followed by an extension: takes the call that rings there."""
    speed_dial: FeatureCode = "*0"
    """Followed by the digits of a contact's speed dial: calls it, as far as the class of service allows."""


class CustomerList(Model):
    """A list as the customer sent it: a csv file in the tenant's folder (:mod:`pbx.lists` merges it)."""

    file: ListName
    """Its name, without any path."""
    ignore: list[str] = Field(default_factory=list)
    """Headings of columns that are passed over."""

    @model_validator(mode="before")
    @classmethod
    @written({"also": LIST_NAME})
    def _short_form(cls, value: object) -> object:
        return {"file": value} if isinstance(value, str) else value


class ExtensionList(CustomerList):
    """A list of extensions."""

    profile: Mention | None = None
    """Of rows that name none."""


@written({"enum": list(countries())})
def _country(given: object) -> str:
    value = expect_text(given, "a country")
    if not has_plan(value):
        known = ", ".join(countries())
        raise refuse("PBX126", f"there is no number plan for {value!r}", f"a country's two letters; there are {known}")
    return value


class Tenant(Model):
    """One customer."""

    tenant: TenantSlug
    name: Name
    country: Annotated[str, BeforeValidator(_country)]
    language: Language
    timezone: TimeZone
    """Of the tenant's clocks: opening hours and reports."""
    area_code: Digits = ""
    """Where the office is, without the national 0; left out in countries without area codes."""
    outside_prefix: DigitPrefix = ""
    """What is dialled before outside numbers; without it they are dialled as they are."""
    ring_seconds: Annotated[int, whole_number(3, 10)] = 5
    """Seconds of one ring cycle: 4 rings are 20 s."""
    numbering: Numbering
    calendar_years: YearRange
    """Holidays are resolved for these years, so that a build is repeatable."""
    trunks: dict[Slug, Trunk] = Field(default_factory=dict)
    dids: dict[E164, Did] = Field(default_factory=dict)
    outbound_routes: list[OutboundRoute] = Field(default_factory=list)
    classes_of_service: dict[Slug, ClassOfService]
    profiles: dict[Slug, Profile] = Field(default_factory=dict)
    extensions: dict[ExtensionNumber, Extension]
    """Those of the list among them."""
    extensions_file: ExtensionList | None = None
    schedules: dict[Slug, Schedule] = Field(default_factory=dict)
    ivrs: dict[Slug, Ivr] = Field(default_factory=dict)
    announcements: dict[Slug, Announcement] = Field(default_factory=dict)
    queues: dict[Slug, Queue] = Field(default_factory=dict)
    ring_groups: dict[Slug, RingGroup] = Field(default_factory=dict)
    conferences: dict[Slug, Conference] = Field(default_factory=dict)
    directory: Directory | None = None
    paging: dict[Slug, Page] = Field(default_factory=dict)
    parking: Parking | None = None
    phonebook: dict[E164, Contact] = Field(default_factory=dict)
    """Outside numbers that have a name here, those of the list among them."""
    phonebook_file: CustomerList | None = None
    feature_codes: FeatureCodes = Field(default_factory=FeatureCodes)
    ignore: dict[str, Name] = Field(default_factory=dict)
