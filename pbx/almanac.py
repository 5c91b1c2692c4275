"""National holidays: one country's calendar of the ``holidays`` library, without loading those of all the others.

The library imports the calendars of 250 countries when any one of them is asked for, and looks up its own version in
the files of every installed package: that takes longer than to trace a call. So the one module that is wanted is
imported below packages that have the place of the library's, and not their contents.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from functools import cache
from importlib import import_module
from importlib.machinery import ModuleSpec
from importlib.util import find_spec, module_from_spec
from typing import Any


@cache
def subdivisions(country: str) -> tuple[str, ...] | None:
    """The subdivisions of a country (two letters) with a calendar of their own; None when it has no calendar."""
    found = _calendar(country)
    return None if found is None else tuple(found.subdivisions)


@cache
def holidays(calendar: str, first: int, last: int, language: str = "") -> Mapping[date, str]:
    """The days of a calendar such as ``AR`` or ``AR-B``, from a first year to a last.

    Named in a language, or in the country's own where its calendar does not know that one, or none was told. Raises
    ValueError for a country that has no calendar.
    """
    country, _, subdivision = calendar.partition("-")
    spoken = _calendar(country)
    if spoken is None:
        raise ValueError(f"{country} has no calendar")
    # Always told: without a language the library would take that of the machine, and builds would differ.
    known = [each for each in spoken.supported_languages if language and each.startswith(language)]
    named = min(known, default=spoken.default_language)
    return dict(spoken(subdiv=subdivision or None, years=range(first, last + 1), language=named))


def _calendar(country: str) -> Any | None:  # noqa: ANN401 - the classes of that library
    with _contents_left_out("holidays"):
        from holidays.registry import COUNTRIES

    found = next(((module, names[0]) for module, names in COUNTRIES.items() if names[1] == country), None)
    if found is None:
        return None
    module, name = found
    try:
        with _contents_left_out("holidays"), _contents_left_out("holidays.countries"):
            return getattr(import_module(f"holidays.countries.{module}"), name)
    except ImportError:  # it asks something of the package itself
        return getattr(import_module("holidays.countries"), name)


@contextmanager
def _contents_left_out(package: str) -> Iterator[None]:
    """A package whose modules can be imported while it is not: only for those that ask nothing of it."""
    spec = None if package in sys.modules else find_spec(package)
    if spec is None:
        yield
        return
    bare = ModuleSpec(spec.name, None, origin=spec.origin, is_package=True)
    bare.submodule_search_locations = spec.submodule_search_locations
    sys.modules[package] = module_from_spec(bare)
    try:
        yield
    finally:
        del sys.modules[package]
