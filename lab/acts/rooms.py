"""POC-4: rooms in which several talk, and phones that are spoken to all at once."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import combinations
from typing import Final

from lab.acts.act import Act
from lab.acts.casting import act, colleagues, label, pick
from lab.calls import Call, Lab
from pbx.kinds.conference import Conference
from pbx.kinds.paging import Page
from pbx.site import TenantScope

TRIES: Final = 3
"""How often a PIN may be wrong (pbx-pin of places.conf)."""
MOST_IN_A_ROOM: Final = 10
"""People with whom one act fills a room."""
MOST_PAGED: Final = 8
"""Phones of a page that one act can watch."""


def acts(scope: TenantScope) -> Iterator[Act]:
    """Each conference with three people, a wrong PIN, and each page."""
    for name, conference in scope.tenant.conferences.items():
        yield from _conference(scope, name, conference)
        yield from _room_full(scope, name, conference)
    for name, page in scope.tenant.paging.items():
        yield from _page(scope, name, page)


def _conference(scope: TenantScope, name: str, conference: Conference) -> Iterator[Act]:
    three = pick(colleagues(scope, name), 3)
    number, pin = conference.number, conference.pin or ""
    if not three or number is None or (conference.max_members or 3) < len(three):
        return
    everybody = ", ".join(label(scope, each) for each in three)
    with_pin = (f" con la clave {pin}", f" with PIN {pin}") if pin else ("", "")
    yield act(
        scope,
        f"conference-{name}",
        "POC-4",
        (f"Conferencia «{name}» de tres", f"Conference “{name}” of three"),
        steps=[(f"{everybody} entran en {number}{with_pin[0]}.", f"{everybody} enter {number}{with_pin[1]}.")],
        expected=[("Cada uno oye a los otros dos.", "Each hears the other two.")],
        play=partial(of_three, name=name, number=number, pin=pin, three=three),
        people=three,
        touched=[f"conference:{name}"],
        seconds=30,
    )
    if pin:
        who = label(scope, three[0])
        wrong = "".join(str((int(digit) + 1) % 10) for digit in pin)
        yield act(
            scope,
            f"conference-{name}-wrong-pin",
            "POC-4",
            (f"Conferencia «{name}» con clave equivocada", f"Conference “{name}” with a wrong PIN"),
            steps=[
                (f"{who} llama a {number} y marca tres veces {wrong}.", f"{who} calls {number}, and {wrong} thrice.")
            ],
            expected=[("No entra: la llamada se rechaza.", "Nobody comes in: the call is refused.")],
            play=partial(kept_out, name=name, number=number, wrong=wrong, caller=three[0]),
            people=three[:1],
            touched=[f"conference:{name}"],
            seconds=40,
        )


def _room_full(scope: TenantScope, name: str, conference: Conference) -> Iterator[Act]:
    """As many as it takes, and one more."""
    most = conference.max_members or 0
    people = tuple(colleagues(scope, f"{name} full")[: most + 1])
    if not 0 < most <= MOST_IN_A_ROOM or len(people) <= most or conference.number is None:
        return
    late = label(scope, people[-1])
    yield act(
        scope,
        f"conference-{name}-full",
        "POC-4",
        (f"Conferencia «{name}» completa", f"Conference “{name}” is full"),
        steps=[(f"Entran {most}, y después {late}.", f"{most} enter, and then {late}.")],
        expected=[("El último oye que no hay lugar.", "The last one hears that there is no room.")],
        play=partial(of_too_many, name=name, number=conference.number, pin=conference.pin or "", people=people),
        people=people,
        touched=[f"conference:{name}"],
        seconds=5.0 * most,
    )


def of_too_many(lab: Lab, *, name: str, number: str, pin: str, people: tuple[str, ...]) -> None:
    """Nobody is listened to but the last one."""
    *inside, late = people
    calls = []
    for each in inside:
        call = lab.phone(each).call(number)
        if pin:
            lab.run(call.watch.sound("conf-getpin"), call, f"{call} to be asked for the PIN")
            call.press(pin)
        calls.append(call.leaves(f"conference:{name}", "joined"))
    call = lab.phone(late).call(number)
    if pin:
        call.hears("conf-getpin").press(pin)
    call.leaves(f"conference:{name}", "full").hears("conf-locked").ended("refused")
    for there in calls:
        there.hang_up()


def enters(call: Call, name: str, pin: str) -> Call:
    """Give the PIN, if there is one, and be in the room."""
    if pin:
        call.hears("conf-getpin").press(pin)
    return call.leaves(f"conference:{name}", "joined")


def of_three(lab: Lab, *, name: str, number: str, pin: str, three: tuple[str, ...]) -> None:
    """Each talks with each, and the room ends with them."""
    inside = [enters(lab.phone(each).call(number), name, pin) for each in three]
    for call in inside:
        call.answered().listen(2)
    for one, other in combinations(inside, 2):
        one.talks_with(other)
    for call in inside:
        call.hang_up()


def kept_out(lab: Lab, *, name: str, number: str, wrong: str, caller: str) -> None:
    """Who does not know the PIN is not let in."""
    call = lab.phone(caller).call(number)
    for _ in range(TRIES):
        call.hears("conf-getpin").press(wrong).leaves(f"conference:{name}", "wrong_pin", seconds=30)
    call.leaves(f"conference:{name}", "refused", seconds=30).ended("refused", seconds=20)
    call.left(*[f"conference:{name} wrong_pin"] * TRIES, f"conference:{name} refused")


def _page(scope: TenantScope, name: str, page: Page) -> Iterator[Act]:
    caller = next((each for each in colleagues(scope, name) if each not in page.members), "")
    if not caller or len(page.members) > MOST_PAGED:
        return
    who, members = label(scope, caller), ", ".join(page.members)
    yield act(
        scope,
        f"paging-{name}",
        "POC-4",
        (f"Voceo «{name}»", f"Page “{name}”"),
        steps=[(f"{who} llama a {page.number} y habla.", f"{who} calls {page.number} and speaks.")],
        expected=[
            (
                f"Los teléfonos {members} atienden solos y oyen a {who}.",
                f"Phones {members} answer by themselves and hear.",
            ),
            (
                "Quien vocea los oye." if page.duplex else "Quien vocea no los oye.",
                "Both ways." if page.duplex else "One way.",
            ),
        ],
        play=partial(
            paged, name=name, number=page.number, caller=caller, members=tuple(page.members), duplex=page.duplex
        ),
        people=[caller, *page.members],
        touched=[f"paging:{name}"],
    )


def paged(lab: Lab, *, name: str, number: str, caller: str, members: tuple[str, ...], duplex: bool) -> None:
    """All are asked to answer by themselves, and hear the caller."""
    for member in members:
        lab.phone(member).will("answer")
    call = lab.phone(caller).call(number)
    legs = [lab.phone(member).rings() for member in members]
    for leg in legs:
        leg.carries("Call-Info", "answer-after=0").carries("Alert-Info", "info=alert-autoanswer")
    call.answered().hears("beep").listen(1)
    call.speaks_to(*legs)
    legs[0].speaks_to(*([call] if duplex else []))
    if not duplex:
        call.does_not_hear(legs[0])
    call.hang_up()
    call.left(f"paging:{name} paged")
