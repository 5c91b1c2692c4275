"""Sites of any size, always the same: companies such as people describe them, written as people write them."""

from __future__ import annotations

import json
from typing import Final

PLATFORM: Final = """\
platform: banco-de-pruebas
domain: pbx.banco.example
sip: {bind: 127.0.73.10, port: 5060}
rtp: 10000-20000
mail: {from: buzon@banco.example, command: "/bin/true -t"}
ami: {bind: 127.0.73.10, port: 5038, user: pbx, password: "env:PBX_AMI_PASSWORD"}
"""
ADDRESS: Final = "127.0.73.10"
"""Where this platform listens."""
AMI_PORT: Final = 5038

_FIRST: Final = ("Ana", "Luis", "María José", "Jorge", "Sofía", "Martín", "Lucía", "Tomás", "Íñigo", "Belén", "Raúl")
_LAST: Final = ("Gómez", "Paz", "Fernández", "Núñez", "D'Angelo", "Peña", "Roca", "Quiroga", "Sáenz Peña", "López")
_DEPARTMENTS: Final = ("Ventas", "Administración", "Soporte técnico", "Depósito", "Dirección")
_MOBILE: Final = "external:+5491155550000"

_TENANT: Final = """\
# A company of {extensions} people.
tenant: {slug}
name: Compañía {slug} S.A.
country: AR
language: es
timezone: America/Argentina/Buenos_Aires
area_code: "11"
outside_prefix: "9"
ring_seconds: 5
numbering: {{extensions: 200-499, services: 600-699}}
calendar_years: 2026-2028

trunks:
  principal:
    type: provider
    host: {carrier}.1
    port: 5060
    username: {slug}
    password: "env:CARRIER_PASSWORD"
    codecs: [alaw, ulaw]
    max_calls: 30
  respaldo: {{type: cloud, host: {carrier}.2}}

dids:
  "+5411{did}0": schedule:oficina
  "+5411{did}1": {{to: extension:201, name: Ventas directo}}
  "+5411{did}2": queue:soporte
  "+5411{did}3": ivr:principal
  "+5411{did}4": schedule:guardia

outbound_routes:
  - {{match: [local, national, mobile, toll_free], trunks: [principal, respaldo], caller_id: "+5411{did}0"}}
  - {{match: [international], trunks: [principal]}}
  - {{match: [emergency], trunks: [principal, respaldo]}}

classes_of_service:                  # closed: what is not allowed is refused
  interno: {{allow: [internal]}}
  nacional: {{allow: [internal, local, national, mobile, toll_free]}}
  completo: {{allow: [internal, local, national, mobile, toll_free, international], deny: ["+5411600*"]}}

profiles:
  puesto: {{class_of_service: nacional, ring: 20s, call_waiting: true, voicemail: {{email: true, attach: true}}}}
  taller: {{class_of_service: interno, ring: 25s, receive: internal}}

extensions:
{people}
schedules:
  oficina:
    hours: {{mon-fri: ["09:00-13:00", "14:00-18:00"], sat: "09:00-13:00"}}
    holidays:
      calendar: AR
      add: {{"2026-12-24": Nochebuena, "2027-01-04..2027-01-15": Vacaciones}}
      remove: ["2026-08-17"]
    open: ivr:principal
    closed: ivr:nocturno
    holiday: announcement:feriado
  guardia:
    hours: {{sat: "13:00-24:00", sun: "00:00-24:00"}}
    open: {mobile}
    closed: queue:ventas

ivrs:
  principal:
    prompt: {{say: "Gracias por llamar a {slug}. Para ventas, marque uno; para soporte, dos."}}
    dial_extensions: true
    options:
      "1": queue:ventas
      "2": queue:soporte
      "3": {{say: "Lo comunicamos con la guardia.", to: {mobile}}}
      "4": ivr:pagos
      "0": extension:201
      "*": repeat
      "#": hangup
    timeout: {{after: 6s, tries: 3, to: extension:201}}
    invalid: {{tries: 3, to: extension:201}}
  pagos: {{prompt: {{sound: vm-goodbye}}, options: {{"1": queue:ventas, "9": ivr:principal}}}}
  nocturno: {{prompt: {{sound: vm-goodbye}}, options: {{"1": voicemail:201}}, timeout: {{after: 5s, tries: 1}}}}

announcements:
  feriado: {{prompt: {{say: "Hoy es feriado."}}, then: hangup}}

queues:
  ventas:
    number: "600"
    policy: circular
    members: {sellers}
    rings: 4
    retry: 2s
    wrap_up: 10s
    max_wait: 120s
    max_callers: 10
    overflow: extension:201
    music: default
    announce_position: 30s
  soporte: {{number: "601", policy: uniform, members: {helpers}, rings: 3, overflow: voicemail:201}}
"""


def site_texts(tenants: int, extensions: int, *, network: str = "10") -> dict[str, str]:
    """The YAML of a site by file name; the carriers' addresses begin with ``network``."""
    texts = {"platform.yaml": PLATFORM}
    for number in range(tenants):
        slug = f"t{number:05}"
        texts[f"tenants/{slug}.yaml"] = _tenant(slug, number, extensions, network)
    return texts


def _tenant(slug: str, number: int, extensions: int, network: str) -> str:
    phones = [str(200 + index) for index in range(extensions)]
    return _TENANT.format(
        slug=slug,
        extensions=extensions,
        carrier=f"{network}.{1 + number // 250}.{1 + number % 250}",
        did=f"{4_000_000 + number}",
        people="".join(_person(slug, number, index, phone) for index, phone in enumerate(phones)),
        mobile=_MOBILE,
        sellers=_list(phones[0:20:2]),
        helpers=_list(phones[1:20:2]),
    )


def _list(numbers: list[str]) -> str:
    return json.dumps(numbers)


def _person(slug: str, tenant: int, index: int, phone: str) -> str:
    """Every tenth in full, every fifth of the workshop, the others as a line in a list."""
    first, last = _FIRST[(tenant + index) % len(_FIRST)], _LAST[(tenant + 3 * index) % len(_LAST)]
    department, pin = _DEPARTMENTS[index % len(_DEPARTMENTS)], f"{(tenant * 7919 + index * 1237) % 9000 + 1000}"
    if index % 10 == 1:
        return (
            f'  "{phone}":\n    profile: puesto\n    first_name: {first}\n    last_name: {last}\n'
            f"    department: {department}\n    email: user{phone}@{slug}.example\n    receive: all\n"
            f'    hide_caller_id: false\n    voicemail: {{pin: "{pin}"}}\n'
            f"    forward:\n      always: null\n      busy: voicemail\n      no_answer: extension:200\n"
            f"      unavailable: {_MOBILE}\n"
        )
    if index % 5 == 4:
        return f'  "{phone}": {{profile: taller, first_name: {first}, department: {department}}}\n'
    return (
        f'  "{phone}": {{profile: puesto, first_name: {first}, last_name: {last}, department: {department},\n'
        f'          email: user{phone}@{slug}.example, voicemail: {{pin: "{pin}"}},\n'
        "          forward: {no_answer: voicemail}}\n"
    )
