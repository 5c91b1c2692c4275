"""What the templates read: plain records, in which every word has been made safe to write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pbx.asterisk.text import Verbatim
from pbx.kinds.schedule import CalendarView


@dataclass(frozen=True, slots=True)
class LoginView:
    """A user and password by which a device registers."""

    name: str
    user: str
    password: Verbatim


@dataclass(frozen=True, slots=True)
class PhoneView:
    """One extension's PJSIP objects and mailbox."""

    endpoint: str
    number: str
    name: str
    context: str
    hints: str
    auth: Verbatim
    logins: tuple[LoginView, ...]
    contacts: int
    encryption: str
    """``always``, ``possible`` or empty."""
    tcp: bool
    mailbox: Verbatim | None
    pin: str
    email: str
    attach: str
    caller_id: str
    hide: str
    zone: str
    transfer: str
    """The context in which its transfers and its own redirections are dialled."""
    class_of_service: str
    agent: bool
    """Whether it is a member of a queue."""
    pickup_group: str
    defaults: tuple[str, ...]
    """The settings that the tenant's file has switched on, of those that the phone can switch."""


@dataclass(frozen=True, slots=True)
class TrunkView:
    """One trunk's PJSIP objects."""

    name: str
    endpoint: str
    host: Verbatim
    port: int
    username: str
    password: Verbatim
    codecs: Verbatim
    max_calls: int
    incoming: str
    arrived: str
    known_by_address: bool
    colleagues: bool
    """The customer's other PBX, and no way to the public network."""
    branches: tuple[Verbatim, ...]
    """Patterns of the numbers behind it that our phones dial."""
    written: str
    """The context that writes numbers as this trunk wants them, empty for E.164."""


@dataclass(frozen=True, slots=True)
class ClassView:
    """One class of service: the context of its phones and what it may call."""

    name: str
    context: str
    transfer: str
    """The context of what its phones transfer or redirect."""
    reach: str
    """All that the class allows, without codes."""
    internal: bool
    outside: str
    allow: str
    deny: str
    allowed: tuple[str, ...]
    denied: tuple[Verbatim, ...]


@dataclass(frozen=True, slots=True)
class FormView:
    """One way to dial the outside."""

    pattern: Verbatim
    number: Verbatim
    category: str
    name: str


@dataclass(frozen=True, slots=True)
class CodeView:
    """A feature code and the setting it changes."""

    setting: str
    code: Verbatim
    pattern: Verbatim
    """The code followed by a number, or by the code of voicemail."""
    strip: int


@dataclass(frozen=True, slots=True)
class RouteView:
    """Who carries a category of calls, and others in the same way."""

    category: str
    alike: tuple[str, ...]
    shown: str
    trunks: tuple[tuple[TrunkView, str], ...]
    """Each with the seconds it gets, as ``Dial`` wants them."""


@dataclass(frozen=True, slots=True)
class NumberView:
    """A number and where it leads."""

    number: str
    to: Verbatim
    node: Verbatim


@dataclass(frozen=True, slots=True)
class ExternalView:
    """An outside number the tenant pays for."""

    number: str
    category: str
    node: Verbatim


@dataclass(frozen=True, slots=True)
class ContactView:
    """Somebody in the phonebook."""

    number: str
    name: str


@dataclass(frozen=True, slots=True)
class SpeedDialView:
    """What phones dial for a contact."""

    keys: Verbatim
    number: str


@dataclass(frozen=True, slots=True)
class TenantView:
    """All that the tenant's files say."""

    slug: str
    name: str
    language: str
    zone: str
    timezone: str
    country_code: str
    music: str
    """The class of music for calls on hold, and for queues that have no other."""
    phones: tuple[PhoneView, ...]
    trunks: tuple[TrunkView, ...]
    classes: tuple[ClassView, ...]
    number_plan: str
    """The context of the ways to dial that its area has."""
    national: tuple[FormView, ...]
    """From international numbers back to keys, where a trunk wants those."""
    routes: tuple[RouteView, ...]
    emergency: tuple[tuple[str, str], ...]
    """What is dialled, and the number that is called."""
    dids: tuple[NumberView, ...]
    internal: tuple[NumberView, ...]
    mailboxes: tuple[Verbatim, ...]
    """Patterns of the extensions that have one."""
    included: tuple[str, ...]
    """Contexts that the internal numbers include."""
    externals: tuple[ExternalView, ...]
    contacts: tuple[ContactView, ...]
    speed_dials: tuple[SpeedDialView, ...]
    hints: tuple[Verbatim, ...]
    voicemail_code: Verbatim
    pickup_code: Verbatim
    pickup_patterns: tuple[Verbatim, ...]
    pickup_strip: int
    switches: tuple[CodeView, ...]
    pause_hints: tuple[Verbatim, ...]
    """What lamps of pauses subscribe to: the code of the pause and an extension."""
    pause_strip: int
    forwards: tuple[CodeView, ...]
    outside_prefix: Verbatim
    outside_strip: int
    bare_pattern: Verbatim
    """What is dialled without the outside prefix: everything, or only numbers with a plus where there is a prefix."""
    numbers: tuple[Verbatim, ...]
    """Every number, as carriers send them."""
    kinds: Mapping[str, tuple[Any, ...]]
    """The views of each kind of place, by the kind's name."""


@dataclass(frozen=True, slots=True)
class NumberPlanView:
    """How people dial in one area."""

    context: str
    tenant: str
    """The first tenant of the area, from whose ``country`` the lines come."""
    forms: tuple[FormView, ...]


@dataclass(frozen=True, slots=True)
class PlatformView:
    """All that the platform's files say."""

    name: str
    domain: Verbatim
    bind: Verbatim
    port: int
    external_address: Verbatim | None
    local_networks: tuple[Verbatim, ...]
    rtp_first: int
    rtp_last: int
    mail_from: str
    mail_command: Verbatim
    ami_bind: Verbatim
    ami_port: int
    ami_user: str
    ami_password: Verbatim
    tls_port: int
    """0 without TLS."""
    tls_folder: Verbatim
    tcp: bool
    """Whether a device speaks SIP over TCP."""
    calendars: tuple[CalendarView, ...]
    """The national holidays that schedules go by."""
    zones: tuple[tuple[str, Mapping[str, Verbatim]], ...]
    """Tone zones by country, in lower case, with their settings."""
    number_plans: tuple[NumberPlanView, ...]
    """Of every area in which a tenant is, by context."""
    tenants: tuple[TenantView, ...]
