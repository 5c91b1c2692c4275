"""Recognise known prompts in a recording, with the moment each began and ended.

Two steps. A **search** by FFT at half the sample rate proposes alignments ("the prompt's sample 0 lies at this sample
of the recording"); it works on flattened sound, so that a quiet word counts as much as a loud one. Then a **proof** at
the full rate: normalised cross-correlation in windows of 0.3 s along that alignment. Windows in which the prompt itself
is silent prove nothing. The right prompt scores 0.99 through G.711, a wrong one below 0.3.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import soxr

from lab.hearing.sound import AUDIBLE, FRAME, SAMPLE_RATE, frame_levels, pure_tones, read_sound, runs, silences
from lab.results import Heard

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

THRESHOLD = 0.7
"""Normalised correlation from which a window of 0.3 s counts as heard."""

_WINDOW = 15
"""Frames in a window of the proof."""
_ENOUGH = 8
"""Frames that must sound, within a window and within a whole stretch, to prove anything (or all there are)."""
_EDGE = 0.85
"""Share of the threshold that the single frame reaches at which a stretch begins or ends."""
_BRIDGE = 25
"""Frames that may be missing inside one stretch: half a second of lost packets."""
_DRIFT = 1600
"""Samples by which lost or late packets may shift the rest of a prompt."""
_SEGMENT = 16384
"""Samples of a prompt searched at once, at half the rate: 4 s, so that a few heard words stand out of the noise."""
_CELL = 64
"""Samples of search among which only the best alignment is tried: 16 ms."""
_MOST_CANDIDATES = 64
_CERTAIN = 0.95
"""Score from which no other prompt is asked whether it says the same words more exactly."""
_ROUGH = 3
"""Frames by which the edge of a found stretch may miss that of the sound."""
_CLEARLY_LONGER = 0.1
"""Seconds by which one of two prompts that share their words must explain more than the other."""
_CLEARLY_BETTER = 0.02
_MUCH_WORSE = 0.1
_STANDS_OUT = 5.0
"""How far above the usual correlation, in standard deviations, an alignment is worth a proof."""
_LEAST_MATCH = 320
"""Correlation of 0.16 s of flattened sound with half of it agreeing."""


@dataclass(frozen=True, slots=True)
class _Reference:
    """A prompt made ready for comparison."""

    frames: NDArray[np.float32]
    """Emphasised samples, one row per 20 ms."""
    energy: NDArray[np.float32]
    sounding: NDArray[np.bool_]
    """Which frames are not silence."""
    words: bool
    """Whether it holds more than single tones."""
    spectra: tuple[tuple[int, NDArray[np.complex64]], ...]
    """Conjugated spectrum of each segment that sounds, with its offset in samples of the search."""


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A part of a prompt found in the recording; all in frames of the prompt, and the alignment in samples."""

    lag: int
    first: int
    last: int
    score: float

    @property
    def start(self) -> int:
        """Sample of the recording at which it begins."""
        return self.lag + self.first * FRAME

    @property
    def end(self) -> int:
        """Sample of the recording at which it ends."""
        return self.lag + self.last * FRAME


def listen(
    recording: Path,
    references: Mapping[str, Path],
    *,
    likely: Collection[str] = (),
    threshold: float = THRESHOLD,
) -> tuple[Heard, ...]:
    """Say which of the known sounds were heard, from when to when, and where it was silent for a second or more.

    ``references`` gives the sound file of each name, as it is to appear in ``Heard.what``. The times are those of the
    sound itself: silence at the beginning or end of a prompt file is not counted (`audible_extent` tells how much of
    the file sounds). A prompt that was cut off, joined midway or repeated is reported as it was heard. Where two
    prompts share their words, the one that explains more of the recording is named; both are if they explain it
    equally. A recording that cannot be read, and a prompt that is silent, give nothing.

    Those that are ``likely`` are looked for first, and the others only where these leave a word unexplained.
    """
    samples = read_sound(recording)
    found: list[Heard] = list(silences(samples))
    if len(samples) and np.max(frame_levels(samples), initial=0) >= AUDIBLE:
        emphasised = _emphasise(samples)
        blocks = _block_spectra(emphasised)
        with_words = [block for block in blocks if _more_than_tones(samples[max(0, block.start) : max(0, block.end)])]
        candidates: list[Heard] = []
        for part in (set(references) & set(likely), set(references) - set(likely)):
            if part and _unexplained(samples, candidates):
                candidates += [
                    Heard(name, stretch.start / SAMPLE_RATE, stretch.end / SAMPLE_RATE, stretch.score)
                    for name, reference in ((name, _load(references[name])) for name in references if name in part)
                    for stretch in _stretches(
                        emphasised, with_words if reference.words else blocks, reference, threshold
                    )
                ]
        found += _best_explanations(candidates)
    rounded = (Heard(each.what, round(each.start, 3), round(each.end, 3), round(each.score, 3)) for each in found)
    return tuple(sorted(rounded, key=lambda each: (each.start, each.end, each.what)))


def audible_extent(reference: Path) -> tuple[float, float]:
    """Seconds of a sound file at which its first sound begins and its last one ends; ``(0, 0)`` for silence."""
    sounding = np.flatnonzero(_load(reference).sounding)
    if not len(sounding):
        return 0.0, 0.0
    grain = FRAME / SAMPLE_RATE
    return round(float(sounding[0]) * grain, 3), round(float(sounding[-1] + 1) * grain, 3)


def _emphasise(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Lift the high frequencies, which tell words apart better than the pitch of a voice does."""
    return np.diff(samples, prepend=np.float32(0)) + np.float32(0.1) * samples


def _flatten(emphasised: NDArray[np.float32]) -> NDArray[np.float32]:
    """Halve the rate and even out the loudness over 50 ms."""
    halved = np.asarray(soxr.resample(emphasised, 2, 1, quality="LQ"), np.float64)
    width = SAMPLE_RATE // 2 // 20
    sums = np.cumsum(np.pad(halved**2, (width // 2 + 1, width // 2 - 1)))
    power = (sums[width:] - sums[:-width]) / width
    return np.asarray(halved / np.sqrt(power + (AUDIBLE / 2) ** 2), np.float32)


def _load(path: Path) -> _Reference:
    """Prepare a prompt, or take it from the cache if the file is still the same."""
    try:
        state = path.stat()
    except OSError:
        return _prepare(path, 0, 0)
    return _prepare(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=512)
def _prepare(path: Path, _modified: int, _size: int) -> _Reference:
    samples = read_sound(path)
    count = -(-len(samples) // FRAME)
    padded = np.zeros(count * FRAME, np.float32)
    padded[: len(samples)] = samples
    frames = _emphasise(padded).reshape(count, FRAME)
    sounding = frame_levels(padded) >= AUDIBLE
    words = _more_than_tones(padded)
    flat = _flatten(frames.ravel()) if sounding.any() else np.zeros(0, np.float32)
    spectra = tuple(
        (offset, np.conj(np.fft.rfft(segment, 2 * _SEGMENT)).astype(np.complex64))
        for offset in range(0, len(flat), _SEGMENT)
        if np.sum((segment := flat[offset : offset + _SEGMENT]) ** 2) > _LEAST_MATCH
    )
    return _Reference(frames, np.sum(frames * frames, axis=1), sounding, words, spectra)


@dataclass(frozen=True, slots=True)
class _Block:
    """A part of the recording in which alignments are searched."""

    start: int
    """Sample of the recording at which it begins; before 0 it is silence."""
    spectrum: NDArray[np.complex64]

    @property
    def end(self) -> int:
        """Sample of the recording at which it ends."""
        return self.start + 4 * _SEGMENT


def _block_spectra(emphasised: NDArray[np.float32]) -> list[_Block]:
    """Spectra of half-overlapping blocks of the recording, with one segment of silence before it and after it."""
    flat = _flatten(emphasised)
    blocks = len(flat) // _SEGMENT + 2
    padded = np.zeros((blocks + 1) * _SEGMENT, np.float32)
    padded[_SEGMENT : _SEGMENT + len(flat)] = flat
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * _SEGMENT)[::_SEGMENT]
    spectra = np.asarray(np.fft.rfft(windows, axis=1), np.complex64)
    return [_Block(2 * _SEGMENT * (number - 1), spectrum) for number, spectrum in enumerate(spectra)]


def _more_than_tones(samples: NDArray[np.float32]) -> bool:
    """Whether there is enough in a sound, beside silence and single tones, to be a word."""
    return int(np.count_nonzero((frame_levels(samples) >= AUDIBLE) & ~pure_tones(samples))) >= _ENOUGH


def _unexplained(samples: NDArray[np.float32], found: Sequence[Heard]) -> bool:
    """Whether there is a word beside what has been found, or nothing has been found yet."""
    unexplained = (frame_levels(samples) >= AUDIBLE) & ~pure_tones(samples)
    for each in (each for each in found if each.score >= _CERTAIN):
        first, last = (round(seconds * SAMPLE_RATE / FRAME) for seconds in (each.start, each.end))
        unexplained[max(0, first - _ROUGH) : last + _ROUGH] = False
    return not found or int(np.count_nonzero(unexplained)) >= _ENOUGH


def _search(blocks: Sequence[_Block], reference: _Reference) -> set[int]:
    """Propose alignments: samples of the recording at which the prompt may begin (before 0 if joined midway)."""
    if not blocks:
        return set()
    proposals: set[int] = set()
    spectra = np.stack([block.spectrum for block in blocks])
    starts = np.repeat([block.start for block in blocks], _SEGMENT // _CELL)
    for offset, spectrum in reference.spectra:
        # Overlap-save: of each block's circular correlation the first half is free of wrapping.
        correlation = np.fft.irfft(spectra * spectrum, axis=1)[:, :_SEGMENT].reshape(-1, _CELL)
        best = correlation.argmax(axis=1)
        heights = correlation[np.arange(len(correlation)), best]
        usual = float(np.sqrt(np.mean(correlation * correlation)))
        worthy = np.flatnonzero(heights > max(_LEAST_MATCH, _STANDS_OUT * usual))
        strongest = worthy[np.argsort(heights[worthy])[-_MOST_CANDIDATES:]]
        within = strongest % (_SEGMENT // _CELL) * _CELL + best[strongest]
        proposals.update((starts[strongest] + 2 * (within - offset)).tolist())
    return proposals


def _stretches(
    emphasised: NDArray[np.float32],
    blocks: Sequence[_Block],
    reference: _Reference,
    threshold: float,
) -> list[_Stretch]:
    """Prove the proposed alignments of one prompt and join what belongs together."""
    length = reference.frames.size
    padded = np.pad(emphasised, (length + FRAME, length + FRAME))
    proven = [
        stretch
        for lag in _search(blocks, reference)
        if -length < lag < len(emphasised)
        for stretch in _proof(padded, lag, reference, threshold)
    ]
    distinct: list[_Stretch] = []
    for stretch in sorted(proven, key=lambda each: each.score * (each.last - each.first), reverse=True):
        if all(stretch.end <= other.start + FRAME or stretch.start >= other.end - FRAME for other in distinct):
            distinct.append(stretch)
    return _join(sorted(distinct, key=lambda each: each.start))


def _proof(padded: NDArray[np.float32], lag: int, reference: _Reference, threshold: float) -> Iterator[_Stretch]:
    """Yield the parts of the prompt that really sound at this alignment, tried to the exact sample."""
    length = reference.frames.size
    trials = []
    for exact in range(lag - 2, lag + 3):
        begin = exact + length + FRAME
        if begin < 0 or begin + length > len(padded):
            continue
        heard = padded[begin : begin + length].reshape(reference.frames.shape)
        products = np.einsum("ij,ij->i", reference.frames, heard)
        trials.append((float(products.sum()), exact, products, heard))
    if not trials:
        return
    _, exact, products, heard = max(trials, key=lambda trial: trial[0])
    energy = np.einsum("ij,ij->i", heard, heard)
    matched = _matched_windows(products, energy, reference, threshold)
    if not matched.any():
        return
    close = reference.sounding & (products >= _EDGE * threshold * np.sqrt(reference.energy * energy)) & (products > 0)
    for first, last in _bridge(runs(matched), reference.sounding):
        inside = np.flatnonzero(close[first:last])
        if len(inside) < min(_ENOUGH, int(reference.sounding.sum())):
            continue
        begin, end = first + int(inside[0]), first + int(inside[-1]) + 1
        if reference.words and end - begin < min(_WINDOW, 0.8 * reference.sounding.sum()):
            continue  # a syllable that two prompts have in common
        norm = float(np.sqrt(reference.energy[begin:end].sum() * energy[begin:end].sum()))
        yield _Stretch(exact, begin, end, float(products[begin:end].sum()) / norm)


def _matched_windows(
    products: NDArray[np.float32], energy: NDArray[np.float32], reference: _Reference, threshold: float
) -> NDArray[np.bool_]:
    """Mark the frames that lie in a window of 0.3 s which matches and in which the prompt sounds long enough."""
    width = min(_WINDOW, len(products))
    ones = np.ones(width)
    norm = np.sqrt(np.convolve(reference.energy, ones, "valid") * np.convolve(energy, ones, "valid"))
    sounding = np.convolve(reference.sounding, ones, "valid")
    enough = sounding > min(_ENOUGH, reference.sounding.sum()) - 0.5
    good = enough & (np.convolve(products, ones, "valid") >= threshold * norm) & (norm > 0)
    return np.convolve(good, ones, "full") > 0.5  # noqa: PLR2004 - a count of windows, in floating point


def _bridge(parts: list[tuple[int, int]], sounding: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Join parts between which the prompt is silent, or only a little was lost."""
    joined = parts[:1]
    for first, last in parts[1:]:
        if sounding[joined[-1][1] : first].sum() <= _BRIDGE:
            joined[-1] = (joined[-1][0], last)
        else:
            joined.append((first, last))
    return joined


def _join(stretches: list[_Stretch]) -> list[_Stretch]:
    """Join stretches of one prompt that only lost or late packets shifted against each other."""
    joined = stretches[:1]
    for stretch in stretches[1:]:
        before = joined[-1]
        near = stretch.start - before.end <= _BRIDGE * FRAME
        if near and abs(stretch.lag - before.lag) <= _DRIFT and stretch.first >= before.last - 2:
            weight = (before.last - before.first) / (before.last - before.first + stretch.last - stretch.first)
            score = weight * before.score + (1 - weight) * stretch.score
            # The joined stretch keeps the later alignment and reaches back to where the earlier one began.
            first = stretch.first - (stretch.start - before.start) // FRAME
            joined[-1] = _Stretch(stretch.lag, first, stretch.last, score)
        else:
            joined.append(stretch)
    return joined


def _best_explanations(candidates: list[Heard]) -> list[Heard]:
    """Drop what another prompt explains better: it says the same words and more, or says them more exactly."""
    return [each for each in candidates if not any(_better(other, each) for other in candidates)]


def _better(other: Heard, each: Heard) -> bool:
    shared = min(other.end, each.end) - max(other.start, each.start)
    longer = (other.end - other.start) - (each.end - each.start)
    closer = other.score - each.score
    says_more = longer > _CLEARLY_LONGER and closer > -_MUCH_WORSE
    says_it_better = longer >= -_CLEARLY_LONGER and closer > _CLEARLY_BETTER
    return shared >= (each.end - each.start) / 2 and (says_more or says_it_better)
