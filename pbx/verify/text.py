"""Reading the text of a build as Asterisk reads it (main/config.c): files, includes, sections.

Only what our own templates write is read; everything else is told, not guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from pbx.diagnostics import Diagnostic, Span

FOLDER: Final = "etc"
"""Where the configuration stands in a build: generated files are shown as ``etc/queues.conf``."""

HELP: Final = "the build is wrong, not your files: this is our mistake, please report it to us with this message"

_PIECE: Final = re.compile(r"^(?:\[(?P<name>[^\]\n]*)\](?P<options>[^\n]*)|#(?P<directive>[^\n]*))$", re.MULTILINE)
_INCLUDE: Final = re.compile(r'include "([^"]+)"')
_COMMENT: Final = re.compile(r"(?<!\\);.*")


class Place(NamedTuple):
    """A line of a generated file; the file is relative to Asterisk's configuration folder, lines count from 1."""

    file: str
    line: int


class Section(NamedTuple):
    """A section of a configuration file, whose lines follow its header."""

    name: str
    place: Place
    """Of the header."""
    body: str
    template: bool = False
    """``[name](!)``: it is only there for others to inherit from."""
    parents: tuple[str, ...] = ()
    """The templates it inherits from."""
    scope: str = ""
    """The tenant it belongs to; empty for what all tenants share."""

    def at(self, offset: int) -> Place:
        """The place of a line of the body; the first one has the offset 0."""
        return Place(self.place.file, self.place.line + 1 + offset)


@dataclass(slots=True)
class Reading:
    """A configuration with all it includes, and what is wrong with its form."""

    sections: list[Section] = field(default_factory=list)
    problems: list[Diagnostic] = field(default_factory=list)


def wrong(code: str, place: Place, message: str, consequence: str) -> Diagnostic:
    """A mistake in a build, shown at its generated line."""
    span = Span(f"{FOLDER}/{place.file}", place.line, 1, place.line, 2)
    return Diagnostic(code, span.file, (), message, help=HELP, consequence=consequence, span=span)


def read(files: Mapping[str, str], name: str) -> Reading:
    """The sections of a file and of those it includes, in the order in which Asterisk meets them."""
    reading = Reading()
    if name in files:
        _read(files, name, reading, (name,))
    return reading


def settings(body: str) -> list[tuple[str, str]]:
    """The ``key=value`` and ``key => value`` lines of a body, in order, without comments."""
    found = []
    for line in body.split("\n"):
        key, equals, value = (_COMMENT.sub("", line).replace("\\;", ";") if ";" in line else line).partition("=")
        if equals:
            found.append((key.strip(), value.lstrip(">").strip()))
    return found


def numbered(section: Section) -> Iterator[tuple[Place, str, str]]:
    """The same lines with their places: slower, for messages and for short files."""
    for offset, line in enumerate(section.body.split("\n")):
        for key, value in settings(line):
            yield section.at(offset), key, value


def place_of(section: Section, key: str, value: str) -> Place:
    """Where a setting stands; the header when it is inherited."""
    return next((place for place, *pair in numbered(section) if pair == [key, value]), section.place)


def _read(files: Mapping[str, str], name: str, reading: Reading, path: tuple[str, ...]) -> None:
    text = files[name]
    line, counted = 1, 0
    scope = name.split("/")[1] if name.startswith("tenants/") else ""
    pieces = list(_PIECE.finditer(text))
    _stray(text[: pieces[0].start()] if pieces else text, Place(name, 1), reading)
    for index, piece in enumerate(pieces):
        line += text.count("\n", counted, piece.start())
        counted = piece.start()
        place = Place(name, line)
        body = text[piece.end() + 1 : pieces[index + 1].start() if index + 1 < len(pieces) else len(text)]
        header, options, directive = piece.groups()
        if directive is None:
            template, parents = _options(piece, place, reading) if options else (False, ())
            reading.sections.append(Section(header, place, body, template, parents, scope))
        else:
            _include(files, directive, place, reading, path)
            _stray(body, Place(name, line + 1), reading)


def _options(piece: re.Match[str], place: Place, reading: Reading) -> tuple[bool, tuple[str, ...]]:
    """What stands behind a header: whether it is a template, and from which ones it inherits."""
    words = _COMMENT.sub("", piece["options"]).strip()
    inside = words[1:-1].split(",") if words.startswith("(") and words.endswith(")") else []
    if (words and not inside) or any(not each or each == "+" for each in inside):
        reading.problems.append(_unread(place, piece[0]))
        inside = []
    return "!" in inside, tuple(each for each in inside if each != "!")


def _include(files: Mapping[str, str], directive: str, place: Place, reading: Reading, path: tuple[str, ...]) -> None:
    found = _INCLUDE.fullmatch(directive.rstrip())
    if found is None:
        reading.problems.append(_unread(place, f"#{directive}"))
    elif found[1] in path:
        reading.problems.append(wrong("PBX612", place, f"{found[1]} includes itself", "Asterisk would not start"))
    elif found[1] not in files:
        message = f"the included file {found[1]} is not in the build"
        reading.problems.append(wrong("PBX612", place, message, "Asterisk would leave out what should be there"))
    else:
        _read(files, found[1], reading, (*path, found[1]))


def _stray(text: str, place: Place, reading: Reading) -> None:
    """Lines that would belong to whatever section another file happens to end with."""
    for offset, line in enumerate(text.split("\n")):
        if _COMMENT.sub("", line).strip():
            reading.problems.append(_unread(Place(place.file, place.line + offset), line))


def _unread(place: Place, line: str) -> Diagnostic:
    message = f"this line is not understood: {line.strip()}"
    return wrong("PBX615", place, message, "nobody knows what Asterisk would do with it")
