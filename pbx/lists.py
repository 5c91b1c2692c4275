"""The lists a customer sends, merged into the tenant's tree before anything is understood.

``extensions_file:`` and ``phonebook_file:`` name a CSV in the tenant's folder. Its rows become entries of
``extensions:`` and ``phonebook:`` as if they had been written there, with places that lead back to row and column; so a
profile, a check and a build never know which of the two it was.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from pbx.cells import Reader, unspoiled
from pbx.columns import EXTENSIONS, PHONEBOOK, Column, bare
from pbx.diagnostics import Diagnostic, Path, Related, Span
from pbx.diagnostics.suggest import nearest
from pbx.document import Document, Tree
from pbx.folder import CustomerFile
from pbx.headings import Columns, Wish
from pbx.model import is_list_name
from pbx.tables import Cell, Row, read_table


@dataclass(frozen=True, slots=True)
class WithLists:
    """A tenant's file with its lists."""

    document: Document
    """Its tree and places are those of the file and of all rows."""
    lists: Mapping[str, Document]
    """The lists as read, by name as shown."""
    problems: list[Diagnostic]


@dataclass(slots=True)
class _Merge:
    """A tenant's tree while rows are added to it."""

    document: Document
    tree: dict[str, Tree]
    spans: dict[Path, Span]
    keys: dict[Path, Span]
    lists: dict[str, Document] = field(default_factory=dict)
    problems: list[Diagnostic] = field(default_factory=list)

    def add(self, path: Path, entry: Tree) -> None:
        """Add an entry to its section."""
        section = self.tree[str(path[0])]
        if isinstance(section, dict):
            section[str(path[1])] = entry


def with_lists(document: Document, files: Mapping[str, CustomerFile]) -> WithLists:
    """Add the rows of the lists that a tenant's file names; ``files`` are those of its folder, by name."""
    if not isinstance(document.tree, dict) or not {"extensions_file", "phonebook_file"} & set(document.tree):
        return WithLists(document, {}, [])
    merge = _Merge(document, dict(document.tree), dict(document.spans), dict(document.keys))
    for key, section in (("extensions_file", "extensions"), ("phonebook_file", "phonebook")):
        wish = _wish(document.tree, key, section)
        if key in document.tree and merge.tree.get(section) is None:
            merge.tree[section] = {}
            merge.keys.setdefault((section,), document.place((key,), at_key=True))
        if wish:
            _add(merge, wish, files)
    merged = Document(document.file, document.text, merge.tree, merge.spans, merge.keys, readable=document.readable)
    return WithLists(merged, merge.lists, merge.problems)


def _wish(tree: Mapping[str, Tree], key: str, section: str) -> Wish | None:
    """What is wanted, or None when it is written in a way that the model refuses."""
    said = tree.get(key)
    long = isinstance(said, dict)
    name = said.get("file") if isinstance(said, dict) else said
    if not isinstance(name, str) or not is_list_name(name):
        return None
    profile = said.get("profile") if isinstance(said, dict) and section == "extensions" else None
    ignored = said.get("ignore") if isinstance(said, dict) else None
    headings = {bare(each) for each in ignored if isinstance(each, str)} if isinstance(ignored, list) else set()
    place = (key, "file") if long else (key,)
    return Wish(section, name, place, profile if isinstance(profile, str) else None, frozenset(headings))


def _add(merge: _Merge, wish: Wish, files: Mapping[str, CustomerFile]) -> None:
    folder = PurePosixPath(merge.document.file).with_suffix("")
    name = unicodedata.normalize("NFC", wish.file)
    found = files.get(name)
    if found is None or found.refusal:
        merge.problems.append(_not_there(merge.document.file, wish, folder, files))
        return
    shown = (folder / name).as_posix()
    table, problems = read_table(shown, found.data)
    merge.lists[shown] = table.document
    merge.problems += problems
    section = merge.tree[wish.section]
    if problems or not isinstance(section, dict):
        return
    columns = Columns(table, EXTENSIONS if wish.section == "extensions" else PHONEBOOK, wish)
    merge.problems += columns.problems
    if columns.missing:
        return
    numbers = {cell.text for row in table.rows for cell in columns.cells(row, "number")}
    extensions = merge.tree.get("extensions")
    known = numbers if wish.section == "extensions" else set()
    reader = Reader(merge.tree, known | set(extensions if isinstance(extensions, dict) else ()))
    merge.tree[wish.section] = dict(section)
    for row in table.rows:
        _add_row(merge, wish, columns, reader, row)


def _not_there(file: str, wish: Wish, folder: PurePosixPath, files: Mapping[str, CustomerFile]) -> Diagnostic:
    found = files.get(unicodedata.normalize("NFC", wish.file))
    if found:
        message = f"{folder}/{wish.file} cannot be read: {found.refusal}"
        return Diagnostic("PBX012", file, wish.place, message, help="put the list itself there")
    near = nearest(wish.file, files)
    listed = f"put it there; there are {', '.join(sorted(files))}" if files else "put it there; there is no list yet"
    message = f"there is no file {wish.file} in {folder}/"
    return Diagnostic("PBX012", file, wish.place, message, help=f"did you mean {near}?" if near else listed)


def _add_row(merge: _Merge, wish: Wish, columns: Columns, reader: Reader, row: Row) -> None:
    """Make an entry of a row, or tell why it is none."""
    cells = _cells(columns, row)
    identity = cells if isinstance(cells, Diagnostic) else _identity(cells, reader)
    if isinstance(cells, Diagnostic) or isinstance(identity, Diagnostic):
        merge.problems += [identity] if isinstance(identity, Diagnostic) else []
        return
    if not identity:
        return
    path: Path = (wish.section, identity)
    span = cells[0][1].span
    if path in merge.keys:
        merge.problems.append(_listed_twice(merge.document.file, path, span))
        return
    merge.keys[path] = merge.spans[path] = span
    entry, problems = _entry(merge, path, cells[1:], reader)
    merge.problems += problems
    if problems:
        return  # what is missing because of them would be told as well
    if wish.section == "extensions":
        merge.add(path, _extension(entry, wish.profile))
    else:
        merge.add(path, _contact(merge, path, entry))


def _cells(columns: Columns, row: Row) -> list[tuple[Column, Cell]] | Diagnostic:
    """The cells of a row with their columns, that of the number first."""
    cells: list[tuple[Column, Cell]] = []
    for column, cell in columns.read(row):
        if column is None:
            return _without_heading(cell)
        cells.append((column, cell))
    return sorted(cells, key=lambda each: each[0].key != "number")


def _identity(cells: list[tuple[Column, Cell]], reader: Reader) -> str | Diagnostic:
    """The number of a row; empty when it cannot be known, or when the row has nothing but what is passed over."""
    if not cells:
        return ""
    column, cell = cells[0]
    return reader.read(column, cell) if column.key == "number" else _without_number(cell)


def _entry(
    merge: _Merge, path: Path, cells: list[tuple[Column, Cell]], reader: Reader
) -> tuple[dict[str, Tree], list[Diagnostic]]:
    entry: dict[str, Tree] = {}
    problems: list[Diagnostic] = []
    for column, cell in cells:
        value = reader.read(column, cell)
        if isinstance(value, Diagnostic):
            problems.append(replace(value, path=(*path, *column.path)))
        elif value:
            _put(merge, path, entry, column.path, value, cell.span)
    return entry, problems


def _put(merge: _Merge, path: Path, entry: dict[str, Tree], inner: tuple[str, ...], value: str, span: Span) -> None:
    """Store a value where it belongs in its entry, and its place."""
    here = entry
    for at, key in enumerate(inner[:-1], start=1):
        merge.spans.setdefault((*path, *inner[:at]), span)
        deeper = here.setdefault(key, {})
        here = deeper if isinstance(deeper, dict) else {}
    here[inner[-1]] = value
    merge.spans[(*path, *inner)] = span


def _extension(entry: dict[str, Tree], profile: str | None) -> Tree:
    """With the profile of all rows; a mailbox of which only is said that it sends no mail is none."""
    if profile:
        entry.setdefault("profile", profile)
    mailbox = entry.get("voicemail")
    if isinstance(mailbox, dict) and "pin" not in mailbox and mailbox.get("email", "false") == "false":
        del entry["voicemail"]
    return entry


def _contact(merge: _Merge, path: Path, entry: dict[str, Tree]) -> Tree:
    """With its name put together: a person's, else the company's."""
    parts = {key: entry.pop(key) for key in ("name", "last_name", "company") if key in entry}
    company = parts.pop("company", None)
    name = " ".join(part for part in parts.values() if isinstance(part, str)) or company
    if not name:
        return entry
    for key in ("last_name", "company"):
        if (span := merge.spans.pop((*path, key), None)) is not None:
            merge.spans.setdefault((*path, "name"), span)
    return {**entry, "name": name}


def _without_number(cell: Cell) -> Diagnostic:
    help_ = "write the number of this row, or delete the row"
    return Diagnostic("PBX132", cell.span.file, (), "this row has no number", help=help_, span=cell.span)


def _without_heading(cell: Cell) -> Diagnostic:
    message = f"{unspoiled(cell.text)} stands under no heading: the row has more cells than the list has columns"
    help_ = "give the column a heading, or put a cell that holds the separator in quotes"
    return Diagnostic("PBX014", cell.span.file, (), message, help=help_, span=cell.span)


def _listed_twice(file: str, path: Path, span: Span) -> Diagnostic:
    what = "extension" if path[0] == "extensions" else "number"
    message = f"the {what} {path[1]} is there twice"
    help_ = "keep one of the two: a list stands beside what is written in the YAML, and replaces nothing"
    related = (Related(file, path, "it is here first"),)
    return Diagnostic("PBX207", span.file, path, message, help=help_, related=related, span=span)
