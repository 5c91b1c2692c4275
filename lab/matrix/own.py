"""Rows that an engineer has written: ``rows:`` of ``poc/TENANT.yaml``."""

from __future__ import annotations

from collections.abc import Iterator

from lab.matrix.arranging import one_free
from lab.matrix.moments import working
from lab.matrix.writing import text
from lab.results import Words
from lab.scenario import Scenario
from pbx.model import Ref
from pbx.poc import Row
from pbx.site import TenantScope


def rows(scope: TenantScope) -> Iterator[Scenario]:
    """Each row as it was written; its forecast is the tenant's, and what it expects is compared beside that."""
    for identity, row in scope.poc.rows.items() if scope.poc else ():
        yield one_free(_scenario(scope, identity, row))


def _scenario(scope: TenantScope, identity: str, row: Row) -> Scenario:
    objective = Words(row.objective.es, row.objective.en)
    trunk = row.trunk or next((name for name, each in scope.tenant.trunks.items() if each.type != "pbx"), "")
    return Scenario(
        text(identity, row.requirement, objective),
        scope,
        Ref("caller", trunk) if row.outside else Ref("extension", row.caller),
        row.call,
        row.at.replace(tzinfo=scope.timezone) if row.at else working(scope),
        caller_number=row.caller if row.outside else "",
        presses=tuple(row.press),
        states=row.states,
        settings={(number, name): said for number, each in row.settings.items() for name, said in each.items()},
        overrides=row.overrides,
        trunks={name: "busy" if part == "busy" else "failed" for name, part in row.trunks.items()},
        silent=frozenset(name for name, part in row.trunks.items() if part == "silent"),
        expects=row.expect,
    )
