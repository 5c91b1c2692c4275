"""Each step of the dialplan, taken apart once: equal steps of many tenants are one."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from pbx.verify.applications import function_references, references_of
from pbx.verify.references import (
    Jump,
    Named,
    Reference,
    application,
    assignments,
    functions,
    split,
    texts,
    written_functions,
)

PARAMETER: Final = "${ARG"
_JUMP: Final = re.compile(r"(Goto|Gosub)\(([\w-]+),([\w*#+-]+),(\w+)(?:\(([^$()\"\\\\]*)\))?\)")
"""The jumps that most steps are: to a place that is written out."""
_WRITERS: Final = frozenset({"read", "readexten", "waitdigit", "stackpop"})
"""Applications whose first argument is a variable that they set."""


class Step(NamedTuple):
    """What is in a step."""

    applications: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()
    assignments: tuple[tuple[str, str], ...] = ()
    understood: bool = True
    plain: bool = False
    """One application that leads nowhere and names nothing: nothing can be wrong but its name."""

    labels: tuple[str, ...] = ()
    """Where it may go, when that is nowhere but to labels of its own extension, and nothing else is in it."""
    varies: bool = False
    """A variable stands in what it leads to or names."""

    @property
    def jumps(self) -> tuple[Jump, ...]:
        """Where the call may go."""
        return tuple(each for each in self.references if isinstance(each, Jump))


@dataclass(slots=True)
class Steps:
    """All the steps that were taken apart."""

    known: dict[str, Step] = field(default_factory=dict)
    plain: dict[str, Step] = field(default_factory=dict)

    def of(self, text: str) -> Step:
        """The step of a text."""
        found = self.known.get(text)
        if found is None:
            found = self.known[text] = self._read(text)
        return found

    def _read(self, text: str) -> Step:
        usual = _JUMP.fullmatch(text)
        if usual is not None:
            name, context, extension, priority, given = usual.groups()
            words = tuple(given.split(",")) if given is not None else ()
            return Step((name,), references=(Jump(context, extension, priority, words, name == "Gosub"),))
        call = application(text)
        if call is None:
            return Step(understood=False)
        name, arguments = call
        references = tuple(references_of(name, arguments))
        lower = name.lower()
        if "${" not in text and not references and lower not in {"set", "mset"}:
            plain = self.plain.get(name)
            if plain is None:
                plain = self.plain[name] = Step((name,), plain=True)
            return plain
        used = [*functions(text), *written_functions(lower, arguments)] if "(" in arguments else []
        for function, inside in used:
            references += tuple(function_references(function, inside))
        more = tuple(each.name for each in references if isinstance(each, Named) and each.kind == "application")
        kept = tuple(each for each in references if not (isinstance(each, Named) and each.kind == "application"))
        varies = any("$" in part for each in kept for part in texts(each))
        called = tuple(each for each, _ in used)
        labels = tuple(
            each.priority for each in kept if isinstance(each, Jump) and not (each.context or each.extension)
        )
        if varies or len(labels) < len(kept):
            labels = ()
        return Step((name, *more), called, kept, _assigned(lower, arguments), labels=labels, varies=varies)


def _assigned(name: str, arguments: str) -> tuple[tuple[str, str], ...]:
    if name in {"set", "mset"}:
        return tuple(assignments(name, arguments))
    if name in {"execif", "execiftime"}:
        question = split(arguments, "?")
        found: list[tuple[str, str]] = []
        for branch in split("?".join(question[1:]), ":"):
            inner = application(branch.strip())
            found += _assigned(inner[0].lower(), inner[1]) if inner else ()
        return tuple(found)
    if name in _WRITERS:
        return ((split(arguments)[0], "${ANY()}"),)
    return ()
