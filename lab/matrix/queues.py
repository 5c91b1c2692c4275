"""QUE: each agent answers, and the overflow takes what nobody answers, for each of its causes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from lab.matrix.arranging import one_free
from lab.matrix.extensions import callers_of
from lab.matrix.moments import working
from lab.matrix.writing import text
from lab.results import RowText, Words
from lab.scenario import Earlier, Scenario
from pbx.kinds.base import PhoneState
from pbx.kinds.queue import Queue
from pbx.model import Ref
from pbx.site import TenantScope

EACH = 3
"""Agents of a queue who are called one by one; the others are as the last of these."""
FEW = 10
"""As many callers the lab keeps waiting in a queue that is to be full, at the most."""


def rows(scope: TenantScope) -> Iterator[Scenario]:
    """Called from inside by the queue's number: each agent answers, nobody answers, nobody is there, it is full."""
    for identity, queue in scope.tenant.queues.items():
        callers = [each for each in callers_of(scope, "", identity) if each not in _involved(queue)]
        if queue.number is None or not callers:
            continue
        for index, member in enumerate(queue.members):
            others: dict[str, PhoneState] = {each: "busy" for each in queue.members if each != member}
            words = Words(
                f"Cola {identity}: atiende el interno {member}", f"Queue {identity}: extension {member} answers"
            )
            row = _row(scope, text(f"queue-{identity}-agent-{member}", "QUE-2", words), callers[0], queue, others)
            yield replace(row, sort=f"queue {identity} agent {min(index, EACH - 1)}")
        yield from _overflows(scope, identity, queue, callers)


def _involved(queue: Queue) -> set[str]:
    """Who belongs to the queue, or takes what it cannot."""
    return {*queue.members, queue.overflow.id}


def _overflows(scope: TenantScope, identity: str, queue: Queue, callers: list[str]) -> Iterator[Scenario]:
    silent: dict[str, PhoneState] = dict.fromkeys(queue.members, "no_answer")
    absent: dict[str, PhoneState] = dict.fromkeys(queue.members, "unavailable")
    if queue.max_wait:
        words = Words(f"Cola {identity}: nadie contesta, desborde", f"Queue {identity}: nobody answers, overflow")
        yield _row(scope, text(f"queue-{identity}-overflow-timeout", "QUE-4", words), callers[0], queue, silent)
    words = Words(
        f"Cola {identity}: ningún agente registrado, desborde", f"Queue {identity}: no agent registered, overflow"
    )
    yield _row(scope, text(f"queue-{identity}-overflow-empty", "QUE-4", words), callers[0], queue, absent)
    if queue.max_callers and queue.max_callers <= FEW and len(callers) > 1:
        words = Words(
            f"Cola {identity} llena ({queue.max_callers} en espera): desborde",
            f"Queue {identity} is full ({queue.max_callers} waiting): overflow",
        )
        waiting = Earlier(Ref("extension", callers[1]), queue.number or "", told="QueueCallerJoin")
        row = _row(scope, text(f"queue-{identity}-overflow-full", "QUE-4", words), callers[0], queue, silent)
        yield one_free(replace(row, full=frozenset({Ref("queue", identity)}), earlier=(waiting,) * queue.max_callers))


def _row(scope: TenantScope, told: RowText, caller: str, queue: Queue, states: dict[str, PhoneState]) -> Scenario:
    row = Scenario(
        told,
        scope,
        Ref("extension", caller),
        queue.number or "",
        working(scope),
        states=states,
    )
    return one_free(row)
