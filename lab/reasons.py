"""Of the checks that a row failed, the one that says most to people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from lab.results import Check, Words

JOURNEY: Final = Words("Recorrido de la llamada", "Journey of the call")
EXITS: Final = Words("Salidas tomadas", "Exits taken")
LAB: Final = Words("Laboratorio", "Lab")
"""Of what failed since the lab itself broke."""


def telling(failed: Sequence[Check]) -> Check:
    """The check that tells why a row failed.

    Where the call went says more than a step that was waited for in vain because it went elsewhere. Where it went as
    foretold at first, but left a place in another way, that is the cause of what came after.
    """
    first = failed[0]
    if first.subject == LAB:
        return first
    exits = next((check for check in failed if check.subject == EXITS), None)
    journey = next((check for check in failed if check.witness == "trace"), None)
    if journey and exits and journey.observed.startswith(f"{journey.expected} ") and _left_otherwise(exits):
        return exits
    return journey or first


def _left_otherwise(exits: Check) -> bool:
    """Whether a place was left in another way than foretold."""
    pairs = zip(exits.expected.split(", "), exits.observed.split(", "), strict=False)
    return any(one != other and _place(one) == _place(other) for one, other in pairs)


def _place(left: str) -> str:
    return left.partition(" ")[0]
