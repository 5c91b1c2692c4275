"""QUE-1: whom a queue rings, by its policy; and what it records of a conversation."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from typing import Final

from lab.acts.act import Act
from lab.acts.casting import act, colleagues, label, rings
from lab.calls import Lab
from lab.results import Words
from pbx.asterisk import names
from pbx.kinds.queue import Queue, achieved, percent, view
from pbx.site import TenantScope

MOST_AGENTS: Final = 4
"""Agents of a queue whose turns a short act can follow."""
TALK: Final = 0.5
"""Seconds that an agent talks."""
_POLICIES: Final = {
    "circular": ("por turno, después de quien atendió último", "in turn, after the last who was called"),
    "regular": ("siempre desde el primero", "always from the first"),
    "simultaneous": ("todos a la vez", "all at once"),
    "uniform": ("quien hace más tiempo que no atiende", "who has been idle longest"),
    "weighted": ("en proporción a su peso", "by their shares"),
}


def acts(scope: TenantScope) -> Iterator[Act]:
    """Each queue with its policy, and each that records."""
    for name, queue in scope.tenant.queues.items():
        caller = next((each for each in colleagues(scope, name) if each not in queue.members), "")
        agents = tuple(queue.members)
        if queue.number is None or not caller or not all(rings(scope, each) for each in agents):
            continue
        if len(agents) <= MOST_AGENTS:
            yield _policy(scope, name, queue, caller)
        if queue.record:
            yield _recorded(scope, name, queue, caller)


def _policy(scope: TenantScope, name: str, queue: Queue, caller: str) -> Act:
    agents, number, who = tuple(queue.members), str(queue.number), label(scope, caller)
    es, en = _POLICIES[queue.policy]
    calls = {"circular": len(agents) + 1, "uniform": len(agents) + 1, "regular": 2}.get(queue.policy, 1)
    if queue.policy == "simultaneous":
        play = partial(all_at_once, number=number, caller=caller, agents=agents)
    elif queue.policy == "weighted":
        play = partial(by_shares, name=name, number=number, caller=caller, queue=queue)
    else:
        play = partial(
            in_turn,
            number=number,
            caller=caller,
            agents=agents,
            policy=queue.policy,
            calls=calls,
            pause=(queue.wrap_up or 0) + 1.0,
        )
    return act(
        scope,
        f"queue-{name}-policy",
        "QUE-1",
        (f"Cola «{name}»: a quién le suena, {es}", f"Queue “{name}”: who rings, {en}"),
        steps=[(f"{who} llama a {number}: {calls} llamadas.", f"{who} calls {number}: {calls} calls.")],
        expected=[(f"Los agentes {', '.join(agents)} suenan {es}.", f"Agents {', '.join(agents)} ring {en}.")],
        play=play,
        people=[caller, *agents],
        touched=[f"queue:{name}"],
        seconds=10 + calls * ((queue.wrap_up or 0) + 4),
    )


def in_turn(  # noqa: PLR0913 - the parts of the play
    lab: Lab, *, number: str, caller: str, agents: tuple[str, ...], policy: str, calls: int, pause: float
) -> None:
    """Calls one after the other, each taken at once by whoever rings first."""
    for agent in agents:
        lab.phone(agent).will("answer", talk=TALK)
    for index in range(calls):
        call = lab.phone(caller).call(number)
        call.ended("hangup")
        if index < calls - 1:
            lab.pass_time(pause)
    order = lab.ringing_order()
    if policy == "regular":
        lab.rang(*[agents[0]] * calls)
        return
    subject = Words("Turnos de los agentes", "Turns of the agents")
    told = ", ".join(order)
    if policy == "circular":
        follows = all(agents[(agents.index(one) + 1) % len(agents)] == other for one, other in pairwise(order))
        wanted = " → ".join((*agents, agents[0]))
    else:
        follows = all(
            len(set(order[start : start + len(agents)])) == len(agents) for start in range(calls - len(agents) + 1)
        )
        wanted = "nadie dos veces antes que los demás / nobody twice before the others"
    lab.finds(subject, wanted, told, passed=follows and len(order) == calls)


def all_at_once(lab: Lab, *, number: str, caller: str, agents: tuple[str, ...]) -> None:
    """Every agent rings; when one answers the others ring no more."""
    call = lab.phone(caller).call(number)
    legs = [lab.phone(agent).rings() for agent in agents]
    for leg in legs:
        leg.still_rings()
    call.talks_with(legs[-1].answer())
    for leg in legs[:-1]:
        leg.stops()
    call.hang_up()


def by_shares(lab: Lab, *, name: str, number: str, caller: str, queue: Queue) -> None:
    """Shares are a matter of many calls: the PBX must hold the computed penalties, and one agent answers."""
    wanted = view(name, queue, lab.scope)
    shares = ", ".join(f"{agent} {percent(share)}" for agent, share in achieved(queue).items())
    held = lab.pbx.queue(names.queue(lab.scope.slug, name))
    lab.same(
        Words(f"Reparto {shares}", f"Shares {shares}"),
        ", ".join([wanted.strategy, *(f"{each.endpoint} {each.penalty}" for each in wanted.members)]),
        ", ".join([held.strategy, *(f"{member.removeprefix('PJSIP/')} {penalty}" for member, penalty in held.members)]),
    )
    for agent in queue.members:
        lab.phone(agent).will("answer", talk=TALK)
    lab.phone(caller).call(number).ended("hangup")
    lab.finds(
        Words("Atiende un agente", "An agent answers"),
        " / ".join(queue.members),
        ", ".join(lab.ringing_order()),
        passed=bool(lab.rung),
    )


def _recorded(scope: TenantScope, name: str, queue: Queue, caller: str) -> Act:
    who = label(scope, caller)
    return act(
        scope,
        f"queue-{name}-recorded",
        "POC-2",
        (f"Cola «{name}»: la conversación queda grabada", f"Queue “{name}”: the conversation is recorded"),
        steps=[
            (
                f"{who} llama a {queue.number} y habla con un agente.",
                f"{who} calls {queue.number} and talks to an agent.",
            )
        ],
        expected=[("La grabación tiene las dos voces.", "The recording holds both voices.")],
        play=partial(recorded, name=name, number=str(queue.number), caller=caller, agents=tuple(queue.members)),
        people=[caller, *queue.members],
        touched=[f"queue:{name}"],
    )


def recorded(lab: Lab, *, name: str, number: str, caller: str, agents: tuple[str, ...]) -> None:
    """A new file in the tenant's own folder, with both on it."""
    for each in agents:
        lab.phone(each).will("answer")
    before = lab.pbx.recordings(f"*-{name}-*.wav")
    call = lab.phone(caller).call(number).reaches(f"queue:{name}")
    agent = lab.any_of(agents, seconds=60)
    call.talks_with(agent)
    call.hang_up().ended()
    lab.pbx.keeps(sorted(lab.pbx.recordings(f"*-{name}-*.wav") - before), call, agent)
