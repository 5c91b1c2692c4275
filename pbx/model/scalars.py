"""Names, numbers and passwords: the scalar types that are one word of text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from pbx.model.base import SCALAR, expect_text, pattern, refuse, written

RESERVED: Final = frozenset({"general", "zonemessages", "default", "authentication", "es", "en"})
"""Sections that Asterisk's files give a meaning (voicemail.conf, manager.conf), and its folders of sounds."""


def unreserved(value: str) -> str:
    """Refuse a name that Asterisk keeps to itself."""
    if value in RESERVED:
        raise refuse("PBX104", f"the name {value} has a meaning of its own in Asterisk", "choose another name")
    return value


TenantSlug = Annotated[
    str,
    BeforeValidator(
        pattern(
            "PBX104",
            "a tenant's short name",
            r"[a-z][a-z0-9]{1,15}",
            "2 to 16 lower-case letters and digits, starting with a letter; no hyphen or underscore",
        )
    ),
    AfterValidator(unreserved),
]
"""A tenant's short name. It has no joiner character, so names built from it cannot be ambiguous."""

Slug = Annotated[
    str,
    BeforeValidator(
        pattern(
            "PBX104",
            "a short name",
            r"[a-z][a-z0-9_]{1,30}",
            "2 to 31 lower-case letters, digits and underscores, starting with a letter",
        )
    ),
]
"""The id of a thing within its tenant. Two characters at least: Asterisk keeps ``s``, ``i``, ``t``, ``h`` to itself."""


@written(SCALAR | {"description": "the name of something that is defined elsewhere in this file"})
def _mention(value: object) -> str:
    return expect_text(value, "a name")


Mention = Annotated[str, BeforeValidator(_mention)]
"""The id of a thing that is defined elsewhere: whether there is one is a check's to say, with what was meant."""

ExtensionNumber = Annotated[
    str,
    BeforeValidator(pattern("PBX105", "an extension number", r"[0-9]{2,6}", "2 to 6 digits, for example 201")),
]
E164 = Annotated[
    str,
    BeforeValidator(
        pattern(
            "PBX106",
            "a phone number in international form",
            r"\+[1-9][0-9]{5,14}",
            "a plus, the country and the number, digits only, for example +541152365000 (ITU-T E.164)",
        )
    ),
]
NumberPrefix = Annotated[
    str,
    BeforeValidator(
        pattern(
            "PBX106",
            "a phone number in international form, or the start of one",
            r"\+[1-9][0-9]{0,14}\*?",
            "for example +5411600*",
        )
    ),
]
FeatureCode = Annotated[
    str,
    BeforeValidator(
        pattern("PBX107", "a feature code", r"[*#][*#0-9]{0,5}", "a star or hash and up to five digits, like *97")
    ),
]
Pin = Annotated[str, BeforeValidator(pattern("PBX108", "a PIN", r"[0-9]{4,10}", "4 to 10 digits"))]
Host = Annotated[
    str,
    BeforeValidator(
        pattern(
            "PBX110",
            "a host name or an IPv4 address",
            r"(?!-)[A-Za-z0-9-]{1,63}(\.(?!-)[A-Za-z0-9-]{1,63})*\.?",
            "for example sip.operator.example or 203.0.113.10",
        )
    ),
]


@written({"type": "string", "pattern": "^[0-9A-Fa-f.:]+(/[0-9]+)?$", "examples": ["10.0.0.0/8"]})
def _network(value: object) -> str:
    text = expect_text(value, "a network")
    try:
        return str(ip_network(text))
    except ValueError:
        raise refuse(
            "PBX110", f"{text!r} is not a network", "an address and a length, for example 10.0.0.0/8"
        ) from None


Network = Annotated[str, BeforeValidator(_network)]
"""An IP network: ``10.0.0.0/8``."""
DigitPrefix = Annotated[
    str, BeforeValidator(pattern("PBX105", "a prefix of digits", r"[0-9*#]{1,3}", "one to three keys, for example 9"))
]
Digits = Annotated[str, BeforeValidator(pattern("PBX105", "a number", r"[0-9]{1,15}", "digits only"))]
Email = Annotated[
    str,
    BeforeValidator(
        pattern(
            "PBX111",
            "an e-mail address",
            # Narrower than RFC 5322 on purpose: the address is written into voicemail.conf and read by a mailer.
            r"[A-Za-z0-9._+'-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+",
            "for example ana.gomez@andina.example",
        )
    ),
]
Language = Literal["es", "en"]


@written({"type": "string", "minLength": 1, "maxLength": 80, "description": "what people call it: one line"})
def _name(value: object) -> str:
    text = expect_text(value, "a name").strip()
    if not text:
        raise refuse("PBX112", "a name is expected here, not an empty text", "write the name as people say it")
    if any(ord(character) < ord(" ") or ord(character) == 0x7F for character in text):  # noqa: PLR2004 - DEL
        raise refuse("PBX112", "a name cannot hold line breaks or control characters", "write it on one line")
    if len(text) > 80:  # noqa: PLR2004 - Asterisk's AST_MAX_EXTENSION
        raise refuse("PBX112", f"this name is {len(text)} characters long", "80 at the most")
    return text


Name = Annotated[str, BeforeValidator(_name)]
"""What people call something, in any script; made safe for each target where it is written."""

_LIST_NAME: Final = re.compile(r"(?!\.)[^/\\\x00-\x1f\x7f]{1,100}\.csv", re.IGNORECASE)

LIST_NAME: Final = {
    "type": "string",
    "pattern": r"^[^./\\][^/\\]*\.[cC][sS][vV]$",
    "description": "a csv file of the folder",
}
"""The same in JSON Schema."""


def is_list_name(text: str) -> bool:
    """Whether a text names a csv file in the tenant's own folder, in any script and with blanks, and no path."""
    return bool(_LIST_NAME.fullmatch(text))


@written(LIST_NAME)
def _list_name(value: object) -> str:
    text = expect_text(value, "the name of a list")
    if not is_list_name(text):
        cure = "a file of the tenant's folder, without any path, that ends in .csv: internos.csv"
        raise refuse("PBX133", f"{text!r} is not the name of a list", cure)
    return text


ListName = Annotated[str, BeforeValidator(_list_name)]
"""The name of a csv file in the tenant's folder."""

_TRUTH: Final = {"true": True, "yes": True, "false": False, "no": False}


@written({"enum": ["true", "false", "yes", "no"]})
def _truth(value: object) -> bool:
    text = expect_text(value, "true or false")
    if text not in _TRUTH:
        raise refuse("PBX103", f"{text!r} is neither true nor false", "write true or false")
    return _TRUTH[text]


Truth = Annotated[bool, BeforeValidator(_truth)]

_UNITS: Final = {"s": 1, "m": 60, "h": 3600}


@written(
    {"type": "string", "pattern": "^[0-9]{1,6}[smh]$", "description": "a length of time", "examples": ["20s", "2m"]}
)
def _seconds(value: object) -> int:
    text = expect_text(value, "a length of time")
    match = re.fullmatch(r"([0-9]{1,6})(s|m|h)", text)
    if not match or not int(match[1]):
        raise refuse("PBX113", f"{text!r} is not a length of time", "a number and s, m or h, for example 20s or 2m")
    seconds = int(match[1]) * _UNITS[match[2]]
    if seconds > 24 * 3600:
        raise refuse("PBX113", f"{text!r} is longer than a day", "24h at the most")
    return seconds


Seconds = Annotated[int, BeforeValidator(_seconds)]
"""A length of time, in seconds."""


def whole_number(minimum: int, maximum: int) -> BeforeValidator:
    """A validator for whole numbers written in digits, both bounds included."""
    # A list of one type is left alone (pbx.schema): a number is within its bounds, whatever a text may be.
    whole: dict[str, Any] = {"type": "integer", "minimum": minimum, "maximum": maximum}

    @written(
        {
            "description": f"a whole number from {minimum} to {maximum}",
            "anyOf": [whole, {"type": ["string"], "pattern": "^[0-9]{1,9}$"}],
        }
    )
    def parse(value: object) -> int:
        text = expect_text(value, "a whole number")
        if not re.fullmatch(r"[0-9]{1,9}", text) or not minimum <= int(text) <= maximum:
            raise refuse("PBX114", f"{text!r} is not a whole number from {minimum} to {maximum}")
        return int(text)

    return BeforeValidator(parse)


Port = Annotated[int, whole_number(1, 65535), Field(description="a port")]


@dataclass(frozen=True, slots=True)
class NumberRange:
    """Numbers of one length, first and last included: ``200-299``."""

    first: str
    last: str

    def __contains__(self, number: str) -> bool:
        """Whether ``number`` has this length and lies between first and last."""
        return len(number) == len(self.first) and self.first <= number <= self.last

    def __str__(self) -> str:
        """As it is written in the tenant file."""
        return f"{self.first}-{self.last}"


@written({"type": "string", "pattern": "^[0-9]{1,6}-[0-9]{1,6}$", "examples": ["200-299"]})
def _number_range(value: object) -> NumberRange:
    text = expect_text(value, "a range of numbers")
    match = re.fullmatch(r"([0-9]{1,6})-([0-9]{1,6})", text)
    if not match or len(match[1]) != len(match[2]) or match[1] > match[2]:
        raise refuse("PBX115", f"{text!r} is not a range of numbers", "two numbers of one length, lower first: 200-299")
    return NumberRange(match[1], match[2])


Range = Annotated[NumberRange, BeforeValidator(_number_range)]


@dataclass(frozen=True, slots=True)
class PortRange:
    """UDP ports, both ends included."""

    first: int
    last: int


@written({"type": "string", "pattern": "^[0-9]{4,5}-[0-9]{4,5}$", "examples": ["10000-20000"]})
def _port_range(value: object) -> PortRange:
    text = expect_text(value, "a range of ports")
    match = re.fullmatch(r"([0-9]{1,5})-([0-9]{1,5})", text)
    if not match or not 1024 <= int(match[1]) < int(match[2]) <= 65535:  # noqa: PLR2004 - port numbers
        raise refuse("PBX115", f"{text!r} is not a range of ports", "two ports from 1024 to 65535: 10000-20000")
    return PortRange(int(match[1]), int(match[2]))


Ports = Annotated[PortRange, BeforeValidator(_port_range)]


@dataclass(frozen=True, slots=True)
class SecretReference:
    """Where a password is to be found: never the password itself."""

    source: str
    """``env``, ``file`` or ``secret``."""
    name: str

    def __str__(self) -> str:
        """As it is written in the YAML."""
        return f"{self.source}:{self.name}"


_REFERENCE: Final = r"(env|file|secret):([A-Za-z0-9_./-]{1,200})"
_SECRET: Final = {
    "type": "string",
    "pattern": f"^{_REFERENCE}$",
    "description": "where the password is: never the password itself",
    "examples": ["env:ANDINA_TRUNK", "file:keys/trunk"],
}


@written(_SECRET)
def _secret(value: object) -> SecretReference:
    text = value if isinstance(value, str) else ""
    match = re.fullmatch(_REFERENCE, text)
    if not match:
        # The refused text is not repeated: it may well be the password.
        raise refuse(
            "PBX119",
            "a password is never written in the YAML",
            'say where it is: "env:NAME", "file:path" or "secret:name"',
        )
    return SecretReference(match[1], match[2])


Secret = Annotated[SecretReference, BeforeValidator(_secret)]
