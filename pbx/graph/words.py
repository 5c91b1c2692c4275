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
    (r"forced (\w+) by (\S+)", r"forzado con \2"),
    (r"anybody may come in", "puede entrar cualquiera"),
    (r"the caller enters the PIN", "quien llama marca la clave"),
    (r"the PIN is wrong \((\d+) of (\d+)\)", r"la clave no es esa (\1 de \2)"),
    (r"no right PIN in (\d+) tries", r"ninguna clave correcta en \1 intentos"),
    (r"a message can be left", "se puede dejar un mensaje"),
    (r"it is an? (.+) call", r"es una llamada \1"),
    (r"the first trunk of the route", "la primera troncal de la ruta"),
)
"""The reasons of the trace, as the kinds give them in English, and their Spanish."""
_ADJECTIVES: Final = {
    "international": "internacional", "national": "nacional", "mobile": "a móvil", "toll free": "gratuita",
    "premium": "de tarifa especial", "emergency": "de emergencia",
}  # fmt: skip

_ENDS: Final[tuple[tuple[str, str, str], ...]] = (
    (r"hangup", "la llamada se corta", "the call is hung up"),
    (r"busy", "quien llama oye tono de ocupado", "the caller hears the busy tone"),
    (r"answered by (.+)", r"atiende \1", r"\1 answers"),
    (r"left at (.+)", r"se deja un mensaje en \1", r"a message is left at \1"),
    (r"refused by (.+)", r"\1 no la acepta", r"\1 refuses it"),
    (r"refused: (.+)", r"rechazada: \1", r"refused: \1"),
    (r"joined (.+)", r"entra en \1", r"joins \1"),
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
    for expression, spanish in _REASONS:
        match = re.fullmatch(expression, because)
        if match:
            told = match.expand(spanish)
            first, _, rest = told.partition(" ")
            if first in WEEKDAYS:
                return f"{word(WEEKDAYS, first, language)} {rest}"
            head, found, category = told.partition("es una llamada ")
            return f"{head}{found}{_ADJECTIVES.get(category, category)}" if found else told
    return because


def ending(end: str, language: str) -> str:
    """How a call ends, in words; places in it stay as they are spelled."""
    for expression, spanish, english in _ENDS:
        match = re.fullmatch(expression, end)
        if match:
            return match.expand(spanish if language == "es" else english)
    return end


PAGE: Final[Mapping[str, tuple[str, str]]] = {
    "search": ("Buscar un lugar, un nombre, un número", "Search a place, a name, a number"),
    "stage": (
        "Flujo de llamadas. Flechas: mover; más y menos: acercar; Tab: entrar en los lugares.",
        "Call flow. Arrows: move; plus and minus: zoom; Tab: go to the places.",
    ),
    "closer": ("Acercar", "Zoom in"),
    "farther": ("Alejar", "Zoom out"),
    "all": ("Ver todo", "Show all"),
    "legend_lit": ("esta llamada", "this call"),
    "call": ("Probar una llamada", "Try a call"),
    "detail": ("Detalle", "Detail"),
    "fold": ("Mostrar u ocultar el panel", "Show or hide the panel"),
    "number": ("Llaman al", "Number called"),
    "date": ("Fecha", "Date"),
    "time": ("Hora", "Time"),
    "keys": ("Teclas que marca, en orden", "Keys pressed, in order"),
    "keys_hint": ("1 4 201", "1 4 201"),
    "keypad": ("Teclado", "Keypad"),
    "no_key": ("no marca nada", "no key"),
    "wrong_key": ("tecla equivocada", "wrong key"),
    "erase": ("borrar la última", "erase the last one"),
    "phones": ("Qué hacen los teléfonos", "What the phones do"),
    "copy": ("copiar", "copy"),
    "pick": (
        "Elija un lugar del dibujo para ver su configuración y dónde está escrita.",
        "Choose a place in the drawing to see its settings and where they are written.",
    ),
    "noscript": (
        "Sin JavaScript se ve el dibujo; probar llamadas necesita JavaScript.",
        "Without JavaScript there is the drawing; trying calls needs JavaScript.",
    ),
    "nothing": ("Nada con ese nombre", "Nothing of that name"),
    "spelled": ("En la configuración", "In the configuration"),
    "unused": ("Nadie pidió estas teclas: {}.", "Nothing asked for these keys: {}."),
    "outside_years": ("Fuera de {} no se conocen los feriados.", "Outside {} no holidays are known."),
    "not_a_key": (
        "«{}» no se puede marcar: dígitos, *, #, timeout o invalid.",
        "“{}” cannot be pressed: digits, *, #, timeout or invalid.",
    ),
    "no_time": ("Falta la fecha o la hora.", "The date or the time is missing."),
}
"""The page's own texts."""

PAGE_STATES: Final[Mapping[str, tuple[str, str]]] = {
    "answer": ("atiende", "answers"),
    "busy": ("ocupado", "busy"),
    "no_answer": ("no contesta", "no answer"),
    "unavailable": ("sin conexión", "not registered"),
}
PAGE_ENDS: Final[Mapping[str, tuple[str, str]]] = {
    "hangup": ("La llamada se corta.", "The call is hung up."),
    "busy": ("Quien llama oye tono de ocupado.", "The caller hears the busy tone."),
    "a name is spelled": (
        "Aquí se deletrea un nombre: adónde sigue lo dice pbx trace.",
        "Here a name is spelled: pbx trace tells where it goes on.",
    ),
    "goes on for ever": ("No termina nunca.", "Goes on for ever."),
}
"""How calls end that no place ends."""
