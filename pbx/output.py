"""Writing a build: aside first, then swapped in whole. Also makes its sounds, spoken or converted."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pbx.bundle import Bundle, SoundRecipe
from pbx.diagnostics import Diagnostic
from pbx.diagnostics import Path as Place
from pbx.model import Language
from pbx.origins import manifest
from pbx.recordings import convert

if TYPE_CHECKING:
    from pbx.site import Site

MARK: Final = ".pbx-build"
"""The file by which a folder is known as a build of ours, so that no other folder is ever replaced."""

ORIGINS: Final = "origins.json"
"""The file of a build that says what each line of its configuration was made of (:mod:`pbx.origins`)."""

Speak = Callable[[str, Language], bytes]
"""From a text and a language to a wav file that Asterisk plays. Raises :class:`pbx.audio.UnplayableAudio`."""

_EXCHANGE: Final = 2
"""RENAME_EXCHANGE of renameat2(2): two names swap what they stand for, in one step."""
_HERE: Final = -100
"""AT_FDCWD of the same."""


class OutputError(Exception):
    """The build cannot be written; the text says why and what to do."""


def cache_folder(environment: Mapping[str, str]) -> Path:
    """Where things are kept that can be made again (XDG Base Directory Specification)."""
    base = environment.get("XDG_CACHE_HOME") or str(Path(environment.get("HOME", "/tmp")) / ".cache")  # noqa: S108
    return Path(base) / "centralita"


def synthesizer(environment: Mapping[str, str]) -> Speak | None:
    """How texts are spoken on this machine, or None when it has no speech program."""
    from pbx.audio import find_synthesizer, speak

    command = find_synthesizer(environment, shutil.which)
    if command is None:
        return None
    return lambda text, language: speak(text, language, command)


def sound_places(site: Site) -> dict[str, tuple[str, Place]]:
    """The file and the path where each sound of a site is written, by the sound's name in the build."""
    return {
        f"{scope.slug}/{sound.name}.wav": (scope.file, sound.path)
        for scope in site.tenants.values()
        for sound in scope.own_sounds()
    }


def make_sounds(  # noqa: PLR0913 - two of them only tell what happens
    recipes: Mapping[str, SoundRecipe],
    root: Path,
    cache: Path,
    speak: Speak | None,
    *,
    places: Mapping[str, tuple[str, Place]] | None = None,
    made_one: Callable[[int, int], None] = lambda _done, _all: None,
    converted: Callable[[str], None] = lambda _what: None,
) -> tuple[dict[str, bytes], list[Diagnostic]]:
    """Every sound of a build as a wav file that Asterisk plays. ``root`` is the site's folder.

    Spoken texts are kept by their content, so that a text is spoken once; without a synthesizer, and for a recording
    that cannot be played, a diagnostic says so, at the place that ``places`` knows (see :func:`sound_places`).
    ``made_one`` is told after each sound how many there are by now, and how many there will be; ``converted`` which
    recordings were not as Asterisk plays them, and what they were.
    """
    made: dict[str, bytes] = {}
    problems: list[Diagnostic] = []
    for number, (name, recipe) in enumerate(recipes.items(), start=1):
        unwritten = f"tenants/{recipe.tenant}.yaml" if recipe.tenant else "platform.yaml"
        file, path = (places or {}).get(name, (unwritten, ()))
        if recipe.prompt.say:
            sound, found = _spoken(recipe, cache, speak, file, path)
        else:
            recording = convert(root, recipe.tenant, recipe.prompt.file, file, path)
            sound, found = recording.sound, list(recording.problems)
            if recording.told:
                converted(recording.told)
        if sound is not None:
            made[name] = sound
        problems += found
        made_one(number, len(recipes))
    return made, problems


def _spoken(
    recipe: SoundRecipe, cache: Path, speak: Speak | None, file: str, path: Place
) -> tuple[bytes | None, list[Diagnostic]]:
    from pbx.audio import UnplayableAudio

    key = hashlib.sha256(f"{recipe.language}\n{recipe.prompt.say}".encode()).hexdigest()
    kept = cache / "speech" / f"{key}.wav"
    with contextlib.suppress(OSError):
        return kept.read_bytes(), []
    cure = "install espeak-ng: sudo apt-get install espeak-ng; or record the prompt as a wav file"
    spoken, reason = b"", "there is no speech program here"
    if speak is not None:
        try:
            spoken = speak(recipe.prompt.say, recipe.language)
        except UnplayableAudio as error:
            reason = str(error)
    if not spoken:
        what = "this text" if recipe.tenant else "what the PBX itself says to its users"
        message = f"{what} cannot be spoken: {reason}"
        return None, [Diagnostic("PBX602", file, path, message, help=cure, consequence="the caller would hear nothing")]
    # A cache that cannot be written costs time at the next build, and nothing else.
    with contextlib.suppress(OSError):
        _keep(kept, spoken)
    return spoken, []


def write_text(path: Path, text: str) -> None:
    """Write a text that anybody may read; as :func:`write_bytes` does."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file that anybody may read: aside, then renamed, so that it is there whole or not at all.

    Folders above it are made. Raises OSError, and then nothing has changed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            os.fchmod(stream.fileno(), 0o644)
            stream.write(data)
        Path(aside).replace(path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise


def _keep(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(prefix=".speech.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        Path(aside).replace(path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise


def check_folder(folder: Path) -> None:
    """Whether a build may go to ``folder``: it is not there, empty, or a build of ours. Raises :class:`OutputError`."""
    folder = folder.resolve()
    try:
        there = next(each for each in (folder, *folder.parents) if each.exists())
        if not there.is_dir():
            raise OutputError(f"{there} is a file: name a folder for the build")
        if folder.is_dir() and any(folder.iterdir()) and not (folder / MARK).is_file():
            raise OutputError(f"{folder} is not empty and not a build of pbx: name another folder, or empty this one")
    except OSError as error:
        raise _unwritable(folder, error) from error


def write_build(bundle: Bundle, sounds: Mapping[str, bytes], folder: Path, site: Path | None = None) -> None:
    """Replace ``folder`` by the build, whole or not at all. Raises :class:`OutputError`, and then nothing has changed.

    Files of the configuration hold passwords: 0640. A link to the folder stays, and what it leads to is replaced. Where
    ``site`` is, as seen from the build, is kept in the build, for :func:`site_of_build`.
    """
    check_folder(folder)
    folder = folder.resolve()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _aside(folder) as aside:
            for name, text in bundle.files.items():
                _write(aside / "etc" / name, text.encode(), 0o640)
            for name, data in sounds.items():
                _write(aside / "sounds" / name, data, 0o644)
            _write(aside / ORIGINS, manifest(bundle.origins).encode(), 0o644)
            made_of = f"site: {os.path.relpath(site.resolve(), folder)}\n" if site else ""
            _write(aside / MARK, f"Made by pbx compile; replaced as a whole.\n{made_of}".encode(), 0o644)
            for inside in (aside, *(each for each in aside.rglob("*") if each.is_dir())):
                inside.chmod(0o750)  # whatever the umask
            _swap(aside, folder)
    except OSError as error:
        raise _unwritable(folder, error) from error


def site_of_build(folder: Path) -> Path | None:
    """The folder of the site that a build was made of, when the build knows."""
    with contextlib.suppress(OSError, UnicodeDecodeError):
        for line in (folder / MARK).read_text("utf-8").splitlines():
            if line.startswith("site: "):
                return Path(os.path.relpath((folder / line.removeprefix("site: ")).resolve()))
    return None


def _unwritable(folder: Path, error: OSError) -> OutputError:
    cures = {
        errno.ENOSPC: "free some space on that disk",
        errno.EDQUOT: "free some of your quota on that disk",
        errno.EACCES: "check the rights of the folder above it, or name another folder",
        errno.EPERM: "check the rights of the folder above it, or name another folder",
        errno.EROFS: "that disk is read-only: name another folder",
        errno.ENOTDIR: "a file stands where a folder is needed: name another folder",
        errno.EEXIST: "a file stands where a folder is needed: name another folder",
        errno.EBUSY: "it is mounted there: name a folder inside it",
    }
    cure = cures.get(error.errno or 0, "name another folder")
    return OutputError(f"{folder} cannot be written: {error.strerror or error}; nothing was changed: {cure}")


@contextmanager
def _aside(folder: Path) -> Iterator[Path]:
    """A private folder beside ``folder``, which is gone afterwards; so are those that a killed run left behind.

    A lock tells whose run is still alive.
    """
    prefix = f".{folder.name}.building-"
    for left in folder.parent.glob(f"{prefix}*"):
        with contextlib.suppress(OSError), _locked(left):
            shutil.rmtree(left, ignore_errors=True)
    aside = Path(tempfile.mkdtemp(prefix=prefix, dir=folder.parent))
    try:
        with _locked(aside):
            yield aside
    finally:
        shutil.rmtree(aside, ignore_errors=True)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold a folder's lock. Raises OSError when another run holds it."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


def _write(path: Path, data: bytes, mode: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as stream:
        os.fchmod(stream.fileno(), mode)  # whatever the umask
        stream.write(data)


def _swap(aside: Path, folder: Path) -> None:
    """Put the new build in place. The former one is at ``aside`` afterwards, where it is deleted."""
    if not folder.exists():
        aside.rename(folder)
    elif not _exchange(aside, folder):
        former = aside.with_name(aside.name + ".former")
        folder.rename(former)
        try:
            aside.rename(folder)
        except OSError:
            former.rename(folder)
            raise
        shutil.rmtree(former, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    """Swap two folders in one step; False where the system or the file system cannot (then nothing happened)."""
    library = ctypes.CDLL(None, use_errno=True)
    rename = getattr(library, "renameat2", None)
    return rename is not None and rename(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0
