"""What callers write into events by line breaks in their numbers: it is no event, and breaks no connection."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest

from pbx.asterisk.ami import Event, connect

FORGED = (
    "Event: Newchannel\r\nPrivilege: call,all\r\nCallerIDNum: 1\r\nTenantid: ombu\r\nTenantid: andina\r\n\r\n"
    "Event: Newchannel\r\nCallerIDNum: 1\r\nEvent: Shutdown\r\nShutdown: Cleanly\r\n\r\n"
    "Event: Newchannel\r\nExten: 1\r\nActionID: 1\r\nActionID: 2\r\n\r\n"
)
HONEST = "Event: Hangup\r\nChannel: PJSIP/andina_201-00000001\r\nChanVariable: a=1\r\nChanVariable: b=2\r\n\r\n"


async def _serve(ended: asyncio.Event, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A manager interface that takes any login, and then tells of calls."""
    writer.write(b"Asterisk Call Manager/12.0.0\r\n")
    request = (await reader.readuntil(b"\r\n\r\n")).decode()
    action = next(line for line in request.splitlines() if line.lower().startswith("actionid:"))
    writer.write(f"Response: Success\r\n{action}\r\nMessage: Authentication accepted\r\n\r\n".encode())
    await reader.readuntil(b"\r\n\r\n")
    writer.write(f"{FORGED}{HONEST}".encode())
    await reader.read()
    writer.close()
    await writer.wait_closed()
    ended.set()


@pytest.mark.asyncio
async def test_an_event_with_headers_of_somebody_elses_is_dropped_and_the_next_one_told() -> None:
    ended = asyncio.Event()
    server = await asyncio.start_server(partial(_serve, ended), "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()[:2]
    ami = await connect(host, port, "pbx", "secret")
    seen: list[Event] = []
    told = asyncio.Event()

    def listen(event: Event) -> None:
        seen.append(event)
        told.set()

    ami.listen(listen)
    asked = asyncio.create_task(ami.action("Ping", deadline=5))
    async with asyncio.timeout(5):
        await told.wait()
    asked.cancel()
    assert [event["event"] for event in seen] == ["Hangup"]
    assert not ami.lost.done()
    await ami.close()
    async with asyncio.timeout(5):
        await ended.wait()
    server.close()
    await server.wait_closed()
