"""What is wrong with YAML that its parser refuses, in the user's words.

The parser says where it gave up and what it expected there; the slip is often earlier. Each rule below recognises one
usual slip from the parser's complaint and the text around it; the first rule that answers wins.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_KEY_WITHOUT_SPACE = re.compile(r"(?:- +)*([^\s:\"'#\[\]{},]+):([^\s:].*)")
_KEY_WITH_VALUE = re.compile(r"(?:- +)*(\"[^\"]*\"|'[^']*'|[^\s\"'][^:]*):[ \t]+(\S.*)")
_FALSE_QUOTES = "“”„‘’«»"
_COMMENT = re.compile(r"(^|\s)#.*")
# A quote without an end runs to the end of the text: trying again behind it would take forever on a hostile file.
_SKIPPED_OR_BRACKET = re.compile(
    r"""(?<=[\s,\[{:])(?:"(?:\\.|[^"\\])*"?|'[^']*'?)|(?<=\s)\#[^\r\n]*|[\[\]{}]""", re.DOTALL
)
_PARTNERS = {"[": "]", "{": "}"}
_SHORTEST_QUOTE = 2


@dataclass(frozen=True, slots=True)
class Slip:
    """The most likely mistake, and the stretch of the text (as indices) where it stands."""

    start: int
    end: int
    message: str
    help: str
    code: str = "PBX002"


@dataclass(frozen=True, slots=True)
class Complaint:
    """What the parser said, and what was being read."""

    text: str
    at: int
    """Index where it gave up."""
    problem: str
    """What it expected, in libyaml's words."""
    doing: str
    """What it was reading, in libyaml's words; may be empty."""
    since: int
    """Index where that began; the same as ``at`` when it does not say."""
    quoted: tuple[int, int] | None
    """The last text in quotes that begins before ``at``, with its quotes."""

    def line_start(self, index: int) -> int:
        """Index where the line begins that ``index`` is in."""
        return max(self.text.rfind("\n", 0, index), self.text.rfind("\r", 0, index)) + 1

    def line_number(self, index: int) -> int:
        """Counted from 1."""
        return len(re.findall(r"\r\n|\r|\n", self.text[: self.line_start(index)])) + 1

    def column(self, index: int) -> int:
        """Counted from 1."""
        return index - self.line_start(index) + 1

    def line(self, index: int) -> Line:
        """The content of the line that ``index`` is in: without indentation, comment and blanks at its end."""
        start = self.line_start(index)
        raw = re.compile(r"[^\r\n]*").match(self.text, start)
        return Line(start, raw[0] if raw else "")

    def line_above(self, index: int) -> Line | None:
        """The nearest line above that has content."""
        start = self.line_start(index)
        while start > 0:
            line = self.line(start - 1)
            if line.content:
                return line
            start = line.start
        return None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the text."""

    start: int
    raw: str

    @property
    def content(self) -> str:
        """Without indentation, comment and blanks at its end."""
        return _COMMENT.sub("", self.raw).strip()

    @property
    def begin(self) -> int:
        """Index of the first character of the content."""
        return self.start + len(self.raw) - len(self.raw.lstrip())

    @property
    def end(self) -> int:
        """Index after the content."""
        return self.begin + len(self.content)


def explain_slip(complaint: Complaint) -> Slip:
    """The mistake behind the parser's complaint."""
    for rule in _RULES:
        slip = rule(complaint)
        if slip:
            return slip
    at = min(complaint.at, len(complaint.text))
    help_ = "compare this line and the ones above with a file that works: indentation, colons, quotes, brackets"
    return Slip(at, min(at + 1, len(complaint.text)), f"this is not valid YAML: {complaint.problem}", help_)


def _tab(c: Complaint) -> Slip | None:
    start = c.line_start(c.at)
    indentation = re.compile(r"[ \t]*").match(c.text, start)
    blanks = indentation[0] if indentation else ""
    if "\t" not in blanks:
        return None
    first = start + blanks.index("\t")
    return Slip(first, start + len(blanks), "this line is indented with a tab", "use spaces: YAML allows no tabs there")


def _reserved(c: Complaint) -> Slip | None:
    """``*``, ``&`` and ``!`` before text that cannot even be an alias, an anchor or a tag."""
    if "alias" in c.doing or "anchor" in c.doing:
        code, what = "PBX004", "alias" if "alias" in c.doing else "anchor"
    elif "tag" in c.doing or "tag" in c.problem:
        code, what = "PBX005", "tag"
    else:
        return None
    found = re.compile(r"[*&!][^\s,\[\]{}:\"']*").match(c.text, c.since)
    word = found[0] if found else c.text[c.since : c.since + 1]
    message = f"{word} without quotes begins a YAML {what}, which this language does not have"
    return Slip(c.since, c.since + len(word), message, f'put it in quotes: "{word}"', code)


def _open_quote(c: Complaint) -> Slip | None:
    if "quoted scalar" in c.doing and "end of" in c.problem:
        quote = c.text[c.since : c.since + 1]
        line = c.line(c.since)
        return Slip(c.since, max(line.end, c.since + 1), "this quote is never closed", f"add the {quote} that ends it")
    if c.quoted is None or "scanning" in c.doing:
        return None
    start, end = c.quoted
    inside = c.text[start + 1 : end - 1]
    spans_lines = re.search(r"[\r\n]", inside)
    if spans_lines is None or not re.search(r":(\s|$)", inside) or c.text[end : c.at].strip():
        return None
    quote = c.text[start]
    message = f"this quote is closed only on line {c.line_number(end)}"
    return Slip(start, max(c.line(start).end, start + 1), message, f"add the {quote} that ends it on this line")


def _brackets(c: Complaint) -> Slip | None:
    if "flow" not in c.doing or c.text[c.since : c.since + 1] not in _PARTNERS:
        return None
    opened = c.text[c.since]
    partner = _PARTNERS[opened]
    found = c.text[c.at : c.at + 1]
    if found and found in "]}" and found != partner:
        where = f"the {opened} of line {c.line_number(c.since)}, column {c.column(c.since)}"
        return Slip(c.at, c.at + 1, f"{found} cannot close {where}", f"write {partner} here")
    if not _is_closed(c.text, c.since):
        return Slip(c.since, c.since + 1, f"this {opened} is never closed", f"add the {partner} that ends it")
    begin, end = _entry(c)
    words = c.text[begin:end]
    help_ = "put a comma between two entries; a text that contains a colon or a comma needs quotes"
    return Slip(begin, end, f"a comma is missing in or before {words}", help_)


def _entry(c: Complaint) -> tuple[int, int]:
    """The words around the place where a comma was expected."""
    begin = c.at
    if c.text[c.at : c.at + 1] == ":":
        while begin > c.since + 1 and c.text[begin - 1] not in " \t\r\n,[{":
            begin -= 1
    found = re.compile(r"[^\s,\]}]+(?:: [^\s,\]}]+)?").match(c.text, begin)
    return begin, found.end() if found else min(begin + 1, len(c.text))


def _is_closed(text: str, opened: int) -> bool:
    """Whether the bracket at ``opened`` has a partner; quotes and comments do not count."""
    depth = 0
    for found in re.compile(r"\"(?:\\.|[^\"\\])*\"|'[^']*'|(?<=\s)#[^\r\n]*|[\[\]{}]", re.DOTALL).finditer(
        text, opened
    ):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(found[0], 0)
        if depth == 0:
            return True
    return False


def _colon(c: Complaint) -> Slip | None:
    """A colon too many, or one too few on the line above."""
    if "mapping values" not in c.problem:
        return None
    line = c.line(c.at)
    parts = _KEY_WITH_VALUE.match(c.text[line.begin : c.at])
    if parts:
        value = c.text[line.begin + parts.start(2) : line.end]
        begin = line.begin + parts.start(2)
        if value[0] in _FALSE_QUOTES:
            return Slip(begin, begin + 1, f"{value[0]} is not a quote that YAML knows", "use straight quotes: \" or '")
        return Slip(begin, line.end, "this text contains a colon", f"put it in quotes: {_in_quotes(value)}")
    above = c.line_above(c.at)
    if above is None:
        return None
    slip = _colon_missing(above)
    if slip:
        return slip
    here = f"the line above stands in column {above.begin - above.start + 1}"
    message = "this line is indented deeper than the one above, which already has its value"
    return Slip(line.begin, max(c.at, line.begin + 1), message, f"line it up with its neighbours; {here}")


def _no_colon(c: Complaint) -> Slip | None:
    return _colon_missing(c.line(c.since)) if "expected ':'" in c.problem else None


def _colon_missing(line: Line) -> Slip | None:
    content = line.content
    glued = _KEY_WITHOUT_SPACE.fullmatch(content)
    if glued:
        help_ = f"write {glued[1]}: {glued[2]}"
        return Slip(line.begin + glued.start(1), line.end, f"a space is missing after the colon of {glued[1]}:", help_)
    if not content or re.search(r":(\s|$)", content) or content.startswith("- "):
        return None
    words = content.split(maxsplit=1)
    cure = f"{words[0]}: {words[1]}" if len(words) > 1 else f"{content}:"
    return Slip(line.begin, line.end, "a colon is missing on this line", f"write {cure}")


def _list_on_the_line_of_its_key(c: Complaint) -> Slip | None:
    if "block sequence" not in c.problem:
        return None
    message = "a list cannot begin on the line of its key"
    return Slip(c.at, c.line(c.at).end, message, "write each - on a line of its own, or use brackets: [one, two]")


def _key_missing(c: Complaint) -> Slip | None:
    if "expected key" not in c.problem or c.line(c.at).content[:1] != ":":
        return None
    begin = c.line(c.at).begin
    return Slip(begin, begin + 1, "the key before this colon is missing", "write it before the colon", "PBX008")


def _leftover(c: Complaint) -> Slip | None:
    """Something follows on the line after its value has ended."""
    if "did not find expected" not in c.problem:
        return None
    line = c.line(c.at)
    before = c.text[line.begin : c.at].rstrip()
    if not before:
        return None
    rest = c.text[c.at : max(line.end, c.at + 1)]
    if rest[:1] in ("]", "}"):
        return Slip(c.at, c.at + 1, f"this {rest[0]} closes nothing", "delete it, or add the bracket that opens it")
    if before[-1] in "\"']}":
        parts = _KEY_WITH_VALUE.match(c.text[line.begin : line.end])
        help_ = "put the whole value in quotes" + (f": {_in_quotes(parts[2])}" if parts else "")
        return Slip(c.at, c.at + len(rest), f"there is text after the {before[-1]} that ends the value", help_)
    return None


def _in_quotes(value: str) -> str:
    if len(value) >= _SHORTEST_QUOTE and value[0] == value[-1] == "'":
        value = value[1:-1]
    return f"'{value}'" if '"' in value and "'" not in value else '"' + value.replace('"', "'") + '"'


def _alignment(c: Complaint) -> Slip | None:
    """A line that begins in a column where nothing else does."""
    if "expected key" not in c.problem and "'-' indicator" not in c.problem:
        return None
    line = c.line(c.at)
    end = max(line.end, min(c.at + 1, len(c.text)))
    place = f"stands in column {c.column(c.since)} (line {c.line_number(c.since)})"
    same = c.column(c.at) == c.column(c.since)
    is_entry = c.text[c.at : c.at + 2].rstrip() == "-"
    if "expected key" in c.problem and is_entry and same:
        return Slip(c.at, end, "a list entry (-) stands among the keys of a mapping", "give the list a key of its own")
    if "'-' indicator" in c.problem and same:
        return Slip(c.at, end, "this key stands among the entries of a list", "begin the line with - or move it out")
    message = "this line does not line up with the lines above"
    return Slip(c.at, end, message, f"entries that belong together begin in the same column; the first one {place}")


def _first_character(c: Complaint) -> Slip | None:
    if not any(words in c.problem for words in ("cannot start", "node content", "non-alphabetical")):
        return None
    at = c.since if c.text[c.since : c.since + 1] == "%" else c.at
    character = c.text[at : at + 1]
    if not character.strip():
        opened = max(c.text.rfind("[", 0, at), c.text.rfind("{", 0, at))
        return (
            Slip(opened, opened + 1, f"this {c.text[opened]} is never closed", "add its partner")
            if opened >= 0
            else None
        )
    if character == "," and "flow" in c.doing:
        return Slip(at, at + 1, "there is a comma too many", "delete it, or write what is missing before it")
    line = c.line(at)
    value = c.text[at : max(line.end, at + 1)]
    return Slip(
        at, at + 1, f"text without quotes cannot begin with {character}", f"put it in quotes: {_in_quotes(value)}"
    )


def _escape(c: Complaint) -> Slip | None:
    if "escape" not in c.problem:
        return None
    start = max(c.text.rfind("\\", 0, c.at + 1), 0)
    word = c.text[start : start + 2]
    help_ = "use single quotes, or write the backslash twice"
    return Slip(start, start + 2, f"{word} means nothing inside double quotes", help_)


def _block_text(c: Complaint) -> Slip | None:
    if "block scalar" not in c.doing:
        return None
    line = c.line(c.at)
    return Slip(
        c.at, max(line.end, c.at), "the text after | or > begins on the next line", "or put it in quotes instead"
    )


_RULES = (
    _reserved,
    _tab,
    _open_quote,
    _brackets,
    _colon,
    _no_colon,
    _list_on_the_line_of_its_key,
    _key_missing,
    _leftover,
    _alignment,
    _first_character,
    _escape,
    _block_text,
)
