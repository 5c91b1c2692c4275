"""A new site out of a few answers: the texts of its files. Pure: what is asked and written is :mod:`pbx.cli.init`'s."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from pbx.model import Language, NumberRange
from pbx.numberplan import countries
from pbx.numberplan.data import country_data

MANAGER: Final = "platform/ami"
"""The name under which ``secrets.yaml`` keeps the password of the manager interface."""

ZONES: Final[Mapping[str, str]] = {
    "AR": "America/Argentina/Buenos_Aires",
    "CL": "America/Santiago",
    "CO": "America/Bogota",
    "CR": "America/Costa_Rica",
    "ES": "Europe/Madrid",
    "MX": "America/Mexico_City",
    "US": "America/New_York",
    "UY": "America/Montevideo",
}
"""Where most people of each country live; those who live elsewhere say so."""

MOST: Final = 200
"""Extensions that a new site may begin with: more come from the customer's list."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What a new site needs to know."""

    slug: str
    name: str
    country: str
    language: Language
    timezone: str
    area_code: str
    extensions: NumberRange
    did: str
    trunk_host: str
    trunk_user: str = ""
    domain: str = "pbx.example"
    outside_prefix: str = "9"
    first_year: int = 2026


@dataclass(frozen=True, slots=True)
class _Words:
    """What a new site says, in one language."""

    comment: str
    main: str
    office: str
    menu: str
    night: str
    holiday: str
    reception: str
    desk: str
    internal: str
    national: str
    full: str
    menu_prompt: str
    night_prompt: str
    holiday_prompt: str


_WORDS: Final[Mapping[str, _Words]] = {
    "es": _Words(
        comment="Escrito por pbx init. Cada clave se explica en el editor; pbx check SITIO dice qué está mal.",
        main="Número general",
        office="oficina",
        menu="principal",
        night="nocturno",
        holiday="feriado",
        reception="Recepción",
        desk="Puesto",
        internal="interno",
        national="nacional",
        full="completo",
        menu_prompt="Gracias por llamar a {name}. Si conoce el interno, márquelo ahora. Para atención, marque cero.",
        night_prompt="Nuestras oficinas están cerradas. Para dejar un mensaje, marque uno.",
        holiday_prompt="Hoy es feriado y nuestras oficinas están cerradas. Vuelva a llamar el próximo día hábil.",
    ),
    "en": _Words(
        comment="Written by pbx init. The editor explains each key; pbx check SITE tells what is wrong.",
        main="Main number",
        office="office",
        menu="main",
        night="night",
        holiday="holiday",
        reception="Reception",
        desk="Desk",
        internal="internal",
        national="national",
        full="full",
        menu_prompt="Thank you for calling {name}. If you know the extension, dial it now. For help, press zero.",
        night_prompt="Our offices are closed. To leave a message, press one.",
        holiday_prompt="Today is a holiday and our offices are closed. Please call again on the next working day.",
    ),
}


def usual_language(country: str) -> Language:
    """The language that most people of a country speak."""
    return "en" if country == "US" else "es"


def area_of(country: str, did: str) -> str:
    """The area code with which a number of the country begins, the longest one; empty when there is none."""
    data = country_data(country)
    national = did.removeprefix(f"+{data.code}")
    fitting = [code for code in data.area_codes if national.startswith(code)]
    return max(fitting, key=len, default="")


def country_of(did: str) -> str:
    """The country whose calling code a number has, empty when it is none of ours."""
    codes = {f"+{country_data(each).code}": each for each in countries()}
    return next((country for code, country in codes.items() if did.startswith(code)), "")


def site_files(answers: Answers, new_pin: Callable[[], str]) -> dict[str, str]:
    """The YAML files of a new site, by name. ``new_pin`` answers the PIN of another mailbox each time."""
    return {
        "platform.yaml": _platform(answers),
        f"tenants/{answers.slug}.yaml": _tenant(answers, _WORDS[answers.language], new_pin),
    }


def _text(value: str) -> str:
    """A text in double quotes: what JSON escapes, YAML understands (YAML 1.2.2, section 7.3.1)."""
    return json.dumps(value, ensure_ascii=False)


def _platform(answers: Answers) -> str:
    return f"""\
# yaml-language-server: $schema=.schema/platform.json
platform: {answers.slug}
domain: {answers.domain}
sip: {{bind: 0.0.0.0, port: 5060}}
rtp: 10000-20000
mail: {{from: {_text(f"voicemail@{answers.domain}")}}}
ami: {{bind: 127.0.0.1, port: 5038, user: pbx, password: "secret:{MANAGER}"}}
"""


def _tenant(answers: Answers, words: _Words, new_pin: Callable[[], str]) -> str:
    numbers = [
        str(number).zfill(len(answers.extensions.first))
        for number in range(int(answers.extensions.first), int(answers.extensions.last) + 1)
    ]
    first = numbers[0]
    optional = f"area_code: {_text(answers.area_code)}\n" if answers.area_code else ""
    optional += f"outside_prefix: {_text(answers.outside_prefix)}\n" if answers.outside_prefix else ""
    login = ""
    if answers.trunk_user:
        login = f', username: {_text(answers.trunk_user)}, password: "env:{answers.slug.upper()}_TRUNK"'
    people = "".join(_extension(number, words, new_pin(), first=number == first) for number in numbers)
    return f"""\
# yaml-language-server: $schema=../.schema/tenant.json
# {words.comment}
tenant: {answers.slug}
name: {_text(answers.name)}
country: {answers.country}
language: {answers.language}
timezone: {answers.timezone}
{optional}numbering: {{extensions: {answers.extensions}}}
calendar_years: {answers.first_year}-{answers.first_year + 2}

trunks:
  principal: {{type: provider, host: {answers.trunk_host}{login}}}

dids:
  "{answers.did}": {{to: schedule:{words.office}, name: {_text(words.main)}}}

outbound_routes:
  - {{match: [local, national, mobile, toll_free, international], trunks: [principal], caller_id: "{answers.did}"}}
  - {{match: [emergency], trunks: [principal]}}

classes_of_service:
  {words.internal}: {{allow: [internal]}}
  {words.national}: {{allow: [internal, local, national, mobile, toll_free]}}
  {words.full}: {{allow: [internal, local, national, mobile, toll_free, international]}}

profiles:
  {words.desk.lower()}: {{class_of_service: {words.national}, ring: 20s}}

extensions:
{people}
schedules:
  {words.office}:
    hours: {{mon-fri: "09:00-18:00"}}
    holidays: {{calendar: {answers.country}}}
    open: ivr:{words.menu}
    closed: ivr:{words.night}
    holiday: announcement:{words.holiday}

ivrs:
  {words.menu}:
    prompt: {{say: {_text(words.menu_prompt.format(name=answers.name))}}}
    dial_extensions: true
    options: {{"0": extension:{first}}}
    timeout: {{after: 6s, tries: 2, to: extension:{first}}}
    invalid: {{tries: 3, to: extension:{first}}}
  {words.night}:
    prompt: {{say: {_text(words.night_prompt)}}}
    options: {{"1": voicemail:{first}}}
    timeout: {{after: 5s, tries: 2, to: hangup}}

announcements:
  {words.holiday}: {{prompt: {{say: {_text(words.holiday_prompt)}}}, then: hangup}}
"""


def _extension(number: str, words: _Words, pin: str, *, first: bool) -> str:
    name = words.reception if first else f"{words.desk} {number}"
    forward = "forward: {busy: voicemail, no_answer: voicemail, unavailable: voicemail}"
    return f"""\
  "{number}":
    profile: {words.desk.lower()}
    first_name: {_text(name)}
    voicemail: {{pin: "{pin}"}}
    {forward}
"""
