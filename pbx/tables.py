"""A list as a customer sends it: CSV of any encoding and separator becomes cells that know their places.

RFC 4180, as spreadsheets really write it: UTF-8 with or without its mark, UTF-16 with its mark (Excel's "Unicode
text"), else Windows-1252; separated by comma, semicolon (Excel where the comma is decimal) or tab; with or without
Excel's first line ``sep=;``. A cell never holds a line break, so a line of the file is a row of the spreadsheet.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Final

from pbx.diagnostics import Diagnostic, Span
from pbx.document import LINE_BREAK, Document, Lines
from pbx.source import refusal

_SEPARATORS: Final = ";,\t"
"""In this order when two are as frequent: a comma stands in names too."""
_BYTES_SHOWN: Final = 4
_DIRECTIVE: Final = re.compile(r"sep=(.)")


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a cell, without its quotes and without blanks around it, and where."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list that is not empty."""

    number: int
    """As a spreadsheet counts: the heading is usually row 1."""
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A list that was read: its headings and its rows."""

    document: Document
    """Its text, so that messages can quote it; it has no tree."""
    header: tuple[Cell, ...]
    rows: tuple[Row, ...]


def read_table(file: str, data: bytes) -> tuple[Table, list[Diagnostic]]:
    """Read a list; ``file`` is its name as shown. Never raises; a list with problems has only the rows before them."""
    text, problem = _decode(file, data)
    if problem is None:
        problem = refusal(file, text, "CSV")
    document = Document(file, text, None, {}, {}, readable=problem is None)
    if problem:
        return Table(document, (), ()), [problem]
    lines = LINE_BREAK.split(text)
    directive = _DIRECTIVE.fullmatch(lines[0])
    start = 1 if directive else 0
    first = next((line for line in lines[start:] if line.strip()), "")
    separator = directive[1] if directive else _separator(first)
    return _read_lines(document, lines, start, separator)


def _decode(file: str, data: bytes) -> tuple[str, Diagnostic | None]:
    """The text of a file, or why it has none."""
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if not wide and data[1:2] == b"\0":
        message = "the file looks like UTF-16 without its mark, and cannot be read for certain"
        return "", Diagnostic("PBX001", file, (), message, help="save it as CSV UTF-8")
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding), None
        except UnicodeDecodeError as error:
            last = error
    shown = data.decode("utf-16" if wide else "cp1252", errors="replace")
    before = data[: last.start].decode(last.encoding, errors="replace").removeprefix("\ufeff")
    span = Lines(file, shown).span(len(before), len(before) + 1)
    wrong = data[last.start : last.start + _BYTES_SHOWN].hex(" ")
    message = f"the file is neither UTF-8 nor UTF-16 nor Windows-1252: {wrong} cannot stand here"
    return shown, Diagnostic("PBX001", file, (), message, help="save it as CSV UTF-8", span=span)


def _separator(header: str) -> str:
    """What separates the headings: the most frequent candidate outside quotes."""
    bare = re.sub(r'"[^"]*"', "", header)
    return max(_SEPARATORS, key=bare.count)


def _read_lines(document: Document, lines: list[str], start: int, separator: str) -> tuple[Table, list[Diagnostic]]:
    rows: list[Row] = []
    problems: list[Diagnostic] = []
    for number, line in enumerate(lines[start:], start=start + 1):
        if not line.replace(separator, "").strip():
            continue
        cells = _cells(document.file, number, line, separator)
        if isinstance(cells, Diagnostic):
            problems.append(cells)
            break
        if any(cell.text for cell in cells):
            rows.append(Row(number, cells))
    if not rows and not problems:
        help_ = "it needs one row of headings, and one row for each entry"
        problems.append(Diagnostic("PBX009", document.file, (), "the list is empty", help=help_))
    header = rows[0].cells if rows else ()
    return Table(document, header, tuple(rows[1:])), problems


def _cells(file: str, number: int, line: str, separator: str) -> tuple[Cell, ...] | Diagnostic:
    """The cells of a line, or what is wrong with its quotation marks."""
    found: list[Cell] = []
    at = 0
    while at <= len(line):
        begin = at + len(line[at:]) - len(line[at:].lstrip(" "))
        if line[begin : begin + 1] == '"':
            end = _closing(line, begin)
            stop = len(line) if end is None else line.find(separator, end + 1)
            stop = len(line) if stop < 0 else stop
            if end is None or line[end + 1 : stop].strip():
                span = Span(file, number, begin + 1, number, stop + 1, cell=f"row {number}")
                return _bad_quotes(span, closed=end is not None)
            text, place = line[begin + 1 : end].replace('""', '"'), (begin, end + 1)
        else:
            stop = line.find(separator, at)
            stop = len(line) if stop < 0 else stop
            text, place = line[at:stop], (at, stop)
        span = Span(file, number, place[0] + 1, number, place[1] + 1, cell=f"row {number}")
        found.append(Cell(text.strip(), span))
        at = stop + len(separator)
    return tuple(found)


def _closing(line: str, begin: int) -> int | None:
    """Where the quotation ends that begins at ``begin``; two quotation marks are one that is meant (RFC 4180, 2.7)."""
    at = begin + 1
    while (at := line.find('"', at)) >= 0:
        if line[at + 1 : at + 2] != '"':
            return at
        at += 2
    return None


def _bad_quotes(span: Span, *, closed: bool) -> Diagnostic:
    if closed:
        message = "something follows the quotation mark that ends this cell"
        help_ = 'a quotation mark inside a quoted cell is written twice: "Bar ""El Sol"""'
    else:
        message = "this cell holds a line break, or its quotation mark is never closed"
        help_ = "write the cell on one line: a row of the list is one line of the file"
    return Diagnostic("PBX013", span.file, (), message, help=help_, span=span)
