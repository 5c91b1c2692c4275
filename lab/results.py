"""What a run of the test matrix produced: the one currency between runner, evidence and reports.

All times are seconds of PBX time (the moved clock), counted from the start of the row, unless a field says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from pbx.graph.picture import Picture


class Verdict(StrEnum):
    """How a row ended."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_RUN = "not run"


@dataclass(frozen=True, slots=True)
class Words:
    """One sentence in both languages a customer may read."""

    es: str
    en: str

    def in_language(self, language: str) -> str:
        """The sentence in ``es`` or ``en``."""
        return self.es if language == "es" else self.en


@dataclass(frozen=True, slots=True)
class RowText:
    """What a row is for, in the customer's words."""

    id: str
    """Stable and readable, for example ``did-open-key-1``; unique within a tenant."""
    requirement: str
    """An id of the requirements list, for example ``IVR-1``."""
    phase: int
    objective: Words
    steps: tuple[Words, ...]
    expected: tuple[Words, ...]
    alike: tuple[str, ...] = ()
    """Ids of rows that differ from this one in nothing but names, and are not run: it stands for them too."""


@dataclass(frozen=True, slots=True)
class Check:
    """One expectation that was compared with what happened."""

    witness: str
    """Who says so: ``server`` (AMI, CEL, CDR), ``phone`` (sound received), ``trace`` (the compiler's forecast)."""
    subject: Words
    expected: str
    observed: str
    passed: bool
    where: str = ""
    """Where to look when it failed: a file of the evidence folder, a line of the tenant, a trace command."""
    by_ear: bool = False
    """Whether it wants a recording to hold something: of that a machine without time may lose a part."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A stretch of a recording in which a known sound was recognised."""

    what: str
    """``prompt:ivr-principal``, ``tone:201`` or ``silence``."""
    start: float
    end: float
    score: float
    """Normalised correlation, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Recording:
    """What one party received during the row."""

    party: str
    """For example ``extension:201`` or ``trunk:principal``."""
    path: Path
    heard: tuple[Heard, ...]


@dataclass(frozen=True, slots=True)
class SipMessage:
    """One SIP message as captured on the PBX under test."""

    time: float
    source: str
    """``address:port``."""
    target: str
    first_line: str
    call_id: str
    text: str


@dataclass(frozen=True, slots=True)
class RowResult:
    """A row after it ran."""

    row: RowText
    verdict: Verdict
    reason: str
    """Empty when passed; else what was expected, what happened and where to look, in one or two sentences."""
    clock: str
    """The local date and time the PBX believed in, ``2026-11-24 10:00 America/Argentina/Buenos_Aires``."""
    speed: int
    seconds: float
    """Real seconds the row took."""
    call_seconds: float
    """PBX seconds the row took."""
    checks: tuple[Check, ...] = ()
    journey: tuple[str, ...] = ()
    forecast: tuple[str, ...] = ()
    trace_command: str = ""
    recordings: tuple[Recording, ...] = ()
    sip: tuple[SipMessage, ...] = ()
    exits: tuple[str, ...] = ()
    """How the places of the journey were left, in order: ``ivr:principal 1``."""
    cdr: tuple[dict[str, str], ...] = ()
    cel: tuple[dict[str, str], ...] = ()
    """The channel events of the call, in order, as the PBX told them."""
    mails: tuple[str, ...] = ()
    log: str = ""
    parties: dict[str, str] = field(default_factory=dict)
    """SIP ``address:port`` of each participant, by the name to print above its line in the ladder."""
    repeats: tuple[bool, ...] = ()
    """Whether it passed, for each time it was played, when it was played more than once."""
    held_up: float = 0.0
    """Real seconds by which the lab itself, for want of a processor, was late at the worst while the row was played."""
    doubtful: str = ""
    """Why it failed the first time, when that may have been the machine's fault and it was played again, alone."""


@dataclass(frozen=True, slots=True)
class Spent:
    """Where the real seconds of a run went before its report was written, one after the other."""

    prepare: float
    """Reading, compiling, speaking the prompts."""
    boot: float
    """From there to the first call."""
    calls: float
    """From the first call to the end of the last one."""
    judging: float
    """What was still listened to after the last call."""
    boots: int = 0
    """How many PBXs were booted, each with its phones and carriers; most of them while others played."""
    boots_seconds: float = 0
    """What these took together."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs the acceptance, as far as it is known."""

    company: str
    name: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """A row that is not as it was in an earlier run."""

    id: str
    kind: str
    """``red`` (did pass), ``green`` (did not pass), ``new``, ``gone`` or ``slower``."""
    told: Words
    """In one sentence, with what it was before."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A run beside an earlier one."""

    started: str
    """When the earlier one was, as in :class:`RunResult`."""
    rows: int
    """How many rows the earlier one had."""
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class LinesRun:
    """Lines of a tenant's dialplan: how many there are, and through how many the calls of a run went."""

    lines: int
    run: int
    missing: tuple[str, ...] = ()
    """Those that no call went through: file, line, and what stands there."""


@dataclass(frozen=True, slots=True)
class WaysTravelled:
    """Ways of a tenant's call flow: each exit of each place that a call can take."""

    ways: int
    travelled: int
    """Those that a row travels, or one that stands for it."""
    alike: int = 0
    """Of these, those that only rows travel which are not run, since another one stands for them."""
    missing: tuple[str, ...] = ()
    """Those that no row travels, as ``queue:ventas full``."""

    @property
    def percent(self) -> float:
        """The part that is travelled."""
        return 100 * self.travelled / self.ways if self.ways else 100.0


@dataclass(frozen=True, slots=True)
class RunResult:
    """A whole run."""

    site: str
    tenant: str
    tenant_name: str
    language: str
    engine: str
    """For example ``embedded Asterisk 22.10.1``."""
    started: str
    """Real local time, ISO 8601, to the second."""
    wall_seconds: float
    rows: tuple[RowResult, ...]
    differences: tuple[str, ...] = ()
    """Unified-diff lines between the shipped bundle and the one under test; passwords already blanked."""
    prompts: dict[str, Path] = field(default_factory=dict)
    """The reference sounds by name, as in ``Heard.what``."""
    selection: str = ""
    """The options by which only some rows were chosen, as they were written; empty when it was the whole matrix."""
    objectives: dict[int, str] = field(default_factory=dict)
    """What the customer wants to find out in each phase, in his own words."""
    signers: tuple[Signer, ...] = ()
    """Who signs the acceptance; none are known without a POC."""
    flow: Picture | None = None
    """The call flow of the tenant, on which the journeys are drawn."""
    ways: WaysTravelled | None = None
    """What the rows travel of the tenant's call flow."""
    dialplan: LinesRun | None = None
    """The lines of the tenant's dialplan that the calls went through."""
    spent: Spent | None = None
    comparison: Comparison | None = None
