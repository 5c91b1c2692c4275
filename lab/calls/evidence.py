"""What parties must have heard, settled when their recordings are whole."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from lab import hearing
from lab.calls.legs import Leg
from lab.calls.telling import phone
from lab.parties import Party
from lab.results import Check, Recording
from lab.verdict import SHORTEST_HEARD, TONE_HEARD, recordings

WRITTEN_SECONDS: Final = 3.0
"""Real seconds in which MixMonitor's thread must have closed its file after the end of the call."""
MARGIN: Final = 0.4
"""Seconds more than enough that somebody listens, since sound takes its way."""
SHARE_HEARD: Final = 0.4
"""Of a short sound: on a busy machine at tenfold speed a part of it may be lost, and a tenth would prove it."""
WHOLE: Final = 0.8
"""Of a sound that is heard to its end: a message that the PBX has recorded has lost some twice."""
_WAV_SIZE: Final = slice(40, 44)
"""Bytes of a wav header that Asterisk fills in when it closes the file (format_wav.c)."""


@dataclass(frozen=True, slots=True)
class _Sound:
    leg: Leg
    spelled: str
    references: Mapping[str, Path]
    """What it is recognised by: itself, or any of several songs."""
    seconds: float


@dataclass(frozen=True, slots=True)
class Settled:
    """A debt with what came of it: for a report, and as a test that failed tells it."""

    check: Check
    expected: str
    happened: str


@dataclass(slots=True)
class Debts:
    """Who must have heard what."""

    _sounds: list[_Sound] = field(default_factory=list)
    _tones: list[tuple[Leg, Party, bool]] = field(default_factory=list)

    def owe_sound(self, leg: Leg, spelled: str, reference: Path, *, complete: bool) -> float:
        """A leg must have heard a sound, at least the beginning of it: so many seconds are enough."""
        start, end = hearing.audible_extent(reference)
        wanted = WHOLE * (end - start) if complete else min(SHORTEST_HEARD, SHARE_HEARD * (end - start))
        self._sounds.append(_Sound(leg, spelled, {spelled: reference}, wanted))
        return start + wanted + MARGIN

    def owe_music(self, leg: Leg, songs: Mapping[str, Path], seconds: float) -> None:
        """A leg must have heard so much of any of these songs."""
        self._sounds.append(_Sound(leg, "música / music", songs, seconds))

    def owe_tone(self, leg: Leg, other: Party, *, heard: bool = True) -> None:
        """A leg must have heard the tone of another party, or must not have heard it."""
        self._tones.append((leg, other, heard))

    @property
    def legs(self) -> list[Leg]:
        """Those whose recordings must tell."""
        return list(dict.fromkeys((*(debt.leg for debt in self._sounds), *(leg for leg, _, _ in self._tones))))

    def references(self, leg: Leg) -> dict[str, Path]:
        """The sounds that a leg must have heard, by the names under which they are looked for."""
        return {name: path for debt in self._sounds if debt.leg is leg for name, path in debt.references.items()}

    def unpaid(self, everybody: Iterable[Party]) -> Iterator[tuple[str, str]]:
        """What was expected and what happened, of each debt that was not paid; listens to the recordings itself."""
        for leg in self.legs:
            wait_until_written(leg.recording)
        tones = {str(party): float(party.tone) for party in everybody}
        heard = [
            each
            for leg in self.legs
            if leg.recording.is_file()
            for each in recordings([(str(leg.party), leg.recording)], self.references(leg), tones)
        ]
        for settled in self.settled(heard):
            if not settled.check.passed:
                yield settled.expected, settled.happened

    def settled(self, heard: Iterable[Recording]) -> Iterator[Settled]:
        """Each debt; tones are known by the names of their parties with their tenants."""
        by_path = {each.path: each for each in heard}
        for debt in self._sounds:
            yield _sound_heard(debt, _seconds(by_path.get(debt.leg.recording)))
        for leg, other, wanted in self._tones:
            yield _tone_heard(leg, other, _seconds(by_path.get(leg.recording)), wanted=wanted)


def _seconds(recording: Recording | None) -> dict[str, float]:
    """How long each thing was heard."""
    found: dict[str, float] = {}
    for each in recording.heard if recording else ():
        found[each.what] = found.get(each.what, 0.0) + each.end - each.start
    return found


def _sound_heard(debt: _Sound, heard: Mapping[str, float]) -> Settled:
    leg, seconds = debt.leg, sum(heard.get(name, 0.0) for name in debt.references)
    words = leg.words
    expected = phone(
        f"{words.es} oye «{debt.spelled}»",
        f"{words.en} hears “{debt.spelled}”",
        f"≥ {debt.seconds:.1f} s",
        leg.recording.name,
    )
    passed = bool(seconds) and seconds >= debt.seconds - 0.05
    return Settled(
        replace(expected.seen(f"{seconds:.1f} s", passed=passed), by_ear=True),
        f"{leg} to hear {debt.spelled} for {debt.seconds:.1f} s",
        f"{leg.recording.name} holds {seconds:.1f} s of it",
    )


def _tone_heard(leg: Leg, other: Party, heard: Mapping[str, float], *, wanted: bool) -> Settled:
    tones = {name.removeprefix("tone:"): each for name, each in heard.items() if name.startswith("tone:")}
    told = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in tones.items())
    words, opposite = leg.words, leg.lab.who(other)
    enough = tones.get(str(other), 0) >= TONE_HEARD
    expected = (
        phone(
            f"{words.es} oye a {opposite.es} y no a sí misma",
            f"{words.en} hears {opposite.en} and not itself",
            f"{other} ≥ {TONE_HEARD:g} s",
            leg.recording.name,
        )
        if wanted
        else phone(
            f"{words.es} no oye a {opposite.es}",
            f"{words.en} does not hear {opposite.en}",
            f"{other} 0 s",
            leg.recording.name,
        )
    )
    passed = (enough and str(leg.party) not in tones) if wanted else str(other) not in tones
    return Settled(
        replace(
            expected.seen(told or "silencio / silence", passed=passed),
            by_ear=wanted and str(leg.party) not in tones,
        ),
        f"{leg} to hear {other} and not itself" if wanted else f"{leg} not to hear {other}",
        f"{leg.recording.name} holds {told or 'nobody'}",
    )


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
