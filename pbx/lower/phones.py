"""The phones: who they are to SIP, and their mailboxes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pbx.asterisk import names
from pbx.asterisk.text import Verbatim, plain, value
from pbx.kinds.extension import person
from pbx.lower.views import PhoneView
from pbx.secrets import extension_name
from pbx.site import TenantScope


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
            hide="yes" if extension.hide_caller_id else "no",
            zone=scope.tenant.country.lower(),
        )
