"""Menus lead somewhere."""

from __future__ import annotations

from collections.abc import Iterator

from pbx.check.minutes import Set
from pbx.check.walks import Spot, Walks
from pbx.check.witness import witness
from pbx.diagnostics import Diagnostic
from pbx.kinds.base import Exit
from pbx.model import Ref


def check(walks: Walks) -> Iterator[Diagnostic]:
    """Keys that lead back to their own menu at once, and menus that no key leads out of."""
    for identity in sorted(walks.scope.tenant.ivrs):
        here = walks.at(Ref("ivr", identity))
        if here:
            yield from _menu(walks, Ref("ivr", identity), here)


def _menu(walks: Walks, ref: Ref, here: Set) -> Iterator[Diagnostic]:
    keys = [way for way in walks.flow.nodes[ref].exits if way.path[2:3] == ("options",)]
    back = [way for way in keys if _returns(walks, ref, way.to, here)]
    if trapped(walks, ref):
        way = next(way for way in keys if way.to.id)
        yield Diagnostic(
            "PBX451",
            walks.scope.file,
            ("ivrs", ref.id, "options"),
            f"no key of {ref} leads out: whatever is pressed, the caller comes back to it",
            help="let one key lead to a person, a queue or a mailbox",
            consequence="a caller could press keys for ever and reach nobody",
            at_key=True,
            witness=witness(walks, ref, (way,), minutes=here),
        )
        return
    for way in back:
        yield Diagnostic(
            "PBX450",
            walks.scope.file,
            way.path,
            f"key {way.when} of {ref} leads back to the same menu, whenever it is pressed",
            help=f'write "{way.when}": repeat, if that is meant',
            consequence="the caller would hear the menu again as if no key had been pressed",
            at_key=True,
            witness=witness(walks, ref, (way,), minutes=here),
        )


def _returns(walks: Walks, menu: Ref, at: Ref, minutes: Set, trail: tuple[Ref, ...] = ()) -> bool:
    """Whether calls that are at a place at these minutes come back to the menu with nothing heard on the way."""
    if at == menu:
        return True
    if at.kind != "schedule" or at in trail:
        return False
    ways = [(to.ref, minutes & when) for _, to, when in walks.surely(Spot(at), outside=False) if minutes & when]
    return bool(ways) and all(_returns(walks, menu, to, when, (*trail, at)) for to, when in ways)


def trapped(walks: Walks, ref: Ref) -> bool:
    """Whether the keys lead from menus to menus, through schedules and announcements, and always back to this one."""
    found: set[Ref] = set()
    pending: list[Ref] = [ref]
    loops = False
    while pending:
        at = pending.pop()
        for way in _chosen(walks, at):
            if way.to.kind not in {"ivr", "schedule", "announcement"}:
                return False
            loops = loops or way.to == ref
            if way.to not in found:
                found.add(way.to)
                pending.append(way.to)
    return loops and all(ref == at or _leads_to(walks, at, ref) for at in found)


def _chosen(walks: Walks, at: Ref) -> list[Exit]:
    """The ways on of a caller who presses a key with a meaning."""
    exits = walks.flow.nodes[at].exits if at in walks.flow.nodes else ()
    return [way for way in exits if at.kind != "ivr" or (way.by == "caller" and way.when != "invalid")]


def _leads_to(walks: Walks, start: Ref, goal: Ref) -> bool:
    found, pending = {start}, [start]
    while pending:
        for way in _chosen(walks, pending.pop()):
            if way.to == goal:
                return True
            if way.to not in found:
                found.add(way.to)
                pending.append(way.to)
    return False
