"""A recording as something that every telephone and every browser plays, and that is smaller than its wav."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

import soundfile

from lab.hearing import SAMPLE_RATE, read_sound

if TYPE_CHECKING:
    from pathlib import Path

FLAC: Final = "audio/flac"


def playable(recording: Path) -> bytes:
    """The content of a recording as FLAC; nothing when it holds no sound.

    Lossless, 6 kB a second, and made in a twentieth of the time that MP3 takes, which is half as large: a page of 300
    calls has 40 minutes of sound. Unlike Ogg it plays on every telephone.
    """
    samples = read_sound(recording)
    if not len(samples):
        return b""
    file = io.BytesIO()
    soundfile.write(file, samples, SAMPLE_RATE, format="FLAC", subtype="PCM_16")
    return file.getvalue()
