"""IVR: each number at each state of its schedule, and every key of every menu that can be reached."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from lab.matrix.arranging import one_free, presses_at, way_out
from lab.matrix.moments import STATES, moments, working
from lab.matrix.writing import OUTSIDE_CALLER, place, spelled, text
from lab.results import Words
from lab.scenario import Scenario, wrong_key
from pbx.kinds.base import Situation
from pbx.model import REPEAT, Ref
from pbx.site import TenantScope
from pbx.trace import trace_did


@dataclass(frozen=True)
class Reached:
    """A menu and how a caller comes to it."""

    ivr: str
    caller: Ref
    did: str
    at: datetime
    state: str
    presses: tuple[str, ...]


def rows(scope: TenantScope) -> Iterator[Scenario]:
    """Numbers by schedule state, then keys, timeout, invalid keys, repetition and dialling by extension."""
    yield from _numbers(scope)
    found = menus_reached(scope)
    ways = {(reached.did, reached.at, reached.presses) for reached in found}
    for reached in found:
        yield from _keys(scope, reached, ways)
        yield from _menu(scope, reached)


def _entries(scope: TenantScope) -> Iterator[tuple[str, str, datetime]]:
    """Each DID at each state of the schedule behind it: number, state, moment."""
    for did, target in scope.tenant.dids.items():
        schedule = scope.tenant.schedules.get(target.to.id) if target.to.kind == "schedule" else None
        if schedule is None:
            yield did, "always", working(scope)
            continue
        known = moments(scope)
        for state in STATES:
            at = known.get((target.to.id, state))
            if at is not None:
                yield did, state, at


_STATE = {
    "open": Words("en horario de atención", "in working hours"),
    "closed": Words("fuera de horario", "outside working hours"),
    "holiday": Words("en un feriado", "on a holiday"),
    "always": Words("a toda hora", "at any time"),
}


def _numbers(scope: TenantScope) -> Iterator[Scenario]:
    """The number is called and the caller does nothing but listen."""
    for trunk in list(scope.tenant.trunks)[:1]:
        for did, state, at in _entries(scope):
            words = _STATE[state]
            row = Scenario(
                text(
                    f"did-{did.lstrip('+')}-{state}",
                    "IVR-2" if state == "holiday" else "IVR-1",
                    Words(f"Llamada al {did} {words.es}", f"Call to {did} {words.en}"),
                ),
                scope,
                Ref("caller", trunk),
                did,
                at,
                caller_number=OUTSIDE_CALLER,
            )
            yield one_free(row)


def menus_reached(scope: TenantScope) -> list[Reached]:
    """Every menu with the shortest way to it, in the order in which callers find them."""
    trunk = next(iter(scope.tenant.trunks), None)
    found: dict[str, Reached] = {}
    if trunk is None:
        return []
    for did, state, at in _entries(scope):
        pending: list[tuple[str, ...]] = [()]
        while pending:
            presses = pending.pop(0)
            journey = trace_did(scope, did, Situation(at, list(presses)))
            menus = [step.node.id for step in journey.steps if step.node.kind == "ivr"]
            menu = next((each for each in dict.fromkeys(menus) if each not in found), None)
            if menu is None or _presses_used(presses, menus) < len(presses):
                continue
            found[menu] = Reached(menu, Ref("caller", trunk), did, at, state, presses)
            ivr = scope.tenant.ivrs[menu]
            pending += [(*presses, key) for key, option in ivr.options.items() if option.to.kind == "ivr"]
    return list(found.values())


def _presses_used(presses: tuple[str, ...], menus: list[str]) -> int:
    return min(len(presses), len(dict.fromkeys(menus)))


def _keys(scope: TenantScope, reached: Reached, ways: set[tuple[str, datetime, tuple[str, ...]]]) -> Iterator[Scenario]:
    """A row for each key, but for those that every row of another menu presses on its way there."""
    ivr = scope.tenant.ivrs[reached.ivr]
    for key, option in ivr.options.items():
        if (reached.did, reached.at, (*reached.presses, key)) in ways:
            continue
        again = reached.ivr if option.to == REPEAT else option.to.id if option.to.kind == "ivr" else ""
        after = way_out(scope, scope.tenant.ivrs[again]) if again else presses_at(scope, option.to.kind)
        to = place(scope, option.to)
        what = Words(f"tecla {key}: {to.es}", f"key {key}: {to.en}")
        requirement = "IVR-4" if option.instruction() else "IVR-3"
        yield _row(scope, reached, f"key-{spelled(key)}", requirement, what, (key, *after))


def _menu(scope: TenantScope, reached: Reached) -> Iterator[Scenario]:
    """What happens without a key, with wrong ones, and when an extension is dialled."""
    ivr = scope.tenant.ivrs[reached.ivr]
    tries = ivr.timeout.tries
    yield _row(
        scope,
        reached,
        "timeout",
        "IVR-4",
        Words("sin marcar nada", "no key is pressed"),
        ("timeout",) * tries,
    )
    if wrong_key(scope, ivr):
        wrong = ("invalid",) * ivr.invalid.tries
        yield _row(scope, reached, "invalid", "IVR-4", Words("teclas que no existen", "keys without meaning"), wrong)
    for number in scope.extension_numbers() if ivr.dial_extensions else ():
        if number[0] not in ivr.options:
            yield _dialled(scope, reached, number)


def _dialled(scope: TenantScope, reached: Reached, number: str) -> Scenario:
    """An extension that a caller dials at a menu; one finds its way as every other, so that one is called."""
    extension = scope.tenant.extensions[number]
    words = Words(f"se marca el interno {number}", f"extension {number} is dialled")
    row = _row(scope, reached, f"dial-{number}", "IVR-4", words, (number,))
    taken = extension.receive == "all" and not extension.forward.always
    # Who receives internal calls only has a row of its own (lab.matrix.extensions).
    refused = extension.receive == "internal" and not taken
    return replace(row, sort=f"ivr {reached.ivr} dials {'refused' if refused else 'taken' if taken else number}")


def _row(
    scope: TenantScope, reached: Reached, name: str, requirement: str, what: Words, presses: tuple[str, ...]
) -> Scenario:
    row = Scenario(
        text(
            f"ivr-{reached.ivr}-{name}",
            requirement,
            Words(f"IVR {reached.ivr}, {what.es}", f"IVR {reached.ivr}, {what.en}"),
        ),
        scope,
        reached.caller,
        reached.did,
        reached.at,
        caller_number=OUTSIDE_CALLER,
        presses=(*reached.presses, *presses),
    )
    return one_free(row)
