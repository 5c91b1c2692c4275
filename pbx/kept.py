"""The file ``secrets.yaml`` of a site on disk: read by its owner alone, written whole, and kept out of git."""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal

from pbx.diagnostics import Diagnostic, Span
from pbx.folder import SECRETS
from pbx.secrets import Secret, dump, read_secrets, write_private

PRIVATE: Final = 0o600
"""The mode of ``secrets.yaml``: its owner reads and writes it, and nobody else."""

InGit = Literal["ignored", "added", "tracked"]
"""What git knows of ``secrets.yaml``: it is ignored already, a line was added to ``.gitignore``, or it is in git."""

_TIMEOUT: Final = 30.0
"""Seconds for a question to git."""


@contextmanager
def alone(root: Path) -> Iterator[None]:
    """Keep a second run on the same site out, which would make other passwords."""
    handle = os.open(root, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def read_kept(root: Path) -> tuple[dict[str, Secret] | None, list[Diagnostic]]:
    """The passwords that ``secrets.yaml`` holds, none when there is no such file; None when it cannot be understood.

    A file that others could read is closed to them, and a warning says so. No problem ever holds a password. Raises
    OSError when the file cannot be read, or not be closed to others.
    """
    path = root / SECRETS
    try:
        with path.open("rb") as stream:
            mode = stat.S_IMODE(os.fstat(stream.fileno()).st_mode)
            if mode & 0o077:
                os.fchmod(stream.fileno(), PRIVATE)
            data = stream.read()
    except FileNotFoundError:
        return {}, []
    problems = [_was_open(mode)] if mode & 0o077 else []
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        span = Span(SECRETS, line, 1, line, 1)
        message, cure = f"{SECRETS} is not UTF-8 text", "restore it from a backup"
        return None, [*problems, Diagnostic("PBX601", SECRETS, (), message, help=cure, span=span)]
    kept, wrong = read_secrets(text, SECRETS)
    if wrong:
        problems += [Diagnostic("PBX601", SECRETS, (), each.message, help=each.help, span=each.span) for each in wrong]
        return None, problems
    return kept, problems


def _was_open(mode: int) -> Diagnostic:
    return Diagnostic(
        "PBX621",
        SECRETS,
        (),
        f"other users of this machine could read {SECRETS} (mode {mode:04o}); it is closed to them now",
        help="if somebody may have read it: pbx secrets rotate SITE --all, and provision the phones again",
        consequence="whoever knows a phone's password can call at the customer's expense",
        span=Span(SECRETS, 1, 1, 1, 1),
    )


def write_kept(root: Path, kept: Mapping[str, Secret]) -> None:
    """Replace ``secrets.yaml``, whole or not at all. Raises OSError, and then the old one is still there."""
    write_private(root / SECRETS, dump(kept))


def keep_out_of_git(root: Path) -> InGit:
    """See to it that git ignores ``secrets.yaml``, whether or not the site is in git yet: it may be tomorrow.

    Raises OSError when ``.gitignore`` cannot be written.
    """
    if _git(root, "ls-files", "--error-unmatch", SECRETS) == 0:
        return "tracked"
    if _git(root, "check-ignore", "--quiet", SECRETS) == 0:
        return "ignored"
    path = root / ".gitignore"
    text = path.read_text("utf-8") if path.exists() else ""
    if any(line.strip() in {SECRETS, f"/{SECRETS}"} for line in text.splitlines()):
        return "ignored"
    joint = "" if not text or text.endswith("\n") else "\n"
    with path.open("a", encoding="utf-8") as stream:
        stream.write(f"{joint}/{SECRETS}\n")
    return "added"


def _git(root: Path, *arguments: str) -> int | None:
    """Git's exit code for a question about the site's folder; None when there is no git to ask."""
    if shutil.which("git") is None:
        return None
    command = ["git", "-C", str(root), *arguments]
    try:
        return subprocess.run(command, capture_output=True, check=False, timeout=_TIMEOUT).returncode
    except (OSError, subprocess.TimeoutExpired):
        return None
