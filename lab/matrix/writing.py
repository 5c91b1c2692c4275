"""The words of a row: what is derived is put into sentences a customer reads, in Spanish and English."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from lab.results import RowText, Words
from lab.scenario import Scenario
from pbx.kinds.base import Step
from pbx.model import Ref
from pbx.site import TenantScope

OUTSIDE_CALLER = "+5491160001111"


def spelled(keys: str) -> str:
    """Keys as a part of a row's id, which is also the name of a folder: ``*9`` is ``star9``."""
    return keys.replace("*", "star").replace("#", "hash")


def text(row_id: str, requirement: str, objective: Words) -> RowText:
    """A row's text before its steps are known; :func:`completed` adds those of its forecast."""
    return RowText(row_id, requirement, 1, objective, (), ())


def place(scope: TenantScope, ref: Ref) -> Words:
    """What a customer calls a place in a call."""
    label = scope.label(ref)
    number = ref.id
    return {
        "did": Words(f"el número {number}", f"number {number}"),
        "schedule": Words(f"el horario «{number}»", f"schedule “{number}”"),
        "ivr": Words(f"el menú «{number}»", f"menu “{number}”"),
        "queue": Words(f"la cola «{number}»", f"queue “{number}”"),
        "announcement": Words(f"el anuncio «{number}»", f"announcement “{number}”"),
        "ring_group": Words(f"el grupo «{number}»", f"group “{number}”"),
        "conference": Words(f"la sala «{number}»", f"room “{number}”"),
        "directory": Words("el directorio", "the directory"),
        "paging": Words(f"el voceo «{number}»", f"page “{number}”"),
        "parking": Words("el estacionamiento de llamadas", "the parking lot"),
        "extension": Words(label, label),
        "voicemail": _mailbox(scope, number),
        "external": Words(f"el número externo {number}", f"outside number {number}"),
        "dialled": Words(f"el número marcado {number}", f"the dialled number {number}"),
        "trunk": Words(f"la troncal «{number}»", f"trunk “{number}”"),
        "hangup": Words("el fin de la llamada", "the end of the call"),
        "busy": Words("tono de ocupado", "the busy signal"),
        "repeat": Words("la repetición del menú", "the menu again"),
    }.get(ref.kind, Words(str(ref), str(ref)))


def _mailbox(scope: TenantScope, number: str) -> Words:
    owner = scope.label(Ref("extension", number))
    return Words(f"la casilla de voz de {owner}", f"the mailbox of {owner}")


def completed(row: Scenario) -> RowText:
    """The row's text with the steps and the expectations of its forecast."""
    journey = row.forecast
    happens = (_happens(row.scope, step) for step in journey.steps if step.to)
    return replace(row.text, steps=_steps(row), expected=(*happens, _ends(row.scope, journey.end)))


def _steps(row: Scenario) -> tuple[Words, ...]:
    steps = [Words(f"Fecha y hora: {row.at:%d/%m/%Y %H:%M}.", f"Date and time: {row.at:%Y-%m-%d %H:%M}.")]
    engaged = row.engaged[0] if row.engaged else ""
    for number, state in row.states.items():
        if number != engaged:
            steps.append(_state(row.scope.label(Ref("extension", number)), state))
    if row.engaged:
        first, second = (row.scope.label(Ref("extension", number)) for number in row.engaged)
        steps.append(Words(f"{first} habla con {second}.", f"{first} is talking with {second}."))
    steps += _found(row)
    if row.caller.kind == "extension":
        who = row.scope.label(row.caller)
        steps.append(Words(f"{who} marca {row.dialled}.", f"{who} dials {row.dialled}."))
    else:
        by = place(row.scope, Ref("trunk", row.caller.id))
        steps.append(
            Words(
                f"Se llama desde {row.caller_number} al {row.dialled}, por {by.es}.",
                f"{row.caller_number} calls {row.dialled}, by {by.en}.",
            )
        )
    steps += [_press(press) for press in row.presses]
    return tuple(steps)


def _found(row: Scenario) -> Iterator[Words]:
    """What the call finds: settings made before, schedules forced, carriers that fail, queues that are full."""
    for (number, setting), said in row.settings.items():
        who, what = row.scope.label(Ref("extension", number)), _SETTINGS.get(setting, Words(setting, setting))
        if said == "off":
            yield Words(f"{who} quitó antes por código: {what.es}.", f"{who} has switched off by code: {what.en}.")
            continue
        how = _SAID.get(said, Words(f"al {said}", f"to {said}"))
        yield Words(f"{who} puso antes por código: {what.es} {how.es}.", f"{who} has set by code: {what.en} {how.en}.")
    for identity, forced in row.overrides.items():
        es, en = ("abierto", "open") if forced == "open" else ("cerrado", "closed")
        yield Words(f"El horario «{identity}» está forzado: {es}.", f"Schedule “{identity}” is forced {en}.")
    for name, state in row.trunks.items():
        told = _AT_TRUNK["silent" if name in row.silent else state]
        yield Words(f"La troncal «{name}» {told.es}.", f"Trunk “{name}” {told.en}.")
    for ref in sorted(row.full):
        count = len(row.earlier)
        here = place(row.scope, ref)
        yield Words(
            f"Personas que ya esperan en {here.es}: {count}.", f"Callers who wait in {here.en} already: {count}."
        )


_SETTINGS: Final = {
    "forward_always": Words("desvío de todas las llamadas", "forward of all calls"),
    "forward_busy": Words("desvío si está ocupado", "forward when busy"),
    "forward_no_answer": Words("desvío si no contesta", "forward when nobody answers"),
    "forward_unavailable": Words("desvío si no está registrado", "forward when not registered"),
    "do_not_disturb": Words("no molestar", "do not disturb"),
    "call_waiting": Words("llamada en espera", "call waiting"),
    "hide_caller_id": Words("ocultar el número", "hide the number"),
    "queue_pause": Words("pausa en las colas", "pause in queues"),
}
_SAID: Final = {
    "on": Words("sí", "on"),
    "voicemail": Words("a la casilla de voz", "to the mailbox"),
}
_AT_TRUNK: Final = {
    "answer": Words("toma la llamada", "takes the call"),
    "busy": Words("informa que el número llamado está ocupado", "tells that the called party is busy"),
    "failed": Words("rechaza la llamada (503)", "refuses the call (503)"),
    "full": Words("lleva todas las llamadas que puede", "carries all the calls it may"),
    "silent": Words("no responde", "does not respond"),
}


def _state(who: str, state: str) -> Words:
    return {
        "busy": Words(f"{who} está ocupado.", f"{who} is busy."),
        "no_answer": Words(f"{who} no contesta.", f"{who} does not answer."),
        "unavailable": Words(f"{who} no está registrado.", f"{who} is not registered."),
    }.get(state, Words(f"{who} atiende.", f"{who} answers."))


def _press(press: str) -> Words:
    return {
        "timeout": Words("No se marca nada.", "No key is pressed."),
        "invalid": Words("Se marca una opción que no existe.", "A key without meaning is pressed."),
    }.get(press, Words(f"Se marca {press}.", f"{press} is pressed."))


_WHEN = {
    "open": Words("está abierto", "is open"),
    "closed": Words("está cerrado", "is closed"),
    "holiday": Words("está en feriado", "is on holiday"),
    "always": Words("desvía todas sus llamadas", "forwards all calls"),
    "busy": Words("está ocupado", "is busy"),
    "no_answer": Words("no contesta", "does not answer"),
    "unavailable": Words("no está registrado", "is not registered"),
    "timeout": Words("agota la espera", "times out"),
    "invalid": Words("recibe demasiadas teclas inválidas", "gets too many keys without meaning"),
    "empty": Words("no tiene a nadie", "has nobody there"),
    "full": Words("está llena", "is full"),
    "then": Words("termina", "ends"),
    "allowed": Words("está permitido", "is allowed"),
    "to": Words("recibe la llamada", "gets the call"),
    "failed": Words("no toma la llamada", "does not take the call"),
    "nobody": Words("no encuentra a nadie", "finds nobody"),
}


def _happens(scope: TenantScope, step: Step) -> Words:
    """One thing that happens on the way: where, why, and where to."""
    here, there = place(scope, step.node), place(scope, step.to or step.node)
    key = Words(f"recibe {step.exit}", f"gets {step.exit}")
    if step.node.kind == "directory" and step.exit != "nobody":
        key = Words("encuentra el nombre", "finds the name")
    when = _WHEN.get(step.exit, key)
    es, en = f"{here.es} {when.es} → {there.es}.", f"{here.en} {when.en} → {there.en}."
    return Words(es[0].upper() + es[1:], en[0].upper() + en[1:])


def _ends(scope: TenantScope, end: str) -> Words:
    if end.startswith("answered by "):
        who = end.removeprefix("answered by ")
        kind, _, identity = who.partition(":")
        name = scope.label(Ref(kind, identity)) if kind == "extension" else identity
        return Words(f"Atiende {name}; ambas partes se oyen.", f"{name} answers; both sides hear each other.")
    if end.startswith("left at "):
        return Words("El mensaje queda grabado en la casilla.", "The message is in the mailbox.")
    if end.startswith("joined "):
        return Words("Quien llama entra a la sala.", "The caller is in the room.")
    if end.startswith("refused"):
        return Words("La llamada se rechaza.", "The call is refused.")
    return {
        "hangup": Words("La central termina la llamada.", "The PBX ends the call."),
        "busy": Words("Quien llama recibe ocupado.", "The caller gets the busy signal."),
        "failed": Words("La llamada no se puede cursar y termina.", "The call cannot be carried, and ends."),
    }.get(end, Words(end, end))
