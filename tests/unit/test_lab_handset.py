"""A party's part in a call, against something that speaks AGI as Asterisk does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from lab.handset import Handset, HungUpError, Stagehand

VARIABLES = {
    "agi_network_script": "outgoing/token.1",
    "agi_channel": "PJSIP/andina_201-00000003",
    "agi_callerid": "202",
    "agi_calleridname": "Luis Paz: Ventas",
    "agi_extension": "600",
}
DONE = b"200 result=0\n"
GONE = b"511 Command Not Permitted on a dead channel or intercept routine\n"


@dataclass
class Asterisk:
    """The other end of a FastAGI connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    handset: Handset

    async def told(self) -> str:
        """The next command of the script; empty when the script is over."""
        return (await asyncio.wait_for(self.reader.readline(), 10)).decode().rstrip("\n")

    def answer(self, line: bytes = DONE) -> None:
        """The result of a command."""
        self.writer.write(line)


@pytest_asyncio.fixture
async def stage() -> AsyncIterator[tuple[Stagehand, asyncio.Queue[Handset]]]:
    """A running server, and the handsets it welcomes."""
    welcomed: asyncio.Queue[Handset] = asyncio.Queue()
    stagehand = Stagehand(welcomed.put_nowait)
    yield stagehand, welcomed
    await asyncio.to_thread(stagehand.close)


Stage = tuple[Stagehand, asyncio.Queue[Handset]]


async def connected(stage: Stage, *, alive: bytes = DONE, **variables: str) -> Asterisk:
    """A call that Asterisk hands over, and what it says when it is asked whether the call is still there."""
    reader, writer = await handed_over(stage, alive, variables)
    return Asterisk(reader, writer, await asyncio.wait_for(stage[1].get(), 10))


async def handed_over(
    stage: Stage, alive: bytes, variables: dict[str, str]
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """The connection of a call, up to the answer to that question."""
    reader, writer = await asyncio.open_connection("127.0.0.1", stage[0].port)
    for name, value in (VARIABLES | variables).items():
        writer.write(f"{name}: {value}\n".encode())
    writer.write(b"\n")
    assert await asyncio.wait_for(reader.readline(), 10) == b"WAIT FOR DIGIT 0\n"
    writer.write(alive)
    return reader, writer


@pytest_asyncio.fixture
async def call(stage: Stage) -> AsyncIterator[Asterisk]:
    """One call."""
    asterisk = await connected(stage)
    yield asterisk
    asterisk.writer.close()


@pytest.mark.asyncio
async def test_a_handset_knows_its_call(call: Asterisk) -> None:
    handset = call.handset
    assert (handset.endpoint, handset.caller_number) == ("andina_201", "202")
    assert (handset.dialled, handset.request) == ("600", "outgoing/token.1")


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("act", "command"),
    [
        (Handset.answer, "ANSWER"),
        (Handset.ring, 'EXEC Ringing ""'),
        (Handset.busy, 'EXEC Hangup "17"'),
        (Handset.hang_up, 'EXEC Hangup "16"'),
        (lambda handset: handset.record("/r/a.wav"), 'EXEC MixMonitor ",r(/r/a.wav)"'),
        (lambda handset: handset.press("12#"), 'EXEC SendDTMF "12#"'),
        (lambda handset: handset.play("lab/message"), 'EXEC Playback "lab/message"'),
        (lambda handset: handset.listen(2.0), 'EXEC Wait "2"'),
        (lambda handset: handset.variable("${X(a,b)}"), 'GET FULL VARIABLE "${X(a,b)}"'),
    ],
)
async def test_each_act_is_one_command_and_waits_for_its_result(call: Asterisk, act: object, command: str) -> None:
    assert callable(act)
    task = asyncio.ensure_future(act(call.handset))
    assert await call.told() == command
    await asyncio.sleep(0)
    assert not task.done()
    call.answer()
    await asyncio.wait_for(task, 10)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("line", "value"),
    [(b"200 result=1 (abc-123)\n", "abc-123"), (b"200 result=0\n", ""), ("200 result=1 (Gómez)\n".encode(), "Gómez")],
)
async def test_the_value_of_an_expression_is_answered(call: Asterisk, line: bytes, value: str) -> None:
    task = asyncio.ensure_future(call.handset.variable("${X}"))
    await call.told()
    call.answer(line)
    assert await asyncio.wait_for(task, 10) == value


@pytest.mark.asyncio
async def test_commands_are_carried_out_one_after_the_other(call: Asterisk) -> None:
    first = asyncio.ensure_future(call.handset.answer())
    await asyncio.sleep(0)
    second = asyncio.ensure_future(call.handset.press("1"))
    assert await call.told() == "ANSWER"
    call.answer()
    assert await call.told() == 'EXEC SendDTMF "1"'
    call.answer()
    await asyncio.wait_for(asyncio.gather(first, second), 10)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "line", [b"HANGUP\n", b"200 result=-1\n", b"200 result=1 (hangup)\n", b"511 Command Not Permitted\n", b"\xff\n"]
)
async def test_a_hangup_ends_what_was_asked_and_all_that_follows(call: Asterisk, line: bytes) -> None:
    waiting = asyncio.ensure_future(call.handset.play("lab/message"))
    await call.told()
    queued = asyncio.ensure_future(call.handset.press("1"))
    await asyncio.sleep(0)
    call.answer(line)
    for task in (waiting, queued):
        with pytest.raises(HungUpError):
            await asyncio.wait_for(task, 10)
    with pytest.raises(HungUpError, match="ANSWER"):
        await call.handset.answer()
    assert await call.told() == ""


@pytest.mark.asyncio
async def test_a_lost_connection_is_a_hangup(call: Asterisk) -> None:
    task = asyncio.ensure_future(call.handset.answer())
    await call.told()
    call.writer.close()
    with pytest.raises(HungUpError, match="ANSWER"):
        await asyncio.wait_for(task, 10)


@pytest.mark.asyncio
@pytest.mark.parametrize("act", [Handset.busy, Handset.hang_up])
async def test_who_hangs_up_minds_no_hangup(call: Asterisk, act: object) -> None:
    assert callable(act)
    task = asyncio.ensure_future(act(call.handset))
    await call.told()
    call.answer(b"200 result=-1\n")
    await asyncio.wait_for(task, 10)


@pytest.mark.asyncio
async def test_the_end_closes_the_session_once(call: Asterisk) -> None:
    call.handset.end()
    call.handset.end()
    assert await call.told() == ""
    with pytest.raises(HungUpError):
        await call.handset.answer()


@pytest.mark.asyncio
async def test_calls_side_by_side_do_not_wait_for_each_other(stage: Stage) -> None:
    first, second = await connected(stage), await connected(stage, agi_callerid="203")
    assert (first.handset.caller_number, second.handset.caller_number) == ("202", "203")
    slow = asyncio.ensure_future(first.handset.answer())
    await first.told()
    quick = asyncio.ensure_future(second.handset.answer())
    await second.told()
    second.answer()
    await asyncio.wait_for(quick, 10)
    assert not slow.done()
    first.answer()
    await asyncio.wait_for(slow, 10)
    for each in (first, second):
        each.writer.close()


@pytest.mark.asyncio
async def test_closing_the_server_ends_every_session() -> None:
    welcomed: asyncio.Queue[Handset] = asyncio.Queue()
    stagehand = Stagehand(welcomed.put_nowait)
    asterisk = await connected((stagehand, welcomed))
    await asyncio.to_thread(stagehand.close)
    assert await asterisk.told() == ""
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", stagehand.port)
    asterisk.writer.close()


@pytest.mark.asyncio
async def test_a_script_is_over_at_once_when_the_caller_gave_up_before_it_began(stage: Stage) -> None:
    asterisk = await connected(stage, alive=GONE)
    assert await asterisk.told() == "", "else Asterisk keeps the channel for ever"
    with pytest.raises(HungUpError):
        await asterisk.handset.ring()
    asterisk.writer.close()


@pytest.mark.asyncio
async def test_a_call_that_is_gone_before_its_script_begins_has_come_to_nobody(stage: Stage) -> None:
    reader, writer = await handed_over(stage, GONE, {"agi_network_script": "incoming"})
    assert await asyncio.wait_for(reader.read(), 10) == b"", "the script is over"
    assert stage[1].empty()
    writer.close()
