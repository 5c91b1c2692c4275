"""The roots of the model: the shared platform, a tenant, and the site that holds them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from pbx.asterisk.sounds import SoundLibrary, library
from pbx.kinds import BY_NAME
from pbx.kinds.announcement import Announcement
from pbx.kinds.base import Sound
from pbx.kinds.extension import Extension, person
from pbx.kinds.ivr import Ivr
from pbx.kinds.queue import Queue
from pbx.kinds.schedule import Schedule
from pbx.model import (
    E164,
    Destination,
    DigitPrefix,
    Digits,
    Email,
    ExtensionNumber,
    FeatureCode,
    Host,
    Language,
    Mention,
    Model,
    Name,
    Network,
    NumberPrefix,
    Port,
    Ports,
    Range,
    Ref,
    Seconds,
    Secret,
    Slug,
    TenantSlug,
    TimeZone,
    Truth,
    YearRange,
    Years,
    expect_text,
    refuse,
    unreserved,
    whole_number,
)
from pbx.numberplan import CATEGORIES, NumberPlan, countries, has_plan, plan_for


class Sip(Model):
    """Where the PBX listens for SIP."""

    bind: Host = "0.0.0.0"  # noqa: S104 - a PBX listens on every address unless told otherwise
    port: Port = 5060
    external_address: Host | None = None
    local_networks: list[Network] = Field(default_factory=list)


class Mail(Model):
    """How voicemail leaves by mail."""

    sender: Annotated[Email, Field(alias="from")]
    command: Name = "/usr/sbin/sendmail -t"


class Ami(Model):
    """The manager interface, for the lab and for ``pbx apply``."""

    bind: Host = "127.0.0.1"
    port: Port = 5038
    user: Annotated[Slug, AfterValidator(unreserved)] = "pbx"
    password: Secret


class Platform(Model):
    """The shared box."""

    platform: Name
    domain: Host
    sip: Annotated[Sip, Field(default_factory=Sip)]
    rtp: Ports
    mail: Mail
    ami: Ami


Codec = Literal["alaw", "ulaw", "g722", "gsm"]


def _usual_codecs() -> list[Codec]:
    return ["alaw", "ulaw"]


def _trunk_type(given: object) -> str:
    value = expect_text(given, "a type of trunk")
    if value in {"vpn", "gateway", "pbx", "teams"}:
        raise refuse("PBX109", f"a trunk of type {value} is not compiled yet", "provider and cloud are")
    if value not in {"provider", "cloud"}:
        raise refuse("PBX103", f"{value!r} is not a type of trunk", "provider, cloud, vpn, gateway, pbx or teams")
    return value


class Trunk(Model):
    """A way to the public network."""

    type: Annotated[Literal["provider", "cloud"], BeforeValidator(_trunk_type)]
    host: Host
    port: Port = 5060
    username: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.+-]{1,64}$")] | None = None
    """Registers when there is one, else the carrier is known by its address."""
    password: Secret | None = None
    codecs: list[Codec] = Field(default_factory=_usual_codecs)
    max_calls: Annotated[int, whole_number(1, 10_000)] | None = None

    @model_validator(mode="after")
    def _user_and_password(self) -> Trunk:
        if (self.username is None) != (self.password is None):
            one, other = ("username", "password") if self.username else ("password", "username")
            raise refuse("PBX124", f"this trunk has a {one} and no {other}", f"add {other}: …, or delete {one}")
        return self


class Did(Model):
    """A public number of the tenant."""

    to: Destination
    name: Name = ""

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: object) -> object:
        return {"to": value} if isinstance(value, str) else value


def _category(given: object) -> str:
    value = expect_text(given, "a category of calls")
    if value not in CATEGORIES:
        raise refuse("PBX103", f"{value!r} is not a category of calls", f"one of {', '.join(CATEGORIES)}")
    return value


def _allowed(given: object) -> str:
    value = expect_text(given, "a category of calls")
    if value == "emergency":
        raise refuse("PBX125", "emergency is always allowed and need not be named", "delete it from the list")
    if value != "internal" and value not in CATEGORIES:
        known = ", ".join(["internal", *(each for each in CATEGORIES if each != "emergency")])
        raise refuse("PBX103", f"{value!r} is not a category of calls", f"one of {known}")
    return value


class OutboundRoute(Model):
    """Which trunks carry a category of calls, in the order they are tried."""

    match: Annotated[list[Annotated[str, BeforeValidator(_category)]], Field(min_length=1)]
    trunks: Annotated[list[Mention], Field(min_length=1)]
    caller_id: E164 | None = None


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


class Numbering(Model):
    """Which internal numbers are people's and which are services'."""

    extensions: Range
    services: Range | None = None


class FeatureCodes(Model):
    """What phones dial to reach a function."""

    voicemail: FeatureCode = "*97"
    pickup_extension: FeatureCode = "**"
    """Followed by an extension: takes the call that rings there."""


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
    area_code: Digits = ""
    outside_prefix: DigitPrefix = ""
    ring_seconds: Annotated[int, whole_number(3, 10)] = 5
    numbering: Numbering
    calendar_years: YearRange
    trunks: dict[Slug, Trunk] = Field(default_factory=dict)
    dids: dict[E164, Did] = Field(default_factory=dict)
    outbound_routes: list[OutboundRoute] = Field(default_factory=list)
    classes_of_service: dict[Slug, ClassOfService]
    profiles: dict[Slug, Profile] = Field(default_factory=dict)
    extensions: dict[ExtensionNumber, Extension]
    schedules: dict[Slug, Schedule] = Field(default_factory=dict)
    ivrs: dict[Slug, Ivr] = Field(default_factory=dict)
    announcements: dict[Slug, Announcement] = Field(default_factory=dict)
    queues: dict[Slug, Queue] = Field(default_factory=dict)
    feature_codes: FeatureCodes = Field(default_factory=FeatureCodes)
    ignore: dict[str, Name] = Field(default_factory=dict)


PLATFORM_NOT_YET: Final[Mapping[tuple[str, ...], frozenset[str]]] = {(): frozenset({"tls"})}
"""As :data:`NOT_YET`, of the platform."""

NOT_YET: Final[Mapping[tuple[str, ...], frozenset[str]]] = {
    (): frozenset(
        {
            "ring_groups",
            "conferences",
            "paging",
            "parking",
            "directory",
            "phonebook",
            "phonebook_file",
            "extensions_file",
        }
    ),
    ("extensions", "*"): frozenset({"pickup_group", "devices"}),
    ("profiles", "*"): frozenset({"pickup_group", "devices", "forward"}),
    ("schedules", "*"): frozenset({"override"}),
    ("queues", "*"): frozenset({"record"}),
    ("trunks", "*"): frozenset({"extensions"}),
    ("feature_codes",): frozenset(
        {
            "forward_always",
            "forward_busy",
            "forward_no_answer",
            "forward_unavailable",
            "do_not_disturb",
            "call_waiting",
            "hide_caller_id",
            "pickup",
            "queue_pause",
        }
    ),
}
"""Keys of the language that this version does not compile: told as such, not as unknown."""


@dataclass(frozen=True)
class TenantScope:
    """A tenant as its kinds, checks and writers see it (:class:`pbx.kinds.base.Scope`)."""

    tenant: Tenant
    file: str
    files: frozenset[str] = frozenset()

    @property
    def slug(self) -> str:
        """The tenant's short name."""
        return self.tenant.tenant

    @property
    def timezone(self) -> ZoneInfo:
        """The tenant's time zone."""
        return self.tenant.timezone

    @property
    def ring_seconds(self) -> int:
        """Seconds of one ring cycle."""
        return self.tenant.ring_seconds

    @property
    def years(self) -> Years:
        """The calendar years for which holidays are resolved."""
        return self.tenant.calendar_years

    @property
    def sounds(self) -> SoundLibrary:
        """Asterisk's own sounds in the tenant's language."""
        return library(self.tenant.language)

    def extension_numbers(self) -> tuple[str, ...]:
        """Every extension, sorted: the order of a mapping's keys means nothing."""
        return tuple(sorted(self.tenant.extensions))

    def label(self, ref: Ref) -> str:
        """What people call the place."""
        extension = self.tenant.extensions.get(ref.id) if ref.kind == "extension" else None
        return f"{person(extension)} ({ref.id})" if extension else str(ref)

    @cached_property
    def plan(self) -> NumberPlan:
        """How people dial here. The area code was checked when the tenant was read."""
        return plan_for(self.tenant.country, self.tenant.area_code)

    def models(self) -> Iterator[tuple[Ref, Any]]:
        """Every place of the tenant with its model, kind by kind and sorted within: a build depends on no key order."""
        for kind in BY_NAME.values():
            if kind.section:
                for identity, model in sorted(getattr(self.tenant, kind.section).items()):
                    yield Ref(kind.name, identity), model
        for number, extension in sorted(self.tenant.extensions.items()):
            if extension.voicemail:
                yield Ref("voicemail", number), extension

    def find(self, ref: Ref) -> Any | None:  # noqa: ANN401 - each kind has its own model
        """The model behind a place, or None when the tenant has no such place."""
        return self._places.get(ref)

    @cached_property
    def _places(self) -> Mapping[Ref, Any]:
        return dict(self.models())

    def own_sounds(self) -> tuple[Sound, ...]:
        """Every prompt that is compiled into the tenant's sounds folder."""
        found = [sound for ref, model in self.models() for sound in BY_NAME[ref.kind].sounds(ref.id, model)]
        return tuple(sound for sound in found if not sound.prompt.sound)


@dataclass(frozen=True)
class Site:
    """The platform and its tenants, by slug, in alphabetical order."""

    platform: Platform
    tenants: Mapping[str, TenantScope]
