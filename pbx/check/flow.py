"""The call flow leads somewhere: no endless loop, no place that nobody reaches, nobody who reaches no one."""

from __future__ import annotations

from collections.abc import Iterator

from pbx.check import chains, emergency, hours, loops, menus, reach
from pbx.check.walks import Spot, Walks
from pbx.diagnostics import Diagnostic, Related
from pbx.flow import CallFlow
from pbx.model import Ref
from pbx.site import TenantScope


def check(scope: TenantScope, flow: CallFlow) -> Iterator[Diagnostic]:
    """Everything that can be told of the ways of calls, for every minute of the tenant's calendar."""
    walks = Walks(scope, flow)
    endless = list(loops.check(walks))
    yield from endless
    yield from reach.check(walks)
    # What goes round for ever goes through closed schedules and long chains as well.
    if not endless:
        yield from hours.check(walks)
        yield from menus.check(walks)
        yield from chains.check(walks)
    yield from emergency.check(walks)
    yield from _open_conferences(walks)
    yield from _internal_agents(walks)


def _open_conferences(walks: Walks) -> Iterator[Diagnostic]:
    scope = walks.scope
    for identity, conference in scope.tenant.conferences.items():
        if conference.pin is None and Spot(Ref("conference", identity)) in walks.outside:
            yield Diagnostic(
                "PBX412",
                scope.file,
                ("conferences", identity),
                f"conference {identity} can be entered from outside without a PIN",
                help='add pin: "…" to it, or let no public number lead there',
                consequence="a stranger could listen to what is said in the room",
                at_key=True,
            )


def _internal_agents(walks: Walks) -> Iterator[Diagnostic]:
    """A queue rings its members whoever calls: to name one is the tenant's word, but perhaps not what was meant."""
    scope = walks.scope
    for identity, queue in sorted(scope.tenant.queues.items()):
        if not walks.at(Ref("queue", identity)):
            continue
        for index, member in enumerate(queue.members):
            if scope.tenant.extensions[member].receive == "internal":
                yield Diagnostic(
                    "PBX434",
                    scope.file,
                    ("queues", identity, "members", member if queue.weights else index),
                    f"extension {member} receives internal calls only, and queue {identity} is called from outside",
                    help="take it out of the queue, or let it receive all",
                    consequence=f"callers from outside would ring extension {member} by way of the queue",
                    at_key=bool(queue.weights),
                    related=(Related(scope.file, ("extensions", member), "the extension is here"),),
                )
