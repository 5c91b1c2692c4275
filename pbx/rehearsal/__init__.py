"""A call, run on paper through the dialplan that was compiled for its tenant.

The text is run as Asterisk would run it, step by step, and knows nothing of the model that foretells the same call:
what phones, trunks and users do comes from the situation alone. So which lines a call runs through is found, not
asserted; and where the dialplan announces other places than the trace, one of the two is wrong.
"""

from __future__ import annotations

from pbx.rehearsal.lines import Line, Paper, Rehearsed, paper_of, rehearse, unknown

__all__ = ["Line", "Paper", "Rehearsed", "paper_of", "rehearse", "unknown"]
