"""Text that may be written into Asterisk's configuration, and text that may not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pbx.asterisk.text import UnsafeTextError, Verbatim, finalize, plain, value

HOSTILE = '";${}[]()<>,|&\\=!`^~%?\n\r\0\x7f\u2028'


@given(st.text())
def test_a_name_made_plain_is_always_accepted(text: str) -> None:
    assert finalize(plain(text)) == plain(text)


@given(st.text(st.sampled_from(HOSTILE + "a ")))
def test_of_hostile_text_only_harmless_signs_are_left(text: str) -> None:
    assert set(plain(text)) <= {"a", " "}


def test_names_keep_what_people_need() -> None:
    assert plain("José  O'Higgins-Ñandú 日本") == "José O'Higgins-Ñandú 日本"
    assert plain("Gomez\N{COMBINING ACUTE ACCENT}") == "Gomeź"


@pytest.mark.parametrize("unsafe", [*(sign for sign in HOSTILE if sign != "\u2028"), None, True, 1.5, ["x"]])
def test_what_nobody_vouched_for_is_refused(unsafe: object) -> None:
    with pytest.raises(UnsafeTextError):
        finalize(unsafe)


def test_what_is_vouched_for_is_written_as_it_is_on_one_line() -> None:
    assert finalize(Verbatim("_[+0-9]!")) == "_[+0-9]!"
    assert finalize(5) == "5"
    with pytest.raises(UnsafeTextError):
        finalize(Verbatim("a\nb"))


def test_a_semicolon_in_a_value_begins_no_comment() -> None:
    assert value("a;b") == "a\\;b"
    with pytest.raises(UnsafeTextError):
        value("a\nb")
