"""What a run was asked for on the command line."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pbx.cli.console import TextOrJson


class Language(StrEnum):
    """The language of what a customer reads."""

    ES = "es"
    EN = "en"


@dataclass(frozen=True, slots=True)
class Options:
    """The options of ``pbx lab run``, as they were given."""

    tenant: str = ""
    rows: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    phase: int = 0
    """0: every phase."""
    quick: bool = False
    """Only the rows that still show everything once."""
    failed: bool = False
    """Only the rows that did not pass the last time."""
    repeat: int = 1
    speed: int = 10
    jobs: int = 0
    """PBXs at once; 0: as many as the runner thinks right."""
    fail_fast: bool = False
    report: Path = Path("build/report")
    engine: str = "embedded"
    language: str = ""
    """Of documents and pages; empty: the tenant's."""
    compare: Path | None = None
    """An earlier report; without one, that which the new one replaces."""
    format: TextOrJson = TextOrJson.TEXT

    @property
    def selection(self) -> str:
        """The options by which rows were chosen, as one would type them; empty when all were."""
        words = [f"--row {row}" for row in self.rows]
        words += [f"--requirement {requirement}" for requirement in self.requirements]
        words += [f"--phase {self.phase}"] if self.phase else []
        words += ["--quick"] if self.quick else []
        words += ["--failed"] if self.failed else []
        return " ".join(words)
