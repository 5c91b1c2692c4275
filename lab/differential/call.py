"""One generated call as plain values, and as a scenario that can be played."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lab.differential.tenants import WAITING_ROOM
from lab.results import RowText, Words
from lab.scenario import Earlier, Scenario
from pbx.kinds.base import Forced, PhoneState, TrunkState
from pbx.model import Ref
from pbx.site import TenantScope


@dataclass(frozen=True, slots=True)
class Call:
    """One call as plain values; :func:`scenario` makes it one that can be played."""

    name: str
    tenant: str
    caller: str
    """``extension:201`` or ``caller:principal``."""
    dialled: str
    caller_number: str = ""
    presses: tuple[str, ...] = ()
    states: Mapping[str, PhoneState] = field(default_factory=dict)
    settings: Mapping[tuple[str, str], str] = field(default_factory=dict)
    overrides: Mapping[str, Forced] = field(default_factory=dict)
    trunks: Mapping[str, TrunkState] = field(default_factory=dict)
    full: frozenset[Ref] = frozenset()
    engaged: tuple[str, str] | None = None
    """A phone that is busy since it is in a call, and the one it speaks with; else a busy phone refuses the call."""


def scenario(call: Call, scope: TenantScope, at: datetime) -> Scenario:
    """A call at a moment, with the calls before it that fill what is to be full."""
    kind, _, identity = call.caller.partition(":")
    nothing = Words("", "")
    return Scenario(
        RowText(call.name, "", 1, nothing, (), ()),
        scope,
        Ref(kind, identity),
        call.dialled,
        at.astimezone(scope.timezone).replace(second=0, microsecond=0),
        call.caller_number,
        call.presses,
        call.states,
        settings=call.settings,
        overrides=call.overrides,
        trunks=call.trunks,
        full=call.full,
        engaged=call.engaged,
        earlier=tuple(_earlier(call, scope)),
        brief=True,
    )


def _earlier(call: Call, scope: TenantScope) -> Iterator[Earlier]:
    """Calls from outside that fill a trunk, a queue or a room, and one that is parked where this call takes it up."""
    digits = "".join(filter(str.isdecimal, call.name)).rjust(6, "0")
    for name, state in call.trunks.items():
        if state == "full":
            for index in range(scope.tenant.trunks[name].max_calls or 0):
                number = f"+4930{index}{digits}"
                yield Earlier(Ref("caller", name), did_to(scope, WAITING_ROOM), number, told="ConfbridgeJoin")
    for place in sorted(call.full):
        model: Any = scope.find(place)
        count, told = (
            (model.max_callers, "QueueCallerJoin") if place.kind == "queue" else (model.max_members, "ConfbridgeJoin")
        )
        for index in range(count):
            yield Earlier(Ref("caller", "principal"), did_to(scope, place.id), f"+4931{index}{digits}", told=told)
    parking = scope.tenant.parking
    if parking and call.dialled == parking.slots.first:
        parker = next((number for number in colleagues(scope) if f"extension:{number}" != call.caller), None)
        if parker:
            yield Earlier(Ref("extension", parker), parking.number, told="ParkedCall")


def did_to(scope: TenantScope, identity: str) -> str:
    """The DID that leads straight to a place."""
    return next(number for number, did in scope.tenant.dids.items() if did.to.id == identity)


def colleagues(scope: TenantScope) -> list[str]:
    """Extensions that may call inside."""
    tenant = scope.tenant
    allowed = {name for name, each in tenant.classes_of_service.items() if "internal" in each.allow}
    return [number for number in scope.extension_numbers() if tenant.extensions[number].class_of_service in allowed]
