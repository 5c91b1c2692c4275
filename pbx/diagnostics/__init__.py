"""Problems as values: what is wrong, where in which file, what the caller would suffer, and the cure.

A check yields ``Diagnostic``s; it never raises and never prints. ``codes`` holds the table of all codes, ``show`` turns
diagnostics into text, ``explain`` gives the page of a code, ``suggest`` finds what the user probably meant.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from pbx.diagnostics.codes import CODES

if TYPE_CHECKING:
    from pbx.diagnostics.codes import Severity

Path = tuple[str | int, ...]
"""A place in a file: ``("queues", "ventas", "max_wait")``; entries of a list count from 0, ``()`` is the whole file."""


WITNESS_SITE: Final = "SITE"
"""Stands in a witness for the folder of the site, which a check does not know."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a file. Lines and columns count from 1, columns in characters; the end is exclusive."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    cell: str = ""
    """In a list, what a spreadsheet shows there: ``row 7, column Correo``."""


@dataclass(frozen=True, slots=True)
class Related:
    """Another place that matters to a problem; shown as ``= note (tenants/andina.yaml:12)``."""

    file: str
    path: Path
    note: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One mistake of the user, told once."""

    code: str
    """An id of the table in ``codes``, for example ``PBX301``."""
    file: str
    """Relative to the site, as shown."""
    path: Path
    message: str
    """One terse sentence in the user's words, without a full stop."""
    help: str = ""
    """What the user can do about it."""
    consequence: str = ""
    """What a caller, or the customer, would suffer."""
    related: tuple[Related, ...] = ()
    at_key: bool = False
    """Point at the key instead of the value."""
    span: Span | None = None
    """The exact place, for problems that have no path (broken YAML); it wins over ``path``."""
    witness: str = ""
    """A command that shows the problem: ``pbx trace SITE andina --did …``."""

    @property
    def severity(self) -> Severity:
        """``error`` or ``warning``, as the table of codes says."""
        return CODES[self.code].severity


class Source(Protocol):
    """What ``show`` needs to know of a file: its text, and where a path stands in it."""

    @property
    def text(self) -> str:
        """The whole text, without a byte order mark."""

    def place(self, path: Path, *, at_key: bool = False) -> Span:
        """Where to point for a path; the nearest ancestor that exists when the path itself does not."""


def has_errors(diagnostics: tuple[Diagnostic, ...] | list[Diagnostic]) -> bool:
    """Whether at least one of them is an error, not merely a warning."""
    return any(diagnostic.severity == "error" for diagnostic in diagnostics)
