"""Parties that talk: each with its tone, once sound passes between them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from typing import TYPE_CHECKING

from lab.calls.legs import PAUSE, Leg
from lab.events import NotHappenedError
from lab.parties import Party
from lab.voices import TONE_SECONDS

if TYPE_CHECKING:
    from lab.calls.evidence import Debts
    from lab.stage import Stage
    from pbx.asterisk.ami import Event


async def converse(stage: Stage, debts: Debts, one: Leg, other: Leg, since: int) -> float:
    """Both play their tones at once; the debts are that each hears the other's, and not its own.

    Answers how much longer that took than it should: how a saturated machine is known.
    """
    handsets = await one.handset(), await other.handset()
    for leg, opposite in ((one, other), (other, one)):
        debts.owe_tone(leg, opposite.party)
    await _connected(stage, one.party, other.party, since)
    began = stage.clock_now
    await asyncio.gather(
        *(handset.play(f"lab/tone-{leg.party.tone}") for handset, leg in zip(handsets, (one, other), strict=True))
    )
    await asyncio.gather(*(handset.listen(PAUSE) for handset in handsets))
    return (stage.clock_now - began).total_seconds() / (TONE_SECONDS + PAUSE)


async def announce(debts: Debts, speaker: Leg, listeners: Iterable[Leg]) -> None:
    """One plays its tone; the debts are that each listener hears it."""
    handset = await speaker.handset()
    for leg in listeners:
        debts.owe_tone(leg, speaker.party)
    await handset.play(f"lab/tone-{speaker.party.tone}")
    await handset.listen(PAUSE)


async def _connected(stage: Stage, one: Party, other: Party, since: int) -> None:
    """Wait until the two are in a bridge that passes sound on; what is heard tells the rest.

    Asterisk ties all channels of a conversation together by their linked id, those of a carrier's other calls not.
    """
    events = stage.pbx_events

    def bridged() -> bool:
        ties: dict[str, set[str]] = {}
        for event in events.matching(lambda each: each.get("event") in {"BridgeEnter", "BridgeLeave"}, since):
            held = event.get("bridgetechnology") == "holding_bridge" or event["event"] == "BridgeLeave"
            ties[event.get("channel", "")] = set() if held else _ties(event)
        ones, others = _of(one, ties), _of(other, ties)
        return any(first & second for first in ones for second in others)

    if not bridged():
        with contextlib.suppress(NotHappenedError):
            await stage.until(
                events,
                lambda event: event.get("event") == "BridgeEnter" and bridged(),
                expected="both to be connected",
                seconds=20,
                since=len(events.seen),
            )


def _ties(event: Event) -> set[str]:
    return {event.get("bridgeuniqueid", ""), event.get("linkedid", "")} - {""}


def _of(party: Party, ties: dict[str, set[str]]) -> list[set[str]]:
    """What ties each channel of a party to others."""
    return [tied for channel, tied in ties.items() if channel.startswith(f"PJSIP/{party.endpoint}-")]
