"""How problems are shown, sorted and suggested."""

from __future__ import annotations

import json

import pytest

from pbx.diagnostics import Diagnostic, Related, Span, has_errors
from pbx.diagnostics.show import FORMATS, show, summary
from pbx.diagnostics.suggest import nearest
from pbx.source import Document, read_yaml

FILE = "tenants/andina.yaml"
TEXT = """\
ivrs:
  principal:
    options:
      "1": queue:suport
      "2": {say: "日本é", to: queue:x}
# a remark
queues:
  support: {}
"""


def document(text: str = TEXT) -> dict[str, Document]:
    """The file, as ``show`` wants it."""
    return {FILE: read_yaml(FILE, text)[0]}


def problem(  # noqa: PLR0913 - the fields of a diagnostic
    message: str = "there is no queue:suport",
    *,
    code: str = "PBX003",
    path: tuple[str | int, ...] = ("ivrs", "principal", "options", "1"),
    help_: str = "did you mean queue:support?",
    consequence: str = "",
    related: tuple[Related, ...] = (),
    span: Span | None = None,
) -> Diagnostic:
    """A problem; what kind does not matter here."""
    return Diagnostic(code, FILE, path, message, help_, consequence, related, span=span)


def test_the_frame_is_our_face() -> None:
    one = problem(
        consequence="a caller who presses 1 would be hung up on",
        related=(Related(FILE, ("queues", "support"), "a queue of a similar name"),),
    )
    assert show([one], document()) == (
        "error[PBX003] duplicate-key: there is no queue:suport\n"
        " --> tenants/andina.yaml:4:12\n"
        "  |\n"
        '4 |       "1": queue:suport\n'
        "  |            ^^^^^^^^^^^^\n"
        "  = help: did you mean queue:support?\n"
        "  = a queue of a similar name (tenants/andina.yaml:8)\n"
        "  = a caller who presses 1 would be hung up on\n"
        "\n"
        "1 error\n"
    )


def carets(text: str, span: Span) -> tuple[str, str]:
    """The quoted line and the line of carets, without the gutter."""
    rows = show([problem(span=span)], document(text)).splitlines()
    return rows[3].partition("| ")[2], rows[4].partition("| ")[2]


def test_carets_stand_under_wide_characters() -> None:
    assert carets("a: 日本é x\n", Span(FILE, 1, 4, 1, 7)) == ("a: 日本é x", "   ^^^^^")
    assert carets("日本: x\n", Span(FILE, 1, 5, 1, 6)) == ("日本: x", "      ^")


def test_carets_stand_under_what_follows_a_tab() -> None:
    assert carets("a:\tb\n", Span(FILE, 1, 4, 1, 5)) == ("a:    b", "      ^")


def test_of_a_span_of_several_lines_the_first_is_shown() -> None:
    assert carets("a: [1,   \n 2]\n", Span(FILE, 1, 4, 2, 4)) == ("a: [1,", "   ^^^")


def test_an_empty_span_has_one_caret() -> None:
    assert carets("a:\n", Span(FILE, 1, 3, 1, 3)) == ("a:", "  ^")


def test_a_long_line_is_cut_around_the_carets() -> None:
    line, under = carets("a: " + "x" * 500 + "HERE" + "y" * 500 + "\n", Span(FILE, 1, 504, 1, 508))
    assert len(line) < len("x" * 150)
    assert line[under.index("^") : len(under)] == "HERE"
    assert line.startswith("…")
    assert line.endswith("…")


def test_nothing_in_a_file_can_paint_over_the_terminal() -> None:
    text = "a: \x1b[2J\u202e\n"
    one = problem("no \x1b[2J here\nand there", help_="\x07", span=Span(FILE, 1, 4, 1, 5))
    for name in FORMATS:
        shown = show([one], {FILE: Document(FILE, text, None, {}, {})}, format=name)
        assert not {"\x1b", "\x07", "\u202e"} & set(shown), name


def test_colour_only_when_told() -> None:
    assert "\x1b[" not in show([problem()], document())
    assert "\x1b[1;31merror[PBX003]\x1b[0m" in show([problem()], document(), colour=True)


def test_a_file_that_was_not_read_is_named_without_a_quotation() -> None:
    assert show([problem()], {}).splitlines()[:3] == [
        "error[PBX003] duplicate-key: there is no queue:suport",
        " --> tenants/andina.yaml:1:1",
        "  = help: did you mean queue:support?",
    ]


def test_concise_is_one_line_each() -> None:
    assert show([problem(help_="write queue:support")], document(), format="concise") == (
        "tenants/andina.yaml:4:12: error[PBX003] duplicate-key: there is no queue:suport (write queue:support)\n"
        "1 error\n"
    )


def test_problems_are_sorted_by_place_and_told_once() -> None:
    two = problem("second", path=("queues", "support"))
    shown = show([two, problem("first"), two], document(), format="concise").splitlines()
    assert [line.split(": ")[2].split(" (")[0] for line in shown[:-1]] == ["first", "second"]
    assert shown[-1] == "2 errors"


def test_a_stream_of_problems_can_be_shown() -> None:
    assert show(iter([problem()]), document(), format="concise").endswith("1 error\n")


def test_no_problems_are_said_to_be_none() -> None:
    assert show([], {}) == "no problems\n"
    assert summary([problem("a"), problem("b"), problem("b")]) == "2 errors"
    assert has_errors([problem()])
    assert not has_errors([])


def test_json_has_every_field() -> None:
    shown = json.loads(show([problem(related=(Related(FILE, ("queues",), "x"),))], document(), format="json"))
    (one,) = shown["diagnostics"]
    assert (shown["errors"], shown["warnings"]) == (1, 0)
    assert (one["code"], one["slug"], one["severity"]) == ("PBX003", "duplicate-key", "error")
    assert one["path"] == ["ivrs", "principal", "options", "1"]
    assert (one["file"], one["line"], one["column"], one["end_line"], one["end_column"]) == (FILE, 4, 12, 4, 24)
    assert one["related"][0]["line"] == TEXT.splitlines().index("queues:") + 1


def test_github_escapes_what_would_end_the_command() -> None:
    one = Diagnostic("PBX003", "a,b:c.yaml", (), "100%\nsure", "do: it", span=Span("a,b:c.yaml", 1, 2, 1, 3))
    assert show([one], {}, format="github") == (
        "::error file=a%2Cb%3Ac.yaml,line=1,col=2,endLine=1,endColumn=3,title=PBX003 duplicate-key"
        "::100%25%0Asure%0Ahelp: do: it\n"
    )


def test_sarif_names_rules_places_and_related_places() -> None:
    one = problem(related=(Related(FILE, ("queues",), "x"),))
    shown = json.loads(show([one, problem("b", code="PBX004")], document(), format="sarif"))
    assert shown["version"] == "2.1.0"
    (run,) = shown["runs"]
    assert run["columnKind"] == "unicodeCodePoints"
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        (place,) = result["locations"]
        region = place["physicalLocation"]["region"]
        assert region == {"startLine": 4, "startColumn": 12, "endLine": 4, "endColumn": 24}
    assert run["results"][0]["relatedLocations"][0]["message"] == {"text": "x"}


def test_sarif_places_are_uris() -> None:
    one = Diagnostic("PBX003", "tenants/año nuevo.yaml", (), "x")
    (run,) = json.loads(show([one], {}, format="sarif"))["runs"]
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "tenants/a%C3%B1o%20nuevo.yaml"


@pytest.mark.parametrize(
    ("word", "candidates", "expected"),
    [
        ("queue:suport", ["queue:ventas", "queue:support", "ivr:support"], "queue:support"),
        ("ring_group:recepcion", ["queue:recepcion", "ring_group:recepción"], "ring_group:recepción"),
        ("quue:ventas", ["queue:ventas", "queue:compras"], "queue:ventas"),
        ("20l", ["202", "201", "210"], "201"),
        ("2O1", ["202", "201", "210"], "201"),
        ("Ventas", ["ventas", "compras"], "ventas"),
        ("max-wait", ["max_wait", "max_callers"], "max_wait"),
        ("tiemzone", ["timezone", "name"], "timezone"),
        ("contry", ["country", "country_code"], "country"),
        ("ab", ["ba", "xyz"], "ba"),
        ("203", ["201", "202"], None),
        ("queue:suport", ["queue:ventas"], None),
        ("1", ["2", "3"], None),
        ("x" * 1000, ["x" * 999], None),
        ("anything", [], None),
        ("ventas", ["ventas"], None),
    ],
)
def test_a_suggestion_is_what_the_user_meant(word: str, candidates: list[str], expected: str | None) -> None:
    assert nearest(word, candidates) == expected
