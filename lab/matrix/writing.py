"""The words of a row: what is derived is put into sentences a customer reads, in Spanish and English."""

from __future__ import annotations

from dataclasses import replace

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
        "extension": Words(label, label),
        "voicemail": _mailbox(scope, number),
        "external": Words(f"el número externo {number}", f"outside number {number}"),
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
    if row.caller.kind == "extension":
        who = row.scope.label(row.caller)
        steps.append(Words(f"{who} marca {row.dialled}.", f"{who} dials {row.dialled}."))
    else:
        steps.append(
            Words(f"Se llama desde {row.caller_number} al {row.dialled}.", f"{row.caller_number} calls {row.dialled}.")
        )
    steps += [_press(press) for press in row.presses]
    return tuple(steps)


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
}


def _happens(scope: TenantScope, step: Step) -> Words:
    """One thing that happens on the way: where, why, and where to."""
    here, there = place(scope, step.node), place(scope, step.to or step.node)
    key = Words(f"recibe {step.exit}", f"gets {step.exit}")
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
    if end.startswith("refused"):
        return Words("La llamada se rechaza.", "The call is refused.")
    return {
        "hangup": Words("La central termina la llamada.", "The PBX ends the call."),
        "busy": Words("Quien llama recibe ocupado.", "The caller gets the busy signal."),
    }.get(end, Words(end, end))
