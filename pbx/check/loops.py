"""No call goes round for ever."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from pbx.check.minutes import Set
from pbx.check.walks import Walks
from pbx.check.witness import witness
from pbx.diagnostics import Diagnostic, Path
from pbx.kinds.base import Exit
from pbx.model import Ref

_Edges = Callable[[Ref], Iterable[Exit]]


def check(walks: Walks) -> Iterator[Diagnostic]:
    """Each cycle of automatic exits that a call can follow within one minute, told once at the exit that closes it."""
    flow = walks.flow
    if not any(_cycles(flow.nodes, flow.automatic_edges)):
        return
    told: set[Path] = set()
    for minutes in _alike(walks):
        for way, cycle in _cycles(flow.nodes, _automatic_at(walks, minutes)):
            # The exits of a queue are written as one: overflow.
            if way.path not in told:
                told.add(way.path)
                yield _endless(walks, cycle, minutes)


def _alike(walks: Walks) -> Iterator[Set]:
    """All minutes, apart by the state of each schedule that leads to another place at another time."""
    pieces = [walks.minutes.every]
    for identity in walks.minutes.states:
        for state in ("open", "closed", "holiday"):
            when = walks.minutes.when(identity, state)
            pieces = [part for each in pieces for part in (each & when, each & ~when) if part]
    yield from pieces


def _automatic_at(walks: Walks, minutes: Set) -> _Edges:
    """The automatic exits that can be taken at some minutes; a schedule with an override may be forced."""

    def edges(ref: Ref) -> Iterator[Exit]:
        for way in walks.flow.automatic_edges(ref):
            forced = ref.kind == "schedule" and walks.scope.tenant.schedules[ref.id].override and way.when != "holiday"
            if ref.kind != "schedule" or forced or walks.minutes.when(ref.id, way.when) & minutes:
                yield way

    return edges


def _cycles(nodes: Iterable[Ref], edges: _Edges) -> Iterator[tuple[Exit, list[Exit]]]:
    """Exits that lead back to where a call has been, each with the way round that it closes."""
    known, finished = set(nodes), set[Ref]()
    for start in nodes:
        if start in finished:
            continue
        trail: list[Ref] = [start]
        taken: list[Exit] = []
        pending: list[Iterator[Exit]] = [iter(edges(start))]
        while pending:
            way = next(pending[-1], None)
            if way is None:
                finished.add(trail.pop())
                pending.pop()
                if taken:
                    taken.pop()
            elif way.to in trail:
                yield way, [*taken[trail.index(way.to) :], way]
            elif way.to in known and way.to not in finished:
                trail.append(way.to)
                taken.append(way)
                pending.append(iter(edges(way.to)))


def _endless(walks: Walks, cycle: list[Exit], minutes: Set) -> Diagnostic:
    places = [cycle[-1].to, *(way.to for way in cycle)]
    return Diagnostic(
        "PBX407",
        walks.scope.file,
        cycle[-1].path,
        f"calls go round for ever: {' → '.join(map(str, places))}",
        help="lead one of these exits somewhere else; a loop is fine only where the caller presses a key",
        consequence="the caller would never reach anybody",
        witness=witness(walks, cycle[-1].to, cycle, minutes=minutes, forced=True),
    )
