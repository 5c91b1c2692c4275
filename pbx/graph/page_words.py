"""The words of the interactive page, in Spanish and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

PAGE: Final[Mapping[str, tuple[str, str]]] = {
    "search": ("Buscar nombre o número", "Search name or number"),
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
    "erase": ("borrar", "erase"),
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
    "more": ("Quién llama, horarios forzados, desvíos", "Who calls, forced hours, forwards"),
    "trunks": ("Qué hacen las troncales", "What the trunks do"),
    "places": ("Cómo están las colas y salas", "How queues and rooms are"),
    "usual": ("normal", "as usual"),
    "place_full": ("llena", "full"),
    "place_nobody": ("sin nadie", "nobody there"),
    "caller": ("Llama desde el", "Called from"),
    "caller_hint": ("+54…", "+44…"),
    "overrides": ("Horarios forzados con su código", "Hours forced by their code"),
    "automatic": ("automático", "automatic"),
    "forced_open": ("abierto", "open"),
    "forced_closed": ("cerrado", "closed"),
    "forwards": ("Desvíos que los usuarios pusieron con su código", "Forwards that users have set by code"),
    "add_forward": ("+ agregar un desvío", "+ add a forward"),
    "remove": ("Quitar este desvío", "Remove this forward"),
    "whose": ("De quién", "Whose"),
    "when": ("Cuándo", "When"),
    "where_to": ("Adónde", "Where to"),
    "switched_off": ("sin desvío", "switched off"),
    "to_voicemail": ("su buzón", "own mailbox"),
    "hears": ("oye {}", "hears {}"),
    "rings": ("suena {}", "rings {}"),
    "rings_for": ("{who} hasta {for} s", "{who} for up to {for} s"),
    "rings_after": ("{who} hasta {for} s, a los {after} s", "{who} for up to {for} s after {after} s"),
    "seen_inside": ("En el teléfono que suena se ve {}.", "The phone that rings shows {}."),
    "seen_outside": ("Afuera se ve {}.", "The called party outside sees {}."),
    "anonymous": ("un número oculto", "a hidden number"),
    "no_time": ("Falta la fecha o la hora.", "The date or the time is missing."),
}
"""The page's own texts."""

PAGE_STATES: Final[Mapping[str, tuple[str, str]]] = {
    "answer": ("atiende", "answers"),
    "busy": ("ocupado", "busy"),
    "no_answer": ("no contesta", "no answer"),
    "unavailable": ("sin conexión", "not registered"),
    "dnd": ("no molestar", "do not disturb"),
    "pause": ("en pausa", "paused"),
}
PAGE_TRUNKS: Final[Mapping[str, tuple[str, str]]] = {
    "answer": ("funciona", "works"),
    "busy": ("da ocupado", "busy"),
    "full": ("llena", "full"),
    "failed": ("falla", "fails"),
}
"""What becomes of a call at a trunk."""
PAGE_WAYS: Final[Mapping[str, tuple[str, str]]] = {
    "forward_always": ("siempre", "always"),
    "forward_busy": ("si está ocupado", "when busy"),
    "forward_no_answer": ("si no contesta", "without answer"),
    "forward_unavailable": ("si está sin conexión", "when not registered"),
}
"""When a forward counts."""
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
