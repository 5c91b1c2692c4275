"""The whole run as JSON, for programs."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lab.results import RunResult

SCHEMA = 1
"""Raised when a field changes its meaning or goes away; new fields may come without."""


def render_json(run: RunResult, folder: Path | None = None) -> str:
    """Give every field of the run by its name in `lab.results`.

    Paths are relative to ``folder``; what lies outside it is named by its file name alone, for a report is handed on
    and need not tell how this machine is laid out.
    """

    def path_text(value: Any) -> str:  # noqa: ANN401 - json hands over whatever it cannot write
        if not isinstance(value, Path):
            raise TypeError(type(value).__name__)
        inside = folder is not None and value.is_relative_to(folder)
        return value.relative_to(folder).as_posix() if folder is not None and inside else value.name

    content = {"schema": SCHEMA, **dataclasses.asdict(run)}
    return json.dumps(content, indent=1, default=path_text) + "\n"
