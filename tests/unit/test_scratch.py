"""Where a lab keeps what it needs while it runs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lab import scratch

_ROOMY = 1 << 40


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder in the place of the machine's memory."""
    monkeypatch.delenv("TMPDIR", raising=False)
    monkeypatch.setattr(scratch, "_MEMORY", tmp_path)
    monkeypatch.setattr(scratch, "_ROOM", 0)
    return tmp_path


def test_a_lab_lives_in_memory_and_only_its_user_reads_it(memory: Path) -> None:
    folder = scratch.scratch("pbx-lab-")
    assert folder.parent == memory
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_place_that_the_user_names_is_taken(
    memory: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    named = tmp_path_factory.mktemp("named")
    monkeypatch.setenv("TMPDIR", str(named))
    monkeypatch.setattr("tempfile.tempdir", None)
    assert scratch.scratch("pbx-lab-").parent == named
    assert not list(memory.iterdir())


@pytest.mark.parametrize("lacks", ["room", "programs", "everything"])
def test_without_room_or_where_programs_do_not_run_it_lives_on_the_disk(
    memory: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory, lacks: str
) -> None:
    disk = tmp_path_factory.mktemp("disk")
    monkeypatch.setattr("tempfile.tempdir", str(disk))
    if lacks == "room":
        monkeypatch.setattr(scratch, "_ROOM", _ROOMY)
    elif lacks == "programs":
        there = os.statvfs(memory)
        fields = (*there[:8], there.f_flag | os.ST_NOEXEC, there.f_namemax)
        monkeypatch.setattr(os, "statvfs", lambda _: os.statvfs_result(fields))
    else:
        monkeypatch.setattr(scratch, "_MEMORY", memory / "not-there")
    assert scratch.scratch("pbx-lab-").parent == disk


def test_what_a_killed_lab_has_left_goes_and_that_of_a_living_one_stays(memory: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from lab import scratch; scratch._MEMORY = Path(sys.argv[1]);"
        "scratch._ROOM = 0; print(scratch.scratch('pbx-lab-'), flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", program, str(memory)]
    environment = {name: value for name, value in os.environ.items() if name != "TMPDIR"}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment) as living:
        assert living.stdout
        theirs = Path(living.stdout.readline().strip())
        left, new, other = (memory / name for name in ("pbx-lab-killed", "pbx-lab-new", "pbx-mutate-killed"))
        for folder in (left, new, other):
            folder.mkdir()
        for folder in (left, theirs, other):
            os.utime(folder, (0, 0))
        ours = scratch.scratch("pbx-lab-")
        assert {each.name for each in memory.iterdir()} == {theirs.name, ours.name, new.name, other.name}
        living.communicate()
