"""How steps of the dialplan are written: applications, functions, arguments, jumps, devices, options."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple


class Jump(NamedTuple):
    """A place the call may go to; empty parts mean the place where the step stands."""

    context: str
    extension: str
    priority: str
    arguments: tuple[str, ...] = ()
    """Of a Gosub."""
    returns: bool = False
    """A Gosub: the call comes back."""


class Named(NamedTuple):
    """Something that must exist: a queue, a mailbox, a sound."""

    kind: str
    name: str


Reference = Jump | Named

_STEP: Final = re.compile(r"(\w+)(?:\((.*)\))?")
_FUNCTION: Final = re.compile(r"\$\{[ \t]*([A-Za-z_0-9]+)\(")
_USUAL: Final = re.compile(r"([\w-]+),([\w*#+-]+),(\w+)(?:\(([^$()\"\\\\]*)\))?")
_TARGET: Final = re.compile(r"(?P<priority>[^()]*)(?:\((?P<arguments>.*)\))?")
_SIGN: Final = re.compile(r"\\.|[^\w\s]")
_OPENING, _CLOSING = "([{", ")]}"
_MODIFIED: Final = re.compile(r"_{0,2}([A-Za-z][A-Za-z0-9_-]*)(\(.*\))?")


def texts(reference: Reference) -> tuple[str, ...]:
    """Everything in a reference that may hold a variable."""
    if isinstance(reference, Named):
        return (reference.name,)
    return (*reference[:3], *reference.arguments)


def application(step: str) -> tuple[str, str] | None:
    """The name and the arguments of a step; None when it is none."""
    found = _STEP.fullmatch(step)
    return (found[1], found[2] or "") if found else None


def split(text: str, separator: str = ",") -> list[str]:
    """Cut arguments where Asterisk does: not inside brackets, braces, parentheses or quotes (app.c)."""
    if separator not in text:
        return [text]
    if not any(sign in text for sign in '([{"\\'):
        return text.split(separator)
    parts, depth, begin, quoted = [], 0, 0, False
    for found in _SIGN.finditer(text):
        sign = found[0]
        if sign == '"':
            quoted = not quoted
        elif quoted or len(sign) > 1:
            continue
        elif sign == separator:
            if depth == 0:
                parts.append(text[begin : found.start()])
                begin = found.end()
        else:
            depth += (sign in _OPENING) - (sign in _CLOSING)
    return [*parts, text[begin:]]


def functions(text: str) -> Iterator[tuple[str, str]]:
    """The dialplan functions that are read in a text, each with its arguments."""
    for found in _FUNCTION.finditer(text):
        yield found[1], _until_closed(text, found.end())


def written_functions(name: str, arguments: str) -> Iterator[tuple[str, str]]:
    """The functions that an application writes to: ``Set(CHANNEL(language)=es)``."""
    if name in {"set", "mset"}:
        for variable, _ in assignments(name, arguments):
            found = _MODIFIED.fullmatch(variable)
            if found and found[2]:
                yield found[1], found[2][1:-1]


def assignments(name: str, arguments: str) -> list[tuple[str, str]]:
    """Variable and value of each assignment of ``Set`` or ``MSet``; inheritance marks are kept."""
    parts = split(arguments) if name == "mset" else [arguments]
    pairs = [each.partition("=") for each in parts]
    return [(variable.strip(), value) for variable, equals, value in pairs if equals]


def variable_name(written: str) -> str:
    """The variable that is set: ``__NAME``, ``LOCAL(NAME)`` and ``GLOBAL(NAME)`` are ``NAME``."""
    if "(" not in written:
        return written.lstrip("_")
    inner = re.fullmatch(r"(?:LOCAL|GLOBAL|SHARED)\(([A-Za-z0-9_]+)\)", written)
    return inner[1] if inner else written.lstrip("_")


def _until_closed(text: str, begin: int) -> str:
    depth = 0
    for index in range(begin, len(text)):
        if text[index] in _OPENING:
            depth += 1
        elif text[index] in _CLOSING:
            if depth == 0:
                return text[begin:index]
            depth -= 1
    return text[begin:]


# Jumps


def target(text: str, *, returns: bool = False) -> Iterator[Jump]:
    """``[[context,]extension,]priority[(arguments)]``, as Goto and Gosub take it."""
    if not text.strip():
        return
    usual = _USUAL.fullmatch(text)
    if usual is not None:
        given = tuple(usual[4].split(",")) if usual[4] is not None else ()
        yield Jump(usual[1], usual[2], usual[3], given, returns)
        return
    parts = split(text.strip())
    found = _TARGET.fullmatch(parts[-1].strip()) if "${" not in parts[-1] else None
    priority, arguments = (found["priority"], found["arguments"]) if found else (parts[-1].strip(), None)
    if found is None:  # ${…} may hold parentheses: only those at the very end are arguments
        priority, arguments = _trailing_arguments(priority)
    context, extension = ("", "", *parts[:-1])[-2:]
    yield Jump(
        context.strip(), extension.strip(), priority, tuple(split(arguments)) if arguments is not None else (), returns
    )


def _trailing_arguments(text: str) -> tuple[str, str | None]:
    if not text.endswith(")"):
        return text, None
    depth = 0
    for index, sign in enumerate(text):
        if sign in _OPENING:
            if sign == "(" and depth == 0:
                return text[:index], text[index + 1 : -1]
            depth += 1
        elif sign in _CLOSING:
            depth -= 1
    return text, None


def caret(text: str, *, returns: bool = True) -> Iterator[Jump]:
    """``context^extension^priority(argument^argument)``, as options of Dial and Queue take it."""
    place, open_, inside = text.partition("(")
    jump = place.replace("^", ",")
    arguments = inside.removesuffix(")").replace("^", ",")
    parts = jump.split(",")
    whole = ",".join(parts if len(parts) != 1 else [parts[0], "s", "1"])
    yield from target(f"{whole}({arguments})" if open_ else whole, returns=returns)


# Objects


def device(name: str) -> Iterator[Reference]:
    """What a dial string or a device's name leads to: ``PJSIP/andina_201``, ``Local/201@andina_internal``."""
    technology, slash, rest = name.strip().partition("/")
    if technology == "PJSIP" and slash:
        at = rest.rpartition("@")[2] if "@" in rest else split(rest, "/")[0]
        yield Named("endpoint", at.removesuffix("-"))
    elif technology == "Local" and slash:
        extension, _, context = split(rest, "/")[0].partition("@")
        yield Jump(context or "default", extension, "1")
    elif technology.startswith("Queue:"):
        yield Named("queue", technology.removeprefix("Queue:"))
    elif technology.startswith("MWI:"):
        yield Named("mailbox", technology.removeprefix("MWI:"))
    elif slash and "${" not in technology:
        yield Named("channel technology", technology)


def options(text: str) -> Iterator[tuple[str, str]]:
    """The letters of an option string, each with what stands in its parentheses."""
    index = 0
    while index < len(text):
        letter, index = text[index], index + 1
        inside = ""
        if index < len(text) and text[index] == "(":
            inside = _until_closed(text, index + 1)
            index += len(inside) + 2
        yield letter, inside


_CONTEXT_VARIABLES: Final = frozenset({"TRANSFER_CONTEXT", "FORWARD_CONTEXT", "VOICEMAIL_CONTEXT_EXIT"})
_WRITTEN: Final[Mapping[str, str]] = {
    "CHANNEL(musicclass)": "music class",
    "CHANNEL(tonezone)": "tone zone",
    "CHANNEL(parkinglot)": "parking lot",
    "PARKINGLOT": "parking lot",
    "CONFBRIDGE(bridge,template)": "bridge profile",
    "CONFBRIDGE(user,template)": "user profile",
    "CONFBRIDGE(menu,template)": "conference menu",
}


def variable_references(name: str, value: str) -> Iterator[Reference]:
    """What a variable with a meaning of its own leads to: ``TRANSFER_CONTEXT``, ``CHANNEL(musicclass)``."""
    if not value:
        return
    if name in _CONTEXT_VARIABLES:
        yield Named("context", value)
    elif name in _WRITTEN:
        yield Named(_WRITTEN[name], value)
    elif name.startswith("CHANNEL(hangup_handler_"):
        yield from target(value, returns=True)
    elif name in {"GOTO_ON_BLINDXFR", "GOSUB_ON_BLINDXFR"}:
        yield from caret(value.replace("|", "^"), returns=name.startswith("GOSUB"))
    elif name == "DYNAMIC_FEATURES":
        for feature in value.split("#"):
            yield Named("application map", feature)


def directory_entries(arguments: str) -> tuple[str, str]:
    """The file and the section in which ``Directory`` looks for people."""
    parts = [*split(arguments), "", ""]
    return dict(options(parts[2])).get("c") or "voicemail.conf", parts[0].strip()
