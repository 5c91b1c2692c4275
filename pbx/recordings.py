"""The recordings that customers sent: checked, converted, and what is wrong with them told at its place in the YAML."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pbx.diagnostics import Diagnostic, Related
from pbx.diagnostics import Path as Place

if TYPE_CHECKING:
    from pbx.site import Site

_NOTES: Final[Mapping[str, str]] = {
    "silent": "nothing can be heard in it",
    "quiet": "it is so quiet that callers will hardly hear it",
    "clipped": "it is too loud and distorted (clipped)",
    "long": "it is longer than five minutes",
}
"""What :class:`pbx.audio.Note` means, in the user's words."""


@dataclass(frozen=True, slots=True)
class Converted:
    """A recording as Asterisk plays it, or what is wrong with it."""

    sound: bytes | None
    problems: tuple[Diagnostic, ...]
    told: str = ""
    """What was changed, empty when the recording was as Asterisk plays it."""


def convert(root: Path, tenant: str, name: str, file: str, path: Place) -> Converted:
    """Read a recording of a tenant's folder; ``file`` and ``path`` are where the YAML names it."""
    from pbx.audio import UnplayableAudio, read_recording, to_wav_bytes

    try:
        recording = read_recording((root / "tenants" / tenant / name).read_bytes())
    except (OSError, UnplayableAudio) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        message, cure = f"{name} cannot be played: {reason}", "give a wav file with PCM sound"
        consequence = "the caller would hear nothing"
        return Converted(None, (Diagnostic("PBX603", file, path, message, help=cure, consequence=consequence),))
    notes = tuple(
        Diagnostic("PBX604", file, path, f"{name}: {_NOTES[note]}", help="listen to it; record it again if need be")
        for note in recording.notes
    )
    told = f"{name} ({recording.given}) is converted to 8000 Hz, mono, 16 bits" if recording.given else ""
    return Converted(to_wav_bytes(recording.samples), notes, told)


def check_recordings(site: Site, root: Path) -> tuple[list[Diagnostic], list[str]]:
    """What is wrong with the recordings of a site, each told once, and what will be converted. Raises nothing."""
    problems: list[Diagnostic] = []
    conversions: list[str] = []
    for tenant, name, (file, path), others in _used(site):
        found = convert(root, tenant, name, file, path)
        related = tuple(Related(other, place, "it is played here too") for other, place in others)
        problems += [
            Diagnostic(each.code, file, path, each.message, each.help, each.consequence, related)
            for each in found.problems
        ]
        conversions += [found.told] if found.told else []
    return problems, conversions


def _used(site: Site) -> Iterator[tuple[str, str, tuple[str, Place], list[tuple[str, Place]]]]:
    """Each recording with its tenant and the places that play it, the first one apart."""
    for slug, scope in site.tenants.items():
        places: dict[str, list[tuple[str, Place]]] = {}
        for sound in scope.own_sounds():
            if sound.prompt.file:
                places.setdefault(sound.prompt.file, []).append((scope.file, sound.path))
        for name, (first, *others) in sorted(places.items()):
            yield slug, name, first, others
