"""Looking into a build, as the check of builds reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pbx.verify.dialplan import read_dialplan
from pbx.verify.text import read, settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pbx.verify.dialplan import Body


def contexts(files: Mapping[str, str]) -> dict[str, Body]:
    """The dialplan of a build: what stands in each context."""
    found = read_dialplan(read(files, "extensions.conf").sections).contexts
    return {name: context.body for name, context in found.items()}


def sections(files: Mapping[str, str], name: str) -> list[tuple[str, list[str]]]:
    """The sections of a configuration file with their ``key=value`` lines, in order."""
    return [
        (section.name, [f"{key}={value}" for key, value in settings(section.body)])
        for section in read(files, name).sections
    ]
