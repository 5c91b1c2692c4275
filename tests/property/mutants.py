"""Sites that were sound once: each number is one site, always the same, with one to three slips in one of its files.

Everything of `tests/golden/*/site` and of the demo is a base, so a new key of the language is mutated as soon as an
example has it.
"""

from __future__ import annotations

import difflib
import itertools
import random
import re
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Final

from pbx.folder import SiteFiles, read_folder, tenants_in
from pbx.source import read_bytes
from tests.injection import HOSTILE
from tests.samples import DEMO, ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from pbx.diagnostics import Span

_BREAK: Final = re.compile(r"\r\n|\r|\n")
_WRONG: Final = (
    *("", "~", "null", "{}", "[]", "[[]]", "{a: b}", "[x, y]", "'", '"', '""', "- ", "? ", ": ", "|", ">-", "&a", "*a"),
    *("!", "no", "true", "0", "-1", "1e9", "0x1F", ".inf", "9" * 20, "00000000201", "１２３", "٢٠١", "²", "201 "),
    *("2026-02-30", "24:01", "09:00-08:00", "1s", "999999h", "5 s", "*", "#", "+", "+1", "_X.", "extension:", ":201"),
    *("extension:999", "external:+1", "queue:" + "x" * 300, "env:", "file:../../x", "\u202e102\u202c", "\ufeffx"),
)
_WORDS: Final = ("to", "name", "say", "prompt", "201", "extensions", "*", "ventas", "hangup", "repeat", "tenant", "x")
_SORTS: Final = {
    "digits": r"[0-9]{2,6}",
    "digit": r"[0-9]",
    "phone": r"\+[0-9]{6,15}\*?",
    "destination": r"[a-z_]+:[a-z0-9_+]+|hangup|busy|voicemail",
    "range": r"[0-9]+-[0-9]+",
    "seconds": r"[0-9]+[smh]",
    "hours": r"[0-9:]{5}-[0-9:]{5}",
    "date": r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
    "code": r"[*#][*#0-9]*",
    "truth": r"true|false|yes|no",
    "recording": r"\w+\.wav",
    "word": r"[a-z][a-z0-9_]+",
}
"""What sort of word a value is: the first that matches."""
_TROUBLE: Final = {
    "digits": ('"100"', '"107"', '"911"', '"9911"', '"00"', '"999999"', '"600"', '"201"'),
    "phone": ('"+5411600000"', '"+541160000000"', '"+1900555012"', '"+541152365999"', '"+54911"', '"+9*"'),
    "destination": ("external:+541160012345", "external:+12125550100", "voicemail:205", "extension:299", "queue:nadie"),
    "range": ("100-199", "200-201", "9-9", "1026-2028", "2020-2099", "1024-1025"),
    "seconds": ("1s", "24h", "1440m"),
    "hours": ('"00:00-24:00"', '"10:00-10:00"', '"12:59-13:01"'),
    "date": ('"2028-12-31"', '"2020-01-01"', '"2026-02-29"'),
    "code": ('"*"', '"#"', '"*9"', '"*97"', '"**"', '"*201"'),
    "recording": ("nadie.wav",),
    "word": ("AR", "CR", "US", "emergency", "premium", "international", "teams", "default", "en", "weighted"),
}
_SIGNS: Final = (
    *(b"\xff", b"\xc3", b"\xf1", b"\xed\xa0\x80", b"\x00", b"\x1b[2J", b"\xfe\xff", b"\r", b"\t", b"\xc2\x85"),
    *(b": ", b", ", b"- ", b"{", b"}", b"[", b"]", b'"', b"#"),
)


@dataclass(frozen=True, slots=True)
class Edit:
    """Bytes of a file replaced by others."""

    start: int
    end: int
    new: bytes


@dataclass(frozen=True)
class Base:
    """A sound site, and the file of it that is changed."""

    files: SiteFiles
    name: str
    data: bytes
    values: tuple[tuple[int, int], ...]
    """Where each value stands, by its bytes: texts, mappings and lists."""
    keys: tuple[tuple[int, int], ...]
    entries: tuple[tuple[int, int], ...]
    """Each key with its value, and with what would be left of its line."""
    lines: tuple[tuple[int, int], ...]
    """Each with its line break."""

    @cached_property
    def sorts(self) -> Mapping[str, tuple[tuple[int, int], ...]]:
        """The values of one word by what sort of word it is."""
        found: dict[str, list[tuple[int, int]]] = {}
        for place in self.values:
            sort = _sort(self.data[slice(*place)].decode())
            if sort:
                found.setdefault(sort, []).append(place)
        return {sort: tuple(places) for sort, places in found.items()}


@dataclass(frozen=True)
class Mutant:
    """A site with slips."""

    number: int
    base: Base
    edits: tuple[Edit, ...]

    @property
    def files(self) -> SiteFiles:
        """What the compiler is given: the platform and the one tenant."""
        return self.with_edits(self.edits)

    def with_edits(self, edits: Iterable[Edit]) -> SiteFiles:
        """The base with these edits alone; of two that overlap the later one in the file counts."""
        data, limit = self.base.data, len(self.base.data)
        for edit in sorted(edits, key=lambda each: (each.start, each.end), reverse=True):
            if edit.end <= limit:
                data, limit = data[: edit.start] + edit.new + data[edit.end :], edit.start
        return SiteFiles(
            self.base.files.root, {**self.base.files.texts, self.base.name: data}, self.base.files.recordings
        )

    def smallest(self, fails: Callable[[SiteFiles], bool]) -> str:
        """The fewest edits that still fail, as a difference to the base: what a person wants to see."""
        for count in range(1, len(self.edits) + 1):
            for edits in itertools.combinations(self.edits, count):
                if fails(self.with_edits(edits)):
                    return self._difference(self.with_edits(edits))
        return self._difference(self.files)

    def _difference(self, files: SiteFiles) -> str:
        before, after = (repr_lines(each.texts[self.base.name]) for each in (self.base.files, files))
        return "\n".join([f"mutant({self.number}):", *difflib.unified_diff(before, after, lineterm="", n=1)])


def repr_lines(data: bytes) -> list[str]:
    """A file's lines, every character of them visible."""
    return [ascii(line) for line in data.decode("utf-8", errors="backslashreplace").split("\n")]


@cache
def bases() -> tuple[Base, ...]:
    """One for each file of the examples, each with its tenant alone; of the platform's with the smallest tenant."""
    found: list[Base] = []
    for folder in (DEMO, *sorted((ROOT / "tests" / "golden").glob("*/site"))):
        slugs = tenants_in(folder)
        smallest = min(slugs, key=lambda slug: (folder / "tenants" / f"{slug}.yaml").stat().st_size)
        for slug in slugs:
            alone, problems = read_folder(folder, slug)
            assert alone is not None, problems
            wanted = (name for name in alone.texts if name != "platform.yaml" or slug == smallest)
            found += [_base(alone, name) for name in wanted]
    return tuple(found)


def _base(files: SiteFiles, name: str) -> Base:
    data = files.texts[name]
    document, problems = read_bytes(name, data)
    assert not problems
    starts = [0, *(found.end() for found in _BREAK.finditer(document.text))]
    lines = [*itertools.pairwise(starts), (starts[-1], len(document.text))]

    def offset(index: int) -> int:
        return len(document.text[:index].encode())

    def places(spans: Iterable[Span]) -> tuple[tuple[int, int], ...]:
        ends = ((starts[s.line - 1] + s.column - 1, starts[s.end_line - 1] + s.end_column - 1) for s in spans)
        return tuple((offset(start), offset(end)) for start, end in ends)

    whole = tuple((offset(start), offset(end)) for start, end in lines if end > start)
    values, keys = places(document.spans.values()), places(document.keys.values())
    pairs = [path for path in document.keys if path in document.spans]
    begins, ends = places(document.keys[path] for path in pairs), places(document.spans[path] for path in pairs)
    entries = tuple(_entry(data, begin, end) for (begin, _), (_, end) in zip(begins, ends, strict=True))
    return Base(files, name, data, values, keys, entries, whole)


def _entry(data: bytes, start: int, end: int) -> tuple[int, int]:
    """A key and its value with the comma, or the line, that goes with it."""
    if after := re.compile(rb",\s*").match(data, end):
        return start, after.end()
    line = data.rfind(b"\n", 0, start) + 1
    rest = re.compile(rb"[^\n]*\n?").match(data, end)
    return (line, rest.end()) if rest and not data[line:start].strip() else (start, end)


def _sort(text: str) -> str:
    """What sort of word a value is; empty when it is none."""
    bare = text.strip("\"'")
    return next((sort for sort, expression in _SORTS.items() if re.fullmatch(expression, bare)), "")


@cache
def words_of(sort: str) -> tuple[str, ...]:
    """The words of a sort in all examples, and some that are trouble."""
    found = {base.data[slice(*place)].decode() for base in bases() for place in base.sorts.get(sort, ())}
    return (*sorted(found), *_TROUBLE.get(sort, ()))


def mutant(number: int) -> Mutant:
    """The site of this number."""
    chance = random.Random(number)
    weights = [len(base.values) for base in bases()]
    base = chance.choices(bases(), weights)[0]
    edits = (chance.choice(_SLIPS)(base, chance) for _ in range(chance.choice((1, 1, 2, 3))))
    return Mutant(number, base, tuple(edits))


def _text(chance: random.Random) -> str:
    text = chance.choice(HOSTILE if chance.random() < 0.5 else _WRONG)
    quoted = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\0", "\\0")
    return chance.choice((text, text, f'"{quoted}"', "'" + text.replace("'", "''") + "'"))


def _strange_value(base: Base, chance: random.Random) -> Edit:
    return Edit(*chance.choice(base.values), _text(chance).encode("utf-8", errors="replace"))


def _value_of_its_sort(base: Base, chance: random.Random) -> Edit:
    sort = chance.choice(tuple(base.sorts))
    return Edit(*chance.choice(base.sorts[sort]), chance.choice(words_of(sort)).encode())


def _other_digit(base: Base, chance: random.Random) -> Edit:
    places = [found.start() for found in re.finditer(rb"[0-9]", base.data)]
    at = chance.choice(places)
    return Edit(at, at + 1, chance.choice((b"", b"00", *(b"%d" % digit for digit in range(10)))))


def _lost_entry(base: Base, chance: random.Random) -> Edit:
    return Edit(*chance.choice(base.entries), b"")


def _value_of_another(base: Base, chance: random.Random) -> Edit:
    return Edit(*chance.choice(base.values), _cut(base, chance.choice(base.values)))


def _key_of_another(base: Base, chance: random.Random) -> Edit:
    return Edit(*chance.choice(base.keys), _cut(base, chance.choice(base.keys)))


def _strange_key(base: Base, chance: random.Random) -> Edit:
    text = chance.choice(_WORDS) if chance.random() < 0.5 else _text(chance)
    return Edit(*chance.choice(base.keys), text.encode("utf-8", errors="replace"))


def _nested_value(base: Base, chance: random.Random) -> Edit:
    start, end = chance.choice(base.values)
    before, after = chance.choice((("[", "]"), ("{to: ", "}"), ("{x: ", "}"), ("[[", "]]"), ('"', '"')))
    return Edit(start, end, before.encode() + base.data[start:end] + after.encode())


def _lost_line(base: Base, chance: random.Random) -> Edit:
    return Edit(*chance.choice(base.lines), b"")


def _doubled_line(base: Base, chance: random.Random) -> Edit:
    start, end = chance.choice(base.lines)
    return Edit(start, end, base.data[start:end] * 2)


def _line_of_another(base: Base, chance: random.Random) -> Edit:
    return Edit(*chance.choice(base.lines), _cut(base, chance.choice(base.lines)))


def _swapped_lines(base: Base, chance: random.Random) -> Edit:
    at = chance.randrange(len(base.lines) - 1)
    (first, middle), (_, last) = base.lines[at : at + 2]
    return Edit(first, last, base.data[middle:last] + base.data[first:middle])


def _indented(base: Base, chance: random.Random) -> Edit:
    start, end = chance.choice(base.lines)
    line = base.data[start:end]
    bare = line.lstrip(b" ")
    depth = max(0, len(line) - len(bare) + chance.choice((-4, -2, -1, 1, 2, 4)))
    return Edit(start, end, (b"\t" if chance.random() < 0.1 else b" " * depth) + bare)


def _lost_characters(base: Base, chance: random.Random) -> Edit:
    start = chance.randrange(len(base.data))
    return Edit(start, min(len(base.data), start + chance.choice((1, 1, 2, 5, 40, 400))), b"")


def _more_characters(base: Base, chance: random.Random) -> Edit:
    at = chance.randrange(len(base.data))
    return Edit(at, at, chance.choice(_SIGNS))


def _comment_or_break(base: Base, chance: random.Random) -> Edit:
    _, end = chance.choice(base.values)
    return Edit(end, end, chance.choice((b" #", b"\n", b"\n\n  ", b"\r", b",", b": x", b" - x")))


def _torn_off(base: Base, chance: random.Random) -> Edit:
    return Edit(chance.randrange(len(base.data)), len(base.data), b"")


def _cut(base: Base, place: tuple[int, int]) -> bytes:
    return base.data[slice(*place)]


_SLIPS: Final[Sequence[Callable[[Base, random.Random], Edit]]] = (
    *(_value_of_its_sort,) * 8,
    *(_other_digit,) * 5,
    *(_lost_entry,) * 4,
    *(_strange_value,) * 4,
    *(_value_of_another, _nested_value, _key_of_another, _key_of_another, _strange_key, _lost_line),
    *(_doubled_line, _line_of_another, _swapped_lines),
    *(_indented, _lost_characters, _more_characters, _comment_or_break, _torn_off),
)
