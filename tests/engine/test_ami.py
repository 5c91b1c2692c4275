"""The adapter to the manager interface, against a real Asterisk."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from lab.engine import Instance
from pbx.asterisk.ami import Ami, AmiError, Event, connect
from tests.engine.commands import until
from tests.engine.conftest import ADDRESS, MakeInstance, minimal_files

pytestmark = [pytest.mark.engine, pytest.mark.asyncio]

USER = SECRET = "test"
DIALPLAN = """
[t]
exten = wait,1,Answer()
 same = n,Wait(60)
"""
CALLER = "Ñandú Ünïcödé 日本語 ☎" * 6
"""Long enough for its bytes to be split between two reads sooner or later, and nothing in it is ASCII only."""


@pytest_asyncio.fixture
async def pbx(make_instance: MakeInstance) -> Instance:
    """A running Asterisk."""
    made = make_instance(minimal_files(extensions=DIALPLAN))
    await made.start()
    return made


@pytest_asyncio.fixture
async def ami(pbx: Instance) -> AsyncIterator[Ami]:
    """A connection to it."""
    made = await connect(*pbx.ami, USER, SECRET, name="the PBX")
    yield made
    await made.close()


async def _event(ami: Ami, name: str) -> asyncio.Future[Event]:
    """The next event of this name."""
    found: asyncio.Future[Event] = asyncio.get_running_loop().create_future()

    def told(event: Event) -> None:
        if event.get("event") == name and not found.done():
            found.set_result(event)

    ami.listen(told)
    return found


def _freeze(pbx: Instance) -> None:
    """Stop every thread of Asterisk, and wait until they have stopped."""
    assert pbx.pid
    os.kill(pbx.pid, signal.SIGSTOP)
    threads = list(Path(f"/proc/{pbx.pid}/task").iterdir())
    until(lambda: all(_state(each) == "T" for each in threads), "Asterisk to be frozen")


def _state(thread: Path) -> str:
    return (thread / "stat").read_text("utf-8").rsplit(")", 1)[1].split()[0]


async def test_a_wrong_password_is_refused(pbx: Instance) -> None:
    with pytest.raises(AmiError, match="refused Login: Authentication failed"):
        await connect(*pbx.ami, USER, "wrong", name="the PBX")


async def test_nobody_listening_is_told_with_the_address() -> None:
    with pytest.raises(AmiError, match=rf"the PBX at {ADDRESS}:5038 does not answer"):
        await connect(ADDRESS, 5038, USER, SECRET, name="the PBX")


async def test_a_killed_asterisk_ends_what_waits_at_once(pbx: Instance, ami: Ami) -> None:
    assert pbx.pid
    _freeze(pbx)  # so that the action below is surely not answered before
    waiting = asyncio.create_task(ami.action("Ping", deadline=60))
    await asyncio.sleep(0)
    os.kill(pbx.pid, signal.SIGKILL)
    async with asyncio.timeout(3):
        with pytest.raises(AmiError, match="the PBX lost its connection"):
            await waiting
        await ami.lost
    with pytest.raises(AmiError, match="is lost"):
        await ami.action("Ping")


async def test_an_asterisk_that_hangs_is_not_waited_for_longer_than_told(pbx: Instance, ami: Ami) -> None:
    assert pbx.pid
    _freeze(pbx)
    try:
        with pytest.raises(AmiError, match=r"gave no answer in 0\.2 s"):
            await ami.action("Ping", deadline=0.2)
    finally:
        os.kill(pbx.pid, signal.SIGCONT)


async def test_a_refused_action_says_why(ami: Ami) -> None:
    with pytest.raises(AmiError, match="refused Hangup: No such channel"):
        await ami.action("Hangup", Channel="PJSIP/nobody-00000000")


async def test_a_listing_is_all_of_its_events(ami: Ami) -> None:
    for _ in range(3):
        await ami.action(
            "Originate", Channel="Local/wait@t", Application="Wait", Data="60", Async="true", Timeout="9000"
        )
    states = await ami.listing("CoreShowChannels")
    kinds = {each["event"] for each in states}
    assert kinds == {"CoreShowChannel", "CoreShowChannelsComplete"}
    last = next(each for each in states if each["event"] == "CoreShowChannelsComplete")
    assert int(last["listitems"]) == len(states) - 1 > 0


async def test_names_in_any_script_arrive_whole(ami: Ami) -> None:
    names: list[str] = []
    ami.listen(lambda event: names.append(event["calleridname"]) if event.get("event") == "NewCallerid" else None)
    done = [await _event(ami, "OriginateResponse")]
    for _ in range(20):
        await ami.action(
            "Originate",
            Channel="Local/wait@t",
            Application="NoOp",
            CallerID=f'"{CALLER}" <201>',
            Async="true",
            Timeout="9000",
        )
    async with asyncio.timeout(10):
        await done[0]
        while len(names) < 20:
            await (await _event(ami, "NewCallerid"))
    assert set(names) - {"", "<unknown>"} == {CALLER}


async def test_a_line_break_in_a_header_is_refused_before_it_is_sent(ami: Ami) -> None:
    for trick in ("x\r\nAction: Logoff", "x\nAction: Logoff", "x\r"):
        with pytest.raises(AmiError, match="a header of Ping holds a line break"):
            await ami.action("Ping", Hint=trick)
        with pytest.raises(AmiError, match="holds a line break"):
            await ami.action("Ping", Variable=["a=b", trick])
    assert (await ami.action("Ping"))["ping"] == "Pong"


async def test_an_event_that_answers_an_action_reaches_the_listeners_too(ami: Ami) -> None:
    told = await _event(ami, "OriginateResponse")
    answer = await ami.action(
        "Originate", Channel="Local/wait@t", Application="NoOp", Async="true", Timeout="9000", ActionID="mine-1"
    )
    assert "queued" in answer["message"]
    async with asyncio.timeout(10):
        event = await told
    assert (event["actionid"], event["response"]) == ("mine-1", "Success")


async def test_a_listener_that_was_taken_off_hears_nothing(ami: Ami) -> None:
    heard: list[Event] = []
    stop = ami.listen(heard.append)
    stop()
    told = await _event(ami, "OriginateResponse")
    await ami.action("Originate", Channel="Local/wait@t", Application="NoOp", Async="true", Timeout="9000")
    async with asyncio.timeout(10):
        await told
    assert heard == []
