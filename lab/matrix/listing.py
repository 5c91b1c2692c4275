"""Every row of a tenant as text: calls, acts, and what is looked at without a call."""

from __future__ import annotations

from collections.abc import Iterable

from lab.acts.act import Act
from lab.matrix import derive
from lab.registrations import row_ids, row_text
from lab.results import RowText
from lab.scenario import Scenario
from pbx.site import TenantScope


def every_row(
    scope: TenantScope, others: Iterable[TenantScope] = ()
) -> tuple[tuple[Scenario | Act, ...], tuple[RowText, ...]]:
    """The rows that are called for, and the texts of all, in the order of the report.

    ``others`` are the tenants of the same PBX from which it must be isolated.
    """
    rows = derive(scope, others)
    texts = {name: row_text(scope, name) for name in row_ids(scope)} | {row.text.id: row.text for row in rows}
    return rows, tuple(texts.values())
