"""The base of every model, and the scalar types of the tenant language.

A scalar arrives as raw text (YAML never guesses) and leaves as a value with one meaning. A refusal carries the code of
its diagnostic page as pydantic's error type, so the reader of a message and the reader of the code see the same thing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidatorFunctionWrapHandler, WrapValidator
from pydantic_core import PydanticCustomError

MINUTES_PER_DAY: Final = 24 * 60
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Model(BaseModel):
    """A frozen record of the tenant language: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


def refuse(code: str, message: str, help_text: str = "") -> PydanticCustomError:
    """The error that becomes diagnostic ``code``; raise it from a validator."""
    # The message is passed as context: pydantic would read braces in it as its own placeholders.
    return PydanticCustomError(code, "{message}", {"message": message, "help": help_text})


def _text(value: Any, what: str) -> str:
    if not isinstance(value, str):
        kind = {type(None): "nothing", dict: "a mapping", list: "a list"}.get(type(value), type(value).__name__)
        raise refuse("PBX103", f"{what} is expected here, not {kind}")
    return value


def _pattern(code: str, what: str, expression: str, help_text: str) -> Callable[[Any], str]:
    compiled = re.compile(expression)

    def parse(value: Any) -> str:
        text = _text(value, what)
        if not compiled.fullmatch(text):
            raise refuse(code, f"{text!r} is not {what}", help_text)
        return text

    return parse


TenantSlug = Annotated[
    str,
    BeforeValidator(
        _pattern(
            "PBX104",
            "a tenant's short name",
            r"[a-z][a-z0-9]{1,15}",
            "2 to 16 lower-case letters and digits, starting with a letter; no hyphen or underscore",
        )
    ),
]
"""A tenant's short name. It has no joiner character, so names built from it cannot be ambiguous."""

Slug = Annotated[
    str,
    BeforeValidator(
        _pattern(
            "PBX104",
            "a short name",
            r"[a-z][a-z0-9_]{1,30}",
            "2 to 31 lower-case letters, digits and underscores, starting with a letter",
        )
    ),
]
"""The id of a thing within its tenant. Two characters at least: Asterisk reserves ``s``, ``i``, ``t``, ``h`` and kin."""

ExtensionNumber = Annotated[
    str,
    BeforeValidator(_pattern("PBX105", "an extension number", r"[0-9]{2,6}", "2 to 6 digits, for example 201")),
]
E164 = Annotated[
    str,
    BeforeValidator(
        _pattern(
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
        _pattern(
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
        _pattern("PBX107", "a feature code", r"[*#][*#0-9]{0,5}", "a star or hash and up to five digits, like *97")
    ),
]
Pin = Annotated[str, BeforeValidator(_pattern("PBX108", "a PIN", r"[0-9]{4,10}", "4 to 10 digits"))]
Host = Annotated[
    str,
    BeforeValidator(
        _pattern(
            "PBX110",
            "a host name or an IP address",
            r"(?!-)[A-Za-z0-9-]{1,63}(\.(?!-)[A-Za-z0-9-]{1,63})*\.?|\[?[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*\]?",
            "for example sip.operator.example or 203.0.113.10",
        )
    ),
]
DigitPrefix = Annotated[
    str, BeforeValidator(_pattern("PBX105", "a prefix of digits", r"[0-9*#]{1,3}", "one to three keys, for example 9"))
]
Digits = Annotated[str, BeforeValidator(_pattern("PBX105", "a number", r"[0-9]{1,15}", "digits only"))]
Email = Annotated[
    str,
    BeforeValidator(
        _pattern(
            "PBX111",
            "an e-mail address",
            # Narrower than RFC 5322 on purpose: the address is written into voicemail.conf and read by a mailer.
            r"[A-Za-z0-9._%+'-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+",
            "for example ana.gomez@andina.example",
        )
    ),
]
Language = Literal["es", "en"]


def _name(value: Any) -> str:
    text = _text(value, "a name").strip()
    if not text:
        raise refuse("PBX112", "a name is expected here, not an empty text", "write the name as people say it")
    if any(ord(character) < ord(" ") or ord(character) == 0x7F for character in text):  # noqa: PLR2004 - DEL
        raise refuse("PBX112", "a name cannot hold line breaks or control characters", "write it on one line")
    if len(text) > 80:  # noqa: PLR2004 - Asterisk's AST_MAX_EXTENSION
        raise refuse("PBX112", f"this name is {len(text)} characters long", "80 at the most")
    return text


Name = Annotated[str, BeforeValidator(_name)]
"""What people call something, in any script; made safe for each target where it is written."""

_TRUTH: Final = {"true": True, "yes": True, "false": False, "no": False}


def _truth(value: Any) -> bool:
    text = _text(value, "true or false")
    if text not in _TRUTH:
        raise refuse("PBX103", f"{text!r} is neither true nor false", "write true or false")
    return _TRUTH[text]


Truth = Annotated[bool, BeforeValidator(_truth)]

_UNITS: Final = {"s": 1, "m": 60, "h": 3600}


def _seconds(value: Any) -> int:
    text = _text(value, "a length of time")
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

    def parse(value: Any) -> int:
        text = _text(value, "a whole number")
        if not re.fullmatch(r"[0-9]{1,9}", text) or not minimum <= int(text) <= maximum:
            raise refuse("PBX114", f"{text!r} is not a whole number from {minimum} to {maximum}")
        return int(text)

    return BeforeValidator(parse)


Port = Annotated[int, whole_number(1, 65535)]


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


def _number_range(value: Any) -> NumberRange:
    text = _text(value, "a range of numbers")
    match = re.fullmatch(r"([0-9]{1,6})-([0-9]{1,6})", text)
    if not match or len(match[1]) != len(match[2]) or match[1] > match[2]:
        raise refuse(
            "PBX115", f"{text!r} is not a range of numbers", "two numbers of one length, lower first: 200-299"
        )
    return NumberRange(match[1], match[2])


Range = Annotated[NumberRange, BeforeValidator(_number_range)]


@dataclass(frozen=True, slots=True)
class PortRange:
    """UDP ports, both ends included."""

    first: int
    last: int


def _port_range(value: Any) -> PortRange:
    text = _text(value, "a range of ports")
    match = re.fullmatch(r"([0-9]{1,5})-([0-9]{1,5})", text)
    if not match or not 1024 <= int(match[1]) < int(match[2]) <= 65535:  # noqa: PLR2004 - port numbers
        raise refuse("PBX115", f"{text!r} is not a range of ports", "two ports from 1024 to 65535: 10000-20000")
    return PortRange(int(match[1]), int(match[2]))


Ports = Annotated[PortRange, BeforeValidator(_port_range)]


@dataclass(frozen=True, slots=True)
class Years:
    """Calendar years, both included."""

    first: int
    last: int

    def __str__(self) -> str:
        """As it is written in the tenant file."""
        return f"{self.first}-{self.last}" if self.last > self.first else f"{self.first}"

    def __iter__(self) -> Iterator[int]:
        """Each year in order."""
        return iter(range(self.first, self.last + 1))


def _years(value: Any) -> Years:
    text = _text(value, "a range of years")
    match = re.fullmatch(r"(20[0-9]{2})(?:-(20[0-9]{2}))?", text)
    if not match or int(match[2] or match[1]) < int(match[1]):
        raise refuse("PBX115", f"{text!r} is not a range of years", "for example 2026-2028")
    return Years(int(match[1]), int(match[2] or match[1]))


YearRange = Annotated[Years, BeforeValidator(_years)]


@dataclass(frozen=True, slots=True, order=True)
class Hours:
    """A stretch of one day in minutes since midnight: ``start`` included, ``end`` not (``24:00`` is 1440)."""

    start: int
    end: int


def _clock_minutes(text: str) -> int | None:
    match = re.fullmatch(r"([0-9]{1,2}):([0-9]{2})", text)
    if not match or int(match[2]) > 59:  # noqa: PLR2004 - minutes of an hour
        return None
    minutes = int(match[1]) * 60 + int(match[2])
    return minutes if minutes <= MINUTES_PER_DAY else None


def _hours(value: Any) -> Hours:
    text = _text(value, "hours of a day")
    start, dash, end = text.partition("-")
    first, last = _clock_minutes(start.strip()), _clock_minutes(end.strip())
    if not dash or first is None or last is None:
        raise refuse("PBX116", f"{text!r} is not a stretch of a day", "two times of day: 09:00-18:00")
    if first >= last:
        raise refuse(
            "PBX116",
            f"{text!r} ends before it starts",
            f"past midnight is two stretches: {start}-24:00 on this day and 00:00-{end} on the next",
        )
    return Hours(first, last)


def _hours_list(value: Any) -> tuple[Hours, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple(_hours(each) for each in values)


DayHours = Annotated[tuple[Hours, ...], BeforeValidator(_hours_list)]


def _weekday_set(value: Any) -> tuple[str, ...]:
    text = _text(value, "days of the week")
    days: list[str] = []
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        if first not in WEEKDAYS or (dash and last not in WEEKDAYS):
            raise refuse("PBX116", f"{text!r} is not a set of weekdays", "for example mon-fri, sat or mon,wed,fri")
        start, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
        days += [WEEKDAYS[(start + step) % 7] for step in range((end - start) % 7 + 1)]
    return tuple(dict.fromkeys(days))


Weekdays = Annotated[tuple[str, ...], BeforeValidator(_weekday_set)]


def _day(text: str) -> date:
    # Not every spelling of ISO 8601: 20261224 and 2026-W52-4 are days to Python and riddles to people.
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        with suppress(ValueError):
            return date.fromisoformat(text)
    raise refuse("PBX117", f"{text!r} is not a date", "year, month and day: 2026-12-24")


def _days(value: Any) -> tuple[date, ...]:
    text = _text(value, "a date or a range of dates")
    first, dots, last = text.partition("..")
    start, end = _day(first), _day(last) if dots else _day(first)
    if end < start or (end - start).days > 366:  # noqa: PLR2004 - days of a leap year
        raise refuse("PBX117", f"{text!r} is not a range of dates", "earlier date first, a year at the most")
    return tuple(start + timedelta(days=step) for step in range((end - start).days + 1))


def written_days(days: tuple[date, ...]) -> str:
    """A day, or a range of days, as it is written in the tenant file."""
    return f"{days[0]}" if len(days) == 1 else f"{days[0]}..{days[-1]}"


Days = Annotated[tuple[date, ...], BeforeValidator(_days)]
Day = Annotated[date, BeforeValidator(lambda value: _day(_text(value, "a date")))]


def distinct(code: str, what: str) -> WrapValidator:
    """A validator for mappings whose keys have several spellings: two for one thing would lose the first in silence."""

    def validate(given: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        understood = handler(given)
        if len(understood) != len(given):
            raise refuse(code, f"the same {what} are written twice here", "join the two lines")
        return understood

    return WrapValidator(validate)


def _timezone(value: Any) -> ZoneInfo:
    text = _text(value, "a time zone")
    if text not in available_timezones():
        raise refuse("PBX118", f"there is no time zone {text!r}", "for example America/Argentina/Buenos_Aires")
    return ZoneInfo(text)


TimeZone = Annotated[ZoneInfo, BeforeValidator(_timezone)]


@dataclass(frozen=True, slots=True)
class SecretReference:
    """Where a password is to be found: never the password itself."""

    source: str
    """``env``, ``file`` or ``secret``."""
    name: str

    def __str__(self) -> str:
        """As it is written in the YAML."""
        return f"{self.source}:{self.name}"


def _secret(value: Any) -> SecretReference:
    text = value if isinstance(value, str) else ""
    match = re.fullmatch(r"(env|file|secret):([A-Za-z0-9_./-]{1,200})", text)
    if not match:
        # The refused text is not repeated: it may well be the password.
        raise refuse(
            "PBX119",
            "a password is never written in the YAML",
            'say where it is: "env:NAME", "file:path" or "secret:name"',
        )
    return SecretReference(match[1], match[2])


Secret = Annotated[SecretReference, BeforeValidator(_secret)]

Kind = Literal[
    "extension",
    "queue",
    "ring_group",
    "ivr",
    "schedule",
    "voicemail",
    "announcement",
    "conference",
    "directory",
    "external",
]
REFERENCE_KINDS: Final = (
    "extension",
    "queue",
    "ring_group",
    "ivr",
    "schedule",
    "voicemail",
    "announcement",
    "conference",
    "directory",
    "external",
)
WORDS: Final = ("hangup", "busy", "voicemail", "repeat")


@dataclass(frozen=True, slots=True, order=True)
class Ref:
    """A place in a call: ``queue:ventas``; a plain word such as ``hangup`` has an empty id."""

    kind: str
    id: str = ""

    def __str__(self) -> str:
        """The one spelling of a place, everywhere."""
        return f"{self.kind}:{self.id}" if self.id else self.kind


HANGUP: Final = Ref("hangup")
BUSY: Final = Ref("busy")
REPEAT: Final = Ref("repeat")


def _destination(*words: str) -> Callable[[Any], Ref]:
    def parse(value: Any) -> Ref:
        text = _text(value, "a destination")
        kind, colon, identity = text.partition(":")
        if not colon and kind in words:
            return Ref(kind)
        if not colon and kind in WORDS:
            raise refuse("PBX120", f"{kind!r} has no meaning here", "a kind and an id, for example queue:ventas")
        if not colon or kind not in REFERENCE_KINDS or not identity:
            raise refuse(
                "PBX120",
                f"{text!r} is not a destination",
                f"a kind and an id, for example queue:ventas; the kinds are {', '.join(REFERENCE_KINDS)}",
            )
        if kind == "external" and not re.fullmatch(r"\+[1-9][0-9]{5,14}", identity):
            raise refuse("PBX106", f"{identity!r} is not a phone number in international form", "like +541143210000")
        return Ref(kind, identity)

    return parse


Destination = Annotated[Ref, BeforeValidator(_destination("hangup", "busy"))]
MenuDestination = Annotated[Ref, BeforeValidator(_destination("hangup", "busy", "repeat"))]
ForwardDestination = Annotated[Ref, BeforeValidator(_destination("hangup", "busy", "voicemail"))]


@dataclass(frozen=True, slots=True)
class Prompt:
    """Something a caller hears: exactly one of the three is set."""

    say: str = ""
    """Text for the speech synthesizer, in the tenant's language."""
    file: str = ""
    """A wav file in the tenant's folder."""
    sound: str = ""
    """One of Asterisk's own sounds, without suffix."""


def parse_prompt(value: Any) -> Prompt:
    """A prompt as written: a file name, ``{say: text}`` or ``{sound: name}``."""
    if isinstance(value, str):
        return _file_prompt(value)
    if isinstance(value, dict) and len(value) == 1:
        if "say" in value:
            return Prompt(say=spoken_text(value["say"]))
        if "sound" in value:
            return Prompt(sound=_sound(value["sound"]))
    raise refuse("PBX121", "this is not a prompt", 'a file such as welcome.wav, {say: "text"} or {sound: vm-goodbye}')


def spoken_text(value: Any) -> str:
    """Text for the speech synthesizer: 1 to 2,000 characters without control characters."""
    text = " ".join(_text(value, "a text to say").split())
    if not text or len(text) > 2000 or not any(character.isalnum() for character in text):  # noqa: PLR2004
        raise refuse("PBX121", "there is nothing to say in this text", "1 to 2,000 characters, with words in it")
    if any(ord(character) < ord(" ") or ord(character) == 0x7F for character in text):  # noqa: PLR2004 - DEL
        raise refuse("PBX121", "a text to say cannot hold control characters", "plain words and punctuation")
    return text


def _file_prompt(text: str) -> Prompt:
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,80}\.wav", text):
        raise refuse(
            "PBX121", f"{text!r} is not the name of a wav file", "letters, digits, dots and hyphens, ending in .wav"
        )
    return Prompt(file=text)


def _sound(value: Any) -> str:
    text = _text(value, "a sound's name")
    if not re.fullmatch(r"[a-z0-9][a-zA-Z0-9_-]{0,60}(/[a-zA-Z0-9_-]{1,60})?", text):
        raise refuse("PBX121", f"{text!r} is not the name of a sound", "a file of Asterisk's sounds without suffix")
    return text


PromptField = Annotated[Prompt, BeforeValidator(parse_prompt)]
