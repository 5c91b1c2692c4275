"""Which lines of a tenant's dialplan the calls of a run went through.

Asterisk tells of each step twice, at one place of its source (``pbx_extension_helper`` of main/pbx.c): as the manager
event ``Newexten`` and as a line of its log. The log is read: no account of the PBX under test need be given more
rights than the shipped configuration gives, and nothing is sent while calls go on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from lab.results import LinesRun
from pbx.verify.dialplan import Context, Dialplan, Extension, read_dialplan
from pbx.verify.text import Place as Written
from pbx.verify.text import read

Place = tuple[str, str, int]
"""Context, extension as it was dialled, and priority."""

_STEP: Final = re.compile(rb"pbx\.c: Executing \[([^@\]\s]*)@([^:\]\s]+):(\d+)\]")


def steps_in(log: bytes) -> frozenset[Place]:
    """Every step of the dialplan that a log tells of."""
    return frozenset(
        (found[2].decode("utf-8", "replace"), found[1].decode("utf-8", "replace"), int(found[3]))
        for found in _STEP.finditer(log)
    )


def steps_of(folders: Iterable[Path]) -> frozenset[Place]:
    """Every step that the PBXs of a run made; ``folders`` are those in which its stages have theirs."""
    logs = [path for folder in folders for path in sorted(folder.glob("stage-*/pbx/log/messages.log"))]
    return frozenset[Place]().union(*(steps_in(path.read_bytes()) for path in logs))


def lines_run(files: Mapping[str, str], tenant: str, steps: Iterable[Place]) -> LinesRun:
    """Of the lines of a tenant's ``extensions.conf`` that do something those that were run, and those that were not."""
    name = f"tenants/{tenant}/extensions.conf"
    dialplan = read_dialplan(read(files, "extensions.conf").sections)
    lines = {
        context.section.at(offset).line: (context, extension, index)
        for context in dialplan.contexts.values()
        if context.section.place.file == name
        for extension in context.body.extensions.values()
        for index, offset in enumerate(extension.offsets)
    }
    run = {line for step in steps for line in _lines(dialplan, step, name)}
    missing = tuple(
        f"{name}:{line} [{context.section.name}] {extension.name},{index + 1} {extension.steps[index]}"
        for line, (context, extension, index) in sorted(lines.items())
        if line not in run
    )
    return LinesRun(len(lines), len(lines) - len(missing), missing)


def _lines(dialplan: Dialplan, step: Place, name: str) -> Iterator[int]:
    written = written_at(dialplan, step)
    if written and written.file == name:
        yield written.line


def written_at(dialplan: Dialplan, step: Place) -> Written | None:
    """The file and the line in which a step that was run is written; None when it is not in this dialplan."""
    context, extension, priority = step
    found = _found(dialplan, context, extension, set())
    if found and priority <= len(found[1].offsets):
        return found[0].section.at(found[1].offsets[priority - 1])
    return None


def _found(dialplan: Dialplan, context: str, extension: str, seen: set[str]) -> tuple[Context, Extension] | None:
    """Where Asterisk found an extension: in the context the channel is in, or in one that it includes."""
    here = dialplan.contexts.get(context)
    if here is None or context in seen:
        return None
    seen.add(context)
    wanted = dialplan.find(context, extension)
    if wanted is None or any(wanted is each for each in here.body.extensions.values()):
        return (here, wanted) if wanted else None
    for _, included in here.body.includes:
        found = _found(dialplan, included, extension, seen)
        if found is not None:
            return found
    return None
