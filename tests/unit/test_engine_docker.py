"""The Docker engine as far as it goes without Docker: its process on this machine, and what it says when it cannot."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from lab.engine import EngineError, relay
from lab.engine.docker import HOSTS, IMAGE, Docker
from tests.engine.commands import ROOT, until

LEASH = str(ROOT / "docker" / "pbx" / "leash")


def _started(output: Path, *words: str) -> subprocess.Popen[bytes]:
    """The relay, as the laboratory starts it."""
    command = [sys.executable, "-I", "-S", relay.__file__, *words]
    with output.open("wb") as stream:
        return subprocess.Popen(command, stdout=stream, start_new_session=True)


def _first_line(output: Path) -> str:
    return until(lambda: output.read_text("utf-8"), "the program to say something").strip()


def _gone(pid: str) -> bool:
    return not Path(f"/proc/{pid}").exists() or "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text("utf-8")


@pytest.mark.parametrize(("script", "status"), [("exit 0", 0), ("exit 7", 7), ("kill -9 $$", -9), ("kill -15 $$", -15)])
def test_a_relay_ends_as_its_program_ends(tmp_path: Path, script: str, status: int) -> None:
    process = _started(tmp_path / "out", "run", "sh", LEASH, "sh", "-c", script)
    assert process.wait(10) == status


def test_a_relay_hands_on_a_polite_signal(tmp_path: Path) -> None:
    process = _started(
        tmp_path / "out", "run", "sh", LEASH, "sh", "-c", "trap 'exit 5' TERM; echo ready; while :; do sleep 0.05; done"
    )
    assert _first_line(tmp_path / "out") == "ready"
    process.terminate()
    assert process.wait(10) == 5


def test_a_program_goes_with_a_relay_that_is_killed(tmp_path: Path) -> None:
    process = _started(tmp_path / "out", "run", "sh", LEASH, "sh", "-c", "echo $$; exec sleep 60")
    pid = _first_line(tmp_path / "out")
    process.kill()
    process.wait(10)
    until(lambda: _gone(pid), "the program to be gone", 5)


def test_a_host_runs_what_a_relay_asks_for_and_tells_how_it_ended(tmp_path: Path) -> None:
    """The socket stands for ``docker/pbx/host`` in a container, which gives each connection to a leash."""
    console = tmp_path / "it's console.log"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "pbx.sock"))
        listener.listen()
        process = _started(
            tmp_path / "out", "ask", str(tmp_path / "pbx.sock"), str(console), "sh -c 'echo said; exit 3'"
        )
        connection, _ = listener.accept()
        with connection, subprocess.Popen(["sh", LEASH], stdin=connection.fileno(), stdout=connection.fileno()):
            connection.close()
            assert process.wait(10) == 3
    assert console.read_text("utf-8") == "said\n"


def test_a_host_that_dies_takes_the_program_with_it(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "pbx.sock"))
        listener.listen()
        process = _started(tmp_path / "out", "ask", str(tmp_path / "pbx.sock"), str(tmp_path / "console"), "true")
        listener.accept()[0].close()
        assert process.wait(10) == -signal.SIGKILL


def test_without_docker_the_engine_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(HOSTS, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineError, match="no `docker` on PATH") as told:
        Docker(tmp_path).provision()
    assert "embedded engine" in told.value.cure


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (
            "echo 'Cannot connect to the Docker daemon.' >&2; exit 1",
            "The Docker daemon does not answer: Cannot connect",
        ),
        ('[ "$1" = version ]', "Docker has no image mine."),
    ],
)
def test_a_daemon_or_an_image_that_is_missing_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str, said: str
) -> None:
    docker = tmp_path / "docker"
    docker.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    docker.chmod(0o755)
    monkeypatch.delenv(HOSTS, raising=False)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv(IMAGE, "mine")
    with pytest.raises(EngineError, match=said):
        Docker(tmp_path).provision()
