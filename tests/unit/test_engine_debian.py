"""What a user reads when fetching fails."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from lab.engine import EngineError, debian
from lab.engine.embedded import Embedded
from lab.engine.lock import Package
from lab.engine.sources import Mirror


@pytest.mark.parametrize(
    ("said", "problem", "cure"),
    [
        ("E: Failed to fetch http://m/x  Could not resolve 'm'", "cannot be reached", "CENTRALITA_DEBIAN_MIRROR"),
        ("E: You don't have enough free space in /x/.", "disk is full", "XDG_CACHE_HOME"),
        ("dpkg-deb: error: write error: No space left on device", "disk is full", "XDG_CACHE_HOME"),
        ("W: GPG error: http://m sid InRelease: NO_PUBKEY 1", "signature", "debian-archive-keyring"),
        ("E: Failed to fetch http://m/x  Hash Sum mismatch", "damaged", "Try again"),
    ],
)
def test_a_failure_of_apt_is_explained(said: str, problem: str, cure: str) -> None:
    error = debian.explain(said)
    assert problem in error.problem
    assert cure in error.cure


def test_an_unreachable_mirror_is_one_error(tmp_path: Path) -> None:
    apt = debian.open_apt(tmp_path, "amd64", Mirror("http://127.0.0.1:9/debian", None))
    with pytest.raises(EngineError, match="cannot be reached"):
        debian.update(apt, lambda _: None)


def test_a_machine_without_apt_is_told_of_the_system_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineError, match="system engine"):
        debian.open_apt(tmp_path, "amd64", Mirror("http://127.0.0.1:9/debian", None))


def test_a_package_with_another_hash_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "a_1_amd64.deb"
    archive.write_bytes(b"content")
    debian.verify([archive], [Package("a", "1", hashlib.sha256(b"content").hexdigest())])
    with pytest.raises(EngineError, match="SHA-256"):
        debian.verify([archive], [Package("a", "1", "0" * 64)])


def test_a_full_disk_is_found_out_before_anything_is_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lab.engine.embedded.NEEDED_BYTES", 10**18)
    monkeypatch.setenv("CENTRALITA_DEBIAN_MIRROR", "http://127.0.0.1:9/debian")
    with pytest.raises(EngineError, match="MB free"):
        Embedded(tmp_path).provision()


def test_an_interrupted_build_leaves_no_broken_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setenv("CENTRALITA_DEBIAN_MIRROR", "http://127.0.0.1:9/debian")
    monkeypatch.setattr(debian, "update", interrupt)
    engine = Embedded(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        engine.provision()
    assert engine.roots() == []
    assert list(engine.engines.glob(".building-*")) == []


def test_what_a_killed_build_left_is_removed_and_finished_roots_stay(tmp_path: Path) -> None:
    engine = Embedded(tmp_path)
    left = engine.engines / ".building-dead"
    left.mkdir(parents=True)
    root = engine.engines / "asterisk-22.0.0-amd64-abc"
    root.mkdir()
    (root / "centralita.json").write_text('{"version": "22.0.0", "wanted": "abc"}', encoding="utf-8")
    (engine.engines / "asterisk-22.0.1-amd64-abd").mkdir()  # without its note: not finished
    assert [each.version for each in engine.roots()] == ["22.0.0"]
    assert engine.clean(everything=True) == [root]
    assert not left.exists()


def test_apt_does_not_touch_the_machines_state(tmp_path: Path) -> None:
    apt = debian.open_apt(tmp_path, "amd64", Mirror("http://127.0.0.1:9/debian", None))
    text = (apt.folder / "apt.conf").read_text(encoding="utf-8")
    for name in ("Dir::State ", "Dir::State::status", "Dir::Cache ", "Dir::Etc::sourcelist"):
        assert f'{name.strip()} "{os.fspath(tmp_path)}' in text
