"""From each line of a build back to the place in the YAML that it was made of.

Templates know nothing of it: each loop over views marks, in what it renders, where an element begins and ends
(:class:`pbx.render`), and the marks are taken out again here. A mark holds a path; a line belongs to the innermost one
in which it begins.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pbx.asterisk.text import Verbatim
from pbx.diagnostics import Path
from pbx.kinds import BY_NAME
from pbx.kinds.directory import EntryView
from pbx.kinds.ivr import OptionView
from pbx.lower.views import ClassView, CodeView, FormView, NumberPlanView, PhoneView, RouteView, TenantView, TrunkView

LIBRARY: Final = "dialplan_templates"
"""The folder of the text that is the same in every build, as the first part of an origin's file."""

_BEGIN: Final = "\x01"
_END: Final = "\x02"
_BETWEEN: Final = "\x1f"
_INDEX: Final = "\x03"
# Control characters: no text that may be written holds one (pbx.asterisk.text).
_MARK: Final = re.compile(f"{_BEGIN}([^{_END}]*){_END}")
_HERE: Final = "."


@dataclass(frozen=True, slots=True)
class Origin:
    """Lines of a file of the build, first and last included, and what they were made of."""

    first: int
    last: int
    file: str
    """Of the site, such as ``tenants/andina.yaml``; or of the library."""
    path: Path


_PATHS: Final[Mapping[type, Callable[[Any], Path]]] = {
    PhoneView: lambda view: ("extensions", view.number),
    EntryView: lambda view: ("extensions", view.number),
    TrunkView: lambda view: ("trunks", view.name),
    ClassView: lambda view: ("classes_of_service", view.name),
    RouteView: lambda _view: ("outbound_routes",),
    CodeView: lambda view: ("feature_codes", view.setting),
    FormView: lambda _view: ("country",),
    # Below the place around it.
    OptionView: lambda view: (_HERE, "options", str(view.key)),
}


def begin(view: object) -> Verbatim:
    """The mark at the beginning of what a view becomes; one that says nothing when the view has no place of its own."""
    if isinstance(view, TenantView):
        return _mark(f"tenants/{view.slug}.yaml")
    if isinstance(view, NumberPlanView):
        return _mark(f"tenants/{view.tenant}.yaml{_BETWEEN}country")
    path = _path(view)
    if path is None:
        return _SAME
    # Not JSON: a build of ten thousand extensions has hundreds of thousands of marks.
    steps = [f"{_INDEX}{step}" if isinstance(step, int) else step for step in path]
    return _mark(_BETWEEN.join(["", *steps]))


def end(_view: object) -> Verbatim:
    """The mark at the end."""
    return _CLOSE


def _mark(content: str) -> Verbatim:
    return Verbatim(f"{_BEGIN}{content}{_END}")


_CLOSE: Final = _mark("")
_SAME: Final = _mark(_HERE)


def _path(view: object) -> Path | None:
    known = _PATHS.get(type(view))
    if known is not None:
        return known(view)
    path = getattr(view, "path", None)
    if isinstance(path, tuple):
        return path
    kind, _, identity = str(getattr(view, "node", "")).partition(":")
    if kind == "did":
        return ("dids", identity)
    if kind == "voicemail":
        return ("extensions", identity, "voicemail")
    return BY_NAME[kind].path(identity) if kind in BY_NAME and BY_NAME[kind].section else None


def separate(rendered: str, file: str) -> tuple[str, tuple[Origin, ...]]:
    """The text without its marks, and where its lines come from; lines outside all marks come from ``file``."""
    pieces = _MARK.split(rendered)
    around: list[tuple[str, Path]] = [(file, ())]
    found: list[Origin] = []
    line, fresh = 1, True
    for index, piece in enumerate(pieces):
        if index % 2:
            if piece:
                around.append(_inside(around[-1], piece))
            else:
                around.pop()
            continue
        if not piece:
            continue
        breaks = piece.count("\n")
        first = line if fresh else line + 1
        fresh = piece.endswith("\n")
        last = line + breaks - fresh
        if last >= first:
            _add(found, first, last, around[-1])
        line += breaks
    return "".join(pieces[::2]), tuple(found)


def _inside(around: tuple[str, Path], mark: str) -> tuple[str, Path]:
    """What a mark says, seen from the one around it."""
    if mark == _HERE:
        return around
    where, *steps = mark.split(_BETWEEN)
    if where:
        return where, tuple(steps)
    file, outer = around
    path = [int(step[1:]) if step[:1] == _INDEX else step for step in steps]
    return (file, (*outer, *path[1:])) if path[:1] == [_HERE] else (file, tuple(path))


def _add(found: list[Origin], first: int, last: int, place: tuple[str, Path]) -> None:
    """Add lines, to the stretch before them when that has the same origin."""
    file, path = place
    before = found[-1] if found else None
    if before and (before.file, before.path) == place and before.last + 1 == first:
        found[-1] = Origin(before.first, last, file, path)
    else:
        found.append(Origin(first, last, file, path))


def copied(name: str, text: str) -> tuple[Origin, ...]:
    """The origin of a file that is the same in every build: itself."""
    return (Origin(1, text.count("\n") + 1, f"{LIBRARY}/{name}", ()),)


def manifest(origins: Mapping[str, tuple[Origin, ...]]) -> str:
    """``origins.json``: for each file its stretches as [first line, last line, file, steps of the path …]."""
    rows = {
        f"etc/{name}": [[each.first, each.last, each.file, *each.path] for each in stretches]
        for name, stretches in sorted(origins.items())
    }
    lines = ",\n".join(
        f" {json.dumps(name)}: [\n" + ",\n".join(f"  {json.dumps(row, ensure_ascii=False)}" for row in each) + "\n ]"
        for name, each in rows.items()
    )
    return f"{{\n{lines}\n}}\n"


def read_manifest(text: str) -> dict[str, tuple[Origin, ...]]:
    """As it was before :func:`manifest`, by the name below the build. Raises ValueError when it is something else."""
    try:
        return {
            name: tuple(Origin(int(first), int(last), str(file), tuple(path)) for first, last, file, *path in rows)
            for name, rows in json.loads(text).items()
        }
    except (AttributeError, TypeError) as error:
        raise ValueError("this is no manifest of a build") from error
