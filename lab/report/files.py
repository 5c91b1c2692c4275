"""Files that appear whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import NamedTemporaryFile


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file aside and rename it, so that a reader never meets half of it. Raises `OSError`."""
    with NamedTemporaryFile("wb", dir=path.parent, prefix=f".{path.name}.", delete=False) as aside:
        try:
            aside.write(content if isinstance(content, bytes) else content.encode("utf-8", "replace"))
        except BaseException:
            Path(aside.name).unlink()
            raise
    try:
        Path(aside.name).chmod(0o666 & ~_umask())
        Path(aside.name).replace(path)
    except BaseException:
        Path(aside.name).unlink(missing_ok=True)
        raise


def _umask() -> int:
    """Read the process's file mode mask, which can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
