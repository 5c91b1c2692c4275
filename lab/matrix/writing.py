"""The words of a row: what is derived is put into sentences a customer reads, in Spanish and English."""

from __future__ import annotations

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


def completed(row: Scenario) -> RowText:
    """The row's text with the steps and the expectations of its forecast."""
    journey = row.forecast
    return RowText(
        id=row.text.id,
        requirement=row.text.requirement,
        phase=row.text.phase,
        objective=row.text.objective,
        steps=_steps(row),
        expected=(*(_happens(step) for step in journey.steps), _ends(row.scope, journey.end)),
    )


def _steps(row: Scenario) -> tuple[Words, ...]:
    steps = [Words(f"Fecha y hora: {row.at:%d/%m/%Y %H:%M}.", f"Date and time: {row.at:%Y-%m-%d %H:%M}.")]
    for number, state in row.states.items():
        who = row.scope.label(Ref("extension", number))
        es = {"busy": "está ocupado", "no_answer": "no contesta", "unavailable": "no está registrado"}.get(
            state, "atiende"
        )
        en = {"busy": "is busy", "no_answer": "does not answer", "unavailable": "is not registered"}.get(
            state, "answers"
        )
        steps.append(Words(f"{who} {es}.", f"{who} {en}."))
    if row.caller.kind == "extension":
        who = row.scope.label(row.caller)
        steps.append(Words(f"{who} marca {row.dialled}.", f"{who} dials {row.dialled}."))
    else:
        steps.append(
            Words(f"Se llama desde {row.caller_number} al {row.dialled}.", f"{row.caller_number} calls {row.dialled}.")
        )
    for press in row.presses:
        if press == "timeout":
            steps.append(Words("No se marca nada.", "No key is pressed."))
        elif press == "invalid":
            steps.append(Words("Se marca una opción que no existe.", "A key without meaning is pressed."))
        else:
            steps.append(Words(f"Se marca {press}.", f"{press} is pressed."))
    return tuple(steps)


def _happens(step: Step) -> Words:
    told = f"{step.node}: {step.exit}" if step.to is None else f"{step.node} → {step.to} ({step.exit})"
    return Words(told, told)


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
