"""Sound files as arrays, and the silence in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import soundfile
import soxr

from lab.results import Heard

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

SAMPLE_RATE = 8000
"""Samples per second: what G.711 carries and MixMonitor writes."""
FRAME = 160
"""Samples in one RTP packet of 20 ms: the grain of every time reported here."""
AUDIBLE = 0.002
"""Root mean square, of a full scale of 1, below which a frame counts as silence (-54 dB).

The smallest a-law step is 0.0005 of full scale and the noise of an idle line stays below it.
"""
LONG_SILENCE = 1.0
"""Seconds of silence worth reporting."""

_PURE = 0.01
"""What may be left of a frame's power by the recurrence of a sine wave.

The noise of G.711 leaves 0.001 or less; of speech, 98 frames in a hundred leave more than 0.01.
"""

_WAV_HEADER = 44


def read_sound(path: Path) -> NDArray[np.float32]:
    """Read a sound file as 8 kHz mono samples between -1 and 1.

    A file that is missing, empty, cut off in its header or no sound at all gives no samples: nothing was recorded, so
    nothing was heard. A wav whose writer was killed still says "0 bytes" in its header; its samples are read anyway.
    """
    try:
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    except (OSError, soundfile.SoundFileError):
        return np.zeros(0, np.float32)
    if not len(samples):
        return _unfinished_wav(path)
    mono = samples[:, 0] if samples.shape[1] == 1 else samples.mean(axis=1)
    if rate != SAMPLE_RATE:
        mono = soxr.resample(mono, rate, SAMPLE_RATE)
    return np.ascontiguousarray(mono, np.float32)


def _unfinished_wav(path: Path) -> NDArray[np.float32]:
    """Read the samples of a 16-bit 8 kHz wav whose header was never completed."""
    content = path.read_bytes()
    rate = int.from_bytes(content[24:28], "little")
    bits = int.from_bytes(content[34:36], "little")
    if content[36:40] != b"data" or rate != SAMPLE_RATE or bits != 16:  # noqa: PLR2004 - the width of a sample
        return np.zeros(0, np.float32)
    whole = (len(content) - _WAV_HEADER) // 2
    samples = np.frombuffer(content, "<i2", count=whole, offset=_WAV_HEADER)
    return np.asarray(samples / 32768, np.float32)


def frame_levels(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Root mean square of each whole 20 ms frame."""
    count = len(samples) // FRAME
    frames = samples[: count * FRAME].reshape(count, FRAME)
    return np.sqrt(np.mean(frames * frames, axis=1, dtype=np.float32))


def pure_tones(samples: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which whole 20 ms frames hold one steady sine wave, and no more beside it than G.711 adds.

    Of a sine wave each sample is a fixed multiple of the one before it less the one before that.
    """
    count = len(samples) // FRAME
    frames = samples[: count * FRAME].reshape(count, FRAME).astype(np.float64)
    middle, around = frames[:, 1:-1], frames[:, 2:] + frames[:, :-2]
    power = np.einsum("ij,ij->i", middle, middle)
    multiple = np.einsum("ij,ij->i", middle, around) / np.maximum(power, 1e-12)
    left = around - multiple[:, None] * middle
    return np.asarray(np.einsum("ij,ij->i", left, left) < _PURE * power, np.bool_)


def runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Half-open index ranges in which ``flags`` is true."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flags.astype(np.int8), [0]))))
    return [(int(start), int(end)) for start, end in zip(edges[::2], edges[1::2], strict=True)]


def silences(samples: NDArray[np.float32], shortest: float = LONG_SILENCE) -> tuple[Heard, ...]:
    """Name the stretches of silence of at least ``shortest`` seconds."""
    grain = FRAME / SAMPLE_RATE
    return tuple(
        Heard("silence", round(start * grain, 3), round(end * grain, 3), 1.0)
        for start, end in runs(frame_levels(samples) < AUDIBLE)
        if (end - start) * grain >= shortest
    )
