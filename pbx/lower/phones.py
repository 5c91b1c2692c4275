"""The phones: who they are to SIP, and their mailboxes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pbx.asterisk import names
from pbx.asterisk.text import Verbatim, plain, value
from pbx.kinds.extension import FORWARDS, Extension, person
from pbx.lower.views import PhoneView
from pbx.secrets import extension_name
from pbx.site import TenantScope


def _defaults(extension: Extension) -> Iterator[str]:
    for when in FORWARDS:
        if getattr(extension.forward, when):
            yield f"forward_{when}"
    if extension.call_waiting:
        yield "call_waiting"
    if extension.hide_caller_id:
        yield "hide_caller_id"


def phones(scope: TenantScope, secrets: Mapping[str, str]) -> Iterator[PhoneView]:
    """Each extension's phone. Raises KeyError for a password that ``secrets`` lacks."""
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
            hide="on" if extension.hide_caller_id else "off",
            zone=scope.tenant.country.lower(),
            transfer=names.context(scope.slug, "transfer", extension.class_of_service),
            class_of_service=extension.class_of_service,
            pickup_group=names.pickup_group(scope.slug, extension.pickup_group) if extension.pickup_group else "",
            defaults=tuple(_defaults(extension)),
        )
