"""What the headings of a customer's list mean, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from pbx.columns import Column, bare, find_column, likely
from pbx.diagnostics import Diagnostic, Path, Span
from pbx.tables import Cell, Row, Table

_LONGEST_HEADING = 40


@dataclass(frozen=True, slots=True)
class Wish:
    """What the tenant's file says about one list."""

    section: str
    file: str
    place: Path
    """Where its name is written."""
    profile: str | None
    ignored: frozenset[str]
    """Headings to pass over, as :func:`pbx.columns.bare` spells them."""


class Columns:
    """What the headings of a list mean."""

    def __init__(self, table: Table, known: tuple[Column, ...], wish: Wish) -> None:
        self._table = table
        self._wish = wish
        self._at: dict[int, Column] = {}
        self._passed: set[int] = set()
        self.problems: list[Diagnostic] = []
        meant: set[str] = set()
        for index, cell in enumerate(table.header):
            column = find_column(known, cell.text)
            if not cell.text or bare(cell.text) in wish.ignored:
                self._passed |= {index} if cell.text else set()
            elif column is None:
                self._passed.add(index)
                guess = likely(known, cell.text)
                meant |= {found.key for found in [find_column(known, guess)] if found} if guess else set()
                self.problems.append(_unknown_column(cell, guess, known, wish))
            elif column in self._at.values():
                self._passed.add(index)
                self.problems.append(self._twice(cell, column))
            else:
                self._at[index] = column
        self.missing = not self._complete(meant)

    def _twice(self, cell: Cell, column: Column) -> Diagnostic:
        first = next(self._table.header[index].text for index, one in self._at.items() if one is column)
        message = f"the column {column.key} is there twice: {first} and {cell.text}"
        if first == cell.text:
            message = f"the column {first} is there twice"
        help_ = "delete one of them"
        return Diagnostic("PBX130", cell.span.file, (), message, help=help_, span=cell.span)

    def _complete(self, meant: set[str]) -> bool:
        """Whether no column is missing that every row needs; one whose heading has a slip is not told as well."""
        has = {one.key for one in self._at.values()}
        extensions = self._wish.section == "extensions"
        needed = [("number", {"number"}), *([("first_name", {"first_name"})] if extensions else [])]
        needed += [] if extensions else [("name", {"name", "last_name", "company"})]
        if extensions and not self._wish.profile:
            needed.append(("profile or class_of_service", {"profile", "class_of_service"}))
        lost = [name for name, any_of in needed if not any_of & has]
        told = [name for name, any_of in needed if not any_of & has and not any_of & meant]
        if told:
            span = self._table.header[0].span
            end = self._table.header[-1].span
            span = replace(span, end_line=end.end_line, end_column=end.end_column)
            message = f"the list has no column {' and no column '.join(told)}"
            help_ = "add it; see pbx explain PBX131 for the headings that are understood"
            if told == ["profile or class_of_service"]:
                help_ = f"add it, or name one for all: extensions_file: {{file: {self._wish.file}, profile: …}}"
            self.problems.append(Diagnostic("PBX131", span.file, (), message, help=help_, span=span))
        return not lost

    def cells(self, row: Row, key: str) -> Iterator[Cell]:
        """The cell of a column in a row, if there is one."""
        for index, column in self._at.items():
            if column.key == key and index < len(row.cells):
                yield row.cells[index]

    def read(self, row: Row) -> Iterator[tuple[Column | None, Cell]]:
        """The cells of a row that are not empty, with their columns; None for a cell without a heading."""
        for index, cell in enumerate(row.cells):
            if cell.text and index not in self._passed:
                column = self._at.get(index)
                heading = self._table.header[index].text if column else ""
                yield column, Cell(cell.text, _named(cell.span, row, heading))


def _named(span: Span, row: Row, heading: str) -> Span:
    if len(heading) > _LONGEST_HEADING:
        heading = f"{heading[:_LONGEST_HEADING]}…"
    cell = f"row {row.number}, column {heading}" if heading else f"row {row.number}"
    return Span(span.file, span.line, span.column, span.end_line, span.end_column, cell)


def _unknown_column(cell: Cell, guess: str | None, known: tuple[Column, ...], wish: Wish) -> Diagnostic:
    file = f"{wish.section}_file: {{file: {wish.file}, ignore: [{cell.text}]}}"
    names = f"the columns here are {', '.join(one.key for one in known)}"
    help_ = f"did you mean {guess}? To pass over it: {file}" if guess else f"to pass over it: {file}; {names}"
    message = f"unknown column {cell.text}"
    return Diagnostic("PBX129", cell.span.file, (), message, help=help_, span=cell.span)
