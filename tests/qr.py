"""Read a QR code that was printed on a terminal, as the camera of a telephone would."""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import zxingcpp

_HALVES: Final = {"█": (255, 255), "▀": (255, 0), "▄": (0, 255), " ": (0, 0)}
"""Of each character the upper module and the lower one, as a terminal with a dark background shows them."""
_COLOURS: Final = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
"""What moves the cursor and colours text."""
_MODULE: Final = 8
"""Pixels."""


def read_qr_code(printed: str) -> str:
    """What the one QR code among other lines says."""
    lines = [line for line in _COLOURS.sub("", printed).splitlines() if line and set(line) <= set(_HALVES)]
    rows = [[_HALVES[character][half] for character in line] for line in lines for half in (0, 1)]
    picture = np.kron(np.array(rows, dtype=np.uint8), np.ones((_MODULE, _MODULE), dtype=np.uint8))
    (found,) = zxingcpp.read_barcodes(picture, try_invert=False)
    return str(found.text)
