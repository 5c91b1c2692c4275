"""A call that has come to somebody."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from lab.calls.failure import hide
from lab.calls.legs import Leg
from lab.calls.placing import gone
from lab.calls.telling import phone
from lab.calls.words import REFUSALS
from lab.handset import Handset
from lab.parties import Party
from lab.results import Words
from pbx.asterisk.ami import Event

if TYPE_CHECKING:
    from lab.calls.people import Behaviour
    from lab.calls.play import Lab

__tracebackhide__ = hide  # pytest shows the line of the test, not ours
_APART: Final = "~~"
"""Between the answers to one question: nothing that a URI or a token holds in these headers."""
HEADERS: Final = ("Privacy", "P-Asserted-Identity", "Diversion")
"""Read when a call comes in: the channel may be gone when a test asks (RFC 3323, RFC 3325, RFC 5806)."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a called party is told of its caller."""

    number: str
    name: str
    privacy: str
    """The Privacy header (RFC 3323)."""
    asserted: str
    """The P-Asserted-Identity header (RFC 3325)."""
    diversion: str
    """The Diversion header (RFC 5806)."""


class Ringing(Leg):
    """A call that has come to somebody."""

    def __init__(self, lab: Lab, party: Party, recording: Path, handset: Handset) -> None:
        """It has begun to ring; :meth:`begin` does the rest."""
        super().__init__(lab, party, recording)
        self._handset = handset
        self.dialled = handset.dialled
        self.answered = False
        self.shown = Shown(handset.caller_number, handset.caller_name, "", "", "")

    def __str__(self) -> str:
        return f"the call at {self.party.name}"

    @property
    def channel(self) -> str:
        """The name of its channel at the party's."""
        return self._handset.channel

    def _is_own(self, event: Event) -> bool:
        return event.get("channel") == self.channel

    async def begin(self, behaviour: Behaviour) -> None:
        """Ring, record, and note what is shown. Raises HungUpError when the caller is faster.

        Who answers at once does so first: at tenfold speed every second of ringing counts. Who is going to refuse hears
        nothing, and a recording that ends as it begins is a race that Asterisk may lose.
        """
        at_once = behaviour.what == "answer" and not behaviour.after
        if at_once:
            await self._handset.record(str(self.recording))
            await self._handset.answer()
            self.answered = True
        elif behaviour.what != "nothing":
            await self._handset.ring()
        # All at once: each question takes its time, and a queue does not ring for long.
        headers = await self._handset.variable(_APART.join(f"${{PJSIP_HEADER(read,{name})}}" for name in HEADERS))
        privacy, asserted, diversion = [*headers.split(_APART), "", ""][: len(HEADERS)]
        self.shown = Shown(self._handset.caller_number, self._handset.caller_name, privacy, asserted, diversion)
        if not at_once and behaviour.what not in REFUSALS:
            await self._handset.record(str(self.recording))

    async def handset(self) -> Handset:
        """It is there from the beginning."""
        return self._handset

    async def behave(self, behaviour: Behaviour) -> None:
        """What its party always does. Raises HungUpError when the caller is faster."""
        if behaviour.after:
            await self._handset.listen(behaviour.after)
        if behaviour.what == "answer":
            if not self.answered:
                self.answered = True
                await self._handset.answer()
            if behaviour.talk is not None:
                await self._handset.listen(behaviour.talk)
                await self._handset.hang_up()
        elif behaviour.what not in {"ring", "nothing"}:
            await self._handset.refuse(REFUSALS[behaviour.what])

    def shows(
        self, number: str | None = None, *, name: str | None = None, privacy: str | None = None, asserted: str = ""
    ) -> Self:
        """It is told this of its caller; ``asserted`` is a number that P-Asserted-Identity must hold (RFC 3325)."""
        shown = self.shown
        for subject, wanted, observed in (
            (Words("Número mostrado", "Number shown"), number, shown.number),
            (Words("Nombre mostrado", "Name shown"), name, shown.name),
            (Words("Privacidad (RFC 3323)", "Privacy (RFC 3323)"), privacy, shown.privacy),
        ):
            if wanted is not None:
                self.lab.same(subject, wanted, observed, witness="phone", leg=self)
        if asserted:
            told = phone("Identidad asegurada al operador", "Identity asserted to the carrier", asserted)
            self.lab.settle(told, shown.asserted, passed=asserted in shown.asserted, leg=self)
        return self

    def carries(self, header: str, part: str) -> Self:
        """The INVITE by which it came has a header in which this stands."""
        observed = self.variable(f"${{PJSIP_HEADER(read,{header})}}")
        told = phone(f"Cabecera {header}", f"Header {header}", part)
        self.lab.settle(told, observed, passed=part in observed, leg=self)
        return self

    def answer(self) -> Self:
        """Take the call."""
        self.answered = True
        return self._does("answer", f"{self.party.name} to answer")

    def refuse(self, how: str = "busy") -> None:
        """Refuse it: ``busy``, ``not_found``, ``refused``, ``no_answer`` or ``congestion`` (see `REFUSALS`)."""
        self._does("refuse", f"{self.party.name} to refuse", REFUSALS[how])

    def redirect(self, number: str) -> None:
        """Answer with 302 and a number of the same PBX, as a phone does that forwards by itself."""
        self._does("redirect", f"{self.party.name} to redirect to {number}", self._uri(number))

    def still_rings(self) -> Self:
        """It has not been given up, or taken elsewhere."""
        own, words = self._handset.channel, self.words
        events = self.lab.stage.party_events
        since = self.lab.first_party_event
        over = any(events.matching(lambda each: each.get("event") == "Hangup" and each.get("channel") == own, since))
        subject = Words(f"{words.es} sigue sonando", f"{words.en} still rings")
        self.lab.same(subject, "sí / yes", "no" if over else "sí / yes", witness="phone", leg=self)
        return self

    def stops(self, *, seconds: float = 60) -> None:
        """Wait until it rings no more, or the call is over."""
        words = self.words
        told = phone(f"{words.es} deja de sonar o de hablar", f"{words.en} rings or talks no more")
        self.lab.run(gone(self.lab, self._handset.channel, seconds), self, f"{self} to stop ringing", told)
