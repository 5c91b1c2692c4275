"""The examples of docker/ci, run as their platforms would run them: line by line, in a clean copy of this project."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from tests.docker.compose import readable
from tests.docker.daemon import Docker
from tests.engine.commands import ROOT

CI: Final = ROOT / "docker" / "ci"
PLATFORMS: Final = ("github", "gitlab")
_NOT_CLONED: Final = shutil.ignore_patterns(".git", ".venv", "build", "dist", "__pycache__", ".*_cache", ".hypothesis")
_DOCKER: Final = """#!/bin/sh
# Every `docker compose -f FILE` also reads the file with the mirrors and certificates of this machine.
if [ "$1" = compose ] && [ "$2" = -f ]; then
    file=$3
    shift 3
    exec "{docker}" compose -f "$file" -f "{machine}" "$@"
fi
exec "{docker}" "$@"
"""


@dataclass(frozen=True, slots=True)
class Job:
    """A job that has ended."""

    code: int
    output: str
    junit: tuple[Path, ...]
    """The files that the platform reads as tests."""
    kept: tuple[Path, ...]
    """The files that the platform keeps."""


@dataclass(frozen=True, slots=True)
class _Step:
    """Lines that one shell runs, where, and whether also after a failure."""

    lines: str
    folder: Path
    always: bool


def example(platform: str) -> dict[str, Any]:
    """The job of an example."""
    read = yaml.safe_load((CI / f"{platform}.yml").read_text("utf-8"))
    found: dict[str, Any] = read["jobs"]["matrix"] if platform == "github" else read["matrix"]
    return found


def run_job(docker: Docker, platform: str, workspace: Path, site: Path, **settings: str) -> Job:
    """Run an example with a site; ``settings`` are environment that its owner would write beside SITE."""
    shutil.copytree(ROOT, workspace / "centralita", ignore=_NOT_CLONED)
    readable(Path(shutil.copytree(site, workspace / "site", ignore=shutil.ignore_patterns("secrets.yaml"))))
    job, own = example(platform), _own_variables(platform, workspace)
    written = {name: _expanded(str(text), own, workspace) for name, text in job[_VARIABLES[platform]].items()}
    written.pop("DOCKER_TLS_CERTDIR", None)  # the daemon of these tests is not a service of the platform
    environment = {**docker.environment, **own, **written, **settings, "PATH": _with_docker(docker, workspace)}
    steps = [*(_github_steps(job, workspace) if platform == "github" else _gitlab_steps(job, workspace))]
    code, output = _run(steps, environment, ("bash", "-e", "-c") if platform == "github" else ("sh", "-e", "-c"))
    return Job(
        code=code,
        output=output,
        junit=tuple(path for pattern in _junit(platform, job) for path in workspace.glob(pattern)),
        kept=tuple(path for name in _kept(platform, job) for path in (workspace / name).rglob("*") if path.is_file()),
    )


_VARIABLES: Final = {"github": "env", "gitlab": "variables"}


def _own_variables(platform: str, workspace: Path) -> dict[str, str]:
    return {"GITHUB_WORKSPACE" if platform == "github" else "CI_PROJECT_DIR": str(workspace)}


def _expanded(text: str, variables: Mapping[str, str], workspace: Path) -> str:
    text = text.replace("${{ github.workspace }}", str(workspace))
    for name, value in variables.items():
        text = text.replace(f"${name}", value)
    return text


def _with_docker(docker: Docker, workspace: Path) -> str:
    """PATH with a ``docker`` that knows this machine's mirrors."""
    folder = workspace / "bin"
    folder.mkdir()
    program = folder / "docker"
    program.write_text(_DOCKER.format(docker=shutil.which("docker"), machine=docker.machine), encoding="utf-8")
    program.chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


def _github_steps(job: Mapping[str, Any], workspace: Path) -> Iterator[_Step]:
    folder = workspace / job["defaults"]["run"]["working-directory"]
    for step in job["steps"]:
        if "run" in step:
            yield _Step(step["run"], folder, always=step.get("if") == "always()")


def _gitlab_steps(job: Mapping[str, Any], workspace: Path) -> Iterator[_Step]:
    yield _Step("\n".join(job["script"]), workspace, always=False)
    yield _Step("\n".join(job["after_script"]), workspace, always=True)


def _run(steps: Sequence[_Step], environment: Mapping[str, str], shell: Sequence[str]) -> tuple[int, str]:
    """The job's code, which is that of the first step that failed, and all that was said.

    GitLab forgives its ``after_script`` what goes wrong; we do not.
    """
    code, output = 0, ""
    for step in steps:
        if code == 0 or step.always:
            done = subprocess.run(
                [*shell, step.lines],
                cwd=step.folder,
                env=environment,
                check=False,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=300,
            )
            code, output = code or done.returncode, output + done.stdout
    return code, output


def _junit(platform: str, job: Mapping[str, Any]) -> list[str]:
    if platform == "github":
        return [step["with"]["report_paths"] for step in job["steps"] if "report_paths" in step.get("with", {})]
    return [job["artifacts"]["reports"]["junit"]]


def _kept(platform: str, job: Mapping[str, Any]) -> list[str]:
    if platform == "github":
        return [step["with"]["path"] for step in job["steps"] if "upload-artifact" in step.get("uses", "")]
    return list(job["artifacts"]["paths"])
