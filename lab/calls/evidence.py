"""What parties must have heard, settled when their recordings are whole."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from lab import hearing
from lab.calls.legs import Leg
from lab.parties import Party
from lab.verdict import SHORTEST_HEARD, TONE_HEARD

WRITTEN_SECONDS: Final = 3.0
"""Real seconds in which MixMonitor's thread must have closed its file after the end of the call."""
MARGIN: Final = 0.4
"""Seconds more than enough that somebody listens, since sound takes its way."""
_WAV_SIZE: Final = slice(40, 44)
"""Bytes of a wav header that Asterisk fills in when it closes the file (format_wav.c)."""


@dataclass(frozen=True, slots=True)
class _Sound:
    leg: Leg
    spelled: str
    reference: Path
    seconds: float


@dataclass(slots=True)
class Debts:
    """Who must have heard what."""

    _sounds: list[_Sound] = field(default_factory=list)
    _tones: list[tuple[Leg, Party]] = field(default_factory=list)

    def owe_sound(self, leg: Leg, spelled: str, reference: Path, *, complete: bool) -> float:
        """A leg must have heard a sound, at least the beginning of it: so many seconds are enough."""
        start, end = hearing.audible_extent(reference)
        wanted = 0.9 * (end - start) if complete else min(SHORTEST_HEARD, 0.6 * (end - start))
        self._sounds.append(_Sound(leg, spelled, reference, wanted))
        return start + wanted + MARGIN

    def owe_tone(self, leg: Leg, other: Party) -> None:
        """A leg must have heard the tone of another party."""
        self._tones.append((leg, other))

    def unpaid(self, everybody: Iterable[Party]) -> Iterator[tuple[str, str]]:
        """What was expected and what happened, of each debt that was not paid."""
        for debt in self._sounds:
            wait_until_written(debt.leg.recording)
            stretches = hearing.listen(debt.leg.recording, {debt.spelled: debt.reference})
            seconds = sum(each.end - each.start for each in stretches if each.what == debt.spelled)
            if not seconds or seconds < debt.seconds - 0.05:
                expected = f"{debt.leg} to hear {debt.spelled} for {debt.seconds:.1f} s"
                yield expected, f"{debt.leg.recording.name} holds {seconds:.1f} s of it"
        frequencies = {str(party): float(party.tone) for party in everybody}
        for leg, other in self._tones:
            wait_until_written(leg.recording)
            heard: dict[str, float] = {}
            for each in hearing.tones(leg.recording, frequencies):
                name = each.what.removeprefix("tone:")
                heard[name] = heard.get(name, 0) + each.end - each.start
            told = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in heard.items()) or "nobody"
            if heard.get(str(other), 0) < TONE_HEARD or str(leg.party) in heard:
                yield f"{leg} to hear {other} and not itself", f"{leg.recording.name} holds {told}"


def wait_until_written(recording: Path) -> None:
    """Wait until Asterisk has closed a recording: nothing tells but the size in its header."""
    until = time.monotonic() + WRITTEN_SECONDS
    while time.monotonic() < until:
        try:
            header = recording.read_bytes()[:44]
        except OSError:
            header = b""
        if any(header[_WAV_SIZE]):
            return
        time.sleep(0.02)
