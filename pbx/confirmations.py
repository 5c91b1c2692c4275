"""What the PBX itself says to its users: how a setting stands, in the language of the tenant.

Asterisk's own sounds lack most of these words in Spanish, so they are spoken like the texts of tenants, once for each
language, and played as ``pbx-es/on``. A tenant's short name has no hyphen: no tenant's folder is ever called so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from pbx.model import Language, Prompt

WORDS: Final[Mapping[Language, Mapping[str, str]]] = {
    "es": {
        "forward_always": "Desvío de todas las llamadas:",
        "forward_busy": "Desvío cuando está ocupado:",
        "forward_no_answer": "Desvío cuando no contesta:",
        "forward_unavailable": "Desvío cuando el teléfono no está conectado:",
        "do_not_disturb": "No molestar:",
        "call_waiting": "Llamada en espera:",
        "hide_caller_id": "Ocultar su número:",
        "queue_pause": "Pausa en las colas:",
        "on": "activado.",
        "off": "desactivado.",
        "refused": "Ese número no está permitido.",
        "schedule": "El horario queda:",
        "automatic": "automático.",
        "open": "abierto hasta nuevo aviso.",
        "closed": "cerrado hasta nuevo aviso.",
    },
    "en": {
        "forward_always": "Forwarding of all calls:",
        "forward_busy": "Forwarding when busy:",
        "forward_no_answer": "Forwarding when there is no answer:",
        "forward_unavailable": "Forwarding when the phone is not connected:",
        "do_not_disturb": "Do not disturb:",
        "call_waiting": "Call waiting:",
        "hide_caller_id": "Hiding your number:",
        "queue_pause": "Pause in the queues:",
        "on": "on.",
        "off": "off.",
        "refused": "That number is not allowed.",
        "schedule": "The opening hours are:",
        "automatic": "automatic.",
        "open": "open until further notice.",
        "closed": "closed until further notice.",
    },
}
"""Each word and what is said for it."""


def folder(language: Language) -> str:
    """The folder of a language's confirmations below Asterisk's sounds."""
    return f"pbx-{language}"


def prompts(languages: Iterable[Language]) -> Iterator[tuple[str, Language, Prompt]]:
    """Every confirmation of some languages: its file below Asterisk's sounds, its language and what is said."""
    for language in sorted(set(languages)):
        for word, said in WORDS[language].items():
            yield f"{folder(language)}/{word}.wav", language, Prompt(say=said)
