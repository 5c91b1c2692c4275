"""The images, and the PBX in production."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Final

import pytest

from lab.parties import common_files
from lab.stage import TIMING
from tests.docker.compose import PROFILES, composed, readable
from tests.docker.daemon import COMPOSE, Docker
from tests.engine.commands import ROOT, SITE, until

pytestmark = [pytest.mark.engine, pytest.mark.docker]

LARGEST: Final = {"centralita-pbx": 150_000_000, "centralita-runner": 400_000_000}
"""Bytes."""


def _users(docker: Docker, image: str) -> str:
    return docker.say("image", "inspect", "--format", "{{.Config.User}} {{.Size}}", image)


@pytest.mark.parametrize("image", LARGEST)
def test_the_images_are_small_and_no_root(docker: Docker, image: str) -> None:
    user, size = _users(docker, image).split()
    assert user == "1000:1000"
    assert int(size) < LARGEST[image]


def test_the_image_has_the_modules_that_are_loaded_and_no_others(docker: Docker) -> None:
    loaded = (ROOT / "dialplan_templates/static/modules.conf").read_text("utf-8") + common_files(TIMING)["modules.conf"]
    listed = ("run", "--rm", "--network=none", "centralita-pbx", "ls", "/usr/lib/asterisk/modules")
    assert set(docker.say(*listed).split()) == set(re.findall(r"^load=(\w+\.so)$", loaded, re.MULTILINE))


def test_nothing_of_this_machine_is_in_the_images(docker: Docker) -> None:
    for image in LARGEST:
        told = docker.say("history", "--no-trunc", "--format", "{{.CreatedBy}}", image)
        assert "://" not in told, told
        found = docker.try_to(
            *("run", "--rm", "--network=none", "--user=0", "--entrypoint=sh", image, "-c"),
            "ls /run/secrets /etc/apt/sources.list /etc/apt/sources.list.d/* /etc/apt/apt.conf.d/99sources 2>/dev/null",
        )
        assert [line for line in found.stdout.splitlines() if line and not line.endswith(":")] == []


@pytest.mark.parametrize("profile", [*PROFILES, "*"])
def test_compose_reads_its_file_without_a_word(docker: Docker, profile: str) -> None:
    done = docker.try_to("compose", "--file", str(COMPOSE), "--profile", profile, "config", "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_production_runs_what_pbx_compile_wrote(docker: Docker, tmp_path: Path) -> None:
    site = _site(tmp_path)
    platform = site / "platform.yaml"
    text = platform.read_text("utf-8").replace("{bind: 0.0.0.0, port: 5060}", "{bind: 127.0.77.60, port: 5060}")
    platform.write_text(text.replace("bind: 127.0.0.1, port: 5038", "bind: 127.0.77.60, port: 5038"), encoding="utf-8")
    with composed(docker, "production", SITE=str(readable(site))) as compose:
        empty = compose.try_to("run", "--rm", "--no-TTY", "pbx")
        assert (empty.returncode, "There is no configuration in" in empty.stdout + empty.stderr) == (1, True)
        passwords = ("--env=PBX_AMI_PASSWORD=made-up-for-this", "--env=ANDINA_TRUNK=made-up-for-this")
        assert "wrote" in compose.say("run", "--rm", "--no-TTY", *passwords, "compile")
        compose.say("up", "--no-build", "--detach", "--wait", "pbx")
        compose.asterisk("pbx", "database put kept across_restart yes")
        compose.say("down", "--timeout", "5")
        compose.say("up", "--no-build", "--detach", "pbx")
        booted = ("exec", "--no-TTY", "pbx", "asterisk", "-rx", "core waitfullybooted")
        until(lambda: "fully booted" in compose.try_to(*booted).stdout, "the PBX again", 30)
        assert "yes" in compose.asterisk("pbx", "database get kept across_restart")
        assert "andina_201" in compose.asterisk("pbx", "pjsip show endpoints")


def _site(folder: Path) -> Path:
    """A copy of the demo's site, to be changed."""
    return Path(shutil.copytree(ROOT / SITE, folder / "site", ignore=shutil.ignore_patterns("secrets.yaml")))
