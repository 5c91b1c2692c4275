"""What a calendar says, in the languages of tenants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pbx.agenda import Reach
from pbx.model import Language, Ref
from pbx.site import TenantScope


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language."""

    weekdays: tuple[str, ...]
    """Monday first, short."""
    initials: tuple[str, ...]
    months: tuple[str, ...]
    kinds: dict[str, str]
    """Kinds of places; the id follows."""
    gaps: dict[str, str]
    """What is wrong with a branch, by where it ends or how far it reaches."""
    usual: str
    different: str
    none_different: str
    holidays: str
    gap: str
    gaps_title: str
    no_gaps: str
    hours_a_year: str
    each_day: str
    forward: str
    back: str
    override: str
    all_day: str
    year: str
    day: str
    when: str
    branch: str
    state: dict[str, str]
    clock_changes: str


SPANISH: Final = Words(
    weekdays=("lun", "mar", "mié", "jue", "vie", "sáb", "dom"),
    initials=("L", "M", "X", "J", "V", "S", "D"),
    months=(
        "enero", "febrero", "marzo", "abril", "mayo", "junio",
        "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre",
    ),
    kinds={
        "ivr": "menú", "queue": "cola", "ring_group": "grupo", "announcement": "mensaje", "voicemail": "buzón de",
        "extension": "interno", "external": "número", "schedule": "horario", "conference": "sala",
        "directory": "directorio", "hangup": "se corta la llamada", "busy": "tono de ocupado",
    },
    gaps={
        "hangup": "nadie atiende: se corta",
        "nobody": "nadie atiende, solo se oye un mensaje",
        "lost": "no lleva a ninguna parte",
    },
    usual="La semana habitual",
    different="Los días distintos",
    none_different="Ningún día es distinto.",
    holidays="Feriados",
    gap="nadie atiende",
    gaps_title="Sin atención",
    no_gaps="A toda hora se llega a alguien o a un buzón.",
    hours_a_year="{hours} h en el año",
    each_day="Cada columna es un día: arriba las 0 h, abajo las 24 h; las líneas marcan las 6, las 12 y las 18 h.",
    forward="{date}: el reloj se adelanta de {before} a {after}",
    back="{date}: el reloj se atrasa de {before} a {after}",
    override="Con {code} cualquier interno puede forzar abierto o cerrado: aquí está lo que dice el calendario.",
    all_day="todo el día",
    year="Año",
    day="Día",
    when="Horas",
    branch="Atiende",
    state={"open": "abierto", "closed": "cerrado", "holiday": "feriado"},
    clock_changes="Cambios de hora",
)  # fmt: skip
ENGLISH: Final = Words(
    weekdays=("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    initials=("M", "T", "W", "T", "F", "S", "S"),
    months=(
        "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December",
    ),
    kinds={
        "ivr": "menu", "queue": "queue", "ring_group": "group", "announcement": "message", "voicemail": "mailbox of",
        "extension": "extension", "external": "number", "schedule": "schedule", "conference": "conference",
        "directory": "directory", "hangup": "the call is hung up", "busy": "busy tone",
    },
    gaps={
        "hangup": "nobody answers: the call ends",
        "nobody": "nobody answers, only a message is heard",
        "lost": "leads nowhere",
    },
    usual="The usual week",
    different="Days that differ",
    none_different="No day differs.",
    holidays="Holidays",
    gap="nobody answers",
    gaps_title="Nobody there",
    no_gaps="At every hour somebody or a mailbox can be reached.",
    hours_a_year="{hours} h in the year",
    each_day="Each column is a day: 0:00 at the top, 24:00 at the bottom; the lines are 6:00, 12:00 and 18:00.",
    forward="{date}: clocks go forward from {before} to {after}",
    back="{date}: clocks go back from {before} to {after}",
    override="With {code} any phone can force it open or closed: this is what the calendar says.",
    all_day="all day",
    year="Year",
    day="Day",
    when="Hours",
    branch="Answered by",
    state={"open": "open", "closed": "closed", "holiday": "holiday"},
    clock_changes="Clock changes",
)  # fmt: skip
WORDS: Final[dict[Language, Words]] = {"es": SPANISH, "en": ENGLISH}


def words_of(scope: TenantScope) -> Words:
    """The words of the tenant's language."""
    return WORDS[scope.tenant.language]


def label(scope: TenantScope, ref: Ref) -> str:
    """What people call a place: ``menú principal``, ``interno Ana Gómez (201)``."""
    words = words_of(scope)
    if not ref.id:
        return words.kinds.get(ref.kind, ref.kind)
    named = scope.label(Ref("extension", ref.id)) if ref.kind in {"extension", "voicemail"} else ref.id
    known = ref.kind in {"extension", "voicemail"} and ref.id in scope.tenant.extensions
    return f"{words.kinds.get(ref.kind, ref.kind)} {named if known else ref.id}"


def fault(words: Words, ref: Ref, reach: Reach) -> str:
    """What a caller suffers at a branch; empty where somebody or a mailbox may be reached."""
    if ref.kind in {"hangup", "busy"}:
        return words.gaps["hangup"]
    if ref.kind == "schedule":
        return words.gaps["lost"]
    return words.gaps["nobody"] if reach == "nobody" else ""
