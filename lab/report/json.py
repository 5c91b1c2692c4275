"""The whole run as JSON, for programs."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lab.results import RunResult

SCHEMA = 1
"""Raised when a field changes its meaning or goes away; new fields may come without."""


def render_json(run: RunResult, folder: Path | None = None) -> str:
    """Give every field of the run by its name in `lab.results`.

    Paths are relative to ``folder``; what lies outside it is named by its file name alone, for a report is handed on
    and need not tell how this machine is laid out.
    """

    def told(value: object) -> object:
        if not isinstance(value, Path):
            return fields_of(value)
        inside = folder is not None and value.is_relative_to(folder)
        return value.relative_to(folder).as_posix() if folder is not None and inside else value.name

    return json.dumps({"schema": SCHEMA, **fields_of(run)}, default=told) + "\n"


def fields_of(value: object) -> dict[str, object]:
    """The fields of a dataclass by their names, as they are. Raises `TypeError` for anything else."""
    return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}  # type: ignore[arg-type]
