"""What the drawings say, in the tenant's language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

KINDS: Final[Mapping[str, tuple[str, str]]] = {
    "did": ("número público", "public number"),
    "dids": ("números públicos", "public numbers"),
    "direct": ("números directos", "direct numbers"),
    "schedule": ("horario", "opening hours"),
    "ivr": ("menú", "menu"),
    "announcement": ("anuncio", "announcement"),
    "queue": ("cola", "queue"),
    "ring_group": ("grupo de timbrado", "ring group"),
    "extension": ("interno", "extension"),
    "extensions": ("internos", "extensions"),
    "voicemail": ("buzón de voz", "voicemail"),
    "conference": ("conferencia", "conference"),
    "directory": ("directorio", "directory"),
    "paging": ("altavoces", "paging"),
    "parking": ("estacionamiento", "parking"),
    "external": ("número externo", "outside number"),
    "trunk": ("troncal", "trunk"),
    "hangup": ("se corta", "hangs up"),
    "busy": ("tono de ocupado", "busy tone"),
}
"""Every kind of box: Spanish, English."""

EXITS: Final[Mapping[str, tuple[str, str]]] = {
    "to": ("", ""),
    "open": ("abierto", "open"),
    "closed": ("cerrado", "closed"),
    "holiday": ("feriado", "holiday"),
    "then": ("después", "then"),
    "timeout": ("demasiado tiempo", "too long"),
    "invalid": ("tecla equivocada", "wrong key"),
    "empty": ("nadie conectado", "nobody there"),
    "full": ("llena", "full"),
    "busy": ("ocupado", "busy"),
    "no_answer": ("no contesta", "no answer"),
    "unavailable": ("sin conexión", "not registered"),
    "always": ("siempre", "always"),
    "nobody": ("nadie", "nobody"),
    "fallback": ("nadie atiende", "nobody answers"),
}
"""Every exit that is no key; a menu's own ``timeout`` is in `IVR_EXITS`."""

IVR_EXITS: Final[Mapping[str, tuple[str, str]]] = {"timeout": ("no marca nada", "no key")}

TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    "dial": ("marca el interno", "dials the extension"),
    "again": ("vuelve a empezar", "starts again"),
    "hours": ("Horario", "Hours"),
    "holidays": ("Feriados", "Holidays"),
    "prompt": ("Se oye", "One hears"),
    "recording": ("grabación {}", "recording {}"),
    "sound": ("sonido {}", "sound {}"),
    "keys": ("Teclas", "Keys"),
    "key_says": ("tecla {}: «{}»", "key {}: “{}”"),
    "dial_extensions": ("Se puede marcar un interno", "Extensions can be dialled"),
    "yes": ("sí", "yes"),
    "no": ("no", "no"),
    "waits": ("Espera de una tecla", "Waits for a key"),
    "tries": ("{} s, {} veces", "{} s, {} times"),
    "wrong_keys": ("Teclas equivocadas permitidas", "Wrong keys allowed"),
    "policy": ("Reparto", "Policy"),
    "circular": ("circular", "circular"),
    "regular": ("en orden", "in order"),
    "simultaneous": ("todos a la vez", "all at once"),
    "uniform": ("al que más descansó", "longest idle"),
    "weighted": ("ponderado", "weighted"),
    "all": ("todos a la vez", "all at once"),
    "ordered": ("uno tras otro", "one after the other"),
    "members": ("Integrantes", "Members"),
    "nobody": ("nadie", "nobody"),
    "rings_each": ("Suena a cada uno", "Rings each"),
    "rings_for": ("Suena", "Rings for"),
    "max_wait": ("Espera máxima", "Longest wait"),
    "max_callers": ("Llamadas en espera", "Callers waiting"),
    "number": ("Número interno", "Internal number"),
    "department": ("Sector", "Department"),
    "receives": ("Recibe", "Receives"),
    "receive_all": ("todas las llamadas", "all calls"),
    "receive_internal": ("solo llamadas internas", "internal calls only"),
    "forwards": ("Desvíos", "Forwards"),
    "mailbox": ("buzón", "voicemail"),
    "class_of_service": ("Puede llamar según", "May call as"),
    "voicemail": ("Buzón de voz", "Voicemail"),
    "by_mail": ("avisa por correo", "told by mail"),
    "paid_by_tenant": ("La llamada sale y la paga la empresa", "The call goes out, paid by the company"),
    "leads_to": ("Lleva a", "Leads to"),
    "and_more": ("y {} más", "and {} more"),
    "name": ("Nombre", "Name"),
    "place": ("Escrito en", "Written in"),
    "exits": ("Salidas", "Exits"),
    "whole": ("flujo de llamadas", "call flow"),
    "description": (
        "{} lugares y {} caminos. Línea continua: va sola; línea de puntos: la elige quien llama con una tecla.",
        "{} places and {} ways. Solid line: by itself; dotted line: chosen by the caller's key.",
    ),
    "legend_auto": ("va solo", "by itself"),
    "legend_key": ("tecla de quien llama", "caller's key"),
    "legend_time": ("según la hora", "by the hour"),
}

WEEKDAYS: Final[Mapping[str, tuple[str, str]]] = {
    "mon": ("lun", "Mon"),
    "tue": ("mar", "Tue"),
    "wed": ("mié", "Wed"),
    "thu": ("jue", "Thu"),
    "fri": ("vie", "Fri"),
    "sat": ("sáb", "Sat"),
    "sun": ("dom", "Sun"),
}

_TABLES: Final = (TEXTS, EXITS, KINDS, WEEKDAYS)

_REASONS: Final[tuple[tuple[str, str], ...]] = (
    (r"the number was called from outside", "llamaron al número desde afuera"),
    (r"(\S+) is a holiday: (.+)", r"\1 es feriado: \2"),
    (r"(mon|tue|wed|thu|fri|sat|sun) (\S+) is within (\S+)", r"\1 \2 está dentro de \3"),
    (r"(mon|tue|wed|thu|fri|sat|sun) (\S+) is outside the opening hours", r"\1 \2 está fuera del horario"),
    (r"the caller presses (\S+)", r"quien llama marca \1"),
    (r"the caller dials (\S+)", r"quien llama marca el interno \1"),
    (r"the menu is repeated", "se repite el menú"),
    (r"no key for (\d+) s \((\d+) of (\d+)\)", r"no marca nada en \1 s (\2 de \3)"),
    (r"the key has no meaning \((\d+) of (\d+)\)", r"la tecla no existe en este menú (\1 de \2)"),
    (r"it was played", "se oyó entero"),
    (r"(.+) answers, as for (\S+) % of the calls", r"atiende \1, como en el \2 % de las llamadas"),
    (r"(.+) answers", r"atiende \1"),
    (r"every agent is paused or not registered", "todos los agentes están en pausa o sin conexión"),
    (r"(\d+) are in the room already", r"ya hay \1 en la sala"),
    (r"(\d+) callers wait already", r"ya esperan \1 personas"),
    (r"no agent is registered", "no hay ningún agente conectado"),
    (r"no agent answers for (\d+) s", r"ningún agente atiende en \1 s"),
    (r"no agent answers and there is no max_wait", "ningún agente atiende y no hay espera máxima"),
    (r"nobody answers for (\d+) s each", r"nadie atiende en \1 s cada uno"),
    (r"nobody answers for (\d+) s", r"nadie atiende en \1 s"),
    (r"whoever is there is busy", "los que están conectados están ocupados"),
    (r"no member can be reached", "no se puede llamar a ningún integrante"),
    (r"it receives internal calls only", "solo recibe llamadas internas"),
    (r"all calls are forwarded", "todas las llamadas se desvían"),
    (r"the phone is busy", "el teléfono está ocupado"),
    (r"no phone is registered", "no hay ningún teléfono conectado"),
    (r"forced open by (\S+)", r"forzado abierto con \1"),
    (r"forced closed by (\S+)", r"forzado cerrado con \1"),
    (r"it does not want to be disturbed", "pidió que no lo molesten"),
    (r"the user has switched the forward off", "el usuario quitó el desvío"),
    (r"the user has sent such calls to the mailbox", "el usuario mandó esas llamadas a su buzón"),
    (r"the user has sent such calls to (\S+)", r"el usuario mandó esas llamadas al \1"),
    (r"class of service (\S+) does not allow (.+) calls", r"la categoría \1 no permite llamadas \2"),
    (r"class of service (\S+) denies (\S+)", r"la categoría \1 prohíbe \2"),
    (r"class (\S+) allows it", r"la categoría \1 la permite"),
    (r"no route for (.+) calls", r"ninguna ruta lleva llamadas \1"),
    (r"no such number", "no existe ese número"),
    (r"anybody may come in", "puede entrar cualquiera"),
    (r"the caller enters the PIN", "quien llama marca la clave"),
    (r"the PIN is wrong \((\d+) of (\d+)\)", r"la clave no es esa (\1 de \2)"),
    (r"no right PIN in (\d+) tries", r"ninguna clave correcta en \1 intentos"),
    (r"a message can be left", "se puede dejar un mensaje"),
    (r"it is an? (.+) call", r"es una llamada \1"),
    (
        r"the first trunk of the route: the called party is busy",
        "la primera troncal de la ruta: el llamado está ocupado",
    ),
    (
        r"the first trunk of the route: it carries all the calls it may",
        "la primera troncal de la ruta: ya lleva todas las llamadas que puede",
    ),
    (
        r"the first trunk of the route: it cannot be reached or fails",
        "la primera troncal de la ruta: no se la alcanza o falla",
    ),
    (
        r"the next trunk of the route: the called party is busy",
        "la troncal que sigue en la ruta: el llamado está ocupado",
    ),
    (
        r"the next trunk of the route: it carries all the calls it may",
        "la troncal que sigue en la ruta: ya lleva todas las llamadas que puede",
    ),
    (
        r"the next trunk of the route: it cannot be reached or fails",
        "la troncal que sigue en la ruta: no se la alcanza o falla",
    ),
    (r"the first trunk of the route", "la primera troncal de la ruta"),
    (r"the next trunk of the route", "la troncal que sigue en la ruta"),
    (r"calls from outside are not paged", "desde afuera no se puede vocear"),
    (r"no phone is free", "no hay ningún teléfono libre"),
)
"""The reasons of the trace, as the kinds give them in English, and their Spanish."""
_ADJECTIVES: Final = {
    "international": "internacional", "national": "nacional", "mobile": "a móvil", "toll free": "gratuita",
    "premium": "de tarifa especial", "emergency": "de emergencia", "local": "local", "internal": "interna",
}  # fmt: skip

_ENDS: Final[tuple[tuple[str, str, str], ...]] = (
    (r"hangup", "la llamada se corta", "the call is hung up"),
    (r"busy", "quien llama oye tono de ocupado", "the caller hears the busy tone"),
    (r"answered by (.+)", r"atiende \1", r"\1 answers"),
    (r"left at (.+)", r"se deja un mensaje en \1", r"a message is left at \1"),
    (r"refused by (.+)", r"\1 no la acepta", r"\1 refuses it"),
    (r"refused: (.+)", r"rechazada: \1", r"refused: \1"),
    (r"joined (.+)", r"entra en \1", r"joins \1"),
    (r"failed", "la llamada no sale", "the call does not go out"),
    (r"waits until hanging up", "espera hasta cortar", "waits until hanging up"),
    (r"goes on for ever", "no termina nunca", "goes on for ever"),
)


def word(table: Mapping[str, tuple[str, str]], key: str, language: str) -> str:
    """A word of a table in a language; what is not in it is shown as it is."""
    pair = table.get(key)
    return key if pair is None else pair[0 if language == "es" else 1]


def text(key: str, language: str, *values: object) -> str:
    """A text of `TEXTS` with its blanks filled."""
    return word(TEXTS, key, language).format(*values)


def exit_label(kind: str, when: str, language: str) -> str:
    """What stands on the line of an exit: a word, or the key itself."""
    return word(IVR_EXITS if kind == "ivr" and when in IVR_EXITS else EXITS, when, language)


def reason(because: str, language: str) -> str:
    """A step's reason in the tenant's language; one that has no Spanish yet stays as the compiler said it."""
    if language != "es":
        return because
    told = _in_spanish(because)
    # Two reasons in one: why a call is not taken here, and where its user has sent it.
    return told or "; ".join(_in_spanish(each) or each for each in because.split("; "))


def _in_spanish(because: str) -> str:
    """Empty for what is not known."""
    for expression, spanish in _REASONS:
        match = re.fullmatch(expression, because)
        if match:
            told = match.expand(spanish)
            first, _, rest = told.partition(" ")
            if first in WEEKDAYS:
                return f"{word(WEEKDAYS, first, 'es')} {rest}"
            head, found, category = told.rpartition("llamada" + ("s " if "llamadas " in told else " "))
            return f"{head}{found}{_adjective(category, found)}" if category in _ADJECTIVES else told
    return ""


def _adjective(category: str, noun: str) -> str:
    said = _ADJECTIVES[category]
    several = noun.strip().endswith("s") and " " not in said
    return f"{said}{'es' if said.endswith('l') else 's'}" if several else said


def ending(end: str, language: str) -> str:
    """How a call ends, in words; places in it stay as they are spelled."""
    for expression, spanish, english in _ENDS:
        match = re.fullmatch(expression, end)
        if match:
            why = end.removeprefix("refused: ") if expression.startswith("refused:") else ""
            told = match.expand(spanish if language == "es" else english)
            return told.replace(why, reason(why, language)) if why else told
    return end
