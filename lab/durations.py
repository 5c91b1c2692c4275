"""How long phones ring, by the PBX's own account of its channels (CEL)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from lab.journey import Visited
from lab.results import Check, Words
from lab.scenario import Scenario
from pbx.asterisk import names
from pbx.kinds.base import Step
from pbx.trace import Journey

EARLY: Final = 2.0
"""Seconds by which a phone may stop ringing before its time: PBX time is told in whole seconds."""
LATE: Final = 4.0
"""Seconds by which it may ring on, at the least: a busy machine takes its time."""
SHARE: Final = 0.4
"""The same as a part of the time."""
BUSY: Final = 10.0
"""Seconds of busy tone before the PBX hangs up (``pbx-end`` of ``lib/pbx.conf``)."""
_IN_VAIN: Final = frozenset({"no_answer", "timeout"})
_KINDS: Final = frozenset({"extension", "ring_group", "queue"})


def ring_checks(scenario: Scenario, forecast: Journey, visit: Visited) -> Iterator[Check]:
    """Each phone that nobody answers rings for as long as was agreed; of a queue the first agent."""
    if scenario.full or scenario.engaged or scenario.brief:
        return
    wanted: dict[str, int] = {}
    for step in forecast.steps:
        if step.exit in _IN_VAIN and step.node.kind in _KINDS:
            for number, seconds in _rings(step, scenario):
                wanted.setdefault(number, seconds)
    if scenario.caller.kind == "extension":
        wanted.pop(scenario.caller.id, None)
    for number, seconds in wanted.items():
        heard = rang(visit.cel, f"PJSIP/{names.endpoint(scenario.tenant, number)}-")
        if heard is None:
            continue  # which phones ring at all is another check
        yield Check(
            "server",
            Words(f"Segundos que suena {number}", f"Seconds that {number} rings"),
            f"{seconds} s",
            f"{heard:.0f} s",
            as_long(heard, seconds),
            "CEL",
        )


def as_long(heard: float, seconds: float) -> bool:
    """Whether something took as long as it should, as far as whole seconds and a busy machine let one say."""
    return seconds - EARLY <= heard <= seconds + max(LATE, seconds * SHARE)


def _rings(step: Step, scenario: Scenario) -> Iterator[tuple[str, int]]:
    model: Any = scenario.scope.find(step.node)
    for ring in step.rings:
        if step.node.kind != "queue":
            yield ring.extension, ring.seconds
        elif not ring.after:
            yield ring.extension, min(ring.seconds, model.max_wait or ring.seconds)


def rang(events: tuple[Mapping[str, str], ...], channel: str, *, last: bool = False) -> float | None:
    """Seconds from the beginning of the first channel of a name to its end, or of the last; None when there is none."""
    order = events[::-1] if last else events
    first = next((each["channel"] for each in order if _is("CHAN_START", each, channel)), "")
    times = {
        each.get("eventname"): each["eventtime"] for each in events[::-1] if first and each.get("channel") == first
    }
    if "CHAN_START" not in times or "HANGUP" not in times:
        return None
    begin, end = (datetime.fromisoformat(times[name]) for name in ("CHAN_START", "HANGUP"))
    return (end - begin).total_seconds()


def _is(name: str, event: Mapping[str, str], channel: str) -> bool:
    return event.get("eventname") == name and event.get("channel", "").startswith(channel)


def busy_check(scenario: Scenario, forecast: Journey, visit: Visited) -> Iterator[Check]:
    """Who hears the busy tone from the PBX itself hears it for so long, and is then hung up on (``pbx-end``)."""
    if forecast.end != "busy" or scenario.brief:
        return
    begin = [each["eventtime"] for each in visit.cel if each.get("eventname") == "ANSWER"]
    told = [each["eventtime"] for each in visit.cel if each.get("userdeftype") in {"PBX_EXIT", "PBX_NODE"}]
    ended = [each["eventtime"] for each in visit.cel if each.get("eventname") == "HANGUP"]
    if not (begin and told and ended):
        return
    heard = (datetime.fromisoformat(ended[-1]) - datetime.fromisoformat(told[-1])).total_seconds()
    subject = Words("Segundos de tono de ocupado", "Seconds of the busy tone")
    yield Check("server", subject, f"{BUSY:g} s", f"{heard:.0f} s", as_long(heard, BUSY), "CEL")
