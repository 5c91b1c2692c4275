"""From a generated line back to the place of the tenant's file that it was made from."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from pbx.diagnostics import Diagnostic, Path, Related
from pbx.kinds import BY_NAME
from pbx.verify.dialplan import Dialplan
from pbx.verify.text import FOLDER

_TENANT: Final = re.compile(rf"{FOLDER}/tenants/([a-z0-9]+)/")
_NODE: Final = re.compile(r"CELGenUserEvent\(PBX_NODE,([a-z_]+):([^)$]+)\)")
_SECTIONS: Final = {"did": "dids", "trunk": "trunks"}


def with_origin(problems: Iterable[Diagnostic], dialplan: Dialplan) -> list[Diagnostic]:
    """The problems, each with the tenant's file and, for a step of a place in a call, that place."""
    return [replace(each, related=_related(each, dialplan)) for each in problems]


def _related(problem: Diagnostic, dialplan: Dialplan) -> tuple[Related, ...]:
    found = _TENANT.match(problem.file)
    if found is None:
        return problem.related
    file = f"tenants/{found[1]}.yaml"
    node = _node(problem, dialplan)
    if node is None:
        return (Related(file, (), "the tenant it was made for"),)
    kind, identity = node
    section = BY_NAME[kind].section if kind in BY_NAME else _SECTIONS.get(kind, "")
    path: Path = (section, identity) if section else ()
    return (Related(file, path, f"it was made from {kind}:{identity}"),)


def _node(problem: Diagnostic, dialplan: Dialplan) -> tuple[str, str] | None:
    """The place that announces itself nearest above the line, within the same context."""
    if problem.span is None:
        return None
    file, line = problem.file.removeprefix(f"{FOLDER}/"), problem.span.line
    best: tuple[int, str, str] | None = None
    for context in dialplan.contexts.values():
        place = context.section.place
        if place.file != file or not place.line <= line <= place.line + context.section.body.count("\n"):
            continue
        for extension in context.body.extensions.values():
            for offset, step in zip(extension.offsets, extension.steps, strict=True):
                found = _NODE.fullmatch(step)
                if found and place.line + 1 + offset <= line and (best is None or offset > best[0]):
                    best = (offset, found[1], found[2])
    return best[1:] if best else None
