"""The sounds of a build: spoken once, converted, or told as a problem."""

from __future__ import annotations

import io
import wave
from typing import TYPE_CHECKING

import pytest

from pbx.bundle import SoundRecipe
from pbx.model import Prompt
from pbx.output import make_sounds

if TYPE_CHECKING:
    from pathlib import Path

audio = pytest.importorskip("pbx.audio")


def recording(samples: bytes) -> bytes:
    """A wav file of 8 kHz."""
    stream = io.BytesIO()
    with wave.open(stream, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(samples)
    return stream.getvalue()


def made(tmp_path: Path, prompt: Prompt) -> tuple[dict[str, bytes], list[tuple[str, str]]]:
    """What is made of one prompt without a synthesizer, and what is said: code and message."""
    recipes = {"andina/x.wav": SoundRecipe("andina", "es", prompt)}
    sounds, problems = make_sounds(recipes, tmp_path, tmp_path / "cache", None)
    return sounds, [(each.code, each.message) for each in problems]


def test_a_text_without_a_synthesizer_is_told(tmp_path: Path) -> None:
    sounds, problems = made(tmp_path, Prompt(say="Hola"))
    assert sounds == {}
    assert [code for code, _ in problems] == ["PBX602"]


@pytest.mark.parametrize("data", [b"", b"no sound at all", recording(b"\x10\x20" * 800)[:50]])
def test_a_recording_that_cannot_be_played_is_told_with_its_name(tmp_path: Path, data: bytes) -> None:
    folder = tmp_path / "tenants" / "andina"
    folder.mkdir(parents=True)
    (folder / "hola.wav").write_bytes(data)
    sounds, problems = made(tmp_path, Prompt(file="hola.wav"))
    assert sounds == {}
    assert [code for code, _ in problems] == ["PBX603"]
    assert problems[0][1].startswith("hola.wav cannot be played: ")


def test_a_silent_recording_is_played_and_told(tmp_path: Path) -> None:
    folder = tmp_path / "tenants" / "andina"
    folder.mkdir(parents=True)
    (folder / "hola.wav").write_bytes(recording(b"\x00\x00" * 8000))
    sounds, problems = made(tmp_path, Prompt(file="hola.wav"))
    assert list(sounds) == ["andina/x.wav"]
    assert {code for code, _ in problems} == {"PBX604"}
