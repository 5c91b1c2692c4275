"""Passwords are strong, kept well, and never shown."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from pbx.secrets import (
    ALPHABET,
    Problem,
    Secret,
    blank,
    dump,
    extension_name,
    generate,
    merge_missing,
    read_secrets,
    resolve,
    strength,
    write_private,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path, PurePosixPath

VALUE = "Zz9mZz9mZz9mZz9mZz9mZz9m"
NOT_ASKED: Mapping[str, str] = {}


def no_file(_path: PurePosixPath) -> str | None:
    """Stand for a site folder that holds nothing."""
    return None


def follow(reference: str, files: Mapping[str, str] = NOT_ASKED) -> Secret | Problem:
    """Resolve in a small site."""
    kept = {"andina/extension/201": Secret(VALUE)}
    return resolve(reference, {"TRUNK": "hidden", "EMPTY": ""}, lambda path: files.get(str(path)), kept)


def test_a_generated_password_has_128_bits_and_needs_no_escaping() -> None:
    made = {generate() for _ in range(200)}
    assert len(made) == 200
    assert strength() >= 128
    assert all(strength(len(password)) >= 128 and set(password) <= set(ALPHABET) for password in made)
    assert ALPHABET.isalnum()
    assert ALPHABET.isascii()


def test_a_secret_never_shows_itself() -> None:
    secret = Secret(VALUE)
    shown = f"{secret} {secret!r} {[secret]} { ({'a': secret}) }"
    assert VALUE not in shown
    assert secret.reveal() == VALUE


def test_secrets_survive_being_written_and_read() -> None:
    kept, added = merge_missing({}, [extension_name("andina", number) for number in ("202", "201")])
    assert added == ("andina/extension/201", "andina/extension/202")
    text = dump(kept)
    assert text.index("201") < text.index("202")
    assert read_secrets(text) == (kept, [])


def test_a_kept_password_is_never_changed_or_dropped() -> None:
    before = {"andina/extension/201": Secret(VALUE), "gone/extension/1": Secret("old")}
    after, added = merge_missing(before, ["andina/extension/201", "andina/extension/203"])
    assert added == ("andina/extension/203",)
    assert {name: after[name] for name in before} == before


def test_the_same_secrets_make_the_same_text_in_any_order() -> None:
    one, other = {"b": Secret("x"), "a": Secret("y")}, {"a": Secret("y"), "b": Secret("x")}
    assert dump(one) == dump(other)


@pytest.mark.parametrize("text", ["", "\n", "# nothing yet\n"])
def test_an_empty_file_holds_no_secrets(text: str) -> None:
    assert read_secrets(text) == ({}, [])


@pytest.mark.parametrize(
    "text",
    [
        f'a: "{VALUE}\n',
        f"a: [{VALUE}]\n",
        f"- {VALUE}\n",
        f'a: "{VALUE};x"\n',
        f'"a\\nb": "{VALUE}"\n',
        f"a: !{VALUE} x\n",
        "a:\n",
    ],
)
def test_a_broken_secrets_file_is_a_problem_that_quotes_no_password(text: str) -> None:
    kept, problems = read_secrets(text)
    assert kept == {}
    assert len(problems) == 1
    assert VALUE not in repr(problems)
    assert problems[0].help


def test_a_name_or_value_that_needs_escaping_is_not_written() -> None:
    for kept in ({'a"b': Secret("x")}, {"a": Secret('x"y')}, {"a": Secret("")}):
        with pytest.raises(ValueError, match="cannot be written") as raised:
            dump(kept)
        assert 'x"y' not in str(raised.value)


def test_references_lead_to_passwords() -> None:
    assert follow("env:TRUNK") == Secret("hidden")
    assert follow("secret:andina/extension/201") == Secret(VALUE)
    assert follow("file:keys/trunk", {"keys/trunk": "from a file\n"}) == Secret("from a file")


@pytest.mark.parametrize(
    "reference",
    ["env:NOTHING", "env:EMPTY", "env:", "secret:none", "file:none", "file:two", "plain", "vault:x", ""],
)
def test_a_reference_to_nothing_is_a_problem(reference: str) -> None:
    found = follow(reference, {"two": "one\nother\n"})
    assert isinstance(found, Problem)
    assert found.message
    assert found.help


@pytest.mark.parametrize("path", ["../x", "a/../../x", "/etc/shadow", "..", "a\\..\\x", "a\0b"])
def test_a_file_reference_never_leaves_the_site(path: str) -> None:
    def reader(_path: PurePosixPath) -> str | None:
        pytest.fail("the reader must not be asked")

    found = resolve(f"file:{path}", {}, reader, {})
    assert isinstance(found, Problem)
    assert "out of the site" in found.message


def test_a_password_in_plain_text_is_refused_without_being_repeated() -> None:
    for reference in (VALUE, f"{VALUE}:x"):
        found = resolve(reference, {}, no_file, {})
        assert isinstance(found, Problem)
        assert VALUE not in repr(found)


def test_secrets_are_blanked_wherever_they_stand() -> None:
    text = f"password={VALUE}\n{VALUE}{VALUE} and short"
    assert blank(text, [Secret(VALUE), "short"]) == "password=********\n**************** and ********"


def test_a_secret_inside_a_longer_one_leaves_no_tail() -> None:
    assert blank("abcdefgh abcd", ["abcd", "abcdefgh"]) == "******** ********"


def test_blanking_takes_secrets_literally_and_leaves_tiny_ones() -> None:
    assert blank("a.c+ abc+ 1", ["a.c+", "1", ""]) == "******** abc+ 1"
    assert blank("nothing", []) == "nothing"


def test_a_private_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "secrets.yaml"
    path.write_text("old", encoding="utf-8")
    path.chmod(0o644)
    write_private(path, "new\n")
    assert path.read_text(encoding="utf-8") == "new\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["secrets.yaml"]


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "secrets.yaml"
    path.write_text("old", encoding="utf-8")

    def fail(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space"):
        write_private(path, "new")
    assert path.read_text(encoding="utf-8") == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["secrets.yaml"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_text("old", encoding="utf-8")
    link.symlink_to(real)
    write_private(link, "new")
    assert link.is_symlink()
    assert real.read_text(encoding="utf-8") == "new"
