"""The demonstration: a softphone registers with what it is told, all is kept over a restart, and nothing is left."""

from __future__ import annotations

import asyncio
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.request import urlopen

import pytest

from lab.sip import Dialog, open_agent, response_to, with_credentials
from tests.docker.compose import Compose, composed, leftovers, readable
from tests.docker.daemon import Docker
from tests.engine.commands import ROOT, SITE, until
from tests.linphone import settings_of
from tests.qr import read_qr_code

pytestmark = [pytest.mark.engine, pytest.mark.docker]

_CALL: Final = """{{
printf 'Action: Login\\r\\nUsername: lab\\r\\nSecret: {secret}\\r\\n\\r\\n'
printf 'Action: Originate\\r\\nChannel: PJSIP/andina_trunk_principal/sip:{number}@169.254.77.10\\r\\n'
printf 'Context: incoming\\r\\nExten: 201\\r\\nPriority: 1\\r\\nCallerID: <+5491155550001>\\r\\nAsync: true\\r\\n\\r\\n'
sleep 2
printf 'Action: PlayDTMF\\r\\nChannel: PJSIP/andina_trunk_principal-00000000\\r\\nDigit: #\\r\\n\\r\\n'
sleep 3
printf 'Action: Hangup\\r\\nChannel: /^PJSIP/\\r\\n\\r\\n'
sleep 1
}} | nc 127.0.0.1 5038"""
"""A carrier of the demo calls a number, skips the greeting, leaves a message, and hangs up."""


@dataclass(frozen=True, slots=True)
class Demo:
    """The running demonstration."""

    compose: Compose
    process: subprocess.Popen[str]
    """`docker compose up`, as somebody has typed it."""
    told: str
    """What it has printed."""


@pytest.fixture(scope="module")
def demo(docker: Docker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """One demonstration for all tests of this module."""
    folder = tmp_path_factory.mktemp("demo")
    site = Path(shutil.copytree(ROOT / SITE, folder / "site", ignore=shutil.ignore_patterns("secrets.yaml")))
    file = site / "tenants" / "andina.yaml"
    text = file.read_text("utf-8").replace("unavailable: external:+5491155550000", "unavailable: voicemail")
    file.write_text(text, encoding="utf-8")
    with composed(docker, "demo", SITE=str(readable(site))) as compose, (folder / "told").open("w") as told:
        process = compose.start("up", "--no-build", "--no-log-prefix", output=told)
        try:
            until(lambda: _booted(docker), "the PBX", 60)
            yield Demo(compose, process, (folder / "told").read_text("utf-8"))
        finally:
            process.kill()
            process.wait()


def test_a_softphone_registers_with_what_the_qr_code_leads_to(demo: Demo) -> None:
    address = read_qr_code(demo.told)
    assert address.startswith("http://127.0.0.1:8088/")
    with urlopen(address, timeout=10) as answer:  # noqa: S310 - it is ours
        settings = settings_of(answer.read().decode())
    known = settings["auth_info_0"]
    assert f"user {known['username']}  password {known['passwd']}\n" in demo.told
    assert settings["proxy_0"]["reg_proxy"] == "<sip:127.0.0.1:5060;transport=udp>"
    assert asyncio.run(_register(known["username"], known["passwd"])) == (200, known["realm"])
    assert asyncio.run(_register(known["username"], f"{known['passwd']}x"))[0] == 401


def test_the_provisioning_tells_nothing_to_who_does_not_know_the_address(demo: Demo) -> None:
    with urlopen("http://127.0.0.1:8088/", timeout=10) as answer:
        assert answer.read() == b""
    assert demo.compose.try_to("exec", "--no-TTY", "provisioning", "ls", "/configuration/phones").returncode == 0


def test_passwords_are_in_no_command_line_and_no_log(demo: Demo, docker: Docker) -> None:
    passwords = set(re.findall(r"user \S+  password (\S+)", demo.told))
    assert len(passwords) > 10
    containers = demo.compose.say("ps", "--all", "--quiet").split()
    told = docker.say("inspect", *containers)
    told += "".join(_logs(docker, container) for container in containers)
    told += docker.log.read_text("utf-8", errors="replace") if docker.log else ""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        told += path.read_text("utf-8", errors="replace") if path.exists() else ""
    assert [password for password in passwords if password in told] == []


def test_all_is_kept_over_a_restart_which_takes_less_than_five_seconds(demo: Demo, docker: Docker) -> None:
    compose = demo.compose
    _leave_a_message(compose)
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
    until(lambda: _booted(docker), "the PBX again", 30)
    assert _kept(compose) == {"message", "astdb", "cdr"}


def test_ctrl_c_stops_everything(demo: Demo, docker: Docker) -> None:
    began = time.monotonic()
    demo.process.send_signal(signal.SIGINT)
    demo.process.wait(30)
    assert time.monotonic() - began < 10
    assert demo.compose.say("ps", "--quiet") == ""
    codes = docker.say("ps", "--all", "--filter", "name=centralita-pb", "--format", "{{.Status}}")
    assert codes.startswith("Exited (0)"), codes
    demo.compose.say("down", "--volumes")
    assert leftovers(docker) == []


def _booted(docker: Docker) -> bool:
    asked = ("exec", "centralita-pbx-demo-1", "asterisk", "-rx", "core waitfullybooted")
    return "fully booted" in docker.try_to(*asked).stdout


def _logs(docker: Docker, container: str) -> str:
    """What the daemon has kept of what a container printed."""
    done = docker.try_to("logs", container)
    return done.stdout + done.stderr


async def _register(user: str, password: str) -> tuple[int, str]:
    """How the demo's PBX answers to a phone of this machine, and the realm it asks a password for; then it is gone."""
    agent = await open_agent("127.0.0.1", 0, lambda asked: response_to(asked, 200, "OK"))
    try:
        host, port = agent.local
        dialog, contact = Dialog(user, "127.0.0.1", user), f"<sip:{user}@{host}:{port}>"
        answers = []
        for expires in ("60", "0"):
            headers = {"Contact": contact, "Expires": expires}
            asked = await agent.ask(dialog.request("REGISTER", headers), ("127.0.0.1", 5060))
            assert asked.code == 401
            assert asked.www_authenticate
            again = dialog.request("REGISTER", headers)
            again.authorization = with_credentials(again, asked.www_authenticate, user, password)
            answers.append(((await agent.ask(again, ("127.0.0.1", 5060))).code, asked.www_authenticate))
        assert len({code for code, _ in answers}) == 1
        return answers[0][0], answers[0][1].parameters["realm"]
    finally:
        agent.close()


def _leave_a_message(compose: Compose) -> None:
    """A call from outside reaches the mailbox of 201, whose phone is not registered; a mail tells of it."""
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
