"""A file as read: its text, its tree of raw texts, and where each thing stands."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from pbx.diagnostics import Path, Span

Tree: TypeAlias = "str | dict[str, Tree] | list[Tree] | None"
"""What a file says, untyped."""

LINE_BREAK = re.compile(r"\r\n|\r|\n")
"""As an editor breaks lines."""


@dataclass(frozen=True)
class Document:
    """A file that was read: its text, what it says, and where each thing stands."""

    file: str
    text: str
    tree: Tree
    spans: Mapping[Path, Span]
    """Of values; those of quoted texts include the quotes."""
    keys: Mapping[Path, Span]
    """Of keys, by the path of their value."""
    readable: bool = True
    """Whether ``tree`` is what the user wrote; False when reading found errors, and then nothing may build on it."""

    def span(self, path: Path) -> Span:
        """Where the value stands; for a path that does not exist, where to point instead."""
        return self.spans.get(path) or self.place(path)

    def place(self, path: Path, *, at_key: bool = False) -> Span:
        """Where to point a reader: the value, or its key when that was asked for or shows more.

        The key shows more when the value is empty, begins on a later line, or does not exist (then: of the ancestor).
        """
        known = self._nearest(path)
        value, key = self.spans.get(known), self.keys.get(known)
        if known != path and not at_key and value and isinstance(self._at(known), str):
            return value  # the short form: {"1": queue:ventas} for {"1": {to: queue:ventas}}
        if key and (at_key or known != path or value is None or _is_nothing(value) or value.line > key.line):
            return key
        if known == () and (first := next((self.keys[p] for p in self.keys if len(p) == 1), None)):
            return first
        return value or Span(self.file, 1, 1, 1, 1)

    def _at(self, path: Path) -> Tree:
        found = self.tree
        for step in path:
            if isinstance(found, dict):
                found = found.get(str(step))
            elif isinstance(found, list) and isinstance(step, int):
                found = found[step] if step < len(found) else None
        return found

    def _nearest(self, path: Path) -> Path:
        while path and path not in self.spans and path not in self.keys:
            path = path[:-1]
        return path


def _is_nothing(span: Span) -> bool:
    return (span.line, span.column) == (span.end_line, span.end_column)


class Lines:
    """Turns an index into the text into a line and a column, as an editor counts them.

    The parser's own line numbers are not used: it also breaks lines at U+0085, U+2028 and U+2029, which editors do not.
    """

    def __init__(self, file: str, text: str) -> None:
        self._file = file
        self._text = text

    @cached_property
    def _bounds(self) -> tuple[list[int], list[int]]:
        """Where each line begins, and where it ends without its line break."""
        breaks = list(LINE_BREAK.finditer(self._text))
        return [0, *(found.end() for found in breaks)], [*(found.start() for found in breaks), len(self._text)]

    def span(self, start: int, end: int) -> Span:
        """The stretch between two indices; an index between the two characters of a line break counts as before it."""
        line, column = self._position(start)
        return Span(self._file, line, column, *self._position(end))

    def _position(self, index: int) -> tuple[int, int]:
        starts, ends = self._bounds
        line = bisect_right(starts, index)
        return line, min(index, ends[line - 1]) - starts[line - 1] + 1


class Places(Mapping[Path, Span]):
    """Spans by path, kept as two indices into the text each: few are ever asked for, and a large site has a million."""

    __slots__ = ("_indices", "_lines")

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._indices: dict[Path, tuple[int, int]] = {}

    def put(self, path: Path, start: int, end: int) -> None:
        """Say where a path stands, by two indices into the text."""
        self._indices[path] = (start, end)

    def __getitem__(self, path: Path) -> Span:
        return self._lines.span(*self._indices[path])

    def __contains__(self, path: object) -> bool:
        return path in self._indices

    def __iter__(self) -> Iterator[Path]:
        return iter(self._indices)

    def __len__(self) -> int:
        return len(self._indices)
