"""Lamps on phones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from lab.addresses import SIP_PORT
from lab.calls.telling import Expected
from lab.events import NotHappenedError
from lab.lamps import Lamp, LampError, open_lamp
from lab.parties import Party
from lab.results import Words
from lab.testbed import first_password

if TYPE_CHECKING:
    from lab.calls.play import Lab


@dataclass(slots=True)
class WatchedLamp:
    """A lamp on a phone."""

    lab: Lab
    name: str
    words: Words
    """What it is called, for a customer."""
    lamp: Lamp | None
    refused: int = 0
    """The SIP answer by which the PBX has refused it; 0 when it has not."""
    met: int = 0
    """Which of the states that it has shown was asked for last: none is missed because it did not last."""

    def shows(self, state: str, *, seconds: float = 30) -> Self:
        """Wait until it shows ``idle``, ``ringing``, ``busy`` or ``1/0`` messages, or has since it was last asked."""
        told = Expected("phone", self.words, state)
        lamp, lab, expected = self.lamp, self.lab, f"{self.name} to show {state}"
        if lamp is None:
            lab.fail(expected, f"the PBX refused it: {self.refused}", None, told)

        def find() -> int | None:
            return next((index for index in range(self.met, len(lamp.shown)) if lamp.shown[index] == state), None)

        async def act() -> None:
            try:
                self.met = await lab.attendance.until(lab, find, expected, seconds)
            except NotHappenedError as error:
                shown = " → ".join(lamp.shown) or "nothing"
                raise NotHappenedError(expected, f"it has shown {shown}: {error.observed}") from error

        lab.run(act(), None, expected, told)
        return self

    @property
    def shown(self) -> list[str]:
        """All it has shown, in order."""
        return list(self.lamp.shown) if self.lamp else []


def watch(lab: Lab, party: Party, watched: str, event: str) -> WatchedLamp:
    """Subscribe for a phone, or find out that the PBX refuses it."""
    own = lab.who(party)
    name, words = (
        f"the lamp of {party.name} for {watched}",
        Words(f"Luz de {own.es}: {watched}", f"Lamp of {own.en}: {watched}"),
    )
    block, number = lab.stage.block, party.name.partition(":")[2]

    async def act() -> WatchedLamp:
        secret = lab.stage.secrets[first_password(lab.stage.shipped.tenants[party.tenant], number)]
        pbx = (block.pbx, SIP_PORT)
        try:
            lamp = await open_lamp(party.endpoint, secret, watched, pbx=pbx, host=block.phones, event=event)
        except LampError as error:
            return WatchedLamp(lab, name, words, None, error.code)
        lamp.changed = lab.attendance.tell
        lab.lamps.append(lamp)
        return WatchedLamp(lab, name, words, lamp)

    return lab.run(act(), None, f"{name} to be answered")
