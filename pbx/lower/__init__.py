"""From a checked site to views: plain records for the templates. Everything known at build time is decided here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pbx.asterisk import names
from pbx.asterisk.text import Verbatim, plain, value
from pbx.dialing import FORWARD_CODES, SWITCHES, emergency_numbers, internal_numbers, speed_dials
from pbx.kinds import BY_NAME
from pbx.kinds.schedule import CalendarView, calendar_view
from pbx.lower import outside, phones
from pbx.lower.views import CodeView, ContactView, NumberView, PlatformView, SpeedDialView, TenantView
from pbx.model import Ref, SecretReference, Years
from pbx.numberplan import tones
from pbx.site import Site, TenantScope

Secrets = Mapping[str, str]
"""Passwords by name: ``andina/extension/201`` for phones, ``env:NAME`` and kin for those the YAML refers to."""


def wanted_secrets(site: Site) -> tuple[list[str], list[SecretReference]]:
    """Names of the generated passwords, and the references the YAML makes."""
    generated = [
        name
        for scope in site.tenants.values()
        for number, extension in scope.tenant.extensions.items()
        for name in phones.password_names(scope.slug, number, extension)
    ]
    referred = [site.platform.ami.password]
    referred += [
        trunk.password for scope in site.tenants.values() for trunk in scope.tenant.trunks.values() if trunk.password
    ]
    tls = site.platform.tls
    return generated, referred + ([tls.certificate, tls.key] if tls else [])


def lower(site: Site, secrets: Secrets) -> PlatformView:
    """The views of a whole site. Raises KeyError for a password that ``secrets`` lacks."""
    crowded = outside.crowded(site)
    tenants = tuple(_tenant(scope, secrets, crowded) for scope in site.tenants.values())
    return _platform(site, secrets, tenants)


def _platform(site: Site, secrets: Secrets, tenants: tuple[TenantView, ...]) -> PlatformView:
    platform = site.platform
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
        tls_port=platform.tls.port if platform.tls else 0,
        tls_folder=value(platform.tls.folder) if platform.tls else Verbatim(""),
        tcp=any(phone.tcp for tenant in tenants for phone in tenant.phones),
        zones=tuple(
            (country, {key: value(text) for key, text in tones(country.upper()).items()}) for country in countries
        ),
        calendars=tuple(_calendars(site)),
        number_plans=tuple(outside.number_plans(site)),
        tenants=tenants,
    )


def _calendars(site: Site) -> Iterator[CalendarView]:
    """Each national calendar, once for all the schedules that go by it."""
    users: dict[str, tuple[str, Years, str]] = {}
    for slug, scope in sorted(site.tenants.items()):
        for schedule in scope.tenant.schedules.values():
            calendar = schedule.holidays.calendar
            if calendar:
                context = names.holidays(calendar, scope.years.first, scope.years.last)
                users.setdefault(context, (calendar, scope.years, slug))
    for _, user in sorted(users.items()):
        yield calendar_view(*user)


def _code(scope: TenantScope, setting: str) -> CodeView:
    code = getattr(scope.tenant.feature_codes, setting)
    return CodeView(setting, Verbatim(code), Verbatim(f"_{code}."), len(code))


def _tenant(scope: TenantScope, secrets: Secrets, crowded: frozenset[str]) -> TenantView:
    tenant, slug, codes = scope.tenant, scope.slug, scope.tenant.feature_codes
    trunks = {name: outside.trunk(scope, name, secrets, crowded) for name in sorted(tenant.trunks)}
    lengths = sorted({len(number) for number in tenant.extensions})
    kinds = {
        kind.name: tuple(kind.view(ref.id, model, scope) for ref, model in scope.models() if ref.kind == kind.name)
        for kind in BY_NAME.values()
    }
    return TenantView(
        slug=slug,
        name=plain(tenant.name),
        language=tenant.language,
        zone=tenant.country.lower(),
        timezone=tenant.timezone.key,
        country_code=scope.plan.country_code,
        music=names.music(slug, "default"),
        phones=tuple(phones.phones(scope, secrets)),
        trunks=tuple(trunks.values()),
        classes=tuple(outside.classes(scope)),
        number_plan=names.number_plan(tenant.country, tenant.area_code),
        national=tuple(outside.national(scope)),
        routes=tuple(outside.routes(scope, trunks)),
        emergency=tuple(
            (dialled, dialled if dialled in scope.plan.emergency else dialled.removeprefix(tenant.outside_prefix))
            for dialled in emergency_numbers(scope)
        ),
        dids=tuple(
            NumberView(number, Verbatim(names.place(slug, did.to)), Verbatim(Ref("did", number)))
            for number, did in sorted(tenant.dids.items())
        ),
        internal=tuple(
            NumberView(number, Verbatim(names.place(slug, Ref(ref.kind, each.extension))), Verbatim(ref))
            for number, (ref, each) in sorted(internal_numbers(scope).items())
            if not BY_NAME[ref.kind].included
        ),
        mailboxes=tuple(map(Verbatim, names.patterns_of(mailbox.number for mailbox in kinds["voicemail"]))),
        included=tuple(
            sorted({names.context(slug, ref.kind) for ref, _ in scope.models() if BY_NAME[ref.kind].included})
        ),
        externals=tuple(outside.externals(scope)),
        contacts=tuple(
            ContactView(number, plain(contact.name)) for number, contact in sorted(tenant.phonebook.items())
        ),
        speed_dials=tuple(SpeedDialView(Verbatim(keys), number) for keys, number in speed_dials(scope)),
        hints=tuple(Verbatim(pattern) for pattern in names.range_patterns(tenant.numbering.extensions)),
        voicemail_code=Verbatim(codes.voicemail),
        pickup_code=Verbatim(codes.pickup),
        switches=tuple(_code(scope, setting) for setting in SWITCHES),
        forwards=tuple(_code(scope, setting) for setting in FORWARD_CODES),
        pause_hints=tuple(Verbatim(f"_{codes.queue_pause}{'X' * length}") for length in lengths),
        pause_strip=len(codes.queue_pause),
        pickup_patterns=tuple(Verbatim(f"_{codes.pickup_extension}{'X' * length}") for length in lengths),
        pickup_strip=len(codes.pickup_extension),
        outside_prefix=Verbatim(tenant.outside_prefix),
        outside_strip=len(tenant.outside_prefix),
        bare_pattern=Verbatim("_+!" if tenant.outside_prefix else "_[+0-9]!"),
        numbers=tuple(map(Verbatim, names.number_patterns())),
        kinds=kinds,
    )
