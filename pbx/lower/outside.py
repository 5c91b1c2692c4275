"""The way outside: trunks, classes of service, ways to dial, routes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from pbx.asterisk import names
from pbx.asterisk.text import Verbatim, plain, value
from pbx.dialing import branch_patterns, shown_number
from pbx.kinds import BY_NAME
from pbx.lower.views import ClassView, ExternalView, FormView, NumberPlanView, RouteView, TrunkView
from pbx.model import Ref
from pbx.numberplan import CATEGORIES, NumberPlan, classify, national_forms
from pbx.site import Site, TenantScope

RING_SECONDS: Final = 60
"""How long a trunk may ring."""

SILENT_SECONDS: Final = 12
"""How long a trunk may say nothing about a call while another one waits.

95 % of international calls ring within 11 s, of the others within 8 s (ITU-T E.721, table 2); SIP itself would wait
32 s (timer B, RFC 3261 17.1.1.2).
"""

SENT_AS: Final = {"e164": "", "digits": "pbx-digits"}
"""The context that writes a number; ``national`` is the tenant's own."""


def trunk(scope: TenantScope, name: str, secrets: Mapping[str, str], crowded: frozenset[str]) -> TrunkView:
    """One trunk. ``crowded`` are hosts of more than one. Raises KeyError for a password that ``secrets`` lacks."""
    trunk = scope.tenant.trunks[name]
    return TrunkView(
        name=name,
        endpoint=names.trunk(scope.slug, name),
        host=value(trunk.host),
        port=trunk.port,
        username=trunk.username or "",
        password=value(secrets[str(trunk.password)]) if trunk.password else Verbatim(""),
        codecs=Verbatim(",".join(trunk.codecs)),
        max_calls=trunk.max_calls or 0,
        incoming=names.incoming(scope.slug, name),
        arrived=names.arrived(scope.slug, name),
        # Two that register at one host are told apart by the line of their registration alone.
        known_by_address=not (trunk.username and trunk.host.lower() in crowded),
        colleagues=trunk.type == "pbx",
        branches=tuple(Verbatim(pattern) for pattern, owner in branch_patterns(scope) if owner == name),
        written=SENT_AS.get(trunk.numbers_as, names.context(scope.slug, "national")),
    )


def crowded(site: Site) -> frozenset[str]:
    """Hosts at which more than one trunk of the site is called, in lower case."""
    hosts = [trunk.host.lower() for scope in site.tenants.values() for trunk in scope.tenant.trunks.values()]
    return frozenset(host for host, times in Counter(hosts).items() if times > 1)


def national(scope: TenantScope) -> Iterator[FormView]:
    """The way from numbers back to keys, when a trunk wants it."""
    if any(trunk.numbers_as == "national" for trunk in scope.tenant.trunks.values()):
        for form in national_forms(scope.plan):
            yield FormView(Verbatim(form.pattern), Verbatim(form.asterisk()), "", plain(form.name))


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


def number_plans(site: Site) -> Iterator[NumberPlanView]:
    """Each area's ways to dial, once for all its tenants; emergency numbers have a context of their tenant's."""
    plans: dict[str, TenantScope] = {}
    for _, scope in sorted(site.tenants.items()):
        plans.setdefault(names.number_plan(scope.tenant.country, scope.tenant.area_code), scope)
    for context, scope in sorted(plans.items()):
        yield NumberPlanView(context, scope.slug, tuple(_forms(scope.plan)))


def _forms(plan: NumberPlan) -> Iterator[FormView]:
    for form in plan.forms:
        if form.category != "emergency":
            yield FormView(Verbatim(form.pattern), Verbatim(form.asterisk()), form.category, plain(form.name))


def routes(scope: TenantScope, trunks: Mapping[str, TrunkView]) -> Iterator[RouteView]:
    """The first route of each category; what has none falls through to a refusal."""
    alike: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for category in CATEGORIES:
        for route in scope.tenant.outbound_routes:
            if category in route.match:
                shown = shown_number(scope, route.caller_id, None)
                alike.setdefault((shown, tuple(route.trunks)), []).append(category)
                break
    for (shown, tried), (first, *others) in alike.items():
        # The last one is waited for as long as SIP does: there is nobody else to ask.
        patience = [f"{RING_SECONDS}^{SILENT_SECONDS}"] * (len(tried) - 1) + [str(RING_SECONDS)]
        in_order = zip((trunks[name] for name in tried), map(Verbatim, patience), strict=True)
        yield RouteView(first, tuple(others), shown, tuple(in_order))


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
