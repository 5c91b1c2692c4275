"""Making a disagreement small: whatever can be left out of the tenant and of the call while they still disagree."""

from __future__ import annotations

import copy
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from lab.differential import sites
from lab.differential.call import Call, scenario
from lab.differential.tenants import Tree
from pbx.trace import Journey

_PLACES: Final = {
    "extensions": "extension",
    "queues": "queue",
    "ring_groups": "ring_group",
    "conferences": "conference",
    "announcements": "announcement",
    "ivrs": "ivr",
    "schedules": "schedule",
}
_KEPT: Final = ("tenant", "name", "country", "language", "timezone", "numbering", "calendar_years", "extensions")
"""What every tenant must say."""
Path_ = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A tenant and a call."""

    tree: Tree
    call: Call
    at: datetime


Disagrees = Callable[[Case], Awaitable[bool]]


async def shrink(case: Case, disagrees: Disagrees, most: int) -> Case:
    """The smallest case found that still disagrees, after at most so many calls."""
    parts = _parts(case)
    size = len(parts)
    while size and most:
        for chunk in [parts[index : index + size] for index in range(0, len(parts), size)]:
            smaller = _less(case, chunk)
            if smaller is None:
                continue
            most -= 1
            if await disagrees(smaller):
                case, parts = smaller, _parts(smaller)
                size = len(parts)
                break
            if not most:
                break
        else:
            size //= 2
    return case


Part = tuple[str, Any]
"""Something that may be left out: ``tree`` with a path in it, or a field of the call with a key."""


def _parts(case: Case) -> list[Part]:
    """All that may be left out, the largest first."""
    found: list[Part] = []
    for name in ("states", "settings", "overrides", "trunks"):
        found += [(name, key) for key in getattr(case.call, name)]
    found += [("presses", None)] if case.call.presses else []
    return [("tree", path) for path in sorted(_paths(case.tree), key=len)] + found


def _paths(tree: Any, above: Path_ = ()) -> Iterator[Path_]:  # noqa: ANN401 - whatever a tree holds
    if isinstance(tree, dict):
        for key, value in tree.items():
            if above or key not in _KEPT:
                yield (*above, key)
            yield from _paths(value, (*above, key))
    elif isinstance(tree, list):
        for index, value in enumerate(tree):
            yield (*above, str(index))
            yield from _paths(value, (*above, str(index)))


def _less(case: Case, parts: Sequence[Part]) -> Case | None:
    """The case without some parts, as far as its forecast stays the same; None when nothing is left out."""
    forecast = _forecast(case)
    smaller = case
    for part in parts:
        tried = _without(smaller, part)
        if tried is not None and forecast is not None and _same(_forecast(tried), forecast):
            smaller = tried
    return None if smaller == case else smaller


def _same(one: Journey | None, other: Journey) -> bool:
    def told(journey: Journey) -> object:
        return [(step.node, step.exit, step.rings) for step in journey.steps], journey.end

    return one is not None and told(one) == told(other)


def _forecast(case: Case) -> Journey | None:
    """What is foretold; None for a tenant with errors, or a call that it does not have."""
    site, _ = sites.load_trees([case.tree])
    if site is None:
        return None
    scope = site.tenants[case.call.tenant]
    kind, _, identity = case.call.caller.partition(":")
    if identity not in (scope.tenant.trunks if kind == "caller" else scope.tenant.extensions):
        return None
    if not set(case.call.engaged or ()) <= set(scope.tenant.extensions):
        return None
    models = [scope.find(place) for place in case.call.full]
    if not all(getattr(each, "max_callers", None) or getattr(each, "max_members", None) for each in models):
        return None  # what is to be full has no limit any more
    try:
        return scenario(case.call, scope, case.at).forecast
    except (KeyError, RuntimeError):  # the caller is gone, or what is dialled, or a way to fill a place
        return None


def _without(case: Case, part: Part) -> Case | None:
    """The case without one part; None when there is no such part any more."""
    name, key = part
    if name == "presses":
        return replace(case, call=replace(case.call, presses=case.call.presses[:-1]))
    if name != "tree":
        values = getattr(case.call, name)
        less: Any = {each: value for each, value in values.items() if each != key}
        return replace(case, call=replace(case.call, **{name: less})) if key in values else None
    tree = copy.deepcopy(case.tree)
    holder: Any = tree
    for step in key[:-1]:
        holder = _below(holder, step)
    if holder is None or _below(holder, key[-1]) is None:
        return None
    if isinstance(holder, list):
        del holder[int(key[-1])]
    else:
        del holder[key[-1]]
    return replace(case, tree=_mended(tree))


def _below(holder: Any, key: str) -> Any:  # noqa: ANN401 - whatever a tree holds
    if isinstance(holder, list):
        return holder[int(key)] if int(key) < len(holder) else None
    return holder.get(key) if isinstance(holder, dict) else None


def _mended(tree: Tree) -> Tree:
    """A tree in which nothing leads to a place that is gone: such exits end the call, such keys are gone too."""
    places = {f"{kind}:{name}" for section, kind in _PLACES.items() for name in tree.get(section, {})}
    places |= {f"voicemail:{number}" for number, each in tree["extensions"].items() if "voicemail" in each}
    places |= {f"directory:{tree['directory'].get('number')}"} if "directory" in tree else set()

    def lost(value: Any) -> bool:  # noqa: ANN401 - whatever a tree holds
        to = value.get("to") if isinstance(value, dict) else value
        kind = to.partition(":")[0] if isinstance(to, str) and ":" in to else ""
        return kind in {*_PLACES.values(), "voicemail", "directory"} and to not in places

    for did in [number for number, way in tree.get("dids", {}).items() if lost(way)]:
        del tree["dids"][did]
    for ivr in tree.get("ivrs", {}).values():
        for key in [key for key, way in ivr.get("options", {}).items() if lost(way)]:
            del ivr["options"][key]
    for section in ("queues", "ring_groups", "paging"):
        for each in tree.get(section, {}).values():
            members = each.get("members", [])
            if isinstance(members, list):
                each["members"] = [member for member in members if member in tree["extensions"]]
    _end(tree, lost)
    return {section: value for section, value in tree.items() if value or section in _KEPT}


def _end(tree: Any, lost: Callable[[Any], bool]) -> None:  # noqa: ANN401 - whatever a tree holds
    """Let every other exit that leads nowhere end the call."""
    for key, value in tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ():
        if isinstance(value, str) and lost(value):
            tree[key] = "hangup"
        else:
            _end(value, lost)
