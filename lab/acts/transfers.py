"""POC-4: a call is passed on, without asking and after asking, and not where the phone itself may not call."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from lab.acts.act import Act
from lab.acts.casting import act, allowed, colleagues, label, own, pick, sent
from lab.calls import Lab
from lab.matrix.outside import example
from pbx.dialing import meaning, route_for
from pbx.numberplan import CATEGORIES
from pbx.site import TenantScope


def acts(scope: TenantScope) -> Iterator[Act]:
    """Blind and attended between three colleagues, and one that is refused."""
    three = pick(colleagues(scope, "transfer"), 3)
    if three:
        caller, first, second = three
        who = [label(scope, number) for number in three]
        yield act(
            scope,
            "transfer-blind",
            "POC-4",
            ("Transferencia sin consulta", "Transfer without asking"),
            steps=[
                (f"{who[0]} llama a {who[1]}, que atiende.", f"{who[0]} calls {who[1]}, who answers."),
                (f"{who[1]} transfiere la llamada al {second}.", f"{who[1]} transfers the call to {second}."),
            ],
            expected=[
                (f"Suena {who[2]}, atiende y ambas partes se oyen.", f"{who[2]} rings, answers, and both hear."),
                (f"{who[1]} queda libre.", f"{who[1]} is free."),
            ],
            play=partial(blind, caller=caller, first=first, second=second),
            people=three,
        )
        yield act(
            scope,
            "transfer-attended",
            "POC-4",
            ("Transferencia con consulta", "Transfer after asking"),
            steps=[
                (f"{who[0]} llama a {who[1]}, que atiende.", f"{who[0]} calls {who[1]}, who answers."),
                (f"{who[1]} consulta con {who[2]} y le pasa la llamada.", f"{who[1]} asks {who[2]} and hands it over."),
            ],
            expected=[
                (f"{who[1]} y {who[2]} se oyen en la consulta.", f"{who[1]} and {who[2]} hear each other first."),
                (f"{who[0]} y {who[2]} quedan hablando.", f"{who[0]} and {who[2]} go on talking."),
            ],
            play=partial(attended, caller=caller, first=first, second=second),
            people=three,
        )
    yield from _refused(scope)
    for name in scope.tenant.classes_of_service:
        yield from _of_class(scope, name)


def _of_class(scope: TenantScope, name: str) -> Iterator[Act]:
    """Emergency is reached by a transfer, too; outside what the class may call, and nothing else."""
    people = colleagues(scope, f"transfer {name}")
    first = next((each for each in people if own(scope, each).class_of_service == name), "")
    caller = next((each for each in people if each != first), "")
    route = route_for(scope, "emergency")
    if not first or not caller or route is None or not scope.plan.emergency:
        return
    ways = [(scope.plan.emergency[0], scope.plan.emergency[0], route[1].trunks[0])]
    for category in CATEGORIES:
        keys, by = example(scope, category, f"transfer {name}"), route_for(scope, category)
        found = meaning(scope, keys) if keys and by and category != "emergency" else None
        if found and by:
            trunk = by[1].trunks[0] if allowed(scope, first, keys) else ""
            if trunk not in {way[2] for way in ways[1:]}:
                ways.append((keys, found.to.id, trunk))
    who = [label(scope, number) for number in (caller, first)]
    yield act(
        scope,
        f"transfer-class-{name}",
        "EXT-2",
        (f"La clase {name} al transferir", f"Class {name} when it transfers"),
        steps=[
            (
                f"{who[0]} llama a {who[1]}, que transfiere a {keys}.",
                f"{who[0]} calls {who[1]}, who transfers to {keys}.",
            )
            for keys, _, _ in ways
        ],
        expected=[
            (
                f"{number} suena." if trunk else f"{number} se rechaza.",
                f"{number} {'rings' if trunk else 'is refused'}.",
            )
            for _, number, trunk in ways
        ],
        play=partial(by_class, caller=caller, first=first, ways=ways),
        people=(caller, first),
        touched=[f"external:{sent(scope, trunk, number)}" for _, number, trunk in ways if trunk],
        shares=[f"trunk:{trunk}" for _, _, trunk in ways if trunk],
        seconds=30,
    )


def by_class(lab: Lab, *, caller: str, first: str, ways: list[tuple[str, str, str]]) -> None:
    """Each way in a call of its own: what is dialled, the number it is, and the trunk that brings it there, if any."""
    lab.phone(first).will("answer")
    for keys, number, trunk in ways:
        call = lab.phone(caller).call(first)
        taken = lab.phone(first).rings()
        call.answered()
        taken.transfer(keys)
        if trunk:
            lab.carrier(trunk).rings(sent(lab.scope, trunk, number))
            call.took(f"extension:{first}", f"external:{number}", f"trunk:{trunk}")
            call.hang_up().ended()
        else:
            call.ended("refused", seconds=20).took(f"extension:{first}", f"external:{number}")


def blind(lab: Lab, *, caller: str, first: str, second: str) -> None:
    """The first passes the caller on to the second."""
    lab.phone(first).will("answer")
    lab.phone(second).will("answer")
    call = lab.phone(caller).call(first)
    taken = lab.phone(first).rings()
    call.answered()
    taken.transfer(second)
    other = lab.phone(second).rings()
    taken.hang_up().stops()
    call.talks_with(other)
    call.hang_up()
    lab.rang(first, second)


def attended(lab: Lab, *, caller: str, first: str, second: str) -> None:
    """The first asks the second, then hands the caller over."""
    lab.phone(first).will("answer")
    lab.phone(second).will("answer")
    call = lab.phone(caller).call(first)
    taken = lab.phone(first).rings()
    asking = lab.phone(first).call(second)
    asked = lab.phone(second).rings()
    asking.talks_with(asked)
    taken.hands_over_to(asking)
    taken.hang_up().stops()
    asking.hang_up()
    call.talks_with(asked)
    call.hang_up()
    lab.rang(first, second)


def _refused(scope: TenantScope) -> Iterator[Act]:
    """Somebody who may not call a number may not send others there, even one who may call it."""
    for category in CATEGORIES:
        keys = example(scope, category, "transfer")
        found = meaning(scope, keys) if keys and category != "emergency" else None
        two = pick(colleagues(scope, "refused"), 2, lambda _, first, keys=keys: not allowed(scope, first, keys))
        if found is None or not two or not route_for(scope, category):
            continue
        caller, first = two
        who = [label(scope, number) for number in two]
        yield act(
            scope,
            "transfer-refused",
            "EXT-2",
            (
                f"Transferencia a un número que la clase de {first} no permite",
                f"Transfer to a number that the class of {first} does not allow",
            ),
            steps=[
                (f"{who[0]} llama a {who[1]}, que atiende.", f"{who[0]} calls {who[1]}, who answers."),
                (f"{who[1]} transfiere la llamada a {keys}.", f"{who[1]} transfers the call to {keys}."),
            ],
            expected=[
                (
                    "La transferencia se rechaza y nadie llama afuera.",
                    "The transfer is refused and nobody calls outside.",
                )
            ],
            play=partial(refused, caller=caller, first=first, keys=keys, number=found.to.id),
            people=two,
            touched=[f"external:{found.to.id}"],
        )
        return


def refused(lab: Lab, *, caller: str, first: str, keys: str, number: str) -> None:
    """The transfer ends the call, and no carrier hears of it."""
    lab.phone(first).will("answer")
    call = lab.phone(caller).call(first)
    taken = lab.phone(first).rings()
    call.answered()
    taken.transfer(keys)
    call.ended("refused", seconds=20)
    call.took(f"extension:{first}", f"external:{number}")
    lab.rang(first)
