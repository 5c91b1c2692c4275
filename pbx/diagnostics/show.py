"""Diagnostics as text: framed for people, or in the formats that other tools read."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, cast, get_args
from urllib.parse import quote

from pbx.diagnostics import Span
from pbx.diagnostics.codes import CODES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from pbx.diagnostics import Diagnostic, Path, Source

Format = Literal["full", "concise", "json", "github", "sarif"]
FORMATS: tuple[str, ...] = get_args(Format)

_LINE_BREAK = re.compile(r"\r\n|\r|\n")
# Control characters and those that turn the writing direction: a file must not be able to paint over the terminal.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
_SECRET = frozenset({"PBX119"})
"""Codes whose place may hold a password: what stands there is not quoted."""
_TAB = "    "
_WIDEST = 140
_COLOURS = {"error": "\x1b[1;31m", "warning": "\x1b[1;33m", "frame": "\x1b[1;34m", "strong": "\x1b[1m"}
_PLAIN = "\x1b[0m"


@dataclass(frozen=True, slots=True)
class _Found:
    """A diagnostic with its place worked out."""

    diagnostic: Diagnostic
    span: Span
    line_text: str | None
    related: tuple[tuple[str, Span], ...]


def show(
    diagnostics: Iterable[Diagnostic],
    documents: Mapping[str, Source],
    *,
    format: str = "full",  # noqa: A002 - the word the command line and our users know
    colour: bool = False,
) -> str:
    """The diagnostics as text that ends in a newline; sorted by place, each mistake once.

    ``documents`` are the files read, by the name that diagnostics use; for a file that is not there no line is quoted.
    ``format`` is one of ``FORMATS``; ``colour`` matters to ``full`` and ``concise`` only.
    """
    diagnostics = tuple(dict.fromkeys(diagnostics))
    found = _locate(diagnostics, documents)
    if format == "json":
        return _json(found)
    if format == "sarif":
        return _sarif(found)
    if format == "github":
        return "".join(_github(one) for one in found)
    paint = _painter(colour=colour)
    if format == "concise":
        return "".join(f"{_concise(one, paint)}\n" for one in found) + f"{summary(diagnostics)}\n"
    return "".join(f"{_full(one, paint)}\n\n" for one in found) + f"{summary(diagnostics)}\n"


def summary(diagnostics: Iterable[Diagnostic]) -> str:
    """One line: ``2 errors, 1 warning``, or ``no problems``."""
    severities = [diagnostic.severity for diagnostic in set(diagnostics)]
    counts = [(severities.count("error"), "error"), (severities.count("warning"), "warning")]
    return ", ".join(f"{n} {word}{'' if n == 1 else 's'}" for n, word in counts if n) or "no problems"


def _locate(diagnostics: Iterable[Diagnostic], documents: Mapping[str, Source]) -> list[_Found]:
    lines = {file: _LINE_BREAK.split(document.text) for file, document in documents.items()}

    def place(file: str, path: Path, *, at_key: bool) -> Span:
        document = documents.get(file)
        return document.place(path, at_key=at_key) if document else Span(file, 1, 1, 1, 1)

    found = []
    for one in diagnostics:
        span = one.span or place(one.file, one.path, at_key=one.at_key)
        text = lines.get(span.file, [])
        line = text[span.line - 1] if 0 < span.line <= len(text) else None
        if line is not None and one.code in _SECRET:
            end = span.end_column - 1 if span.end_line == span.line else len(line)
            line = f"{line[: span.column - 1]}{'*' * (end - span.column + 1)}{line[end:]}"
        related = tuple((r.note, place(r.file, r.path, at_key=False)) for r in one.related)
        told = replace(one, message=f"{one.message} ({span.cell})") if span.cell else one
        found.append(_Found(told, span, line, related))
    return sorted(found, key=_order)


def _order(found: _Found) -> tuple[str, int, int, str, str]:
    span, one = found.span, found.diagnostic
    return span.file, span.line, span.column, one.code, one.message


# Text for people


def _painter(*, colour: bool) -> Callable[[str, str], str]:
    def paint(text: str, style: str) -> str:
        return f"{_COLOURS[style]}{text}{_PLAIN}" if colour else text

    return paint


def _safe(text: str) -> str:
    """Text on one line that cannot do anything to a terminal."""
    return _UNSAFE.sub("\N{REPLACEMENT CHARACTER}", _LINE_BREAK.sub(" ", text))


def _headline(one: Diagnostic, paint: Callable[[str, str], str]) -> str:
    code = CODES[one.code]
    label = paint(f"{code.severity}[{code.id}]", code.severity)
    return f"{label} {paint(f'{code.slug}: {_safe(one.message)}', 'strong')}"


def _concise(found: _Found, paint: Callable[[str, str], str]) -> str:
    one, span = found.diagnostic, found.span
    notes = "; ".join(_safe(note) for note in (one.help, _see(one)) if note)
    cure = f" ({notes})" if notes else ""
    return f"{_safe(span.file)}:{span.line}:{span.column}: {_headline(one, paint)}{cure}"


def _see(one: Diagnostic) -> str:
    return f"see it: {one.witness}" if one.witness else ""


def _full(found: _Found, paint: Callable[[str, str], str]) -> str:
    one, span = found.diagnostic, found.span
    number = str(span.line)
    margin = " " * len(number)
    rows = [_headline(one, paint), f"{margin}{paint('-->', 'frame')} {_safe(span.file)}:{span.line}:{span.column}"]
    if found.line_text is not None:
        line, start, width = _quote(found.line_text, span)
        carets = paint("^" * width, one.severity)
        rows.append(f"{margin} {paint('|', 'frame')}")
        rows.append(f"{paint(f'{number} |', 'frame')} {line}".rstrip())
        rows.append(f"{margin} {paint('|', 'frame')} {' ' * start}{carets}")
    notes = [f"help: {one.help}"] if one.help else []
    notes += [f"{note} ({place.file}:{place.line})" for note, place in found.related]
    notes += [note for note in (one.consequence, _see(one)) if note]
    rows += [f"{margin} {paint('=', 'frame')} {_safe(note)}" for note in notes]
    return "\n".join(rows)


def _quote(text: str, span: Span) -> tuple[str, int, int]:
    """The line as shown, then how many cells stand before the carets, and how many carets there are."""
    begin = min(span.column - 1, len(text))
    end = len(text.rstrip()) if span.end_line > span.line else min(span.end_column - 1, len(text))
    end = max(begin, end)
    first = last = ""
    if len(text) > _WIDEST:
        left = max(0, min(begin - 20, len(text) - _WIDEST))
        right = left + _WIDEST
        first, last = ("…" if left else ""), ("…" if right < len(text) else "")
        text, begin, end = text[left:right], begin - left, min(end, right) - left
    before, under, after = (_cells(part) for part in (text[:begin], text[begin:end], text[end:]))
    return f"{first}{before}{under}{after}{last}", _width(first + before), max(1, _width(under))


def _cells(text: str) -> str:
    return _safe(text.replace("\t", _TAB))


def _width(text: str) -> int:
    """How many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


# Text for tools


def _as_json(found: _Found) -> dict[str, object]:
    one, span = found.diagnostic, found.span
    code = CODES[one.code]
    return {
        "code": code.id,
        "slug": code.slug,
        "severity": code.severity,
        "message": one.message,
        "help": one.help,
        "consequence": one.consequence,
        "witness": one.witness,
        "path": list(one.path),
        **_json_span(span),
        "related": [{"note": note, **_json_span(place)} for note, place in found.related],
    }


def _json_span(span: Span) -> dict[str, object]:
    return {
        "file": span.file,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }


def _dump(value: object) -> str:
    """JSON in ASCII, so that not even half of a surrogate pair can spoil the output."""
    return json.dumps(value, indent=2) + "\n"


def _json(found: Sequence[_Found]) -> str:
    severities = [one.diagnostic.severity for one in found]
    return _dump(
        {
            "diagnostics": [_as_json(one) for one in found],
            "errors": severities.count("error"),
            "warnings": severities.count("warning"),
        }
    )


def _github(found: _Found) -> str:
    """A workflow command, with the escapes of GitHub's own toolkit (``packages/core/src/command.ts``)."""
    one, span = found.diagnostic, found.span
    code = CODES[one.code]

    def data(text: str) -> str:
        text = _UNSAFE.sub("\N{REPLACEMENT CHARACTER}", _LINE_BREAK.sub("\n", text))
        return text.replace("%", "%25").replace("\n", "%0A")

    def value(text: str) -> str:
        return data(text).replace(":", "%3A").replace(",", "%2C")

    place = f"file={value(span.file)},line={span.line},col={span.column},endLine={span.end_line}"
    if span.end_line == span.line:
        place += f",endColumn={span.end_column}"
    notes = [one.message, f"help: {one.help}" if one.help else "", one.consequence, _see(one)]
    text = data("\n".join(note for note in notes if note))
    return f"::{code.severity} {place},title={value(f'{code.id} {code.slug}')}::{text}\n"


def _sarif(found: Sequence[_Found]) -> str:
    """SARIF 2.1.0 (OASIS), the least that viewers of code scanning need."""
    used = sorted({one.diagnostic.code for one in found})
    rules = [
        {
            "id": code.id,
            "name": code.slug,
            "shortDescription": {"text": code.title},
            "defaultConfiguration": {"level": code.severity},
        }
        for code in (CODES[id] for id in used)  # noqa: A001 - the table's own word
    ]
    run = {
        "tool": {"driver": {"name": "centralita", "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "results": [_sarif_result(one, used.index(one.diagnostic.code)) for one in found],
    }
    return _dump({"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]})


def _sarif_result(found: _Found, rule: int) -> dict[str, object]:
    one = found.diagnostic
    text = ". ".join(part for part in (one.message, one.help, one.consequence, _see(one)) if part)
    result: dict[str, object] = {
        "ruleId": one.code,
        "ruleIndex": rule,
        "level": one.severity,
        "message": {"text": text},
        "locations": [_sarif_place(found.span)],
    }
    if found.related:
        result["relatedLocations"] = [
            {"id": number, **_sarif_place(place), "message": {"text": note}}
            for number, (note, place) in enumerate(found.related, start=1)
        ]
    return result


def _sarif_place(span: Span) -> dict[str, object]:
    region = {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }
    uri = quote(span.file, errors="replace")
    return {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": cast("object", region)}}
