"""From a call flow to a picture: what would make a drawing unreadable is drawn together.

* The end of a call is a small mark beside the place where it ends, not one place that half of the lines lead to.
* Extensions that can merely be dialled in a menu are one box with their range.
* An extension whose calls end at itself (no forward, or one to its own mailbox) is a leaf; three or more leaves of one
  place share a box, and so do public numbers that lead straight to one each, or all to the same place.
* The own mailbox of an extension is said in its box, unless something else leads there too.
* Exits that lead from one box to another share a line, those by key apart from those by themselves.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from pbx.flow import build
from pbx.graph.facts import ranges, summary, title
from pbx.graph.picture import ENDS, Box, Line, Picture, Way
from pbx.graph.words import EXITS, KINDS, exit_label, text, word
from pbx.kinds.base import Exit
from pbx.model import Ref
from pbx.site import TenantScope

_SHARED: Final = 3
"""So many leaves of one place share a box."""
_ROWS: Final = 8
"""So many rows has a shared box at the most; the rest is counted."""
_KEYS: Final = "1234567890*#"


_ALL: Final = "extensions"
"""The box of extensions that are merely dialled, or that no call from outside reaches."""
_OWN: Final = frozenset({"extension", "voicemail", "external"})
"""Kinds that may vanish in a box of extensions."""


@dataclass(slots=True)
class _Plan:
    """The places of a picture in the order of the walk, and which box shows which."""

    exits: dict[Ref, tuple[Exit, ...]]
    box_of: dict[Ref, str] = field(default_factory=dict)
    """Of places that share a box; any other place has its own."""
    shared: dict[str, tuple[str, list[Ref]]] = field(default_factory=dict)
    """By the box's id: its kind and its places."""
    sources: dict[Ref, set[Ref]] = field(default_factory=lambda: defaultdict(set))
    """Who leads to a place, other than by its number."""

    def share(self, identity: str, kind: str, places: Iterable[Ref]) -> None:
        """Draw these places in one box."""
        together = self.shared.setdefault(identity, (kind, []))[1]
        for place in places:
            together.append(place)
            self.box_of[place] = identity

    def box(self, ref: Ref) -> str:
        """The box that shows a place."""
        return self.box_of.get(ref, str(ref))


def picture(scope: TenantScope, did: str | None = None) -> Picture:
    """What is drawn of a tenant, or of one of its public numbers; raises KeyError when it has no such number."""
    plan = _Plan(_reached(scope, did))
    for ref, exits in plan.exits.items():
        for each in exits:
            if not is_dialled(each) and each.to != ref:
                plan.sources[each.to].add(ref)
    _share_dialled(plan)
    _share_direct(plan)
    _share_leaves(plan)
    _absorb(plan)
    lines = tuple(_lines(scope, plan))
    boxes = tuple(_boxes(scope, plan, lines))
    drawn = {str(ref): plan.box(ref) for ref in plan.exits}
    named = f"{title(scope, Ref('did', did))} ({did})" if did else scope.tenant.name
    return Picture(named, scope.language, boxes, lines, drawn)


def is_dialled(each: Exit) -> bool:
    """Whether an exit is one of many: an extension that the caller may dial."""
    return each.by == "caller" and each.to.kind == "extension" and each.when == each.to.id


def exit_order(each: Exit) -> tuple[int, str]:
    """Keys as on a telephone, then the rest by name: the order of lines in a file means nothing."""
    place = _KEYS.find(each.when) if len(each.when) == 1 else -1
    return (place if place >= 0 else len(_KEYS), each.when)


def _reached(scope: TenantScope, did: str | None) -> dict[Ref, tuple[Exit, ...]]:
    """Every place that calls to a number reach, or every place of the tenant, with the exits that are drawn."""
    flow = build(scope)
    if did:
        starts = [Ref("did", did)]
        if starts[0] not in flow.nodes:
            raise KeyError(did)
    else:
        numbers = sorted(ref for ref in flow.nodes if ref.kind == "did")
        others = [ref for ref in flow.nodes if ref.kind not in {"did", "voicemail"}]
        starts = [*numbers, *sorted(others, key=lambda ref: (ref.kind == "extension", ref))]
    found: dict[Ref, tuple[Exit, ...]] = {}
    waiting = starts[:1] if did else starts[: len(scope.tenant.dids)] or starts
    queue = deque(waiting)
    rest = deque(starts)
    while queue or rest:
        at = queue.popleft() if queue else rest.popleft()
        if at in found:
            continue
        node = flow.nodes.get(at)
        found[at] = tuple(sorted((each for each in (node.exits if node else ()) if _is_told(at, each)), key=exit_order))
        queue.extend(each.to for each in found[at] if each.to.id)
    return found


def _is_told(at: Ref, each: Exit) -> bool:
    """Whether an exit is drawn: that a call ends at an extension without a forward goes without saying."""
    return not (at.kind == "extension" and each.to.kind in ENDS)


def _is_leaf(plan: _Plan, ref: Ref) -> bool:
    """Whether calls to an extension end at it, or in its own mailbox."""
    return ref.kind == "extension" and all(each.to == Ref("voicemail", ref.id) for each in plan.exits[ref])


def _share_dialled(plan: _Plan) -> None:
    """Extensions to which nothing leads but the dialling of their number, or nothing at all."""
    alone: set[Ref] = set()
    waiting = [ref for ref in plan.exits if ref.kind == "did" or ref.kind not in _OWN]
    while waiting:
        at = waiting.pop()
        if at not in alone:
            alone.add(at)
            waiting += [each.to for each in plan.exits.get(at, ()) if not is_dialled(each)]
    plan.share(_ALL, "extensions", (ref for ref in plan.exits if ref.kind == "extension" and ref not in alone))
    if not plan.shared[_ALL][1] and not any(map(is_dialled, (each for exits in plan.exits.values() for each in exits))):
        del plan.shared[_ALL]


def _share_direct(plan: _Plan) -> None:
    """Public numbers that lead to the same place, or each to a leaf of its own."""
    by_target: dict[Ref, list[Ref]] = defaultdict(list)
    for ref, exits in plan.exits.items():
        if ref.kind == "did":
            by_target[exits[0].to].append(ref)
    direct = []
    for target, numbers in by_target.items():
        if len(numbers) >= _SHARED:
            plan.share(f"dids:{target}", "dids", numbers)
        elif len(numbers) == 1 and plan.sources[target] == {numbers[0]} and _leads_to_leaf(plan, target):
            direct += [numbers[0], target]
    if len(direct) >= 2 * _SHARED:
        plan.share("direct", "direct", direct)


def _leads_to_leaf(plan: _Plan, target: Ref) -> bool:
    return target in plan.exits and target not in plan.box_of and _is_leaf(plan, target)


def _share_leaves(plan: _Plan) -> None:
    """Leaves to which one place alone leads."""
    by_source: dict[str, list[Ref]] = defaultdict(list)
    for ref in plan.exits:
        boxes = {plan.box(source) for source in plan.sources[ref]}
        if len(boxes) == 1 and _leads_to_leaf(plan, ref):
            by_source[boxes.pop()].append(ref)
    for source, leaves in by_source.items():
        if len(leaves) >= _SHARED:
            plan.share(f"leaves:{source}", "extensions", leaves)


def _absorb(plan: _Plan) -> None:
    """Own mailboxes, and what only a box of many extensions leads to."""
    for ref in plan.exits:
        boxes = {plan.box(source) for source in plan.sources[ref]}
        own = ref.kind == "voicemail" and plan.sources[ref] == {Ref("extension", ref.id)}
        if own or (ref.kind in {"voicemail", "external"} and boxes == {_ALL}):
            plan.box_of[ref] = boxes.pop()


def _lines(scope: TenantScope, plan: _Plan) -> Iterator[Line]:
    merged: dict[tuple[str, str, Way], list[tuple[Ref, Exit]]] = defaultdict(list)
    for ref, exits in plan.exits.items():
        for each in exits:
            source = plan.box(ref)
            target = _ALL if is_dialled(each) else plan.box(each.to) if each.to.id else f"{source} {each.to}"
            if source != target:
                merged[source, target, _way(each)].append((ref, each))
    for index, ((source, target, way), taken) in enumerate(merged.items()):
        merged_exits = tuple((str(ref), each.when) for ref, each in taken)
        by_caller = all(each.by == "caller" for _, each in taken)
        yield Line(f"w{index}", source, target, way, tuple(_labels(scope, source, taken)), merged_exits, by_caller)


def _way(each: Exit) -> Way:
    """How a line is drawn; a wrong key is nothing that a caller chooses."""
    if each.by == "time":
        return "time"
    return "key" if each.by == "caller" and each.when not in EXITS else "auto"


def _labels(scope: TenantScope, source: str, taken: Iterable[tuple[Ref, Exit]]) -> Iterator[str]:
    """What the exits are called, each name once; of many extensions drawn together, also whose they are."""
    named: dict[str, list[str]] = defaultdict(list)
    for ref, each in taken:
        named[
            text("dial", scope.language) if is_dialled(each) else exit_label(ref.kind, each.when, scope.language)
        ] += [ref.id]
    for label, whose in named.items():
        if label:
            yield f"{label} ({ranges(whose)})" if source == _ALL else label


def _boxes(scope: TenantScope, plan: _Plan, lines: Iterable[Line]) -> Iterator[Box]:
    told = set()
    for ref in plan.exits:
        box = plan.box(ref)
        if box in plan.shared and box not in told:
            yield _shared_box(scope, plan, box)
        elif box == str(ref):
            again = [each.when for each in plan.exits[ref] if each.to == ref]
            loops = (f"{', '.join(again)}: {text('again', scope.language)}",) if again else ()
            absorbed = [each for each, where in plan.box_of.items() if where == box]
            yield Box(box, ref.kind, title(scope, ref), (*summary(scope, ref), *loops), (ref, *absorbed))
        told.add(box)
    if _ALL in plan.shared and _ALL not in told:
        yield _shared_box(scope, plan, _ALL)
    for line in lines:
        kind = line.target.removeprefix(f"{line.source} ")
        if kind in ENDS and line.target not in told:
            told.add(line.target)
            yield Box(line.target, kind, word(KINDS, kind, scope.language), (), ())


def _shared_box(scope: TenantScope, plan: _Plan, identity: str) -> Box:
    kind, places = plan.shared[identity]
    everything = tuple(dict.fromkeys([*places, *(ref for ref, box in plan.box_of.items() if box == identity)]))
    numbers = [ref for ref in places if ref.kind == "did"]
    if kind == "dids":
        return Box(identity, kind, _counted(scope, kind, numbers), _rows(scope, numbers), everything)
    if kind == "direct":
        rows = [f"{title(scope, ref)} → {scope.label(plan.exits[ref][0].to)}" for ref in numbers]
        return Box(identity, kind, _counted(scope, kind, numbers), _cut(scope, rows), everything)
    dialled = [each.to for exits in plan.exits.values() for each in exits if is_dialled(each)]
    people = sorted({*places, *dialled} if identity == _ALL else places)
    return Box(identity, kind, ranges(ref.id for ref in people), _rows(scope, people), everything)


def _counted(scope: TenantScope, kind: str, places: Sequence[Ref]) -> str:
    return f"{len(places)} {word(KINDS, kind, scope.language)}"


def _rows(scope: TenantScope, places: Sequence[Ref]) -> tuple[str, ...]:
    return _cut(scope, [title(scope, ref) for ref in places])


def _cut(scope: TenantScope, rows: Sequence[str]) -> tuple[str, ...]:
    if len(rows) <= _ROWS:
        return tuple(rows)
    return (*rows[: _ROWS - 1], text("and_more", scope.language, len(rows) - _ROWS + 1))
