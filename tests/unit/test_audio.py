"""Sound for Asterisk: what is read, refused, noted and spoken."""

from __future__ import annotations

import io
import struct
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from pbx.audio import RATE, Note, UnplayableAudio, find_synthesizer, read_recording, speak, to_wav_bytes

Wave = npt.NDArray[np.float64]


def tone(frequency: float = 440, seconds: float = 0.5, rate: int = RATE, level: float = 0.5) -> Wave:
    """A pure tone."""
    return np.asarray(level * np.sin(2 * np.pi * frequency * np.arange(int(seconds * rate)) / rate), dtype=np.float64)


def wav(wave: Wave, rate: int = RATE, subtype: str = "PCM_16", container: str = "WAV") -> bytes:
    """A wav file as another program would write it."""
    file = io.BytesIO()
    soundfile.write(file, wave, rate, subtype=subtype, format=container)
    return file.getvalue()


def loudest_frequency(samples: npt.NDArray[np.int16]) -> float:
    """The frequency with the most energy, in Hz."""
    spectrum = np.abs(np.fft.rfft(samples.astype(np.float64)))
    return float(np.argmax(spectrum)) * RATE / len(samples)


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000])
def test_any_rate_keeps_pitch_length_and_level(rate: int) -> None:
    sound = read_recording(wav(tone(rate=rate), rate))
    assert sound.samples.dtype == np.int16
    assert abs(sound.seconds - 0.5) < 0.001
    assert abs(loudest_frequency(sound.samples) - 440) < 3
    assert abs(int(np.max(sound.samples[800:-800])) - 16384) < 400
    assert sound.notes == ()


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ALAW", "ULAW"])
@pytest.mark.parametrize("container", ["WAV", "WAVEX"])
def test_any_width_is_the_same_sound(subtype: str, container: str) -> None:
    sound = read_recording(wav(tone(), subtype=subtype, container=container))
    expected = np.rint(tone() * 32767)
    assert np.max(np.abs(sound.samples - expected)) < 600


def test_channels_are_mixed_into_one() -> None:
    left, right = tone(440), tone(1000)
    sound = read_recording(wav(np.stack([left, right], axis=1)))
    assert np.max(np.abs(sound.samples - np.rint((left + right) / 2 * 32767))) <= 2


def test_what_asterisk_plays_already_is_not_touched() -> None:
    samples = np.rint(tone() * 32767).astype(np.int16)
    assert np.array_equal(read_recording(to_wav_bytes(samples)).samples, samples)


def test_nothing_above_half_the_rate_folds_back() -> None:
    sound = read_recording(wav(tone(6_000, rate=48_000), 48_000))
    assert np.max(np.abs(sound.samples[400:-400])) < 40


def test_other_chunks_and_an_unknown_length_do_not_matter() -> None:
    plain = to_wav_bytes(np.rint(tone() * 32767).astype(np.int16))
    chunk = b"LIST" + struct.pack("<I", 3) + b"abc\0"
    assert len(read_recording(plain[:12] + chunk + plain[12:]).samples) == 4000
    endless = plain[:40] + struct.pack("<I", 0x7FFFF000) + plain[44:]
    assert len(read_recording(endless).samples) == 4000


PLAIN = to_wav_bytes(np.rint(tone() * 32767).astype(np.int16))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the file is empty"),
        (b"ID3\x04" + b"\0" * 500, "an MP3 file, not a wav"),
        (b"\xff\xfb\x90\x64" + b"\0" * 500, "an MP3 file, not a wav"),
        (b"OggS" + b"\0" * 500, "an Ogg file"),
        (b"\0\0\0\x20ftypM4A " + b"\0" * 99, "M4A"),
        (b"hello", "not a wav file"),
        (PLAIN[:20], "damaged"),
        (PLAIN[:36], "damaged"),
        (PLAIN[:44], "cut off"),
        (PLAIN[:4000], "cut off: 8000 bytes of sound are announced, 3956 are there"),
        (PLAIN[:40] + struct.pack("<I", 0) + PLAIN[44:], "no sound"),
        (PLAIN[:40] + struct.pack("<I", 1) + b"x", "no sound"),
        (PLAIN[:22] + struct.pack("<H", 0) + PLAIN[24:], "0 channels"),
        (PLAIN[:22] + struct.pack("<H", 60_000) + PLAIN[24:], "60000 channels"),
        (PLAIN[:24] + struct.pack("<I", 1) + PLAIN[28:], "at 1 Hz"),
        (PLAIN[:24] + struct.pack("<I", 0xFFFFFFFF) + PLAIN[28:], "at 4294967295 Hz"),
        (PLAIN[:32] + struct.pack("<H", 0) + PLAIN[34:], "damaged"),
        (PLAIN[:20] + struct.pack("<H", 0x55) + PLAIN[22:], "compressed or unusual sound"),
        (PLAIN[:16] + struct.pack("<I", 0xFFFFFFF0) + PLAIN[20:], "damaged"),
    ],
)
def test_what_is_not_a_whole_wav_is_refused_with_the_reason(data: bytes, reason: str) -> None:
    with pytest.raises(UnplayableAudio, match=reason):
        read_recording(data)


def test_samples_that_are_not_numbers_are_refused() -> None:
    with pytest.raises(UnplayableAudio, match="not numbers"):
        read_recording(wav(np.array([0.1, np.nan, 0.2] * 100), subtype="FLOAT"))


@given(
    st.binary(max_size=200)
    | st.tuples(st.integers(0, 43), st.binary(max_size=8)).map(
        lambda patch: PLAIN[: patch[0]] + patch[1] + PLAIN[patch[0] + len(patch[1]) :]
    )
)
def test_any_bytes_are_played_or_refused(data: bytes) -> None:
    try:
        seconds = read_recording(data).seconds
    except UnplayableAudio:
        return
    assert 0 < seconds < 10


@pytest.mark.parametrize(
    ("wave", "notes"),
    [
        (np.zeros(4000), (Note.SILENT,)),
        (tone(level=0.0005), (Note.SILENT,)),
        (tone(level=0.01), (Note.QUIET,)),
        (np.concatenate([tone(level=0.5, seconds=0.1), np.zeros(80_000)]), ()),
        (tone(level=3), (Note.CLIPPED,)),
        (tone(level=0.95), ()),
        (tone(seconds=299), ()),
        (tone(seconds=301), (Note.LONG,)),
    ],
)
def test_what_a_caller_would_notice_is_noted(wave: Wave, notes: tuple[Note, ...]) -> None:
    assert read_recording(wav(wave)).notes == notes


def test_a_float_wav_that_is_too_loud_is_cut_not_wrapped() -> None:
    sound = read_recording(wav(tone(level=3), subtype="FLOAT"))
    assert int(np.max(sound.samples)) == 32767
    assert int(np.min(sound.samples)) == -32768
    assert sound.notes == (Note.CLIPPED,)


def test_the_wav_we_write_has_the_plain_header() -> None:
    data = to_wav_bytes(np.array([1, -2, 3], dtype=np.int16))
    assert data == (
        b"RIFF"
        + struct.pack("<I", 42)
        + b"WAVEfmt "
        + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 16000, 2, 16)
        + b"data"
        + struct.pack("<I", 6)
        + struct.pack("<3h", 1, -2, 3)
    )


FAKE = """
import math, struct, sys
from pathlib import Path
text = sys.stdin.buffer.read()
Path(sys.argv[1]).write_text(repr((sys.argv[2:], text.decode())))
wave = [0] * 22050 + [int(9000 * math.sin(i / 8)) for i in range(22050)] + [0] * 22050
body = struct.pack(f"<{len(wave)}h", *wave)
sys.stdout.buffer.write(b"RIFF" + struct.pack("<I", 0x7ffff024) + b"WAVEfmt ")
sys.stdout.buffer.write(struct.pack("<IHHIIHH", 16, 1, 1, 22050, 44100, 2, 16))
sys.stdout.buffer.write(b"data" + struct.pack("<I", 0x7ffff000) + body)
"""


def program(folder: Path, text: str) -> tuple[str, ...]:
    """A speech program made for a test; it notes how it was called in ``called``."""
    script = folder / "fake.py"
    script.write_text(text, encoding="utf-8")
    return sys.executable, "-I", str(script), str(folder / "called")


def test_speech_is_trimmed_padded_and_as_loud_as_it_should_be(tmp_path: Path) -> None:
    spoken = speak("Gracias por llamar.", "es", program(tmp_path, FAKE))
    sound = read_recording(spoken)
    assert abs(sound.seconds - 1.3) < 0.02
    assert np.all(sound.samples[:790] == 0)
    assert np.all(sound.samples[-1590:] == 0)
    assert abs(int(np.max(np.abs(sound.samples))) - round(0.7 * 32768)) <= 1
    assert sound.notes == ()


def test_the_same_text_gives_the_same_bytes(tmp_path: Path) -> None:
    command = program(tmp_path, FAKE)
    assert speak("Hola", "es", command) == speak("Hola", "es", command)


@pytest.mark.parametrize(("language", "voice"), [("es", "es-419"), ("en", "en-us")])
def test_a_text_can_never_become_an_option_or_a_command(tmp_path: Path, language: str, voice: str) -> None:
    text = '--help; $(reboot) "ñ" `x`\n\n-v  it'
    speak(text, "es" if language == "es" else "en", program(tmp_path, FAKE))
    arguments, said = eval((tmp_path / "called").read_text(encoding="utf-8"))  # noqa: S307 - our own repr
    assert said == '--help; $(reboot) "ñ" `x` -v it'
    assert arguments == ["-v", voice, "-s", "150", "-b", "1", "--stdin", "--stdout"]


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("import sys; sys.exit('no such voice')", "failed: no such voice"),
        ("import sys; sys.exit(3)", "failed: exit code 3"),
        ("", "said nothing"),
        ("print('hello')", "not a wav"),
        (FAKE.replace("9000", "0"), "made no sound"),
        ("import sys; sys.stdin.read(); import threading; threading.Event().wait()", "did not end within 0.5 s"),
    ],
)
def test_a_speech_program_that_fails_is_told(tmp_path: Path, script: str, reason: str) -> None:
    timeout = 0.5 if "within" in reason else 60
    with pytest.raises(UnplayableAudio, match=reason):
        speak("Hola", "es", program(tmp_path, script), timeout=timeout)


def test_a_missing_speech_program_is_told_with_its_cure(tmp_path: Path) -> None:
    with pytest.raises(UnplayableAudio, match=r"cannot be run .*sudo apt-get install espeak-ng"):
        speak("Hola", "es", (str(tmp_path / "nothing"),))


@pytest.mark.parametrize(("text", "reason"), [("", "no text"), (" \n", "no text"), ("x" * 5001, "5001 characters")])
def test_a_text_nobody_could_speak_is_refused(text: str, reason: str) -> None:
    with pytest.raises(UnplayableAudio, match=reason):
        speak(text, "es", ("never run",))


@pytest.mark.parametrize(
    ("environment", "programs", "expected"),
    [
        ({"HOME": "/h"}, {"espeak-ng": "/usr/bin/espeak-ng"}, ("/usr/bin/espeak-ng",)),
        (
            {"HOME": "/h"},
            {"/h/.cache/centralita/bin/espeak-ng": "/h/.cache/centralita/bin/espeak-ng"},
            ("/h/.cache/centralita/bin/espeak-ng",),
        ),
        (
            {"HOME": "/h", "XDG_CACHE_HOME": "/c"},
            {"/c/centralita/bin/espeak-ng": "/c/centralita/bin/espeak-ng"},
            ("/c/centralita/bin/espeak-ng",),
        ),
        ({"HOME": "/h", "XDG_CACHE_HOME": "/c"}, {"/h/.cache/centralita/bin/espeak-ng": "x"}, None),
        ({}, {}, None),
    ],
)
def test_the_synthesizer_is_found_on_the_path_or_in_the_cache(
    environment: dict[str, str], programs: dict[str, str], expected: tuple[str, ...] | None
) -> None:
    assert find_synthesizer(environment, programs.get) == expected
