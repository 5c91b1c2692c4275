"""``pbx where``: from a line of a build back to the YAML that it was made of."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import typer

from pbx.cli.console import TextOrJson, fail
from pbx.document import Document
from pbx.origins import LIBRARY, Origin, read_manifest
from pbx.output import MARK, ORIGINS, site_of_build
from pbx.secrets import BLANKED
from pbx.source import read_bytes

_PASSWORD: Final = re.compile(r"^(\s*(?:password|secret)\s*=>?\s*).+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a build, found."""

    build: Path
    name: str
    """Of its file, below the build."""
    number: int
    text: str
    origin: Origin


def tell_origin(place: str, site: Path | None, format: TextOrJson) -> None:  # noqa: A002 - as the option
    """Say what a line was made of; ``site`` where it is not the one that the build was made of."""
    line = _find(place)
    if line.origin.file.startswith(f"{LIBRARY}/"):
        _tell_library(line, format)
        return
    folder = site or site_of_build(line.build)
    if folder is None or not folder.is_dir():
        fail(f"the site of {line.build} is not where it was", "name its folder: --site SITE", exit_code=2)
    document = _document(folder, line.origin.file)
    span = document.place(line.origin.path, at_key=True)
    file = folder / line.origin.file
    what = ".".join(map(str, line.origin.path)) or f"{line.origin.file} as a whole"
    if format is TextOrJson.JSON:
        told = {
            "line": line.text, "file": str(file), "row": span.line, "column": span.column,
            "path": list(line.origin.path), "library": False,
        }  # fmt: skip
        typer.echo(json.dumps(told, indent=2, ensure_ascii=False))
        return
    source = document.text.splitlines()
    excerpt = source[span.line - 1] if span.line <= len(source) else ""
    width = max(1, span.end_column - span.column) if span.end_line == span.line else 1
    margin = " " * len(str(span.line))
    typer.echo(f"{line.name}:{line.number}  {line.text.strip()}")
    typer.echo(f"comes from {what}")
    typer.echo(f"{margin}--> {file}:{span.line}:{span.column}")
    if line.origin.path:
        typer.echo(f"{margin} |\n{span.line} | {excerpt}\n{margin} | {' ' * (span.column - 1)}{'^' * width}")


def _tell_library(line: Line, format: TextOrJson) -> None:  # noqa: A002 - as above
    if format is TextOrJson.JSON:
        told = {"line": line.text, "file": line.origin.file, "row": line.number, "path": [], "library": True}
        typer.echo(json.dumps(told, indent=2, ensure_ascii=False))
        return
    typer.echo(f"{line.name}:{line.number}  {line.text.strip()}")
    typer.echo("comes from no YAML: it is the library, written by hand and the same in every build")
    typer.echo(f" --> {line.origin.file}:{line.number}")


def _find(place: str) -> Line:
    """The line that FILE:LINE names, and its origin."""
    match = re.fullmatch(r"(.+?):([0-9]{1,9})(?::[0-9]*)?", place)
    if not match:
        fail(f"{place} names no line", "a file and a line, such as build/demo/etc/pjsip.conf:12", exit_code=2)
    build, name, path = _in_build(Path(match[1]))
    try:
        origins = read_manifest((build / ORIGINS).read_text("utf-8"))
        lines = path.read_text("utf-8").split("\n")
    except (OSError, ValueError):
        fail(f"{build / ORIGINS} cannot be read", "compile the site again")
    number = int(match[2])
    found = next((each for each in origins.get(name, ()) if each.first <= number <= each.last), None)
    if number > len(lines) or found is None:
        fail(f"{path} has no line {number} that was compiled", f"it has {len(lines) - 1} lines", exit_code=2)
    return Line(build, name, number, _PASSWORD.sub(rf"\1{BLANKED}", lines[number - 1]), found)


def _in_build(path: Path) -> tuple[Path, str, Path]:
    """The build that a file is in, the file's name below it, and the file; ``etc/`` may be left out."""
    absolute = Path(os.path.normpath(path.absolute()))
    build = next((each for each in absolute.parents if (each / MARK).is_file()), None)
    name = absolute.relative_to(build).as_posix() if build else ""
    there = next((each for each in (name, f"etc/{name}") if build and (build / each).is_file()), None)
    if build is None or there is None:
        what = f"{path} is in no build of pbx" if path.is_file() else f"there is no file {path}"
        fail(what, "name a file below the folder that pbx compile wrote", exit_code=2)
    return _shown(build), there, build / there


def _shown(build: Path) -> Path:
    here = Path.cwd()
    return build.relative_to(here) if build.is_relative_to(here) else build


def _document(site: Path, name: str) -> Document:
    try:
        data = (site / name).read_bytes()
    except OSError as error:
        fail(f"{site / name} cannot be read: {error.strerror or error}", "compile the site again")
    document, problems = read_bytes(name, data)
    if problems:
        fail(f"{site / name} is not readable any more", f"see pbx check {site}")
    return document
