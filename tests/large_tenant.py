"""A tenant with fifty extensions, six departments and more than fifty boxes to draw, like those that customers have."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from tests.samples import DEMO, clean, texts_of

if TYPE_CHECKING:
    from pbx.site import TenantScope

_PEOPLE: Final = ("Ana Gómez", "Luis Paz", "Eva Ruiz", "María Fernández", "José Ñandú", "Sofía Benítez", "Martín Sosa")
_AREAS: Final = ("ventas", "soporte", "siniestros", "cobranzas", "administracion", "personal")


def large() -> TenantScope:
    """The tenant, checked."""
    texts = {"platform.yaml": texts_of(DEMO)["platform.yaml"], "tenants/sur.yaml": json.dumps(_tree())}
    return clean(texts).tenants["sur"]


def _tree() -> dict[str, Any]:
    hours = {f"h_{area}": _hours("10:00-17:00", f"queue:{area}", f"announcement:cerrado_{area}") for area in _AREAS}
    office = _hours("09:00-18:00", "ivr:principal", "ivr:nocturno") | {"holiday": "announcement:feriado"}
    closed = {
        f"cerrado_{area}": {"prompt": {"say": f"El sector {area} atiende de diez a diecisiete."}, "then": then}
        for area, then in zip(_AREAS, ["hangup", "ivr:nocturno", "voicemail:202"] * 2, strict=True)
    }
    return {
        "tenant": "sur",
        "name": "Cooperativa Sur Limitada",
        "country": "AR",
        "language": "es",
        "timezone": "America/Argentina/Buenos_Aires",
        "area_code": "11",
        "numbering": {"extensions": "200-299", "services": "600-699"},
        "calendar_years": "2026-2027",
        "trunks": {"principal": {"type": "cloud", "host": "a.example"}},
        "outbound_routes": [{"match": ["emergency", "mobile"], "trunks": ["principal"]}],
        "classes_of_service": {"movil": {"allow": ["internal", "mobile"]}},
        "dids": _dids(),
        "extensions": {str(number): _extension(number) for number in range(201, 251)},
        "schedules": {"oficina": office, **hours},
        "ivrs": _menus(),
        "announcements": {"feriado": {"prompt": {"say": "Hoy es feriado."}, "then": "voicemail:201"}, **closed},
        "queues": {area: _queue(index) for index, area in enumerate(_AREAS)},
        "ring_groups": {
            "recepcion": {"number": "601", "members": ["201", "202"], "fallback": "voicemail:201"},
            "guardia": {
                "members": ["203", "204", "205", "206"],
                "strategy": "ordered",
                "fallback": "external:+5491155550001",
            },
        },
    }


def _hours(hours: str, opened: str, closed: str) -> dict[str, Any]:
    return {"hours": {"mon-fri": hours}, "holidays": {"calendar": "AR"}, "open": opened, "closed": closed}


def _dids() -> dict[str, Any]:
    direct = {
        f"+5411523650{last:02}": {"to": f"extension:{201 + last}", "name": f"Directo {201 + last}"}
        for last in range(5, 15)
    }
    return direct | {
        "+541152365000": {"to": "schedule:oficina", "name": "Número general"},
        "+541152365001": {"to": "schedule:oficina", "name": "0800"},
        "+541152365002": "queue:soporte",
        "+541152365003": {"to": "ring_group:guardia", "name": "Emergencias"},
    }


def _extension(number: int) -> dict[str, Any]:
    first, last = _PEOPLE[number % len(_PEOPLE)].split()
    forward = {"busy": "voicemail", "no_answer": "voicemail"}
    if number % 9 == 0:
        forward = {"no_answer": f"extension:{number - 1}", "unavailable": "external:+5491155550000"}
    return {
        "first_name": first,
        "last_name": last,
        "class_of_service": "movil",
        "voicemail": {"pin": "4711"},
        "forward": forward,
    }


def _queue(index: int) -> dict[str, Any]:
    members = [str(201 + 7 * index + step) for step in range(4)]
    overflow = "ring_group:recepcion" if index % 2 else f"extension:{230 + index}"
    return {"policy": "circular", "members": members, "max_wait": "60s", "max_callers": 10, "overflow": overflow}


def _menus() -> dict[str, Any]:
    return {
        "principal": {
            "prompt": {"say": "Gracias por llamar a Cooperativa Sur. Para ventas, marque tres; para soporte, cuatro."},
            "dial_extensions": True,
            "options": {
                "3": "schedule:h_ventas",
                "4": "ivr:soporte",
                "5": "schedule:h_siniestros",
                "6": "schedule:h_cobranzas",
                "7": "ivr:interna",
                "0": "ring_group:recepcion",
                "*": "repeat",
                "#": "hangup",
            },
            "timeout": {"to": "ring_group:recepcion"},
            "invalid": {"to": "ring_group:recepcion"},
        },
        "soporte": {
            "prompt": {"say": "Soporte técnico."},
            "options": {
                "1": "schedule:h_soporte",
                **{str(key): f"extension:{220 + key}" for key in range(2, 6)},
                "9": "ivr:principal",
            },
            "timeout": {"to": "queue:soporte"},
        },
        "interna": {
            "prompt": {"say": "Administración y personal."},
            "options": {
                "1": "schedule:h_administracion",
                "2": "schedule:h_personal",
                "3": "extension:225",
                "4": "extension:234",
                "9": "ivr:principal",
                "*": "ivr:interna",
            },
        },
        "nocturno": {
            "prompt": {"say": "Nuestras oficinas están cerradas. Para emergencias, marque uno."},
            "options": {"1": "external:+5491155550001", "2": "voicemail:201"},
        },
    }
