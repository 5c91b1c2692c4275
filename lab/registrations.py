"""Rows without a call: every phone registers at the PBX, and the PBX registers at its carriers."""

from __future__ import annotations

import time
from collections.abc import Sequence

from lab.events import NotHappenedError
from lab.results import Check, RowResult, RowText, Verdict, Words
from lab.stage import Stage
from pbx.model import Ref
from pbx.site import TenantScope

PHONES = "phones-register"
_TRUNK_SECONDS = 90
"""PBX seconds in which a trunk registers: three attempts of Asterisk's, 30 seconds apart."""


def row_ids(scope: TenantScope) -> tuple[str, ...]:
    """The ids of these rows, in the order of the report."""
    trunks = (_trunk_row(name) for name, trunk in scope.tenant.trunks.items() if trunk.username)
    return (*((PHONES,) if scope.tenant.extensions else ()), *trunks)


async def observe(stage: Stage, scope: TenantScope, wanted: Sequence[str]) -> list[RowResult]:
    """The wanted rows, judged on a stage that has started."""
    results = [await _phones(stage, scope)] if PHONES in wanted else []
    wanted_trunks = [name for name in scope.tenant.trunks if _trunk_row(name) in wanted]
    results += [await _trunk(stage, scope, name) for name in wanted_trunks]
    return results


def _trunk_row(name: str) -> str:
    return f"trunk-{name.replace('_', '-')}-registers"


async def _phones(stage: Stage, scope: TenantScope) -> RowResult:
    began = time.monotonic()
    contacts = await stage.pbx_ami.listing("PJSIPShowContacts")
    checks = []
    for number in scope.tenant.extensions:
        party = stage.party(scope.slug, f"extension:{number}")
        contact = next((each for each in contacts if each.get("endpoint") == party.endpoint), None)
        observed = f"{contact.get('uri', '')} {contact.get('status', '')}" if contact else "–"
        label = scope.label(Ref("extension", number))
        expected = f"sip:{party.endpoint}@{party.address}"
        checks.append(Check("server", Words(label, label), expected, observed, passed=expected in observed))
    return _result(stage, scope, PHONES, checks, began)


async def _trunk(stage: Stage, scope: TenantScope, name: str) -> RowResult:
    began = time.monotonic()
    user = f"sip:{scope.tenant.trunks[name].username}@"
    expected = f"{user} Registered"
    try:
        event = await stage.until(
            stage.pbx_events,
            lambda event: (
                event.get("event") == "Registry"
                and user in event.get("username", "")
                and event.get("status") == "Registered"
            ),
            expected=expected,
            seconds=_TRUNK_SECONDS,
        )
        observed = f"{event.get('username')} {event.get('status')}"
    except NotHappenedError as error:
        observed = str(error)
    subject = Words("Registro en el proveedor", "Registration at the provider")
    check = Check("server", subject, expected, observed, observed.startswith(user))
    return _result(stage, scope, _trunk_row(name), [check], began)


def not_observed(scope: TenantScope, row_id: str, reason: str) -> RowResult:
    """A row for which no PBX could be had, or whose PBX died."""
    return RowResult(row_text(scope, row_id), Verdict.NOT_RUN, reason, clock="–", speed=1, seconds=0, call_seconds=0)


def row_text(scope: TenantScope, row_id: str) -> RowText:
    """What one of these rows is for."""
    if row_id == PHONES:
        count = len(scope.tenant.extensions)
        return RowText(
            PHONES,
            "EXT-1",
            1,
            Words("Todos los internos se registran", "All extensions register"),
            (Words(f"{count} teléfonos se registran con su usuario y contraseña.", f"{count} phones register."),),
            (Words("La central conoce la dirección de cada uno.", "The PBX knows the address of each."),),
        )
    name = next(each for each in scope.tenant.trunks if _trunk_row(each) == row_id)
    return RowText(
        row_id,
        "POC-7",
        1,
        Words(f"La central se registra en la troncal «{name}»", f"The PBX registers at trunk “{name}”"),
        (Words("La central envía su usuario y contraseña al proveedor.", "The PBX sends its user and password."),),
        (Words("El proveedor acepta el registro.", "The provider accepts the registration."),),
    )


def _result(stage: Stage, scope: TenantScope, row_id: str, checks: list[Check], began: float) -> RowResult:
    failed = [check for check in checks if not check.passed]
    seconds = time.monotonic() - began
    return RowResult(
        row=row_text(scope, row_id),
        verdict=Verdict.FAILED if failed else Verdict.PASSED,
        reason=f"{failed[0].subject.en}: expected {failed[0].expected}, got {failed[0].observed}." if failed else "",
        clock=f"{stage.at:%Y-%m-%d %H:%M} {scope.timezone.key}",
        speed=stage.speed,
        seconds=round(seconds, 2),
        call_seconds=round(seconds * stage.speed, 1),
        checks=tuple(checks),
    )
