"""What the keys a phone dials mean: emergency first, then codes, then people and services, then the outside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from pbx.asterisk import names, patterns
from pbx.diagnostics import Path
from pbx.kinds import BY_NAME
from pbx.kinds.base import Dialled
from pbx.model import Ref
from pbx.numberplan import classify, dialled
from pbx.site import TenantScope
from pbx.tenant import ClassOfService
from pbx.trunks import OutboundRoute

SWITCHES: Final = ("do_not_disturb", "call_waiting", "hide_caller_id", "queue_pause")
"""The feature codes with which a phone switches one of its settings."""
FORWARD_CODES: Final = ("forward_always", "forward_busy", "forward_no_answer", "forward_unavailable")
"""Those with which it forwards its calls: alone, or followed by a number."""

Role = Literal["emergency", "code", "internal", "outside"]


@dataclass(frozen=True, slots=True)
class DialRule:
    """One dial string or pattern that phones of a tenant may send, in the order Asterisk searches them."""

    pattern: str
    role: Role
    to: Ref
    path: Path


@dataclass(frozen=True, slots=True)
class Meaning:
    """What dialled keys mean, before any class of service is asked."""

    role: Role
    to: Ref
    category: str
    """A word of the classes of service; ``internal`` for codes too."""
    path: Path


def given_numbers(scope: TenantScope) -> Iterator[tuple[Ref, Dialled]]:
    """Every number of an extension or a service with its place, extensions first; one may be given twice."""
    for ref, model in scope.models():
        for each in BY_NAME[ref.kind].numbers(ref.id, model):
            yield ref, each


def internal_numbers(scope: TenantScope) -> dict[str, tuple[Ref, Dialled]]:
    """What phones dial to get somewhere inside; where two places share a number, the first is kept."""
    found: dict[str, tuple[Ref, Dialled]] = {}
    for ref, each in given_numbers(scope):
        found.setdefault(each.number, (ref, each))
    return found


def branch_patterns(scope: TenantScope) -> Iterator[tuple[str, str]]:
    """The numbers of the customer's other PBXs, as a pattern and the trunk that leads there; trunks by name."""
    for name, trunk in sorted(scope.tenant.trunks.items()):
        if trunk.extensions:
            for pattern in names.range_patterns(trunk.extensions):
                yield pattern, name


def speed_dials(scope: TenantScope) -> Iterator[tuple[str, str]]:
    """What phones dial for a contact, and the contact's number; where two share one, the first is kept."""
    found: dict[str, str] = {}
    for number, contact in sorted(scope.tenant.phonebook.items()):
        if contact.speed_dial:
            found.setdefault(f"{scope.tenant.feature_codes.speed_dial}{contact.speed_dial}", number)
    yield from sorted(found.items())


def emergency_numbers(scope: TenantScope) -> tuple[str, ...]:
    """As people may dial them: as they are, and after the outside prefix."""
    prefix = scope.tenant.outside_prefix
    plain = scope.plan.emergency
    return plain + tuple(f"{prefix}{number}" for number in plain if prefix)


def dial_rules(scope: TenantScope) -> tuple[DialRule, ...]:
    """All that can be dialled except outside numbers, in the order of the contexts."""
    codes = scope.tenant.feature_codes
    prefix = scope.tenant.outside_prefix
    lengths = sorted({len(number) for number in scope.tenant.extensions})
    return (
        *(
            DialRule(number, "emergency", Ref("external", _without(prefix, number, scope)), ("country",))
            for number in emergency_numbers(scope)
        ),
        DialRule(codes.voicemail, "code", Ref("mailbox"), ("feature_codes", "voicemail")),
        DialRule(codes.pickup, "code", Ref("pickup"), ("feature_codes", "pickup")),
        *(
            DialRule(getattr(codes, setting), "code", Ref("setting", setting), ("feature_codes", setting))
            for setting in (*SWITCHES, *FORWARD_CODES)
        ),
        *(
            DialRule(f"_{getattr(codes, setting)}.", "code", Ref("setting", setting), ("feature_codes", setting))
            for setting in FORWARD_CODES
        ),
        *(
            DialRule(schedule.override, "code", Ref("override", identity), ("schedules", identity, "override"))
            for identity, schedule in sorted(scope.tenant.schedules.items())
            if schedule.override
        ),
        *(
            DialRule(
                f"_{codes.pickup_extension}{'X' * length}", "code", Ref("pickup"), ("feature_codes", "pickup_extension")
            )
            for length in lengths
        ),
        *(
            DialRule(keys, "code", Ref("external", number), ("feature_codes", "speed_dial"))
            for keys, number in speed_dials(scope)
        ),
        *(DialRule(number, "internal", ref, each.path) for number, (ref, each) in internal_numbers(scope).items()),
        *(
            DialRule(pattern, "internal", Ref("trunk", name), ("trunks", name, "extensions"))
            for pattern, name in branch_patterns(scope)
        ),
    )


def _without(prefix: str, number: str, scope: TenantScope) -> str:
    return number if number in scope.plan.emergency else number.removeprefix(prefix)


def meaning(scope: TenantScope, keys: str) -> Meaning | None:
    """What the keys lead to, as Asterisk would find it; None for a number that nobody has."""
    rules = dial_rules(scope)
    for role in ("emergency", "code", "internal"):
        best = patterns.best_match([rule.pattern for rule in rules if rule.role == role], keys)
        if best is not None:
            rule = next(rule for rule in rules if rule.role == role and rule.pattern == best)
            if role == "code" and rule.to.kind == "external":
                contact = classify(scope.plan, rule.to.id)
                return Meaning("outside", rule.to, contact, rule.path) if contact else None
            return Meaning(rule.role, rule.to, "emergency" if role == "emergency" else "internal", rule.path)
    prefix = scope.tenant.outside_prefix
    bare = keys.removeprefix(prefix)
    if prefix and bare == keys and not keys.startswith("+"):
        return None
    found = dialled(scope.plan, bare)
    if found is None:
        return None
    return Meaning("outside", Ref("external", found.number), found.category, ("outside_prefix",))


def denial(allowed: ClassOfService, category: str, number: str) -> str:
    """Why a class of service refuses a number, or an empty text when it allows it."""
    if category == "emergency":
        return ""
    if category not in allowed.allow:
        return f"does not allow {category} calls"
    barred = next((each for each in allowed.deny if matches_prefix(each, number)), None)
    return f"denies {barred}" if barred else ""


def matches_prefix(barred: str, number: str) -> bool:
    """Whether a ``deny`` entry takes a number: all that begins with it when it ends in a star, else it alone."""
    return number.startswith(barred[:-1]) if barred.endswith("*") else number == barred


def route_for(scope: TenantScope, category: str) -> tuple[int, OutboundRoute] | None:
    """The first outbound route of a category, and its place in the list."""
    return next(
        ((index, route) for index, route in enumerate(scope.tenant.outbound_routes) if category in route.match), None
    )


def usual_carrier(scope: TenantScope) -> str:
    """By which trunk a call from outside comes if nobody says: the one tried first for calls out; empty without any."""
    routes = (name for route in scope.tenant.outbound_routes for name in route.trunks)
    carriers = (name for name in (*routes, *sorted(scope.tenant.trunks)) if scope.tenant.trunks[name].type != "pbx")
    return next(carriers, "")


def did_as_sent(scope: TenantScope, sent: str) -> str | None:
    """The public number that a carrier means: with its plus, without it, or as at home (``pbx-did``)."""
    spelled = (sent, f"+{sent}", f"+{scope.plan.country_code}{sent}")
    return next((number for number in spelled if number in scope.tenant.dids), None)


def shown_number(scope: TenantScope, of_route: str | None, caller: str | None) -> str:
    """The number a called outsider sees: the extension's own, else the route's, else the tenant's lowest DID."""
    extension = scope.tenant.extensions.get(caller) if caller else None
    own = extension.caller_id if extension else None
    return own or of_route or min(scope.tenant.dids, default="")
