"""The site under test: the shipped one, with nothing but the platform's own values replaced.

Bind addresses, ports, the mail command and the trunks' hosts become those of the lab, and every password a throw-away
one: a lab never sees a real secret.
"""

from __future__ import annotations

import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

from lab.addresses import AMI_PORT, SIP_PORT, Block
from pbx.lower import wanted_secrets
from pbx.lower.phones import password_names
from pbx.model import PortRange
from pbx.secrets import generate
from pbx.site import Site, TenantScope
from pbx.trunks import Trunk

RTP_WIDTH = 400
"""UDP ports for the sound of one Asterisk: 200 calls."""


def trunk_names(site: Site) -> list[tuple[str, str]]:
    """Every trunk as (tenant, trunk), in the order in which they get their addresses."""
    return [(slug, name) for slug, scope in site.tenants.items() for name in scope.tenant.trunks]


def first_password(scope: TenantScope, number: str) -> str:
    """The name of the password of an extension, or of its first device: the lab has one phone for each extension."""
    return password_names(scope.slug, number, scope.tenant.extensions[number])[0]


def throw_away_secrets(site: Site) -> dict[str, str]:
    """A fresh password for everything that wants one."""
    generated, referred = wanted_secrets(site)
    found = {name: generate() for name in (*generated, *map(str, referred))}
    tls = site.platform.tls
    if tls:
        found[str(tls.certificate)], found[str(tls.key)] = throw_away_certificate(site.platform.domain)
    return found


def throw_away_certificate(name: str) -> tuple[str, str]:
    """A certificate that nobody vouches for, and its key. Raises :class:`CertificateError`."""
    with tempfile.TemporaryDirectory(prefix="pbx-tls-") as folder:
        certificate, key = Path(folder) / "pbx.crt", Path(folder) / "pbx.key"
        made = f"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30000 -subj /CN={name}"
        try:
            command = [*made.split(), "-out", str(certificate), "-keyout", str(key)]
            subprocess.run(command, check=True, capture_output=True, timeout=30)
        except (OSError, subprocess.SubprocessError) as error:
            raise CertificateError("no certificate for TLS could be made: sudo apt-get install openssl") from error
        return certificate.read_text("ascii"), key.read_text("ascii")


class CertificateError(Exception):
    """The machine cannot make a certificate."""


def under_test(site: Site, block: Block, mail_command: str, folder: Path) -> Site:
    """The site as the lab runs it on a block of addresses; ``folder`` is that of its Asterisk."""
    platform = site.platform
    carriers = {name: block.carrier(index) for index, name in enumerate(trunk_names(site))}
    changed = platform.model_copy(
        update={
            "sip": platform.sip.model_copy(
                update={"bind": block.pbx, "port": SIP_PORT, "external_address": None, "local_networks": []}
            ),
            "rtp": rtp_ports(block, "pbx"),
            "mail": platform.mail.model_copy(update={"command": mail_command}),
            "tls": platform.tls and platform.tls.model_copy(update={"folder": str(folder.resolve() / "etc" / "keys")}),
            "ami": platform.ami.model_copy(update={"bind": block.pbx, "port": AMI_PORT}),
        }
    )
    return replace(
        site, platform=changed, tenants={slug: _tenant(scope, carriers) for slug, scope in site.tenants.items()}
    )


def rtp_ports(block: Block, role: str) -> PortRange:
    """UDP ports of no other Asterisk of the machine's labs: some listen on every address (res_rtp_asterisk.c)."""
    first = 10_000 + (block.number % 60) * 2 * RTP_WIDTH + (RTP_WIDTH if role == "parties" else 0)
    return PortRange(first, first + RTP_WIDTH - 1)


def _tenant(scope: TenantScope, carriers: dict[tuple[str, str], str]) -> TenantScope:
    trunks = {name: _trunk(trunk, carriers[scope.slug, name]) for name, trunk in scope.tenant.trunks.items()}
    return replace(scope, tenant=scope.tenant.model_copy(update={"trunks": trunks}))


def _trunk(trunk: Trunk, host: str) -> Trunk:
    return trunk.model_copy(update={"host": host, "port": SIP_PORT})
