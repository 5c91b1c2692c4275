"""What the simulated people say: a tone each, and a spoken message for mailboxes."""

from __future__ import annotations

import io
import wave
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import numpy as np

from pbx.audio import speak, to_wav_bytes

RATE: Final = 8000
TONE_SECONDS: Final = 2.0
"""How long a party speaks with its tone."""
MESSAGE: Final = "Buenos días. Este es un mensaje de prueba del laboratorio. Uno, dos, tres."


def write_voices(folder: Path, frequencies: Iterable[int], synthesizer: tuple[str, ...] | None) -> None:
    """Two seconds of each tone as ``tone-<hertz>.wav``, and ``message.wav``: spoken, else a melody."""
    folder.mkdir(parents=True, exist_ok=True)
    for hertz in frequencies:
        (folder / f"tone-{hertz}.wav").write_bytes(to_wav_bytes(_sine(hertz, TONE_SECONDS)))
    spoken = speak(MESSAGE, "es", synthesizer) if synthesizer else to_wav_bytes(_melody())
    (folder / "message.wav").write_bytes(_after_a_breath(spoken))


def _after_a_breath(spoken: bytes) -> bytes:
    """A sound with a second of silence before it."""
    with wave.open(io.BytesIO(spoken)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16)
    return to_wav_bytes(np.concatenate([np.zeros(RATE, np.int16), samples]))


def _sine(hertz: float, seconds: float) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    at = np.arange(int(RATE * seconds)) / RATE
    return (10_000 * np.sin(2 * np.pi * hertz * at)).astype(np.int16)


def _melody() -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    return np.concatenate(
        [_sine(hertz, 0.25) for hertz in (440, 550, 660, 880, 660, 550, 440, 330, 440, 660, 550, 880)]
    )
