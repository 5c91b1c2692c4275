"""EXT-4: users set each of the four forwards from their phones, and take it away again."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

from lab.acts.act import Act
from lab.acts.casting import act, code, colleagues, label, own, pick
from lab.calls import Lab
from pbx.kinds.extension import FORWARDS
from pbx.site import TenantScope

SHORT: Final = 10
"""Seconds of ringing that an act can wait for twice."""
_WHEN: Final = {
    "always": ("todas las llamadas", "all calls"),
    "busy": ("si está ocupado", "when busy"),
    "no_answer": ("si no contesta", "when nobody answers"),
    "unavailable": ("si no está registrado", "when not registered"),
}


def acts(scope: TenantScope) -> Iterator[Act]:
    """One for each of the four, and the codes alone."""
    yield from _alone(scope)
    for when in FORWARDS:
        three = pick(
            colleagues(scope, when),
            3,
            better=lambda _, owner, __, when=when: (
                not getattr(own(scope, owner).forward, when) and own(scope, owner).ring <= SHORT
            ),
        )
        if not three:
            continue
        keys = getattr(scope.tenant.feature_codes, f"forward_{when}")
        caller, owner, target = three
        who = [label(scope, number) for number in three]
        es, en = _WHEN[when]
        again = getattr(own(scope, owner).forward, when) is not None
        yield act(
            scope,
            f"code-forward-{when.replace('_', '-')}",
            "EXT-4",
            (f"Código {keys}: desvío de {es}", f"Code {keys}: forward of {en}"),
            steps=[
                (f"{who[1]} marca {keys}{target}.", f"{who[1]} dials {keys}{target}."),
                (f"{who[0]} llama a {who[1]}.", f"{who[0]} calls {who[1]}."),
                (f"{who[1]} marca {keys} y lo llaman otra vez.", f"{who[1]} dials {keys} and is called again."),
            ],
            expected=[
                (
                    f"{who[1]} oye la confirmación; atiende {who[2]}.",
                    f"{who[1]} hears how it stands; {who[2]} answers.",
                ),
                ("Después la llamada ya no se desvía.", "Afterwards the call is not forwarded any more."),
            ],
            play=partial(
                forwarded, when=when, code_keys=keys, caller=caller, owner=owner, target=target, file_has_one=again
            ),
            people=three,
            seconds=20 + (2 * own(scope, owner).ring if when == "no_answer" else 0),
        )


def _alone(scope: TenantScope) -> Iterator[Act]:
    """A code alone switches what the file says; where the file says nothing there is nothing to switch on."""
    codes = scope.tenant.feature_codes
    people = colleagues(scope, "alone")
    found = [(number, when) for when in FORWARDS for number in people if getattr(own(scope, number).forward, when)]
    number, when = found[0] if found else ("", "")
    other = next((each for each in people if each != number), "")
    keys = getattr(codes, f"forward_{when}") if when else ""
    if not (keys and codes.forward_always and other):
        return
    who = [label(scope, each) for each in (number, other)]
    yield act(
        scope,
        "code-forward-alone",
        "EXT-4",
        (f"Códigos {keys} y {codes.forward_always} sin número", f"Codes {keys} and {codes.forward_always} alone"),
        steps=[
            (
                f"{who[0]} marca {keys} dos veces; {who[1]} marca {codes.forward_always}.",
                f"{who[0]} dials {keys} twice; {who[1]} dials {codes.forward_always}.",
            )
        ],
        expected=[
            (
                f"{who[0]} lo apaga y lo enciende; {who[1]} no tiene qué encender.",
                f"{who[0]} switches it off and on; {who[1]} has nothing to switch on.",
            )
        ],
        play=partial(switched, owner=(number, keys, f"forward_{when}"), other=other, always=codes.forward_always),
        people=[number, other],
    )


def switched(lab: Lab, *, owner: tuple[str, str, str], other: str, always: str) -> None:
    """In the end it stands as the file has it."""
    code(lab, *owner, "off")
    code(lab, *owner, "on")
    code(lab, other, always, "forward_always", "off")


def forwarded(  # noqa: PLR0913 - the parts of the play
    lab: Lab, *, when: str, code_keys: str, caller: str, owner: str, target: str, file_has_one: bool
) -> None:
    """The forward holds from the one code to the other."""
    lab.phone(target).will("answer")
    setting = f"forward_{when}"
    code(lab, owner, f"{code_keys}{target}", setting, "on")
    if when == "unavailable":
        lab.phone(owner).unregister()
    lab.phone(owner).will("busy" if when == "busy" else "ring")
    call = lab.phone(caller).call(owner)
    call.talks_with(lab.phone(target).rings(seconds=40))
    call.hang_up()
    call.took(f"extension:{owner}", f"extension:{target}")
    call.left(f"extension:{owner} {when}")
    if when == "unavailable":
        lab.phone(owner).register()
    code(lab, owner, code_keys, setting, "off")
    lab.phone(owner).will("answer" if when == "always" else "busy" if when == "busy" else "ring")
    if when == "unavailable":
        lab.phone(owner).unregister()
    before = len(lab.rung)
    call = lab.phone(caller).call(owner)
    if when == "always":
        call.answered().hang_up()
    call.ended({"busy": "busy", "always": "hangup"}.get(when, "no_answer"))
    lab.rang(*([] if when == "unavailable" else [owner]), since=before)
    if when == "unavailable":
        lab.phone(owner).register()
    if file_has_one:
        code(lab, owner, code_keys, setting, "on")
