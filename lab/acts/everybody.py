"""What holds for everybody, tried on everybody: how long a phone rings, and that a mailbox opens with its PIN."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

from lab.acts.act import Act
from lab.acts.casting import act, colleagues, label, own
from lab.calls import Call, Lab
from lab.calls.telling import server
from lab.durations import as_long, rang
from lab.events import extra
from lab.results import Words
from pbx.asterisk import names
from pbx.site import TenantScope

MOST_PHONES: Final = 12
"""Phones that one act may have to itself: they call each other all at once."""
MOST_BOXES: Final = 6


def acts(scope: TenantScope) -> Iterator[Act]:
    """Phones that ring in vain, and mailboxes."""
    yield from _ring(scope)
    yield from _open(scope)


def _ring(scope: TenantScope) -> Iterator[Act]:
    """Of those whose calls end when nobody answers."""
    people = [
        number
        for number in colleagues(scope)
        if own(scope, number).forward.no_answer is None
        and own(scope, number).call_waiting
        and not own(scope, number).missed_call_mail
    ][:MOST_PHONES]
    if len(people) < 2:  # noqa: PLR2004 - who calls and who is called
        return
    told = ", ".join(people)
    yield act(
        scope,
        "everybody-rings",
        "EXT-1",
        ("Cuánto suena cada teléfono", "How long each phone rings"),
        steps=[(f"{told}: cada uno llama al siguiente.", f"{told}: each calls the next.")],
        expected=[("Cada uno suena el tiempo acordado.", "Each rings for as long as was agreed.")],
        play=partial(ring_in_vain, people=people),
        people=people,
        seconds=max(own(scope, number).ring for number in people) + 10,
    )


def ring_in_vain(lab: Lab, *, people: list[str]) -> None:
    """All at once; nobody answers."""
    called = [*people[1:], people[0]]
    calls = [lab.phone(caller).call(number) for caller, number in zip(people, called, strict=True)]
    for call, number in zip(calls, called, strict=True):
        call.ended("no_answer", seconds=90)
        wanted = own(lab.scope, number).ring
        seconds = rang(call.visit.cel, f"PJSIP/{names.endpoint(lab.scope.slug, number)}-", last=True)
        lab.finds(
            Words(f"Segundos que suena {number}", f"Seconds that {number} rings"),
            f"{wanted} s",
            f"{seconds or 0:.0f} s",
            passed=seconds is not None and as_long(seconds, wanted),
        )
        call.took(f"extension:{number}").left(f"extension:{number} no_answer")


def _open(scope: TenantScope) -> Iterator[Act]:
    people = [number for number, each in sorted(scope.tenant.extensions.items()) if each.voicemail][:MOST_BOXES]
    keys = scope.tenant.feature_codes.voicemail
    if not people or not keys:
        return
    who = ", ".join(label(scope, number) for number in people)
    yield act(
        scope,
        "mailboxes-open",
        "EXT-3",
        ("Cada casilla se abre con su clave", "Each mailbox opens with its PIN"),
        steps=[(f"{who} marcan {keys} y su clave.", f"{who} dial {keys} and their PIN.")],
        expected=[("La casilla dice cuántos mensajes hay.", "The mailbox tells how many messages there are.")],
        play=partial(opened, people=people, keys=keys),
        people=people,
        seconds=8.0 * len(people),
    )


def opened(lab: Lab, *, people: list[str], keys: str) -> None:
    """One after the other."""
    for number in people:
        box = own(lab.scope, number).voicemail
        call = lab.phone(number).call(keys).hears("vm-password").press(f"{box.pin if box else ''}#")
        told = server(f"Se abre la casilla de {number}", f"The mailbox of {number} opens", "vm-youhave…")
        lab.run(_told_how_many(lab, call), call, f"the mailbox of {number} to open", told)
        call.is_not_played("vm-incorrect")
        call.hang_up().ended()


async def _told_how_many(lab: Lab, call: Call) -> None:
    """What a mailbox says first depends on the language and on how many messages there are (app_voicemail.c)."""
    linked = await call.watch.began()
    await lab.stage.until(
        lab.stage.pbx_events,
        lambda event: (
            event.get("linkedid") == linked
            and event.get("eventname") == "STREAM_BEGIN"
            and extra(event).startswith("vm-youhave")
        ),
        expected="the mailbox to tell how many messages there are",
        since=call.watch.since,
    )
