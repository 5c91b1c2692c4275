"""From a checked site to views: plain records for the templates. Everything known at build time is decided here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pbx.asterisk import names
from pbx.asterisk.text import Verbatim, plain, value
from pbx.dialing import emergency_numbers, internal_numbers, shown_number
from pbx.kinds import BY_NAME
from pbx.kinds.extension import person
from pbx.model import Ref, SecretReference
from pbx.numberplan import CATEGORIES, classify, tones
from pbx.platform import Platform
from pbx.secrets import extension_name
from pbx.site import Site, TenantScope
from pbx.trunks import Trunk

Secrets = Mapping[str, str]
"""Passwords by name: ``andina/extension/201`` for phones, ``env:NAME`` and kin for those the YAML refers to."""


@dataclass(frozen=True, slots=True)
class PhoneView:
    """One extension's PJSIP objects and mailbox."""

    endpoint: str
    number: str
    name: str
    context: str
    hints: str
    password: Verbatim
    mailbox: Verbatim | None
    pin: str
    email: str
    attach: str
    caller_id: str
    hide: str
    zone: str


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


@dataclass(frozen=True, slots=True)
class ClassView:
    """One class of service: the context of its phones and what it may call."""

    name: str
    context: str
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
class RouteView:
    """Who carries a category of calls."""

    category: str
    shown: str
    trunks: tuple[TrunkView, ...]


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
class TenantView:
    """All that the tenant's files say."""

    slug: str
    name: str
    language: str
    zone: str
    timezone: str
    country_code: str
    phones: tuple[PhoneView, ...]
    trunks: tuple[TrunkView, ...]
    classes: tuple[ClassView, ...]
    forms: tuple[FormView, ...]
    routes: tuple[RouteView, ...]
    emergency: tuple[tuple[str, str], ...]
    """What is dialled, and the number that is called."""
    dids: tuple[NumberView, ...]
    internal: tuple[NumberView, ...]
    externals: tuple[ExternalView, ...]
    hints: tuple[Verbatim, ...]
    voicemail_code: Verbatim
    pickup_patterns: tuple[Verbatim, ...]
    pickup_strip: int
    outside_prefix: Verbatim
    outside_strip: int
    bare_pattern: Verbatim
    """What is dialled without the outside prefix: everything, or only numbers with a plus where there is a prefix."""
    kinds: Mapping[str, tuple[Any, ...]]
    """The views of each kind of place, by the kind's name."""


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
    zones: tuple[tuple[str, Mapping[str, Verbatim]], ...]
    """Tone zones by country, in lower case, with their settings."""
    tenants: tuple[TenantView, ...]


def wanted_secrets(site: Site) -> tuple[list[str], list[SecretReference]]:
    """Names of the generated passwords, and the references the YAML makes."""
    generated = [
        extension_name(scope.slug, number) for scope in site.tenants.values() for number in scope.tenant.extensions
    ]
    referred = [site.platform.ami.password]
    referred += [
        trunk.password for scope in site.tenants.values() for trunk in scope.tenant.trunks.values() if trunk.password
    ]
    return generated, referred


def lower(site: Site, secrets: Secrets) -> PlatformView:
    """The views of a whole site. Raises KeyError for a password that ``secrets`` lacks."""
    tenants = tuple(_tenant(scope, secrets) for scope in site.tenants.values())
    return _platform(site.platform, secrets, tenants)


def _platform(platform: Platform, secrets: Secrets, tenants: tuple[TenantView, ...]) -> PlatformView:
    external = platform.sip.external_address
    countries = sorted({tenant.zone for tenant in tenants})
    return PlatformView(
        name=plain(platform.platform),
        domain=value(platform.domain),
        bind=value(platform.sip.bind),
        port=platform.sip.port,
        external_address=value(external) if external else None,
        local_networks=tuple(value(each) for each in platform.sip.local_networks),
        rtp_first=platform.rtp.first,
        rtp_last=platform.rtp.last,
        mail_from=platform.mail.sender,
        mail_command=value(platform.mail.command),
        ami_bind=value(platform.ami.bind),
        ami_port=platform.ami.port,
        ami_user=platform.ami.user,
        ami_password=value(secrets[str(platform.ami.password)]),
        zones=tuple(
            (country, {key: value(text) for key, text in tones(country.upper()).items()}) for country in countries
        ),
        tenants=tenants,
    )


def _tenant(scope: TenantScope, secrets: Secrets) -> TenantView:
    tenant, slug, codes = scope.tenant, scope.slug, scope.tenant.feature_codes
    trunks = {name: _trunk(slug, name, trunk, secrets) for name, trunk in sorted(tenant.trunks.items())}
    lengths = sorted({len(number) for number in tenant.extensions})
    return TenantView(
        slug=slug,
        name=plain(tenant.name),
        language=tenant.language,
        zone=tenant.country.lower(),
        timezone=tenant.timezone.key,
        country_code=scope.plan.country_code,
        phones=tuple(_phones(scope, secrets)),
        trunks=tuple(trunks.values()),
        classes=tuple(_classes(scope)),
        forms=tuple(_forms(scope)),
        routes=tuple(_routes(scope, trunks)),
        emergency=tuple(
            (dialled, dialled if dialled in scope.plan.emergency else dialled.removeprefix(tenant.outside_prefix))
            for dialled in emergency_numbers(scope)
        ),
        dids=tuple(
            NumberView(number, Verbatim(names.place(slug, did.to)), Verbatim(Ref("did", number)))
            for number, did in sorted(tenant.dids.items())
        ),
        internal=tuple(
            NumberView(number, Verbatim(names.place(slug, ref)), Verbatim(ref))
            for number, (ref, _) in sorted(internal_numbers(scope).items())
        ),
        externals=tuple(_externals(scope)),
        hints=tuple(Verbatim(pattern) for pattern in names.range_patterns(tenant.numbering.extensions)),
        voicemail_code=Verbatim(codes.voicemail),
        pickup_patterns=tuple(Verbatim(f"_{codes.pickup_extension}{'X' * length}") for length in lengths),
        pickup_strip=len(codes.pickup_extension),
        outside_prefix=Verbatim(tenant.outside_prefix),
        outside_strip=len(tenant.outside_prefix),
        bare_pattern=Verbatim("_+!" if tenant.outside_prefix else "_[+0-9]!"),
        kinds={
            kind.name: tuple(kind.view(ref.id, model, scope) for ref, model in scope.models() if ref.kind == kind.name)
            for kind in BY_NAME.values()
        },
    )


def _phones(scope: TenantScope, secrets: Secrets) -> Iterator[PhoneView]:
    for number, extension in sorted(scope.tenant.extensions.items()):
        mailbox = extension.voicemail
        yield PhoneView(
            endpoint=names.endpoint(scope.slug, number),
            number=number,
            name=plain(person(extension)),
            context=names.context(scope.slug, "class", extension.class_of_service),
            hints=names.context(scope.slug, "hints"),
            password=value(secrets[extension_name(scope.slug, number)]),
            mailbox=Verbatim(names.mailbox(scope.slug, number)) if mailbox else None,
            pin=mailbox.pin if mailbox else "",
            email=extension.email or "" if mailbox and mailbox.email else "",
            attach="yes" if mailbox and mailbox.attach else "no",
            caller_id=extension.caller_id or "",
            hide="yes" if extension.hide_caller_id else "no",
            zone=scope.tenant.country.lower(),
        )


def _trunk(slug: str, name: str, trunk: Trunk, secrets: Secrets) -> TrunkView:
    return TrunkView(
        name=name,
        endpoint=names.trunk(slug, name),
        host=value(trunk.host),
        port=trunk.port,
        username=trunk.username or "",
        password=value(secrets[str(trunk.password)]) if trunk.password else Verbatim(""),
        codecs=Verbatim(",".join(trunk.codecs)),
        max_calls=trunk.max_calls or 0,
        incoming=names.context(slug, "incoming"),
    )


def _classes(scope: TenantScope) -> Iterator[ClassView]:
    for name, allowed in sorted(scope.tenant.classes_of_service.items()):
        yield ClassView(
            name=name,
            context=names.context(scope.slug, "class", name),
            internal="internal" in allowed.allow,
            outside=names.context(scope.slug, "outside", name),
            allow=names.context(scope.slug, "allow", name),
            deny=names.context(scope.slug, "deny", name),
            allowed=tuple(each for each in allowed.allow if each != "internal"),
            denied=tuple(Verbatim(f"_{prefix[:-1]}!" if prefix.endswith("*") else prefix) for prefix in allowed.deny),
        )


def _forms(scope: TenantScope) -> Iterator[FormView]:
    for form in scope.plan.forms:
        if form.category != "emergency":
            yield FormView(Verbatim(form.pattern), Verbatim(form.asterisk()), form.category, plain(form.name))


def _routes(scope: TenantScope, trunks: Mapping[str, TrunkView]) -> Iterator[RouteView]:
    """The first route of each category; what has none falls through to a refusal."""
    for category in CATEGORIES:
        for route in scope.tenant.outbound_routes:
            if category in route.match:
                shown = shown_number(scope, route, None)
                yield RouteView(category, shown, tuple(trunks[name] for name in route.trunks))
                break


def _externals(scope: TenantScope) -> Iterator[ExternalView]:
    """Every outside number that something in the tenant leads to, once."""
    found = {did.to.id for did in scope.tenant.dids.values() if did.to.kind == "external"}
    for ref, model in scope.models():
        for way in BY_NAME[ref.kind].exits(ref.id, model, scope):
            if way.to.kind == "external":
                found.add(way.to.id)
    for number in sorted(found):
        category = classify(scope.plan, number)
        if category:
            yield ExternalView(number, category, Verbatim(Ref("external", number)))
