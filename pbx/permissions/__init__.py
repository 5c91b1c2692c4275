"""Who may call what: questions to put to a dialplan, the model's answers to them, and what they add up to.

A :class:`Probe` is something a phone might dial. :func:`foretold` says what comes of it by the model; the laboratory
dials the same keys on a real Asterisk; :func:`compare` holds the two against each other. Schedules do not restrict
outgoing calls in the tenant language, so all of it is true at any hour.
"""

from __future__ import annotations

from pbx.permissions.matrix import COLUMNS, Cell, Row, matrix
from pbx.permissions.outcomes import (
    Answers,
    Difference,
    Outcome,
    Outcomes,
    Phone,
    all_foretold,
    compare,
    compare_phones,
    foretold,
)
from pbx.permissions.probes import Probe, examples, probes

__all__ = [
    "COLUMNS",
    "Answers",
    "Cell",
    "Difference",
    "Outcome",
    "Outcomes",
    "Phone",
    "Probe",
    "Row",
    "all_foretold",
    "compare",
    "compare_phones",
    "examples",
    "foretold",
    "matrix",
    "probes",
]
