"""Which applications and functions Asterisk will have, with the modules that a build loads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files as resources
from typing import Final

from pbx.diagnostics import Diagnostic
from pbx.verify.steps import Step
from pbx.verify.text import read, settings

BUILTIN: Final = "builtin"
"""The module of what Asterisk has without loading anything."""


@cache
def inventory() -> Mapping[tuple[str, str], tuple[str, ...]]:
    """The modules that bring each application (in small letters: their names are not case sensitive) and function.

    ``pbx/asterisk/applications.txt`` is made from the engine by ``python -m lab.engine.inventory``.
    """
    found = {}
    for line in resources("pbx.asterisk").joinpath("applications.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            kind, name, modules = line.split()
            found[kind, name.lower() if kind == "application" else name] = tuple(modules.split(","))
    return found


@cache
def _spelled() -> frozenset[str]:
    """Applications as people write them."""
    text = resources("pbx.asterisk").joinpath("applications.txt").read_text("utf-8")
    return frozenset(line.split()[1] for line in text.splitlines() if line.startswith("application "))


@dataclass(slots=True)
class Modules:
    """The modules that a build loads."""

    loaded: frozenset[str]
    everything: bool = False
    """``autoload=yes``."""
    problems: list[Diagnostic] = field(default_factory=list)
    present: frozenset[str] = frozenset()
    """Applications that will be there, as the documentation spells them."""

    def missing(self, step: Step) -> Iterator[tuple[str, str]]:
        """The code and the message for each application and function of a step that will not be there."""
        for name in step.applications:
            yield from self.missing_application(name)
        for name in step.functions:
            yield from self._missing("function", name)

    def missing_application(self, name: str) -> Iterator[tuple[str, str]]:
        """The same for one application."""
        yield from self._missing("application", name)

    def _missing(self, kind: str, name: str) -> Iterator[tuple[str, str]]:
        modules = inventory().get((kind, name.lower() if kind == "application" else name))
        if modules is None:
            yield "PBX613", f"Asterisk 22 has no {kind} {name}"
        elif not self.everything and BUILTIN not in modules and self.loaded.isdisjoint(modules):
            yield "PBX613", f"the {kind} {name} needs the module {modules[0]}.so, which modules.conf does not load"


def read_modules(files: Mapping[str, str]) -> Modules:
    """What ``modules.conf`` loads."""
    reading = read(files, "modules.conf")
    pairs = [pair for section in reading.sections for pair in settings(section.body)]
    named = {value.removesuffix(".so") for key, value in pairs if key in {"load", "preload", "require"}}
    left = {value.removesuffix(".so") for key, value in pairs if key == "noload"}
    everything = ("autoload", "yes") in pairs and not left
    modules = Modules(frozenset(named - left), everything, reading.problems)
    modules.present = frozenset(name for name in _spelled() if not list(modules.missing_application(name)))
    return modules
