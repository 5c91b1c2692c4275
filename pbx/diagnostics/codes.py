"""The one table of everything that can be wrong.

Ranges: 0xx source · 1xx shape · 2xx numbers · 3xx references · 4xx call flow · 5xx safety and isolation · 6xx target ·
7xx apply · 8xx lab · 900 us. A code is never reused and never changes its meaning: customers' ``ignore:`` lists and
reports name them. Each has a page ``docs/PBXnnn.md``, which is also its test.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Severity = Literal["error", "warning"]
Provocation = Literal["page", "runtime"]


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of mistake."""

    id: str
    """``PBX`` and three digits."""
    slug: str
    """A name one can remember, for example ``unknown-destination``."""
    severity: Severity
    title: str
    """What it is about, as a heading."""
    provocation: Provocation = "page"
    """``page``: the YAML of its page provokes it. ``runtime``: it needs a running machine, so a test elsewhere does."""


_TABLE = (
    Code("PBX001", "unreadable-file", "error", "The file is not readable as text"),
    Code("PBX002", "broken-yaml", "error", "The YAML is broken"),
    Code("PBX003", "duplicate-key", "error", "A key is written twice"),
    Code("PBX004", "anchor-or-alias", "error", "An anchor (&) or an alias (*)"),
    Code("PBX005", "tag", "error", "A tag (!)"),
    Code("PBX006", "merge-key", "error", "A merge key (<<)"),
    Code("PBX007", "several-documents", "error", "More than one document in a file"),
    Code("PBX008", "key-is-not-text", "error", "A key is not text"),
    Code("PBX009", "empty-file", "error", "The file is empty"),
    Code("PBX010", "too-large-or-too-deep", "error", "The file is too large or nested too deep"),
    Code("PBX900", "our-mistake", "error", "A mistake of this program", provocation="runtime"),
)

CODES: Mapping[str, Code] = {code.id: code for code in _TABLE}
"""Every code by its id."""
