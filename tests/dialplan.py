"""A small reader of Asterisk's dialplan: enough to ask whether every jump of a build lands."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pbx.asterisk import patterns

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SECTION = re.compile(r"\[([^\]]+)\](\([^)]*\))?$")
_INCLUDE_FILE = re.compile(r'#include "([^"]+)"$')
_STEP = re.compile(r"(?:exten = (?P<exten>[^,]+),(?P<priority>1|hint)|same = n(?:\((?P<label>\w+)\))?),(?P<what>.*)$")
_APPLICATION = re.compile(r"(?P<name>\w+)\((?P<arguments>.*)\)$")


@dataclass
class Extension:
    """The steps of one extension."""

    steps: list[str] = field(default_factory=list)
    labels: set[str] = field(default_factory=set)


@dataclass
class Context:
    """A context: extensions by name, and the contexts it includes."""

    extensions: dict[str, Extension] = field(default_factory=dict)
    includes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Jump:
    """One target of a jump, and where it stands."""

    context: str
    extension: str
    target: str


def lines_of(files: Mapping[str, str], name: str) -> Iterator[str]:
    """The lines of a file and of those it includes, without comments and blank lines."""
    for line in files[name].splitlines():
        bare = re.sub(r"(^|\s);.*", "", line).strip()
        include = _INCLUDE_FILE.match(bare)
        if include:
            yield from lines_of(files, include[1])
        elif bare:
            yield bare


def read(files: Mapping[str, str]) -> dict[str, Context]:
    """The whole dialplan of a build. A line that is not understood, or a context or extension twice, is an error."""
    contexts: dict[str, Context] = {}
    here, at = Context(), Extension()
    for line in lines_of(files, "extensions.conf"):
        section, step = _SECTION.match(line), _STEP.match(line)
        if section:
            assert section[1] not in contexts, f"context {section[1]} twice"
            here = contexts.setdefault(section[1], Context())
        elif line.startswith("include = "):
            here.includes.append(line.removeprefix("include = "))
        elif step and step["priority"] == "hint":
            continue
        elif step:
            if step["exten"]:
                assert step["exten"] not in here.extensions, f"extension {step['exten']} twice"
                at = here.extensions.setdefault(step["exten"], Extension())
            at.steps.append(step["what"])
            at.labels |= {step["label"]} - {None}
        else:
            assert re.match(r"\w+=", line), f"not understood: {line}"
    return contexts


def jumps(contexts: Mapping[str, Context]) -> Iterator[Jump]:
    """Every target of every jump."""
    for name, context in contexts.items():
        for extension, body in context.extensions.items():
            for step in body.steps:
                for target in _targets(step):
                    yield Jump(name, extension, target)


def _targets(step: str) -> Iterator[str]:
    found = _APPLICATION.match(step)
    assert found, f"not an application: {step}"
    name, arguments = found["name"], found["arguments"]
    if name in {"Goto", "Gosub"}:
        yield _without_arguments(arguments)
    elif name in {"GotoIf", "GosubIf", "GotoIfTime"}:
        yes, _, no = arguments[_after_condition(arguments) :].partition(":")
        yield from (_without_arguments(each) for each in (yes, no) if each)


def _after_condition(arguments: str) -> int:
    depth = 0
    for index, character in enumerate(arguments):
        depth += (character in "[{") - (character in "]}")
        if character == "?" and not depth:
            return index + 1
    message = f"no question mark: {arguments}"
    raise AssertionError(message)


def _without_arguments(target: str) -> str:
    return re.sub(r"\(.*\)$", "", target)


def lands(contexts: Mapping[str, Context], jump: Jump) -> bool:
    """Whether a jump leads to a step that exists; what is known only at run time is taken to."""
    parts = jump.target.split(",")
    context, extension = jump.context, jump.extension
    if len(parts) == 3:
        context, extension = parts[0], parts[1]
    elif len(parts) == 2:
        extension = parts[0]
    if "${" in context:
        return True
    if context not in contexts:
        return False
    if "${" in extension:
        return bool(_all(contexts, context))
    body = _find(contexts, context, extension)
    if body is None:
        return False
    priority = parts[-1]
    return "${" in priority or priority in body.labels or (priority.isdigit() and int(priority) <= len(body.steps))


def _all(contexts: Mapping[str, Context], context: str) -> list[str]:
    here = contexts[context]
    return [*here.extensions, *(each for name in here.includes for each in _all(contexts, name))]


def _find(contexts: Mapping[str, Context], context: str, extension: str) -> Extension | None:
    here = contexts[context]
    if extension in here.extensions:
        return here.extensions[extension]
    best = patterns.best_match(here.extensions, extension)
    if best is not None:
        return here.extensions[best]
    return next((found for name in here.includes if (found := _find(contexts, name, extension))), None)


def sections(files: Mapping[str, str], name: str) -> list[tuple[str, list[str]]]:
    """The sections of a configuration file with their lines, in order."""
    found: list[tuple[str, list[str]]] = []
    for line in lines_of(files, name):
        section = _SECTION.match(line)
        if section:
            found.append((section[1], []))
        else:
            found[-1][1].append(line)
    return found
