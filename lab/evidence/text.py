"""Text of strangers, made fit to be shown."""

from __future__ import annotations

import re

# Control characters except tab and line ends, what turns text around, half characters, and what XML may not hold.
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def visible(text: str) -> str:
    """Replace characters that would break XML, steer a terminal or turn the text around them."""
    return _UNFIT.sub("\N{REPLACEMENT CHARACTER}", text)


def on_one_line(text: str, longest: int = 200) -> str:
    """Make text fit for a label: visible, on one line, shortened."""
    line = " ".join(visible(text).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"
