"""Which ways of a call flow the rows of a matrix travel, and rows for those that no family has found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from lab.matrix.arranging import one_free
from lab.matrix.writing import OUTSIDE_CALLER, place, spelled, text
from lab.results import WaysTravelled, Words
from lab.scenario import Scenario
from pbx.check.walks import Walks
from pbx.check.witness import find_call
from pbx.flow import CallFlow, build
from pbx.kinds.base import Exit, Forced, PhoneState
from pbx.model import Ref
from pbx.site import TenantScope

Edge = tuple[Ref, str]
"""A place and the name of one of its exits."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """The ways of a call flow, and which rows travel them."""

    edges: Mapping[Edge, str]
    """Every way with the id of the first row that travels it; empty for none."""
    alike: frozenset[Edge]
    """Those that only rows travel which are not run, since another one stands for them."""

    @property
    def told(self) -> WaysTravelled:
        """The same in numbers, for reports."""
        missing = tuple(sorted(f"{node} {when}" for (node, when), row in self.edges.items() if not row))
        return WaysTravelled(len(self.edges), len(self.edges) - len(missing), len(self.alike), missing)


def travelled(row: Scenario) -> Iterator[Edge]:
    """The ways a row's call takes."""
    for step in row.forecast.steps:
        yield step.node, step.exit


def covered(scope: TenantScope, rows: Iterable[object], flow: CallFlow | None = None) -> Coverage:
    """What the rows travel of a tenant's call flow; rows that are no single call travel what they are not asked for."""
    walks = Walks(scope, flow or build(scope))
    edges: dict[Edge, str] = {
        (ref, way.when): ""
        for ref, node in walks.flow.nodes.items()
        for way in node.exits
        if _possible(walks, ref, way)
    }
    calls = [row for row in rows if isinstance(row, Scenario)]
    for row in calls:
        for edge in travelled(row):
            if edge in edges:
                edges[edge] = edges[edge] or row.text.id
    run = {edge for edge, row in edges.items() if row}
    for row in calls:
        for each in row.alike:
            for edge in travelled(each):
                if edge in edges:
                    edges[edge] = edges[edge] or row.text.id
    return Coverage(edges, frozenset(edge for edge, row in edges.items() if row and edge not in run))


def _possible(walks: Walks, ref: Ref, way: Exit) -> bool:
    """Whether an exit is ever taken: a schedule without holidays is never on holiday."""
    if ref.kind != "schedule" or walks.minutes.when(ref.id, way.when):
        return True
    return way.when != "holiday" and walks.scope.tenant.schedules[ref.id].override is not None


def completing(scope: TenantScope, rows: Iterable[Scenario]) -> Iterator[Scenario]:
    """A row for each way that no row travels yet, where any call does."""
    flow = build(scope)
    edges = covered(scope, rows, flow).edges
    left = [edge for edge, row in edges.items() if not row]
    walks = Walks(scope, flow)
    done: set[Edge] = set()
    for node, when in left:
        way = next(each for each in flow.nodes[node].exits if each.when == when)
        row = None if (node, when) in done else _row(walks, node, way)
        if row is not None:
            done.update(travelled(row))
            yield row


def _row(walks: Walks, node: Ref, way: Exit) -> Scenario | None:
    scope = walks.scope
    found = find_call(walks, node, (way,)) or find_call(walks, node, (way,), forced=True)
    trunk = next((name for name, each in scope.tenant.trunks.items() if each.type != "pbx"), None)
    if found is None or (found.did and trunk is None):
        return None
    here, there = place(scope, node), place(scope, way.to)
    words = Words(f"{here.es} → {there.es} ({way.when})", f"{here.en} → {there.en} ({way.when})")
    name = f"way-{node.kind}-{node.id.lstrip('+')}-{spelled(way.when)}".replace("_", "-")
    row = Scenario(
        text(name, "IVR-3", words),
        scope,
        Ref("caller", trunk or "") if found.did else Ref("extension", found.caller),
        found.did or found.number,
        found.at.replace(tzinfo=scope.timezone),
        caller_number=OUTSIDE_CALLER if found.did else "",
        presses=found.presses,
        states={number: cast("PhoneState", state) for number, state in found.states.items()},
        overrides={identity: cast("Forced", how) for identity, how in found.overrides.items()},
    )
    row = one_free(row)
    return row if (node, way.when) in set(travelled(row)) else None
