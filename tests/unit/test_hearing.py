"""What the laboratory hears in recordings: made of speech-like noise, so that every truth is known to the sample."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile

from lab.hearing import SAMPLE_RATE, audible_extent, listen, read_sound, tones
from lab.hearing.prompts import _prepare
from lab.hearing.sound import pure_tones

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path
    from typing import TypeAlias

    from numpy.typing import NDArray

    from lab.results import Heard

    Sound: TypeAlias = NDArray[np.float64]

CLOSE = 0.08


def speech(seed: int, seconds: float) -> Sound:
    """Noise shaped like speech: a voice of changing pitch through changing resonances, in syllables."""
    random = np.random.default_rng(seed)
    count = int(seconds * SAMPLE_RATE)
    spots = max(2, int(seconds * 8))
    along = np.linspace(0, spots - 1, count)
    pitch = np.interp(along, range(spots), random.uniform(90, 220, spots))
    phase = 2 * np.pi * np.cumsum(pitch) / SAMPLE_RATE
    sound = 0.3 * random.standard_normal(count)
    for harmonic in range(1, 16):
        strength = np.interp(along, range(spots), random.uniform(0, 1, spots) ** 2 / harmonic**0.5)
        sound = sound + strength * np.sin(harmonic * phase + random.uniform(0, 6))
    envelope = np.interp(along, range(spots), random.uniform(0.2, 1, spots))
    sound = sound * envelope
    return np.asarray(0.5 * sound / np.max(np.abs(sound)))


def silence(seconds: float) -> Sound:
    return np.zeros(int(seconds * SAMPLE_RATE))


def through_ulaw(sound: Sound) -> Sound:
    """G.711 u-law and back, by its continuous law in 255 steps."""
    squeezed = np.sign(sound) * np.log1p(255 * np.abs(sound)) / np.log(256)
    coarse = np.round(squeezed * 127) / 127
    return np.asarray(np.sign(coarse) * (256 ** np.abs(coarse) - 1) / 255)


def through_alaw(sound: Sound) -> Sound:
    """G.711 a-law and back; like the real one it has no exact zero."""
    a = 87.6
    size = np.abs(sound)
    squeezed = np.where(size < 1 / a, a * size, 1 + np.log(np.maximum(a * size, 1))) / (1 + np.log(a))
    coarse = (np.floor(np.minimum(squeezed, 0.9999) * 128) + 0.5) / 128
    wide = coarse * (1 + np.log(a))
    back = np.where(wide < 1, wide, np.exp(wide - 1)) / a
    return np.asarray(np.where(sound < 0, -back, back))


class Studio:
    """A folder of prompts, and recordings made of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sounds = {f"prompt:{index}": speech(index, 1.5 + index * 0.7) for index in range(6)}
        self.references = {name: self.write(f"{name[7:]}.wav", sound) for name, sound in self.sounds.items()}

    def write(self, name: str, sound: Sound) -> Path:
        """Keep a sound as a recording of the folder."""
        soundfile.write(self.folder / name, sound, SAMPLE_RATE, subtype="PCM_16")
        return self.folder / name

    def heard(self, *parts: Sound, likely: Collection[str] = ()) -> list[Heard]:
        """What is heard in a recording of these parts, silence left out."""
        path = self.write("recording.wav", through_ulaw(np.concatenate(parts)))
        return [each for each in listen(path, self.references, likely=likely) if each.what != "silence"]


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path)


def assert_heard(heard: list[Heard], *expected: tuple[str, float, float]) -> None:
    assert [each.what for each in heard] == [what for what, _, _ in expected]
    for each, (_, start, end) in zip(heard, expected, strict=True):
        assert each.start == pytest.approx(start, abs=CLOSE)
        assert each.end == pytest.approx(end, abs=CLOSE)


def test_a_whole_prompt_is_heard_from_its_beginning_to_its_end(studio: Studio) -> None:
    heard = studio.heard(silence(0.737), studio.sounds["prompt:2"], silence(0.5))
    assert_heard(heard, ("prompt:2", 0.737, 0.737 + 2.9))
    assert heard[0].score > 0.98


def test_a_prompt_cut_off_by_a_key_press_ends_where_it_was_cut(studio: Studio) -> None:
    heard = studio.heard(silence(0.3), studio.sounds["prompt:5"][: int(1.33 * SAMPLE_RATE)], silence(1))
    assert_heard(heard, ("prompt:5", 0.3, 1.63))


def test_half_a_second_of_a_long_prompt_is_enough(studio: Studio) -> None:
    heard = studio.heard(silence(0.3), studio.sounds["prompt:5"][: SAMPLE_RATE // 2], silence(0.3))
    assert_heard(heard, ("prompt:5", 0.3, 0.8))


def test_a_prompt_joined_midway_starts_with_the_recording(studio: Studio) -> None:
    heard = studio.heard(studio.sounds["prompt:4"][int(2.01 * SAMPLE_RATE) :])
    assert_heard(heard, ("prompt:4", 0, 4.3 - 2.01))


def test_a_prompt_played_three_times_is_heard_three_times(studio: Studio) -> None:
    prompt = studio.sounds["prompt:1"]
    heard = studio.heard(silence(0.2), prompt, prompt, silence(0.4), prompt)
    assert_heard(heard, *(("prompt:1", start, start + 2.2) for start in (0.2, 2.4, 5.0)))


def test_prompts_after_one_another_are_heard_in_their_order(studio: Studio) -> None:
    heard = studio.heard(studio.sounds["prompt:3"], studio.sounds["prompt:0"], silence(0.2), studio.sounds["prompt:1"])
    assert_heard(heard, ("prompt:3", 0, 3.6), ("prompt:0", 3.6, 5.1), ("prompt:1", 5.3, 7.5))


def test_an_unknown_prompt_is_not_mistaken_for_a_known_one(studio: Studio) -> None:
    for seed in range(100, 110):
        assert studio.heard(silence(0.3), speech(seed, 4)) == []


def test_half_the_loudness_changes_nothing(studio: Studio) -> None:
    heard = studio.heard(silence(0.4), 0.5 * studio.sounds["prompt:2"])
    assert_heard(heard, ("prompt:2", 0.4, 3.3))
    assert heard[0].score > 0.98


def test_lost_packets_leave_one_stretch(studio: Studio) -> None:
    prompt = studio.sounds["prompt:4"].copy()
    for packet in (40, 41, 90, 170):
        prompt[packet * 160 : (packet + 1) * 160] = 0
    heard = studio.heard(silence(0.4), prompt)
    assert_heard(heard, ("prompt:4", 0.4, 4.7))


def test_packets_that_were_skipped_shift_the_rest_but_leave_one_stretch(studio: Studio) -> None:
    prompt = studio.sounds["prompt:4"]
    skipped = np.concatenate((prompt[: 100 * 160], prompt[101 * 160 : 160 * 160], prompt[161 * 160 :]))
    heard = studio.heard(silence(0.4), skipped)
    assert_heard(heard, ("prompt:4", 0.4, 4.66))


def test_less_than_half_a_second_lost_leaves_one_stretch_and_more_leaves_two(studio: Studio) -> None:
    prompt = studio.sounds["prompt:5"].copy()
    prompt[16000:19200] = 0
    assert_heard(studio.heard(prompt), ("prompt:5", 0, 5))
    prompt[16000:24000] = 0
    assert_heard(studio.heard(prompt), ("prompt:5", 0, 2), ("prompt:5", 3, 5))


def test_a_prompt_under_loud_noise_is_heard_only_by_who_accepts_less_likeness(studio: Studio) -> None:
    prompt = studio.sounds["prompt:3"]
    noisy = prompt + 0.1 * np.random.default_rng(9).standard_normal(len(prompt))
    path = studio.write("noisy.wav", noisy)
    assert listen(path, studio.references) == ()
    assert {each.what for each in listen(path, studio.references, threshold=0.2)} == {"prompt:3"}


def test_a_syllable_in_common_is_not_the_other_prompt(studio: Studio) -> None:
    syllable = studio.sounds["prompt:3"][4000:6240]
    assert studio.heard(silence(0.3), speech(90, 1), syllable, speech(91, 1)) == []


def test_half_a_second_of_twelve_is_found_in_a_long_and_busy_recording(studio: Studio) -> None:
    long = speech(92, 12)
    studio.references["prompt:long"] = studio.write("long.wav", long)
    heard = studio.heard(*(speech(93 + index, 5) for index in range(4)), long[40000:44000], speech(98, 5))
    assert_heard(heard, ("prompt:long", 20, 20.5))


def test_a_pause_inside_a_prompt_does_not_split_it(studio: Studio) -> None:
    sound = np.concatenate((speech(50, 1.2), silence(1.7), speech(51, 1.2)))
    studio.references["prompt:paused"] = studio.write("paused.wav", sound)
    assert_heard(studio.heard(silence(0.2), sound), ("prompt:paused", 0.2, 4.3))


def test_times_are_those_of_the_sound_and_not_of_the_silence_around_it(studio: Studio) -> None:
    sound = np.concatenate((silence(0.6), speech(60, 1.2), silence(0.8)))
    studio.references["prompt:padded"] = studio.write("padded.wav", sound)
    assert_heard(studio.heard(silence(0.2), sound), ("prompt:padded", 0.8, 2.0))
    assert audible_extent(studio.references["prompt:padded"]) == pytest.approx((0.6, 1.8), abs=0.021)


@pytest.mark.parametrize("noise", [0, 0.0004])
def test_a_silent_prompt_is_never_heard(studio: Studio, noise: float) -> None:
    quiet = noise * np.random.default_rng(7).standard_normal(3 * SAMPLE_RATE)
    studio.references["prompt:silent"] = studio.write("silent.wav", quiet)
    assert_heard(studio.heard(quiet, studio.sounds["prompt:0"], quiet), ("prompt:0", 3, 4.5))
    assert audible_extent(studio.references["prompt:silent"]) == (0, 0)


def test_a_missing_prompt_file_is_never_heard(studio: Studio) -> None:
    studio.references["prompt:missing"] = studio.folder / "missing.wav"
    assert_heard(studio.heard(studio.sounds["prompt:0"]), ("prompt:0", 0, 1.5))


def test_a_prompt_that_says_more_of_the_same_words_is_the_one_named(studio: Studio) -> None:
    greeting, rest = studio.sounds["prompt:0"], speech(70, 1.5)
    studio.references["prompt:longer"] = studio.write("longer.wav", np.concatenate((greeting, rest)))
    assert_heard(studio.heard(silence(0.2), greeting, rest), ("prompt:longer", 0.2, 3.2))
    shared = studio.heard(silence(0.2), greeting)
    assert {each.what for each in shared} == {"prompt:0", "prompt:longer"}


def test_a_prompt_played_at_another_loudness_and_changed_a_little_loses_to_the_exact_one(studio: Studio) -> None:
    exact = studio.sounds["prompt:3"]
    random = np.random.default_rng(5)
    changed = exact + 0.02 * random.standard_normal(len(exact))
    studio.references["prompt:changed"] = studio.write("changed.wav", changed)
    assert_heard(studio.heard(silence(0.2), exact), ("prompt:3", 0.2, 3.8))


def test_what_the_likely_prompts_leave_unexplained_is_asked_of_the_others(studio: Studio) -> None:
    both = (studio.sounds["prompt:3"], silence(0.2), studio.sounds["prompt:0"])
    for likely in (["prompt:3"], ["prompt:0"], ["prompt:5"], ["prompt:0", "prompt:3"], ["prompt:unknown"]):
        assert_heard(studio.heard(*both, likely=likely), ("prompt:3", 0, 3.6), ("prompt:0", 3.8, 5.3))


def test_a_likely_prompt_that_is_not_exact_does_not_win_over_the_exact_one(studio: Studio) -> None:
    exact = studio.sounds["prompt:3"]
    changed = exact + 0.03 * np.random.default_rng(5).standard_normal(len(exact))
    studio.references["prompt:changed"] = studio.write("changed.wav", changed)
    assert_heard(studio.heard(silence(0.2), exact, likely=["prompt:changed"]), ("prompt:3", 0.2, 3.8))


def test_where_the_likely_prompts_explain_everything_the_others_are_not_read(studio: Studio) -> None:
    studio.heard(silence(0.2), studio.sounds["prompt:2"], likely=["prompt:2"])
    read = _prepare.cache_info().currsize
    studio.heard(silence(0.2), studio.sounds["prompt:2"])
    assert _prepare.cache_info().currsize == read + len(studio.references) - 1


def test_long_silence_is_reported_and_short_silence_is_not(studio: Studio) -> None:
    prompt = studio.sounds["prompt:0"]
    path = studio.write("gaps.wav", through_alaw(np.concatenate((silence(1.5), prompt, silence(0.5), prompt))))
    heard = list(listen(path, studio.references))
    assert_heard(heard, ("silence", 0, 1.5), ("prompt:0", 1.5, 3), ("prompt:0", 3.5, 5))


@pytest.mark.parametrize("kept", [0, 10, 30, 44])
def test_a_recording_that_holds_no_sound_is_no_error(studio: Studio, kept: int) -> None:
    path = studio.write("cut.wav", studio.sounds["prompt:0"])
    path.write_bytes(path.read_bytes()[:kept])
    assert listen(path, studio.references) == ()
    assert tones(path, {"own": 523.0}) == ()
    path.unlink()
    assert listen(path, studio.references) == ()


def test_a_recording_whose_writer_was_killed_is_heard_all_the_same(studio: Studio) -> None:
    path = studio.write("killed.wav", studio.sounds["prompt:1"])
    content = bytearray(path.read_bytes())
    content[4:8] = content[40:44] = bytes(4)
    path.write_bytes(content)
    assert len(read_sound(path)) == len(studio.sounds["prompt:1"])
    assert_heard(list(listen(path, studio.references)), ("prompt:1", 0, 2.2))


def test_a_prompt_rewritten_under_its_name_is_read_again(studio: Studio) -> None:
    assert_heard(studio.heard(studio.sounds["prompt:0"]), ("prompt:0", 0, 1.5))
    studio.write("0.wav", speech(80, 1.6))
    assert studio.heard(studio.sounds["prompt:0"]) == []


def test_thirty_prompts_in_thirty_seconds_are_quick(studio: Studio) -> None:
    for index in range(30):
        studio.references[f"prompt:more-{index}"] = studio.write(f"more-{index}.wav", speech(200 + index, 3))
    recording = np.concatenate([studio.sounds[f"prompt:{index % 6}"] for index in range(10)])
    studio.heard(recording)
    before = time.process_time()
    studio.heard(recording)
    assert time.process_time() - before < 2, "usually a tenth of a second"


def sine(hertz: float, seconds: float, size: float = 0.3) -> Sound:
    return np.asarray(size * np.sin(2 * np.pi * hertz * np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE))


TONES = {"201": 523.0, "202": 587.0, "203": 1111.0}


def test_a_tone_is_heard_from_its_beginning_to_its_end(studio: Studio) -> None:
    path = studio.write("tone.wav", through_alaw(np.concatenate((silence(0.5), sine(587, 1.2), silence(0.7)))))
    heard = tones(path, TONES)
    assert_heard(list(heard), ("tone:202", 0.5, 1.7))
    assert heard[0].score > 0.8


def test_the_absence_of_a_tone_is_certain(studio: Studio) -> None:
    parts = (silence(0.5), sine(587, 2), studio.sounds["prompt:5"], sine(1080, 2))
    path = studio.write("other.wav", through_alaw(np.concatenate(parts)))
    assert {each.what for each in tones(path, TONES)} == {"tone:202"}


def test_two_tones_at_once_are_both_heard(studio: Studio) -> None:
    both = np.concatenate((sine(523, 2), silence(0.2))) + np.concatenate((silence(1), sine(1111, 1.2)))
    path = studio.write("both.wav", through_alaw(both))
    assert_heard(list(tones(path, TONES)), ("tone:201", 0, 2), ("tone:203", 1, 2.2))


def test_speech_holds_no_tone(studio: Studio) -> None:
    path = studio.write("speech.wav", through_ulaw(np.concatenate(list(studio.sounds.values()))))
    assert tones(path, TONES) == ()


def test_words_among_tones_are_heard(studio: Studio) -> None:
    ringing = sine(425, 4)
    assert_heard(studio.heard(ringing, studio.sounds["prompt:1"], ringing), ("prompt:1", 4.0, 6.2))


def test_a_prompt_that_is_a_tone_is_heard_among_tones(studio: Studio) -> None:
    beep = np.concatenate((sine(1000, 0.4), silence(0.3), sine(600, 0.3)))
    studio.references["prompt:beep"] = studio.write("beep.wav", beep)
    assert_heard(studio.heard(sine(425, 3), silence(0.5), beep, silence(0.5)), ("prompt:beep", 3.5, 4.5))


def test_half_of_a_short_tone_is_heard_and_another_tone_is_not_it(studio: Studio) -> None:
    beep = sine(1000, 0.42)
    studio.references["prompt:beep"] = studio.write("beep.wav", beep)
    half = beep[len(beep) // 2 :]
    around = (studio.sounds["prompt:5"], silence(0.5))
    heard = [each for each in studio.heard(*around, half, silence(2)) if each.what == "prompt:beep"]
    assert_heard(heard, ("prompt:beep", len(around[0]) / SAMPLE_RATE + 0.5, len(around[0]) / SAMPLE_RATE + 0.71))
    for other in (sine(1030, 2), sine(970, 2), sine(425, 2), half[: SAMPLE_RATE // 10]):
        assert "prompt:beep" not in {each.what for each in studio.heard(*around, other, silence(2))}


def test_one_tone_is_pure_and_speech_and_two_tones_are_not() -> None:
    def pure(sound: Sound) -> float:
        return float(pure_tones(np.asarray(sound, np.float32)).mean())

    assert pure(through_alaw(sine(900, 1))) == pure(through_ulaw(sine(2500, 1, 0.02))) == 1
    assert pure(through_alaw(sine(440, 1) + sine(1400, 1))) == 0
    assert pure(speech(7, 2.0)) < 0.1
