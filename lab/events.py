"""What happened on a stage, and waiting for more: all events of an Asterisk, and what they carry."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Final

from pbx.asterisk.ami import Event

_CHANNEL: Final = re.compile(r"PJSIP/[\w.-]+-[0-9a-f]{8}")


class NotHappenedError(Exception):
    """Something that a row waited for did not happen in time."""

    def __init__(self, expected: str, seconds: float | str) -> None:
        """``seconds`` is the deadline in PBX time, or in words what happened instead."""
        told = seconds if isinstance(seconds, str) else f"it did not happen within {seconds:g} s"
        super().__init__(f"{expected}: {told}")
        self.expected = expected
        self.observed = told


class StageError(Exception):
    """The stage itself broke: an Asterisk died, the manager interface was lost."""


@dataclass(slots=True)
class Waiter:
    """Somebody who waits for an event."""

    wanted: Callable[[Event], bool]
    found: asyncio.Future[Event]


@dataclass(slots=True)
class Events:
    """All events of one Asterisk so far, and those who wait for more."""

    seen: list[Event] = field(default_factory=list)
    waiters: list[Waiter] = field(default_factory=list)
    living: set[str] = field(default_factory=set)
    """The names of the channels that are there now."""

    def add(self, event: Event) -> None:
        """Keep an event and wake who waited for it."""
        self.seen.append(event)
        self._count(event)
        for waiter in tuple(self.waiters):
            if not waiter.found.done() and waiter.wanted(event):
                waiter.found.set_result(event)
                self.waiters.remove(waiter)

    def _count(self, event: Event) -> None:
        channel = event.get("channel", "")
        match event.get("event"):
            case "Newchannel":
                self.living.add(channel)
            case "Hangup":
                self.living.discard(channel)
            case "Rename":
                self.living.discard(channel)
                self.living.add(event.get("newname", ""))

    def matching(self, wanted: Callable[[Event], bool], since: int = 0) -> Iterator[Event]:
        """The events so far that are wanted."""
        return (event for event in itertools.islice(self.seen, since, None) if wanted(event))


def extra(event: Event) -> str:
    """What a CEL user event or a stream event carries: the node, the exit, the sound."""
    try:
        content = json.loads(event.get("extra", "") or "{}")
    except ValueError:
        return ""
    return str(content.get("extra") or content.get("sound") or "") if isinstance(content, dict) else ""


def of_others(line: str, events: Events, calls: Collection[str]) -> bool:
    """Whether a line of a log names channels, all of them of other calls than those with these linked ids."""
    ties: dict[str, set[str]] = {channel: set() for channel in _CHANNEL.findall(line)}
    for event in events.matching(lambda each: each.get("channel") in ties) if ties else ():
        ties[event["channel"]].add(event.get("linkedid", ""))
    return bool(ties) and all(tied and tied.isdisjoint(calls) for tied in ties.values())
