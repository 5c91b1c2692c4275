"""Parking: a call is set down at a number, and taken up again there from any phone of the tenant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import AfterValidator

from pbx.asterisk import names
from pbx.asterisk.text import Verbatim
from pbx.kinds.base import Dialled, Exit, Kind, Scope, Situation, Step, no_check, no_sounds
from pbx.model import ExtensionNumber, Model, NumberRange, Range, Ref, Seconds, refuse

MOST_SLOTS: Final = 100


def _slots(given: NumberRange) -> NumberRange:
    count = int(given.last) - int(given.first) + 1
    if given.first.startswith("0") or count > MOST_SLOTS:
        reason = "begins with 0" if given.first.startswith("0") else f"holds {count} slots"
        raise refuse("PBX115", f"{given} is no range for parked calls: it {reason}", f"up to {MOST_SLOTS}: 671-679")
    return given


class Parking(Model):
    """Where calls are parked. A tenant has one such place, known by its number.

    A phone parks a call by transferring it to the number, and hears the slot; whoever dials the slot takes the call.
    One that nobody takes goes back to the extension that parked it, and its forwards apply.
    """

    number: ExtensionNumber
    """Calls transferred here are parked."""
    slots: Annotated[Range, AfterValidator(_slots)]
    """One number for each parked call."""
    timeout: Seconds = 60
    """After this time a call goes back to who parked it."""


def _numbers(parking: Parking) -> Iterator[str]:
    return map(str, range(int(parking.slots.first), int(parking.slots.last) + 1))


def numbers(_identity: str, parking: Parking) -> tuple[Dialled, ...]:
    """The number, and each slot."""
    slots = (Dialled(each, ("parking", "slots"), each) for each in _numbers(parking))
    return (Dialled(parking.number, ("parking", "number"), parking.number), *slots)


def exits(_identity: str, _parking: Parking, _scope: Scope) -> tuple[Exit, ...]:
    """A call leaves to whoever takes it, or back to who parked it: neither is written in the tenant's file."""
    return ()


def steps(identity: str, parking: Parking, _scope: Scope, situation: Situation) -> tuple[Step, ...]:
    """A slot gives back the call that is parked there; the number parks."""
    node, slot = Ref("parking", identity), situation.dialled
    if slot in parking.slots:
        because = f"{slot} is a slot for parked calls"
        return (Step(node, "taken", because, ("parking", "slots"), end=f"takes the call parked at {slot}"),)
    because = f"it is taken up at {parking.slots}, or goes back after {parking.timeout} s"
    return (Step(node, "parked", because, ("parking",), end=f"parked at {node}"),)


@dataclass(frozen=True, slots=True)
class ParkingView:
    """What the templates read."""

    node: Verbatim
    number: str
    lot: str
    context: str
    back: str
    """The context to which calls return that nobody has taken."""
    first: str
    last: str
    patterns: tuple[Verbatim, ...]
    """Asterisk patterns of the slots."""
    timeout: int


def view(identity: str, parking: Parking, scope: Scope) -> ParkingView:
    """The parking lot as Asterisk sees it."""
    return ParkingView(
        node=Verbatim(Ref("parking", identity)),
        number=identity,
        lot=names.parking_lot(scope.slug),
        context=names.context(scope.slug, "parking"),
        back=names.context(scope.slug, "parkback"),
        first=parking.slots.first,
        last=parking.slots.last,
        patterns=tuple(Verbatim(pattern) for pattern in names.range_patterns(parking.slots)),
        timeout=parking.timeout,
    )


KIND: Final = Kind(
    name="parking",
    section="parking",
    single=True,
    included=True,
    exits=exits,
    steps=steps,
    check=no_check,
    sounds=no_sounds,
    numbers=numbers,
    view=view,
)
