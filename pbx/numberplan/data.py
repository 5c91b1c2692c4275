"""The data files of the number plans, read and given types.

A file that does not fit is our own mistake and raises ``ValueError``: the files are shipped, never the user's.

A plan's file has these keys (all values are text):

``country``, ``name``, ``code``
    ISO 3166 code, English name, country calling code.
``international``
    What people dial before a country code: a list of patterns without the underscore.
``area_codes``
    Area code to the place it serves; left out where the country has a closed plan without area codes.
``subscriber``
    Length of the area code to the pattern of the subscriber's number.
``emergency``
    Short number to the service it reaches.
``short``
    Other short numbers: ``{number, category, name}``.
``dialled``
    How people dial inside the country: ``{pattern, strip, drop, prepend, category, name, elsewhere}``.
``e164``
    National significant numbers by category: ``{pattern, category, name, elsewhere}``.
``tones``
    The country's section of Asterisk's ``indications.conf``.

Patterns and ``prepend`` may say ``{area}`` and ``{subscriber}``. ``drop`` is ``position+count``, counted in what was
dialled. ``elsewhere`` names the category for longer area codes that begin with the own one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING

from pbx.source import read_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Rule:
    """One row of ``dialled`` or ``e164``, with its placeholders still in it."""

    pattern: str
    category: str
    name: str
    strip: int = 0
    drop: tuple[int, int] | None = None
    prepend: str = ""
    elsewhere: str | None = None


@dataclass(frozen=True)
class CountryData:
    """One country's file."""

    country: str
    name: str
    code: str
    international: tuple[str, ...]
    area_codes: Mapping[str, str]
    subscriber: Mapping[int, str]
    emergency: Mapping[str, str]
    dialled: tuple[Rule, ...]
    e164: tuple[Rule, ...]
    short: tuple[Rule, ...] = ()
    tones: Mapping[str, str] = field(default_factory=dict)


@cache
def countries() -> tuple[str, ...]:
    """List the countries that have a plan, as ISO 3166 codes in alphabetical order."""
    names = (entry.name for entry in resources.files(__package__).iterdir())
    return tuple(sorted(name.removesuffix(".yaml").upper() for name in names if name.endswith(".yaml")))


def has_plan(country: str) -> bool:
    """Tell whether there is a plan for a country."""
    return country in countries()


def tones(country: str) -> Mapping[str, str]:
    """Answer the country's tones: option to value of its ``indications.conf`` section, in the order to write them.

    Empty when the country is unknown.
    """
    return country_data(country).tones if has_plan(country) else {}


@lru_cache(maxsize=32)
def country_data(country: str) -> CountryData:
    """Read one country's file. Ask :func:`has_plan` first."""
    name = f"{country.lower()}.yaml"
    document, problems = read_yaml(name, resources.files(__package__).joinpath(name).read_text(encoding="utf-8"))
    if problems:
        message = f"the number plan {name} cannot be read: {problems}"
        raise ValueError(message)
    tree = _mapping(document.tree)
    return CountryData(
        country=_text(tree["country"]),
        name=_text(tree["name"]),
        code=_text(tree["code"]),
        international=tuple(_text(item) for item in _sequence(tree["international"])),
        area_codes=_texts(tree.get("area_codes", {})),
        subscriber={int(length): pattern for length, pattern in _texts(tree.get("subscriber", {})).items()},
        emergency=_texts(tree["emergency"]),
        dialled=tuple(_rule(item) for item in _sequence(tree["dialled"])),
        e164=tuple(_rule(item) for item in _sequence(tree["e164"])),
        short=tuple(_rule(item) for item in _sequence(tree.get("short", []))),
        tones=_texts(tree.get("tones", {})),
    )


def _rule(node: object) -> Rule:
    """Read one row."""
    row = _texts(node)
    unknown = set(row) - {"pattern", "category", "name", "strip", "drop", "prepend", "elsewhere"}
    if unknown:
        message = f"unknown words in a row of a number plan: {sorted(unknown)}"
        raise ValueError(message)
    drop = None
    if "drop" in row:
        position, _, count = row["drop"].partition("+")
        drop = (int(position), int(count))
    return Rule(
        pattern=row["pattern"],
        category=row["category"],
        name=row["name"],
        strip=int(row.get("strip", "0")),
        drop=drop,
        prepend=row.get("prepend", ""),
        elsewhere=row.get("elsewhere"),
    )


def _mapping(node: object) -> dict[str, object]:
    """Insist on a mapping."""
    if not isinstance(node, dict):
        message = f"a number plan has {node!r} where a mapping belongs"
        raise ValueError(message)  # noqa: TRY004 - one kind of error for a broken data file
    return {str(key): value for key, value in node.items()}


def _sequence(node: object) -> list[object]:
    """Insist on a list."""
    if not isinstance(node, list):
        message = f"a number plan has {node!r} where a list belongs"
        raise ValueError(message)  # noqa: TRY004 - as above
    return list(node)


def _text(node: object) -> str:
    """Insist on text."""
    if not isinstance(node, str):
        message = f"a number plan has {node!r} where text belongs"
        raise ValueError(message)  # noqa: TRY004 - as above
    return node


def _texts(node: object) -> dict[str, str]:
    """Insist on a mapping of texts."""
    return {key: _text(value) for key, value in _mapping(node).items()}
