"""Placing a call."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

from lab.calls.legs import Call
from lab.parties import Party
from lab.watch import Watch, hung_up

if TYPE_CHECKING:
    from lab.calls.play import Lab


def place(
    lab: Lab,
    party: Party,
    number: str,
    caller_id: str = "",
    headers: Mapping[str, str] | None = None,
    *,
    caller: str = "",
) -> Call:
    """Place a call, and return when the PBX knows it or has refused it."""
    watch = Watch(lab.stage, party.endpoint, number, caller)
    recording = lab.file(party)

    async def act() -> Call:
        token = await lab.stage.originate(party, number, caller_id=caller_id, recording=recording, headers=headers)
        call = Call(lab, party, recording, watch, token)
        lab.calls.append(call)
        reached = asyncio.ensure_future(watch.began())
        ended = asyncio.ensure_future(hung_up(lab.stage, token, "the call to end", since=lab.first_party_event))
        await asyncio.wait({reached, ended}, return_when=asyncio.FIRST_COMPLETED)
        for task in (reached, ended):
            task.cancel()
        await asyncio.gather(reached, ended, return_exceptions=True)
        return call

    return lab.run(act(), None, f"{party.name} to call {number}")


async def gone(lab: Lab, channel: str, seconds: float) -> None:
    """Wait for the end of a party's channel."""
    await lab.stage.until(
        lab.stage.party_events,
        lambda event: event.get("event") == "Hangup" and event.get("channel") == channel,
        expected=f"{channel} to end",
        seconds=seconds,
        since=lab.first_party_event,
    )
