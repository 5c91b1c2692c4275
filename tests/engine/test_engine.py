"""A real Asterisk: boot, clock, death and stop."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lab.clock import SHARED_MEMORY, create_clock, now
from lab.engine import EngineError, Installation, Instance, attach, open_engine
from lab.process import ended
from tests.engine.conftest import MakeInstance, minimal_files

pytestmark = pytest.mark.engine

TUESDAY = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)
"""10:00 in Buenos Aires."""


async def _logged(instance: Instance, text: str, since: int, deadline: float = 15) -> float:
    """When a line with this text was seen in the log."""
    until = time.monotonic() + deadline
    while time.monotonic() < until:
        if text.encode() in instance.paths.messages.read_bytes()[since:]:
            return time.monotonic()
        await asyncio.sleep(0.002)
    pytest.fail(f"no {text!r} in the log")


async def _pbx_time(instance: Instance) -> datetime:
    answer = await instance.cli("dialplan eval function STRFTIME(,UTC,%F_%T.%6q)")
    match = re.search(r"Result: (\S+)", answer)
    assert match, answer
    return datetime.strptime(match[1], "%Y-%m-%d_%H:%M:%S.%f").replace(tzinfo=UTC)


def _gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


@pytest.mark.asyncio
async def test_it_boots_answers_and_leaves_no_process(make_instance: MakeInstance) -> None:
    pbx = make_instance()
    await pbx.start()
    pid = pbx.pid
    assert pid
    assert "System uptime" in await pbx.cli("core show uptime")
    assert pbx.unexpected_log_lines() == []
    await pbx.stop()
    assert _gone(pid)
    assert not pbx.died.done()


@pytest.mark.asyncio
async def test_it_can_be_started_again_but_not_twice(make_instance: MakeInstance) -> None:
    pbx = make_instance()
    await pbx.start()
    with pytest.raises(EngineError, match="already running"):
        await Instance(pbx.installation, pbx.spec).start()
    assert "System uptime" in await pbx.cli("core show uptime")
    await pbx.stop()
    await pbx.start()
    assert "System uptime" in await pbx.cli("core show uptime")


@pytest.mark.asyncio
async def test_many_commands_at_once_are_all_answered(make_instance: MakeInstance) -> None:
    pbx = make_instance()
    await pbx.start()
    answers = await asyncio.gather(*(pbx.cli(f"dialplan eval function MATH({n}+0,int)") for n in range(100)))
    assert [f"Result: {n}" in answer for n, answer in enumerate(answers)] == [True] * 100


@pytest.mark.asyncio
async def test_an_unexpected_line_refuses_the_boot(make_instance: MakeInstance) -> None:
    pbx = make_instance(minimal_files(modules="load=app_no_such_thing.so\n"))
    with pytest.raises(EngineError, match="app_no_such_thing"):
        await pbx.start()
    assert pbx.pid is None


@pytest.mark.asyncio
async def test_an_asterisk_that_cannot_run_is_told_with_its_last_words(make_instance: MakeInstance) -> None:
    files = minimal_files()
    files["modules.conf"] = "[modules]\nautoload=no\nrequire=app_no_such_thing.so\n"
    with pytest.raises(EngineError, match="exit status"):
        await make_instance(files).start()


@pytest.mark.asyncio
async def test_a_late_unexpected_line_is_found_after_its_mark(make_instance: MakeInstance) -> None:
    pbx = make_instance(minimal_files(extensions="\n[t]\nexten = w,1,Log(WARNING,odd thing)\n same = n,Wait(1)\n"))
    await pbx.start()
    mark = pbx.log_size()
    await pbx.cli("channel originate Local/w@t application Wait 1")
    await _logged(pbx, "Ext. w: odd thing", mark)
    assert any("odd thing" in line for line in pbx.unexpected_log_lines(mark))
    assert pbx.unexpected_log_lines(pbx.log_size()) == []


@pytest.mark.asyncio
async def test_a_killed_asterisk_is_known_at_once(make_instance: MakeInstance) -> None:
    pbx = make_instance()
    await pbx.start()
    assert pbx.pid
    os.kill(pbx.pid, signal.SIGKILL)
    reason = await asyncio.wait_for(pbx.died, 2)
    assert "SIGKILL" in reason


@pytest.mark.asyncio
async def test_shipped_and_given_sounds_are_there(make_instance: MakeInstance, tmp_path: Path) -> None:
    (tmp_path / "given").mkdir()
    pbx = make_instance(sounds={"andina": tmp_path / "given"})
    await pbx.start()
    assert (pbx.paths.sounds / "es/vm-intro.wav").is_file()
    assert (pbx.paths.sounds / "en/vm-intro.wav").is_file()
    assert (pbx.paths.sounds / "andina").samefile(tmp_path / "given")
    assert "macroform" in await pbx.cli("moh show files")


@pytest.mark.asyncio
async def test_the_moved_date_is_seen_by_the_dialplan(make_instance: MakeInstance, tmp_path: Path) -> None:
    dialplan = """
[t]
exten = d,1,GotoIfTime(10:00-10:59,tue,24,nov,America/Argentina/Buenos_Aires?yes)
 same = n,Log(NOTICE,IT IS NOT)
 same = n,Wait(9)
 same = n(yes),Log(NOTICE,IT IS ${STRFTIME(${EPOCH},America/Argentina/Buenos_Aires,%F %H)})
 same = n,Wait(9)
"""
    pbx = make_instance(minimal_files(extensions=dialplan), clock=create_clock(tmp_path / "clock", TUESDAY))
    await pbx.start()
    await pbx.cli("channel originate Local/d@t application Wait 9")
    await _logged(pbx, "Ext. d: IT IS 2026-11-24 10", 0)


@pytest.mark.asyncio
async def test_at_speed_ten_waits_are_a_tenth(make_instance: MakeInstance, tmp_path: Path) -> None:
    dialplan = (
        "\n[t]\nexten = w,1,Log(NOTICE,BEGIN)\n same = n,Wait(10)\n same = n,Log(NOTICE,END)\n same = n,Wait(9)\n"
    )
    pbx = make_instance(minimal_files(extensions=dialplan), clock=create_clock(tmp_path / "clock", TUESDAY, 10))
    await pbx.start()
    await pbx.cli("channel originate Local/w@t application Wait 60")
    began, over = await _logged(pbx, "Ext. w: BEGIN", 0), await _logged(pbx, "Ext. w: END", 0)
    assert 7 < 10 / (over - began) < 13


@pytest.mark.asyncio
@pytest.mark.parametrize("speed", [1, 2, 10])
async def test_everybody_agrees_on_the_time(make_instance: MakeInstance, tmp_path: Path, speed: int) -> None:
    christmas = datetime(2026, 12, 25, 23, 30, tzinfo=UTC)
    clock = create_clock(tmp_path / "clock", christmas, speed)
    pbx = make_instance(clock=clock)
    await pbx.start()
    asked = now(clock)
    told = await _pbx_time(pbx)
    assert christmas < asked - timedelta(milliseconds=50) < told < now(clock) + timedelta(milliseconds=50)


@pytest.mark.asyncio
async def test_what_asterisk_starts_lives_in_real_time(make_instance: MakeInstance, tmp_path: Path) -> None:
    out = tmp_path / "date"
    dialplan = f"\n[t]\nexten = s,1,System(date +%Y > {out})\n same = n,Log(NOTICE,DONE)\n"
    clock = create_clock(tmp_path / "clock", datetime(2031, 1, 2, tzinfo=UTC))
    pbx = make_instance(minimal_files(extensions=dialplan), clock=clock)
    await pbx.start()
    await pbx.cli("channel originate Local/s@t application Wait 1")
    await _logged(pbx, "Ext. s: DONE", 0)
    assert out.read_text(encoding="utf-8").strip() == str(datetime.now(UTC).year)


@pytest.mark.asyncio
async def test_no_shared_object_of_the_clock_is_left(make_instance: MakeInstance, tmp_path: Path) -> None:
    def left() -> set[str]:
        return {path.name for path in SHARED_MEMORY.glob(f"*centralita-clock-{os.getpid()}-*")}

    before = left()
    pbx = make_instance(clock=create_clock(tmp_path / "clock", TUESDAY))
    await pbx.start()
    assert left() <= before


ABANDON = """
import asyncio, os, pathlib, signal, sys
from lab.engine import Instance, InstanceSpec, open_engine
from tests.engine.conftest import minimal_files
async def main():
    spec = InstanceSpec("pbx", pathlib.Path(sys.argv[1]), minimal_files(), ("127.0.71.10", 5038),
                        detached=sys.argv[2] == "detached")
    pbx = Instance(open_engine().provision(), spec)
    await pbx.start()
    print(pbx.pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(main())
"""


def _abandon(folder: Path, how: str) -> int:
    """Start an Asterisk from another program which is then killed; returns Asterisk's process id."""
    done = subprocess.run(
        [sys.executable, "-c", ABANDON, str(folder), how], check=False, capture_output=True, text=True, timeout=60
    )
    return int(done.stdout)


@pytest.mark.asyncio
async def test_asterisk_dies_with_a_killed_laboratory(installation: Installation, tmp_path: Path) -> None:
    assert installation
    await asyncio.wait_for(ended(_abandon(tmp_path / "pbx", "attached")), 5)


@pytest.mark.asyncio
async def test_a_detached_asterisk_stays_and_is_found_again(make_instance: MakeInstance, tmp_path: Path) -> None:
    pid = _abandon(tmp_path / "pbx0", "detached")
    template = make_instance()
    found = attach(template.installation, template.spec)
    assert found is not None
    assert found.pid == pid
    assert "System uptime" in await found.cli("core show uptime")
    await found.stop()
    assert _gone(pid)
    assert attach(template.installation, template.spec) is None


@pytest.mark.asyncio
async def test_an_asterisk_on_the_path_serves_as_the_system_engine(
    make_instance: MakeInstance, installation: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "bin/asterisk"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {" ".join(installation.command)} "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    etc = tmp_path / "root/etc/asterisk"
    etc.mkdir(parents=True)
    text = f"[directories]\nastmoddir => {installation.modules}\nastdatadir => {installation.data}\n"
    (etc / "asterisk.conf").write_text(text, encoding="utf-8")
    monkeypatch.setattr("lab.engine.system.ROOT", tmp_path / "root")
    found = open_engine("system").provision()
    assert (found.engine, found.version, found.clocked_command) == ("system", installation.version, None)
    pbx = make_instance(installation=found)
    await pbx.start()
    assert (pbx.paths.sounds / "es/vm-intro.wav").is_file()
    assert found.version in await pbx.cli("core show version")
    await pbx.stop()
    pbx.spec = replace(pbx.spec, clock=create_clock(tmp_path / "clock", TUESDAY))
    with pytest.raises(EngineError, match="libfaketime"):
        await pbx.start()
