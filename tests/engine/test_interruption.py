"""Whatever ends a run, it leaves a clear message, no process and no folder, and the next run works."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from lab.lanes import WIDTH
from tests.engine.commands import REGISTRATIONS, SITE, Answer, Sandbox, finished, until

pytestmark = pytest.mark.engine

WORKING: Final = "stage-20260302-1100*-x10-*"
"""The PBXs of the rows in working hours, the most of all."""


@pytest.fixture
def running(box: Sandbox) -> subprocess.Popen[str]:
    """A run of the whole matrix in the middle of its calls: somebody is being recorded."""
    process = box.start("lab", "run", SITE, "--tenant", "andina", "--report", str(box.report))
    until(lambda: _recorded(box, "stage-*"), "the first call to be recorded")
    return process


def _recorded(box: Sandbox, stage: str) -> list[Path]:
    return list(box.temporary.glob(f"pbx-lab-*/1/{stage}/rows/*/*.wav"))


def _works(box: Sandbox) -> None:
    answer = box.lab_run("--row", "internal-call")
    assert answer.code == 0
    assert re.fullmatch(r"\[1/1\] ✓ internal-call \d+\.\d s\n", answer.err)
    assert "1 passed" in answer.out


def _stopped(answer: Answer) -> None:
    assert (answer.code, answer.out) == (130, "")
    assert answer.err.endswith("stopped\n")
    assert "Traceback" not in answer.err


def _to_the_group(process: subprocess.Popen[str]) -> None:
    """As a terminal does."""
    os.killpg(process.pid, signal.SIGINT)


def _twice_to_the_group(process: subprocess.Popen[str]) -> None:
    """As somebody impatient does."""
    os.killpg(process.pid, signal.SIGINT)
    os.killpg(process.pid, signal.SIGINT)


def _alone(process: subprocess.Popen[str]) -> None:
    os.kill(process.pid, signal.SIGINT)


def _terminate(process: subprocess.Popen[str]) -> None:
    """As a supervisor does."""
    process.terminate()


def _hang_up(process: subprocess.Popen[str]) -> None:
    """As a terminal that is closed does."""
    os.killpg(process.pid, signal.SIGHUP)


@pytest.mark.parametrize("stop", [_to_the_group, _twice_to_the_group, _alone, _terminate, _hang_up])
def test_a_run_that_is_stopped_ends_with_one_word_and_leaves_nothing(
    box: Sandbox, running: subprocess.Popen[str], stop: Callable[[subprocess.Popen[str]], None]
) -> None:
    stop(running)
    answer = finished(running, 20)
    if stop is not _hang_up:  # nobody reads what is said to a terminal that was closed
        _stopped(answer)
    assert box.leftovers() == []


def test_a_run_that_is_stopped_reports_what_was_done(box: Sandbox, running: subprocess.Popen[str]) -> None:
    assert running.stderr
    assert select.select([running.stderr], [], [], 60)[0], "no row was told within a minute"
    _alone(running)
    answer = finished(running, 20)
    _stopped(answer)
    rows = json.loads((box.report / "results.json").read_text("utf-8"))["rows"]
    counts = Counter(row["verdict"] for row in rows)
    assert counts["passed"] >= 1
    assert counts["not run"] >= 1
    assert f"{counts['passed'] + counts['failed']} of {len(rows)} rows were played; report: " in answer.err
    assert (box.report / "acceptance.pdf").is_file()
    assert box.leftovers() == []


def test_a_run_that_is_stopped_while_asterisk_boots_leaves_nothing(box: Sandbox) -> None:
    process = box.start("lab", "run", SITE, "--tenant", "andina", "--report", str(box.report))
    until(box.asterisks, "the first Asterisk")
    _to_the_group(process)
    _stopped(finished(process, 20))
    assert box.leftovers() == []
    _works(box)


def test_a_killed_pbx_fails_its_calls_and_another_one_plays_the_rest(
    box: Sandbox, running: subprocess.Popen[str]
) -> None:
    call = until(lambda: _recorded(box, WORKING), "the first call of those in working hours")[0]
    victim = call.parents[2] / "pbx" / "run" / "instance.json"
    os.kill(json.loads(victim.read_text("utf-8"))["pid"], signal.SIGKILL)
    answer = finished(running, 120)
    assert answer.code == 4
    assert "Traceback" not in answer.err + answer.out
    rows = json.loads((box.report / "results.json").read_text("utf-8"))["rows"]
    failed = {row["row"]["id"]: row["reason"] for row in rows if row["verdict"] != "passed"}
    touched = [row for row, reason in failed.items() if "SIGKILL" in reason]
    assert 0 < len(touched) <= WIDTH + REGISTRATIONS, "only what was going on with this PBX"
    assert all(row in answer.err for row in touched)
    assert len(rows) >= 60
    assert box.leftovers() == []
    _works(box)


def test_a_killed_run_takes_its_asterisks_with_it(box: Sandbox, running: subprocess.Popen[str]) -> None:
    os.kill(running.pid, signal.SIGKILL)
    assert finished(running, 10).code == -signal.SIGKILL
    until(lambda: not box.processes(), "all its processes to be gone", 5)
    _works(box)


def test_a_report_that_cannot_be_written_is_told_before_the_calls(box: Sandbox) -> None:
    (box.folder / "file").write_text("not a folder")
    answer = box.run(
        "lab", "run", SITE, "--tenant", "andina", "--report", str(box.folder / "file" / "report"), seconds=10
    )
    assert (answer.code, answer.out) == (1, "")
    assert answer.err.startswith("error[PBX802]: the report cannot be written to ")
    assert "Not a directory" in answer.err
    assert "= help: " in answer.err
    assert box.leftovers() == []


def test_a_report_that_cannot_be_written_after_the_calls_is_one_message(box: Sandbox) -> None:
    (box.report / "index.html").mkdir(parents=True)  # a folder in the way is as much a failure as a full disk
    answer = box.lab_run("--row", "class-interno-local", "--format", "json")
    assert (answer.code, answer.out) == (1, "")
    assert answer.err.startswith("error[PBX802]: the report cannot be written to ")
    assert "Traceback" not in answer.err
    assert box.leftovers() == []


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--row", "forward-201-bussy"), 2, "did you mean forward-201-busy?"),
        (("--tenant", "andinna"), 2, "did you mean andina?"),
        (("--speed", "11"), 2, "less than or equal to 10"),
    ],
)
def test_wrong_usage_is_told_at_once(box: Sandbox, arguments: tuple[str, ...], code: int, said: str) -> None:
    answer = box.lab_run(*arguments)
    assert (answer.code, answer.out) == (code, "")
    assert said in answer.err
    assert "Traceback" not in answer.err
