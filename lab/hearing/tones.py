"""Which of the known sine tones a recording holds: every simulated phone speaks with a tone of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lab.hearing.sound import AUDIBLE, FRAME, SAMPLE_RATE, read_sound, runs
from lab.results import Heard

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

_WINDOW = 5 * FRAME
"""100 ms: with a Hann window, tones 30 Hz apart are told apart."""


def tones(
    recording: Path,
    frequencies: Mapping[str, float],
    *,
    share: float = 0.2,
    shortest: float = 0.25,
) -> tuple[Heard, ...]:
    """Say which tones sounded, from when to when, in order of time.

    ``frequencies`` gives the hertz of each tone by its name; a tone is reported as ``tone:<name>``. It is present while
    at least ``share`` of the sound's power lies on its frequency, for at least ``shortest`` seconds, so up to four
    tones at once are heard. Frequencies must lie 30 Hz apart. The score is the mean share. A tone that is not in the
    answer did not sound.
    """
    samples = read_sound(recording)
    if not len(samples) or not frequencies:
        return ()
    shares = _shares(samples, np.array(list(frequencies.values())))
    heard = [
        Heard(f"tone:{name}", _middle(start), _middle(end - 1), round(float(shares[start:end, column].mean()), 3))
        for column, name in enumerate(frequencies)
        for start, end in runs(shares[:, column] >= share)
        if (end - 1 - start) * FRAME / SAMPLE_RATE >= shortest
    ]
    return tuple(sorted(heard, key=lambda each: (each.start, each.what)))


def _middle(window: int) -> float:
    """Seconds from the beginning of the recording to the middle of a window, the best guess at an edge."""
    return round(window * FRAME / SAMPLE_RATE, 3)


def _shares(samples: NDArray[np.float32], hertz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of the power on each frequency (columns), per window of 100 ms every 20 ms (rows)."""
    # With half a window of silence around it, windows have their middles from the first sample to the last.
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(samples, _WINDOW // 2), _WINDOW)[::FRAME]
    taper = np.hanning(_WINDOW).astype(np.float32)
    waves = np.exp(-2j * np.pi * np.outer(np.arange(_WINDOW), hertz) / SAMPLE_RATE).astype(np.complex64)
    amplitude = 2 * np.abs(windows @ (taper[:, None] * waves)) / taper.sum()
    power = (windows**2) @ (taper**2) / (taper**2).sum()
    loud = power > AUDIBLE**2
    shares = np.zeros(amplitude.shape)
    shares[loud] = amplitude[loud] ** 2 / 2 / power[loud, None]
    return shares
