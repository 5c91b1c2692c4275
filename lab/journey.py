"""From events to the places a call really visited: the server's witness."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lab.events import extra
from pbx.asterisk.ami import Event


@dataclass(frozen=True, slots=True)
class Visited:
    """What the PBX says of one call."""

    nodes: tuple[str, ...]
    """The places, in order, as ``kind:id``."""
    exits: tuple[str, ...]
    """How they were left, in order: ``ivr:principal 1``."""
    sounds: tuple[str, ...]
    """What was played, in order."""
    cdr: tuple[dict[str, str], ...]
    cel: tuple[dict[str, str], ...] = ()
    """The channel events, in order, without the fields that are empty."""


def visited(events: Iterable[Event], linked: str) -> Visited:
    """Follow one call through the events of its PBX."""
    own = [event for event in events if event.get("linkedid") == linked]
    channels = {event["uniqueid"] for event in own if "uniqueid" in event}
    nodes = [extra(event) for event in own if event.get("userdeftype") == "PBX_NODE"]
    return Visited(
        nodes=tuple(node for index, node in enumerate(nodes) if index == 0 or nodes[index - 1] != node),
        exits=tuple(extra(event) for event in own if event.get("userdeftype") == "PBX_EXIT"),
        sounds=tuple(extra(event) for event in own if event.get("eventname") == "STREAM_BEGIN"),
        cdr=tuple(
            _record(event) for event in events if event.get("event") == "Cdr" and event.get("uniqueid") in channels
        ),
        cel=tuple(
            {key: value for key, value in _record(event).items() if value}
            for event in own
            if event.get("event") == "CEL"
        ),
    )


def _record(event: Event) -> dict[str, str]:
    return {key: str(value) for key, value in event.items() if key not in {"event", "privilege", "timestamp"}}
