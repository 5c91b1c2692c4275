"""The one place that finds a call which shows a problem, and spells it as a ``pbx trace`` command."""

from __future__ import annotations

import shlex
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pbx.check.minutes import Set
from pbx.check.walks import Spot, Walks
from pbx.diagnostics import WITNESS_SITE
from pbx.dialing import given_numbers
from pbx.kinds.base import Exit
from pbx.kinds.directory import KEYS, LETTERS, words
from pbx.model import Ref
from pbx.site import TenantScope

_MOST: Final = 5000
"""Calls that are tried in a search before it is given up: a problem is told without a witness rather than late."""
_CALENDAR: Final = "calendar"
"""What is assumed of a schedule through which the call goes as the calendar has it."""

_World = Mapping[str, str]
"""What is assumed: by extension number what its phones do, by ``schedule:id`` how it is decided."""


@dataclass(frozen=True, slots=True)
class _Call:
    """A call under way."""

    spot: Spot
    presses: tuple[str, ...] = ()
    world: tuple[tuple[str, str], ...] = ()
    caller: str = ""
    """Empty for a call from outside."""


def witness(
    walks: Walks, at: Ref, then: Sequence[Exit] = (), *, minutes: Set | None = None, forced: bool = False
) -> str:
    """A ``pbx trace`` command whose call comes to ``at`` and takes the exits ``then``; empty when none was found.

    ``minutes`` are those at which it may be made. Calls from outside are preferred, then short ones. ``forced`` allows
    to force schedules by their codes.
    """
    found = find_call(walks, at, then, minutes=minutes, forced=forced)
    return _spelled(walks, found) if found else ""


@dataclass(frozen=True, slots=True)
class Found:
    """A call that can be made."""

    did: str
    """The DID that is called from outside, or ..."""
    caller: str
    number: str
    """... the extension that calls, and the number it dials."""
    at: datetime
    presses: tuple[str, ...]
    states: Mapping[str, str]
    """What phones do, by extension."""
    overrides: Mapping[str, str]
    """Schedules that are forced, and how."""


def find_call(
    walks: Walks, at: Ref, then: Sequence[Exit] = (), *, minutes: Set | None = None, forced: bool = False
) -> Found | None:
    """The call of :func:`witness` in its parts."""
    every = walks.minutes.every if minutes is None else minutes
    starts = list(_starts(walks, at))
    for one, when in walks.minutes.samples_of(every):
        search = _Search(walks, one, forced)
        for (did, caller, number), first in starts:
            call = search.find(first, at, then)
            if call:
                world = dict(call.world)
                kinds = {who: who.rpartition(":")[0] == "schedule" for who in world}
                states = {who.rpartition(":")[2]: what for who, what in world.items() if not kinds[who]}
                forces = {who.rpartition(":")[2]: what for who, what in world.items() if kinds[who]}
                overrides = {who: what for who, what in forces.items() if what != _CALENDAR}
                return Found(did, caller, number, when, call.presses, states, overrides)
    return None


def dialled(walks: Walks, number: str) -> str:
    """The command for a call from one of the tenant's phones to a number as it is dialled."""
    caller = _caller(walks, number)
    words_ = (walks.scope.slug, "--from", caller, "--to", number)
    return f"pbx trace {WITNESS_SITE} {shlex.join(words_)}" if caller else ""


def _starts(walks: Walks, at: Ref) -> Iterator[tuple[tuple[str, str, str], _Call]]:
    reached = {spot.ref for spot in walks.outside}
    if at in reached:
        for did in walks.dids:
            yield (did.id, "", ""), _Call(Spot(did))
    # The number of the place itself is the shortest way.
    for ref, given in sorted(given_numbers(walks.scope), key=lambda each: each[0] != at):
        caller = _caller(walks, given.number)
        if caller:
            yield ("", caller, given.number), _Call(Spot(ref), caller=caller)


def _caller(walks: Walks, number: str) -> str:
    """A phone that may dial inside, and is not dialled itself where there is another one."""
    tenant = walks.scope.tenant
    able = [
        each
        for each, extension in sorted(tenant.extensions.items())
        if "internal" in tenant.classes_of_service[extension.class_of_service].allow
    ]
    return next((each for each in able if each != number), next(iter(able), ""))


def _spelled(walks: Walks, found: Found) -> str:
    begins = ("--did", found.did) if found.did else ("--from", found.caller, "--to", found.number)
    arguments = [walks.scope.slug, *begins]
    if walks.scope.tenant.schedules:
        arguments += ["--at", f"{found.at:%Y-%m-%dT%H:%M}"]
    for press in found.presses:
        arguments += ["--press", press]
    for number, what in sorted(found.states.items()):
        arguments += ["--state", f"{number}={what}"]
    for identity, what in sorted(found.overrides.items()):
        arguments += ["--override", f"{identity}={what}"]
    return f"pbx trace {WITNESS_SITE} {shlex.join(arguments)}"


@dataclass(frozen=True, slots=True)
class _Search:
    """The shortest call at a sort of minutes; phones and schedules keep to what was assumed of them once."""

    walks: Walks
    minute: Set
    forced: bool

    def find(self, first: _Call, at: Ref, then: Sequence[Exit]) -> _Call | None:
        pending = deque([first])
        seen = {(first.spot, first.world)}
        while pending and len(seen) < _MOST:
            call = pending.popleft()
            if call.spot.ref == at:
                done = self._through(call, then)
                if done:
                    return done
            for following in self._onward(call):
                if (following.spot, following.world) not in seen:
                    seen.add((following.spot, following.world))
                    pending.append(following)
        return None

    def _through(self, call: _Call, then: Sequence[Exit]) -> _Call | None:
        for way in then:
            following = next((each for taken, each in self._ways(call) if taken == way), None)
            if following is None:
                return None
            call = following
        return call

    def _onward(self, call: _Call) -> Iterator[_Call]:
        yield from (following for _, following in self._ways(call))

    def _ways(self, call: _Call) -> Iterator[tuple[Exit, _Call]]:
        for way, to, when in self._possible(call):
            assumed = self._assumed(call, way, when)
            world = _joined(call.world, assumed) if assumed is not None else None
            if world is not None:
                yield way, _Call(to, (*call.presses, *self._presses(call.spot.ref, way)), world, call.caller)

    def _possible(self, call: _Call) -> Iterator[tuple[Exit, Spot, Set]]:
        spot, walks = call.spot, self.walks
        yield from walks.ways(spot, outside=not call.caller)
        if self.forced and spot.ref.kind == "schedule":
            # What the calendar never does somebody may force.
            for way in walks.flow.nodes[spot.ref].exits:
                if not walks.minutes.when(spot.ref.id, way.when):
                    yield way, Spot(way.to), 0

    def _assumed(self, call: _Call, way: Exit, when: Set) -> dict[str, str] | None:
        """What has to be so for this exit to be taken; None when it cannot be."""
        ref = call.spot.ref
        if ref.kind == "schedule":
            if when & self.minute:
                return {str(ref): _CALENDAR}
            may = self.forced and self.walks.scope.tenant.schedules[ref.id].override and way.when != "holiday"
            return {str(ref): way.when} if may else None
        if ref.kind == "extension" and way.when != "always":
            return {ref.id: way.when}
        if ref.kind in {"queue", "ring_group"}:
            return self._of_group(call, way)
        return {}

    def _of_group(self, call: _Call, way: Exit) -> dict[str, str] | None:
        members = self.walks.members(call.spot.ref)
        if call.spot.ref.kind == "ring_group":
            internal = self.walks.scope.tenant.extensions
            barred = not call.caller and not call.spot.chosen
            ringing = [
                each
                for each in members
                if each != call.caller and not (barred and internal[each].receive == "internal")
            ]
            return dict.fromkeys(ringing, way.when) if ringing or way.when == "unavailable" else None
        state = {"empty": "unavailable", "timeout": "no_answer"}.get(way.when)
        # A queue that is full cannot be asked for.
        return dict.fromkeys(members, state) if state and (members or way.when == "empty") else None

    def _presses(self, ref: Ref, way: Exit) -> tuple[str, ...]:
        if ref.kind == "directory":
            return spelled_name(self.walks.scope, way.when)
        if ref.kind != "ivr":
            return ()
        ivr = self.walks.scope.tenant.ivrs[ref.id]
        tries = {"timeout": ivr.timeout.tries, "invalid": ivr.invalid.tries}.get(way.when, 1)
        return (way.when,) * tries


def spelled_name(scope: TenantScope, number: str) -> tuple[str, ...]:
    """What is pressed at the directory to get to who has an extension; ``timeout`` where nobody has it."""
    people = {each: scope.person(each) for each in scope.extension_numbers()}
    wanted = people.get(number)
    if wanted is None or not words(wanted):
        return ("timeout",)
    keys = _keys(words(wanted)[0])[:LETTERS]
    listed = [each for each, who in people.items() if who and any(_keys(word).startswith(keys) for word in words(who))]
    # Fewer letters than it waits for are ended with the hash key.
    return (keys if len(keys) == LETTERS else f"{keys}#", *("*",) * listed.index(number), "1")


def _keys(word: str) -> str:
    return "".join(str(KEYS[letter]) for letter in word.lower())


def _joined(world: tuple[tuple[str, str], ...], more: _World) -> tuple[tuple[str, str], ...] | None:
    """Both assumptions together, or None when they contradict each other."""
    known = dict(world)
    if any(known.setdefault(who, what) != what for who, what in more.items()):
        return None
    return tuple(sorted(known.items()))
