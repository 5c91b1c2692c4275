"""POC-4: everybody in the directory is found by name."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

from lab.acts.act import Act
from lab.acts.casting import act, colleagues, label
from lab.calls import Lab
from pbx.check.witness import spelled_name
from pbx.site import TenantScope

EACH: Final = 4
"""Names that one act looks for: several acts run side by side."""
GLANCE: Final = 0.3
"""Seconds that a caller listens before a key."""


def acts(scope: TenantScope) -> Iterator[Act]:
    """A few names each, with a caller who is none of them."""
    directory = scope.tenant.directory
    if directory is None:
        return
    known = {number: spelled_name(scope, number) for number in scope.extension_numbers()}
    listed = [number for number, keys in known.items() if keys != ("timeout",)]
    for index, begin in enumerate(range(0, len(listed), EACH), start=1):
        people = listed[begin : begin + EACH]
        caller = next((each for each in colleagues(scope, f"directory {index}") if each not in people), "")
        if not caller:
            continue
        who = ", ".join(label(scope, number) for number in people)
        yield act(
            scope,
            f"directory-names-{index}",
            "POC-4",
            (f"Directorio: {who}", f"Directory: {who}"),
            steps=[(f"Se marca {directory.number} y cada nombre.", f"{directory.number} is dialled, and each name.")],
            expected=[("Se encuentra a cada uno.", "Each is found.")],
            play=partial(found, caller=caller, number=directory.number, keys={each: known[each] for each in people}),
            people=[caller, *people],
            seconds=20.0 * len(people),
        )


def found(lab: Lab, *, caller: str, number: str, keys: dict[str, tuple[str, ...]]) -> None:
    """The call goes to whoever was chosen, and is given up there."""
    for extension, presses in keys.items():
        call = lab.phone(caller).call(number)
        for position, each in enumerate(presses):
            sound = "dir-instr" if position else "dir-welcome"
            lab.run(call.watch.sound(sound), call, f"{call} to be asked for a name")
            call.listen(GLANCE).press(each)
        call.leaves(f"directory:{number}", extension)
        call.hang_up().ended()
