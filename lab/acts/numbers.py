"""EXT-2: every way in which people of the country dial, and what becomes of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Final

from lab.acts.act import Act
from lab.acts.casting import act, allowed, colleagues, label, sent
from lab.calls import Lab
from lab.matrix.outside import digits
from pbx.dialing import meaning
from pbx.site import TenantScope

FILLER: Final = "7531"
"""The last digits of the numbers that are dialled here, and by no other row."""


NO_NUMBERS: Final = ("+12345", "+1234567890123456789")
"""Too short and too long for an international number (E.164: 15 digits at the most)."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to dial, and where it must lead."""

    keys: str
    number: str
    """Empty for what is nobody's."""
    trunk: str
    """The first of its route, which says that it is busy; empty when the call is refused."""


def acts(scope: TenantScope) -> Iterator[Act]:
    """As people dial at home, and internationally; each for somebody who may call some of it, and may not call some."""
    for international, forms in groupby(_forms(scope), key=lambda keys: keys.startswith(("+", _abroad(scope)))):
        keys = list(forms)
        people = colleagues(scope, f"numbers {international}")
        if not people or not keys:
            continue
        owner = max(people, key=lambda number: _split(scope, number, keys))
        ways = [_way(scope, owner, each) for each in keys]
        if international:
            ways += [Way(each, "", "") for each in NO_NUMBERS if meaning(scope, each) is None]
        yield _act(scope, owner, ways, international=international)


def _split(scope: TenantScope, number: str, keys: list[str]) -> tuple[int, int]:
    """How many of these somebody may call or may not, whichever is less; and how many he may."""
    may = sum(allowed(scope, number, each) for each in keys)
    return min(may, len(keys) - may), may


def _abroad(scope: TenantScope) -> str:
    return f"{scope.tenant.outside_prefix}00"


def _forms(scope: TenantScope) -> list[str]:
    """Keys for each form of the number plan that a number exists for, those that are dialled at home first."""
    found = []
    for form in scope.plan.forms:
        if form.category == "emergency":
            continue
        plus = form.pattern.startswith("_+")
        keys = ("" if plus else scope.tenant.outside_prefix or "") + digits(form.pattern, FILLER)
        told = meaning(scope, keys)
        if told is not None and told.category == form.category:
            found.append(keys)
    return sorted(dict.fromkeys(found), key=lambda keys: keys.startswith(("+", _abroad(scope))))


def _way(scope: TenantScope, owner: str, keys: str) -> Way:
    found = meaning(scope, keys)
    if found is None:
        raise ValueError(f"{keys} means nothing")
    route = next((each for each in scope.tenant.outbound_routes if found.category in each.match), None)
    trunk = route.trunks[0] if route and allowed(scope, owner, keys) else ""
    return Way(keys, found.to.id, trunk)


def _act(scope: TenantScope, owner: str, ways: list[Way], *, international: bool) -> Act:
    who = label(scope, owner)
    es, en = ("con prefijo internacional", "internationally") if international else ("como en casa", "as at home")
    calls = [f"external:{sent(scope, way.trunk, way.number)}" for way in ways if way.trunk]
    return act(
        scope,
        f"numbers-{'international' if international else 'national'}",
        "EXT-2",
        (f"Todas las maneras de marcar, {es}", f"Every way to dial, {en}"),
        steps=[(f"{who} marca {len(ways)} números.", f"{who} dials {len(ways)} numbers.")],
        expected=[
            ("Cada uno sale completo por su troncal, o se rechaza.", "Each goes out whole by its trunk, or is refused.")
        ],
        play=partial(each_way, owner=owner, ways=ways),
        callers=[owner],
        touched=calls,
        shares=[f"trunk:{way.trunk}" for way in ways if way.trunk],
        seconds=len(ways) * 3,
    )


def each_way(lab: Lab, *, owner: str, ways: list[Way]) -> None:
    """One after the other; every called number is busy."""
    for trunk in sorted({way.trunk for way in ways if way.trunk}):
        lab.carrier(trunk).will("busy")
    for way in ways:
        call = lab.phone(owner).call(way.keys)
        if not way.number:
            call.ended("nobody", seconds=30).took()
            continue
        call.reaches(f"external:{way.number}", seconds=20)
        if not way.trunk:
            call.ended("refused", seconds=30).took(f"external:{way.number}").left(f"external:{way.number} refused")
        else:
            call.ended("busy", seconds=30).took(f"external:{way.number}", f"trunk:{way.trunk}")
    lab.rang(*(way.trunk for way in ways if way.trunk))
