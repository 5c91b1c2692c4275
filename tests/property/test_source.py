"""Properties of the front door, on texts nobody would write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from pbx.diagnostics.show import FORMATS, show
from pbx.source import Document, read_bytes, read_yaml

if TYPE_CHECKING:
    from pbx.diagnostics import Span

PIECES = st.one_of(
    st.sampled_from(["a", "b: ", "- ", "{", "}", "[", "]", ", ", ": ", "\n", "\n  ", "\n    ", "\t", "\r\n", "'", '"']),
    st.sampled_from(["*", "&x ", "!", "#", "<<", "|\n", ">\n", "---\n", "...\n", "~", "null", "%", "@", "?", "? "]),
    st.sampled_from(["é", "😀", "日", "\\", "\x85", "\u2028"]),
)
YAML_LIKE = st.lists(PIECES, max_size=40).map("".join)
TEXTS = st.one_of(st.text(), YAML_LIKE)

SCALARS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"], exclude_characters="\ufeff"))
TREES = st.recursive(
    SCALARS | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(SCALARS, inner, max_size=4),
    max_leaves=12,
)


def cut(text: str, span: Span) -> str:
    """The text that a span covers."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    rows = lines[span.line - 1 : span.end_line]
    rows[-1] = rows[-1][: span.end_column - 1]
    rows[0] = rows[0][span.column - 1 :]
    return "\n".join(rows)


def inside(document: Document, span: Span) -> bool:
    """Whether a span lies within the text and does not end before it begins."""
    lines = document.text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    in_order = (1, 1) <= (span.line, span.column) <= (span.end_line, span.end_column)
    return in_order and span.end_line <= len(lines) and span.end_column <= len(lines[span.end_line - 1]) + 1


@given(TEXTS)
def test_any_text_gives_a_document_and_problems_that_can_be_shown(text: str) -> None:
    document, problems = read_yaml("x.yaml", text)
    assert document.readable == (not problems)
    spans = [problem.span for problem in problems if problem.span]
    assert len(spans) == len(problems)
    assert all(inside(document, span) for span in [*spans, *document.spans.values(), *document.keys.values()])
    for name in FORMATS:
        assert show(problems, {"x.yaml": document}, format=name).endswith("\n") or not problems


@given(st.binary() | TEXTS.map(lambda text: text.encode("utf-8", errors="replace")))
def test_any_bytes_give_a_document_and_problems(data: bytes) -> None:
    document, problems = read_bytes("x.yaml", data)
    assert document.readable == (not problems)
    assert all(problem.span and inside(document, problem.span) for problem in problems)


@given(TREES, st.booleans())
def test_what_another_writer_wrote_is_read_back(tree: Any, flow: bool) -> None:  # noqa: ANN401 - any tree, either style
    text = yaml.safe_dump({"key": tree}, allow_unicode=True, default_flow_style=flow)
    document, problems = read_yaml("x.yaml", text)
    if not problems:
        assert document.tree == {"key": tree}
    else:
        assert {problem.code for problem in problems} <= {"PBX004", "PBX008"}, text
        assert "&id" in text or "? " in text or "''" in text


@given(YAML_LIKE)
def test_a_plain_text_stands_where_its_span_says(text: str) -> None:
    document, problems = read_yaml("x.yaml", text)
    for path, span in {} if problems else document.spans.items():
        value: Any = document.tree
        for step in path:
            value = value[step]
        written = cut(document.text, span)
        if isinstance(value, str) and "\n" not in written and not written.startswith(("'", '"', "|", ">")):
            assert written == value
