"""Where calls can get to, and at which minutes: the whole call flow at once, not call by call."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

from pbx.check.minutes import Minutes, Set, minutes_of
from pbx.dialing import given_numbers
from pbx.flow import CallFlow
from pbx.kinds.base import Exit
from pbx.model import HANGUP, Ref
from pbx.site import TenantScope

GROUPS: Final = ("queue", "ring_group")


class Spot(NamedTuple):
    """A place, and how a call came there."""

    ref: Ref
    chosen: bool = False
    """By a menu key, or by name in the directory: so ``receive: internal`` is no obstacle."""


Way = tuple[Exit, Spot, Set]
"""An exit, where it leads, and when it can be taken."""


@dataclass(frozen=True)
class Walks:
    """All calls of a tenant. What a user changes from a phone and what a code forces are left out."""

    scope: TenantScope
    flow: CallFlow

    @cached_property
    def minutes(self) -> Minutes:
        """The calendar."""
        return minutes_of(self.scope)

    @cached_property
    def _ways(self) -> dict[Ref, tuple[Way, ...]]:
        return {ref: tuple(self._ways_of(ref)) for ref in self.flow.nodes}

    def _ways_of(self, ref: Ref) -> Iterator[Way]:
        every = self.minutes.every
        always = ref.kind == "extension" and self.scope.tenant.extensions[ref.id].forward.always
        for way in self.flow.nodes[ref].exits:
            if always and way.when != "always":
                continue
            minutes = self.minutes.when(ref.id, way.when) if ref.kind == "schedule" else every
            if minutes:
                yield way, Spot(way.to, chooses(ref, way)), minutes

    @cached_property
    def _internal(self) -> frozenset[str]:
        extensions = self.scope.tenant.extensions
        return frozenset(number for number, each in extensions.items() if each.receive == "internal")

    def ways(self, spot: Spot, *, outside: bool) -> tuple[Way, ...]:
        """The exits that a call can take here, where each leads, and when it can be taken."""
        return () if outside and self.refuses(spot) else self._ways.get(spot.ref, ())

    def refuses(self, spot: Spot) -> bool:
        """Whether an extension takes no call from outside that came here like this."""
        return not spot.chosen and spot.ref.id in self._internal and spot.ref.kind == "extension"

    def spread(
        self, starts: Iterable[Ref], *, outside: bool, until: Callable[[Spot], bool] | None = None
    ) -> dict[Spot, Set]:
        """Every place that calls reach which begin at ``starts`` at any minute, and when; no further than ``until``."""
        found = {Spot(start): self.minutes.every for start in starts}
        pending = list(found)
        while pending:
            spot = pending.pop()
            if until and until(spot):
                break
            here = found[spot]
            for _, to, when in self.ways(spot, outside=outside):
                before = found.get(to, 0)
                after = before | (here & when)
                if after != before:
                    found[to] = after
                    pending.append(to)
        return found

    @cached_property
    def dids(self) -> tuple[Ref, ...]:
        """Where calls from outside begin."""
        return tuple(ref for ref in self.flow.nodes if ref.kind == "did")

    @cached_property
    def outside(self) -> dict[Spot, Set]:
        """When calls from outside are where."""
        return self.spread(self.dids, outside=True)

    @cached_property
    def inside(self) -> dict[Spot, Set]:
        """When calls from the tenant's own phones are where."""
        return self.spread((ref for ref, _ in given_numbers(self.scope)), outside=False)

    def at(self, ref: Ref, *, outside: bool = True) -> Set:
        """When calls are at a place and are not refused there, however they came."""
        calls = self.outside if outside else self.inside
        chosen, led = Spot(ref, chosen=True), Spot(ref)
        return calls.get(chosen, 0) | (0 if outside and self.refuses(led) else calls.get(led, 0))

    def taken(self, ref: Ref, exit_: Exit) -> Set:
        """When an exit can be taken. Who calls from inside, at any hour, counts where nobody outside comes."""
        when = next((when for way, _, when in self.ways(Spot(ref), outside=False) if way == exit_), 0)
        return when and when & (self.at(ref) or self.at(ref, outside=False))

    def members(self, ref: Ref) -> tuple[str, ...]:
        """Who rings at a queue or a ring group."""
        model = self.scope.find(ref)
        return tuple(model.members) if model is not None and ref.kind in GROUPS else ()

    def surely(self, spot: Spot, *, outside: bool = True) -> tuple[Way, ...]:
        """The ways on that a call takes whatever phones and callers do; none where somebody has a say.

        Nothing is played on them except by an announcement.
        """
        ref = spot.ref
        ways = self.ways(spot, outside=outside)
        if ref.kind in {"did", "schedule", "announcement"}:
            return ways
        if ref.kind in GROUPS and not self.members(ref):
            return ways[:1]
        return ways if ref.kind == "extension" and ways[:1] and ways[0][0].when == "always" else ()

    def silent(self, spot: Spot, *, outside: bool = True, trail: tuple[Ref, ...] = ()) -> Set:
        """When a call that gets here ends, for sure, with nobody asked and nothing heard.

        What the rules about groups without members and about refused calls tell is not told here once more.
        """
        ref = spot.ref
        if ref == HANGUP:
            return self.minutes.every
        if ref in trail or ref.kind not in {"did", "schedule", "extension"}:
            return 0
        found = 0
        for _, to, when in self.surely(spot, outside=outside):
            found |= when & self.silent(to, outside=outside, trail=(*trail, ref))
        return found


def chooses(ref: Ref, way: Exit) -> bool:
    """Whether an exit is the caller's explicit choice of where it leads; dialling an extension in a menu is not."""
    if ref.kind == "ivr":
        return way.path[2:3] == ("options",)
    return ref.kind == "directory" and way.by == "caller"
