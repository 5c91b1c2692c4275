"""POC-7: each trunk though others come before it, the old PBX both ways, one that says nothing, one that is full."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

from lab.acts.act import Act
from lab.acts.casting import act, allowed, brought, colleagues, direct, label, own, sent
from lab.calls import Lab
from lab.matrix.outside import example
from lab.results import Words
from pbx.dialing import meaning, shown_number
from pbx.numberplan import CATEGORIES
from pbx.site import TenantScope
from pbx.trunks import OutboundRoute

MOST_CALLS: Final = 4
"""Calls with which an act fills a trunk."""
PATIENCE: Final = (11, 25)
"""PBX seconds within which a silent trunk is left (SILENT_SECONDS of lower/outside.py, and the call that follows)."""
_TYPES: Final = {
    "provider": ("operador SIP", "SIP provider"),
    "cloud": ("troncal en la nube", "cloud trunk"),
    "vpn": ("troncal por VPN", "trunk over VPN"),
    "gateway": ("gateway de líneas físicas", "gateway of physical lines"),
    "pbx": ("central existente", "existing PBX"),
}


def acts(scope: TenantScope) -> Iterator[Act]:
    """Each trunk outwards, the old PBX, silence and fullness; what one call shows of trunks is in lab/matrix."""
    for name, trunk in scope.tenant.trunks.items():
        if trunk.type == "pbx":
            yield from _old_pbx(scope, name)
        elif trunk.type in _TYPES:
            yield from _out(scope, name)
        if trunk.max_calls and trunk.max_calls <= MOST_CALLS and trunk.type != "pbx":
            yield from _full(scope, name, trunk.max_calls)
    yield from _silent(scope)


def way_by(scope: TenantScope, name: str, salt: str = "") -> tuple[str, OutboundRoute, str, str] | None:
    """Who dials which keys so that a trunk is asked: extension, route, keys, and the number."""
    for category in (*(each for each in CATEGORIES if each != "emergency"), "emergency"):
        route = next((each for each in scope.tenant.outbound_routes if category in each.match), None)
        keys = scope.plan.emergency[0] if category == "emergency" else example(scope, category, f"out {name}{salt}")
        found = meaning(scope, keys) if keys and route and name in route.trunks else None
        for number in colleagues(scope, f"{name}{salt}") if found and route else ():
            if not own(scope, number).hide_caller_id and allowed(scope, number, keys) and found and route:
                return number, route, keys, found.to.id
    return None


def _out(scope: TenantScope, name: str) -> Iterator[Act]:
    way = way_by(scope, name)
    if way is None:
        return
    owner, route, keys, number = way
    es, en = _TYPES[scope.tenant.trunks[name].type]
    shown = shown_number(scope, route.caller_id, owner)
    before = route.trunks[: route.trunks.index(name)]
    calls = {trunk: sent(scope, trunk, number) for trunk in (*before, name)}
    who = label(scope, owner)
    failing = [(f"La troncal {', '.join(before)} no puede.", f"Trunk {', '.join(before)} cannot.")] if before else []
    yield act(
        scope,
        f"trunk-{name.replace('_', '-')}-out",
        "POC-7",
        (f"Llamada saliente por «{name}» ({es})", f"Outgoing call by “{name}” ({en})"),
        steps=[*failing, (f"{who} marca {keys}.", f"{who} dials {keys}.")],
        expected=[
            (f"«{name}» recibe {calls[name]} y ve {shown}.", f"“{name}” gets {calls[name]} and is shown {shown}."),
            ("Ambas partes se oyen.", "Both sides hear each other."),
        ],
        play=partial(goes_out, owner=owner, keys=keys, number=number, name=name, calls=calls, shown=shown),
        callers=[owner],
        touched=[f"external:{each}" for each in calls.values()],
        shares=[f"trunk:{trunk}" for trunk in calls],
    )


def goes_out(  # noqa: PLR0913 - the parts of the play
    lab: Lab, *, owner: str, keys: str, number: str, name: str, calls: dict[str, str], shown: str
) -> None:
    """Trunks that come before it refuse; it is told the number as it wants it."""
    for trunk in calls:
        lab.carrier(trunk).will("ring" if trunk == name else "congestion")
    call = lab.phone(owner).call(keys)
    outside = lab.carrier(name).rings(calls[name]).shows(shown, privacy="")
    call.talks_with(outside.answer())
    call.hang_up().ended()
    lab.rang(*calls)
    call.took(f"external:{number}", *(f"trunk:{trunk}" for trunk in calls))


def _old_pbx(scope: TenantScope, name: str) -> Iterator[Act]:
    """Extensions of both sides call each other, and nobody of the other side gets outside."""
    given = scope.tenant.trunks[name].extensions
    owner = next((each for each in colleagues(scope, name) if not own(scope, each).hide_caller_id), "")
    if given is None or not owner:
        return
    theirs = str(given.first)
    who = label(scope, owner)
    slug = name.replace("_", "-")
    yield act(
        scope,
        f"trunk-{slug}-both-ways",
        "POC-7",
        (f"Internos de la central existente «{name}»", f"Extensions of the existing PBX “{name}”"),
        steps=[
            (f"{who} marca {theirs}.", f"{who} dials {theirs}."),
            (f"El {theirs} marca {owner}.", f"{theirs} dials {owner}."),
        ],
        expected=[
            ("Cada lado ve el interno del otro y se oyen.", "Each is shown the other's extension, and both hear.")
        ],
        play=partial(both_ways, name=name, owner=owner, theirs=theirs, shown=scope.name_of(owner)),
        people=[owner],
        touched=[f"external:{theirs}"],
        shares=[f"trunk:{name}"],
    )
    keys = example(scope, "local", name)
    if keys:
        yield act(
            scope,
            f"trunk-{slug}-not-outside",
            "POC-7",
            (f"Nadie de «{name}» sale por nuestras líneas", f"Nobody of “{name}” calls outside by our lines"),
            steps=[(f"El {theirs} marca {keys} y emergencias.", f"{theirs} dials {keys} and emergency.")],
            expected=[("Ambas llamadas se rechazan.", "Both calls are refused.")],
            play=partial(stays_inside, name=name, theirs=theirs, keys=(keys, scope.plan.emergency[0])),
            shares=[f"trunk:{name}"],
        )


def both_ways(lab: Lab, *, name: str, owner: str, theirs: str, shown: str) -> None:
    """There and back."""
    call = lab.phone(owner).call(theirs)
    there = lab.carrier(name).rings(theirs).shows(owner, name=shown)
    call.talks_with(there.answer())
    call.hang_up().ended()
    call = lab.carrier(name).call(owner, caller=theirs)
    here = lab.phone(owner).rings().shows(theirs)
    call.talks_with(here.answer())
    call.hang_up().ended()


def stays_inside(lab: Lab, *, name: str, theirs: str, keys: tuple[str, ...]) -> None:
    """To them such numbers do not exist."""
    for each in keys:
        lab.carrier(name).call(each, caller=theirs).ended("nobody", seconds=20)


def _silent(scope: TenantScope) -> Iterator[Act]:
    """Each route with a second trunk: the first takes the call and says no more."""
    seen: list[OutboundRoute] = []
    for category in CATEGORIES:
        route = next((each for each in scope.tenant.outbound_routes if category in each.match), None)
        keys = scope.plan.emergency[-1] if category == "emergency" else example(scope, category, "silent")
        found = meaning(scope, keys) if keys and route and len(route.trunks) > 1 else None
        owner = next((each for each in colleagues(scope, "silent") if keys and allowed(scope, each, keys)), "")
        if found is None or route is None or not owner or route in seen:
            continue
        seen.append(route)
        first, second = route.trunks[:2]
        calls = {trunk: sent(scope, trunk, found.to.id) for trunk in (first, second)}
        who = label(scope, owner)
        yield act(
            scope,
            f"trunk-{first.replace('_', '-')}-silent{'' if len(seen) == 1 else f'-{category}'}",
            "POC-7",
            (
                f"La troncal «{first}» no responde: sigue «{second}»",
                f"Trunk “{first}” says nothing: “{second}” follows",
            ),
            steps=[(f"{who} marca {keys}; «{first}» no responde.", f"{who} dials {keys}; “{first}” says nothing.")],
            expected=[
                ("La otra troncal lleva la llamada en segundos.", "The other trunk has the call within seconds.")
            ],
            play=partial(falls_silent, owner=owner, keys=keys, first=first, second=second, calls=calls),
            callers=[owner],
            touched=[f"external:{each}" for each in calls.values()],
            shares=[f"trunk:{trunk}" for trunk in calls],
            seconds=30,
        )


def falls_silent(lab: Lab, *, owner: str, keys: str, first: str, second: str, calls: dict[str, str]) -> None:
    """It is left in time, and the next one carries the call."""
    lab.carrier(first).will("nothing")
    call = lab.phone(owner).call(keys)
    outside = lab.carrier(second).rings(calls[second], seconds=60)
    waited = outside.when("Newchannel") - call.when("Newchannel")
    low, high = PATIENCE
    subject = Words("Espera hasta la otra troncal", "Wait for the other trunk")
    lab.finds(subject, f"{low}–{high} s", f"{waited:.1f} s", passed=low <= waited <= high)
    call.talks_with(outside.answer())
    call.hang_up().ended()
    call.left()
    lab.rang(first, second)


def _full(scope: TenantScope, name: str, most: int) -> Iterator[Act]:
    """As many calls as it may have, in both ways; one more is refused, and there is room again afterwards."""
    did, number = next(iter(direct(scope)), ("", ""))
    if not did or not own(scope, number).call_waiting:
        return
    called, out = brought(scope, name, did), _outwards(scope, name, number)
    yield act(
        scope,
        f"trunk-{name.replace('_', '-')}-full",
        "POC-7",
        (f"La troncal «{name}» admite {most} llamadas", f"Trunk “{name}” takes {most} calls"),
        steps=[(f"«{name}» trae {most + 1} llamadas a la vez.", f"“{name}” brings {most + 1} calls at once.")],
        expected=[
            ("La última se rechaza.", "The last one is refused."),
            ("Al cortar una, hay lugar otra vez.", "When one has ended there is room again."),
        ],
        play=partial(filled, name=name, called=called, number=number, most=most, out=out),
        people=[number, *out[:1]],
        touched=[f"trunk:{name}", *(f"external:{each.partition(' ')[2]}" for each in out[2:])],
        seconds=30,
    )


def _outwards(scope: TenantScope, name: str, busy: str) -> tuple[str, ...]:
    """Who dials which keys so that a trunk is the last to be asked, and those before it, each with its number."""
    way = way_by(scope, name)
    if way is None or way[0] == busy or way[1].trunks[-1] != name:
        return ()
    owner, route, keys, number = way
    return owner, keys, *(f"{trunk} {sent(scope, trunk, number)}" for trunk in route.trunks[:-1])


def filled(lab: Lab, *, name: str, called: str, number: str, most: int, out: tuple[str, ...]) -> None:
    """The last caller is told that it does not go; the PBX says why. Nor does a call go out."""
    lab.phone(number).will("answer")
    calls = [lab.carrier(name).call(called).answered() for _ in range(most)]
    late = lab.carrier(name).call(called)
    late.ended("failed", seconds=20).left(f"trunk:{name} full")
    if out:
        owner, keys, *before = out
        for each in before:
            lab.carrier(each.partition(" ")[0]).will("congestion")
        lab.phone(owner).call(keys).leaves(f"trunk:{name}", "full", seconds=60).ended("failed", seconds=20)
    calls.pop().hang_up().ended()
    lab.carrier(name).call(called).answered().hang_up().ended()
    for call in calls:
        call.hang_up().ended()
