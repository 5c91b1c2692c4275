"""A ring group: several extensions ring for one call, at once or one after the other, and nobody waits in a line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from pbx.asterisk import names
from pbx.asterisk.text import Verbatim
from pbx.diagnostics import Diagnostic
from pbx.kinds.base import Dialled, Exit, Kind, PhoneState, Ring, Scope, Situation, Step, no_sounds
from pbx.kinds.members import check_members
from pbx.model import HANGUP, Destination, ExtensionNumber, Model, Ref, Seconds

OUTCOMES: Final = ("no_answer", "busy", "unavailable")
"""Why nobody took the call, the strongest first: one phone that rang outweighs all that are busy."""


class RingGroup(Model):
    """Who rings, in which order, for how long, and what happens when nobody answers.

    The members' own forwards do not apply, and a phone cannot redirect the call; do-not-disturb and call waiting do.
    Who calls a group that he belongs to does not ring himself. A member who receives internal calls only does not ring
    for a call from a trunk, unless the caller chose this group by a menu key.
    """

    number: ExtensionNumber | None = None
    """Where the tenant's own phones reach it."""
    members: list[ExtensionNumber]
    strategy: Literal["all", "ordered"] = "all"
    """``all``: all ring at once. ``ordered``: one after the other, as they are listed."""
    ring: Seconds = 20
    """How long the phones ring; with ``ordered``, each."""
    fallback: Destination = HANGUP
    """Where the call goes that nobody takes."""


def numbers(identity: str, group: RingGroup) -> tuple[Dialled, ...]:
    """The group's number, if it has one."""
    return (Dialled(group.number, ("ring_groups", identity, "number"), identity),) if group.number else ()


def exits(identity: str, group: RingGroup, _scope: Scope) -> tuple[Exit, ...]:
    """Nobody answered, all were busy, nobody was there: three causes, one fallback."""
    return tuple(Exit(when, group.fallback, "system", ("ring_groups", identity, "fallback")) for when in OUTCOMES)


def steps(identity: str, group: RingGroup, scope: Scope, situation: Situation) -> tuple[Step, ...]:
    """The first member in file order who answers takes the call."""
    node, path = Ref("ring_group", identity), ("ring_groups", identity)
    asked = [member for member in group.members if _may_ring(node, member, scope, situation)]
    states: list[PhoneState] = [situation.state(member) for member in asked]
    if "answer" in states:
        person = Ref("extension", asked[states.index("answer")])
        because = f"{scope.label(person)} answers"
        rings = _rings(group, asked, states)
        return (Step(node, "answered", because, (*path, "members"), end=f"answered by {person}", rings=rings),)
    outcome = next((each for each in OUTCOMES if each in states), "unavailable")
    because = {
        "no_answer": f"nobody answers for {group.ring} s{' each' if group.strategy == 'ordered' else ''}",
        "busy": "whoever is there is busy",
        "unavailable": "no member can be reached",
    }[outcome]
    rings = _rings(group, asked, states)
    return (Step(node, outcome, because, (*path, "fallback"), to=group.fallback, rings=rings),)


def _rings(group: RingGroup, asked: Sequence[str], states: Sequence[PhoneState]) -> tuple[Ring, ...]:
    """All at once, or one after the other until somebody answers."""
    ringing = [(member, state) for member, state in zip(asked, states, strict=True) if state in {"answer", "no_answer"}]
    if group.strategy == "all":
        return tuple(Ring(member, group.ring) for member, _ in ringing)
    answers = next((index for index, (_, state) in enumerate(ringing) if state == "answer"), len(ringing) - 1)
    tried = enumerate(ringing[: answers + 1])
    return tuple(Ring(member, group.ring, index * group.ring) for index, (member, _) in tried)


def _may_ring(node: Ref, member: str, scope: Scope, situation: Situation) -> bool:
    person = scope.person(member)
    barred = person is None or (person.internal_only and situation.from_trunk and situation.chosen != node)
    return not barred and member != situation.caller


def check(identity: str, group: RingGroup, scope: Scope) -> Iterator[Diagnostic]:
    """Members exist, once each; somebody is there at all."""
    yield from check_members(scope, ("ring_groups", identity), f"ring group {identity}", group.members)


@dataclass(frozen=True, slots=True)
class MemberView:
    """One member."""

    number: str
    call_waiting: str
    internal_only: str


@dataclass(frozen=True, slots=True)
class RingGroupView:
    """What the template reads."""

    node: Verbatim
    name: str
    members: tuple[MemberView, ...]
    ordered: bool
    ring: int
    fallback: Verbatim


def view(identity: str, group: RingGroup, scope: Scope) -> RingGroupView:
    """The group as dialplan sees it."""
    people = [person for person in map(scope.person, group.members) if person]
    return RingGroupView(
        node=Verbatim(Ref("ring_group", identity)),
        name=identity,
        members=tuple(
            MemberView(
                number=each.number,
                call_waiting="on" if each.call_waiting else "off",
                internal_only="yes" if each.internal_only else "no",
            )
            for each in people
        ),
        ordered=group.strategy == "ordered",
        ring=group.ring,
        fallback=Verbatim(names.place(scope.slug, group.fallback)),
    )


KIND: Final = Kind(
    name="ring_group",
    section="ring_groups",
    exits=exits,
    steps=steps,
    check=check,
    sounds=no_sounds,
    numbers=numbers,
    view=view,
)
