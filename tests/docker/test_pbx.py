"""The PBX as a container: who it runs as, what it keeps, how it ends, and who can register."""

from __future__ import annotations

import asyncio
import re
import shutil
import time
from pathlib import Path
from typing import Final

import pytest

from lab.parties import common_files
from lab.sip import Dialog, open_agent, response_to, with_credentials
from lab.stage import TIMING
from tests.docker.compose import Compose, composed, readable
from tests.docker.daemon import Docker
from tests.engine.commands import ROOT, SITE, until

pytestmark = [pytest.mark.engine, pytest.mark.docker]

LARGEST: Final = {"centralita-pbx": 150_000_000, "centralita-runner": 400_000_000}
"""Bytes."""
_CALL: Final = """{{
printf 'Action: Login\\r\\nUsername: lab\\r\\nSecret: {secret}\\r\\n\\r\\n'
printf 'Action: Originate\\r\\nChannel: PJSIP/andina_trunk_principal/sip:{number}@169.254.77.10\\r\\n'
printf 'Context: incoming\\r\\nExten: 201\\r\\nPriority: 1\\r\\nCallerID: <+5491155550001>\\r\\nAsync: true\\r\\n\\r\\n'
sleep 2
printf 'Action: PlayDTMF\\r\\nChannel: PJSIP/andina_trunk_principal-00000000\\r\\nDigit: #\\r\\n\\r\\n'
sleep 4
printf 'Action: Hangup\\r\\nChannel: /^PJSIP/\\r\\n\\r\\n'
sleep 1
}} | nc 127.0.0.1 5038"""
"""A carrier of the demo calls a number, skips the greeting, leaves a message, and hangs up."""


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


def test_a_demo_registers_phones_and_keeps_all_over_a_restart(docker: Docker, tmp_path: Path) -> None:
    site = _site(tmp_path)
    file = site / "tenants" / "andina.yaml"
    text = file.read_text("utf-8").replace("unavailable: external:+5491155550000", "unavailable: voicemail")
    file.write_text(text, encoding="utf-8")
    with composed(docker, "demo", SITE=str(readable(site))) as compose:
        compose.say("up", "--no-build", "--detach")
        told = compose.say("logs", "--no-log-prefix", "demo-setup")
        user, password = re.findall(r"user (\S+)  password (\S+)", told)[0]
        assert "█" in told, "a picture to be scanned"
        until(lambda: _booted(compose, "pbx-demo"), "the PBX", 30)
        _leave_a_message(compose)
        assert asyncio.run(_register(user, password)) == 200
        assert asyncio.run(_register(user, f"{password}x")) == 401
        assert compose.say("exec", "--no-TTY", "pbx-demo", "id", "-u").strip() == "1000"
        assert compose.try_to("exec", "--no-TTY", "pbx-demo", "touch", "/etc/x").returncode == 1
        compose.asterisk("pbx-demo", "database put kept across_restart yes")
        began = time.monotonic()
        compose.say("stop", "pbx-demo")
        took = time.monotonic() - began
        assert took < 5, took
        state = docker.say("inspect", "--format", "{{.State.ExitCode}} {{.State.OOMKilled}}", "centralita-pbx-demo-1")
        assert state.split() == ["0", "false"]
        assert "Asterisk cleanly ending (0)." in compose.say("logs", "pbx-demo")
        compose.say("start", "pbx-demo")
        until(lambda: _booted(compose, "pbx-demo"), "the PBX again", 30)
        assert _kept(compose) == {"message", "astdb", "cdr"}


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
        compose.say("up", "--no-build", "--detach", "--wait", "pbx")
        assert "yes" in compose.asterisk("pbx", "database get kept across_restart")
        assert "andina_201" in compose.asterisk("pbx", "pjsip show endpoints")


def _site(folder: Path) -> Path:
    """A copy of the demo's site, to be changed."""
    return Path(shutil.copytree(ROOT / SITE, folder / "site", ignore=shutil.ignore_patterns("secrets.yaml")))


def _booted(compose: Compose, service: str) -> bool:
    asked = ("exec", "--no-TTY", service, "asterisk", "-rx", "core waitfullybooted")
    return "fully booted" in compose.try_to(*asked).stdout


async def _register(user: str, password: str) -> int:
    """How the demo's PBX answers to a phone on this machine."""
    agent = await open_agent("127.0.0.1", 0, lambda asked: response_to(asked, 200, "OK"))
    try:
        host, port = agent.local
        dialog = Dialog(user, "127.0.0.1", user)
        headers = {"Contact": f"<sip:{user}@{host}:{port}>", "Expires": "60"}
        asked = dialog.request("REGISTER", headers)
        answer = await agent.ask(asked, ("127.0.0.1", 5060))
        assert answer.code == 401
        again = dialog.request("REGISTER", headers)
        assert answer.www_authenticate
        again.authorization = with_credentials(again, answer.www_authenticate, user, password)
        return (await agent.ask(again, ("127.0.0.1", 5060))).code
    finally:
        agent.close()


def _leave_a_message(compose: Compose) -> None:
    """A call from outside reaches the mailbox of 201, whose phone is not registered yet; a mail tells of it."""
    shown = compose.say(
        "exec", "--no-TTY", "parties", "sed", "-n", "s/^secret=//p", "/configuration/parties/etc/manager.conf"
    )
    call = _CALL.format(secret=shown.strip(), number="+541152365001")
    compose.say("exec", "--no-TTY", "parties", "sh", "-c", call)
    look = ("exec", "--no-TTY", "mail", "sh", "-c", "cat /report/mail/new/*")
    until(lambda: "ana.gomez@andina.example" in compose.try_to(*look).stdout, "the mail about the message", 10)


def _kept(compose: Compose) -> set[str]:
    """Which of the things that must not be lost are there."""
    listed = compose.say(
        "exec", "--no-TTY", "pbx-demo", "sh", "-c", "find /var/spool/asterisk /var/log/asterisk -type f"
    )
    found = {"message"} if "INBOX/msg0000.wav" in listed else set()
    found |= {"cdr"} if "cdr-csv/Master.csv" in listed else set()
    return found | ({"astdb"} if "yes" in compose.asterisk("pbx-demo", "database get kept across_restart") else set())
