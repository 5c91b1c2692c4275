"""IVR-1, IVR-2: a schedule that somebody has forced open or closed by its code answers as it was told."""

from __future__ import annotations

from collections.abc import Iterator

from lab.matrix.arranging import one_free
from lab.matrix.moments import moments
from lab.matrix.writing import OUTSIDE_CALLER, text
from lab.results import Words
from lab.scenario import Scenario
from pbx.kinds.base import Forced
from pbx.model import Ref
from pbx.site import TenantScope


def rows(scope: TenantScope) -> Iterator[Scenario]:
    """Forced open while it is closed, and closed while it is open: the code itself is dialled in lab.acts."""
    known = moments(scope)
    trunk = next((name for name, each in scope.tenant.trunks.items() if each.type != "pbx"), None)
    forced: tuple[tuple[Forced, str, Words], ...] = (
        ("open", "closed", Words("abierto a la fuerza fuera de horario", "forced open outside its hours")),
        ("closed", "open", Words("cerrado a la fuerza en horario", "forced closed within its hours")),
    )
    for identity, schedule in scope.tenant.schedules.items():
        did = next((did for did, target in scope.tenant.dids.items() if target.to == Ref("schedule", identity)), None)
        if not schedule.override or did is None or trunk is None:
            continue
        for how, state, told in forced:
            at = known.get((identity, state))
            if at is None:
                continue
            words = Words(f"Horario «{identity}» {told.es}", f"Schedule “{identity}” {told.en}")
            row = Scenario(
                text(f"schedule-{identity.replace('_', '-')}-forced-{how}", "IVR-1", words),
                scope,
                Ref("caller", trunk),
                did,
                at,
                caller_number=OUTSIDE_CALLER,
                overrides={identity: how},
            )
            yield one_free(row)
