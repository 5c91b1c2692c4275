"""Files that the YAML of a site names are read inside its folder, and nowhere else."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath


class OutsideError(Exception):
    """A link leads out of the site's folder."""


def read_inside(root: Path, path: PurePosixPath, largest: int) -> str | None:
    """The text of a file below ``root``, links resolved first; None when there is none.

    Raises OutsideError, OSError for more than ``largest`` bytes, and UnicodeDecodeError.
    """
    inside = root.resolve()
    target = (inside / path).resolve()
    if not target.is_relative_to(inside):
        raise OutsideError
    if not target.is_file():
        return None
    with os.fdopen(os.open(target, os.O_RDONLY | os.O_NOFOLLOW), "rb") as stream:
        data = stream.read(largest + 1)
    if len(data) > largest:
        raise OSError(0, f"it has more than {largest} bytes")
    return data.decode("utf-8")
