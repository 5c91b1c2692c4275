"""Passwords: generated ones, references to kept ones, and keeping them out of logs and reports.

``secrets.yaml`` is flat: a name such as ``andina/extension/201`` and its value. It is written by hand here, not by a
YAML library, since its texts need no escaping; it is read through :mod:`pbx.source` like every other file.
"""

from __future__ import annotations

import math
import os
import re
import secrets
import string
import tempfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from pbx.diagnostics import Span
from pbx.source import read_yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

ALPHABET = string.ascii_letters + string.digits
"""Letters and digits alone: nothing to escape in Asterisk's files, in a URL, in a shell or in a provisioning file."""

LENGTH = 24
"""Characters of a generated password: 142 bits; 128 are asked for."""

BLANKED = "********"
SCHEMES = ("env", "file", "secret")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*(?:/[A-Za-z0-9][A-Za-z0-9_.-]*)*\Z")
_SHORTEST_BLANKED = 4


@dataclass(frozen=True, repr=False)
class Secret:
    """A password that cannot be printed by accident. :meth:`reveal` is the only way to its value."""

    _value: str

    def reveal(self) -> str:
        """Answer the value, for the one place that needs it."""
        return self._value

    def __repr__(self) -> str:
        """Show that there is a secret, not which."""
        return f"Secret({BLANKED})"

    def __str__(self) -> str:
        """Show nothing: an f-string must not give the secret away either."""
        return BLANKED


@dataclass(frozen=True)
class Problem:
    """Why a reference leads to no password. It never contains one."""

    message: str
    help: str
    span: Span | None = None
    """Where in ``secrets.yaml``, for what is wrong with that file."""


def extension_name(tenant: str, number: str, device: str = "") -> str:
    """Spell the name under which an extension's SIP password is kept, or that of one of its devices."""
    return f"{tenant}/extension/{number}/{device}" if device else f"{tenant}/extension/{number}"


def generate() -> str:
    """Make a password out of the operating system's random source."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def strength(length: int = LENGTH) -> float:
    """Answer the bits of chance in a generated password of a length."""
    return length * math.log2(len(ALPHABET))


def read_secrets(text: str, file: str = "secrets.yaml") -> tuple[dict[str, Secret], list[Problem]]:
    """Read ``secrets.yaml``. What cannot be read is left out and told; the problems never quote a value."""
    if all(not line.strip() or line.lstrip().startswith("#") for line in text.splitlines()):
        return {}, []
    document, problems = read_yaml(file, text)
    if problems:
        # The reader's own message may quote the line, and the line may hold a password.
        cure = "each line is a name, a colon and a password in double quotes"
        return {}, [Problem(f"{file} is not readable YAML", cure, problem.span) for problem in problems[:1]]
    if not isinstance(document.tree, dict):
        cure = 'a line looks like "andina/x": "password"'
        return {}, [Problem(f"{file} is not a list of names and passwords", cure, document.place(()))]
    found: dict[str, Secret] = {}
    wrong: list[Problem] = []
    for name, value in document.tree.items():
        span = document.place((name,), at_key=True)
        if not _NAME.match(name):
            # Not quoted: somebody may have written the password first.
            wrong.append(Problem("this is no name for a password", "use letters, digits, / . _ and -", span))
        elif not isinstance(value, str) or not value:
            cure = "delete the line: pbx secrets init makes a new one; or write the password"
            wrong.append(Problem(f"{name} has no password", cure, span))
        elif not set(value) <= set(ALPHABET):
            message = f"the password of {name} has other characters than letters and digits"
            cure = "use letters and digits only; keep a carrier's password with other signs in env: or file:"
            wrong.append(Problem(message, cure, span))
        else:
            found[name] = Secret(value)
    return found, wrong


def merge_missing(existing: Mapping[str, Secret], wanted: Iterable[str]) -> tuple[dict[str, Secret], tuple[str, ...]]:
    """Add a generated password for each wanted name that has none; answer all of them, and the names that were added.

    Nothing is ever changed or dropped: a phone that is registered keeps its password.
    """
    added = tuple(sorted(set(wanted) - set(existing)))
    return {**existing, **{name: Secret(generate()) for name in added}}, added


def dump(kept: Mapping[str, Secret]) -> str:
    """Write ``secrets.yaml``, sorted by name, so that the same secrets always make the same text.

    Raises:
        ValueError: a name or a value would need escaping; such ones are never accepted nor generated.

    """
    lines = ["# Generated passwords: never in git, mode 0600. `pbx secrets` adds and rotates them."]
    for name in sorted(kept):
        value = kept[name].reveal()
        if not _NAME.match(name) or not value or not set(value) <= set(ALPHABET):
            message = f"the secret {name!r} has a name or a value that cannot be written"
            raise ValueError(message)
        lines.append(f'"{name}": "{value}"')
    return "\n".join(lines) + "\n"


def resolve(
    reference: str,
    environment: Mapping[str, str],
    read_file: Callable[[PurePosixPath], str | None],
    kept: Mapping[str, Secret],
) -> Secret | Problem:
    """Follow ``env:NAME``, ``file:path`` or ``secret:name`` to a password.

    ``read_file`` gets a path inside the site folder and answers the file's text, or ``None`` when there is none; it
    must itself refuse symbolic links that leave the folder, which a path alone cannot show.
    """
    scheme, _, rest = reference.partition(":")
    if scheme not in SCHEMES or not rest:
        # Not quoted: it may well be a password in plain text.
        return Problem("this is no reference to a password", "write env:NAME, file:path or secret:name")
    if scheme == "env":
        return _told(environment.get(rest), f"the environment has no {rest}", f"set {rest} before you run pbx")
    if scheme == "secret":
        if rest in kept:
            return kept[rest]
        return Problem(f"secrets.yaml has no {rest}", "run `pbx secrets init`, or write its line")
    path = PurePosixPath(rest)
    if path.is_absolute() or ".." in path.parts or "\\" in rest or "\0" in rest:
        return Problem(f"file:{rest} leads out of the site folder", "keep the file inside the site folder")
    return _told(read_file(path), f"there is no file {rest} in the site folder", "make the file, with mode 0600")


def blank(text: str, hidden: Iterable[str | Secret]) -> str:
    """Replace every secret that occurs in a text, for logs, diffs and reports; longer secrets first.

    Secrets under four characters are left alone: blanking a PIN like 1 would blank the whole text.
    """
    values = {value.reveal() if isinstance(value, Secret) else value for value in hidden}
    found = sorted((value for value in values if len(value) >= _SHORTEST_BLANKED), key=len, reverse=True)
    if not found:
        return text
    return re.sub("|".join(re.escape(value) for value in found), BLANKED, text)


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read: aside, synchronised to disk, then renamed over the old one.

    Either the old content or the new one is there, whenever the power fails. A symbolic link is followed, so that the
    file behind it is replaced and the link stays.

    Raises:
        OSError: the folder cannot be written; nothing was changed and nothing is left behind.

    """
    target = path.resolve()
    handle, aside = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
            os.fchmod(stream.fileno(), 0o600)  # mkstemp's mode, but for an umask that takes even the owner's rights
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        Path(aside).replace(target)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _told(value: str | None, message: str, cure: str) -> Secret | Problem:
    """Take a password from outside: one line, not empty."""
    if value is None:
        return Problem(message, cure)
    password = value.rstrip("\r\n")
    if not password:
        return Problem("the password is empty", cure)
    if not password.isprintable():
        return Problem("the password has a line break or another control character", "keep it on one line")
    return Secret(password)
