"""EXT-8: a call that rings at a colleague is taken, by his number or as one of his group, and by nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from lab.acts.act import Act
from lab.acts.casting import act, colleagues, label, own, pick
from lab.calls import Lab
from pbx.site import TenantScope


def acts(scope: TenantScope) -> Iterator[Act]:
    """Directed and by group; the group takes nothing for a stranger to it."""
    people = colleagues(scope, "pickup")
    codes = scope.tenant.feature_codes
    directed = pick(people, 3)
    if directed:
        caller, ringing, taker = directed
        who = [label(scope, number) for number in directed]
        keys = f"{codes.pickup_extension}{ringing}"
        yield act(
            scope,
            "pickup-directed",
            "EXT-8",
            ("Captura de la llamada de un interno", "Pickup of the call of an extension"),
            steps=[
                (f"{who[0]} llama a {who[1]}, que no atiende.", f"{who[0]} calls {who[1]}, who does not answer."),
                (f"{who[2]} marca {keys}.", f"{who[2]} dials {keys}."),
            ],
            expected=[(f"{who[2]} habla con {who[0]}.", f"{who[2]} talks with {who[0]}.")],
            play=partial(taken, caller=caller, ringing=ringing, taker=taker, keys=keys),
            people=directed,
        )
    grouped = pick(people, 3, lambda _, ringing, taker: _together(scope, ringing, taker))
    if grouped:
        caller, ringing, taker = grouped
        group = own(scope, ringing).pickup_group
        who = [label(scope, number) for number in grouped]
        yield act(
            scope,
            "pickup-group",
            "EXT-8",
            (f"Captura en el grupo «{group}»", f"Pickup in group “{group}”"),
            steps=[
                (f"{who[0]} llama a {who[1]}, que no atiende.", f"{who[0]} calls {who[1]}, who does not answer."),
                (f"{who[2]}, del mismo grupo, marca {codes.pickup}.", f"{who[2]} of the group dials {codes.pickup}."),
            ],
            expected=[(f"{who[2]} habla con {who[0]}.", f"{who[2]} talks with {who[0]}.")],
            play=partial(taken, caller=caller, ringing=ringing, taker=taker, keys=codes.pickup),
            people=grouped,
        )
    stranger = pick(people, 3, lambda _, ringing, taker: _apart(scope, ringing, taker))
    if stranger:
        caller, ringing, taker = stranger
        who = [label(scope, number) for number in stranger]
        yield act(
            scope,
            "pickup-group-refused",
            "EXT-8",
            ("Quien no es del grupo no captura", "Who is not of the group takes nothing"),
            steps=[
                (f"{who[0]} llama a {who[1]}, que no atiende.", f"{who[0]} calls {who[1]}, who does not answer."),
                (f"{who[2]}, de otro grupo, marca {codes.pickup}.", f"{who[2]} of no such group dials {codes.pickup}."),
            ],
            expected=[
                (f"Se rechaza; {who[1]} sigue sonando y atiende.", f"Refused; {who[1]} still rings and answers.")
            ],
            play=partial(refused, caller=caller, ringing=ringing, taker=taker, keys=codes.pickup),
            people=stranger,
        )


def _together(scope: TenantScope, one: str, other: str) -> bool:
    return bool(own(scope, one).pickup_group) and own(scope, one).pickup_group == own(scope, other).pickup_group


def _apart(scope: TenantScope, ringing: str, taker: str) -> bool:
    return bool(own(scope, ringing).pickup_group) and not _together(scope, ringing, taker)


def taken(lab: Lab, *, caller: str, ringing: str, taker: str, keys: str) -> None:
    """The call goes to whoever takes it, and the phone that rang is quiet."""
    call = lab.phone(caller).call(ringing)
    there = lab.phone(ringing).rings()
    picked = lab.phone(taker).call(keys).answered()
    there.stops()
    picked.talks_with(call)
    picked.hang_up()
    call.ended()
    lab.rang(ringing)


def refused(lab: Lab, *, caller: str, ringing: str, taker: str, keys: str) -> None:
    """Who may not take it is told so, and nothing has changed for the others."""
    call = lab.phone(caller).call(ringing)
    there = lab.phone(ringing).rings()
    lab.phone(taker).call(keys).ended("refused", seconds=20)
    call.talks_with(there.answer())
    call.hang_up()
    lab.rang(ringing)
