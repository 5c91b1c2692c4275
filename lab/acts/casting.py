"""Who plays which part: people of a tenant who can do what an act needs, what they dial, and the act itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import permutations
from zlib import crc32

from lab.acts.act import Act, Play
from lab.calls import Lab
from lab.matrix.extensions import callers_of
from lab.matrix.moments import working
from lab.results import RowText, Words
from pbx.dialing import denial, meaning
from pbx.kinds.extension import Extension
from pbx.model import Ref
from pbx.numberplan import nationally
from pbx.site import TenantScope
from pbx.trace import Journey

Steps = Sequence[tuple[str, str]]
"""Sentences in Spanish and English."""


def colleagues(scope: TenantScope, salt: str = "") -> list[str]:
    """Extensions that ring when they are called and may call their colleagues.

    The busiest come last; by its ``salt`` each act begins with another one, so that acts run side by side.
    """
    found = [number for number in callers_of(scope, "") if rings(scope, number)]
    turn = crc32(salt.encode()) % len(found) if found and salt else 0
    return [*found[turn:], *found[:turn]]


def rings(scope: TenantScope, number: str) -> bool:
    """Whether a call for an extension rings there: it does not forward all its calls."""
    return scope.tenant.extensions[number].forward.always is None


def allowed(scope: TenantScope, number: str, keys: str) -> bool:
    """Whether an extension may dial these keys."""
    found = meaning(scope, keys)
    if found is None:
        return False
    return not denial(scope.tenant.classes_of_service[own(scope, number).class_of_service], found.category, found.to.id)


def own(scope: TenantScope, number: str) -> Extension:
    """An extension as the tenant's file has it."""
    return scope.tenant.extensions[number]


def direct(scope: TenantScope) -> list[tuple[str, str]]:
    """DIDs that lead straight to an extension that rings for callers from outside: the number and the extension."""
    return [
        (did, target.to.id)
        for did, target in scope.tenant.dids.items()
        if target.to.kind == "extension" and rings(scope, target.to.id) and own(scope, target.to.id).receive == "all"
    ]


def first_trunk(scope: TenantScope) -> str:
    """The trunk by which the public calls; the tenant has one when it has a DID."""
    return next((name for name, trunk in scope.tenant.trunks.items() if trunk.type != "pbx"), "")


def pick(
    people: Iterable[str],
    count: int,
    fits: Callable[..., bool] = lambda *_: True,
    better: Callable[..., bool] | None = None,
) -> tuple[str, ...]:
    """The first so many different people who fit together, those who do it better first; nobody without any."""
    found = [each for each in permutations(people, count) if fits(*each)]
    return next((each for each in found if better and better(*each)), found[0] if found else ())


def code(lab: Lab, number: str, keys: str, *said: str) -> None:
    """A phone dials a feature code and hears how the setting stands now."""
    call = lab.phone(number).call(keys)
    for word in said:
        call.hears(word)
    call.ended("hangup", seconds=30)


def sent(scope: TenantScope, trunk: str, number: str) -> str:
    """A number as a trunk wants it."""
    written = scope.tenant.trunks[trunk].numbers_as
    if written == "national":
        return nationally(scope.plan, number)
    return number.removeprefix("+") if written == "digits" else number


def brought(scope: TenantScope, trunk: str, did: str) -> str:
    """A number of the tenant as a carrier calls it, each kind of trunk in the way of its own (pbx-did of pbx.conf)."""
    written = scope.tenant.trunks[trunk].numbers_as
    start = {"national": f"+{scope.plan.country_code}", "digits": "+"}.get(written, "")
    return did.removeprefix(start)


def led_to(scope: TenantScope, journeys: Iterable[Journey]) -> set[str]:
    """What calls touch that go these ways: everybody who may ring, queues and outside numbers."""
    found: set[str] = set()
    for step in (step for journey in journeys for step in journey.steps):
        node, model = step.node, scope.find(step.node)
        if node.kind in {"extension", "voicemail"}:
            found.add(f"extension:{node.id}")
        elif node.kind in {"queue", "ring_group", "paging"} and model is not None:
            found |= {f"extension:{member}" for member in model.members} | {str(node)}
        elif node.kind in {"external", "conference"}:
            found.add(str(node))
    return found


def label(scope: TenantScope, number: str) -> str:
    """Name and number of an extension."""
    return scope.label(Ref("extension", number))


def act(  # noqa: PLR0913 - what an act is made of
    scope: TenantScope,
    row_id: str,
    requirement: str,
    objective: tuple[str, str],
    *,
    steps: Steps,
    expected: Steps,
    play: Play,
    people: Iterable[str] = (),
    callers: Iterable[str] = (),
    touched: Iterable[str] = (),
    shares: Iterable[str] = (),
    seconds: float = 20,
) -> Act:
    """An act at a working hour; ``people`` are the extensions in it, ``callers`` those that only place a call."""
    when = working(scope)
    date = Words(f"Fecha y hora: {when:%d/%m/%Y %H:%M}.", f"Date and time: {when:%Y-%m-%d %H:%M}.")
    text = RowText(
        row_id,
        requirement,
        1,
        Words(*objective),
        (date, *(Words(*each) for each in steps)),
        tuple(Words(*each) for each in expected),
    )
    names = {f"extension:{number}" for number in people}
    used = {*shares, *(f"extension:{number}" for number in callers)} - names
    return Act(text, scope, when, play, frozenset(names | set(touched)), frozenset(used), seconds)
