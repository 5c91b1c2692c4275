"""What simulated people say."""

from __future__ import annotations

import stat
from pathlib import Path

import numpy as np
import pytest
import soundfile

from lab import hearing
from lab.voices import write_voices


def test_each_tone_is_heard_as_itself_and_as_no_other(tmp_path: Path) -> None:
    write_voices(tmp_path, [820, 881, 3199], None)
    tones = {f"{hertz}": float(hertz) for hertz in (820, 881, 3199)}
    for hertz in tones:
        path = tmp_path / f"tone-{hertz}.wav"
        found = hearing.tones(path, tones)
        assert {each.what for each in found} <= {f"tone:{hertz}", hertz, "silence"}
        assert sum(each.end - each.start for each in found) == pytest.approx(2.0, abs=0.15)
        assert soundfile.info(path).samplerate == 8000


def test_without_a_synthesizer_the_message_is_a_melody(tmp_path: Path) -> None:
    write_voices(tmp_path, [], None)
    samples, _ = soundfile.read(tmp_path / "message.wav")
    assert len(samples) / 8000 == pytest.approx(4.0)
    assert np.abs(samples).max() > 0.1


def test_the_synthesizer_speaks_the_message(tmp_path: Path) -> None:
    said = tmp_path / "said.txt"
    ready = tmp_path / "ready.wav"
    soundfile.write(ready, np.random.default_rng(1).uniform(-0.5, 0.5, 22_050), 22_050, subtype="PCM_16")
    program = tmp_path / "speaker"
    program.write_text(f'#!/bin/sh\ncat > "{said}"\ncat "{ready}"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    write_voices(tmp_path / "voices", [], (str(program),))
    assert "mensaje de prueba" in said.read_text("utf-8")
    assert soundfile.info(tmp_path / "voices" / "message.wav").samplerate == 8000
