"""From events to the places a call really visited: the server's witness."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from lab.events import extra
from pbx.asterisk.ami import Event
from pbx.kinds.base import Step
from pbx.trace import Journey

_UNTOLD: Final = {("trunk", "full"), ("trunk", "refused"), ("parking", "parked")}
"""Steps at places that the dialplan does not tell of."""


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


def foretold_nodes(journey: Journey) -> tuple[str, ...]:
    """The places of a forecast that the dialplan tells of, in order.

    A full trunk is not entered, and a call is parked by the first step of its extension (Park), which tells nothing.
    What a class of service does not allow inside is not there for its phones.
    """
    told = [
        str(step.node)
        for step in journey.steps
        if (step.node.kind, step.exit) not in _UNTOLD and not _barred_inside(step)
    ]
    return tuple(node for index, node in enumerate(told) if index == 0 or told[index - 1] != node)


def foretold_exits(journey: Journey) -> tuple[str, ...]:
    """The exits of a forecast that the dialplan tells of, in order: those by which a call is led on, or refused."""
    return tuple(f"{step.node} {step.exit}" for step in journey.steps if _told(step))


def _told(step: Step) -> bool:
    if step.node.kind == "feature_code":
        return step.exit == "refused"
    if step.node.kind in {"did", "trunk", "parking"}:
        return (step.node.kind, step.exit) == ("trunk", "full")
    if _barred_inside(step) or (step.exit == "refused" and step.path[:1] == ("outbound_routes",)):
        return False
    return step.exit not in {"answered", "message", "allowed", "waiting"}


def _barred_inside(step: Step) -> bool:
    return step.path[:1] == ("classes_of_service",) and step.node.kind not in {"external", "feature_code"}
