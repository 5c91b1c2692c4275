"""The shared box: where it listens, and how it reaches mail and management."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from pbx.model import (
    Email,
    Host,
    Model,
    Name,
    Network,
    Port,
    Ports,
    Secret,
    SecretReference,
    Slug,
    pattern,
    refuse,
    unreserved,
)


class Sip(Model):
    """Where the PBX listens for SIP."""

    bind: Host = "0.0.0.0"  # noqa: S104 - a PBX listens on every address unless told otherwise
    port: Port = 5060
    external_address: Host | None = None
    local_networks: list[Network] = Field(default_factory=list)
    """Where phones are reached by the PBX's own address, not the external one."""


MailCommand = Annotated[
    str,
    BeforeValidator(
        pattern(
            "PBX103",
            "a command for mail",
            r"(?=.{1,159}$)/[A-Za-z0-9_./-]+( [A-Za-z0-9_./=:@+-]+)*",
            "a program's full path and plain words, for example /usr/sbin/sendmail -t; a script can do the rest",
        )
    ),
]
"""What Asterisk gives to a shell (app_voicemail.c, ``mailcmd[160]``): no sign that a shell gives a meaning."""


class Mail(Model):
    """How voicemail leaves by mail."""

    sender: Annotated[Email, Field(alias="from")]
    command: MailCommand = "/usr/sbin/sendmail -t"


class Ami(Model):
    """The manager interface, for the lab and for ``pbx apply``."""

    bind: Host = "127.0.0.1"
    port: Port = 5038
    user: Annotated[Slug, AfterValidator(unreserved)] = "pbx"
    password: Secret


def _file(reference: SecretReference) -> SecretReference:
    if reference.source != "file":
        raise refuse("PBX103", f"{reference} is not a file of the site", 'for example "file:tls/pbx.crt"')
    return reference


SiteFile = Annotated[Secret, AfterValidator(_file)]
"""A file inside the site's folder: ``file:tls/pbx.crt``."""


class Tls(Model):
    """SIP over TLS, for devices that ask for it."""

    port: Port = 5061
    certificate: SiteFile
    """A PEM file of the site's folder: the certificate, and those that vouch for it after it."""
    key: SiteFile
    """Its private key, a PEM file without a password."""
    folder: Annotated[
        str, BeforeValidator(pattern("PBX103", "a folder's full path", r"(/[A-Za-z0-9_.-]+)+", "/etc/asterisk/keys"))
    ] = "/etc/asterisk/keys"
    """Where both are on the PBX: the folder keys below that of Asterisk's configuration."""


class Platform(Model):
    """The shared box."""

    platform: Name
    domain: Host
    sip: Annotated[Sip, Field(default_factory=Sip)]
    rtp: Ports
    """UDP ports of calls' sound."""
    mail: Mail
    ami: Ami
    tls: Tls | None = None
