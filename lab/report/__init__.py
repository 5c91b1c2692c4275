"""What a run is told as: a page for people, XML for a build server, JSON for programs, a table for the terminal."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

from lab.report.html import render_html
from lab.report.json import render_json
from lab.report.junit import render_junit
from lab.report.terminal import summary

if TYPE_CHECKING:
    from lab.results import RunResult

__all__ = ["render_html", "render_json", "render_junit", "summary", "write_report"]


def write_report(run: RunResult, folder: Path) -> Path:
    """Write ``index.html``, ``junit.xml`` and ``results.json`` into a folder and give the page's path.

    Each file is written aside and renamed, so a reader never meets half a report. Raises `OSError` when the folder
    cannot be made or written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    contents = {
        "results.json": render_json(run, folder),
        "junit.xml": render_junit(run),
        "index.html": render_html(run),
    }
    for name, content in contents.items():
        _write(folder / name, content)
    return folder / "index.html"


def _write(path: Path, content: str) -> None:
    with NamedTemporaryFile("wb", dir=path.parent, prefix=f".{path.name}.", delete=False) as aside:
        try:
            aside.write(content.encode())
        except BaseException:
            Path(aside.name).unlink()
            raise
    Path(aside.name).chmod(0o666 & ~_umask())
    Path(aside.name).replace(path)


def _umask() -> int:
    """Read the process's file mode mask, which can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
