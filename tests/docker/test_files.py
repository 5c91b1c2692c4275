"""What can be said of the files in docker/ without Docker."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.engine.commands import ROOT

FOLDER = ROOT / "docker"
DOCKERFILES = sorted(FOLDER.glob("*/Dockerfile"))
SCRIPTS = [path for path in sorted(FOLDER.glob("*/*")) if path.read_text("utf-8").startswith("#!/bin/sh")]


def test_the_dockerfiles_follow_the_rules_of_hadolint() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([hadolint, *DOCKERFILES], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    assert len(DOCKERFILES) == 2


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: path.parent.name)
def test_every_exception_to_a_rule_of_hadolint_is_explained(path: Path) -> None:
    text = path.read_text("utf-8")
    assert all(rule in text.split("# hadolint ignore")[0] for rule in re.findall(r"ignore=(\w+)", text))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_the_scripts_are_plain_shell(path: Path) -> None:
    subprocess.run(["sh", "-n", path], check=True)
    assert path.stat().st_mode & 0o111 == 0o111


@pytest.mark.parametrize(
    ("name", "schema"),
    [
        ("compose.yaml", ["vendor.compose-spec"]),
        ("ci/github.yml", ["vendor.github-workflows"]),
        ("ci/gitlab.yml", ["vendor.gitlab-ci", "--data-transform", "gitlab-ci"]),
    ],
)
def test_the_yaml_is_what_its_readers_accept(name: str, schema: list[str]) -> None:
    checker = Path(sys.executable).with_name("check-jsonschema")
    command = ["--builtin-schema", *schema, str(FOLDER / name)]
    done = subprocess.run([str(checker), *command], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_file_names_a_mirror_or_an_index() -> None:
    for path in FOLDER.rglob("*"):
        if path.is_file():
            found = re.findall(r"(?:https?|ftp)://[^\s\"]+", path.read_text("utf-8"))
            assert [address for address in found if "docs.docker.com" not in address] == [], path
