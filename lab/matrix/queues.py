"""QUE: a free agent answers, and the overflow takes what nobody answers."""

from __future__ import annotations

from collections.abc import Iterator

from lab.matrix.extensions import callers_of
from lab.matrix.moments import working
from lab.matrix.writing import text
from lab.results import Words
from lab.scenario import Scenario
from pbx.kinds.base import PhoneState
from pbx.model import Ref
from pbx.site import TenantScope


def rows(scope: TenantScope) -> Iterator[Scenario]:
    """Called from inside by the queue's number: each member answers once, nobody answers, nobody is there."""
    for identity, queue in scope.tenant.queues.items():
        caller = next((each for each in callers_of(scope, "") if each not in queue.members), None)
        overflow = queue.overflow.id if queue.overflow.kind == "extension" else ""
        caller = next(
            (each for each in callers_of(scope, overflow) if each not in queue.members and each != overflow), caller
        )
        if queue.number is None or caller is None:
            continue
        for member in queue.members:
            others: dict[str, PhoneState] = {each: "busy" for each in queue.members if each != member}
            words = Words(
                f"Cola {identity}: atiende el interno {member}", f"Queue {identity}: extension {member} answers"
            )
            yield _row(scope, f"queue-{identity}-agent-{member}", "QUE-2", words, caller, queue.number, states=others)
        if queue.max_wait:
            silent: dict[str, PhoneState] = dict.fromkeys(queue.members, "no_answer")
            words = Words(f"Cola {identity}: nadie contesta, desborde", f"Queue {identity}: nobody answers, overflow")
            yield _row(scope, f"queue-{identity}-overflow-timeout", "QUE-4", words, caller, queue.number, states=silent)
        absent: dict[str, PhoneState] = dict.fromkeys(queue.members, "unavailable")
        words = Words(
            f"Cola {identity}: ningún agente registrado, desborde", f"Queue {identity}: no agent registered, overflow"
        )
        yield _row(scope, f"queue-{identity}-overflow-empty", "QUE-4", words, caller, queue.number, states=absent)


def _row(  # noqa: PLR0913 - a row is made of these
    scope: TenantScope,
    row_id: str,
    requirement: str,
    words: Words,
    caller: str,
    number: str,
    *,
    states: dict[str, PhoneState],
) -> Scenario:
    return Scenario(
        text(row_id, requirement, words), scope, Ref("extension", caller), number, working(scope), states=states
    )
