"""Reading a run again from its report: for other formats, for the rows that failed, for a comparison.

A report may have been handed on and changed by a stranger. So its shape is checked, and files are looked for in its
folder and nowhere else.
"""

from __future__ import annotations

import json
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from lab.report.json import SCHEMA
from lab.results import Recording, RowResult, RunResult

NAME: Final = "results.json"


class NoResultsError(Exception):
    """A folder in which no run can be read, and what to do about it."""

    def __init__(self, problem: str, cure: str) -> None:
        """Both in the user's words."""
        super().__init__(problem)
        self.problem = problem
        self.cure = cure


def read_run(place: Path) -> RunResult:
    """The run whose ``results.json`` this is, or lies in this folder; its recordings are those beside it.

    Raises `NoResultsError`.
    """
    path = place / NAME if place.is_dir() else place
    try:
        content = json.loads(path.read_text("utf-8"), parse_constant=_no_number)
    except FileNotFoundError:
        raise NoResultsError(f"there are no results in {place}", "name the folder that pbx lab run wrote") from None
    except OSError as error:
        raise NoResultsError(f"{path} cannot be read: {error.strerror}", "check its permissions") from error
    except ValueError as error:
        raise NoResultsError(f"{path} is no JSON: {error}", "run the tests again: pbx lab run") from error
    schema = content.get("schema") if isinstance(content, dict) else None
    if schema != SCHEMA:
        told = f"{path} is of another version of pbx ({schema!r}, not {SCHEMA})"
        raise NoResultsError(told, "run the tests again: pbx lab run")
    try:
        run = _adapter().validate_python(_whole(content))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise NoResultsError(f"{path}: {where}: {first['msg']}", "run the tests again: pbx lab run") from error
    return replace(run, rows=tuple(_with_files(row, path.parent) for row in run.rows))


@lru_cache(maxsize=1)
def _adapter() -> TypeAdapter[RunResult]:
    return TypeAdapter(RunResult)


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON")


def _whole(content: Any) -> Any:  # noqa: ANN401 - JSON holds anything
    """The same without halves of characters, which may be spelled in JSON and nowhere else."""
    if isinstance(content, str):
        return content.encode("utf-8", "replace").decode()
    if isinstance(content, dict):
        return {_whole(name): _whole(value) for name, value in content.items()}
    return [_whole(value) for value in content] if isinstance(content, list) else content


def _with_files(row: RowResult, folder: Path) -> RowResult:
    return replace(row, recordings=tuple(_beside(recording, folder) for recording in row.recordings))


def _beside(recording: Recording, folder: Path) -> Recording:
    """A recording of the report; one that would lie elsewhere is nowhere."""
    path = folder / recording.path
    inside = path.resolve().is_relative_to(folder.resolve())
    return replace(recording, path=path if inside else folder / "missing" / Path(recording.path).name)
