"""The site under test: the shipped one, with nothing but the platform's own values replaced.

Bind addresses, ports, the mail command and the trunks' hosts become those of the lab, and every password a throw-away
one: a lab never sees a real secret.
"""

from __future__ import annotations

from dataclasses import replace

from lab.addresses import AMI_PORT, SIP_PORT, Block
from pbx.lower import wanted_secrets
from pbx.model import PortRange
from pbx.secrets import generate
from pbx.site import Site, TenantScope
from pbx.trunks import Trunk

RTP_WIDTH = 400
"""UDP ports for the sound of one Asterisk: 200 calls."""


def trunk_names(site: Site) -> list[tuple[str, str]]:
    """Every trunk as (tenant, trunk), in the order in which they get their addresses."""
    return [(slug, name) for slug, scope in site.tenants.items() for name in scope.tenant.trunks]


def throw_away_secrets(site: Site) -> dict[str, str]:
    """A fresh password for everything that wants one."""
    generated, referred = wanted_secrets(site)
    return {name: generate() for name in (*generated, *map(str, referred))}


def under_test(site: Site, block: Block, mail_command: str) -> Site:
    """The site as the lab runs it on a block of addresses."""
    platform = site.platform
    carriers = {name: block.carrier(index) for index, name in enumerate(trunk_names(site))}
    changed = platform.model_copy(
        update={
            "sip": platform.sip.model_copy(
                update={"bind": block.pbx, "port": SIP_PORT, "external_address": None, "local_networks": []}
            ),
            "rtp": rtp_ports(block, "pbx"),
            "mail": platform.mail.model_copy(update={"command": mail_command}),
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
