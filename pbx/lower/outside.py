"""The way outside: trunks, classes of service, ways to dial, routes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pbx.asterisk import names
from pbx.asterisk.text import Verbatim, plain, value
from pbx.dialing import shown_number
from pbx.kinds import BY_NAME
from pbx.lower.views import ClassView, ExternalView, FormView, RouteView, TrunkView
from pbx.model import Ref
from pbx.numberplan import CATEGORIES, classify
from pbx.site import TenantScope
from pbx.trunks import Trunk


def trunk(slug: str, name: str, trunk: Trunk, secrets: Mapping[str, str]) -> TrunkView:
    """One trunk. Raises KeyError for a password that ``secrets`` lacks."""
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


def classes(scope: TenantScope) -> Iterator[ClassView]:
    """Each class of service, by name."""
    for name, allowed in sorted(scope.tenant.classes_of_service.items()):
        yield ClassView(
            name=name,
            context=names.context(scope.slug, "class", name),
            transfer=names.context(scope.slug, "transfer", name),
            reach=names.context(scope.slug, "reach", name),
            internal="internal" in allowed.allow,
            outside=names.context(scope.slug, "outside", name),
            allow=names.context(scope.slug, "allow", name),
            deny=names.context(scope.slug, "deny", name),
            allowed=tuple(allowed.allow),
            denied=tuple(Verbatim(f"_{prefix[:-1]}!" if prefix.endswith("*") else prefix) for prefix in allowed.deny),
        )


def forms(scope: TenantScope) -> Iterator[FormView]:
    """The country's ways to dial, except emergency numbers, which have a context of their own."""
    for form in scope.plan.forms:
        if form.category != "emergency":
            yield FormView(Verbatim(form.pattern), Verbatim(form.asterisk()), form.category, plain(form.name))


def routes(scope: TenantScope, trunks: Mapping[str, TrunkView]) -> Iterator[RouteView]:
    """The first route of each category; what has none falls through to a refusal."""
    for category in CATEGORIES:
        for route in scope.tenant.outbound_routes:
            if category in route.match:
                shown = shown_number(scope, route, None)
                yield RouteView(category, shown, tuple(trunks[name] for name in route.trunks))
                break


def externals(scope: TenantScope) -> Iterator[ExternalView]:
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
