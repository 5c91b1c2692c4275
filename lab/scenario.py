"""What a row does: who calls whom, when, with which keys, phones in which state. The trace foretells the rest."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from lab.results import RowText
from pbx.kinds.base import Forced, PhoneState, Situation, TrunkState
from pbx.kinds.ivr import Ivr
from pbx.lower.outside import SILENT_SECONDS
from pbx.model import Ref
from pbx.numberplan import nationally
from pbx.poc import Expected, TrunkPart
from pbx.site import TenantScope
from pbx.trace import Journey, trace_did, trace_extension, trace_trunk


_AT_TRUNK: Final[Mapping[TrunkPart, TrunkState]] = {"busy": "busy", "failed": "failed", "silent": "failed"}
_UNUSED_KEYS: Final = "8756243190*#"
"""The order in which a key without meaning is looked for."""


def wrong_key(scope: TenantScope, ivr: Ivr) -> str | None:
    """A key without meaning that begins no extension either; None where every key means something."""
    starts = {number[0] for number in scope.extension_numbers()} if ivr.dial_extensions else set()
    return next((key for key in _UNUSED_KEYS if key not in ivr.options and key not in starts), None)


def sent_number(scope: TenantScope, trunk: str, number: str) -> str:
    """How an outside number in international form is written to a trunk (``number_format``)."""
    form = scope.tenant.trunks[trunk].numbers_as
    return nationally(scope.plan, number) if form == "national" else number.removeprefix("+" if form == "digits" else "")


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
    settings: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """What users have set by feature codes before, by extension and setting, as in :class:`Situation`."""
    overrides: Mapping[str, Forced] = field(default_factory=dict)
    """Schedules that were forced open or closed before."""
    trunks: Mapping[str, TrunkPart] = field(default_factory=dict)
    """What carriers do with the call; one that is not named takes it."""
    full: tuple[str, str] | None = None
    """A queue in which as many wait as may, and the extension from which they called."""
    engaged: tuple[str, str] | None = None
    """An extension that is already in a call when this one begins, and the extension it talks with."""

    sort: str = ""
    """Rows of one sort prove the same, and only the first of them is run; a row without one stands for itself."""
    alike: tuple[Scenario, ...] = ()
    """The rows this one stands for."""
    expects: Expected | None = None
    """What an engineer has written beside the forecast (:mod:`lab.matrix.own`): who answers, how it ends, and so on."""

    @property
    def tenant(self) -> str:
        """The tenant's short name."""
        return self.scope.slug

    @cached_property
    def forecast(self) -> Journey:
        """What the compiler says will happen."""
        situation = Situation(
            self.at,
            list(self.presses),
            self.states,
            overrides=self.overrides,
            outside=self.caller_number,
            settings=self.settings,
            trunks={name: _AT_TRUNK[part] for name, part in self.trunks.items()},
            full=self.full[:1] if self.full else (),
        )
        if self.caller.kind == "extension":
            return trace_extension(self.scope, self.caller.id, self.dialled, situation)
        if self.dialled in self.scope.tenant.dids:
            return trace_did(self.scope, self.dialled, situation)
        return trace_trunk(self.scope, self.caller.id, self.dialled, situation)

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
            elif step.node.kind == "trunk":
                seconds += SILENT_SECONDS if self.trunks.get(step.node.id) == "silent" else 0
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
            words += ["--did", self.dialled, "--caller", self.caller_number]
        words += ["--at", f"{self.at:%Y-%m-%dT%H:%M}"]
        for press in self.presses:
            words += ["--press", press]
        for number, state in self.states.items():
            words += ["--state", f"{number}={state}"]
        for name, part in self.trunks.items():
            words += ["--state", f"trunk:{name}={_AT_TRUNK[part]}"]
        if self.full:
            words += ["--state", f"queue:{self.full[0]}=full"]
        for (number, setting), said in self.settings.items():
            words += ["--set", f"{setting}:{number}={said}"]
        for identity, forced in self.overrides.items():
            words += ["--override", f"{identity}={forced}"]
        return shlex.join(words)

    @cached_property
    def touched(self) -> frozenset[str]:
        """Everything that no other row may use meanwhile: phones, queues, and outside numbers."""
        journey = self.forecast
        names = {str(self.caller)} if self.caller.kind == "extension" else set()
        names |= {f"extension:{number}" for number in self.states}
        names |= {f"extension:{number}" for number, _ in self.settings}
        if self.caller_number:
            names.add(f"caller:{self.caller_number}")
        if self.full:
            names.add(f"extension:{self.full[1]}")
        for step in journey.steps:
            names |= {f"extension:{ring.extension}" for ring in step.rings}
            if step.node.kind in {"conference", "paging"}:
                names.add(str(step.node))
            if step.node.kind == "schedule" and self.scope.tenant.schedules[step.node.id].override:
                names.add(str(step.node))
            if step.node.kind in {"extension", "voicemail", "external"}:
                names.add(f"{'extension' if step.node.kind == 'voicemail' else step.node.kind}:{step.node.id}")
            if step.node.kind == "queue":
                queue = self.scope.tenant.queues[step.node.id]
                names |= {f"extension:{member}" for member in queue.members} | {str(step.node)}
        return frozenset(names | {f"extension:{number}" for number in self.engaged or ()})
