"""The test matrix: rows derived from a tenant, one module per family of requirements."""

from __future__ import annotations

from dataclasses import replace

from lab.matrix import extensions, menus, outside, queues
from lab.matrix.writing import completed
from lab.scenario import Scenario
from pbx.site import TenantScope


def derive(scope: TenantScope) -> tuple[Scenario, ...]:
    """Every row of a tenant, in the order of the report; ids are unique."""
    rows = [
        *extensions.rows(scope),
        *menus.rows(scope),
        *queues.rows(scope),
        *outside.rows(scope),
    ]
    once = {row.text.id: row for row in rows}
    return tuple(_with_own_caller(row, index) for index, row in enumerate(once.values(), start=1))


def _with_own_caller(row: Scenario, index: int) -> Scenario:
    """Outside callers have a number each, by which a row's call is told from the others of its carrier."""
    own = replace(row, caller_number=f"+549116{index:07d}") if row.caller_number else row
    return replace(own, text=completed(own))
