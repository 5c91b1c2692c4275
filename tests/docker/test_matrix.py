"""The matrix by containers: the same verdicts as with the embedded engine, and what goes wrong is told.

The rows are played by the examples of docker/ci, so these are proven as well.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

import pytest

from tests.docker.compose import composed, leftovers
from tests.docker.daemon import Docker
from tests.docker.jobs import PLATFORMS, Job, run_job
from tests.engine.commands import ROOT, SITE, Sandbox, finished, until

pytestmark = [pytest.mark.engine, pytest.mark.docker]

SAMPLE: Final = (
    "phones-register", "trunk-principal-registers", "internal-call-real-time", "forward-201-busy",
    "voicemail-201-from-outside", "did-541152365000-open", "did-541152365000-holiday", "ivr-principal-key-star",
    "queue-ventas-agent-201", "class-interno-international", "isolation-dialling",
)  # fmt: skip
"""Rows of the demo's large tenant: two speeds, several clocks, phones, carriers, sound, keys, mail."""
OPTIONS: Final = {"andina": " ".join(f"--row {row}" for row in SAMPLE), "ombu": ""}
"""Of the large tenant a sample, for all its rows prove nothing else of Docker; of the small one the whole matrix."""
FEW: Final = (
    *("--tenant", "ombu", "--row", "internal-call", "--row", "did-59842241000-always"),
    *("--row", "ivr-welcome-key-1", "--row", "ivr-welcome-timeout"),
)
"""Enough for a container to be killed among them."""
WHOLE: Final = 60
"""Rows of the small tenant, at least."""
AGREED: Final = """
poc: ombu
rows:
  kitchen-at-one:
    objective: {es: La cocina atiende con la tecla 1, en: The kitchen answers key 1}
    from: "+59899123456"
    call: "+59842241000"
    press: ["1"]
    expect: {answers: extension:202, passes: [ivr:welcome]}
"""
"""A row that this tenant does not pass: key 1 leads to the front desk's queue, where 201 answers first."""
PLAYED_BY: Final = {"github": "andina", "gitlab": "ombu"}

RECORDINGS: Final = "pbx-lab-*/*/stage-*-x10-*/rows/*/*.wav"
"""What the phones of rows hear, below the folder for temporary files."""
CONTAINERS: Final = "pbx-lab-*/*/stage-*/*/run/container"
"""Notes of the names of containers."""


Jobs = dict[str, tuple[Job, Path]]


def _verdicts(report: Path) -> dict[str, str]:
    rows = json.loads((report / "results.json").read_text("utf-8"))["rows"]
    return {row["row"]["id"]: row["verdict"] for row in rows}


@pytest.fixture(scope="module")
def jobs(docker: Docker, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Job, Path]]:
    """Each example of docker/ci, and its folder, when it has run with the demo as its site."""
    run = {}
    for platform, tenant in PLAYED_BY.items():
        workspace = tmp_path_factory.mktemp(platform)
        job = run_job(docker, platform, workspace, ROOT / SITE, TENANT=tenant, OPTIONS=OPTIONS[tenant])
        run[platform] = job, workspace
    assert leftovers(docker) == []
    return run


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_verdicts_are_those_of_the_embedded_engine(jobs: Jobs, box: Sandbox, platform: str) -> None:
    (job, workspace), tenant = jobs[platform], PLAYED_BY[platform]
    embedded = box.run("lab", "run", SITE, "--tenant", tenant, "--report", str(box.report), *OPTIONS[tenant].split())
    contained, expected = _verdicts(workspace / "report"), _verdicts(box.report)
    assert contained == expected, f"{embedded.err}{job.output}"
    assert len(contained) == len(SAMPLE) if tenant == "andina" else len(contained) >= WHOLE
    assert set(contained.values()) == {"passed"}, job.output
    assert job.code == 0


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_job_publishes_its_rows_and_its_report(jobs: Jobs, platform: str) -> None:
    job, workspace = jobs[platform]
    cases = [case for path in job.junit for case in ET.parse(path).iter("testcase")]
    assert len(cases) == len(_verdicts(workspace / "report"))
    assert workspace / "report" / "index.html" in job.kept
    assert any(path.suffix in {".mp3", ".wav", ".ogg", ".flac"} for path in job.kept), "no recording is kept"
    assert sorted(path.name for path in workspace.iterdir()) == ["bin", "centralita", "report", "site"]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_site_with_a_mistake_fails_the_job_with_1(docker: Docker, platform: str, tmp_path: Path) -> None:
    site = Path(shutil.copytree(ROOT / SITE, tmp_path / "demo"))
    file = site / "tenants" / "ombu.yaml"
    file.write_text(file.read_text("utf-8").replace("queue:", "queu:", 1), encoding="utf-8")
    (tmp_path / "work").mkdir()
    done = run_job(docker, platform, tmp_path / "work", site, TENANT="ombu")
    assert done.code == 1, done.output
    assert "error[PBX" in done.output
    assert leftovers(docker) == []


def test_a_tenant_that_does_not_do_what_was_agreed_fails_the_job_with_4(docker: Docker, tmp_path: Path) -> None:
    site = Path(shutil.copytree(ROOT / SITE, tmp_path / "demo"))
    (site / "poc" / "ombu.yaml").write_text(AGREED, encoding="utf-8")
    (tmp_path / "work").mkdir()
    options = "--row kitchen-at-one --row internal-call"
    done = run_job(docker, "gitlab", tmp_path / "work", site, TENANT="ombu", OPTIONS=options)
    assert done.code == 4, done.output
    assert _verdicts(tmp_path / "work" / "report") == {"internal-call": "passed", "kitchen-at-one": "failed"}
    assert "expected extension:202, got extension:201" in done.output
    assert leftovers(docker) == []


def test_a_killed_container_fails_its_calls_and_another_one_plays_the_rest(docker: Docker, box: Sandbox) -> None:
    process = _start(docker, box)
    until(lambda: list(box.temporary.glob(RECORDINGS)), "the first recording", 60)
    victims = docker.say("ps", "--filter", "name=centralita-pbx-", "--format", "{{.Names}}").split()
    docker.say("kill", "--signal=KILL", victims[0])
    answer = finished(process, 120)
    verdicts = _verdicts(box.report)
    assert answer.code == 4, answer
    assert set(verdicts.values()) == {"passed", "failed"}, verdicts
    assert "killed by SIGKILL" in answer.err
    assert (box.leftovers(), leftovers(docker)) == ([], [])


def test_containers_go_with_a_run_that_is_killed(docker: Docker, box: Sandbox) -> None:
    process = _start(docker, box)
    until(lambda: list(box.temporary.glob(CONTAINERS)), "the first container", 60)
    until(lambda: docker.say("ps", "--quiet", "--filter", "name=centralita-"), "it to run", 10)
    process.send_signal(signal.SIGKILL)
    finished(process)
    until(lambda: not leftovers(docker), "its containers to be gone", 10)


def test_a_container_of_compose_that_is_killed_is_started_again(docker: Docker, tmp_path: Path) -> None:
    with composed(docker, "test", OPTIONS=" ".join(FEW)) as compose:
        compose.say("up", "--no-build", "--detach")
        volume = Path(docker.say("volume", "inspect", "--format", "{{.Mountpoint}}", "centralita_lab").strip())
        process = int(docker.say("inspect", "--format", "{{.State.Pid}}", "centralita-test-pbx-1"))
        try:
            os.kill(process, 0)
        except OSError as error:
            pytest.skip(f"the daemon's processes are out of reach: {error}")
        until(lambda: list(volume.glob(f"tmp/{RECORDINGS}")), "the first recording", 60)
        os.kill(process, signal.SIGKILL)  # `docker kill` would tell the daemon that this is wanted
        code = docker.say("wait", "centralita-runner-1", seconds=120).strip()
        compose.say("cp", "runner:/report", str(tmp_path / "report"))
    verdicts = _verdicts(tmp_path / "report")
    assert code == "4"
    assert set(verdicts.values()) == {"passed", "failed"}, verdicts


def _start(docker: Docker, box: Sandbox) -> subprocess.Popen[str]:
    """The laboratory with the engine docker, as a process."""
    words = ("lab", "run", SITE, "--engine", "docker", "--report", str(box.report), *FEW)
    return box.start(*words, more=docker.environment)
