"""Writing a build: aside first, then swapped in whole. Also makes its sounds, spoken or converted."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from pbx.bundle import Bundle, SoundRecipe
from pbx.diagnostics import Diagnostic

MARK: Final = ".pbx-build"
"""The file by which a folder is known as a build of ours, so that no other folder is ever replaced."""

Speak = Callable[[str, str], bytes]
"""From a text and a language to a wav file that Asterisk plays."""


class OutputError(Exception):
    """The build cannot be written; the text says why and what to do."""


def cache_folder(environment: Mapping[str, str]) -> Path:
    """Where things are kept that can be made again (XDG Base Directory Specification)."""
    base = environment.get("XDG_CACHE_HOME") or str(Path(environment.get("HOME", "/tmp")) / ".cache")  # noqa: S108
    return Path(base) / "centralita"


def make_sounds(
    recipes: Mapping[str, SoundRecipe], root: Path, cache: Path, speak: Speak | None
) -> tuple[dict[str, bytes], list[Diagnostic]]:
    """Every sound of a build as a wav file that Asterisk plays. ``root`` is the site's folder.

    Spoken texts are kept by their content, so that a text is spoken once; without a synthesizer, and for a recording
    that cannot be played, a diagnostic says so.
    """
    from pbx.audio import UnplayableAudio, read_recording, to_wav_bytes

    made: dict[str, bytes] = {}
    problems: list[Diagnostic] = []
    for name, recipe in recipes.items():
        file = f"tenants/{recipe.tenant}.yaml"
        if recipe.prompt.say:
            try:
                made[name] = _spoken(recipe, cache, speak)
            except UnplayableAudio as error:
                message = f"the text of {name} cannot be spoken: {error}"
                cure = "install espeak-ng (pbx lab engine fetch brings one), or record the prompt as a wav file"
                problems.append(Diagnostic("PBX602", file, (), message, help=cure))
            continue
        source = root / "tenants" / recipe.tenant / recipe.prompt.file
        try:
            recording = read_recording(source.read_bytes())
        except (OSError, UnplayableAudio) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            message = f"{recipe.prompt.file} cannot be played: {reason}"
            cure = "give a wav file with PCM sound"
            problems.append(Diagnostic("PBX603", file, (), message, help=cure, consequence="the caller would hear nothing"))
            continue
        made[name] = to_wav_bytes(recording.samples)
        problems += [
            Diagnostic("PBX604", file, (), f"{recipe.prompt.file}: {note}", help="listen to it; record it again if need be")
            for note in recording.notes
        ]
    return made, problems


def _spoken(recipe: SoundRecipe, cache: Path, speak: Speak | None) -> bytes:
    from pbx.audio import UnplayableAudio

    key = hashlib.sha256(f"{recipe.language}\n{recipe.prompt.say}".encode()).hexdigest()
    kept = cache / "speech" / f"{key}.wav"
    if kept.is_file():
        return kept.read_bytes()
    if speak is None:
        raise UnplayableAudio("there is no speech synthesizer")
    spoken = speak(recipe.prompt.say, recipe.language)
    kept.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(prefix=".speech.", dir=kept.parent)
    with os.fdopen(handle, "wb") as stream:
        stream.write(spoken)
    Path(aside).replace(kept)
    return spoken


def write_build(bundle: Bundle, sounds: Mapping[str, bytes], folder: Path) -> None:
    """Replace ``folder`` by the build, whole or not at all. Raises :class:`OutputError`, and then nothing has changed."""
    folder = folder.absolute()
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).is_file():
        raise OutputError(f"{folder} is not empty and not a build of pbx: name another folder, or empty this one")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    except OSError as error:
        raise OutputError(f"{folder} cannot be written: {error.strerror}") from error
    try:
        for name, text in bundle.files.items():
            _write(aside / "etc" / name, text.encode(), 0o640)
        for name, data in sounds.items():
            _write(aside / "sounds" / name, data, 0o644)
        _write(aside / MARK, b"Made by pbx compile; replaced as a whole.\n", 0o644)
        _swap(aside, folder)
    except OSError as error:
        raise OutputError(f"{folder} cannot be written: {error.strerror}; nothing was changed") from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _write(path: Path, data: bytes, mode: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb", opener=lambda name, flags: os.open(name, flags, mode)) as stream:
        stream.write(data)


def _swap(aside: Path, folder: Path) -> None:
    aside.chmod(0o750)
    if not folder.exists():
        aside.rename(folder)
        return
    former = aside.with_name(aside.name + ".former")
    folder.rename(former)
    try:
        aside.rename(folder)
    except OSError:
        former.rename(folder)
        raise
    shutil.rmtree(former, ignore_errors=True)
