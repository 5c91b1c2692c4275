"""The test matrix: rows derived from a tenant, one module per family of requirements."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from lab.matrix import extensions, groups, menus, outside, own, phonebook, queues, schedules, trunks
from lab.matrix.coverage import completing
from lab.matrix.folding import folded
from lab.matrix.phases import act_in_phase, with_phase
from lab.matrix.writing import OUTSIDE_CALLER, completed
from lab.scenario import Scenario
from pbx.site import TenantScope

if TYPE_CHECKING:
    from lab.acts.act import Act

FAMILIES: Final[tuple[Callable[[TenantScope], Iterator[Scenario]], ...]] = (
    extensions.rows,
    menus.rows,
    schedules.rows,
    queues.rows,
    groups.rows,
    outside.rows,
    trunks.rows,
    phonebook.rows,
    own.rows,
)


def derive(scope: TenantScope, others: Iterable[TenantScope] = ()) -> tuple[Scenario | Act, ...]:
    """Every row of a tenant that is called for, in the order of the report; ids are unique.

    ``others`` are the tenants of the same PBX from which it must be isolated.
    """
    from lab.acts.deriving import derive_acts  # acts use the families' helpers

    every: list[Scenario | Act] = [*calls(scope), *(act_in_phase(scope, each) for each in derive_acts(scope, others))]
    return tuple({row.text.id: row for row in reversed(every)}.values())[::-1]


def calls(scope: TenantScope) -> tuple[Scenario, ...]:
    """The rows of one call each."""
    once: dict[str, Scenario] = {}
    for family in FAMILIES:
        for row in family(scope):
            once.setdefault(row.text.id, row)
    rows = folded(once.values())
    rows += folded(completing(scope, rows))
    return tuple(_finished(row, index) for index, row in enumerate(rows, start=1))


def _finished(row: Scenario, index: int) -> Scenario:
    """Outside callers have a number each, by which a row's call is told from the others of its carrier."""
    own = replace(row, caller_number=f"+549116{index:07d}") if row.caller_number == OUTSIDE_CALLER else row
    return with_phase(replace(own, text=completed(own)))
