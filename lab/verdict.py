"""Comparing what happened with what was foretold: two witnesses for every call."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import zip_longest
from pathlib import Path
from typing import Final

from lab import hearing
from lab.durations import busy_check, ring_checks
from lab.expectations import own_checks
from lab.journey import Visited, foretold_exits, foretold_nodes
from lab.messages import message_on_disk, message_told
from lab.observation import Observation
from lab.reasons import EXITS, JOURNEY
from lab.results import Check, Heard, Recording, Words
from lab.scenario import Scenario
from pbx.asterisk.text import plain
from pbx.kinds import BY_NAME
from pbx.trace import Journey

SHORTEST_HEARD: Final = 0.8
"""Seconds of a prompt that a caller must have heard before it counts, when it was cut off by a key."""
TONE_HEARD: Final = 1.0
"""Seconds of the other side's tone, of two that are spoken: at tenfold speed the bridge takes its time to be made."""
REFUSED: Final = (21,)
"""Q.850 cause of a call that the PBX refuses; SIP 403."""
_TAKING: Final = frozenset({"ivr", "announcement", "queue", "conference", "directory"})
"""Kinds of places that answer the call before anybody does."""
_CAUSES: Final = {
    "refused": REFUSED,
    "busy": (17,),
    "failed": (34,),
    "refused: no such number": (1, 3),
}


def recordings(
    heard_by: Iterable[tuple[str, Path]],
    prompts: Mapping[str, Path],
    tones: Mapping[str, float],
    likely: Collection[str] = (),
) -> tuple[Recording, ...]:
    """What was heard in each recording, by party: prompts, the ``likely`` ones first, tones and silence."""
    found = []
    for party, path in heard_by:
        heard = (*hearing.listen(path, prompts, likely=likely), *hearing.tones(path, tones))
        found.append(Recording(party, path, tuple(sorted(heard, key=lambda each: each.start))))
    return tuple(found)


def checks(
    scenario: Scenario,
    forecast: Journey,
    seen: Observation,
    visit: Visited,
    heard: tuple[Recording, ...],
    prompts: Mapping[str, Path],
) -> Iterator[Check]:
    """Every expectation of a row against what was seen and heard."""
    yield _same(
        "trace",
        JOURNEY,
        " → ".join(foretold_nodes(forecast)),
        " → ".join(visit.nodes),
    )
    expected_exits = foretold_exits(forecast)
    yield _same("server", EXITS, ", ".join(expected_exits), ", ".join(visit.exits))
    yield from own_checks(scenario, seen, visit)
    yield from _rings(scenario, forecast, seen)
    yield from _told_the_position(scenario, forecast, visit)
    yield from ring_checks(scenario, forecast, visit)
    yield from busy_check(scenario, forecast, visit)
    yield from _ending(forecast, seen)
    yield from _shown(scenario, forecast, seen)
    yield from _prompts_heard(scenario, forecast, visit, heard, prompts)
    yield from _two_way(seen, heard)
    if scenario.engaged and scenario.states.get(scenario.engaged[0]) == "busy":
        name = f"extension:{scenario.engaged[0]}"
        rang = sum(leg.party.name == name for leg in seen.legs)
        subject = Words("Segunda llamada en el teléfono ocupado", "Second call at the busy phone")
        yield Check("phone", subject, "0", str(rang), passed=rang == 0)
    if forecast.steps:
        yield Check(
            "server",
            Words("Registro de la llamada (CDR)", "Call record (CDR)"),
            "1 o más / 1 or more",
            str(len(visit.cdr)),
            bool(visit.cdr),
            "CDR",
        )
    if scenario.mailbox:
        yield message_on_disk(scenario, heard, prompts)
        yield from message_told(scenario, seen)


def _same(witness: str, subject: Words, expected: str, observed: str) -> Check:
    return Check(witness, subject, expected or "–", observed or "–", expected == observed)


def _rings(scenario: Scenario, forecast: Journey, seen: Observation) -> Iterator[Check]:
    """Which phones ring: no more than foretold, and all of them where that does not depend on earlier calls."""
    rings = [ring for step in forecast.steps for ring in step.rings]
    if scenario.full or scenario.engaged:
        return
    expected = {f"extension:{ring.extension}" for ring in rings}
    rang = {leg.party.name for leg in seen.legs if leg.rang and leg.party.name.startswith("extension:")}
    # Whom a queue asks first depends on earlier calls, and how many it gets to on what the caller is told meanwhile.
    queues = [scenario.scope.tenant.queues[step.node.id] for step in forecast.steps if step.node.kind == "queue"]
    in_turn = any(queue.policy != "simultaneous" for queue in queues)
    passed = rang == expected or (in_turn and bool(rang) and rang < expected)
    subject = Words("Teléfonos que suenan", "Phones that ring")
    yield Check("phone", subject, ", ".join(sorted(expected)) or "–", ", ".join(sorted(rang)) or "–", passed)


def _told_the_position(scenario: Scenario, forecast: Journey, visit: Visited) -> Iterator[Check]:
    """Who waits in a queue that tells the position hears it, and in another one does not."""
    for step in forecast.steps:
        if step.node.kind != "queue" or step.exit not in {"timeout", "waiting"}:
            continue
        told = [sound for sound in visit.sounds if sound.startswith("queue-")]
        announced = scenario.scope.tenant.queues[step.node.id].announce_position is not None
        subject = Words("Se dice el puesto en la cola", "The position in the queue is told")
        expected = "queue-…" if announced else "–"
        yield Check("server", subject, expected, ", ".join(told) or "–", bool(told) == announced)


def _ending(forecast: Journey, seen: Observation) -> Iterator[Check]:
    subject = Words("Fin de la llamada", "End of the call")
    if forecast.end.startswith("answered by "):
        expected = forecast.end.removeprefix("answered by ")
        carrier = next((str(step.node) for step in reversed(forecast.steps) if step.node.kind == "trunk"), "")
        yield _same("phone", Words("Quién atendió", "Who answered"), carrier or expected, seen.answered_by)
        return
    if forecast.end.startswith("heard at "):
        answered = sorted(leg.party.name.partition(":")[2] for leg in seen.legs if leg.answered)
        hearers = sorted(forecast.end.removeprefix("heard at ").split(", "))
        yield _same("phone", Words("Quiénes lo oyen", "Who hears it"), ", ".join(hearers), ", ".join(answered))
        return
    yield _same("phone", Words("Quién atendió", "Who answered"), "", seen.answered_by)
    causes = _causes(forecast)
    if causes:
        told = " / ".join(map(str, causes))
        yield Check("phone", subject, f"Q.850 {told}", f"Q.850 {seen.cause}", seen.cause in causes)


def _causes(forecast: Journey) -> tuple[int, ...]:
    """How the caller's phone is told of the end.

    Of a call that the PBX has taken itself it hears the busy tone, and then simply the end; one that it has not taken
    is refused by a SIP answer: 480 where nobody answered or was there (``pbx-end`` in ``lib/pbx.conf``), else 603.
    """
    taken = any(step.node.kind in _TAKING for step in forecast.steps)
    word = forecast.end.partition(":")[0].split(" ")[0]
    last = forecast.steps[-1] if forecast.steps else None
    if word == "hangup" and last and last.node.kind == "extension" and last.exit in {"no_answer", "unavailable"}:
        return (19, 20)
    if taken and word in {"busy", "hangup"}:
        return (16, 0) if word == "busy" else (16,)
    if word == "hangup":
        return (21,)
    return _CAUSES.get(forecast.end, _CAUSES.get(word, ()))


def _shown(scenario: Scenario, forecast: Journey, seen: Observation) -> Iterator[Check]:
    """The number that the carrier, or the answering phone, was shown."""
    answering = next((leg for leg in seen.legs if leg.party.name == seen.answered_by), None)
    if answering is None:
        return
    subject = Words("Número mostrado al llamado", "Number shown to the called party")
    if forecast.shown:
        expected = forecast.shown
        observed = answering.caller_number
    elif scenario.caller.kind == "extension":
        expected, observed = scenario.caller.id, answering.caller_number
    else:
        expected, observed = scenario.caller_number, answering.caller_number
    yield _same("phone", subject, expected, observed)
    if scenario.caller_number and not forecast.shown and forecast.caller_name:
        subject = Words("Nombre mostrado al llamado", "Name shown to the called party")
        yield _same("phone", subject, plain(forecast.caller_name), answering.caller_name)
    if forecast.shown == "anonymous":
        subject = Words("Identidad oculta, pero asegurada al operador", "Identity hidden, yet asserted to the carrier")
        number = next(iter(re.findall(r"sip:([^@>]+)@", answering.asserted)), "")
        passed = "id" in answering.privacy and number in scenario.scope.tenant.dids
        observed = f"Privacy: {answering.privacy or '–'}; P-Asserted-Identity: {number or '–'}"
        yield Check("phone", subject, "Privacy: id; P-Asserted-Identity: DID", observed, passed)


def _prompts_heard(
    scenario: Scenario, forecast: Journey, visit: Visited, heard: tuple[Recording, ...], prompts: Mapping[str, Path]
) -> Iterator[Check]:
    own = next((each for each in heard if each.party == str(scenario.caller)), None)
    for name, complete in dict(expected_prompts(scenario, forecast)).items():
        sound = name.removeprefix("prompt:")
        played = any(each in {sound, f"{scenario.tenant}/{sound}"} for each in visit.sounds)
        yield Check(
            "server",
            Words(f"La central reproduce «{sound}»", f"The PBX plays “{sound}”"),
            sound,
            sound if played else ", ".join(visit.sounds) or "–",
            played,
        )
        stretches = [each for each in (own.heard if own else ()) if each.what == name]
        seconds = sum(each.end - each.start for each in stretches)
        start, end = hearing.audible_extent(prompts[name])
        wanted = min(SHORTEST_HEARD, (end - start) * 0.6) if not complete else (end - start) * 0.9
        where = own.path.name if own else ""
        yield Check(
            "phone",
            Words(f"Quien llama oye «{sound}»", f"The caller hears “{sound}”"),
            f"≥ {max(wanted, 0.3):.1f} s",
            _told(stretches),
            seconds >= max(wanted, 0.3) - 0.05,
            where,
            by_ear=True,
        )


def _told(stretches: list[Heard]) -> str:
    return ", ".join(f"{each.start:.1f}–{each.end:.1f} s" for each in stretches) or "0 s"


def expected_prompts(scenario: Scenario, forecast: Journey) -> Iterator[tuple[str, bool]]:
    """The names of the sounds the caller must hear, and whether to their end."""
    for step, follows in zip_longest(forecast.steps, forecast.steps[1:]):
        model = scenario.scope.find(step.node)
        if model is None:
            continue
        if step.node.kind == "ivr" and step.exit == "invalid" and follows and follows.node == step.node:
            yield "prompt:pbx-invalid", False
        for sound in BY_NAME[step.node.kind].sounds(step.node.id, model):
            if step.node.kind == "ivr" and len(sound.path) > 3 and step.exit != sound.path[3]:  # noqa: PLR2004 - ivrs, id, options, key
                continue
            name = sound.prompt.sound or sound.name
            yield f"prompt:{name}", step.node.kind == "announcement" or sound.path[-1] != "prompt"
        if step.node.kind == "conference":
            yield from _at_the_door(model.pin, step.exit)
        if step.node.kind == "voicemail":
            yield "prompt:vm-intro", False


def _at_the_door(pin: str | None, exit_: str) -> Iterator[tuple[str, bool]]:
    if pin and exit_ in {"joined", "wrong_pin"}:
        yield "prompt:conf-getpin", False
    if pin and exit_ == "wrong_pin":
        yield "prompt:conf-invalidpin", False
    if exit_ == "joined":
        yield "prompt:conf-onlyperson", False


def _two_way(seen: Observation, heard: tuple[Recording, ...]) -> Iterator[Check]:
    """Each side hears the other's tone, and not its own."""
    spoke = [leg for leg in seen.legs if leg.spoke]
    for leg in spoke:
        own = next((each for each in heard if each.path == leg.recording), None)
        sounds: dict[str, float] = {}
        for each in own.heard if own else ():
            if each.what.startswith("tone:"):
                sounds[each.what] = sounds.get(each.what, 0.0) + each.end - each.start
        others = [f"tone:{other.party.name}" for other in spoke if other is not leg]
        passed = all(sounds.get(name, 0) >= TONE_HEARD for name in others) and f"tone:{leg.party.name}" not in sounds
        yield Check(
            "phone",
            Words(f"{leg.party.name} oye a la otra parte", f"{leg.party.name} hears the other side"),
            ", ".join(f"{name} ≥ {TONE_HEARD:g} s" for name in others),
            ", ".join(f"{name} {seconds:.1f} s" for name, seconds in sounds.items()) or "silencio / silence",
            passed,
            leg.recording.name,
            by_ear=f"tone:{leg.party.name}" not in sounds,
        )
