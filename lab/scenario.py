"""What a row does: who calls whom, when, with which keys, phones in which state. The trace foretells the rest."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from lab.results import RowText
from pbx.kinds.base import Forced, PhoneState, Situation, Step, TrunkState
from pbx.kinds.ivr import Ivr
from pbx.lower.outside import SILENT_SECONDS
from pbx.model import Ref
from pbx.poc import Expected
from pbx.site import TenantScope
from pbx.trace import Journey, trace_extension, trace_trunk
from pbx.trunks import Trunk

WIDEST: Final = 20
"""Calls at a time from which on a trunk counts as one that rows running side by side do not fill."""
_UNUSED_KEYS: Final = "8756243190*#"
"""The order in which a key without meaning is looked for."""


def wrong_key(scope: TenantScope, ivr: Ivr) -> str | None:
    """A key without meaning that begins no extension either; None where every key means something."""
    starts = {number[0] for number in scope.extension_numbers()} if ivr.dial_extensions else set()
    return next((key for key in _UNUSED_KEYS if key not in ivr.options and key not in starts), None)


def wrong_pin(pin: str) -> str:
    """A PIN of the same length that is not right."""
    return "".join(str((int(digit) + 1) % 10) for digit in pin)


@dataclass(frozen=True, slots=True)
class Earlier:
    """A call that goes on since before the one a row is about."""

    caller: Ref
    """As in :class:`Scenario`."""
    dialled: str
    caller_number: str = ""
    answered_by: str = ""
    """The party that answers it, ``extension:201`` or ``trunk:principal``; empty when the PBX does."""
    told: str = ""
    """How the PBX tells that it is where it has to be: ``QueueCallerJoin``, ``ConfbridgeJoin``, ``ParkedCall``."""


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
    settings: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """What users have set by feature codes, as :class:`pbx.kinds.base.Situation` has it."""
    overrides: Mapping[str, Forced] = field(default_factory=dict)
    """Schedules that are forced open or closed."""
    trunks: Mapping[str, TrunkState] = field(default_factory=dict)
    """What becomes of calls at trunks; a full one is filled by ``earlier`` calls."""
    full: frozenset[Ref] = frozenset()
    """Queues and conferences that ``earlier`` calls have filled."""
    earlier: tuple[Earlier, ...] = ()
    """Calls that go on meanwhile, in the order they are placed."""
    silent: frozenset[str] = frozenset()
    """Of the trunks that fail those whose carriers say nothing at all; the others refuse the call."""
    sort: str = ""
    """Rows of one sort prove the same, and only the first of them is run; a row without one stands for itself."""
    alike: tuple[Scenario, ...] = ()
    """The rows this one stands for."""
    expects: Expected | None = None
    """What an engineer has written beside the forecast (:mod:`lab.matrix.own`): who answers, how it ends, and so on."""
    brief: bool = False
    """Whether nobody listens: the call goes its whole way, without recordings, and people say nothing."""

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
            trunks=self.trunks,
            full=self.full,
        )
        if self.caller.kind == "extension":
            return trace_extension(self.scope, self.caller.id, self.dialled, situation)
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
            elif step.node.kind == "queue" and step.exit == "timeout":
                seconds += model.max_wait
            elif step.node.id in self.silent and step.node.kind == "trunk":
                seconds += SILENT_SECONDS
            elif step.node.kind in {"voicemail", "announcement"}:
                seconds += 20
        return seconds

    @property
    def changes(self) -> str:
        """Of what a setting is kept that the dialled code changes: ``extension:201`` or ``schedule:oficina``."""
        what, _, name = self.forecast.end.partition(":")
        return {"setting": str(self.caller), "override": f"schedule:{name}"}.get(what, "")

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
            words += ["--from", f"trunk:{self.caller.id}", "--to", self.dialled]
            words += ["--caller", self.caller_number] if self.caller_number else []
        words += ["--at", f"{self.at:%Y-%m-%dT%H:%M}"]
        for press in self.presses:
            words += ["--press", press]
        for name, state in (*self.states.items(), *((f"trunk:{name}", state) for name, state in self.trunks.items())):
            words += ["--state", f"{name}={state}"]
        for place in sorted(map(str, self.full)):
            words += ["--state", f"{place}=full"]
        for (number, setting), said in self.settings.items():
            words += ["--set", f"{setting}:{number}={said}"]
        for schedule, forced in self.overrides.items():
            words += ["--override", f"{schedule}={forced}"]
        return shlex.join(words)

    @cached_property
    def shares(self) -> frozenset[str]:
        """What is used beside other rows, and must not be changed by one meanwhile: trunks, schedules and the like.

        So is the phone that calls: it may place calls of several rows at once, but none of them may ring there.
        """
        names = {str(step.node) for step in self.forecast.steps}
        by = f"trunk:{self.caller.id}" if self.caller.kind == "caller" else str(self.caller)
        return frozenset(names | {by}) - self.touched

    @cached_property
    def touched(self) -> frozenset[str]:
        """Everything that no other row may use meanwhile: phones, groups, outside numbers, and what is changed."""
        names = {str(each.caller) for each in self.earlier if each.caller.kind == "extension"}
        names |= {f"dialled:{self.dialled}"} if self.caller.kind == "extension" else set()
        names |= {f"extension:{number}" for number in (*self.states, *(number for number, _ in self.settings))}
        names |= {f"extension:{number}" for number in self.engaged or ()}
        names |= {each.answered_by for each in self.earlier if each.answered_by.startswith("extension:")}
        names |= {f"caller:{self.caller_number}"} if self.caller_number else set()
        names |= {str(place) for place in self.full}
        if self.forecast.end == "pickup":  # a call of another row must not ring there
            names |= {f"extension:{number}" for number in self.scope.tenant.extensions}
        names |= {f"schedule:{schedule}" for schedule in self.overrides} | ({self.changes} if self.changes else set())
        names |= {f"trunk:{name}" for name, trunk in self.scope.tenant.trunks.items() if self._alone_at(name, trunk)}
        return frozenset(names.union(*map(self._touched_by, self.forecast.steps)))

    def _alone_at(self, name: str, trunk: Trunk) -> bool:
        """Whether no other call may go by a trunk: it is filled, or its carrier cannot tell calls by their number."""
        visited = {str(step.node) for step in self.forecast.steps} | {str(self.caller).replace("caller:", "trunk:")}
        return self.trunks.get(name) == "full" or (
            f"trunk:{name}" in visited and (trunk.numbers_as != "e164" or (trunk.max_calls or WIDEST) < WIDEST)
        )

    def _touched_by(self, step: Step) -> set[str]:
        kind, identity = step.node.kind, step.node.id
        model: Any = self.scope.find(step.node)
        if kind in {"extension", "voicemail"}:
            return {f"extension:{identity}"}
        if kind in {"queue", "ring_group", "paging"}:
            return {str(step.node)} | {f"extension:{member}" for member in model.members}
        return {str(step.node)} if kind in {"external", "conference", "parking"} else set()

    def beside(self, others: Iterable[Scenario]) -> bool:
        """Whether it may run while the others do."""
        return not any(
            self.touched & (other.touched | other.shares) or self.shares & other.touched
            for other in others
            if other.tenant == self.tenant
        )
