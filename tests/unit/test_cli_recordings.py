"""Recordings are heard by ``pbx check``: what is wrong is told at its place in the YAML, what is converted is said."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.commands import Pbx, change

SECOND = np.arange(44_100) / 44_100
TONE = 0.3 * np.sin(SECOND * 2_000)


def wav(wave: np.ndarray, rate: int = 8000, subtype: str = "PCM_16") -> bytes:
    """A wav file."""
    stream = io.BytesIO()
    soundfile.write(stream, wave, rate, subtype=subtype, format="WAV")
    return stream.getvalue()


def found(pbx_command: Pbx, site: Path) -> list[tuple[str, str, int]]:
    """Code, message and line of what ``pbx check`` finds."""
    told = json.loads(pbx_command("check", site, "--format", "json").out)["diagnostics"]
    return [(each["code"], each["message"], each["line"]) for each in told]


def put(site: Path, data: bytes) -> int:
    """Give the demo its recording; answer the line that names it."""
    (site / "tenants/andina/siniestros.wav").write_bytes(data)
    text = (site / "tenants/andina.yaml").read_text("utf-8").splitlines()
    return next(number for number, line in enumerate(text, start=1) if "siniestros.wav" in line)


@pytest.mark.parametrize(
    ("wave", "says"),
    [
        (TONE * 0, "nothing can be heard in it"),
        (TONE * 0.02, "so quiet that callers will hardly hear it"),
        (np.clip(TONE * 100, -1, 1), "too loud and distorted (clipped)"),
        (np.tile(TONE[:8000], 301), "longer than five minutes"),
    ],
)
def test_a_poor_recording_is_warned_about_at_its_place(
    site: Path, pbx_command: Pbx, wave: np.ndarray, says: str
) -> None:
    line = put(site, wav(wave))
    assert pbx_command("check", site).code == 0
    ((code, message, where),) = found(pbx_command, site)
    assert (code, where) == ("PBX604", line)
    assert says in message


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "the file is empty"),
        (b"ID3\x04 and so on", "an MP3 file"),
        (wav(TONE)[:2000], "cut off"),
        (b"RIFF\x00\x00\x00\x00WAVE", "damaged"),
        (wav(TONE, subtype="IMA_ADPCM"), "compressed or unusual sound"),
    ],
)
def test_an_unplayable_recording_is_an_error_with_its_reason(
    site: Path, pbx_command: Pbx, data: bytes, says: str
) -> None:
    line = put(site, data)
    assert pbx_command("check", site).code == 1
    ((code, message, where),) = found(pbx_command, site)
    assert (code, where) == ("PBX603", line)
    assert says in message


def test_a_recording_that_is_played_twice_is_told_once(site: Path, pbx_command: Pbx) -> None:
    put(site, wav(TONE * 0))
    change(site / "tenants/andina.yaml", "then: hangup}", "then: hangup}\n  otro: {prompt: siniestros.wav}")
    change(site / "tenants/andina.yaml", '"9": ivr:principal', '"9": ivr:principal, "8": announcement:otro')
    out = pbx_command("check", site).out
    assert out.count("PBX604") == 1
    assert "it is played here too" in out


@pytest.mark.parametrize(
    ("wave", "rate", "subtype", "was"),
    [
        (TONE, 44_100, "PCM_24", "44100 Hz, mono, 24 bits"),
        (np.column_stack([TONE, TONE]), 48_000, "PCM_16", "48000 Hz, stereo, 16 bits"),
        (TONE, 8000, "PCM_U8", "8000 Hz, mono, 8 bits"),
        (TONE, 16_000, "FLOAT", "16000 Hz, mono, float, 32 bits"),
        (TONE, 8000, "ALAW", "8000 Hz, mono, A-law, 8 bits"),
    ],
)
def test_what_will_be_converted_is_said(
    site: Path, pbx_command: Pbx, wave: np.ndarray, rate: int, subtype: str, was: str
) -> None:
    put(site, wav(wave, rate, subtype))
    answer = pbx_command("check", site)
    assert answer.code == 0
    assert answer.out.splitlines()[0] == f"siniestros.wav ({was}) is converted to 8000 Hz, mono, 16 bits"
    assert "no problems" in answer.out


def test_a_recording_as_asterisk_plays_it_needs_no_word(site: Path, pbx_command: Pbx) -> None:
    put(site, wav(TONE))
    assert len(pbx_command("check", site).out.splitlines()) == 1


def test_a_warning_about_a_recording_can_be_ignored_with_a_reason(site: Path, pbx_command: Pbx) -> None:
    change(site / "tenants/andina.yaml", "numbering:", "ignore: {PBX604: a whisper on purpose}\nnumbering:")
    put(site, wav(TONE * 0.02))
    assert found(pbx_command, site) == []
    put(site, wav(TONE))
    assert [code for code, _, _ in found(pbx_command, site)] == ["PBX128"]
