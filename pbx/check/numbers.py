"""Numbers and codes do not get in each other's way."""

from __future__ import annotations

from collections.abc import Iterator

from pbx.asterisk import patterns
from pbx.diagnostics import Diagnostic, Path, Related
from pbx.dialing import DialRule, dial_rules, emergency_numbers, given_numbers
from pbx.kinds.base import Dialled
from pbx.model import Ref
from pbx.numberplan import dialled
from pbx.site import TenantScope
from pbx.tenant import FeatureCodes


def check(scope: TenantScope) -> Iterator[Diagnostic]:
    """Ranges, duplicates, emergency numbers, and codes that can never be reached."""
    told: set[tuple[str, Path]] = set()
    for problem in (*_ranges(scope), *_duplicates(scope), *_emergency(scope), *_swallowed(scope)):
        # A range of numbers that is written once is one mistake.
        if (problem.code, problem.path) not in told:
            told.add((problem.code, problem.path))
            yield problem


def _ranges(scope: TenantScope) -> Iterator[Diagnostic]:
    numbering = scope.tenant.numbering
    for ref, given in given_numbers(scope):
        key = "extensions" if ref.kind == "extension" else "services"
        noun = "extension " if ref.kind == "extension" else ""
        allowed = getattr(numbering, key)
        if allowed and given.number not in allowed:
            yield Diagnostic(
                "PBX201",
                scope.file,
                given.path,
                f"{noun}{given.number} lies outside numbering.{key} {allowed}",
                help="renumber it, or widen the range",
                at_key=ref.kind == "extension",
                related=(Related(scope.file, ("numbering", key), "the range is here"),),
            )


def _duplicates(scope: TenantScope) -> Iterator[Diagnostic]:
    taken: dict[str, tuple[Ref, Dialled]] = {}
    for ref, given in given_numbers(scope):
        owner, first = taken.setdefault(given.number, (ref, given))
        if first is not given:
            yield Diagnostic(
                "PBX202",
                scope.file,
                given.path,
                f"the number {given.number} is taken by {owner}",
                help="give one of the two another number",
                consequence=f"whoever dials {given.number} would never reach {ref}",
                related=(Related(scope.file, first.path, "it is taken here"),),
            )


def _emergency(scope: TenantScope) -> Iterator[Diagnostic]:
    """An internal number that is an emergency number, with or without the outside prefix, is never reached."""
    emergency = set(emergency_numbers(scope))
    for ref, given in given_numbers(scope):
        if given.number in emergency:
            yield Diagnostic(
                "PBX204",
                scope.file,
                given.path,
                f"{given.number} is an emergency number in {scope.plan.name}",
                help="give it another number: emergency numbers are matched first, always",
                consequence=f"whoever dials {given.number} would reach the emergency services",
                at_key=ref.kind == "extension",
            )


def _swallowed(scope: TenantScope) -> Iterator[Diagnostic]:
    """A code or an internal number that another rule takes first; an outside number that an internal one hides."""
    rules = [rule for rule in dial_rules(scope) if rule.role != "emergency"]
    for index, rule in enumerate(rules):
        if rule.role != "code":
            continue
        other = _taker(rule, rules[:index] + rules[index + 1 :])
        if other:
            yield _swallowed_code(scope, rule, other)
            break
    prefix = scope.tenant.outside_prefix
    for rule in rules:
        if rule.role != "internal" or patterns.is_pattern(rule.pattern) or not rule.pattern.startswith(prefix):
            continue
        outside = dialled(scope.plan, rule.pattern.removeprefix(prefix))
        # An emergency number is told as such, and not again as an outside one.
        if outside and outside.category != "emergency":
            yield Diagnostic(
                "PBX205",
                scope.file,
                rule.path,
                f"{rule.pattern} is also an outside number: {outside.form.name}",
                help=f"give it another number, or {'another' if prefix else 'use an'} outside_prefix",
                consequence=f"whoever dials {rule.pattern} for it would reach {rule.to}",
                at_key=rule.path[0] == "extensions",
            )


def _swallowed_code(scope: TenantScope, rule: DialRule, other: DialRule) -> Diagnostic:
    """Told at the code that was written: of the two one may be a default."""
    written = [each for each in (other, rule) if _is_written(scope, each)]
    at = (written or [rule])[0]
    field = FeatureCodes.model_fields.get(str(at.path[-1]))
    example = f', for example the default: {at.path[-1]}: "{field.default}"' if len(written) == 1 and field else ""
    return Diagnostic(
        "PBX203",
        scope.file,
        at.path,
        f"{_spelled(rule)} ({_function(rule)}) is swallowed by {_spelled(other)} ({_function(other)})",
        help=f"give one of the two another code{example}",
        consequence=f"whoever dials {_spelled(rule)} would never get {_function(rule)}",
        related=tuple(Related(scope.file, each.path, f"{_function(each)} is here") for each in written[1:]),
    )


def _is_written(scope: TenantScope, rule: DialRule) -> bool:
    """Whether a code stands in the tenant's file; else it is a default."""
    return rule.path[0] != "feature_codes" or rule.path[-1] in scope.tenant.feature_codes.model_fields_set


def _function(rule: DialRule) -> str:
    """What a code is for."""
    return f"override of {rule.path[1]}" if rule.to.kind == "override" else str(rule.path[-1])


def _taker(rule: DialRule, others: list[DialRule]) -> DialRule | None:
    """The rule that is found instead: the same text, or a pattern that takes all of it."""
    return next((other for other in others if other.pattern == rule.pattern or _takes(other, rule)), None)


def _takes(other: DialRule, rule: DialRule) -> bool:
    # What a fixed code and a pattern both match is a trap: a phone that sends key by key cannot tell them apart.
    return patterns.is_pattern(other.pattern) and patterns.overlaps(other.pattern, rule.pattern) is not None


def _spelled(rule: DialRule) -> str:
    return rule.pattern.removeprefix("_").replace("X", "x")
