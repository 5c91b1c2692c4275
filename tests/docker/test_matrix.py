"""The matrix by containers: the same verdicts as with the embedded engine, and what goes wrong is told."""

from __future__ import annotations

import json
import os
import shutil
import signal
from pathlib import Path

import pytest

from tests.docker.compose import composed, leftovers, readable
from tests.docker.daemon import Docker
from tests.engine.commands import ROOT, SITE, Sandbox, finished, until

pytestmark = [pytest.mark.engine, pytest.mark.docker]

TENANT = "ombu"
SAMPLE = (
    "phones-register", "internal-call", "internal-call-real-time", "did-59842241000-always", "ivr-welcome-key-1",
    "ivr-welcome-key-2", "ivr-welcome-timeout", "ivr-welcome-invalid", "class-house-local",
    "class-house-international", "emergency-911",
)  # fmt: skip
"""Rows of the demo's smaller tenant: two speeds, several clocks, phones, a carrier, sound and keys. All rows would take
minutes, and prove nothing else of Docker."""
_ROWS = tuple(word for row in SAMPLE for word in ("--row", row))

RECORDINGS = "pbx-lab-*/*/stage-*-x10-*/rows/*/*.wav"
"""What the phones of rows hear, below the folder for temporary files."""


def _verdicts(report: Path) -> dict[str, str]:
    rows = json.loads((report / "results.json").read_text("utf-8"))["rows"]
    return {row["row"]["id"]: row["verdict"] for row in rows}


def _lab_run(box: Sandbox, tenant: str, engine: str) -> tuple[str, ...]:
    return ("lab", "run", SITE, "--tenant", tenant, "--engine", engine, "--report", str(box.report / engine), *_ROWS)


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """A second file for Compose, by which the runner plays the sample."""
    command = ["lab", "run", "/site", "--engine", "docker", "--tenant", TENANT, "--report", "/report", *_ROWS]
    path = tmp_path / "sample.json"
    path.write_text(json.dumps({"services": {"runner": {"command": command}}}), encoding="utf-8")
    return path


def test_compose_runs_the_matrix_with_the_verdicts_of_the_embedded_engine(
    docker: Docker, box: Sandbox, sample: Path, tmp_path: Path
) -> None:
    embedded = box.run(*_lab_run(box, TENANT, "embedded"))
    with composed(docker, "test", sample) as compose:
        done = compose.try_to("up", "--no-build", "--exit-code-from", "runner")
        compose.say("cp", "runner:/report", str(tmp_path / "report"))
    verdicts = _verdicts(tmp_path / "report")
    assert verdicts == _verdicts(box.report / "embedded"), f"{embedded.err}{done.stdout}{done.stderr}"
    assert set(verdicts) == set(SAMPLE)
    assert done.returncode == embedded.code
    assert {"index.html", "junit.xml", "results.json"} <= {path.name for path in (tmp_path / "report").iterdir()}


def test_a_killed_container_fails_its_calls_and_another_one_plays_the_rest(docker: Docker, box: Sandbox) -> None:
    process = box.start(*_lab_run(box, TENANT, "docker"), more=docker.environment)
    until(lambda: list(box.temporary.glob(RECORDINGS)), "the first recording", 60)
    victims = docker.say("ps", "--filter", "name=centralita-pbx-", "--format", "{{.Names}}").split()
    docker.say("kill", "--signal=KILL", victims[0])
    answer = finished(process, 120)
    verdicts = _verdicts(box.report / "docker")
    assert answer.code == 4, answer
    assert set(verdicts.values()) == {"passed", "failed"}, verdicts
    assert "killed by SIGKILL" in answer.err
    assert (box.leftovers(), leftovers(docker)) == ([], [])


def test_containers_go_with_a_run_that_is_killed(docker: Docker, box: Sandbox) -> None:
    process = box.start(*_lab_run(box, TENANT, "docker"), more=docker.environment)
    until(lambda: docker.say("ps", "--quiet", "--filter", "name=centralita-parties-"), "the first containers", 60)
    process.send_signal(signal.SIGKILL)
    finished(process)
    until(lambda: not leftovers(docker), "its containers to be gone", 10)


def test_a_container_of_compose_that_is_killed_is_started_again(docker: Docker, sample: Path, tmp_path: Path) -> None:
    with composed(docker, "test", sample) as compose:
        compose.say("up", "--no-build", "--detach")
        # What is being recorded is in the volume of the runner.
        look = ("exec", "--no-TTY", "runner", "sh", "-c", f"ls /lab/tmp/{RECORDINGS}")
        until(lambda: compose.try_to(*look).returncode == 0, "the first recording", 60)
        process = docker.say("inspect", "--format", "{{.State.Pid}}", "centralita-test-pbx-1")
        try:
            os.kill(int(process), signal.SIGKILL)  # `docker kill` would tell the daemon that this is wanted
        except OSError as error:
            pytest.skip(f"the daemon's processes are out of reach: {error}")
        code = docker.say("wait", "centralita-runner-1", seconds=120).strip()
        compose.say("cp", "runner:/report", str(tmp_path / "report"))
    verdicts = _verdicts(tmp_path / "report")
    assert code == "4"
    assert set(verdicts.values()) == {"passed", "failed"}, verdicts


def test_a_site_with_a_mistake_ends_compose_with_1(docker: Docker, tmp_path: Path) -> None:
    site = Path(shutil.copytree(ROOT / SITE, tmp_path / "site", ignore=shutil.ignore_patterns("secrets.yaml")))
    file = site / "tenants" / "ombu.yaml"
    file.write_text(file.read_text("utf-8").replace("queue:", "queu:", 1), encoding="utf-8")
    with composed(docker, "test", TENANT="ombu", SITE=str(readable(site))) as compose:
        done = compose.try_to("up", "--no-build", "--exit-code-from", "runner")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "error[PBX" in done.stdout + done.stderr
