"""What is dialled to find out who may call what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pbx.dialing import emergency_numbers, internal_numbers, matches_prefix, meaning
from pbx.site import TenantScope

_MOST_INTERNAL: Final = 60
_FREE: Final = {"X": "0123456789", "Z": "123456789", "N": "23456789"}
_TAIL: Final = "55512345"
"""What stands for the open end of a pattern."""


@dataclass(frozen=True, slots=True)
class Probe:
    """Keys that a phone might dial, with the outside prefix where one is needed."""

    keys: str
    category: str
    """The column it stands for."""
    denied: str = ""
    """The ``deny`` entry it tries, empty for the others."""


def probes(scope: TenantScope) -> tuple[Probe, ...]:
    """What is to be tried, each once.

    Every way to dial of the country, at the lower and the upper end of its numbers; every emergency number and inside
    number; and for each ``deny`` entry a number within it and one beside it.
    """
    found = [*_emergency(scope), *_internal(scope), *_outside(scope), *_denied(scope)]
    return tuple({probe.keys: probe for probe in reversed(found)}.values())[::-1]


def _emergency(scope: TenantScope) -> Iterator[Probe]:
    for number in emergency_numbers(scope):
        yield Probe(number, "emergency")


def _internal(scope: TenantScope) -> Iterator[Probe]:
    """All inside numbers; of very many the first and last of each kind, and some between."""
    numbers = sorted(internal_numbers(scope).items())
    if len(numbers) > _MOST_INTERNAL:
        kinds: dict[str, list[str]] = {}
        for number, (ref, _) in numbers:
            kinds.setdefault(ref.kind, []).append(number)
        chosen = {each for own in kinds.values() for each in (own[0], own[-1])}
        chosen |= {number for number, _ in numbers[:: len(numbers) // _MOST_INTERNAL + 1]}
        numbers = [each for each in numbers if each[0] in chosen]
    for number, _ in numbers:
        yield Probe(number, "internal")


def _outside(scope: TenantScope) -> Iterator[Probe]:
    denied = [each for allowed in scope.tenant.classes_of_service.values() for each in allowed.deny]
    for form in scope.plan.forms:
        for digits in examples(form.pattern):
            keys = digits if digits.startswith("+") else f"{scope.tenant.outside_prefix}{digits}"
            found = meaning(scope, keys)
            if found and found.role == "outside" and not any(matches_prefix(each, found.to.id) for each in denied):
                yield Probe(keys, found.category)


def _denied(scope: TenantScope) -> Iterator[Probe]:
    for entry in sorted({each for allowed in scope.tenant.classes_of_service.values() for each in allowed.deny}):
        start = entry.removesuffix("*")
        beside = start[:-1] + str((int(start[-1]) + 1) % 10) if start[-1].isdigit() else start
        for number, tried in ((start, entry), (beside, "")):
            longer = (number.ljust(length, "5") for length in range(len(number), 16)) if "*" in entry else (number,)
            for keys in longer:
                found = meaning(scope, keys)
                if found is not None and found.role == "outside":
                    yield Probe(keys, found.category, tried)
                    break


def examples(pattern: str) -> tuple[str, ...]:
    """What an extension or a pattern of Asterisk takes: at the lower and at the upper end of each of its sets."""
    if not pattern.startswith("_"):
        return (pattern,)
    low, high = "", ""
    body = pattern[1:]
    position = 0
    while position < len(body):
        sign = body[position]
        if sign == "[":
            end = body.index("]", position)
            members = [each for each in _members(body[position + 1 : end]) if each.isdigit()]
            low, high, position = low + members[0], high + members[-1], end
        elif sign in ".!":
            low, high = low + _TAIL, high + _TAIL[::-1]
        elif sign != "-":
            free = _FREE.get(sign.upper(), sign)
            low, high = low + free[0], high + free[-1]
        position += 1
    return tuple(dict.fromkeys((low, high)))


def _members(written: str) -> Iterator[str]:
    """The characters of a set such as ``2-59``."""
    position = 0
    while position < len(written):
        if written[position + 1 : position + 2] == "-" and position + 2 < len(written):
            yield from map(chr, range(ord(written[position]), ord(written[position + 2]) + 1))
            position += 3
        else:
            yield written[position]
            position += 1
