"""What a run of the test matrix produced: the one currency between runner, evidence and reports.

All times are seconds of PBX time (the moved clock), counted from the start of the row, unless a field says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path


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
    cdr: tuple[dict[str, str], ...] = ()
    mails: tuple[str, ...] = ()
    log: str = ""
    parties: dict[str, str] = field(default_factory=dict)
    """SIP ``address:port`` of each participant, by the name to print above its line in the ladder."""


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
