"""A conference: a room where everybody hears everybody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Annotated, Final

from pbx.asterisk import names
from pbx.asterisk.text import Verbatim
from pbx.kinds.base import Dialled, Exit, Kind, Scope, Situation, Step, no_check, no_sounds
from pbx.model import ExtensionNumber, Model, Pin, Ref, whole_number

TRIES: Final = 3
"""How often a caller may enter a PIN; written into ``lib/places.conf`` as well."""


class Conference(Model):
    """A room; who is alone in it hears music. Its announcements are in the tenant's language."""

    number: ExtensionNumber | None = None
    """Where the tenant's own phones reach it."""
    pin: Pin | None = None
    """Asked from everybody, three times at the most; without it whoever gets here is let in."""
    max_members: Annotated[int, whole_number(2, 500)] | None = None
    """How many may be in the room at a time; who comes later is told that it is full, and hung up on."""


def numbers(identity: str, conference: Conference) -> tuple[Dialled, ...]:
    """The room's number, if it has one."""
    return (Dialled(conference.number, ("conferences", identity, "number"), identity),) if conference.number else ()


def exits(_identity: str, _conference: Conference, _scope: Scope) -> tuple[Exit, ...]:
    """A conference is an end."""
    return ()


def steps(identity: str, conference: Conference, _scope: Scope, situation: Situation) -> tuple[Step, ...]:
    """The PIN, then the room. Who is not said to press anything knows the PIN."""
    node, path = Ref("conference", identity), ("conferences", identity)
    return tuple(_steps(node, (*path, "pin") if conference.pin else path, conference, situation))


def _steps(node: Ref, path: tuple[str, ...], conference: Conference, situation: Situation) -> Iterator[Step]:
    joined = Step(node, "joined", "anybody may come in", path, end=f"joined {node}")
    if conference.max_members and node in situation.full:
        because = f"{conference.max_members} are in the room already"
        full = ("conferences", node.id, "max_members")
        joined = Step(node, "full", because, full, end=f"refused by {node}", hears=("conf-locked",))
    if conference.pin is None:
        yield joined
        return
    for attempt in range(1, TRIES + 1):
        entered = situation.presses.pop(0) if situation.presses else conference.pin
        if entered == conference.pin:
            because = joined.because if joined.exit == "full" else "the caller enters the PIN"
            yield replace(joined, because=because, hears=("conf-getpin", *joined.hears))
            return
        because = f"the PIN is wrong ({attempt} of {TRIES})"
        yield Step(node, "wrong_pin", because, path, hears=("conf-getpin", "conf-invalidpin"))
    yield Step(node, "refused", f"no right PIN in {TRIES} tries", path, end=f"refused by {node}")


@dataclass(frozen=True, slots=True)
class ConferenceView:
    """What the templates read."""

    node: Verbatim
    name: str
    conference: str
    """The room's name in Asterisk, and that of its bridge profile."""
    pin: str
    """Empty when nobody is asked."""
    max_members: int
    """0 for any number."""


def view(identity: str, conference: Conference, scope: Scope) -> ConferenceView:
    """The room as Asterisk sees it."""
    return ConferenceView(
        node=Verbatim(Ref("conference", identity)),
        name=identity,
        conference=names.conference(scope.slug, identity),
        pin=conference.pin or "",
        max_members=conference.max_members or 0,
    )


KIND: Final = Kind(
    name="conference",
    section="conferences",
    exits=exits,
    steps=steps,
    check=no_check,
    sounds=no_sounds,
    numbers=numbers,
    view=view,
)
