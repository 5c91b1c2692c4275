"""A queue: callers wait, agents answer in the order of a policy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import BeforeValidator

from pbx.asterisk import names
from pbx.asterisk.text import Verbatim
from pbx.diagnostics import Diagnostic
from pbx.kinds.base import Dialled, Exit, Kind, Scope, Situation, Step, no_sounds
from pbx.model import HANGUP, Destination, ExtensionNumber, Model, Ref, Seconds, expect_text, refuse, whole_number

Policy = Literal["circular", "regular", "simultaneous", "uniform"]

STRATEGY: Final = {
    # rrordered keeps the order of the file, rrmemory does not (app_queue.c).
    "circular": "rrordered",
    "regular": "linear",
    "simultaneous": "ringall",
    "uniform": "leastrecent",
}


def _policy(given: object) -> str:
    value = expect_text(given, "a queue policy")
    if value == "weighted":
        raise refuse("PBX109", "the policy weighted is not compiled yet", "use uniform for now")
    if value not in STRATEGY:
        raise refuse("PBX103", f"{value!r} is not a queue policy", f"one of {', '.join(STRATEGY)}, weighted")
    return value


class Queue(Model):
    """Who answers, in which order, and what happens when nobody does."""

    number: ExtensionNumber | None = None
    """Where the tenant's own phones reach it."""
    policy: Annotated[Policy, BeforeValidator(_policy)]
    members: list[ExtensionNumber]
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


def numbers(identity: str, queue: Queue) -> tuple[Dialled, ...]:
    """The queue's number, if it has one."""
    return (Dialled(queue.number, ("queues", identity, "number"), identity),) if queue.number else ()


def exits(identity: str, queue: Queue, _scope: Scope) -> tuple[Exit, ...]:
    """Full, too long, or nobody there: all three overflow."""
    path = ("queues", identity, "overflow")
    when = ["empty", *(["full"] if queue.max_callers else []), *(["timeout"] if queue.max_wait else [])]
    return tuple(Exit(each, queue.overflow, "system", path) for each in when)


def steps(identity: str, queue: Queue, scope: Scope, situation: Situation) -> tuple[Step, ...]:
    """The first member in file order who answers takes the call."""
    node, path = Ref("queue", identity), ("queues", identity)
    states = {member: situation.state(member) for member in queue.members}
    agent = next((member for member, state in states.items() if state == "answer"), None)
    if agent:
        person = Ref("extension", agent)
        because = f"{scope.label(person)} answers"
        return (Step(node, "answered", because, (*path, "members"), end=f"answered by {person}"),)
    if all(state == "unavailable" for state in states.values()):
        return (Step(node, "empty", "no agent is registered", (*path, "overflow"), to=queue.overflow),)
    if queue.max_wait:
        because = f"no agent answers for {queue.max_wait} s"
        return (Step(node, "timeout", because, (*path, "max_wait"), to=queue.overflow),)
    return (Step(node, "waiting", "no agent answers and there is no max_wait", path, end="waits until hanging up"),)


def check(identity: str, queue: Queue, scope: Scope) -> Iterator[Diagnostic]:
    """Members exist, once each; somebody is there at all."""
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
    for index, member in enumerate(queue.members):
        if member not in scope.extension_numbers():
            yield Diagnostic(
                "PBX301",
                scope.file,
                (*path, "members", index),
                f"there is no extension:{member}",
                help="name an extension of this tenant",
                consequence="this agent would never ring",
            )
        elif member in queue.members[:index]:
            yield Diagnostic(
                "PBX406",
                scope.file,
                (*path, "members", index),
                f"extension {member} is a member of queue {identity} twice",
                help="delete one of the two",
            )


@dataclass(frozen=True, slots=True)
class QueueView:
    """What the templates read."""

    node: Verbatim
    name: str
    queue: str
    number: str | None
    place: Verbatim
    strategy: str
    members: tuple[tuple[str, str], ...]
    """Endpoint and the agent's name."""
    ring: int
    retry: int
    wrap_up: int
    max_wait: str
    max_callers: int
    overflow: Verbatim
    music: str
    announce_position: int


def view(identity: str, queue: Queue, scope: Scope) -> QueueView:
    """The queue as Asterisk sees it."""
    return QueueView(
        node=Verbatim(Ref("queue", identity)),
        name=identity,
        queue=names.queue(scope.slug, identity),
        number=queue.number,
        place=Verbatim(names.place(scope.slug, Ref("queue", identity))),
        strategy=STRATEGY[queue.policy],
        members=tuple((names.endpoint(scope.slug, each), f"extension:{each}") for each in queue.members),
        ring=queue.rings * scope.ring_seconds,
        retry=queue.retry,
        wrap_up=queue.wrap_up or 0,
        max_wait=str(queue.max_wait or ""),
        max_callers=queue.max_callers or 0,
        overflow=Verbatim(names.place(scope.slug, queue.overflow)),
        music=queue.music,
        announce_position=queue.announce_position or 0,
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
