"""Classes of service against categories of calls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from pbx.dialing import route_for
from pbx.numberplan import CATEGORIES
from pbx.permissions.outcomes import Outcomes
from pbx.permissions.probes import Probe
from pbx.site import TenantScope

COLUMNS: Final = ("internal", *CATEGORIES)


@dataclass(frozen=True, slots=True)
class Cell:
    """What a class may do in one column."""

    verdict: Literal["allowed", "blocked", "no_route", "mixed", "none"]
    """``none``: the country has no such numbers, or the tenant nothing of the kind; ``mixed``: it depends on which."""
    trunks: tuple[str, ...] = ()
    """Those of the route, in the order in which they are tried."""
    denied: tuple[str, ...] = ()
    """``deny`` entries that take some of it away."""
    tried: int = 0
    """How many different numbers were looked at."""


@dataclass(frozen=True, slots=True)
class Row:
    """A class of service."""

    name: str
    extensions: tuple[str, ...]
    cells: Mapping[str, Cell]
    denied: tuple[str, ...]


def matrix(scope: TenantScope, tried: Iterable[Probe], outcomes: Outcomes) -> tuple[Row, ...]:
    """What the outcomes add up to, class by class, in alphabetical order."""
    by_column: dict[str, list[Probe]] = {column: [] for column in COLUMNS}
    for probe in tried:
        by_column[probe.category].append(probe)
    rows = []
    for name in sorted(scope.tenant.classes_of_service):
        cells = {column: _cell(scope, name, own, outcomes) for column, own in by_column.items()}
        extensions = (n for n, each in scope.tenant.extensions.items() if each.class_of_service == name)
        denied = sorted(scope.tenant.classes_of_service[name].deny)
        rows.append(Row(name, tuple(sorted(extensions)), cells, tuple(denied)))
    return tuple(rows)


def _cell(scope: TenantScope, name: str, tried: list[Probe], outcomes: Outcomes) -> Cell:
    own = [(probe, outcomes[name, probe.keys]) for probe in tried]
    plain = {outcome.verdict for probe, outcome in own if not probe.denied}
    if not plain:
        return Cell("none")
    verdict = next(iter(plain)) if len(plain) == 1 else "mixed"
    denied = {probe.denied for probe, outcome in own if probe.denied and outcome.verdict == "blocked"}
    route = route_for(scope, tried[0].category)
    trunks = tuple(route[1].trunks) if route and verdict == "allowed" else ()
    return Cell(
        "mixed" if verdict == "code" else verdict,
        trunks,
        tuple(sorted(denied)) if verdict != "blocked" else (),
        len(own),
    )
