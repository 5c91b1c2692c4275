"""EXT: people call each other, and a call that is not taken goes where the extension says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from lab.matrix.arranging import one_free
from lab.matrix.menus import menus_reached
from lab.matrix.moments import working
from lab.matrix.writing import OUTSIDE_CALLER, place, text
from lab.results import Words
from lab.scenario import Scenario
from pbx.flow import build
from pbx.kinds.base import PhoneState
from pbx.kinds.extension import FORWARDS, Extension, target
from pbx.model import Ref
from pbx.site import TenantScope

SPARED: Final = 2
"""An extension to which no more than this leads may call for other rows."""
_GROUPS: Final = frozenset({"queue", "ring_group", "paging"})


def rows(scope: TenantScope) -> Iterator[Scenario]:
    """Internal calls, the four forwards, voicemail, call waiting, and who receives what."""
    yield from _internal_call(scope)
    for number, extension in scope.tenant.extensions.items():
        yield from _answers(scope, number, extension)
        yield from _forwards(scope, number, extension)
    yield from _call_waiting(scope)
    yield from _voicemail(scope)
    yield from _receive(scope)


def callers_of(scope: TenantScope, called: str, salt: str = "") -> list[str]:
    """Extensions that may call inside, the called one excepted; those to which least leads come first.

    Rows that touch different phones run side by side, so the phones that many rows need are spared as callers, and by
    its ``salt`` each row begins with another one of those that are spared.
    """
    tenant = scope.tenant
    led_to = _led_to(scope)
    found = [
        number
        for number, extension in tenant.extensions.items()
        if number != called and "internal" in tenant.classes_of_service[extension.class_of_service].allow
    ]
    ordered = sorted(found, key=lambda number: (led_to[number], -int(number)))
    spared = [number for number in ordered if led_to[number] <= SPARED]
    turn = sum(map(ord, salt)) % len(spared) if spared else 0
    return [*spared[turn:], *spared[:turn], *ordered[len(spared) :]]


def _led_to(scope: TenantScope) -> Counter[str]:
    """How much leads to each extension: what every menu and the directory do for everybody does not count."""
    ways = [way for node in build(scope).nodes.values() for way in node.exits if way.to.kind == "extension"]
    found = Counter(way.to.id for way in ways if way.when != way.to.id)
    found.update(member for ref, model in scope.models() if ref.kind in _GROUPS for member in model.members)
    return found


def _internal_call(scope: TenantScope) -> Iterator[Scenario]:
    """The same call twice: at the speed of real time for the sound itself, and accelerated."""
    takers = [number for number, each in scope.tenant.extensions.items() if not each.forward.always]
    pair = next(
        ((caller, called) for called in takers for caller in callers_of(scope, called) if caller in takers), None
    )
    if pair is None:
        return
    caller, called = pair
    for row_id, real, es, en in (
        ("internal-call", False, "Llamada entre internos", "Call between extensions"),
        (
            "internal-call-real-time",
            True,
            "Llamada entre internos, audio en ambos sentidos a tiempo real",
            "Call between extensions, sound in both directions in real time",
        ),
    ):
        yield Scenario(
            text(row_id, "EXT-2", Words(es, en)),
            scope,
            Ref("extension", caller),
            called,
            working(scope),
            real_speed=real,
        )


def _alike(number: str, extension: Extension) -> str:
    """What is to be proven of an extension: of two that differ in nothing else one proves it for both."""
    names = {"profile", "first_name", "last_name", "department", "email", "caller_id", "hide_caller_id", "pickup_group"}
    kept = extension.model_dump(exclude={*names, "devices", "voicemail", "forward"})
    mailbox = extension.voicemail and (
        extension.voicemail.email and extension.email is not None,
        extension.voicemail.attach,
    )
    return (
        f"{kept} {mailbox} {[str(target(number, extension, each)).replace(f':{number}', ':own') for each in FORWARDS]}"
    )


def _answers(scope: TenantScope, number: str, extension: Extension) -> Iterator[Scenario]:
    """A call is answered; who forwards all calls has a row about that."""
    if extension.forward.always:
        return
    for caller in callers_of(scope, number, f"answers{number}")[:1]:
        words = Words(f"El interno {number} suena y atiende", f"Extension {number} rings and answers")
        row = Scenario(text(f"call-{number}", "EXT-1", words), scope, Ref("extension", caller), number, working(scope))
        yield replace(row, sort=f"answers {_alike(number, extension)}")


_WHEN: Final = {
    "always": Words("todas las llamadas", "all calls"),
    "busy": Words("si está ocupado", "when busy"),
    "no_answer": Words("si no contesta", "when nobody answers"),
    "unavailable": Words("si no está registrado", "when not registered"),
}


def _forwards(scope: TenantScope, number: str, extension: Extension) -> Iterator[Scenario]:
    """The four forwards, and what becomes of calls that nobody forwards.

    Behind a forward for all calls the other three count once the user has switched it off by its code.
    """
    states: dict[str, PhoneState] = {"busy": "busy", "no_answer": "no_answer", "unavailable": "unavailable"}
    for when in FORWARDS:
        caller = next(
            (each for each in callers_of(scope, number, number + when) if each not in _reached(scope, number)), None
        )
        to = target(number, extension, when)
        if caller is None or (when == "always" and not extension.forward.always):
            continue
        off = {(number, "forward_always"): "off"} if extension.forward.always and when != "always" else {}
        forwarded = getattr(extension.forward, when) is not None
        row = Scenario(
            text(
                f"{'forward' if forwarded else 'no-forward'}-{number}-{when.replace('_', '-')}",
                "EXT-4",
                _objective(scope, number, when, to, forwarded=forwarded),
            ),
            scope,
            Ref("extension", caller),
            number,
            working(scope),
            states={number: states[when]} if when in states else {},
            settings=off,
        )
        yield replace(one_free(row), sort=f"{when} {_alike(number, extension)}")


def _objective(scope: TenantScope, number: str, when: str, to: Ref, *, forwarded: bool) -> Words:
    why, where = _WHEN[when], place(scope, to)
    if forwarded:
        return Words(
            f"Desvío del interno {number} {why.es}: {where.es}",
            f"Forward of extension {number} {why.en}: {where.en}",
        )
    return Words(
        f"Interno {number} sin desvío {why.es}: {where.es}", f"Extension {number}, no forward {why.en}: {where.en}"
    )


def _reached(scope: TenantScope, number: str) -> set[str]:
    """Extensions to which a call for ``number`` may be forwarded."""
    reached: set[str] = set()
    pending = [number]
    while pending:
        extension = scope.tenant.extensions.get(pending.pop())
        for when in FORWARDS if extension else ():
            target = getattr(extension.forward, when)  # type: ignore[union-attr]
            if target and target.kind in {"extension", "voicemail"} and target.id and target.id not in reached:
                reached.add(target.id)
                pending.append(target.id)
    return reached


def _call_waiting(scope: TenantScope) -> Iterator[Scenario]:
    """A second call for somebody who is in a call: it rings with call waiting, and finds a busy phone without."""
    for waiting in (True, False):
        for number, extension in scope.tenant.extensions.items():
            callers = [each for each in callers_of(scope, number) if each not in _reached(scope, number)]
            if extension.call_waiting is not waiting or extension.forward.always or len(callers) < 2:  # noqa: PLR2004
                continue
            words = (
                Words(
                    f"Interno {number}, llamada en espera: suena la segunda llamada",
                    f"Extension {number}, call waiting: the second call rings",
                )
                if waiting
                else Words(
                    f"Interno {number}, sin llamada en espera: la segunda llamada lo encuentra ocupado",
                    f"Extension {number}, no call waiting: the second call finds it busy",
                )
            )
            yield Scenario(
                text(f"call-waiting-{'on' if waiting else 'off'}-{number}", "EXT-6", words),
                scope,
                Ref("extension", callers[0]),
                number,
                working(scope),
                states={} if waiting else {number: "busy"},
                engaged=(number, callers[1]),
            )
            break


def _voicemail(scope: TenantScope) -> Iterator[Scenario]:
    """A call from outside that ends in a mailbox: the file, the mail and the lamp."""
    for did, each in scope.tenant.dids.items():
        extension = scope.tenant.extensions.get(each.to.id) if each.to.kind == "extension" else None
        trunk = next(iter(scope.tenant.trunks), None)
        if extension is None or trunk is None:
            continue
        number = each.to.id
        for when in ("busy", "no_answer", "unavailable"):
            if getattr(extension.forward, when) == Ref("voicemail") and extension.voicemail:
                words = Words(
                    f"Mensaje de voz para el interno {number} desde afuera: archivo, correo y luz de mensaje",
                    f"Voicemail for extension {number} from outside: file, mail and message lamp",
                )
                yield Scenario(
                    text(f"voicemail-{number}-from-outside", "EXT-3", words),
                    scope,
                    Ref("caller", trunk),
                    did,
                    working(scope),
                    caller_number=OUTSIDE_CALLER,
                    states={number: when},
                )
                break


def _receive(scope: TenantScope) -> Iterator[Scenario]:
    """Every extension that receives internal calls only, called from outside through a menu that lets one dial it."""
    reached = next((each for each in menus_reached(scope) if scope.tenant.ivrs[each.ivr].dial_extensions), None)
    for number, extension in scope.tenant.extensions.items() if reached else ():
        if reached is None or extension.receive != "internal":
            continue
        words = Words(
            f"El interno {number} solo recibe llamadas internas: una llamada de afuera se rechaza",
            f"Extension {number} receives internal calls only: a call from outside is refused",
        )
        yield Scenario(
            text(f"receive-internal-{number}", "EXT-2", words),
            scope,
            reached.caller,
            reached.did,
            reached.at,
            caller_number=OUTSIDE_CALLER,
            presses=(*reached.presses, number),
        )
    strict = [number for number, each in scope.tenant.extensions.items() if each.receive == "internal"]
    for name, trunk in scope.tenant.trunks.items() if reached and strict else ():
        if reached is None or trunk.type == "pbx" or reached.caller.id == name:
            continue
        words = Words(
            f"Tampoco por la troncal «{name}» se llega al interno {strict[0]}",
            f"Nor is extension {strict[0]} reached by trunk “{name}”",
        )
        yield Scenario(
            text(f"receive-internal-{strict[0]}-{name.replace('_', '-')}", "EXT-2", words),
            scope,
            Ref("caller", name),
            reached.did,
            reached.at,
            caller_number=OUTSIDE_CALLER,
            presses=(*reached.presses, strict[0]),
        )
