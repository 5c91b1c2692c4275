"""A queue: callers wait, agents answer in the order of a policy."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, Field

from pbx.asterisk import names, wrandom
from pbx.asterisk.text import Verbatim
from pbx.diagnostics import Diagnostic
from pbx.kinds.base import Dialled, Exit, Kind, PhoneState, Ring, Scope, Situation, Step, no_sounds
from pbx.model import (
    HANGUP,
    Destination,
    ExtensionNumber,
    Model,
    Ref,
    Seconds,
    Truth,
    expect_text,
    refuse,
    whole_number,
    written,
)

AgentState = PhoneState | Literal["paused"]
Policy = Literal["circular", "regular", "simultaneous", "uniform", "weighted"]

STRATEGY: Final = {
    # rrordered keeps the order of the file, rrmemory does not (app_queue.c).
    "circular": "rrordered",
    "regular": "linear",
    "simultaneous": "ringall",
    "uniform": "leastrecent",
    "weighted": "wrandom",
}
DRIFT: Final = 5
"""Percentage points by which a share may differ from the wanted one before it is told."""
ANNOUNCEMENT: Final = 10
"""About how many seconds a caller listens to the position before the first agent rings."""
_NUMBER: Final = re.compile(r"[0-9]{2,6}")


def _policy(given: object) -> str:
    value = expect_text(given, "a queue policy")
    if value not in STRATEGY:
        raise refuse("PBX103", f"{value!r} is not a queue policy", f"one of {', '.join(STRATEGY)}")
    return value


def _listed(given: object) -> object:
    """The members of a mapping of percentages, whose own mistakes are told where it is read as such."""
    return sorted(each for each in given if _NUMBER.fullmatch(each)) if isinstance(given, dict) else given


_LIST: Final = {
    "type": "array",
    "items": {"anyOf": [{"type": "string", "pattern": f"^{_NUMBER.pattern}$"}, {"type": "integer"}]},
    "description": "the extensions who answer, in order",
}


@written({"also": _LIST})
def _weighed(given: object) -> object:
    return given if isinstance(given, dict) else {}


class Queue(Model):
    """Who answers, in which order, and what happens when nobody does."""

    number: ExtensionNumber | None = None
    """Where the tenant's own phones reach it."""
    policy: Annotated[Policy, BeforeValidator(_policy)]
    members: Annotated[list[ExtensionNumber], BeforeValidator(_listed)]
    """In the order written; those of a weighted queue sorted, since they are the keys of a mapping."""
    weights: Annotated[
        dict[ExtensionNumber, Annotated[int, whole_number(1, 100)]],
        BeforeValidator(_weighed),
        Field(alias="members", default_factory=dict),
    ]
    """Who answers: a list of extensions; of a weighted queue the percentage of calls that each of them is to get."""
    rings: Annotated[int, whole_number(1, 30)] = 4
    """Ring cycles before the next agent is tried."""
    retry: Seconds = 2
    """Pause between two attempts."""
    wrap_up: Seconds | None = None
    max_wait: Seconds | None = None
    max_callers: Annotated[int, whole_number(1, 1000)] | None = None
    overflow: Destination = HANGUP
    music: Literal["default"] = "default"
    announce_position: Seconds | None = None
    """How often a caller hears the position."""
    record: Truth = False
    """Whether the conversations with agents are recorded."""


def numbers(identity: str, queue: Queue) -> tuple[Dialled, ...]:
    """The queue's number, if it has one."""
    return (Dialled(queue.number, ("queues", identity, "number"), identity),) if queue.number else ()


def exits(identity: str, queue: Queue, _scope: Scope) -> tuple[Exit, ...]:
    """Full, too long, or nobody there: all three overflow."""
    path = ("queues", identity, "overflow")
    when = ["empty", *(["full"] if queue.max_callers else []), *(["timeout"] if queue.max_wait else [])]
    return tuple(Exit(each, queue.overflow, "system", path) for each in when)


def ring_time(queue: Queue, scope: Scope) -> int:
    """How long one agent rings, in seconds."""
    return queue.rings * scope.ring_seconds


def steps(identity: str, queue: Queue, scope: Scope, situation: Situation) -> tuple[Step, ...]:
    """The first member in file order who answers takes the call."""
    node, path = Ref("queue", identity), ("queues", identity)
    states = {member: _state(member, situation) for member in queue.members}
    if all(state in _AWAY for state in states.values()):
        because = (
            "no agent is registered" if "paused" not in states.values() else "every agent is paused or not registered"
        )
        return (Step(node, "empty", because, (*path, "overflow"), to=queue.overflow),)
    if queue.max_callers and node in situation.full:
        because = f"{queue.max_callers} callers wait already"
        return (Step(node, "full", because, (*path, "max_callers"), to=queue.overflow),)
    rings = _rings(queue, states, scope)
    agent = next((ring.extension for ring in rings if states[ring.extension] == "answer"), None)
    if agent:
        person = Ref("extension", agent)
        share = f", as for {percent(achieved(queue)[agent])} of the calls" if queue.weights else ""
        because = f"{scope.label(person)} answers{share}"
        return (Step(node, "answered", because, (*path, "members"), end=f"answered by {person}", rings=rings),)
    if queue.max_wait:
        because = f"no agent answers for {queue.max_wait} s"
        return (Step(node, "timeout", because, (*path, "max_wait"), to=queue.overflow, rings=rings),)
    because = "no agent answers and there is no max_wait"
    return (Step(node, "waiting", because, path, end="waits until hanging up", rings=rings),)


_AWAY: Final = ("unavailable", "paused")
"""Agents whom a queue does not wait for (``joinempty`` of ``queues.conf``)."""


def _state(member: str, situation: Situation) -> AgentState:
    """What an agent's phone does; who calls the queue himself is in a call and does not ring (``ringinuse=no``)."""
    state = situation.state(member)
    if state == "unavailable":
        return state
    if "on" in {situation.setting(member, "do_not_disturb"), situation.setting(member, "queue_pause")}:
        return "paused"
    return "busy" if member == situation.caller else state


def _rings(queue: Queue, states: Mapping[str, AgentState], scope: Scope) -> tuple[Ring, ...]:
    """The first round, as after a start: all at once, or one after the other until somebody answers or time is up."""
    seconds = queue.rings * scope.ring_seconds
    ringing = [member for member, state in states.items() if state in {"answer", "no_answer"}]
    if queue.policy == "simultaneous":
        return tuple(Ring(member, seconds) for member in ringing)
    answers = next((index for index, member in enumerate(ringing) if states[member] == "answer"), len(ringing) - 1)
    found = (
        Ring(member, seconds, index * (seconds + queue.retry)) for index, member in enumerate(ringing[: answers + 1])
    )
    return tuple(ring for ring in found if not queue.max_wait or ring.after < queue.max_wait)


def achieved(queue: Queue, absent: str = "") -> dict[str, Fraction]:
    """The share of calls that each member of a weighted queue gets while all others, or all but one, are free."""
    given = dict(zip(queue.members, _penalties(queue), strict=True))
    present = [member for member in queue.members if member != absent]
    return dict(zip(present, wrandom.shares([given[member] for member in present]), strict=True))


def percent(share: Fraction) -> str:
    """A share for people: ``66.7 %``."""
    return f"{float(share * 100):.1f} %"


def _penalties(queue: Queue) -> tuple[int, ...]:
    if not queue.weights:
        return (0,) * len(queue.members)
    return wrandom.penalties([queue.weights[member] for member in queue.members])


def check(identity: str, queue: Queue, scope: Scope) -> Iterator[Diagnostic]:
    """Members exist, once each; somebody is there at all; the policy has what it needs; waiting makes sense."""
    path = ("queues", identity)
    if not queue.members:
        yield Diagnostic(
            "PBX405",
            scope.file,
            (*path, "members"),
            f"queue {identity} has no members",
            help="name its agents: members: [...]",
            consequence="every caller would go straight to the overflow",
        )
    yield from _check_members(identity, queue, scope)
    yield from _check_weights(identity, queue, scope)
    spoken = ANNOUNCEMENT if queue.announce_position else 0
    if queue.max_wait and queue.max_wait < ring_time(queue, scope) + spoken:
        yield Diagnostic(
            "PBX433",
            scope.file,
            (*path, "max_wait"),
            f"max_wait {queue.max_wait}s is shorter than the {ring_time(queue, scope)} s that one agent rings"
            + (f" after the announcement of the position, about {spoken} s" if spoken else ""),
            help=f"make it longer, or lower rings: {queue.rings} rings of {scope.ring_seconds} s",
            consequence="a caller whom the first agent does not answer would never get to a second one",
        )


def _check_members(identity: str, queue: Queue, scope: Scope) -> Iterator[Diagnostic]:
    path = ("queues", identity, "members")
    for index, member in enumerate(queue.members):
        if member not in scope.extension_numbers():
            yield Diagnostic(
                "PBX301",
                scope.file,
                (*path, member if queue.weights else index),
                f"there is no extension:{member}",
                help="name an extension of this tenant",
                consequence="this agent would never ring",
                at_key=bool(queue.weights),
            )
        elif member in queue.members[:index]:
            yield Diagnostic(
                "PBX406",
                scope.file,
                (*path, index),
                f"extension {member} is a member of queue {identity} twice",
                help="delete one of the two",
            )


def _check_weights(identity: str, queue: Queue, scope: Scope) -> Iterator[Diagnostic]:
    """Percentages belong to the policy weighted and to no other, and are shares of all calls."""
    path = ("queues", identity, "members")
    if queue.members and (queue.policy == "weighted") != bool(queue.weights):
        if queue.weights:
            message = f"the policy {queue.policy} takes a list of members, not percentages"
            help_text = f"write members: [{', '.join(queue.members)}], or policy: weighted"
        else:
            message = "the policy weighted needs the percentage of calls for each member"
            equal = ", ".join(f'"{member}": {share}' for member, share in _evenly(queue.members))
            help_text = f"for example members: {{{equal}}}, or choose another policy"
        yield Diagnostic("PBX431", scope.file, path, message, help=help_text)
    elif queue.weights and (total := sum(queue.weights.values())) != 100:  # noqa: PLR2004 - per cent
        yield Diagnostic(
            "PBX432",
            scope.file,
            path,
            f"the percentages of queue {identity} add up to {total}, not to 100",
            help="say for each member how many of 100 calls are its own",
        )
    elif queue.weights:
        yield from _check_drift(identity, queue, scope)


def _evenly(members: Sequence[str]) -> Iterator[tuple[str, int]]:
    """100 per cent in whole numbers, as even as they can be."""
    each, more = divmod(100, len(members))
    yield from ((member, each + (index < more)) for index, member in enumerate(members))


def _check_drift(identity: str, queue: Queue, scope: Scope) -> Iterator[Diagnostic]:
    """Asterisk spreads an absent member's calls in its own way: told where that is far from the wanted ratio."""
    worst = (Fraction(DRIFT, 100), "", "", Fraction(0))
    for absent in ("", *queue.members):
        left = sum(weight for member, weight in queue.weights.items() if member != absent)
        for member, share in achieved(queue, absent).items():
            wanted = Fraction(queue.weights[member], left)
            if abs(share - wanted) > worst[0]:
                worst = (abs(share - wanted), absent, member, wanted)
    _, absent, member, wanted = worst
    if member:
        gets = percent(achieved(queue, absent)[member])
        while_ = f"while {absent} is away" if absent else "while all are there"
        yield Diagnostic(
            "PBX430",
            scope.file,
            ("queues", identity, "members", absent or member),
            f"{while_}, {member} gets {gets} of the calls of queue {identity}, and its share of the rest is "
            f"{percent(wanted)}",
            help="Asterisk comes no nearer: choose shares that differ less, or ignore PBX430 with a reason",
            at_key=True,
        )


@dataclass(frozen=True, slots=True)
class MemberView:
    """An agent as ``queues.conf`` has it."""

    number: str
    endpoint: str
    penalty: int
    name: str


@dataclass(frozen=True, slots=True)
class QueueView:
    """What the templates read."""

    node: Verbatim
    name: str
    queue: str
    number: str | None
    place: Verbatim
    strategy: str
    fair: bool
    """Whether who has rung in vain comes after the others."""
    members: tuple[MemberView, ...]
    agents: tuple[Verbatim, ...]
    """The members, joined by ``&``, in parts that are no longer than an argument may be."""
    shares: tuple[Verbatim, ...]
    """Comments: who gets how many calls of a weighted queue, with everybody there and with each member away."""
    ring: int
    retry: int
    wrap_up: int
    max_wait: str
    max_callers: int
    overflow: Verbatim
    music: str
    announce_position: int
    record: bool
    timezone: str


_TOGETHER: Final = 100
"""Members in one argument."""


def _shares(queue: Queue) -> Iterator[Verbatim]:
    for absent in ("", *queue.members):
        told = ", ".join(f"{member} gets {percent(share)}" for member, share in achieved(queue, absent).items())
        if told:
            yield Verbatim(f"while {absent} is away: {told}" if absent else f"{told} of the calls")


def view(identity: str, queue: Queue, scope: Scope) -> QueueView:
    """The queue as Asterisk sees it."""
    return QueueView(
        node=Verbatim(Ref("queue", identity)),
        name=identity,
        queue=names.queue(scope.slug, identity),
        number=queue.number,
        place=Verbatim(names.place(scope.slug, Ref("queue", identity))),
        strategy=STRATEGY[queue.policy],
        fair=queue.policy == "uniform",
        members=tuple(
            MemberView(number, names.endpoint(scope.slug, number), penalty, f"extension:{number}")
            for number, penalty in zip(queue.members, _penalties(queue), strict=True)
        ),
        agents=tuple(
            Verbatim("&".join(queue.members[begin : begin + _TOGETHER]))
            for begin in range(0, len(queue.members), _TOGETHER)
        ),
        shares=tuple(_shares(queue)) if queue.weights else (),
        ring=ring_time(queue, scope),
        retry=queue.retry,
        wrap_up=queue.wrap_up or 0,
        max_wait=str(queue.max_wait or ""),
        max_callers=queue.max_callers or 0,
        overflow=Verbatim(names.place(scope.slug, queue.overflow)),
        music=names.music(scope.slug, queue.music),
        announce_position=queue.announce_position or 0,
        record=queue.record,
        timezone=scope.timezone.key,
    )


KIND: Final = Kind(
    name="queue",
    section="queues",
    exits=exits,
    steps=steps,
    check=check,
    sounds=no_sounds,
    numbers=numbers,
    view=view,
)
