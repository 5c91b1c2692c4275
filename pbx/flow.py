"""The call flow of a tenant: every place with its exits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pbx.diagnostics import Path
from pbx.kinds import BY_NAME
from pbx.kinds.base import Exit
from pbx.model import Ref
from pbx.site import TenantScope


@dataclass(frozen=True, slots=True)
class Node:
    """One place in a call."""

    ref: Ref
    path: Path
    exits: tuple[Exit, ...]


@dataclass(frozen=True, slots=True)
class CallFlow:
    """All places of a tenant and how they hang together."""

    nodes: Mapping[Ref, Node]

    def automatic_edges(self, ref: Ref) -> Iterator[Exit]:
        """The exits that are taken without a key pressed by the caller."""
        node = self.nodes.get(ref)
        yield from (each for each in (node.exits if node else ()) if each.by != "caller")

    def reached(self, starts: Iterable[Ref]) -> set[Ref]:
        """Every place to which a call can come that begins at one of ``starts``."""
        found: set[Ref] = set()
        pending = list(starts)
        while pending:
            ref = pending.pop()
            if ref not in found and ref in self.nodes:
                found.add(ref)
                pending += [way.to for way in self.nodes[ref].exits]
        return found


def build(scope: TenantScope) -> CallFlow:
    """The call flow of a tenant; it may lead to places that do not exist, which the checks tell."""
    nodes: dict[Ref, Node] = {}
    for number, did in scope.tenant.dids.items():
        ref, path = Ref("did", number), ("dids", number)
        nodes[ref] = Node(ref, path, (Exit("to", did.to, "system", path),))
    for ref, model in scope.models():
        kind = BY_NAME[ref.kind]
        nodes[ref] = Node(ref, kind.path(ref.id), kind.exits(ref.id, model, scope))
    return CallFlow(nodes)
