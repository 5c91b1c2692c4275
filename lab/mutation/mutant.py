"""One change of one line of a compiled bundle, and what it means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


class MutationError(Exception):
    """The line is not the one that was to be changed: the bundle is another one."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A bundle in which one thing is wrong."""

    kind: str
    """What sort of change it is, in a few words: ``jump elsewhere``, ``queue strategy``."""
    file: str
    """Relative to Asterisk's configuration folder."""
    line: int
    """Counted from 1."""
    old: str
    """The part of the line that is replaced; the whole line when ``new`` is None."""
    new: str | None
    """What stands there instead, maybe of several lines; None when the line is gone."""
    meaning: str
    """What has changed, in words."""
    section: str
    """The context or section in which the line stands."""
    names: tuple[str, ...] = ()
    """Words by which rows are found that use what was changed, where no call runs through the line itself."""
    origin: str = ""
    """What the line was made of: ``tenants/andina.yaml: queues.ventas``."""

    @property
    def place(self) -> str:
        """``queues.conf:12``."""
        return f"{self.file}:{self.line}"

    @property
    def id(self) -> str:
        """Unique within a bundle, and the same for the same bundle."""
        return f"{self.place} {self.kind}: {self.old} → {'–' if self.new is None else self.new}"


def mutated(files: Mapping[str, str], mutant: Mutant) -> dict[str, str]:
    """The bundle with the change. Raises :class:`MutationError` when there is no such line.

    Addresses and passwords may differ from those of the bundle that the mutant was made of.
    """
    lines = files.get(mutant.file, "").split("\n")
    index = mutant.line - 1
    line = lines[index] if index < len(lines) else ""
    key = mutant.old.partition("=")[0]
    if mutant.new is None and line.partition("=")[0] == key:
        del lines[index]
    elif mutant.new is not None and mutant.old in line:
        lines[index] = line.replace(mutant.old, mutant.new, 1)
    elif mutant.new is not None and line.startswith(f"{key}="):  # the value is an address, and here it is another one
        lines[index] = mutant.new
    else:
        raise MutationError(f"{mutant.place} does not hold {mutant.old}")
    return {**files, mutant.file: "\n".join(lines)}
