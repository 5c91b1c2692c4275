"""A build is written whole or not at all, and a text is spoken once."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

import pbx.output
from pbx.audio import UnplayableAudio
from pbx.bundle import Bundle, SoundRecipe
from pbx.diagnostics import Diagnostic
from pbx.model import Prompt
from pbx.output import MARK, OutputError, check_folder, make_sounds, write_build

OLD = Bundle({"pjsip.conf": "old\n", "gone.conf": "gone\n"}, {})
NEW = Bundle({"pjsip.conf": "new\n", "tenants/andina/queues.conf": "q\n"}, {})


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, hidden ones too."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_build_replaces_the_one_before_as_a_whole(tmp_path: Path) -> None:
    write_build(OLD, {"andina/a.wav": b"a"}, tmp_path / "out")
    write_build(NEW, {"andina/b.wav": b"b"}, tmp_path / "out")
    assert set(tree(tmp_path)) == {
        f"out/{MARK}",
        "out/origins.json",
        "out/etc/pjsip.conf",
        "out/etc/tenants/andina/queues.conf",
        "out/sounds/andina/b.wav",
    }
    assert (tmp_path / "out/etc/pjsip.conf").read_text() == "new\n"


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_configuration_is_kept_from_strangers_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    files = ("pjsip.conf", "lib/pbx.conf", "tenants/andina/queues.conf")
    before = os.umask(umask)
    try:
        write_build(Bundle(dict.fromkeys(files, ""), {}), {"andina/ivr-x.wav": b"x"}, tmp_path / "out")
    finally:
        os.umask(before)
    everything = [tmp_path / "out", *(tmp_path / "out").rglob("*")]
    modes = {path.relative_to(tmp_path).as_posix(): stat.S_IMODE(path.stat().st_mode) for path in everything}
    folders = {name for name in modes if (tmp_path / name).is_dir()}
    assert {modes[name] for name in folders} == {0o750}
    written = {name for name in modes if name.startswith("out/etc/")} - folders
    assert written == {f"out/etc/{name}" for name in files}
    assert {modes[name] for name in written} == {0o640}


def test_a_foreign_folder_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(OutputError, match="not a build of pbx"):
        write_build(NEW, {}, tmp_path)
    assert tree(tmp_path) == {"thesis.txt": b"mine"}


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    write_build(NEW, {}, tmp_path / "out")
    assert (tmp_path / "out/etc/pjsip.conf").is_file()


@pytest.mark.parametrize("name", ["file", "file/below"])
def test_a_file_in_the_way_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(OutputError, match="file is a file"):
        check_folder(tmp_path / name)


def test_a_link_to_a_build_stays_a_link(tmp_path: Path) -> None:
    write_build(OLD, {}, tmp_path / "real")
    (tmp_path / "link").symlink_to("real")
    write_build(NEW, {}, tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real/etc/pjsip.conf").read_text() == "new\n"
    assert {path.name for path in tmp_path.iterdir()} == {"link", "real"}


@pytest.mark.parametrize(
    ("number", "cure"),
    [(errno.ENOSPC, "free some space"), (errno.EACCES, "check the rights"), (errno.EROFS, "read-only")],
)
def test_a_failed_write_leaves_the_old_build_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, cure: str
) -> None:
    write_build(OLD, {}, tmp_path / "out")
    before = tree(tmp_path)

    def full(path: Path, data: bytes, mode: int) -> None:
        if path.name == "queues.conf":
            raise OSError(number, os.strerror(number))
        written(path, data, mode)

    written = pbx.output._write  # noqa: SLF001 - the boundary to the disk
    monkeypatch.setattr(pbx.output, "_write", full)
    with pytest.raises(OutputError, match=rf"{os.strerror(number)}; nothing was changed: .*{cure}"):
        write_build(NEW, {}, tmp_path / "out")
    assert tree(tmp_path) == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_an_interrupted_write_leaves_the_old_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_build(OLD, {}, tmp_path / "out")
    before = tree(tmp_path)

    def interrupted(_aside: Path, _folder: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(pbx.output, "_swap", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_build(NEW, {}, tmp_path / "out")
    assert tree(tmp_path) == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_the_leavings_of_a_killed_run_are_cleared_and_those_of_a_live_one_are_not(tmp_path: Path) -> None:
    dead, alive = tmp_path / ".out.building-dead", tmp_path / ".out.building-alive"
    dead.mkdir()
    (dead / "pjsip.conf").write_text("password=x")
    alive.mkdir()
    with pbx.output._locked(alive):  # noqa: SLF001 - as a run that is still alive
        write_build(NEW, {}, tmp_path / "out")
        assert {path.name for path in tmp_path.iterdir()} == {"out", alive.name}


def test_where_folders_cannot_be_exchanged_the_build_is_replaced_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pbx.output, "_exchange", lambda _one, _other: False)
    write_build(OLD, {}, tmp_path / "out")
    write_build(NEW, {}, tmp_path / "out")
    assert (tmp_path / "out/etc/pjsip.conf").read_text() == "new\n"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_folders_are_exchanged_in_one_step_here(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    assert pbx.output._exchange(tmp_path / "one", tmp_path / "two")  # noqa: SLF001 - else a silent fallback hides it
    assert (tmp_path / "one/two").exists()


# Sounds

SAID = {"andina/ivr-x.wav": SoundRecipe("andina", "es", Prompt(say="hola"))}
PLACES: dict[str, tuple[str, tuple[str | int, ...]]] = {"andina/ivr-x.wav": ("tenants/andina.yaml", ("ivrs", "x"))}


def make(tmp_path: Path, speak: pbx.output.Speak | None) -> tuple[dict[str, bytes], list[Diagnostic]]:
    """The one spoken sound."""
    return make_sounds(SAID, tmp_path, tmp_path / "cache", speak, places=PLACES)


def test_a_text_is_spoken_once(tmp_path: Path) -> None:
    spoken = []

    def speak(text: str, language: str) -> bytes:
        spoken.append((text, language))
        return b"wav"

    for _ in range(2):
        assert make(tmp_path, speak) == ({"andina/ivr-x.wav": b"wav"}, [])
    assert spoken == [("hola", "es")]


def test_a_cache_that_cannot_be_written_only_costs_time(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file in the way")
    assert make(tmp_path, lambda _text, _language: b"wav") == ({"andina/ivr-x.wav": b"wav"}, [])


def test_without_a_speech_program_the_text_is_named_by_its_place(tmp_path: Path) -> None:
    made, (problem,) = make(tmp_path, None)
    assert not made
    assert (problem.code, problem.file, problem.path) == ("PBX602", *PLACES["andina/ivr-x.wav"])


def test_a_speech_program_that_fails_is_quoted(tmp_path: Path) -> None:
    def speak(_text: str, _language: str) -> bytes:
        raise UnplayableAudio("no voice")

    _, (problem,) = make(tmp_path, speak)
    assert problem.message.endswith("no voice")


@pytest.mark.parametrize(("content", "reason"), [(None, "No such file"), (b"", "the file is empty")])
def test_a_recording_that_cannot_be_played_is_told(tmp_path: Path, content: bytes | None, reason: str) -> None:
    folder = tmp_path / "tenants/andina"
    folder.mkdir(parents=True)
    if content is not None:
        (folder / "a.wav").write_bytes(content)
    recipes = {"andina/ivr-x.wav": SoundRecipe("andina", "es", Prompt(file="a.wav"))}
    made, (problem,) = make_sounds(recipes, tmp_path, tmp_path / "cache", None, places=PLACES)
    assert not made
    assert problem.code == "PBX603"
    assert reason in problem.message
