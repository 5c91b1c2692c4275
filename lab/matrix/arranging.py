"""Who answers, so that a row's call can go only one way: of a group that the call reaches one member alone is free."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from lab.scenario import Scenario
from pbx.check.witness import spelled_name
from pbx.kinds.base import PhoneState
from pbx.kinds.ivr import Ivr
from pbx.model import BUSY, HANGUP
from pbx.site import TenantScope

_ROUNDS: Final = 5
"""Groups that are arranged one behind the other before the rest is left as it is."""


def one_free(row: Scenario) -> Scenario:
    """The row with all members of each group it reaches busy, but for the one who answers."""
    for _ in range(_ROUNDS):
        more = _others(row)
        if not more:
            return row
        row = replace(row, states={**more, **row.states})
    return row


def _others(row: Scenario) -> Mapping[str, PhoneState]:
    """Who must be made busy yet; whoever has a state keeps it."""
    for step in row.forecast.steps:
        if step.node.kind in {"queue", "ring_group"} and step.exit == "answered":
            answering = row.forecast.end.rpartition(":")[2]
            members = row.scope.find(step.node).members  # type: ignore[union-attr]  # a place of the forecast is there
            caller = row.caller.id if row.caller.kind == "extension" else ""
            return {each: "busy" for each in members if each not in {answering, caller} and each not in row.states}
    return {}


def way_out(scope: TenantScope, ivr: Ivr) -> tuple[str, ...]:
    """Keys by which a caller leaves a menu soon; none where he would have to wait anyhow."""
    for kinds in ({HANGUP.kind, BUSY.kind}, {"extension"}, {"external", "voicemail", "queue", "ring_group"}):
        for key, option in ivr.options.items():
            if option.to.kind in kinds:
                return (key,)
    people = [each for each in scope.extension_numbers() if each[0] not in ivr.options]
    return (people[0],) if ivr.dial_extensions and people else ()


def presses_at(scope: TenantScope, kind: str) -> tuple[str, ...]:
    """What a caller presses at a place who wants to get on soon: a name at the directory."""
    number = next((each for each in scope.extension_numbers() if _takes_calls(scope, each)), "")
    return spelled_name(scope, number) if kind == "directory" and number else ()


def _takes_calls(scope: TenantScope, number: str) -> bool:
    extension = scope.tenant.extensions[number]
    person = scope.person(number)
    return extension.forward.always is None and person is not None and bool(spelled_name(scope, number)[1:])
