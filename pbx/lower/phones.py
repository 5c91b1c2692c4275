"""The phones: who they are to SIP, and their mailboxes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from pbx.asterisk import names
from pbx.asterisk.text import Verbatim, plain, value
from pbx.feature_codes import defaults
from pbx.kinds.extension import Extension, person
from pbx.lower.views import LoginView, PhoneView
from pbx.secrets import extension_name
from pbx.site import TenantScope

MOST_CONTACTS: Final = 5
"""Phones that may register as one extension when its devices are not named."""


def password_names(slug: str, number: str, extension: Extension) -> tuple[str, ...]:
    """The names of an extension's generated passwords: one, or one for each of its devices."""
    if extension.devices is None:
        return (extension_name(slug, number),)
    return tuple(extension_name(slug, number, device.name) for device in extension.devices)


def _logins(scope: TenantScope, number: str, extension: Extension, secrets: Mapping[str, str]) -> Iterator[LoginView]:
    endpoint = names.endpoint(scope.slug, number)
    devices = [device.name for device in extension.devices or ()] or [""]
    for device, name in zip(devices, password_names(scope.slug, number, extension), strict=True):
        yield LoginView(names.login(scope.slug, number, device), endpoint, value(secrets[name]))


def _encryption(extension: Extension) -> str:
    """Where all devices encrypt nothing else is taken; where some do, the others are spoken to in clear."""
    transports = {device.transport for device in extension.devices or ()}
    if "tls" not in transports:
        return ""
    return "always" if transports == {"tls"} else "possible"


def phones(scope: TenantScope, secrets: Mapping[str, str]) -> Iterator[PhoneView]:
    """Each extension's phone. Raises KeyError for a password that ``secrets`` lacks."""
    agents = {member for queue in scope.tenant.queues.values() for member in queue.members}
    for number, extension in sorted(scope.tenant.extensions.items()):
        mailbox = extension.voicemail
        logins = tuple(_logins(scope, number, extension, secrets))
        yield PhoneView(
            endpoint=names.endpoint(scope.slug, number),
            number=number,
            name=plain(person(extension)),
            context=names.context(scope.slug, "class", extension.class_of_service),
            hints=names.context(scope.slug, "hints"),
            auth=Verbatim(",".join(login.name for login in logins)),
            logins=logins,
            contacts=len(extension.devices or ()) or MOST_CONTACTS,
            encryption=_encryption(extension),
            tcp=any(device.transport == "tcp" for device in extension.devices or ()),
            mailbox=Verbatim(names.mailbox(scope.slug, number)) if mailbox else None,
            pin=mailbox.pin if mailbox else "",
            email=extension.email or "" if mailbox and mailbox.email else "",
            attach="yes" if mailbox and mailbox.attach else "no",
            caller_id=extension.caller_id or "",
            hide="on" if extension.hide_caller_id else "off",
            zone=scope.tenant.country.lower(),
            transfer=names.context(scope.slug, "transfer", extension.class_of_service),
            class_of_service=extension.class_of_service,
            agent=number in agents,
            pickup_group=names.pickup_group(scope.slug, extension.pickup_group) if extension.pickup_group else "",
            defaults=tuple(defaults(extension)),
        )
