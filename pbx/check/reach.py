"""Every place is reached by somebody, and every caller reaches somebody."""

from __future__ import annotations

from collections.abc import Iterator

from pbx.check.menus import trapped
from pbx.check.minutes import Set
from pbx.check.walks import Spot, Walks
from pbx.check.witness import witness
from pbx.diagnostics import Diagnostic, Path, Related
from pbx.dialing import given_numbers
from pbx.kinds.base import Exit
from pbx.model import HANGUP, Ref

_LISTED = 3
"""How many numbers are named before the rest is counted."""


def check(walks: Walks) -> Iterator[Diagnostic]:
    """Unreachable places, numbers that lead to nobody, and calls that end without a word or are refused."""
    yield from _unreachable(walks)
    yield from _silent(walks)
    yield from _nobody(walks)
    yield from _refused(walks)
    yield from _quiet_groups(walks)
    yield from _unread(walks)


def _unreachable(walks: Walks) -> Iterator[Diagnostic]:
    # A number that is taken is told as such, and not again as a place that nobody reaches.
    starts = [*walks.dids, *(ref for ref, _ in given_numbers(walks.scope))]
    reached = walks.flow.reached(starts)
    for ref, node in walks.flow.nodes.items():
        if ref not in reached and ref.kind != "voicemail":
            yield Diagnostic(
                "PBX408",
                walks.scope.file,
                node.path,
                f"no call ever reaches {ref}",
                help="lead a DID, a key or a number to it, or delete it",
                at_key=True,
            )


def _silent(walks: Walks) -> Iterator[Diagnostic]:
    """Where calls end without a word: by the numbers first, then by the keys that lead there at yet other places."""
    told: dict[Path, tuple[Exit, Set, list[Ref], Ref]] = {}
    for did in walks.dids:
        for at, way, minutes in _last_exits(walks, Spot(did), walks.silent(Spot(did))):
            numbers = told.setdefault(way.path, (way, minutes, [], at))[2]
            if did not in numbers:
                numbers.append(did)
    for way, minutes, numbers, at in told.values():
        yield _unanswered(walks, way, minutes, numbers, at)
    yield from _dead_keys(walks, set(told))


def _last_exits(walks: Walks, at: Spot, minutes: Set, trail: tuple[Ref, ...] = ()) -> Iterator[tuple[Ref, Exit, Set]]:
    """The exits by which calls end that are at a place at these minutes, all of them silent."""
    for way, to, when in walks.surely(at):
        here = minutes & when & walks.silent(to)
        if here and to.ref == HANGUP:
            yield at.ref, way, here
        elif here and to.ref not in trail:
            yield from _last_exits(walks, to, here, (*trail, at.ref))


def _unanswered(walks: Walks, way: Exit, minutes: Set, numbers: list[Ref], at: Ref) -> Diagnostic:
    listed = ", ".join(each.id for each in numbers[:_LISTED])
    more = f" and {len(numbers) - _LISTED} more" if len(numbers) > _LISTED else ""
    hours = f" while {at} is {way.when}" if at.kind == "schedule" else ""
    return Diagnostic(
        "PBX445",
        walks.scope.file,
        way.path,
        f"calls to {listed}{more} have no way to go{hours}",
        help="lead them to a mailbox, a person, or an announcement that says when to call",
        consequence="the caller would be hung up on without having heard anything",
        witness=witness(walks, at, (way,), minutes=minutes),
    )


def _dead_keys(walks: Walks, told: set[Path]) -> Iterator[Diagnostic]:
    """A key that leads to a place, and there is nobody. One that hangs up by itself is meant."""
    for identity in sorted(walks.scope.tenant.ivrs):
        menu = Ref("ivr", identity)
        here = walks.at(menu)
        for way, to, _ in walks.ways(Spot(menu), outside=True) if here else ():
            minutes = here & walks.silent(to) if to.chosen and to.ref != HANGUP else 0
            if not minutes:
                continue
            ends = [each for each in _last_exits(walks, to, minutes) if each[1].path not in told]
            if ends:
                yield Diagnostic(
                    "PBX440",
                    walks.scope.file,
                    way.path,
                    f"key {way.when} of {menu} leads to nobody {_when(walks, minutes, here)}",
                    help=f"lead it elsewhere, or let {ends[0][0]} lead to somebody",
                    consequence="a caller who presses it would be hung up on without a word",
                    at_key=True,
                    related=(Related(walks.scope.file, ends[0][1].path, "the call ends here"),),
                    witness=witness(walks, menu, (way,), minutes=minutes),
                )


def _when(walks: Walks, minutes: Set, of: Set) -> str:
    if minutes == of:
        return "at any time"
    _, at = next(walks.minutes.samples_of(minutes))
    return f"at some times, for example on {at:%A %Y-%m-%d at %H:%M}"


def _nobody(walks: Walks) -> Iterator[Diagnostic]:
    for did in walks.dids:
        found = walks.spread([did], outside=True, until=lambda spot: _somebody(walks, spot))
        if any(_told(walks, spot) for spot in found):
            continue
        if any(_somebody(walks, spot) for spot in found) or walks.silent(Spot(did)) == walks.minutes.every:
            continue
        yield Diagnostic(
            "PBX441",
            walks.scope.file,
            ("dids", did.id),
            f"who calls {did.id} can reach nobody: no person, no mailbox, no outside number",
            help="lead one of its ways to somebody; ignore this for a number that only tells something",
            consequence="whatever the caller presses and whenever the call is made, nobody will know of it",
            at_key=True,
            witness=witness(walks, did),
        )


def _told(walks: Walks, spot: Spot) -> bool:
    """Whether another rule tells why nobody is reached by way of a place."""
    if spot.ref.kind == "schedule":
        return not walks.minutes.when(spot.ref.id, "open")
    return walks.refuses(spot) or (spot.ref.kind == "ivr" and trapped(walks, spot.ref))


def _somebody(walks: Walks, spot: Spot) -> bool:
    """Whether there is somebody at a place; what other rules tell of it, such as a group without members, counts."""
    ref = spot.ref
    if ref.kind == "extension":
        extension = walks.scope.tenant.extensions.get(ref.id)
        return extension is not None and not extension.forward.always
    return ref.kind in {"queue", "ring_group", "voicemail", "external", "conference", "parking", "paging"}


def _refused(walks: Walks) -> Iterator[Diagnostic]:
    """Ways on which the caller chose nothing, to an extension that takes no calls from outside."""
    told: set[Path] = set()
    for spot in walks.outside:
        for way, to, _ in walks.ways(spot, outside=True):
            # Dialling an extension of a menu is a try, and its refusal is meant.
            if way.path in told or way.path[2:3] == ("dial_extensions",) or not walks.refuses(to):
                continue
            told.add(way.path)
            yield Diagnostic(
                "PBX446",
                walks.scope.file,
                way.path,
                f"{to.ref} receives internal calls only, and calls from outside are led there ({way.when})",
                help="lead them to somebody else, or let the extension receive all",
                consequence="the caller would be refused",
                related=(Related(walks.scope.file, ("extensions", to.ref.id), "the extension is here"),),
                witness=witness(walks, spot.ref, (way,), minutes=walks.outside[to]),
            )


def _quiet_groups(walks: Walks) -> Iterator[Diagnostic]:
    """A ring group in which no phone rings for a caller who did not choose it."""
    tenant = walks.scope.tenant
    for identity, group in sorted(tenant.ring_groups.items()):
        spot = Spot(Ref("ring_group", identity))
        if not group.members or spot not in walks.outside:
            continue
        if all(tenant.extensions[each].receive == "internal" for each in group.members):
            yield Diagnostic(
                "PBX452",
                walks.scope.file,
                ("ring_groups", identity, "members"),
                f"no phone of {spot.ref} rings for calls from outside: all its members receive internal calls only",
                help="add somebody who receives all, or lead these calls elsewhere",
                consequence="the caller would go straight to the fallback",
                witness=witness(walks, spot.ref, minutes=walks.outside[spot]),
            )


def _unread(walks: Walks) -> Iterator[Diagnostic]:
    """A mailbox whose owner hears of no message: the phone never rings, and no mail is sent."""
    for number, extension in sorted(walks.scope.tenant.extensions.items()):
        box = Ref("voicemail", number)
        alone = extension.voicemail and extension.forward.always and not extension.voicemail.email
        if alone and (walks.at(box) or walks.at(box, outside=False)):
            yield Diagnostic(
                "PBX453",
                walks.scope.file,
                ("extensions", number, "voicemail"),
                f"nobody empties the mailbox of {number}: all its calls are forwarded, and no mail tells of a message",
                help="give it voicemail: {email: true} and an address, or lead callers to another mailbox",
                consequence="messages would be left for nobody",
                related=(
                    Related(walks.scope.file, ("extensions", number, "forward", "always"), "it is forwarded here"),
                ),
                witness=witness(walks, box),
            )
