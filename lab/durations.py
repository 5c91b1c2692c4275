"""How long phones ring, by the PBX's own account of its channels (CEL)."""

from __future__ import annotations

from collections import Counter
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
        if step.node.kind == "queue":
            yield from _attempts(step, scenario, visit)
    if scenario.caller.kind == "extension":
        wanted.pop(scenario.caller.id, None)
    rung = Counter(number for step in forecast.steps for number in {ring.extension for ring in step.rings})
    for number, seconds in wanted.items():
        heard = rang(visit.cel, f"PJSIP/{names.endpoint(scenario.tenant, number)}-")
        if heard is None or rung[number] > 1:
            continue  # which phones ring at all is another check, and who rings at two places rings twice
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


def _attempts(step: Step, scenario: Scenario, visit: Visited) -> Iterator[Check]:
    """A queue tries again after its pause; one that tells callers their position takes its time for that."""
    model: Any = scenario.scope.find(step.node)
    seconds = max((ring.seconds for ring in step.rings), default=0)
    again = seconds + model.retry + LATE <= (model.max_wait or 0)
    if step.exit != "timeout" or not seconds or not again or model.announce_position is not None:
        return
    phones = tuple(f"PJSIP/{names.endpoint(scenario.tenant, number)}-" for number in model.members)
    own = [each for each in visit.cel if each.get("channel", "").startswith(phones)]
    ends = [each["eventtime"] for each in own if each.get("eventname") == "HANGUP"]
    starts = [each["eventtime"] for each in own if each.get("eventname") == "CHAN_START"]
    if not starts or not ends:
        return
    pauses = [_between(end, start) for end in ends for start in starts if start >= end]
    pause = min(pauses, default=None)
    yield Check(
        "server",
        Words("Pausa de la cola entre intentos", "Pause of the queue between attempts"),
        f"{model.retry:g} s",
        "–" if pause is None else f"{pause:.0f} s",
        pause is not None and as_long(pause, model.retry),
        "CEL",
    )


def _between(begin: str, end: str) -> float:
    return (datetime.fromisoformat(end) - datetime.fromisoformat(begin)).total_seconds()


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
    return _between(times["CHAN_START"], times["HANGUP"])


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
    heard = _between(told[-1], ended[-1])
    subject = Words("Segundos de tono de ocupado", "Seconds of the busy tone")
    yield Check("server", subject, f"{BUSY:g} s", f"{heard:.0f} s", as_long(heard, BUSY), "CEL")
