"""Trunks do not get in each other's way, nor in that of the tenant's own numbers."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network
from typing import Final

from pbx.diagnostics import Diagnostic, Related
from pbx.folder import PLATFORM
from pbx.model import NumberRange
from pbx.site import Site, TenantScope

PRIVATE: Final = tuple(map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")))
"""Networks that the internet does not reach (RFC 1918, RFC 6598)."""


def check(scope: TenantScope) -> Iterator[Diagnostic]:
    """Numbers behind the customer's other PBXs belong to one place only, and are no emergency numbers."""
    taken: list[tuple[NumberRange, tuple[str, ...], str]] = []
    for key in ("extensions", "services"):
        own = getattr(scope.tenant.numbering, key)
        if own:
            taken.append((own, ("numbering", key), f"numbering.{key}"))
    for name, trunk in sorted(scope.tenant.trunks.items()):
        if not trunk.extensions:
            continue
        path = ("trunks", name, "extensions")
        for other, where, called in taken:
            if overlap(trunk.extensions, other):
                yield Diagnostic(
                    "PBX312",
                    scope.file,
                    path,
                    f"the numbers {trunk.extensions} of trunk {name} overlap with {called} {other}",
                    help="give each its own range; the other PBX keeps only the numbers that stay there",
                    consequence="whoever dials one of them would reach the wrong phone, or nobody",
                    related=(Related(scope.file, where, f"{called} is here"),),
                )
        taken.append((trunk.extensions, path, f"trunk {name}"))
        lost = [number for number in scope.plan.emergency if number in trunk.extensions]
        if lost:
            yield Diagnostic(
                "PBX313",
                scope.file,
                path,
                f"{', '.join(lost)} behind trunk {name} cannot be dialled: they are emergency numbers",
                help="give these phones other numbers at the other PBX; emergency numbers are matched first, always",
                consequence="whoever dials them would reach the emergency services",
            )


def overlap(one: NumberRange, other: NumberRange) -> bool:
    """Whether two ranges have a number in common."""
    return len(one.first) == len(other.first) and one.first <= other.last and other.first <= one.last


def check_site(site: Site) -> Iterator[Diagnostic]:
    """Across tenants: a call from an address must belong to one trunk, and private networks must be known as such."""
    known: dict[str, tuple[TenantScope, str]] = {}
    for scope in site.tenants.values():
        for name, trunk in sorted(scope.tenant.trunks.items()):
            if trunk.username:
                continue
            owner, first = known.setdefault(trunk.host.lower().rstrip("."), (scope, name))
            if (owner, first) != (scope, name):
                yield Diagnostic(
                    "PBX314",
                    scope.file,
                    ("trunks", name, "host"),
                    f"calls from {trunk.host} cannot be told from those of trunk {first} of {owner.slug}",
                    help="let the trunk register (username and password), or ask for another address",
                    consequence="its callers would reach the other one's numbers, or nobody",
                    related=(Related(owner.file, ("trunks", first, "host"), "the same address is here"),),
                )
    yield from _private(site)
    yield from _without_certificate(site)


def _without_certificate(site: Site) -> Iterator[Diagnostic]:
    """A device with TLS needs a platform that speaks it."""
    if site.platform.tls:
        return
    for scope in site.tenants.values():
        for number, extension in sorted(scope.tenant.extensions.items()):
            for index, device in enumerate(extension.devices or ()):
                if device.transport == "tls":
                    yield Diagnostic(
                        "PBX511",
                        scope.file,
                        ("extensions", number, "devices", index, "transport"),
                        f"device {device.name} of {number} uses TLS, and the platform has no certificate",
                        help='add tls: {certificate: "file:tls/pbx.crt", key: "file:tls/pbx.key"} to ' + PLATFORM,
                        consequence="it could not register, and nobody would reach it",
                    )


def _private(site: Site) -> Iterator[Diagnostic]:
    """Behind an external address, a private one that is not local would be answered with the public address."""
    sip = site.platform.sip
    networks = [ip_network(each) for each in sip.local_networks]
    if not sip.external_address:
        return
    for scope in site.tenants.values():
        for name, trunk in sorted(scope.tenant.trunks.items()):
            address = trunk.address
            private = address is not None and any(address in each for each in PRIVATE)
            if private and not any(address in each for each in networks):
                yield Diagnostic(
                    "PBX510",
                    scope.file,
                    ("trunks", name, "host"),
                    f"{trunk.host} is a private address, and the platform does not know its network as local",
                    help=f'add its network to sip.local_networks in {PLATFORM}, for example "{address}/32"',
                    consequence="the PBX would send its public address there, and calls would have no sound",
                )
