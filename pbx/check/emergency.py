"""Nothing that can be dialled gets in the way of an emergency number, however a phone sends its keys.

Emergency numbers are matched first and whole, so a call that arrives whole is never taken for another. Some phones and
gateways do not send it whole: they call as soon as the keys mean something. For them a number must not begin as an
emergency number does, nor an emergency number as another number.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pbx.asterisk import patterns
from pbx.check.walks import Walks
from pbx.check.witness import dialled as call
from pbx.diagnostics import Diagnostic, Path
from pbx.dialing import DialRule, dial_rules, emergency_numbers
from pbx.numberplan import dialled
from pbx.site import TenantScope

_KEYS: Final = frozenset("0123456789*#")


def check(walks: Walks) -> Iterator[Diagnostic]:
    """Numbers and ranges that begin alike, and an outside prefix that makes an emergency number of another number."""
    numbers = emergency_numbers(walks.scope)
    beginnings = frozenset(number[:length] for number in numbers for length in range(1, len(number)))
    firsts = {number[0] for number in numbers}
    told: set[Path] = set()
    for rule in dial_rules(walks.scope):
        if rule.role == "emergency" or rule.path in told:
            continue
        # Most are told apart at a glance.
        if patterns.is_pattern(rule.pattern):
            alike = rule.pattern[1] in firsts or rule.pattern[1] not in _KEYS
        else:
            alike = rule.pattern in beginnings or rule.pattern.startswith(numbers)
        problem = _alike(walks, rule, numbers) if alike else None
        if problem:
            told.add(rule.path)
            yield problem
    yield from _prefix(walks)


def _alike(walks: Walks, rule: DialRule, numbers: tuple[str, ...]) -> Diagnostic | None:
    scope = walks.scope
    for number in numbers:
        begins = _begins(rule.pattern, number)
        within = _within(rule.pattern, number)
        if not begins and not within:
            continue
        spelled = rule.pattern.removeprefix("_").replace("X", "x")
        if begins:
            message = f"{spelled} begins with the emergency number {number}"
            consequence = f"on a phone that sends key by key, who dials {spelled} would call the emergency services"
        else:
            message = f"the emergency number {number} begins with {spelled}"
            consequence = f"on a phone that sends key by key, who dials {number} would reach {rule.to}"
        return Diagnostic(
            "PBX521",
            scope.file,
            rule.path,
            message,
            help="give it another number",
            consequence=consequence,
            at_key=rule.path[0] == "extensions",
            witness=call(walks, number),
        )
    return None


def _begins(pattern: str, number: str) -> bool:
    """Whether something longer that a rule takes begins with a number."""
    if not patterns.is_pattern(pattern):
        return pattern.startswith(number) and pattern != number
    return (
        patterns.overlaps(pattern, f"_{number}X.") is not None or patterns.overlaps(pattern, f"_{number}X") is not None
    )


def _within(pattern: str, number: str) -> bool:
    """Whether a rule takes the beginning of a number."""
    starts = (number[:length] for length in range(1, len(number)))
    if not patterns.is_pattern(pattern):
        return pattern in set(starts)
    return any(patterns.overlaps(pattern, each) is not None for each in starts)


def _prefix(walks: Walks) -> Iterator[Diagnostic]:
    scope: TenantScope = walks.scope
    prefix = scope.tenant.outside_prefix
    for number in scope.plan.emergency:
        meant = dialled(scope.plan, number.removeprefix(prefix)) if prefix and number.startswith(prefix) else None
        if meant and meant.category != "emergency":
            yield Diagnostic(
                "PBX521",
                scope.file,
                ("outside_prefix",),
                f"with the prefix {prefix}, {number} is also the outside number {number.removeprefix(prefix)}",
                help="choose a prefix with which no emergency number begins",
                consequence=f"who dials {number} for it would call the emergency services",
                witness=call(walks, number),
            )
            return
