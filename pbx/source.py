"""The front door: YAML text becomes a tree of raw texts and a table of places. The only importer of ``yaml``.

No value is guessed (YAML 1.2 in spirit): every scalar stays the text the user wrote, and the model decides its type.
Only a plain ``null``, a plain ``~`` and nothing at all become None. Anchors, aliases, merge keys and tags are refused.
The parser's events are read one by one, without recursion, so that no text, however deep or large, can harm us.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from pbx.diagnostics import Diagnostic, Path, Related
from pbx.document import Document, Lines, Places, Tree

__all__ = ["DEEPEST", "LARGEST", "Document", "Tree", "read_bytes", "read_yaml", "refusal"]

LARGEST = 8 * 1024 * 1024
"""Characters a file may have: some twenty thousand extensions."""
DEEPEST = 60
"""Levels a file may be nested; the language itself needs fewer than ten."""
_MOST_PROBLEMS = 50
_LONGEST_MESSAGE = 200

# What YAML calls not printable (YAML 1.2.2, section 5.1), halves of surrogate pairs, and the line breaks that editors
# do not show as such but the parser (YAML 1.1) folds into blanks: U+0085, U+2028, U+2029.
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\ufeff]")
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NOTHING = frozenset({"", "~", "null"})


def read_bytes(file: str, data: bytes) -> tuple[Document, list[Diagnostic]]:
    """Decode a file as UTF-8 and read it; ``file`` is its name as shown. Never raises."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        shown = data.decode("utf-8", errors="replace").removeprefix("\ufeff")
        before = data[: error.start].decode("utf-8").removeprefix("\ufeff")
        span = Lines(file, shown).span(len(before), len(before) + 1)
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            message = "the file is UTF-16, not UTF-8"
        else:
            message = f"the file is not UTF-8: byte 0x{data[error.start]:02x} cannot stand here"
        help_ = "save it as UTF-8 in your editor (an accent or ñ saved as Latin-1 looks like this)"
        problem = Diagnostic("PBX001", file, (), message, help=help_, span=span)
        return Document(file, shown, None, {}, {}, readable=False), [problem]
    return read_yaml(file, text)


def read_yaml(file: str, text: str) -> tuple[Document, list[Diagnostic]]:
    """Read YAML; pure, and never raises, whatever the text.

    The document is always there, so that messages can quote it; see ``Document.readable``.
    """
    text = text.removeprefix("\ufeff")
    refused = refusal(file, text, "YAML")
    if refused:
        return Document(file, text[:LARGEST], None, {}, {}, readable=False), [refused]
    reader = _Reader(file, text)
    reader.read()
    document = Document(file, text, reader.tree, reader.spans, reader.keys, readable=not reader.problems)
    return document, reader.problems


def refusal(file: str, text: str, language: str) -> Diagnostic | None:
    """Why the text is not even worth parsing as ``language``."""
    if len(text) > LARGEST:
        message = f"the file has {len(text):,} characters; {LARGEST:,} is the most"
        return Diagnostic("PBX010", file, (), message, help="a tenant this large is probably a mistake; else split it")
    bad = _UNPRINTABLE.search(text)
    if bad is None:
        return None
    span = Lines(file, text).span(bad.start(), bad.end())
    name = "NUL" if bad[0] == "\0" else f"U+{ord(bad[0]):04X}"
    message = f"the file contains a character that is not text ({name})"
    return Diagnostic(
        "PBX001", file, (), message, help=f"delete it; if there are many, the file is not {language}", span=span
    )


def _clip(text: str) -> str:
    """A message of a length that people read, though it quotes text of any length."""
    return text if len(text) <= _LONGEST_MESSAGE else f"{text[:_LONGEST_MESSAGE]}…"


def _position(problem: Diagnostic) -> tuple[int, int]:
    return (problem.span.line, problem.span.column) if problem.span else (1, 1)


class _Refused:
    """Stands where a key would, when the key was refused: what follows it is read, but not kept."""


_REFUSED = _Refused()


@dataclass(slots=True)
class _Open:
    """A mapping or a list that is being read."""

    path: Path | None
    """None when it is not kept."""
    content: dict[str, Tree] | list[Tree]
    start: int
    flow: bool
    end: int
    is_key: bool = False
    key: str | _Refused | None = None
    key_end: int = 0
    key_glued: bool = False
    """The key is plain and has a colon inside, as in ``{type:provider}``."""


@dataclass(slots=True)
class _Reader:
    """Builds the tree from the parser's events."""

    file: str
    text: str
    tree: Tree = None
    spans: Places = field(init=False)
    keys: Places = field(init=False)
    problems: list[Diagnostic] = field(default_factory=list)
    _lines: Lines = field(init=False)
    _open: list[_Open] = field(default_factory=list)
    _documents: int = 0

    def __post_init__(self) -> None:
        self._lines = Lines(self.file, self.text)
        self.spans, self.keys = Places(self._lines), Places(self._lines)

    def read(self) -> None:
        """Fill ``tree``, ``spans``, ``keys`` and ``problems``."""
        try:
            for event in yaml.parse(self.text, Loader=_LOADER):
                if not self._take(event) or len(self.problems) >= _MOST_PROBLEMS:
                    break
        except yaml.MarkedYAMLError as error:
            self._broken(error)
        except yaml.YAMLError as error:
            self._problem("PBX002", 0, 0, f"this is not valid YAML: {error}")
        if not self.problems and self.tree is None:
            help_ = "write what belongs here, or delete the file"
            self._problem("PBX009", 0, 0, "the file has no content", help_)
        self.problems.sort(key=_position)

    def _problem(
        self, code: str, start: int, end: int, message: str, help_: str = "", *, related: tuple[Related, ...] = ()
    ) -> None:
        path = next((one.path for one in reversed(self._open) if one.path is not None), ())
        span = self._lines.span(start, end)
        self.problems.append(
            Diagnostic(code, self.file, path, _clip(message), _clip(help_), related=related, span=span)
        )

    def _broken(self, error: yaml.MarkedYAMLError) -> None:
        from pbx.yaml_slips import Complaint, explain_slip

        mark, context = error.problem_mark or error.context_mark, error.context_mark
        at = min(mark.index, len(self.text)) if mark else 0
        since = min(context.index, at) if context else at
        complaint = Complaint(self.text, at, error.problem or "", error.context or "", since, self._last_quoted(at))
        slip = explain_slip(complaint)
        self._problem(slip.code, slip.start, slip.end, slip.message, slip.help)

    def _last_quoted(self, at: int) -> tuple[int, int] | None:
        """The last text in quotes that begins before ``at``: a quote forgotten swallows the lines that follow."""
        found = None
        try:
            for token in yaml.scan(self.text, Loader=_LOADER):
                if token.start_mark.index > at:
                    break
                if isinstance(token, yaml.ScalarToken) and token.style in ("'", '"'):
                    found = (token.start_mark.index, token.end_mark.index)
        except yaml.YAMLError:
            pass  # that the text is broken is known; what could be scanned before is what is wanted
        return found

    def _take(self, event: Any) -> bool:  # noqa: ANN401 - PyYAML's events are untyped
        """Handle one event; False to read no further."""
        start, end = event.start_mark.index, event.end_mark.index
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                help_ = "delete the line ---, or make it two files"
                self._problem("PBX007", start, min(start + 3, end), "a second document begins here", help_)
                return False
            return True
        if isinstance(event, yaml.AliasEvent):
            self._alias(event, start, end)
        elif isinstance(event, yaml.ScalarEvent):
            self._properties(event, start, end)
            self._scalar(event, start, end)
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            self._properties(event, start, end)
            return self._begin(event, start, end)
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            self._finish(end)
        return True

    def _alias(self, event: yaml.AliasEvent, start: int, end: int) -> None:
        message = f"*{event.anchor} without quotes is a YAML alias, which this language does not have"
        help_ = f'put it in quotes: "*{event.anchor}"; to share settings between extensions, use profiles:'
        self._problem("PBX004", start, end, message, help_)
        self._put(None, start, end, kept=False)

    def _properties(self, event: Any, start: int, end: int) -> None:  # noqa: ANN401 - as above
        if event.anchor is not None:
            at = max(start, self.text.find(f"&{event.anchor}", start))
            message = f"&{event.anchor} is a YAML anchor, which this language does not have"
            help_ = "put it in quotes if it is text; to share settings between extensions, use profiles:"
            self._problem("PBX004", at, at + len(event.anchor) + 1, message, help_)
        if event.tag is not None:
            at = self.text.find("!", start)
            stop = re.compile(r"[^\s,\[\]{}]*").match(self.text, at).end() if at >= start else end  # type: ignore[union-attr]  # matches empty text too
            written = self.text[at:stop]
            help_ = "delete it: the language knows the type of every value; text that begins with ! needs quotes"
            self._problem("PBX005", at, stop, f"{written} is a YAML tag, which this language does not have", help_)

    def _scalar(self, event: yaml.ScalarEvent, start: int, end: int) -> None:
        plain = not event.style  # '' from the C parser, None from the other
        if event.style in ("|", ">"):
            end = start + len(self.text[start:end].rstrip())
        value = None if plain and event.value in _NOTHING else event.value
        here = self._open[-1] if self._open else None
        if here and isinstance(here.content, dict) and here.key is None:
            self._key(here, value, start, end, plain=plain)
        else:
            self._put(value, start, end)

    def _key(self, here: _Open, value: str | None, start: int, end: int, *, plain: bool) -> None:
        here.key_end = here.end = end
        here.key_glued = here.flow and plain and ":" in (value or "")
        here.key = _REFUSED
        if value is None:
            help_ = "write the key before the colon; a key that really is null or ~ needs quotes"
            self._problem("PBX008", start, end, "this key is nothing, not text", help_)
        elif value == "<<" and plain:
            help_ = "to share settings between extensions, use profiles:"
            self._problem("PBX006", start, end, "<< is a YAML merge key, which this language does not have", help_)
        elif value in here.content:
            self._duplicate(here, value, start, end)
        else:
            here.key = value
            if here.path is not None:
                self.keys.put((*here.path, value), start, end)

    def _duplicate(self, here: _Open, value: str, start: int, end: int) -> None:
        related: tuple[Related, ...] = ()
        if here.path is not None:
            related = (Related(self.file, (*here.path, value), "it is written here first"),)
        help_ = "delete one of them, or give it another name"
        self._problem("PBX003", start, end, f"the key {value} is written twice", help_, related=related)

    def _begin(self, event: Any, start: int, end: int) -> bool:  # noqa: ANN401 - as above
        if len(self._open) >= DEEPEST:
            message = f"this is nested more than {DEEPEST} levels deep"
            self._problem("PBX010", start, end, message, "look for brackets that are opened by mistake")
            return False
        here = self._open[-1] if self._open else None
        content: dict[str, Tree] | list[Tree] = {} if isinstance(event, yaml.MappingStartEvent) else []
        opened = _Open(self._path_of_next(), content, start, bool(event.flow_style), end)
        if here and isinstance(here.content, dict) and here.key is None:
            what = "a mapping" if isinstance(content, dict) else "a list"
            help_ = "a key is a word or a number; if this is text, put it in quotes"
            self._problem("PBX008", start, end, f"this key is {what}, not text", help_)
            opened.path, opened.is_key = None, True
        self._open.append(opened)
        return True

    def _path_of_next(self) -> Path | None:
        """The path of the value that comes next, or None when it will not be kept."""
        if not self._open:
            return ()
        here = self._open[-1]
        if here.path is None:
            return None
        if isinstance(here.content, list):
            return (*here.path, len(here.content))
        return (*here.path, here.key) if isinstance(here.key, str) else None

    def _finish(self, end: int) -> None:
        closed = self._open.pop()
        end = end if closed.flow else closed.end
        if closed.is_key:
            self._open[-1].key, self._open[-1].end = _REFUSED, end
        else:
            self._put(closed.content, closed.start, end)

    def _put(self, value: Tree, start: int, end: int, *, kept: bool = True) -> None:
        """Store a finished value where it belongs."""
        path = self._path_of_next()
        if path is not None and kept:
            self.spans.put(path, start, end)
        if not self._open:
            self.tree = value
            return
        here = self._open[-1]
        here.end = max(here.end, end)
        if isinstance(here.content, list):
            here.content.append(value)
        elif here.key is None:  # an alias in the place of a key
            here.key = _REFUSED
        else:
            if here.key_glued and value is None and ":" not in self.text[here.key_end : start]:
                self._glued(here)
            if isinstance(here.key, str):
                here.content[here.key] = value
            here.key, here.key_glued = None, False

    def _glued(self, here: _Open) -> None:
        if not isinstance(here.key, str):
            return
        before, _, after = here.key.partition(":")
        message = f"a space is missing after the colon of {before}:"
        self._problem("PBX002", here.key_end - len(here.key), here.key_end, message, f"write {before}: {after}")
