"""The columns of the lists that customers send, by the language's own keys and in the words of their spreadsheets.

Headings are compared without capitals, accents, punctuation and blanks: ``Correo electrónico``, ``CORREO-ELECTRONICO``
and ``correo_electronico`` are one heading.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from pbx.diagnostics.suggest import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Reading = Literal["text", "digits", "truth", "calls", "phone", "destination"]
"""How a cell is understood: as it stands; as digits, which spreadsheets spoil; yes or no; which calls are received; a
phone number as people write it; a destination, an extension or a phone number."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column that a list may have."""

    key: str
    """Its name: the language's key, for example ``voicemail_pin``."""
    path: tuple[str, ...]
    """Where its cells belong within the entry; ``()`` is the entry's own name: the extension, the phone number."""
    reading: Reading
    words: tuple[str, ...]
    """Other headings that mean it."""


EXTENSIONS: Final = (
    Column(
        "number",
        (),
        "digits",
        (
            *("extension", "extension number", "ext", "interno", "internos", "numero", "nro", "número interno"),
            *("nro interno", "número de interno", "anexo", "número de extensión", "ramal"),
        ),
    ),
    Column(
        "first_name",
        ("first_name",),
        "text",
        (
            *("name", "full name", "given name", "user", "nombre", "nombres", "nombre completo", "usuario"),
            *("nombre y apellido", "nombre y apellidos", "apellido y nombre", "primer nombre"),
        ),
    ),
    Column("last_name", ("last_name",), "text", ("surname", "family name", "apellido", "apellidos", "primer apellido")),
    Column(
        "department",
        ("department",),
        "text",
        ("area", "team", "departamento", "depto", "dpto", "área", "sector", "gerencia", "oficina"),
    ),
    Column(
        "email",
        ("email",),
        "text",
        ("e-mail", "mail", "correo", "correo electrónico", "dirección de correo", "email corporativo"),
    ),
    Column("profile", ("profile",), "text", ("perfil", "tipo de puesto")),
    Column(
        "class_of_service",
        ("class_of_service",),
        "text",
        ("class", "clase", "clase de servicio", "categoría", "permisos", "restricción", "plan de llamadas"),
    ),
    Column("receive", ("receive",), "calls", ("recibe", "recibe llamadas", "llamadas entrantes")),
    Column(
        "caller_id",
        ("caller_id",),
        "phone",
        ("shown number", "número saliente", "número que muestra", "identificador de llamada", "número a mostrar"),
    ),
    Column(
        "hide_caller_id",
        ("hide_caller_id",),
        "truth",
        ("hidden", "oculta número", "ocultar número", "número oculto", "número privado", "identidad oculta"),
    ),
    Column("call_waiting", ("call_waiting",), "truth", ("llamada en espera", "segunda llamada")),
    Column("ring", ("ring",), "text", ("timbre", "tiempo de timbre", "duración del timbre")),
    Column("pickup_group", ("pickup_group",), "text", ("grupo de captura", "captura", "grupo de captura de llamadas")),
    Column(
        "voicemail_pin",
        ("voicemail", "pin"),
        "digits",
        (
            *("pin", "voicemail password", "clave", "clave buzón", "clave del buzón", "clave de buzón", "pin buzón"),
            *("pin del buzón", "clave casilla", "contraseña buzón", "contraseña del buzón", "clave de correo de voz"),
        ),
    ),
    Column(
        "voicemail_email",
        ("voicemail", "email"),
        "truth",
        ("voicemail to email", "buzón por correo", "buzón al correo", "mensajes por correo", "buzón por email"),
    ),
    Column(
        "voicemail_attach",
        ("voicemail", "attach"),
        "truth",
        ("adjuntar audio", "adjunta audio", "adjuntar mensaje", "audio adjunto"),
    ),
    Column(
        "forward_always",
        ("forward", "always"),
        "destination",
        ("desvío siempre", "desvío incondicional", "desvío permanente", "desvío total", "desvío"),
    ),
    Column(
        "forward_busy",
        ("forward", "busy"),
        "destination",
        ("desvío ocupado", "desvío si ocupado", "desvío por ocupado", "desvío en ocupado"),
    ),
    Column(
        "forward_no_answer",
        ("forward", "no_answer"),
        "destination",
        ("desvío no contesta", "desvío si no contesta", "desvío no responde", "desvío sin respuesta"),
    ),
    Column(
        "forward_unavailable",
        ("forward", "unavailable"),
        "destination",
        ("desvío no disponible", "desvío no registrado", "desvío desconectado", "desvío sin registro"),
    ),
)
"""Of a list of extensions."""

PHONEBOOK: Final = (
    Column(
        "number",
        (),
        "phone",
        ("phone", "phone number", "telephone", "teléfono", "tel", "número", "celular", "móvil", "número de teléfono"),
    ),
    Column(
        "name",
        ("name",),
        "text",
        (
            *("contact", "full name", "nombre", "contacto", "nombre y apellido", "nombre completo"),
            *("apellido y nombre", "first_name", "nombres"),
        ),
    ),
    Column("last_name", ("last_name",), "text", ("surname", "family name", "apellido", "apellidos")),
    Column("company", ("company",), "text", ("organization", "empresa", "razón social", "compañía", "proveedor")),
    Column(
        "speed_dial",
        ("speed_dial",),
        "digits",
        ("speed", "marcado rápido", "marcación rápida", "discado rápido", "código", "marcación abreviada", "abreviado"),
    ),
)
"""Of a list of contacts."""

YES: Final = frozenset({"true", "yes", "si", "verdadero", "x", "1", "y", "s"})
NO: Final = frozenset({"false", "no", "falso", "0", "n"})
RECEIVE: Final[Mapping[str, str]] = {
    **dict.fromkeys(("all", "todas", "todos", "todo"), "all"),
    **dict.fromkeys(("internal", "internas", "internos", "interna", "interno", "solointernas"), "internal"),
}
DESTINATIONS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("voicemail", "buzon", "casilla", "correodevoz", "buzondevoz"), "voicemail"),
    **dict.fromkeys(("busy", "ocupado", "tonodeocupado"), "busy"),
    **dict.fromkeys(("hangup", "colgar", "cortar"), "hangup"),
}
"""Words of a cell, compared as headings are."""


def bare(text: str) -> str:
    """A text without capitals, accents, punctuation and blanks, by which headings and words of cells are compared."""
    letters = unicodedata.normalize("NFKD", text).casefold()
    return "".join(letter for letter in letters if letter.isalnum())


def find_column(columns: Iterable[Column], heading: str) -> Column | None:
    """The column that a heading means, or None."""
    wanted = bare(heading)
    return next((one for one in columns if wanted in {bare(one.key), *map(bare, one.words)}), None)


def likely(columns: Iterable[Column], heading: str) -> str | None:
    """The heading that was probably meant."""
    spelled = {bare(word): word for one in columns for word in (*one.words, one.key)}
    found = nearest(bare(heading), spelled)
    return spelled[found] if found else None
