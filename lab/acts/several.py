"""POC-7: a trunk carries several calls at once; what a user sends outside is shown as the tenant's; no vain pickup."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

from lab.acts.act import Act
from lab.acts.casting import act, allowed, brought, code, colleagues, direct, label, own, pick, sent
from lab.acts.lines import way_by
from lab.calls import Lab
from lab.durations import as_long, rang
from lab.matrix.moments import working
from lab.matrix.outside import example
from lab.results import Words
from pbx.asterisk import names
from pbx.dialing import meaning
from pbx.kinds.base import Situation
from pbx.site import TenantScope
from pbx.trace import trace_extension

IN_VAIN: Final = 60.0
"""Seconds for which a trunk is let ring (``Gosub(pbx-trunk`` of the tenant's ``extensions.conf``)."""
FEW: Final = 3
"""Calls at once here; a trunk for fewer is filled by another act."""


def acts(scope: TenantScope) -> Iterator[Act]:
    """Each trunk for several calls, and a forward to an outside number."""
    for name, trunk in scope.tenant.trunks.items():
        if trunk.max_calls is None or trunk.max_calls > FEW:
            yield from _at_once(scope, name)
        if trunk.extensions is not None:
            owner = next(iter(colleagues(scope, f"{name} in vain")), "")
            yield from _in_vain(scope, name, owner, str(trunk.extensions.last), {name: str(trunk.extensions.last)})
    for category in ("local", "international", "emergency"):
        yield from _route_in_vain(scope, category)
    yield from _sent_outside(scope)
    yield from _nobody_to_pick_up(scope)


def _at_once(scope: TenantScope, name: str) -> Iterator[Act]:
    inside = scope.tenant.trunks[name].extensions
    if inside is not None:
        owner = next(iter(colleagues(scope, f"{name} several")), "")
        keys, calls = str(inside.first), {name: str(inside.first)}
    else:
        found = way_by(scope, name)
        if found is None:
            return
        owner, route, keys, outside = found
        before = route.trunks[: route.trunks.index(name)]
        calls = {trunk: sent(scope, trunk, outside) for trunk in (*before, name)}
    reached = [each for each in direct(scope) if each[1] != owner and own(scope, each[1]).call_waiting]
    if not owner or not reached:
        return
    did, number = reached[0]
    called = number if inside is not None else brought(scope, name, did)
    who = [label(scope, each) for each in (owner, number)]
    yield act(
        scope,
        f"trunk-{name.replace('_', '-')}-several",
        "POC-7",
        (f"Varias llamadas a la vez por «{name}»", f"Several calls at once by “{name}”"),
        steps=[
            (
                f"«{name}» trae una llamada a {who[1]}, {who[0]} llama por «{name}», y llega otra.",
                f"“{name}” brings a call to {who[1]}, {who[0]} calls by “{name}”, and another one comes.",
            )
        ],
        expected=[("Las tres se atienden.", "All three are answered.")],
        play=partial(at_once, name=name, owner=owner, keys=keys, called=called, number=number, before=[*calls][:-1]),
        people=[number],
        callers=[owner],
        touched=[f"external:{each}" for each in calls.values()],
        shares=[f"trunk:{trunk}" for trunk in calls],
        seconds=15,
    )


def at_once(  # noqa: PLR0913 - the parts of the play
    lab: Lab, *, name: str, owner: str, keys: str, called: str, number: str, before: list[str]
) -> None:
    """None of them ends before the last is there."""
    for trunk in before:
        lab.carrier(trunk).will("congestion")
    lab.carrier(name).will("answer")
    lab.phone(number).will("answer")
    calls = [
        lab.carrier(name).call(called).answered(),
        lab.phone(owner).call(keys).answered(),
        lab.carrier(name).call(called).answered(),
    ]
    lab.rang(number, *before, name, number)
    endpoint = names.trunk(lab.scope.slug, name)
    counted = [line.split() for line in lab.run(lab.stage.pbx.cli("group show channels")).splitlines()]
    own = {call.watch.channel for call in calls}  # calls of other rows go by this trunk as well
    told = sorted(" ".join(words[1:]) for words in counted if words and words[0] in own)
    subject = Words(f"Llamadas contadas de «{name}»", f"Calls counted for “{name}”")
    lab.same(subject, ", ".join([f"{endpoint} arrival"] * 2 + [f"{endpoint} trunk"]), ", ".join(told))
    for call in calls:
        call.hang_up().ended()


def _route_in_vain(scope: TenantScope, category: str) -> Iterator[Act]:
    """Each trunk of a route."""
    route = next((each for each in scope.tenant.outbound_routes if category in each.match), None)
    for name in route.trunks if route else ():
        salt = f"{name} {category} in vain"
        keys = scope.plan.emergency[-1] if category == "emergency" else example(scope, category, salt)
        found = meaning(scope, keys) if keys else None
        owner = next((each for each in colleagues(scope, salt) if keys and allowed(scope, each, keys)), "")
        if route and found:
            asked = route.trunks[: route.trunks.index(name) + 1]
            calls = {trunk: sent(scope, trunk, found.to.id) for trunk in asked}
            yield from _in_vain(scope, f"{name} {category}", owner, keys, calls)


def _in_vain(scope: TenantScope, told: str, owner: str, keys: str, calls: dict[str, str]) -> Iterator[Act]:
    """Nobody answers outside: the call ends after a while, and no other trunk is asked."""
    name = [*calls][-1]
    if not owner:
        return
    who = label(scope, owner)
    yield act(
        scope,
        f"trunk-{told.replace('_', '-').replace(' ', '-')}-in-vain",
        "POC-7",
        (f"Nadie contesta por «{name}»", f"Nobody answers by “{name}”"),
        steps=[(f"{who} marca {keys}; suena y nadie contesta.", f"{who} dials {keys}; it rings, nobody answers.")],
        expected=[(f"La llamada termina a los {IN_VAIN:g} s.", f"The call ends after {IN_VAIN:g} s.")],
        play=partial(in_vain, name=name, owner=owner, keys=keys, before=[*calls][:-1]),
        callers=[owner],
        touched=[f"external:{each}" for each in calls.values()],
        shares=[f"trunk:{trunk}" for trunk in calls],
        seconds=IN_VAIN + 10,
    )


def in_vain(lab: Lab, *, name: str, owner: str, keys: str, before: list[str]) -> None:
    """It rings for as long as the PBX lets it (``Dial`` of ``pbx-call``)."""
    for trunk in before:
        lab.carrier(trunk).will("congestion")
    call = lab.phone(owner).call(keys)
    call.ended("no_answer", seconds=IN_VAIN + 90)
    seconds = rang(call.visit.cel, f"PJSIP/{names.trunk(lab.scope.slug, name)}-", last=True)
    lab.finds(
        Words(f"Segundos que suena por «{name}»", f"Seconds that it rings by “{name}”"),
        f"{IN_VAIN:g} s",
        f"{seconds or 0:.0f} s",
        passed=seconds is not None and as_long(seconds, IN_VAIN),
    )
    lab.rang(*before, name)


def _sent_outside(scope: TenantScope) -> Iterator[Act]:
    """A user forwards to an outside number that his class may call."""
    keys = example(scope, "local", "sent outside")
    found = meaning(scope, keys) if keys else None
    two = pick(
        colleagues(scope, "sent outside"),
        2,
        lambda _, owner: bool(keys) and allowed(scope, owner, keys),
        lambda _, owner: bool(own(scope, owner).caller_id),
    )
    if found is None or not two:
        return
    caller, owner = two
    settings = {(owner, "forward_always"): keys}
    forecast = trace_extension(scope, caller, owner, Situation(working(scope), settings=settings))
    trunk = next((step.node.id for step in forecast.steps if step.node.kind == "trunk"), "")
    if not trunk:
        return
    forward = scope.tenant.feature_codes.forward_always
    who, number = [label(scope, each) for each in two], sent(scope, trunk, found.to.id)
    yield act(
        scope,
        "code-forward-outside",
        "EXT-4",
        (f"Código {forward}: desvío a un número externo", f"Code {forward}: forward to an outside number"),
        steps=[
            (f"{who[1]} marca {forward}{keys}; {who[0]} lo llama.", f"{who[1]} dials {forward}{keys}; {who[0]} calls.")
        ],
        expected=[
            (f"Suena afuera, y se muestra {forecast.shown}.", f"It rings outside, where {forecast.shown} is shown.")
        ],
        play=partial(
            sent_outside,
            caller=caller,
            owner=owner,
            codes=(forward, f"{forward}{keys}"),
            trunk=trunk,
            number=number,
            shown=forecast.shown,
            again=own(scope, owner).forward.always is not None,
        ),
        people=two,
        touched=[f"external:{number}"],
        shares=[f"trunk:{trunk}"],
        seconds=25,
    )


def sent_outside(  # noqa: PLR0913 - the parts of the play
    lab: Lab, *, caller: str, owner: str, codes: tuple[str, str], trunk: str, number: str, shown: str, again: bool
) -> None:
    """The tenant's number is shown, not that of whoever calls or forwards."""
    off, on = codes
    code(lab, owner, on, "forward_always", "on")
    call = lab.phone(caller).call(owner)
    outside = lab.carrier(trunk).rings(number).shows(shown, privacy="")
    call.talks_with(outside.answer())
    call.hang_up().ended()
    code(lab, owner, off, "forward_always", "off")
    if again:
        code(lab, owner, off, "forward_always", "on")


def _nobody_to_pick_up(scope: TenantScope) -> Iterator[Act]:
    two = pick(colleagues(scope, "pick up nobody"), 2)
    keys = scope.tenant.feature_codes.pickup_extension
    if not two or not keys:
        return
    taker, other = two
    group = [scope.tenant.feature_codes.pickup] if scope.tenant.feature_codes.pickup else []
    who = [label(scope, each) for each in two]
    yield act(
        scope,
        "pickup-nobody",
        "EXT-8",
        ("Captura cuando nada suena", "Pickup when nothing rings"),
        steps=[(f"{who[0]} marca {keys}{other}.", f"{who[0]} dials {keys}{other}.")],
        expected=[("La llamada se rechaza.", "The call is refused.")],
        play=partial(picks_up_nothing, taker=taker, keys=(f"{keys}{other}", *group)),
        people=two,
        seconds=5,
    )


def picks_up_nothing(lab: Lab, *, taker: str, keys: tuple[str, ...]) -> None:
    """There is nothing to take, from one or from the group."""
    for each in keys:
        lab.phone(taker).call(each).ended("refused", seconds=20)
