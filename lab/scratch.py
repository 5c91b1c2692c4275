"""Where a lab keeps what it needs while it runs."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import Final

_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - a folder of our own is made there
_ROOM: Final = 2 << 30
"""Bytes that must be free there: a run of 300 rows takes 200 MB."""
_NEW: Final = 60
"""Seconds for which a folder is left alone in any case: it may not be locked yet."""
_locks: Final[list[int]] = []


def scratch(prefix: str) -> Path:
    """A new folder that only we can read: in memory where there is room, unless the user names a place (``TMPDIR``).

    Asterisk waits for the disk with each write to its database: half a second when something else writes as well,
    which is five seconds of a PBX at ten times the speed.
    """
    if "TMPDIR" in os.environ or not _fits():
        return Path(tempfile.mkdtemp(prefix=prefix))
    for left in _MEMORY.glob(f"{prefix}*"):
        _remove_left(left)
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=_MEMORY))
    _locks.append(_locked(folder))
    return folder


def _locked(folder: Path) -> int:
    """The descriptor that holds a folder's lock as long as we live. Raises `OSError` when somebody else has it."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _remove_left(folder: Path) -> None:
    """Remove what a lab that was killed has left: memory is dearer than a disk."""
    with contextlib.suppress(OSError):
        known = folder.stat()
        if known.st_uid == os.getuid() and time.time() - known.st_mtime > _NEW:
            descriptor = _locked(folder)
            shutil.rmtree(folder, ignore_errors=True)
            os.close(descriptor)


def _fits() -> bool:
    """Whether memory can hold a lab: there is room, and programs may be run from there (``sendmail`` is one)."""
    try:
        there = os.statvfs(_MEMORY)
    except OSError:
        return False
    runs = not there.f_flag & os.ST_NOEXEC
    return runs and os.access(_MEMORY, os.W_OK) and there.f_bavail * there.f_frsize > _ROOM
