"""The lock file of the embedded engine."""

from __future__ import annotations

import re

import pytest

from lab.engine import EngineError
from lab.engine.embedded import needed
from lab.engine.lock import LOCK_FILE, Package, format_locks, make_lock, parse_locks, read_lock

HASH = "0" * 64


def test_a_lock_survives_writing_and_reading() -> None:
    lock = make_lock("amd64", [Package("b", "1:2-3", HASH), Package("a", "1", HASH)])
    assert parse_locks(format_locks({"amd64": lock})) == {"amd64": lock}
    assert [each.name for each in lock.packages] == ["a", "b"]


def test_the_digest_changes_with_any_hash() -> None:
    one = make_lock("amd64", [Package("a", "1", HASH)])
    other = make_lock("amd64", [Package("a", "1", "1" * 64)])
    assert one.digest != other.digest


def test_the_version_of_asterisk_is_read_out_of_debians() -> None:
    assert make_lock("amd64", [Package("asterisk", "1:22.10.1+dfsg+~cs6.17-1", HASH)]).asterisk == "22.10.1"


@pytest.mark.parametrize("line", ["a 1 abc", "a 1", f"a 1 {HASH} more"])
def test_a_damaged_line_is_named(line: str) -> None:
    with pytest.raises(EngineError, match="line 2"):
        parse_locks(f"[amd64]\n{line}\n")


@pytest.mark.parametrize("architecture", ["amd64", "arm64"])
def test_the_committed_lock_is_complete_and_holds_no_address(architecture: str) -> None:
    lock = read_lock(architecture)
    assert lock is not None
    names = {each.name for each in needed(lock)}
    assert {"asterisk", "asterisk-modules", "libc6", "libfaketime", "espeak-ng"} <= names
    assert not re.search(r"://", LOCK_FILE.read_text(encoding="utf-8"))
