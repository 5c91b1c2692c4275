"""The call flow leads somewhere: no endless loop, no place that nobody reaches."""

from __future__ import annotations

from collections.abc import Iterator

from pbx.diagnostics import Diagnostic, Path, Related
from pbx.dialing import given_numbers
from pbx.flow import CallFlow, build
from pbx.kinds.base import Exit
from pbx.model import Ref
from pbx.site import TenantScope


def check(scope: TenantScope) -> Iterator[Diagnostic]:
    """Loops without a key press, unreachable places, open conferences, and agents for calls from inside alone."""
    flow = build(scope)
    yield from _loops(scope, flow)
    yield from _unreachable(scope, flow)
    yield from _open_conferences(scope, flow)
    yield from _internal_agents(scope, flow)


def _loops(scope: TenantScope, flow: CallFlow) -> Iterator[Diagnostic]:
    """Each cycle of automatic exits once, told at the exit that closes it."""
    finished: set[Ref] = set()
    told: set[Path] = set()
    for start in flow.nodes:
        if start not in finished:
            for way, cycle in _cycles_from(flow, start, finished):
                # The exits of a queue are written as one: overflow.
                if way.path not in told:
                    told.add(way.path)
                    yield _endless(scope, way, cycle)


def _cycles_from(flow: CallFlow, start: Ref, finished: set[Ref]) -> Iterator[tuple[Exit, list[Ref]]]:
    """Exits that lead back to where a call has been, each with the way round."""
    trail: list[Ref] = [start]
    pending: list[Iterator[Exit]] = [flow.automatic_edges(start)]
    while pending:
        way = next(pending[-1], None)
        if way is None:
            finished.add(trail.pop())
            pending.pop()
        elif way.to in trail:
            yield way, [*trail[trail.index(way.to) :], way.to]
        elif way.to in flow.nodes and way.to not in finished:
            trail.append(way.to)
            pending.append(flow.automatic_edges(way.to))


def _endless(scope: TenantScope, way: Exit, cycle: list[Ref]) -> Diagnostic:
    return Diagnostic(
        "PBX407",
        scope.file,
        way.path,
        f"calls go round for ever: {' → '.join(map(str, cycle))}",
        help="lead one of these exits somewhere else; a loop is fine only where the caller presses a key",
        consequence="the caller would never reach anybody",
    )


def _unreachable(scope: TenantScope, flow: CallFlow) -> Iterator[Diagnostic]:
    # A number that is taken is told as such, and not again as a place that nobody reaches.
    starts = [*_public_numbers(scope), *(ref for ref, _ in given_numbers(scope))]
    reached = flow.reached(starts)
    for ref, node in flow.nodes.items():
        if ref not in reached and ref.kind != "voicemail":
            yield Diagnostic(
                "PBX408",
                scope.file,
                node.path,
                f"no call ever reaches {ref}",
                help="lead a DID, a key or a number to it, or delete it",
                at_key=True,
            )


def _public_numbers(scope: TenantScope) -> list[Ref]:
    return [Ref("did", number) for number in scope.tenant.dids]


def _open_conferences(scope: TenantScope, flow: CallFlow) -> Iterator[Diagnostic]:
    reached = flow.reached(_public_numbers(scope))
    for identity, conference in scope.tenant.conferences.items():
        if conference.pin is None and Ref("conference", identity) in reached:
            yield Diagnostic(
                "PBX412",
                scope.file,
                ("conferences", identity),
                f"conference {identity} can be entered from outside without a PIN",
                help='add pin: "…" to it, or let no public number lead there',
                consequence="a stranger could listen to what is said in the room",
                at_key=True,
            )


def _internal_agents(scope: TenantScope, flow: CallFlow) -> Iterator[Diagnostic]:
    """A queue rings its members whoever calls: to name one is the tenant's word, but perhaps not what was meant."""
    outside = flow.reached(_public_numbers(scope))
    for identity, queue in sorted(scope.tenant.queues.items()):
        if Ref("queue", identity) not in outside:
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
