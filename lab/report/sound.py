"""Recordings as something a page can carry and every browser plays."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING

import soundfile

from lab.hearing import SAMPLE_RATE, read_sound

if TYPE_CHECKING:
    from pathlib import Path


def data_address(path: Path) -> str:
    """Give a recording as a ``data:`` address, or an empty text when it holds no sound.

    MP3, 3 kB a second: unlike Ogg it plays on every telephone, and its LAME header keeps the times exact. Where the
    sound library was built without it, plain wav.
    """
    samples = read_sound(path)
    if not len(samples):
        return ""
    kind = "MP3" if "MP3" in soundfile.available_formats() else "WAV"
    file = io.BytesIO()
    soundfile.write(file, samples, SAMPLE_RATE, format=kind)
    media = "audio/mpeg" if kind == "MP3" else "audio/wav"
    return f"data:{media};base64,{base64.b64encode(file.getvalue()).decode('ascii')}"
