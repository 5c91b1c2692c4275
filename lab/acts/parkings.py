"""POC-4: a call is parked, its lamp tells, another phone takes it up, and what nobody takes up comes back."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

from lab.acts.act import Act
from lab.acts.casting import act, colleagues, label, pick
from lab.calls import Call, Lab
from pbx.site import TenantScope

READING: Final = 4.0
"""Seconds in which the number of a slot is read out."""


def acts(scope: TenantScope) -> Iterator[Act]:
    """One that is taken up, and one that comes back."""
    parking = scope.tenant.parking
    three = pick(colleagues(scope, "parking"), 3)
    if parking is None or not three:
        return
    slot = str(parking.slots.first)
    who = [label(scope, number) for number in three]
    place = f"parking:{parking.number}"
    common = [
        (f"{who[0]} llama a {who[1]}, que atiende.", f"{who[0]} calls {who[1]}, who answers."),
        (
            f"{who[1]} transfiere la llamada a {parking.number} y oye «{slot}».",
            f"{who[1]} transfers the call to {parking.number} and hears “{slot}”.",
        ),
    ]
    caller, parker, finder = three
    yield act(
        scope,
        "parking-retrieved",
        "POC-4",
        ("Llamada estacionada y recuperada desde otro teléfono", "Call parked and taken up from another phone"),
        steps=[*common, (f"{who[2]} marca {slot}.", f"{who[2]} dials {slot}.")],
        expected=[
            (f"La luz de {slot} se enciende y se apaga.", f"The lamp of {slot} is lit, then dark."),
            (f"{who[0]} y {who[2]} quedan hablando.", f"{who[0]} and {who[2]} go on talking."),
        ],
        play=partial(retrieved, caller=caller, parker=parker, finder=finder, number=parking.number, slot=slot),
        people=three,
        touched=[place],
    )
    yield act(
        scope,
        "parking-returns",
        "POC-4",
        ("Llamada estacionada que nadie recupera", "Parked call that nobody takes up"),
        steps=[
            *common,
            (f"Nadie la recupera en {parking.timeout:g} s.", f"Nobody takes it up in {parking.timeout:g} s."),
        ],
        expected=[(f"Vuelve a sonar {who[1]}, que atiende.", f"{who[1]} rings again and answers.")],
        play=partial(
            returns, caller=caller, parker=parker, number=parking.number, slot=slot, seconds=parking.timeout + 15.0
        ),
        people=three[:2],
        touched=[place],
        seconds=parking.timeout + 15,
    )


def parked(lab: Lab, caller: str, parker: str, number: str, slot: str) -> Call:
    """A caller whom somebody has parked, and who has heard where."""
    lab.phone(parker).will("answer")
    call = lab.phone(caller).call(parker)
    taken = lab.phone(parker).rings()
    call.answered()
    taken.transfer(number)
    taken.listen(READING)
    for digit in slot:
        taken.hears(f"digits/{digit}")
    taken.hang_up()
    return call


def retrieved(lab: Lab, *, caller: str, parker: str, finder: str, number: str, slot: str) -> None:
    """The lamp tells of the call until another phone has taken it up."""
    lamp = lab.phone(finder).lamp(slot).shows("idle")
    for _ in range(2):  # the slot is free again, and the next call gets it
        call = parked(lab, caller, parker, number, slot)
        lamp.shows("busy")
        found = lab.phone(finder).call(slot).answered()
        found.talks_with(call)
        lamp.shows("idle")
        found.hang_up()
        call.ended()


def returns(lab: Lab, *, caller: str, parker: str, number: str, slot: str, seconds: float) -> None:
    """Nobody takes the call up: it rings again where it was parked."""
    lab.phone(parker).will("answer")
    call = parked(lab, caller, parker, number, slot)
    call.leaves(f"parking:{number}", "timeout", seconds=seconds)
    call.talks_with(lab.phone(parker).rings())
    call.hang_up()
    lab.rang(parker, parker)
