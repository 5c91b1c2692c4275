"""The dialplan of a build: contexts, extensions, steps, and how Asterisk finds its way among them.

Tenants of one country share long lists of numbers: equal bodies of contexts are read once, and whatever is found out
about one is true of all of them, since it depends on the text alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from pbx.asterisk import patterns
from pbx.diagnostics import Diagnostic
from pbx.verify.text import Section, settings, wrong

_EXTENSION: Final = re.compile(
    r"exten[ \t]*=>?[ \t]*(?P<name>[^,\s]+),(?P<priority>[^,(\s]+)(?:\((?P<label>[^)]*)\))?,(?P<what>.*)"
)
_SAME: Final = re.compile(r"[ \t]*same[ \t]*=>?[ \t]*n(?:\((?P<label>[^)]*)\))?,(?P<what>.*)")
_USUAL: Final = " same = n,"
_BEGINS: Final = "exten = "
_COMMENT: Final = re.compile(r"[ \t]*(?<!\\);.*")
_OTHER: Final = re.compile(r"(?P<key>include|ignorepat|autohints) =>? ?(?P<value>.*)")
NO_DIALPLAN: Final = frozenset({"general", "globals"})
"""Sections of ``extensions.conf`` that are no contexts (pbx/pbx_config.c)."""


@dataclass(slots=True)
class Extension:
    """The steps of one extension; a step is an application with its arguments, as written."""

    name: str
    offset: int
    """Of its first line in the body."""
    steps: list[str] = field(default_factory=list)
    offsets: list[int] = field(default_factory=list)
    labels: dict[str, int] = field(default_factory=dict)
    """Each label with the index of its step."""

    def has(self, priority: str) -> bool:
        """Whether a label or a number leads to a step."""
        return priority in self.labels or (priority.isdigit() and 0 < int(priority) <= len(self.steps))


@dataclass(slots=True)
class Body:
    """What stands in a context, whatever its name."""

    extensions: dict[str, Extension] = field(default_factory=dict)
    hints: list[tuple[int, str, str]] = field(default_factory=list)
    """Offset, extension and what it watches."""
    includes: list[tuple[int, str]] = field(default_factory=list)
    mistakes: list[tuple[int, str, str, str]] = field(default_factory=list)
    """Offset, code, message and consequence of what is wrong with the form."""
    patterns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Context:
    """A context: its section and its body, which others may share."""

    section: Section
    body: Body


@dataclass(slots=True)
class Dialplan:
    """All contexts by name, and the global variables."""

    contexts: dict[str, Context] = field(default_factory=dict)
    variables: list[tuple[str, str]] = field(default_factory=list)
    problems: list[Diagnostic] = field(default_factory=list)
    ordered: list[str] = field(default_factory=list)
    made: dict[str, frozenset[str]] = field(default_factory=dict)
    """Extensions that a module makes by itself, such as the slots of a parking lot, by context."""

    def __contains__(self, context: object) -> bool:
        """Whether a context is there."""
        return context in self.contexts or context in self.made

    def in_order(self) -> list[str]:
        """The names of all contexts, sorted."""
        if not self.ordered:
            self.ordered = sorted(self.contexts)
        return self.ordered

    def scope(self, context: str) -> str:
        """The tenant a context belongs to; empty for what all tenants share."""
        return self.contexts[context].section.scope if context in self.contexts else ""

    def find(self, context: str, extension: str) -> Extension | None:
        """What Asterisk runs for dialled characters, in the context or those it includes (pbx_find_extension)."""
        return self._find(context, extension, set())

    def _find(self, context: str, extension: str, seen: set[str]) -> Extension | None:
        if extension in self.made.get(context, ()):
            return Extension(extension, 0, ["NoOp()"], [0])
        here = self.contexts.get(context)
        if here is None or context in seen:
            return None
        seen.add(context)
        body = here.body
        if extension in body.extensions:
            return body.extensions[extension]
        if body.patterns:
            best = patterns.best_match(body.patterns, extension)
            if best is not None:
                return body.extensions[best]
        for _, name in body.includes:
            found = self._find(name, extension, seen)
            if found is not None:
                return found
        return None

    def extensions(self, context: str) -> Iterator[str]:
        """Every extension and pattern of a context and of those it includes."""
        seen: set[str] = set()
        waiting = [context]
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            yield from self.made.get(name, ())
            if name in self.contexts:
                yield from self.contexts[name].body.extensions
                waiting += [included for _, included in self.contexts[name].body.includes]


def read_dialplan(sections: Iterable[Section]) -> Dialplan:
    """The contexts of the sections of ``extensions.conf``; a context that is there twice is told, and read once."""
    dialplan = Dialplan()
    bodies: dict[str, Body] = {}
    for section in sections:
        if section.name in NO_DIALPLAN:
            dialplan.variables += settings(section.body) if section.name == "globals" else []
            continue
        if section.name in dialplan.contexts:
            message = f"the context {section.name} is there twice"
            dialplan.problems.append(wrong("PBX614", section.place, message, "calls would take a mix of both"))
            continue
        body = bodies.get(section.body)
        if body is None:
            body = bodies[section.body] = read_body(section.body)
        dialplan.contexts[section.name] = Context(section, body)
    return dialplan


def read_body(text: str) -> Body:
    """The lines of a context. A line that is not understood is among its mistakes."""
    body = Body()
    here: Extension | None = None
    for offset, line in enumerate(text.split("\n")):
        if ";" not in line:  # most lines are of two forms: no need to look closer
            if line.startswith(_USUAL) and here is not None:
                here.steps.append(line[len(_USUAL) :])
                here.offsets.append(offset)
                continue
            if line.startswith(_BEGINS):
                name, _, rest = line[len(_BEGINS) :].partition(",")
                if rest.startswith("1,") and " " not in name:
                    here = _begin(body, name, offset)
                    here.steps.append(rest[2:])
                    here.offsets.append(offset)
                    continue
        bare = (_COMMENT.sub("", line).replace("\\;", ";") if ";" in line else line).rstrip()
        if bare:
            here = _line(body, here, bare, offset)
    body.patterns = tuple(each for each in body.extensions if each[0] == "_")
    return body


def _line(body: Body, here: Extension | None, line: str, offset: int) -> Extension | None:
    """Take in one line; answer the extension that the next one continues."""
    step = _EXTENSION.fullmatch(line)
    if step is not None:
        if step["priority"] == "hint":
            body.hints.append((offset, step["name"], step["what"]))
            return here
        if step["priority"] != "1":
            _not_understood(body, offset, line)
        here = _begin(body, step["name"], offset)
    else:
        step = _SAME.fullmatch(line)
        if step is None or here is None:
            _other(body, line, offset)
            return here
    label = step["label"]
    if label and label in here.labels:
        message = f"the label {label} is there twice in extension {here.name}"
        body.mistakes.append((offset, "PBX614", message, "calls would jump to the first of the two"))
    if label:
        here.labels.setdefault(label, len(here.steps))
    here.steps.append(step["what"])
    here.offsets.append(offset)
    return here


def _begin(body: Body, name: str, offset: int) -> Extension:
    """A new extension; of two with one name the first one counts."""
    made = Extension(name, offset)
    if name in body.extensions:
        message = f"extension {name} is there twice"
        body.mistakes.append((offset, "PBX614", message, "Asterisk would keep the first one only"))
    else:
        body.extensions[name] = made
    return made


def _other(body: Body, line: str, offset: int) -> None:
    found = _OTHER.fullmatch(line.strip())
    if found is None:
        _not_understood(body, offset, line)
    elif found["key"] == "include":
        body.includes.append((offset, found["value"]))


def _not_understood(body: Body, offset: int, line: str) -> None:
    message = f"this line is not understood: {line.strip()}"
    body.mistakes.append((offset, "PBX615", message, "nobody knows what Asterisk would do with it"))
