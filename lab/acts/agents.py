"""QUE-2, QUE-4: agents between two calls, agents in a call, and a queue that all agents leave while somebody waits."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

from lab.acts.act import Act
from lab.acts.casting import act, code, colleagues, label, led_to, own, rings
from lab.calls import Lab
from lab.durations import as_long
from lab.matrix.moments import working
from lab.results import Words
from pbx.asterisk import names
from pbx.kinds.base import Situation
from pbx.kinds.queue import Queue
from pbx.site import TenantScope
from pbx.trace import trace_extension

MOST: Final = 3
"""Agents of a queue with which one act can do what it wants."""
AT_ONCE: Final = 2.0
"""Seconds within which all phones ring that ring at once."""
TALK: Final = 0.5
"""Seconds that an agent talks."""


def acts(scope: TenantScope) -> Iterator[Act]:
    """Three for each queue of a few agents."""
    for name, queue in sorted(scope.tenant.queues.items()):
        agents = tuple(queue.members)
        callers = [each for each in colleagues(scope, f"{name} agents") if each not in agents]
        if queue.number is None or len(callers) < 2 or not 2 <= len(agents) <= MOST:  # noqa: PLR2004
            continue
        if all(rings(scope, agent) for agent in agents):
            if queue.announce_position is None:  # else the next caller is told his position first
                yield _wrap_up(scope, name, queue, callers[0])
            yield _left_alone(scope, name, queue, callers[0])
            # Whom the other policies ring first depends on earlier calls.
            if own(scope, agents[0]).call_waiting and queue.policy in {"simultaneous", "regular"}:
                yield _in_a_call(scope, name, queue, callers)


def _act(  # noqa: PLR0913 - what an act is made of
    scope: TenantScope,
    name: str,
    what: str,
    *,
    requirement: str,
    objective: tuple[str, str],
    told: tuple[str, str],
    play: partial[None],
    people: list[str],
    seconds: float,
) -> Act:
    who = label(scope, people[0])
    number, agents = scope.tenant.queues[name].number, scope.tenant.queues[name].members
    nobody = Situation(at=working(scope), states=dict.fromkeys(agents, "unavailable"))
    overflow = trace_extension(scope, people[0], str(number), nobody)
    return act(
        scope,
        f"queue-{name}-{what}",
        requirement,
        objective,
        steps=[(f"{who} llama a la cola {number}.", f"{who} calls queue {number}.")],
        expected=[told],
        play=play,
        people=people,
        touched=[f"queue:{name}", *led_to(scope, [overflow])],
        seconds=seconds,
    )


def _wrap_up(scope: TenantScope, name: str, queue: Queue, caller: str) -> Act:
    seconds = queue.wrap_up or 0
    return _act(
        scope,
        name,
        "wrap-up",
        requirement="QUE-2",
        objective=(f"Cola «{name}»: pausa tras cada llamada", f"Queue “{name}”: pause after each call"),
        told=(f"El agente suena otra vez a los {seconds:g} s.", f"The agent rings again after {seconds:g} s."),
        play=partial(
            rings_again, number=str(queue.number), caller=caller, agents=tuple(queue.members), seconds=float(seconds)
        ),
        people=[caller, *queue.members],
        seconds=20 + seconds,
    )


def rings_again(lab: Lab, *, number: str, caller: str, agents: tuple[str, ...], seconds: float) -> None:
    """Only one agent is there: he takes a call, and then the next one."""
    agent, *others = agents
    for each in others:
        lab.phone(each).unregister()
    lab.phone(agent).will("answer", talk=TALK)
    lab.phone(caller).call(number).ended("hangup")
    lab.phone(agent).will("ring")
    taken = lab.phone(agent).rings()
    taken.stops()
    call = lab.phone(caller).call(number)
    over = taken.when("Hangup")
    waited = lab.phone(agent).rings(seconds=60).when("Newchannel") - over
    due = max(seconds, call.when("Newchannel") - over)  # the next caller may come later than the pause is long
    subject = Words("Pausa del agente", "Pause of the agent")
    lab.finds(subject, f"{seconds:g} s", f"{waited:.0f} s", passed=as_long(waited, due))
    call.hang_up().ended()
    for each in others:
        lab.phone(each).register()


def _left_alone(scope: TenantScope, name: str, queue: Queue, caller: str) -> Act:
    keys = scope.tenant.feature_codes.queue_pause
    return _act(
        scope,
        name,
        "left-alone",
        requirement="QUE-4",
        objective=(f"Cola «{name}»: todos los agentes se van", f"Queue “{name}”: all agents leave"),
        told=("Quien espera sale de la cola.", "Who waits leaves the queue."),
        play=partial(
            all_leave, name=name, number=str(queue.number), caller=caller, agents=tuple(queue.members), keys=keys
        ),
        people=[caller, *queue.members],
        seconds=30,
    )


def all_leave(lab: Lab, *, name: str, number: str, caller: str, agents: tuple[str, ...], keys: str) -> None:
    """While somebody waits every agent asks for a pause, all at once: who waits does so only for ``max_wait``."""
    call = lab.phone(caller).call(number).reaches(f"queue:{name}")
    lab.any_of(agents)
    call.is_played_music(names.music(lab.scope.slug, "default"))
    asking = [lab.phone(agent).call(keys) for agent in agents]
    call.leaves(f"queue:{name}", "empty", seconds=60)
    for each in asking:
        each.hears("queue_pause").hears("on").ended("hangup", seconds=30)
    call.hang_up().ended()
    for agent in agents:
        code(lab, agent, keys, "queue_pause", "off")


def _in_a_call(scope: TenantScope, name: str, queue: Queue, callers: list[str]) -> Act:
    caller, other = callers[:2]
    return _act(
        scope,
        name,
        "in-a-call",
        requirement="QUE-2",
        objective=(f"Cola «{name}»: un agente habla", f"Queue “{name}”: an agent is in a call"),
        told=("Suena otro agente, y no el que habla.", "Another agent rings, not the one who talks."),
        play=partial(passed_over, number=str(queue.number), caller=caller, other=other, agents=tuple(queue.members)),
        people=[caller, other, *queue.members],
        seconds=25,
    )


def passed_over(lab: Lab, *, number: str, caller: str, other: str, agents: tuple[str, ...]) -> None:
    """Call waiting is for colleagues: a queue leaves who talks alone, until all others have been tried."""
    busy, *free = agents
    lab.phone(busy).will("answer")
    talking = lab.phone(other).call(busy).answered()
    for each in free:
        lab.phone(each).will("ring")
    call = lab.phone(caller).call(number)
    lab.any_of(free)
    lab.pass_time(AT_ONCE)
    subject = Words(f"Llamadas en {busy}", f"Calls at {busy}")
    lab.same(subject, "1", str(lab.ringing_order().count(busy)))
    call.hang_up().ended()
    talking.hang_up().ended()
