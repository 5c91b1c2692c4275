"""Sound as Asterisk plays it: 8 kHz, 16 bits, one channel, in a wav file (``format_wav.c`` takes nothing else).

Heavy libraries come in at the top, so import this module only where sound is really handled.
"""

from __future__ import annotations

import io
import struct
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

RATE = 8000
"""Samples per second."""
LONG = 300
"""Seconds from which a recording gets the note ``long``."""

Samples = npt.NDArray[np.int16]
"""One channel at ``RATE``."""
_Wave = npt.NDArray[np.float32]

_SAMPLE_FORMATS = {1: (8, 16, 24, 32), 3: (32, 64), 6: (8,), 7: (8,)}
"""Bits per sample by wav format: PCM, float, A-law, mu-law (RFC 2361)."""
_EXTENSIBLE = 0xFFFE
_UNKNOWN_LENGTH = 0x7FFFF000
"""From here on a length means "until the end": programs that write into a pipe cannot know it (espeak-ng, ffmpeg)."""
_RATES = (4_000, 384_000)
_MOST_CHANNELS = 8
_CHANNELS = {1: "mono", 2: "stereo"}
_OTHER_FILES = {
    b"ID3": "an MP3 file",
    b"\xff\xfb": "an MP3 file",
    b"\xff\xf3": "an MP3 file",
    b"OggS": "an Ogg file",
    b"fLaC": "a FLAC file",
    b"FORM": "an AIFF file",
    b"RF64": "a wav file of more than 4 GB",
}
_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")

_SILENT = 0.001
_QUIET = 0.02
_CLIPPED_SHARE = 0.001
_FULL = 0.999
_WINDOW = RATE // 20

_VOICES = {"es": "es-419", "en": "en-us"}
_WORDS_PER_MINUTE = 150
_LONGEST_TEXT = 5_000
_SPEECH_THRESHOLD = 0.003
_SPEECH_PEAK = 0.7
_BEFORE, _AFTER = RATE // 10, RATE // 5


class UnplayableAudio(ValueError):  # noqa: N818 - says what it is about: the sound, not the program
    """What cannot become sound; the text says why, in the user's words, and what would help."""


class Note(StrEnum):
    """Something a caller would notice about a recording that can be played all the same."""

    SILENT = "silent"
    """Nothing is heard: the loudest sample is below -60 dB of full scale."""
    QUIET = "quiet"
    """Hard to hear: the loudest twentieth of a second is below -34 dB of full scale."""
    CLIPPED = "clipped"
    """Distorted: more than one sample in a thousand stands at full scale."""
    LONG = "long"
    """Longer than five minutes."""


@dataclass(frozen=True, slots=True)
class Sound:
    """A recording as Asterisk will play it."""

    samples: Samples
    notes: tuple[Note, ...]
    given: str = ""
    """What it was before, such as ``44100 Hz, stereo, 24 bits``; empty when nothing had to be converted."""

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.samples) / RATE


def read_recording(data: bytes) -> Sound:
    """A customer's wav, of any rate, width and number of channels, as Asterisk will play it.

    Raises ``UnplayableAudio`` for anything that is not a whole wav file of plain samples.
    """
    plain = _plain_wav(data)
    wave, rate = _decode(plain)
    clipped = float(np.mean(np.abs(wave) >= _FULL)) > _CLIPPED_SHARE
    wave = _resampled(wave, rate)
    return Sound(_to_samples(wave), _notes(wave, clipped=clipped), _given(plain))


def _given(wav: bytes) -> str:
    """What a wav holds, where that is not what Asterisk plays."""
    format_, channels, rate, bits = (_HEADER.unpack_from(wav)[index] for index in (5, 6, 7, 10))
    if (format_, channels, rate, bits) == (1, 1, RATE, 16):
        return ""
    coding = {3: "float, ", 6: "A-law, ", 7: "mu-law, "}.get(format_, "")
    return f"{rate} Hz, {_CHANNELS.get(channels, f'{channels} channels')}, {coding}{bits} bits"


def to_wav_bytes(samples: Samples) -> bytes:
    """A wav file with the plain header of 44 bytes; the same samples always give the same bytes."""
    body = samples.astype("<i2").tobytes()
    return _header(1, 1, RATE, 16, len(body)) + body


def speak(text: str, language: Literal["es", "en"], command: Sequence[str], *, timeout: float = 60) -> bytes:
    """A text as a wav for Asterisk, spoken by espeak-ng, begun and ended with a little silence.

    ``command`` is how espeak-ng is started (see ``find_synthesizer``). The text goes in by standard input, so nothing
    in it can become an option or a command. ``timeout`` is in seconds. Raises ``UnplayableAudio``.
    """
    text = " ".join(text.split())
    if not text:
        raise UnplayableAudio("there is no text to say")
    if len(text) > _LONGEST_TEXT:
        raise UnplayableAudio(f"the text has {len(text)} characters; {_LONGEST_TEXT} is the most a caller could bear")
    arguments = ["-v", _VOICES[language], "-s", str(_WORDS_PER_MINUTE), "-b", "1", "--stdin", "--stdout"]
    spoken = _run([*command, *arguments], text.encode("utf-8", errors="replace"), timeout)
    if not spoken:
        raise UnplayableAudio(f"the speech program {command[0]} said nothing")
    wave = _resampled(*_decode(_plain_wav(spoken)))
    loud = np.flatnonzero(np.abs(wave) > _SPEECH_THRESHOLD)
    if not len(loud):
        raise UnplayableAudio("espeak-ng made no sound of this text; it needs letters or numbers")
    wave = wave[loud[0] : loud[-1] + 1]
    wave = np.pad(wave * (_SPEECH_PEAK / float(np.max(np.abs(wave)))), (_BEFORE, _AFTER))
    return to_wav_bytes(_to_samples(wave))


def find_synthesizer(environment: Mapping[str, str], search: Callable[[str], str | None]) -> tuple[str, ...] | None:
    """How to start espeak-ng: the one on the PATH, else the one in our cache; None when there is neither.

    ``search`` finds a program by its name or path, and only if it may be run: ``shutil.which``.
    """
    caches = environment.get("XDG_CACHE_HOME") or f"{environment.get('HOME', '')}/.cache"
    found = search("espeak-ng") or search(f"{caches}/centralita/bin/espeak-ng")
    return (found,) if found else None


def _run(command: Sequence[str], text: bytes, timeout: float) -> bytes:
    try:
        ended = subprocess.run(command, input=text, capture_output=True, timeout=timeout, check=False)
    except OSError as error:
        message = f"the speech program {command[0]} cannot be run ({error.strerror}): sudo apt-get install espeak-ng"
        raise UnplayableAudio(message) from error
    except subprocess.TimeoutExpired as error:
        raise UnplayableAudio(f"the speech program {command[0]} did not end within {timeout:g} s") from error
    if ended.returncode != 0:
        said = ended.stderr.decode("utf-8", errors="replace").strip().splitlines()
        reason = said[-1] if said else f"exit code {ended.returncode}"
        raise UnplayableAudio(f"the speech program {command[0]} failed: {reason}")
    return ended.stdout


def _header(format_: int, channels: int, rate: int, bits: int, length: int) -> bytes:
    frame = channels * bits // 8
    return _HEADER.pack(
        b"RIFF", 36 + length, b"WAVE", b"fmt ", 16, format_, channels, rate, rate * frame, frame, bits, b"data", length
    )


def _plain_wav(data: bytes) -> bytes:
    """The same sound behind a header we wrote ourselves: what the file's own header claims is checked, not believed."""
    if not data:
        raise UnplayableAudio("the file is empty")
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise UnplayableAudio(f"this is {_what(data)}, not a wav file: save it as wav, 16 bits, 8000 Hz, mono")
    layout, claimed, body = _chunks(data)
    format_, channels, rate, bits = _sample_format(layout)
    if len(body) < claimed < _UNKNOWN_LENGTH:
        raise UnplayableAudio(f"the wav file is cut off: {claimed} bytes of sound are announced, {len(body)} are there")
    body = body[: len(body) - len(body) % (channels * bits // 8)]
    if not body:
        raise UnplayableAudio("the wav file has no sound in it")
    return _header(format_, channels, rate, bits, len(body)) + body


def _chunks(data: bytes) -> tuple[bytes, int, bytes]:
    """The ``fmt`` chunk, the announced length of the ``data`` chunk, and what is really there of it."""
    layout = b""
    at = 12
    while at + 8 <= len(data):
        name, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        content = data[at + 8 : at + 8 + length]
        if name == b"data" and layout:
            return layout, length, content
        if name == b"fmt ":
            layout = content
        at += 8 + length + length % 2
    raise UnplayableAudio("the wav file is damaged: it does not say what is in it")


def _sample_format(layout: bytes) -> tuple[int, int, int, int]:
    """Format, channels, samples per second and bits per sample, from a ``fmt`` chunk."""
    if len(layout) < 16:  # noqa: PLR2004 - its smallest size (RFC 2361)
        raise UnplayableAudio("the wav file is damaged: its header is too short")
    format_, channels, rate, _, frame, bits = struct.unpack_from("<HHIIHH", layout)
    if format_ == _EXTENSIBLE and len(layout) >= 26:  # noqa: PLR2004 - where the real format stands
        format_ = int.from_bytes(layout[24:26], "little")
    if bits not in _SAMPLE_FORMATS.get(format_, ()):
        cure = "save it as wav, PCM, 16 bits, 8000 Hz, mono"
        raise UnplayableAudio(f"the wav file holds compressed or unusual sound (format {format_}, {bits} bits): {cure}")
    if not 1 <= channels <= _MOST_CHANNELS or not _RATES[0] <= rate <= _RATES[1] or frame != channels * bits // 8:
        raise UnplayableAudio(f"the wav file is damaged: it claims {channels} channels at {rate} Hz")
    return format_, channels, rate, bits


def _what(data: bytes) -> str:
    """A name for a file that is not a wav."""
    for start, name in _OTHER_FILES.items():
        if data.startswith(start):
            return name
    if data[4:8] == b"ftyp":
        return "an MP4 or M4A file"
    return "something else"


def _decode(wav: bytes) -> tuple[_Wave, int]:
    """The channels mixed into one, between -1 and 1, and samples per second."""
    try:
        frames, rate = soundfile.read(io.BytesIO(wav), dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise UnplayableAudio(f"the wav file is damaged: {error.error_string}") from error
    wave: _Wave = np.mean(frames, axis=1, dtype=np.float32)
    if not np.all(np.isfinite(wave)):
        raise UnplayableAudio("the wav file is damaged: it holds samples that are not numbers")
    return wave, rate


def _resampled(wave: _Wave, rate: int) -> _Wave:
    if rate == RATE:
        return wave
    converted: _Wave = soxr.resample(wave, rate, RATE, quality="HQ")
    if not len(converted):
        raise UnplayableAudio("the wav file has no sound in it")
    return converted


def _to_samples(wave: _Wave) -> Samples:
    """Sixteen bits; what is louder than full scale is cut, never wrapped around."""
    return np.clip(np.rint(wave * 32768), -32768, 32767).astype(np.int16)


def _notes(wave: _Wave, *, clipped: bool) -> tuple[Note, ...]:
    notes = []
    if float(np.max(np.abs(wave))) < _SILENT:
        notes.append(Note.SILENT)
    elif _loudest(wave) < _QUIET:
        notes.append(Note.QUIET)
    if clipped:
        notes.append(Note.CLIPPED)
    if len(wave) > LONG * RATE:
        notes.append(Note.LONG)
    return tuple(notes)


def _loudest(wave: _Wave) -> float:
    """The level (root mean square) of the loudest window."""
    padded = np.pad(wave, (0, -len(wave) % _WINDOW))
    return float(np.sqrt(np.max(np.mean(np.square(padded.reshape(-1, _WINDOW)), axis=1))))
