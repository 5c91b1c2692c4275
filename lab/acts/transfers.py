"""POC-4: a call is passed on, without asking and after asking, and not where the phone itself may not call."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from lab.acts.act import Act
from lab.acts.casting import act, allowed, colleagues, label, pick
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
