"""What a site's folder holds, and what is said when it is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pbx.folder import read_folder

if TYPE_CHECKING:
    from pathlib import Path


def codes(root: Path) -> list[str]:
    """What is said of a folder."""
    files, problems = read_folder(root)
    assert (files is None) == bool(problems)
    return [each.code for each in problems]


def test_a_folder_that_is_missing_or_no_site_is_refused(tmp_path: Path) -> None:
    assert codes(tmp_path / "nowhere") == ["PBX011"]
    assert codes(tmp_path) == ["PBX011"]
    (tmp_path / "platform.yaml").write_text("platform: x\n")
    assert codes(tmp_path) == []
    assert codes(tmp_path / "platform.yaml") == ["PBX011"]


def test_texts_and_recordings_are_found_by_tenant(tmp_path: Path) -> None:
    (tmp_path / "platform.yaml").write_text("platform: x\n")
    (tmp_path / "tenants" / "andina").mkdir(parents=True)
    (tmp_path / "tenants" / "andina.yaml").write_text("tenant: andina\n")
    (tmp_path / "tenants" / "andina" / "hola.wav").write_bytes(b"")
    (tmp_path / "tenants" / "andina" / "notes.txt").write_bytes(b"")
    files, _ = read_folder(tmp_path)
    assert files is not None
    assert sorted(files.texts) == ["platform.yaml", "tenants/andina.yaml"]
    assert files.recordings == {"andina": frozenset({"hola.wav"})}


def test_a_file_that_cannot_be_read_is_told_and_the_others_too(tmp_path: Path) -> None:
    (tmp_path / "platform.yaml").write_text("platform: x\n")
    (tmp_path / "tenants" / "one.yaml").mkdir(parents=True)
    (tmp_path / "tenants" / "two.yaml").mkdir()
    assert codes(tmp_path) == ["PBX001", "PBX001"]
