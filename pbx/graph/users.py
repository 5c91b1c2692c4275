"""What users set by their feature codes, as the page's walk looks it up: forwards, and not to be disturbed.

As everywhere in the walk's table no rule is written twice: the trace is asked for each state of an extension's phones
with each kind of setting that then counts, and for where the forwards lead that the page offers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, get_args

from pbx.dialing import denial, internal_numbers, meaning
from pbx.graph.facts import spoken
from pbx.graph.probe import Probe, Visit
from pbx.kinds.base import PhoneState, Situation, TrunkState
from pbx.kinds.extension import FORWARDS
from pbx.model import Ref
from pbx.numberplan import nationally

ANY_KEYS: Final = "{keys}"
"""Stands for whatever keys a forward was set to."""
_SAID: Final = ("", "off", "voicemail", ANY_KEYS)
_MOST_OUTSIDE: Final = 30
"""Outside numbers that the page offers as the target of a forward."""


def kept(probe: Probe, ref: Ref, chosen: Ref | None) -> dict[str, Any]:
    """The answers of an extension, by what its user has set and what its phones do."""
    number = ref.id

    def answer(state: PhoneState, **settings: str) -> tuple[str, dict[str, Any]]:
        said = {(number, name): value for name, value in settings.items() if value}
        visit = probe.visit(ref, Situation(at=probe.noon, states={number: state}, chosen=chosen, settings=said))
        return visit.steps[-1].exit, probe.answer(visit)

    def without(always: str) -> dict[str, Any]:
        """When there is no forward of the user's for all calls."""
        told: dict[str, Any] = {}
        for state in get_args(PhoneState):
            for suffix, undisturbed in (("", ""), (" undisturbed", "on")):
                given = {"forward_always": always, "do_not_disturb": undisturbed}
                asks, plain = answer(state, **given)
                ways = {"": plain}
                if asks in FORWARDS and asks != "always":
                    ways |= {said: answer(state, **given, **{f"forward_{asks}": said})[1] for said in _SAID[1:]}
                told[state + suffix] = {"asks": asks if len(ways) > 1 else "", "ways": ways}
        return told

    always = {said: answer("answer", forward_always=said)[1] for said in ("voicemail", ANY_KEYS)}
    plain, off = without(""), without("off")
    return {"phones": [number], "always": always, "plain": plain, **({} if off == plain else {"off": off})}


def forwards(probe: Probe, places: Sequence[Ref]) -> dict[str, Any]:
    """The targets that the page offers, and what becomes of a call that is forwarded there, by class of service."""
    tenant = probe.scope.tenant
    people = [ref.id for ref in places if ref.kind == "extension"]
    classes = {number: tenant.extensions[number].class_of_service for number in people}
    by_class = {name: number for number, name in reversed(classes.items())}
    offered = list(_targets(probe, places)) if people else []
    return {
        "forwards": [{"keys": keys, "name": spoken(probe.scope, to)} for keys, to in offered],
        "classes": classes,
        "dialled": {
            name: {keys: _dialled(probe, number, keys) for keys, _ in offered} for name, number in by_class.items()
        },
    }


def _targets(probe: Probe, places: Sequence[Ref]) -> Iterator[tuple[str, Ref]]:
    """Keys and where they lead: numbers of places in the drawing, and outside numbers that the tenant knows."""
    shown = set(places)
    for number, (ref, _) in sorted(internal_numbers(probe.scope).items()):
        # What a parking place does depends on which of its numbers was dialled.
        if ref in shown and ref.kind != "parking":
            yield number, ref
    outside = {ref.id for ref in places if ref.kind == "external"} | set(probe.scope.tenant.phonebook)
    for number in sorted(outside)[:_MOST_OUTSIDE]:
        keys = probe.scope.tenant.outside_prefix + nationally(probe.scope.plan, number)
        found = meaning(probe.scope, keys)
        if found and found.to == Ref("external", number):
            yield keys, found.to


def routed(probe: Probe, ask: Callable[[Mapping[str, TrunkState]], Visit]) -> dict[str, Any]:
    """The answers of a number outside: where its route begins, and what each trunk of it does in each of its states.

    ``ask`` is what happens when trunks are in some states. A trunk is tried when those before it do not carry the call.
    """
    plain = ask({})
    if not any(step.node.kind == "trunk" for step in plain.steps):
        return {"fixed": probe.answer(plain)}
    all_fail = ask(dict.fromkeys(probe.scope.tenant.trunks, "failed"))
    first, *tried = all_fail.steps
    names = [step.node.id for step in tried]
    tries = []
    for index, name in enumerate(names):
        before: dict[str, TrunkState] = dict.fromkeys(names[:index], "failed")
        told = {}
        for state in get_args(TrunkState):
            step = ask({**before, name: state}).steps[index + 1]
            told[state] = probe.answer(Visit((step,), step.end, ""))
        tries.append((name, told))
    return {"route": {"first": probe.answer(Visit((first,), "", plain.shown)), "tries": tries}}


def _dialled(probe: Probe, number: str, keys: str) -> dict[str, Any]:
    """What becomes of a call that an extension forwards: it is refused, or leaves, or comes to another place."""
    scope = probe.scope
    found = meaning(scope, keys)
    service = scope.tenant.classes_of_service[scope.tenant.extensions[number].class_of_service]
    if found is None or (found.to.kind != "external" and not denial(service, found.category, found.to.id)):
        return {"steps": [], **({"to": str(found.to)} if found else {"end": "refused: no such number"})}
    ref = Ref("extension", number)
    said = {(number, "forward_always"): keys}

    def ask(trunks: Mapping[str, TrunkState]) -> Visit:
        return probe.visit(ref, Situation(at=probe.noon, settings=said, chosen=ref, trunks=trunks), after=2)

    told = routed(probe, ask)
    fixed: dict[str, Any] = told.get("fixed", told)
    return fixed
