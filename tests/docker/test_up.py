"""`pbx lab up --engine docker`: a softphone registers and calls, and nothing is left when it ends."""

from __future__ import annotations

import re
import signal

import pytest

from tests.docker.compose import leftovers
from tests.docker.daemon import Docker
from tests.engine.commands import SITE, Sandbox, finished, until
from tests.engine.test_up import SOUND, Softphone

pytestmark = [pytest.mark.engine, pytest.mark.docker]

UP = ("lab", "up", SITE, "--engine", "docker")


def test_a_softphone_registers_and_hears_itself_and_nothing_is_left_afterwards(docker: Docker, box: Sandbox) -> None:
    up = box.run(*UP, more=docker.environment)
    try:
        assert up.code == 0, up.err
        names = docker.say("ps", "--filter", "name=centralita-", "--format", "{{.Names}}").split()
        assert sorted(name.split("-")[1] for name in names) == ["parties", "pbx"]
        server = re.search(r"server\s+(\S+), port 5060, UDP", up.out)
        account = re.search(r"(?m)^\s+201\s+user (\S+)\s+password (\S+)$", up.out)
        assert server
        assert account
        told = docker.say("inspect", *names)
        phone = Softphone(server[1], account[1], account[2])
        with phone.socket:
            assert phone.register() == 200
            assert phone.heard_back("945678901") == SOUND
        assert "registered: andina_201/" in box.run("lab", "status", more=docker.environment).out
        assert box.run("lab", "cli", "core show version", more=docker.environment).out.startswith("Asterisk 22.")
        assert account[2] not in told
        assert account[2] not in " ".join(box.processes().values())
    finally:
        down = box.run("lab", "down", more=docker.environment)
    assert (down.code, down.out) == (0, "The lab is stopped.\n")
    until(lambda: not leftovers(docker), "the containers to be gone", 10)
    assert box.leftovers() == []


def test_ctrl_c_while_it_starts_leaves_nothing(docker: Docker, box: Sandbox) -> None:
    process = box.start(*UP, more=docker.environment)
    until(lambda: list(box.folder.glob("centralita/up/*/run/container")), "the first container", 60)
    process.send_signal(signal.SIGINT)
    answer = finished(process)
    assert answer.code == 130, answer
    assert "Traceback" not in answer.err
    until(lambda: not leftovers(docker), "its containers to be gone", 10)
    assert box.leftovers() == []
    assert box.run("lab", "status", more=docker.environment).out.startswith("No lab is running.")
