"""What a call test expects, in words that a customer reads: who is to say so, what is to be seen, what was seen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from lab.parties import Party
from lab.results import Check, Words

YES: Final = "sí / yes"
"""What is to be seen when something either happens or does not."""
STEP: Final = Words("Paso esperado", "Expected step")
"""The subject of what went wrong where nothing of its own was expected."""


@dataclass(frozen=True, slots=True)
class Expected:
    """One expectation."""

    witness: str
    """Who says whether it is so: ``server`` or ``phone``, as in :class:`lab.results.Check`."""
    subject: Words
    wanted: str = YES
    where: str = ""

    def seen(self, observed: str, *, passed: bool) -> Check:
        """The expectation beside what happened."""
        return Check(self.witness, self.subject, self.wanted, observed, passed, self.where)


@dataclass(slots=True)
class Journal:
    """All that a test or an act expected, in order, and the mails it read."""

    checks: list[Check] = field(default_factory=list)
    mails: list[str] = field(default_factory=list)

    def note(self, expected: Expected, observed: str, *, passed: bool) -> None:
        """Write one down."""
        self.checks.append(expected.seen(observed, passed=passed))


def server(es: str, en: str, wanted: str = YES, where: str = "") -> Expected:
    """What the PBX is to say."""
    return Expected("server", Words(es, en), wanted, where)


def phone(es: str, en: str, wanted: str = YES, where: str = "") -> Expected:
    """What somebody's phone is to say."""
    return Expected("phone", Words(es, en), wanted, where)


def who(party: Party, home: str) -> Words:
    """What a party is called; those of another tenant than ``home`` with the tenant's name."""
    kind, _, name = party.name.partition(":")
    told = name if party.tenant == home else f"{party.tenant} {name}"
    return {
        "trunk": Words(f"la troncal {told}", f"trunk {told}"),
        "caller": Words(f"quien llama por {told}", f"the caller by {told}"),
    }.get(kind, Words(told, told))
