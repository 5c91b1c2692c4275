"""Who pays, who may, and that emergency calls always leave."""

from __future__ import annotations

from collections.abc import Iterator

from pbx.diagnostics import Diagnostic, Related
from pbx.dialing import denial, route_for
from pbx.flow import CallFlow
from pbx.kinds.extension import FORWARDS
from pbx.numberplan import classify
from pbx.site import TenantScope


def check(scope: TenantScope, flow: CallFlow) -> Iterator[Diagnostic]:
    """Emergency and outside calls have a route and a number to show; a forward costs nobody what he may not spend."""
    yield from _routes(scope)
    yield from _outside_destinations(scope, flow)
    yield from _forwards(scope)
    if scope.tenant.outbound_routes and not scope.tenant.dids:
        yield Diagnostic(
            "PBX505",
            scope.file,
            ("outbound_routes",),
            "there is no number to show to those who are called: the tenant has no DID",
            help="add the tenant's numbers under dids:",
            consequence="carriers would refuse the calls",
            at_key=True,
        )


def _routes(scope: TenantScope) -> Iterator[Diagnostic]:
    if scope.tenant.extensions and route_for(scope, "emergency") is None:
        yield Diagnostic(
            "PBX502",
            scope.file,
            ("outbound_routes",),
            "emergency calls have no outbound route",
            help="add {match: [emergency], trunks: [...]}",
            consequence=f"whoever dials {scope.plan.emergency[0]} would reach nobody",
            at_key=True,
        )
    for name, allowed in scope.tenant.classes_of_service.items():
        for index, category in enumerate(allowed.allow):
            if category != "internal" and route_for(scope, category) is None:
                yield Diagnostic(
                    "PBX503",
                    scope.file,
                    ("classes_of_service", name, "allow", index),
                    f"class {name} allows {category} calls, and no outbound route carries them",
                    help=f"add a route with match: [{category}], or take the word away",
                    consequence="these calls would be refused",
                )


def _outside_destinations(scope: TenantScope, flow: CallFlow) -> Iterator[Diagnostic]:
    """A destination ``external:`` is paid by the tenant, and needs a route like any other call."""
    told: set[object] = set()
    for node in flow.nodes.values():
        for way in node.exits:
            if way.to.kind != "external" or way.path in told:
                continue
            told.add(way.path)
            category = classify(scope.plan, way.to.id)
            if category is None:
                yield Diagnostic(
                    "PBX206",
                    scope.file,
                    way.path,
                    f"{way.to.id} is not a number that can be called from {scope.plan.name}",
                    help="check its digits: country, area and number, without the national 0",
                    consequence="the caller would be hung up on",
                )
            elif route_for(scope, category) is None:
                yield Diagnostic(
                    "PBX504",
                    scope.file,
                    way.path,
                    f"{way.to} is a {category} number, and no outbound route carries such calls",
                    help=f"add a route with match: [{category}]",
                    consequence="the caller would be hung up on",
                )


def _forwards(scope: TenantScope) -> Iterator[Diagnostic]:
    for number, extension in scope.tenant.extensions.items():
        allowed = scope.tenant.classes_of_service[extension.class_of_service]
        for when in FORWARDS:
            target = getattr(extension.forward, when)
            category = classify(scope.plan, target.id) if target and target.kind == "external" else None
            reason = denial(allowed, category, target.id) if category else ""
            if reason:
                yield Diagnostic(
                    "PBX501",
                    scope.file,
                    ("extensions", number, "forward", when),
                    f"extension {number} may not call {target.id}: class {extension.class_of_service} {reason}",
                    help="forward it elsewhere, or give the extension another class of service",
                    consequence="the tenant would pay for calls that this class of service is to prevent",
                    related=(
                        Related(scope.file, ("classes_of_service", extension.class_of_service), "the class is here"),
                    ),
                )
