"""What a row does: who calls whom, when, with which keys, phones in which state. The trace foretells the rest."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from lab.results import RowText
from pbx.kinds.base import PhoneState, Situation
from pbx.kinds.ivr import Ivr
from pbx.model import Ref
from pbx.site import TenantScope
from pbx.trace import Journey, trace_did, trace_extension

_UNUSED_KEYS: Final = "8756243190*#"
"""The order in which a key without meaning is looked for."""


def wrong_key(scope: TenantScope, ivr: Ivr) -> str | None:
    """A key without meaning that begins no extension either; None where every key means something."""
    starts = {number[0] for number in scope.extension_numbers()} if ivr.dial_extensions else set()
    return next((key for key in _UNUSED_KEYS if key not in ivr.options and key not in starts), None)


@dataclass(frozen=True)
class Scenario:
    """One call to be made, and why."""

    text: RowText
    scope: TenantScope
    caller: Ref
    """``extension:201``, or ``caller:principal`` for a call from outside by way of a trunk."""
    dialled: str
    """Keys of a phone, or the DID that is called."""
    at: datetime
    """Local time of the tenant, with its zone."""
    caller_number: str = ""
    """The number of an outside caller."""
    presses: tuple[str, ...] = ()
    states: Mapping[str, PhoneState] = field(default_factory=dict)
    real_speed: bool = False
    """Whether it must run at the speed of real time: a row about the sound itself."""
    engaged: tuple[str, str] | None = None
    """An extension that is already in a call when this one begins, and the extension it talks with."""

    @property
    def tenant(self) -> str:
        """The tenant's short name."""
        return self.scope.slug

    @cached_property
    def forecast(self) -> Journey:
        """What the compiler says will happen."""
        situation = Situation(self.at, list(self.presses), self.states)
        if self.caller.kind == "extension":
            return trace_extension(self.scope, self.caller.id, self.dialled, situation)
        return trace_did(self.scope, self.dialled, situation)

    @cached_property
    def expected_seconds(self) -> float:
        """About how long the call takes, in PBX seconds: enough to begin the longest rows first."""
        seconds = 4.0
        for step in self.forecast.steps:
            model: Any = self.scope.find(step.node)
            if step.node.kind == "ivr":
                seconds += model.timeout.after + 8 if step.exit == "timeout" else 3
            elif step.exit == "no_answer":
                seconds += model.ring
            elif step.node.kind == "queue" and step.exit == "timeout":
                seconds += model.max_wait
            elif step.node.kind in {"voicemail", "announcement"}:
                seconds += 20
        return seconds

    @property
    def mailbox(self) -> str:
        """The extension whose message must be on disk, by mail and on the lamp afterwards; empty without one."""
        place, _, number = self.forecast.end.partition("left at voicemail:")
        return "" if place else number

    def trace_command(self, site: str) -> str:
        """The command that shows the forecast."""
        words = ["pbx", "trace", site, self.tenant]
        if self.caller.kind == "extension":
            words += ["--from", str(self.caller), "--to", self.dialled]
        else:
            words += ["--did", self.dialled]
        words += ["--at", f"{self.at:%Y-%m-%dT%H:%M}"]
        for press in self.presses:
            words += ["--press", press]
        for number, state in self.states.items():
            words += ["--state", f"{number}={state}"]
        return shlex.join(words)

    @cached_property
    def shares(self) -> frozenset[str]:
        """What is used beside other rows, and must not be changed by one meanwhile: trunks, schedules and the like."""
        names = {str(step.node) for step in self.forecast.steps}
        return (
            frozenset(names | ({f"trunk:{self.caller.id}"} if self.caller.kind == "caller" else set())) - self.touched
        )

    @cached_property
    def touched(self) -> frozenset[str]:
        """Everything that no other row may use meanwhile: phones, queues, and outside numbers."""
        journey = self.forecast
        names = {str(self.caller)} if self.caller.kind == "extension" else set()
        names |= {f"extension:{number}" for number in self.states}
        for step in journey.steps:
            if step.node.kind in {"extension", "voicemail", "external"}:
                names.add(f"{'extension' if step.node.kind == 'voicemail' else step.node.kind}:{step.node.id}")
            if step.node.kind == "queue":
                queue = self.scope.tenant.queues[step.node.id]
                names |= {f"extension:{member}" for member in queue.members} | {str(step.node)}
        return frozenset(names | {f"extension:{number}" for number in self.engaged or ()})
