"""Telephone numbers made at random from libphonenumber's own rules, of every type a country has."""

from __future__ import annotations

from random import Random
from re import _constants as kinds  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

from phonenumbers import PhoneMetadata

TYPES = (
    "fixed_line",
    "mobile",
    "toll_free",
    "premium_rate",
    "shared_cost",
    "personal_number",
    "voip",
    "uan",
)


def national_numbers(region: str, each: int, seed: int = 20261121) -> list[str]:
    """Make national significant numbers, ``each`` of every type; always the same ones for a seed."""
    random = Random(seed)
    metadata: Any = PhoneMetadata.metadata_for_region(region)
    patterns = [getattr(metadata, kind).national_number_pattern for kind in TYPES if getattr(metadata, kind)]
    return [_sample(parser.parse(pattern), random) for pattern in patterns if pattern for _ in range(each)]


def short_numbers(region: str) -> list[str]:
    """Give the numbers of up to four digits that libphonenumber calls emergency numbers of a region."""
    metadata: Any = PhoneMetadata.short_metadata_for_region(region)
    pattern = parser.parse(metadata.emergency.national_number_pattern)
    return sorted({_sample(pattern, Random(seed)) for seed in range(500)})


def _sample(parsed: Any, random: Random) -> str:  # noqa: ANN401 - the parser's own structure
    """Walk a parsed regular expression and choose at every fork."""
    out = ""
    for kind, value in parsed:
        if kind is kinds.LITERAL:
            out += chr(value)
        elif kind is kinds.IN:
            out += random.choice([digit for item in value for digit in _members(item)])
        elif kind is kinds.BRANCH:
            out += _sample(random.choice(value[1]), random)
        elif kind is kinds.SUBPATTERN:
            out += _sample(value[-1], random)
        elif kind is kinds.MAX_REPEAT:
            low, high, inner = value
            out += "".join(_sample(inner, random) for _ in range(random.randint(low, min(high, low + 4))))
        else:
            message = f"a rule of libphonenumber uses {kind}"
            raise NotImplementedError(message)
    return out


def _members(item: Any) -> str:  # noqa: ANN401 - the parser's own structure
    """Give the characters of one entry of a set."""
    kind, value = item
    if kind is kinds.LITERAL:
        return chr(value)
    if kind is kinds.RANGE:
        return "".join(chr(code) for code in range(value[0], value[1] + 1))
    return "0123456789"
