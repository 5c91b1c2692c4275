"""Programs that the lab starts, and how much of the machine it takes for itself."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.engine.commands import until

PROGRAM = """
import json, os, sys, threading
from pathlib import Path
from lab.process import be_modest, start_process

def nice():
    return os.getpriority(os.PRIO_PROCESS, 0)

def started():
    process = start_process(["sleep", "60"], environment={}, folder=folder, output=folder / "out", detached=detached)
    try:
        return {
            "nice": os.getpriority(os.PRIO_PROCESS, process.pid),
            "own group": os.getpgid(process.pid) == process.pid,
            "our session": os.getsid(process.pid) == os.getsid(0),
        }
    finally:
        process.kill()
        process.wait()

folder, detached = Path(sys.argv[1]), sys.argv[2] == "detached"
before = nice()
be_modest()
be_modest()
later = []
thread = threading.Thread(target=lambda: later.append(nice()))
thread.start()
thread.join()
print(json.dumps({"before": before, "own": nice(), "later": later[0], "started": started()}))
"""


LEASH = """
import sys, time
from pathlib import Path
from lab.process import start_process
folder, detached = Path(sys.argv[1]), sys.argv[2] == "detached"
command = ["sh", "-c", "echo begun; exec sleep 60"]
process = start_process(command, environment={}, folder=folder, output=folder / "out", detached=detached)
print(process.pid, flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("how", ["attached", "detached"])
def test_what_a_lab_starts_dies_with_it_unless_it_is_detached(tmp_path: Path, how: str) -> None:
    command = [sys.executable, "-c", LEASH, str(tmp_path), how]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as lab:
        assert lab.stdout is not None
        started = int(lab.stdout.readline())
        until(lambda: (tmp_path / "out").read_text() == "begun\n", "the program to begin", 10)
        ended = os.pidfd_open(started)
        try:
            lab.kill()
            gone, _, _ = select.select([ended], [], [], 10 if how == "attached" else 0.5)
            assert bool(gone) == (how == "attached")
        finally:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(ended, signal.SIGKILL)
            os.close(ended)


@pytest.mark.parametrize("how", ["attached", "detached"])
def test_what_a_modest_lab_starts_goes_before_it(tmp_path: Path, how: str) -> None:
    command = [sys.executable, "-c", PROGRAM, str(tmp_path), how]
    answer = json.loads(subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout)
    before = os.getpriority(os.PRIO_PROCESS, 0)
    modest = min(before + 10, 19)
    assert (answer["before"], answer["own"], answer["later"]) == (before, modest, modest)
    started = {"nice": before, "own group": True, "our session": how == "attached"}
    assert answer["started"] == started
