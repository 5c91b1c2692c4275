"""What is wrong with YAML that its parser refuses, in the user's words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Slip:
    """The most likely mistake, and the stretch of the text (as indices) where it stands."""

    code: str
    start: int
    end: int
    message: str
    help: str


def explain_slip(text: str, at: int, context: int | None, problem: str, context_text: str) -> Slip:
    """The mistake behind the parser's complaint ``problem`` at index ``at``."""
    del context, context_text
    return Slip("PBX002", at, min(at + 1, len(text)), f"this is not valid YAML: {problem}", "")
