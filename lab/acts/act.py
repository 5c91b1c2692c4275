"""A row of the matrix that takes more than one call or party: a short play, in the words of call tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zlib import crc32

from lab.calls import Lab
from lab.results import RowText
from pbx.site import TenantScope

Play = Callable[[Lab], None]
"""What happens: everybody's part, one after the other, and what is expected of it.

It uses nobody but those whom the act touches, and leaves the tenant as it found it; what it must not leave, such as
calls and lamps, is ended for it. What a word of the lab expects is a check of the row.
"""


@dataclass(frozen=True)
class Act:
    """One play to be performed on a stage that it shares with other rows."""

    text: RowText
    scope: TenantScope
    at: datetime
    """Local time of the tenant, with its zone."""
    play: Play
    touched: frozenset[str]
    """What no other row may use meanwhile: phones, queues, and the numbers that carriers are called for.

    See :class:`lab.calls.reach.Reach` for the names.
    """
    shares: frozenset[str] = frozenset()
    """What is used beside other rows, and must not be changed by one meanwhile: trunks, schedules."""
    expected_seconds: float = 20.0
    """About how long it takes, in PBX seconds: enough to begin the longest rows first."""
    real_speed: bool = False
    """Whether it must run at the speed of real time."""

    @property
    def tenant(self) -> str:
        """The tenant's short name."""
        return self.scope.slug

    @property
    def stranger(self) -> str:
        """Who calls from outside; always the same for the same row, and another for each."""
        return f"+549118{crc32(self.text.id.encode()) % 10_000_000:07d}"
