"""POC-7: each way to the public network carries calls in and out, and where one fails the next one is tried."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from lab.matrix.arranging import one_free
from lab.matrix.moments import working
from lab.matrix.outside import example
from lab.matrix.writing import OUTSIDE_CALLER, text
from lab.results import Words
from lab.scenario import Scenario
from pbx.dialing import route_for
from pbx.model import Ref
from pbx.numberplan import CATEGORIES
from pbx.site import TenantScope

_COLLEAGUE: Final = Words("un colega de la central existente", "a colleague at the existing PBX")


def rows(scope: TenantScope) -> Iterator[Scenario]:
    """Calls from each trunk, then the order of the trunks of each route, and numbers of the customer's other PBX."""
    for name, trunk in scope.tenant.trunks.items():
        yield from _colleagues(scope, name) if trunk.type == "pbx" else _from_outside(scope, name)
    yield from _failover(scope)


def _id(name: str) -> str:
    return name.replace("_", "-")


def _from_outside(scope: TenantScope, name: str) -> Iterator[Scenario]:
    """The first number that somebody answers, else the first one, called over this trunk."""
    dids = sorted(scope.tenant.dids, key=lambda did: scope.tenant.dids[did].to.kind != "extension")
    for did in dids[:1]:
        words = Words(f"Llamada entrante por la troncal «{name}»", f"Incoming call by trunk “{name}”")
        row = Scenario(
            text(f"trunk-{_id(name)}-in", "POC-7", words),
            scope,
            Ref("caller", name),
            did,
            working(scope),
            caller_number=OUTSIDE_CALLER,
        )
        yield one_free(row)


def _colleagues(scope: TenantScope, name: str) -> Iterator[Scenario]:
    """The customer's other PBX: our phones call its numbers as they are, and its phones ours."""
    tenant = scope.tenant
    numbers = tenant.trunks[name].extensions
    inside = [
        each
        for each, extension in sorted(tenant.extensions.items())
        if "internal" in tenant.classes_of_service[extension.class_of_service].allow and not extension.forward.always
    ]
    for number in inside[:1] if numbers else ():
        called = numbers.first if numbers else ""
        words = Words(
            f"El interno {number} llama al {called} de la central existente por «{name}»",
            f"Extension {number} calls {called} at the existing PBX by “{name}”",
        )
        row_id = f"trunk-{_id(name)}-out"
        yield Scenario(text(row_id, "POC-7", words), scope, Ref("extension", number), called, working(scope))
    for number in inside[-1:]:
        words = Words(
            f"{_COLLEAGUE.es.capitalize()} llama al interno {number} por «{name}»",
            f"{_COLLEAGUE.en.capitalize()} calls extension {number} by “{name}”",
        )
        yield Scenario(
            text(f"trunk-{_id(name)}-in", "POC-7", words),
            scope,
            Ref("caller", name),
            number,
            working(scope),
            caller_number=numbers.last if numbers else OUTSIDE_CALLER,
        )


def _failover(scope: TenantScope) -> Iterator[Scenario]:
    """For each list of trunks: the next takes what those before refuse, all refuse, the called party is busy.

    Routes with the same trunks are one case: the category of the call decides no more than the list. That a carrier
    is silent is a row of lab.acts.lines.
    """
    for category in CATEGORIES:
        found = route_for(scope, category)
        caller, keys = _call(scope, category)
        if found is None or not keys:
            continue
        trunks = found[1].trunks
        for count in range(1, len(trunks) + 1):
            yield _row(scope, category, trunks[:count], trunks, caller, keys)
        yield _busy(scope, category, trunks, caller, keys)


def _call(scope: TenantScope, category: str) -> tuple[str, str]:
    """An extension that may make such a call, and the keys; emergency calls anybody may make."""
    tenant = scope.tenant
    for number, extension in tenant.extensions.items():
        if category == "emergency":
            return number, scope.plan.emergency[0] if scope.plan.emergency else ""
        if category in tenant.classes_of_service[extension.class_of_service].allow:
            return number, example(scope, category, f"failover{category}")
    return "", ""


def _row(scope: TenantScope, category: str, failing: list[str], trunks: list[str], caller: str, keys: str) -> Scenario:
    taken = next((each for each in trunks if each not in failing), None)
    several = len(failing) > 1
    es = f"«{'», «'.join(failing)}» {'rechazan' if several else 'rechaza'} la llamada (503): "
    en = f"“{'”, “'.join(failing)}” {'refuse' if several else 'refuses'} the call (503): "
    words = Words(
        f"Llamada saliente, {es}{f'la toma «{taken}»' if taken else 'la llamada termina'}",
        f"Outgoing call, {en}{f'“{taken}” takes it' if taken else 'the call ends'}",
    )
    row = Scenario(
        text(f"route-{_id(category)}-failed-{len(failing)}", "POC-7", words),
        scope,
        Ref("extension", caller),
        keys,
        working(scope),
        trunks=dict.fromkeys(failing, "failed"),
    )
    return replace(row, sort=f"route {trunks} failed {len(failing)}")


def _busy(scope: TenantScope, category: str, trunks: list[str], caller: str, keys: str) -> Scenario:
    """A called party who is busy is no failure of the trunk: no other one is tried."""
    words = Words(
        "Llamada saliente, el número llamado está ocupado: no se intenta por otra troncal",
        "Outgoing call, the called party is busy: no other trunk is tried",
    )
    row = Scenario(
        text(f"route-{_id(category)}-busy", "POC-7", words),
        scope,
        Ref("extension", caller),
        keys,
        working(scope),
        trunks={trunks[0]: "busy"},
    )
    return replace(row, sort=f"route {trunks} busy")
