"""The front door: what is read, where it stands, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pbx.source import DEEPEST, LARGEST, Document, read_bytes, read_yaml

if TYPE_CHECKING:
    from pbx.diagnostics import Path, Span

FILE = "tenants/andina.yaml"


def good(text: str) -> Document:
    """Read a text that must be fine."""
    document, problems = read_yaml(FILE, text)
    assert problems == []
    assert document.readable
    return document


def place(span: Span) -> tuple[int, int, int, int]:
    """The numbers of a span."""
    return span.line, span.column, span.end_line, span.end_column


def first(text: str) -> tuple[str, str, str, str]:
    """Code, message, help and underlined text of the first problem of a text that must be refused."""
    document, problems = read_yaml(FILE, text)
    assert problems, "nothing was found"
    assert not document.readable
    span = problems[0].span
    assert span is not None
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    end = span.end_column - 1 if span.end_line == span.line else None
    return problems[0].code, problems[0].message, problems[0].help, lines[span.line - 1][span.column - 1 : end]


@pytest.mark.parametrize(
    "value", ["0101", "8:30", "no", "+541152365000", "0x10", "1e3", "200-299", "yes", "2026-12-01"]
)
def test_no_value_is_guessed(value: str) -> None:
    assert good(f"key: {value}\n").tree == {"key": value}


@pytest.mark.parametrize("nothing", ["", "~", "null"])
def test_nothing_becomes_none_only_when_plain(nothing: str) -> None:
    assert good(f"key: {nothing}\n").tree == {"key": None}
    assert good(f'key: "{nothing}"\n').tree == {"key": nothing}
    assert good(f"key: '{nothing}'\n").tree == {"key": nothing}


@pytest.mark.parametrize("word", ["Null", "NULL", "nil", "none"])
def test_other_spellings_of_nothing_are_text(word: str) -> None:
    assert good(f"key: {word}\n").tree == {"key": word}


PLACES = """\
plain: value
quoted: 'yes'
flow: {a: [1, 'é😀'],b: }
text: |
  one
  two

block:
  - x
  - c: no
"""


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("plain",), (1, 8, 1, 13)),
        (("quoted",), (2, 9, 2, 14)),
        (("flow",), (3, 7, 3, 25)),
        (("flow", "a"), (3, 11, 3, 20)),
        (("flow", "a", 1), (3, 15, 3, 19)),
        (("flow", "b"), (3, 24, 3, 24)),
        (("text",), (4, 7, 6, 6)),
        (("block",), (9, 3, 10, 10)),
        (("block", 1), (10, 5, 10, 10)),
        (("block", 1, "c"), (10, 8, 10, 10)),
        ((), (1, 1, 10, 10)),
    ],
)
@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
def test_every_value_has_its_exact_place(path: Path, expected: tuple[int, int, int, int], line_break: str) -> None:
    document = good(PLACES.replace("\n", line_break))
    assert place(document.spans[path]) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [(("plain",), (1, 1, 1, 6)), (("flow", "b"), (3, 21, 3, 22)), (("block", 1, "c"), (10, 5, 10, 6))],
)
def test_every_key_has_its_exact_place(path: Path, expected: tuple[int, int, int, int]) -> None:
    assert place(good(PLACES).keys[path]) == expected


def test_a_byte_order_mark_moves_nothing() -> None:
    document = good("\ufeffkey: value\n")
    assert document.tree == {"key": "value"}
    assert place(document.keys[("key",)]) == (1, 1, 1, 4)


@pytest.mark.parametrize("separator", ["\x85", "\u2028", "\u2029"])
def test_line_breaks_that_editors_do_not_show_are_refused(separator: str) -> None:
    assert first(f'a: "x{separator}y"\n')[0::3] == ("PBX001", separator)


def test_quoted_keys_are_text_without_their_quotes() -> None:
    document = good('extensions: {"201": {a: b}}\n')
    assert document.tree == {"extensions": {"201": {"a": "b"}}}
    assert place(document.keys[("extensions", "201")]) == (1, 14, 1, 19)


POINTED = """\
extensions:
  "201":
    first_name: Ana
    email:
queues: {ventas: {members: []}}
"""


@pytest.mark.parametrize(
    ("path", "at_key", "expected"),
    [
        (("extensions", "201", "first_name"), False, (3, 17, 3, 20)),
        (("extensions", "201", "first_name"), True, (3, 5, 3, 15)),
        (("extensions", "201", "email"), False, (4, 5, 4, 10)),
        (("extensions", "201"), False, (2, 3, 2, 8)),
        (("extensions", "201", "last_name"), False, (2, 3, 2, 8)),
        (("extensions", "999", "last_name"), False, (1, 1, 1, 11)),
        (("queues", "ventas", "members"), False, (5, 28, 5, 30)),
        (("queues", "ventas", "members", 0), False, (5, 19, 5, 26)),
        (("country",), False, (1, 1, 1, 11)),
        ((), False, (1, 1, 1, 11)),
    ],
)
def test_a_reader_is_pointed_to_what_shows_most(
    path: Path,
    at_key: bool,
    expected: tuple[int, int, int, int],
) -> None:
    assert place(good(POINTED).place(path, at_key=at_key)) == expected


def test_a_missing_path_has_the_span_of_its_nearest_ancestor() -> None:
    assert place(good(POINTED).span(("queues", "ventas", "members", 3))) == (5, 19, 5, 26)


@pytest.mark.parametrize(
    ("text", "code", "underlined"),
    [
        ("a: 1\nb: 2\na: 3\n", "PBX003", "a"),
        ("a: {x: 1, y: 2, x: 3}\n", "PBX003", "x"),
        ('a: {"x": 1, x: 3}\n', "PBX003", "x"),
        ("a: *97\n", "PBX004", "*97"),
        ("a: [*97]\n", "PBX004", "*97"),
        ("a: **\n", "PBX004", "**"),
        ("o:\n  *: repeat\n", "PBX004", "*"),
        ("a: &x 1\n", "PBX004", "&x"),
        ("a: !!str &x 1\n", "PBX005", "!!str"),
        ("a: &x {b: 1}\n", "PBX004", "&x"),
        ("*a : 1\n", "PBX004", "*a"),
        ("a: !!int 3\n", "PBX005", "!!int"),
        ("a: ! 3\n", "PBX005", "!"),
        ("a: !e!x 3\n", "PBX005", "!e!x"),
        ("<<: {a: 1}\n", "PBX006", "<<"),
        ("a: 1\n---\nb: 2\n", "PBX007", "---"),
        ("a: 1\n---\n", "PBX007", "---"),
        ("? [a, b]\n: 1\n", "PBX008", "["),
        ("a: {{ x }}\n", "PBX008", "{"),
        ("~: 1\n", "PBX008", "~"),
        (": 1\n", "PBX008", ":"),
        ("a:\n  : 1\n", "PBX008", ":"),
        ("", "PBX009", ""),
        ("# nothing\n", "PBX009", ""),
        ("---\n", "PBX009", ""),
        ("~", "PBX009", ""),
        ("a: \x00\n", "PBX001", "\x00"),
        ("a: \x1b[31m\n", "PBX001", "\x1b"),
        ("a: \ud800\n", "PBX001", "\ud800"),
        ("a: " + "[" * (DEEPEST + 10), "PBX010", "["),
        ("a: " + "{a: " * 100_000, "PBX010", "{"),
    ],
)
def test_what_the_language_does_not_have_is_refused_at_its_place(text: str, code: str, underlined: str) -> None:
    found = first(text)
    assert (found[0], found[3][: len(underlined) or None]) == (code, underlined)


def test_quoted_stars_ampersands_and_arrows_are_text() -> None:
    text = 'a: "*97"\nb: "&x"\n"<<": "!y"\n'
    assert good(text).tree == {"a": "*97", "b": "&x", "<<": "!y"}


def test_a_duplicate_names_the_place_of_the_first() -> None:
    document, problems = read_yaml(FILE, "queues:\n  a: {x: 1}\n  b: {}\n  a: {x: {y: 2}}\n")
    (problem,) = problems
    (related,) = problem.related
    assert document.place(related.path).line == len(["queues", "a"])
    assert document.tree == {"queues": {"a": {"x": "1"}, "b": {}}}


def test_every_mistake_of_a_file_is_told_at_once() -> None:
    _, problems = read_yaml(FILE, "a: *x\nb: &y 1\nc: !z 2\na: 3\n<<: 4\n")
    assert [problem.code for problem in problems] == ["PBX004", "PBX004", "PBX005", "PBX003", "PBX006"]


def test_a_file_that_is_too_large_is_not_even_parsed() -> None:
    _, problems = read_yaml(FILE, "a" * (LARGEST + 1))
    assert [problem.code for problem in problems] == ["PBX010"]


def test_the_number_of_problems_is_bounded() -> None:
    _, problems = read_yaml(FILE, "a: 1\n" * 10_000)
    assert len(problems) == len(range(50))


@pytest.mark.parametrize(
    ("text", "message", "help_", "underlined"),
    [
        ("a:\n\tb: 1\n", "indented with a tab", "use spaces", "\t"),
        ("a:\n  b: 1\n\tc: 1\n", "indented with a tab", "use spaces", "\t"),
        ("name: A\ncountry AR\nb: 1\n", "colon is missing", "write country: AR", "country AR"),
        ("country AR\nb: 1\n", "colon is missing", "write country: AR", "country AR"),
        ("a: 1\nextensions\n  x: 1\n", "colon is missing", "write extensions:", "extensions"),
        ("name: A\ncountry:AR\nb: 1\n", "space is missing after the colon of country:", "country: AR", "country:AR"),
        ("q:\n  a:1\n  b: 2\n", "space is missing", "write a: 1", "a:1"),
        ("t: {type:provider, port: 1}\n", "space is missing", "write type: provider", "type:provider"),
        ('name: "A\nb: es\n', "never closed", 'the " that ends it', '"A'),
        ('name: "A\nb: "es"\nc: 1\n', "closed only on line 2", 'the " that ends it', '"A'),
        ('"201: x\n"202": y\n', "closed only on line 2", "ends it on this line", '"201: x'),
        ("a: 'x\nb: 'y'\n", "closed only on line 2", "the ' that ends it", "'x"),
        ("a: [1, 2\nb: [3]\n", "[ is never closed", "add the ]", "["),
        ("t:\n  p: {type: x\n  q: {type: y}\nz: 1\n", "{ is never closed", "add the }", "{"),
        ("a: [\n", "[ is never closed", "", "["),
        ("a: [1, 2 # x]\nb: 1\n", "[ is never closed", "", "["),
        ("a: [1]]\nb: 1\n", "] closes nothing", "delete it", "]"),
        ("a: [1}\n", "} cannot close the [ of line 1, column 4", "write ]", "}"),
        ("b: {x: 1 y: 2}\n", "comma is missing", "put a comma", "y:"),
        ('a: ["1" "2"]\n', "comma is missing", "put a comma", '"2"'),
        ("a: {x: 1,\n    y: 2\n    z: 3}\n", "comma is missing", "put a comma", "z:"),
        ("a: [1,, 2]\n", "comma too many", "delete it", ","),
        ("say: Hola: mundo\n", "contains a colon", 'quotes: "Hola: mundo"', "Hola: mundo"),
        ("say: Hola: 'x'  # y\n", "contains a colon", "in quotes", "Hola: 'x'"),
        ("p: {say: Hola: mundo}\n", "comma is missing", "needs quotes", "Hola:"),
        ("say: “Hola: mundo”\n", "is not a quote", "straight quotes", "“"),
        ("a: 1\n  b: 2\n", "deeper than the one above", "column 1", "b"),
        ("a:\n    b: 1\n  c: 2\n", "does not line up", "column 1", "c: 2"),
        ("a:\n  b: 1\n  - x\n", "stands among the keys", "a key of its own", "- x"),
        ("a:\n  - x\n  b: 1\n", "stands among the entries", "begin the line with -", "b: 1"),
        ("a: - b\n", "list cannot begin on the line of its key", "brackets", "- b"),
        ("a: @x y # z\n", "cannot begin with @", '"@x y"', "@"),
        ("a: `x\n", "cannot begin with `", '"`x"', "`"),
        ("%x: 1\n", "cannot begin with %", "in quotes", "%"),
        ('a: "C:\\path"\n', "\\p means nothing", "single quotes", "\\p"),
        ('a: "x" y\nb: 1\n', 'text after the "', "'\"x\" y'", "y"),
        ("a: 'd'e'\n", "text after the '", '"d\'e"', "e'"),
        ("a: | x\n  y\n", "begins on the next line", "quotes", "x"),
        ("o: {*: x}\n", "* without quotes", '"*"', "*"),
        ("a: 1\r\nb 2\r\nc: 3\r\n", "colon is missing", "write b: 2", "b 2"),
    ],
)
def test_the_usual_slips_are_named_with_their_cure(text: str, message: str, help_: str, underlined: str) -> None:
    found = first(text)
    assert message in found[1]
    assert help_ in found[2]
    assert found[3] == underlined


def test_broken_yaml_that_no_rule_knows_is_still_told() -> None:
    code, message, help_, underlined = first("a: 1\n...\nb: 2\n")
    assert (code, underlined) == ("PBX002", "b")
    assert message.startswith("this is not valid YAML")
    assert help_


def test_a_place_inside_a_line_break_is_the_end_of_its_line() -> None:
    _, (problem,) = read_yaml(FILE, "%\r\n")
    assert problem.span is not None
    assert problem.span.end_column <= len("%") + 1


@pytest.mark.parametrize(
    ("data", "message", "column"),
    [
        ("name: Gómez".encode("latin-1"), "not UTF-8: byte 0xf3", 8),
        ("ñ: Gómez".encode()[:-4], "not UTF-8: byte 0xc3", 5),
        ("name: x".encode("utf-16"), "UTF-16", 1),
        (b"name: \x00", "NUL", 7),
    ],
)
def test_bytes_that_are_not_text_are_refused(data: bytes, message: str, column: int) -> None:
    document, (problem,) = read_bytes(FILE, data)
    assert (problem.code, document.readable, document.tree) == ("PBX001", False, None)
    assert message in problem.message
    assert problem.span is not None
    assert problem.span.column == column


def test_good_bytes_are_read() -> None:
    document, problems = read_bytes(FILE, "\ufeffname: Gómez\r\n".encode())
    assert (document.tree, problems) == ({"name": "Gómez"}, [])
