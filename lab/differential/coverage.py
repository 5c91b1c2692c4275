"""Which exits of which kinds of places, and which ends, calls have really taken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, get_args

from pbx.dialing import FORWARD_CODES, SWITCHES
from pbx.kinds.base import Step
from pbx.site import TenantScope
from pbx.trace import Journey
from pbx.trunks import TrunkType

EXITS: Final[Mapping[str, tuple[str, ...]]] = {
    "did": ("to",),
    "extension": ("answered", "always", "busy", "no_answer", "unavailable", "refused"),
    "voicemail": ("message",),
    "schedule": ("open", "closed", "holiday"),
    "ivr": (*"0123456789*#", "extension", "timeout", "invalid"),
    "announcement": ("then",),
    "queue": ("answered", "empty", "full", "timeout", "waiting"),
    "ring_group": ("answered", "no_answer", "busy", "unavailable"),
    "conference": ("joined", "full", "wrong_pin", "refused"),
    "directory": ("person", "nobody"),
    "parking": ("parked", "taken"),
    "paging": ("paged", "nobody"),
    "external": ("allowed", "refused"),
    "trunk": ("answered", "busy", "full", "failed", "refused"),
    "arrival": get_args(TrunkType),
    "feature_code": (
        *("voicemail", "pickup", "pickup_extension", "speed_dial", "override", "refused"),
        *(each for code in FORWARD_CODES for each in (code, f"{code} to")),
        *SWITCHES,
    ),
    "refused": ("class inside", "no such number", "no route"),
    "policy": ("circular", "regular", "simultaneous", "uniform", "weighted"),
}
"""What one call can take, by kind of place; a page refuses transferred calls only, and a parked call comes back to who
has transferred it. Of feature codes each is told, forwards alone and with a number. ``arrival``, ``refused`` and
``policy`` are no places: by which type of trunk calls come, calls that come nowhere, and how a queue chooses."""


def taken(scope: TenantScope, journey: Journey) -> Iterator[tuple[str, str]]:
    """What a call takes, as kind and exit."""
    if journey.arrival:
        yield "arrival", scope.tenant.trunks[journey.arrival.node.id].type
    for step in journey.steps:
        if step.path[:1] == ("classes_of_service",) and step.node.kind not in {"external", "feature_code"}:
            yield "refused", "class inside"
            continue
        yield step.node.kind, _code(step) if step.node.kind == "feature_code" else _exit(step)
        model: Any = scope.find(step.node)
        if step.node.kind == "queue" and step.exit == "answered":
            yield "policy", model.policy
    if not journey.steps:
        yield "refused", "no such number"
    elif journey.end.startswith("refused: no route"):
        yield "refused", "no route"


def _code(step: Step) -> str:
    """Which code; one with which calls are forwarded to a number is told apart from the same that only switches."""
    if step.exit == "refused":
        return "refused"
    changed = step.changes
    to = changed is not None and changed.setting in FORWARD_CODES and changed.after not in {"", "off"}
    return f"{step.node.id} to" if to else step.node.id


def _exit(step: Step) -> str:
    """An exit as the table has it: an extension of a menu or a directory stands for all of them."""
    if len(step.exit) > 1 and step.exit.isdecimal():
        return {"ivr": "extension", "directory": "person"}.get(step.node.kind, step.exit)
    return step.exit


@dataclass(slots=True)
class Coverage:
    """How often each exit was taken."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, scope: TenantScope, journey: Journey) -> None:
        """Count a call."""
        self.counts.update(taken(scope, journey))

    @property
    def missing(self) -> list[tuple[str, str]]:
        """What no call has taken."""
        return [(kind, each) for kind, exits in EXITS.items() for each in exits if not self.counts[kind, each]]

    def rarest(self, exits: Iterable[tuple[str, str]]) -> int:
        """How often the rarest of some exits was taken."""
        return min((self.counts[each] for each in exits), default=0)

    def table(self) -> dict[str, dict[str, int]]:
        """The counts by kind and exit, with what was never taken."""
        return {kind: {each: self.counts[kind, each] for each in exits} for kind, exits in EXITS.items()}
