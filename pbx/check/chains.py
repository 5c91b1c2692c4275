"""Forwards from person to person: how far they lead, where they end, and who may be called at the end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pbx.check.walks import Spot, Walks
from pbx.check.witness import witness
from pbx.diagnostics import Diagnostic, Related
from pbx.dialing import denial
from pbx.kinds.base import Exit
from pbx.model import HANGUP, Ref
from pbx.numberplan import classify

LONGEST: Final = 3
"""Forwards in a row, from one extension to the next, that callers are expected to bear."""


def check(walks: Walks) -> Iterator[Diagnostic]:
    """Long chains, forwards to nobody, and classes of service that a chain steps around."""
    yield from _long(walks)
    for ref, way in _forwards(walks):
        yield from _to_nobody(walks, ref, way)
        yield from _stepped_around(walks, ref, way)


def _forwards(walks: Walks) -> Iterator[tuple[Ref, Exit]]:
    for ref, node in walks.flow.nodes.items():
        if ref.kind == "extension":
            yield from ((ref, way) for way in node.exits if way.to.id)


def _long(walks: Walks) -> Iterator[Diagnostic]:
    """Told at the first extension of a chain. What goes round is told as a loop."""
    onward: dict[Ref, list[Exit]] = {}
    for ref, way in _forwards(walks):
        # With a forward for all calls the others wait until the user switches it off.
        always = walks.scope.tenant.extensions[ref.id].forward.always
        if way.to.kind == "extension" and (way.when == "always" or not always):
            onward.setdefault(ref, []).append(way)
    followed = {way.to for ways in onward.values() for way in ways}
    for ref in onward:
        chain = _longest(onward, ref) if ref not in followed else []
        if len(chain) > LONGEST:
            places = " → ".join((ref.id, *(way.to.id for way in chain)))
            seconds = sum(
                walks.scope.tenant.extensions[number].ring
                for number, way in zip((ref.id, *(each.to.id for each in chain)), chain, strict=False)
                if way.when == "no_answer"
            )
            yield Diagnostic(
                "PBX447",
                walks.scope.file,
                chain[0].path,
                f"calls are forwarded {len(chain)} times in a row: {places}",
                help="forward to a ring group, or end the chain earlier in a mailbox",
                consequence=f"a caller would hear {seconds} s of ringing before the last of them rings"
                if seconds
                else "nobody will know who is to answer",
                witness=witness(walks, ref, chain),
            )


def _longest(onward: dict[Ref, list[Exit]], start: Ref) -> list[Exit]:
    """The longest chain from an extension; empty when it comes to a loop."""
    known: dict[Ref, list[Exit]] = {}
    pending, trail = [start], set[Ref]()
    while pending:
        ref = pending[-1]
        if ref in known:
            pending.pop()
            continue
        trail.add(ref)
        ways = onward.get(ref, [])
        if any(way.to in trail and way.to not in known for way in ways):
            return []
        unknown = [way.to for way in ways if way.to not in known]
        if unknown:
            pending.append(unknown[0])
        else:
            known[ref] = max(([way, *known[way.to]] for way in ways), key=len, default=[])
            pending.pop()
    return known[start]


def _to_nobody(walks: Walks, ref: Ref, way: Exit) -> Iterator[Diagnostic]:
    """A forward to somebody who surely hands the call on until it ends."""
    if way.when != "always" and walks.scope.tenant.extensions[ref.id].forward.always:
        return  # no call comes to this one before the user switches off the one for all calls
    if way.to == HANGUP or walks.silent(Spot(way.to), outside=False) != walks.minutes.every:
        return
    yield Diagnostic(
        "PBX448",
        walks.scope.file,
        way.path,
        f"{ref} forwards to {way.to} ({way.when}), where calls end without ringing anywhere",
        help="forward to somebody who answers, or to a mailbox",
        consequence="the caller would be hung up on",
        witness=witness(walks, ref, (way,)),
    )


def _stepped_around(walks: Walks, ref: Ref, way: Exit) -> Iterator[Diagnostic]:
    """A forward by way of somebody whose calls all go to an outside number that this extension may not call."""
    extension = walks.scope.tenant.extensions[ref.id]
    allowed = walks.scope.tenant.classes_of_service[extension.class_of_service]
    found = next(_outside(walks, way, (way,)), None) if way.to.kind != "external" else None
    if found is None:
        return
    number = found[-1].to.id
    category = classify(walks.scope.plan, number)
    reason = denial(allowed, category, number) if category else ""
    if reason:
        yield Diagnostic(
            "PBX520",
            walks.scope.file,
            way.path,
            f"{ref} may not call {number}, class {extension.class_of_service} {reason}, and its calls go there over "
            + ", ".join(str(each.to) for each in found[:-1]),
            help="forward it elsewhere, or give the extension a class of service that may call there",
            consequence="the tenant pays for calls that this class of service is to prevent",
            related=(Related(walks.scope.file, found[-1].path, "the call leaves here"),),
            witness=witness(walks, ref, found),
        )


def _outside(walks: Walks, way: Exit, taken: tuple[Exit, ...]) -> Iterator[tuple[Exit, ...]]:
    """The ways out that a call surely takes at some minute, each exit by exit."""
    for following, to, _ in walks.surely(Spot(way.to), outside=False):
        if to.ref.kind == "external":
            yield (*taken, following)
        elif following not in taken:
            yield from _outside(walks, following, (*taken, following))
