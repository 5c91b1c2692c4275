"""What was seen of one call: its legs, as their parties had them, and what was left behind."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from lab.parties import Party


@dataclass(slots=True)
class Leg:
    """What one party had of the call."""

    party: Party
    recording: Path
    caller_number: str = ""
    caller_name: str = ""
    rang: bool = False
    """Whether the phone rang: one that is busy does not."""
    answered: bool = False
    spoke: bool = False
    """Whether it played its tone."""
    privacy: str = ""
    """The Privacy header that came with the call (RFC 3323)."""
    asserted: str = ""
    """The P-Asserted-Identity header that came with it (RFC 3325)."""


@dataclass(slots=True)
class Observation:
    """What happened, as far as it was seen while the call went on."""

    legs: list[Leg] = field(default_factory=list)
    """The caller's first."""
    linked: str = ""
    """The id under which the PBX ties the channels of this call together."""
    answered_by: str = ""
    cause: int = 0
    """How the caller's own call ended (Q.850), 0 when unknown."""
    mail: bytes = b""
    message: Path | None = None
    """The newest message in the mailbox after the call."""
    lamp: str = ""
    """New messages that the lamp of the mailbox's phone tells, as ``1``."""
    pace: float = 1.0
    """The longest that something took which has a length of its own, over that length: 1 on a machine with time."""
    first_pbx_event: int = 0
    first_party_event: int = 0
