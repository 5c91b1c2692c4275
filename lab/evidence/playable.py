"""A recording as something that every telephone and every browser plays, and that is small enough for a page."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

import soundfile

from lab.hearing import SAMPLE_RATE, read_sound

if TYPE_CHECKING:
    from pathlib import Path

MP3: Final = "audio/mpeg"
WAV: Final = "audio/wav"


def keep_playable(recording: Path) -> None:
    """Write a recording's MP3 beside it, while nothing else wants the processor; a silent one has none."""
    kind, content = playable(recording)
    if content and kind == MP3:
        _beside(recording).write_bytes(content)


def playable(recording: Path) -> tuple[str, bytes]:
    """The media type and content of a recording; nothing when it holds no sound.

    MP3, 3 kB a second: unlike Ogg it plays on every telephone, and its LAME header keeps the times exact. Where the
    sound library was built without it, plain wav.
    """
    kept = _beside(recording)
    if kept.is_file():
        return MP3, kept.read_bytes()
    samples = read_sound(recording)
    if not len(samples):
        return WAV, b""
    kind = "MP3" if "MP3" in soundfile.available_formats() else "WAV"
    file = io.BytesIO()
    soundfile.write(file, samples, SAMPLE_RATE, format=kind)
    return MP3 if kind == "MP3" else WAV, file.getvalue()


def _beside(recording: Path) -> Path:
    return recording.with_suffix(".mp3")
