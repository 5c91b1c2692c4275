"""The installed program: pipes, terminals, signals, and what it loads."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.commands import DEMO, ROOT, SMALL

COMMAND = Path(sys.executable).with_name("pbx")


def program(*arguments: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:  # noqa: ANN401 - as run() has
    """Run the installed ``pbx``."""
    command = [str(COMMAND), *map(str, arguments)]
    return subprocess.run(command, check=False, text=True, cwd=ROOT, **{"capture_output": True, **options})


def test_the_installed_program_runs_from_its_own_name() -> None:
    done = program("check", "tests/golden/small/site")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("tests/golden/small/site: no problems")


def test_output_into_a_pipe_has_no_colours(wrong_site: Path) -> None:
    done = program("check", wrong_site, env={**os.environ, "TERM": "xterm-256color"})
    assert "PBX301" in done.stdout
    assert "\x1b" not in done.stdout + done.stderr


@pytest.mark.parametrize(("extra", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)])
def test_colours_are_for_terminals_that_want_them(wrong_site: Path, extra: dict[str, str], coloured: bool) -> None:
    ours, theirs = os.openpty()
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    environment |= {"TERM": "xterm-256color", **extra}
    with subprocess.Popen([COMMAND, "check", wrong_site], stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        seen = b""
        while chunk := _read(ours):
            seen += chunk
        assert process.wait() == 1
    os.close(ours)
    assert b"PBX301" in seen
    assert (b"\x1b[" in seen) is coloured


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # the other end is closed (Linux)
        return b""


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_closed_pipe_is_silent(unbuffered: str) -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    done = program(
        "check", DEMO, "--format", "json", stdout=theirs, stderr=subprocess.PIPE, capture_output=False, env=environment
    )
    os.close(theirs)
    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_disk_behind_the_output_is_told(unbuffered: str) -> None:
    environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = program("check", DEMO, stdout=full, stderr=subprocess.PIPE, capture_output=False, env=environment)
    assert done.returncode == 1
    assert "the output cannot be written: No space left on device" in done.stderr
    assert len(done.stderr.splitlines()) == 2


def test_a_real_ctrl_c_is_one_line(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "platform.yaml")
    (tmp_path / "tenants").mkdir()
    script = (
        "import pbx.cli.guard, pathlib, sys\n"
        "pathlib.Path.is_file = lambda self: True\n"
        "sys.exit(pbx.cli.guard.run(['check', sys.argv[1]]))\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    with (
        subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process,
        (tmp_path / "platform.yaml").open("w"),  # opens only when the command reads it
    ):
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, "", "stopped\n")


def loaded_by_a_check(site: Path | str) -> list[str]:
    """Which of the heavy libraries a check of a site loads."""
    script = (
        "import sys; from pbx.cli.guard import run; run(['check', sys.argv[1]]);"
        "print([name for name in ('numpy', 'jinja2', 'rich', 'soundfile', 'asyncio', 'lab') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script, site], check=True, capture_output=True, text=True, cwd=ROOT)
    return [name for name in done.stdout.splitlines()[-1].strip("[]").replace("'", "").split(", ") if name]


def test_a_check_loads_nothing_that_it_does_not_need(tmp_path: Path) -> None:
    # A site without mistakes is compiled, to check the build too; one with mistakes has no build.
    assert loaded_by_a_check(SMALL) == ["jinja2"]
    site = shutil.copytree(SMALL, tmp_path / "site")
    (site / "platform.yaml").write_text("platform: x\n", "utf-8")
    assert loaded_by_a_check(site) == []
