"""A recording as a strip: its loudness over time, and the sounds that were recognised in it.

Widths are percentages, so that the strip fills a telephone's screen as well as a desk's while its text keeps its size.
"""

from __future__ import annotations

from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from lab.evidence.text import on_one_line
from lab.hearing import SAMPLE_RATE, read_sound

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lab.results import Heard, Recording

_COLUMNS = 400
_MIDDLE = 100
_COLOURS = {"prompt": "#0b6fb0", "tone": "#0f7a5a", "silence": "#8a8f98"}


def timeline(recording: Recording) -> str:
    """Draw a recording as an SVG: waveform above, a named bar from begin to end for each recognised sound below.

    Bars carry ``data-seek`` with their begin in seconds, for a page that wants to play from there. A recording without
    sound is drawn as an empty strip.
    """
    return _drawn(_Sound(recording))


class _Sound:
    """A recording, alike to every copy of the same file: the row's folder and the page show the same drawing."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        try:
            file = recording.path.stat()
            version = (file.st_size, file.st_mtime_ns)
        except OSError:
            version = (0, 0)
        self.key = (recording.party, recording.path.name if version == (0, 0) else "", recording.heard, version)

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Sound) and self.key == other.key


@lru_cache(maxsize=1024)
def _drawn(sound: _Sound) -> str:
    recording = sound.recording
    samples = read_sound(recording.path)
    seconds = max([len(samples) / SAMPLE_RATE, 0.001, *(heard.end for heard in recording.heard)])
    label = escape(on_one_line(recording.party))
    return (
        '<svg class="timeline" xmlns="http://www.w3.org/2000/svg" role="img" width="100%" height="92"'
        f' font-family="system-ui, sans-serif" font-size="11" fill="currentColor" data-seconds="{seconds:.3f}">'
        f"<title>{label}, {seconds:.1f} s</title>"
        f'<svg width="100%" height="44" viewBox="0 0 {_COLUMNS} {2 * _MIDDLE}" preserveAspectRatio="none">'
        f'<path d="{_wave(samples, seconds)}" opacity=".5"/></svg>'
        f"{''.join(_mark(heard, seconds) for heard in recording.heard)}"
        f"{_scale(seconds)}"
        '<line class="playhead" x1="0" y1="0" x2="0" y2="72" stroke="currentColor" stroke-width="2" opacity="0"/></svg>'
    )


def _wave(samples: NDArray[np.float32], seconds: float) -> str:
    """Outline of the loudest sample per column, above and below the middle; the loudest of all fills the strip."""
    count = max(1, round(_COLUMNS * len(samples) / SAMPLE_RATE / seconds))
    edges = np.linspace(0, len(samples), count, endpoint=False).astype(np.intp)
    peaks = np.maximum.reduceat(np.abs(samples), edges) if len(samples) >= count else np.zeros(count)
    tall = np.maximum(_MIDDLE * peaks / max(float(peaks.max(initial=0)), 0.02), 1).astype(int).tolist()
    upper = [f"L{index} {_MIDDLE - peak}" for index, peak in enumerate(tall)]
    lower = [f"L{index} {_MIDDLE + peak}" for index, peak in enumerate(tall)]
    return f"M0 {_MIDDLE}{''.join(upper)}{''.join(reversed(lower))}Z"


def _mark(heard: Heard, seconds: float) -> str:
    """One bar; the inner drawing clips a name that is longer than its bar."""
    kind = heard.what.partition(":")[0]
    colour = f"var(--{kind if kind in _COLOURS else 'prompt'}, {_COLOURS.get(kind, _COLOURS['prompt'])})"
    start, width = 100 * heard.start / seconds, max(0.6, 100 * (heard.end - heard.start) / seconds)
    name = escape(on_one_line(heard.what.removeprefix("prompt:")))
    return (
        f'<svg class="mark" data-seek="{heard.start:.3f}" x="{start:.2f}%" y="48" width="{width:.2f}%" height="22"'
        f' style="color:{colour}"><title>{escape(on_one_line(heard.what))} {heard.start:.2f}–{heard.end:.2f} s'
        f" ({heard.score:.2f})</title>"
        '<rect width="100%" height="22" rx="4" fill="currentColor" opacity=".16"/>'
        '<rect width="3" height="22" fill="currentColor"/>'
        f'<text x="8" y="15">{name}</text></svg>'
    )


def _scale(seconds: float) -> str:
    """Seconds beneath the strip, five or so of them."""
    step = next(step for step in (0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 3600, 1e9) if seconds / step <= 6)  # noqa: PLR2004
    ticks = np.arange(0, seconds * 0.96, step)
    return "".join(
        f'<text x="{100 * tick / seconds:.2f}%" y="86" font-size="10" opacity=".7">{tick:g} s</text>' for tick in ticks
    )
