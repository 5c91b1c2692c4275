"""One party's end of a call: the caller's, and that of whoever is called."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import quote

from lab.calls.failure import hide
from lab.calls.telling import Expected, phone, server
from lab.calls.words import ENDINGS, REFUSALS, ending
from lab.handset import Handset, HungUpError
from lab.journey import Visited, visited
from lab.parties import Party
from lab.results import Words
from lab.watch import Watch, hung_up

if TYPE_CHECKING:
    from lab.calls.people import Behaviour
    from lab.calls.play import Lab

PAUSE: Final = 1.0
"""Seconds on the line after the last word: what MixMonitor has yet to write when a party hangs up is lost."""
__tracebackhide__ = hide  # pytest shows the line of the test, not ours
HEADERS: Final = ("Privacy", "P-Asserted-Identity", "Diversion")
"""Read when a call comes in: the channel may be gone when a test asks (RFC 3323, RFC 3325, RFC 5806)."""


class Leg:
    """What a party can do once it is on the line, and what it has heard."""

    def __init__(self, lab: Lab, party: Party, recording: Path) -> None:
        """``recording`` takes what this party hears."""
        self.lab = lab
        self.party = party
        self.recording = recording
        self.dialled = ""

    def __str__(self) -> str:
        return self.party.name

    @property
    def words(self) -> Words:
        """Whose end it is, for a customer."""
        return self.lab.who(self.party)

    async def handset(self) -> Handset:
        """The means to act, once there is one."""
        raise NotImplementedError

    def press(self, keys: str) -> Self:
        """Press keys (RFC 4733 events). A key may lead to the end at once: what becomes of it is seen afterwards."""

        async def act() -> None:
            handset = await self.handset()
            with contextlib.suppress(HungUpError):
                await handset.press(keys)

        self.lab.run(act(), self, f"{self} to press {keys}")
        return self

    def listen(self, seconds: float) -> Self:
        """Stay on the line, for so many seconds of PBX time."""
        return self._does("listen", f"{self} to stay on the line for {seconds:g} s", seconds)

    def says(self, sound: str) -> Self:
        """Speak: ``message``, or a sound of the lab's."""
        return self._does("play", f"{self} to speak", f"lab/{sound}")

    def hang_up(self) -> Self:
        """End the call, if it has not ended."""

        async def act() -> None:
            with contextlib.suppress(HungUpError):
                handset = await self.handset()
                await handset.listen(PAUSE)
                await handset.hang_up()

        self.lab.run(act(), self, f"{self} to hang up")
        return self

    def transfer(self, number: str) -> str:
        """Send the other side to a number without asking first (REFER, RFC 3515): ``SUCCESS`` or ``FAILURE``.

        What becomes of the other side is not known yet: Asterisk says 202 and goes on.
        """

        async def act() -> str:
            return await (await self.handset()).transfer(self._uri(number))

        return self.lab.run(act(), self, f"{self} to transfer to {number}")

    def hands_over_to(self, other: Leg) -> str:
        """Join the other side of this call with that of another of the same phone (REFER with Replaces, RFC 3891)."""

        async def act() -> str:
            consultation = await other.handset()
            call_id, own, opposite = [
                quote(await consultation.variable(f"${{CHANNEL(pjsip,{name})}}"), safe="")
                for name in ("call-id", "local_tag", "remote_tag")
            ]
            replaces = f"{call_id}%3Bto-tag%3D{opposite}%3Bfrom-tag%3D{own}"
            uri = f"<{self._uri(other.dialled)}?Replaces={replaces}>"
            return await (await self.handset()).transfer(uri)

        return self.lab.run(act(), self, f"{self} to be handed over")

    def talks_with(self, other: Leg) -> Self:
        """Both speak at once, with a tone each; at the end each must have heard the other and not itself."""
        self.lab.run(self.lab.converse(self, other), self, f"{self} and {other} to talk")
        return self

    def speaks_to(self, *listeners: Leg) -> Self:
        """Speak alone, with the own tone; at the end each listener must have heard it, and not itself."""
        self.lab.run(self.lab.announce(self, listeners), self, f"{self} to speak")
        return self

    def does_not_hear(self, *others: Leg) -> Self:
        """The tones of the others must not be in its recording at the end."""
        self.lab.owe_silence(self, others)
        return self

    def hears(self, sound: str, *, complete: bool = False) -> Self:
        """Hear a sound such as ``ivr:nocturno``: at the end its recording must hold it, from end to end if wished."""
        self.lab.owe_sound(self, sound, complete=complete)
        return self

    def variable(self, expression: str) -> str:
        """An expression of this party's own Asterisk, such as ``${PJSIP_HEADER(read,Diversion)}``."""

        async def act() -> str:
            return await (await self.handset()).variable(expression)

        return self.lab.run(act(), self, f"{self} to read {expression}")

    def _uri(self, number: str) -> str:
        return f"sip:{number.replace('#', '%23')}@{self.lab.stage.block.pbx}"

    def _does(self, what: str, expected: str, *arguments: object) -> Self:
        async def act() -> None:
            await getattr(await self.handset(), what)(*arguments)

        self.lab.run(act(), self, expected)
        return self


class Call(Leg):
    """The caller's end."""

    def __init__(self, lab: Lab, party: Party, recording: Path, watch: Watch, token: str) -> None:
        """A call that was placed; ``token`` is the id of its channel at the caller's."""
        super().__init__(lab, party, recording)
        self.watch = watch
        self.token = token
        self.dialled = watch.dialled
        self._handset: Handset | None = None

    def __str__(self) -> str:
        return f"the call of {self.party.name} to {self.watch.dialled}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if kind is None:
            self.hang_up()

    async def handset(self) -> Handset:
        """Wait for the answer."""
        if self._handset is None:
            self._handset = await self.lab.stage.answered(self.token, seconds=60)
        return self._handset

    @property
    def connected(self) -> bool:
        """Whether it was answered, as far as the test has waited for that."""
        return self._handset is not None

    def answered(self) -> Self:
        """Wait until the call is answered."""
        words = self.words
        told = server(f"Se atiende la llamada de {words.es}", f"The call of {words.en} is answered")
        self.lab.run(self.handset(), self, f"{self} to be answered", told)
        return self

    def hang_up(self) -> Self:
        """End the call, answered or not."""
        self.lab.run(self.lab.end(self), self, f"{self} to end")
        return self

    def hears(self, sound: str, *, complete: bool = False, seconds: float = 60) -> Self:
        """Wait until the PBX plays a sound to this caller, who must then have heard it."""
        name, enough = self.lab.owe_sound(self, sound, complete=complete)

        async def act() -> None:
            begin = await self.watch.sound(name, seconds=seconds)
            if complete:
                await self.watch.sound_over(begin)
            else:
                with contextlib.suppress(HungUpError):  # a short sound may be the last; the recording tells at the end
                    await (await self.handset()).listen(enough)

        told = server(f"La central reproduce «{sound}»", f"The PBX plays “{sound}”", sound)
        self.lab.run(act(), self, f"{self} to hear {sound}", told)
        return self

    def reaches(self, node: str, *, seconds: float = 60) -> Self:
        """Wait until the call is at a place, such as ``queue:ventas``."""
        told = server("La llamada llega a", "The call reaches", node)
        return self._until("PBX_NODE", node, f"{self} to reach {node}", seconds, told)

    def leaves(self, node: str, way: str, *, seconds: float = 120) -> Self:
        """Wait until the call leaves a place by one of its exits, such as ``queue:ventas`` by ``timeout``."""
        told = server("La llamada sale por", "The call leaves by", f"{node} {way}")
        return self._until("PBX_EXIT", f"{node} {way}", f"{self} to leave {node} by {way}", seconds, told)

    def ended(self, how: str | int = "", *, seconds: float = 180) -> Self:
        """Wait for the end; ``how`` is ``hangup``, ``busy``, ``refused``, ``nobody`` …, or a cause of Q.850."""

        async def act() -> int:
            event = await hung_up(self.lab.stage, self.token, f"{self} to end", seconds)
            if self.watch.look():
                await self.watch.over()
            return int(event.get("cause", "0") or 0)

        cause = self.lab.run(act(), self, f"{self} to end")
        wanted = ENDINGS.get(how, frozenset()) if isinstance(how, str) else {how}
        told = f"Q.850 {' / '.join(map(str, sorted(wanted)))}"
        expected = phone(f"Fin de la llamada de {self.words.es}", f"End of the call of {self.words.en}", told)
        if how and cause not in wanted:
            happened = f"it ended with {ending(cause)} (cause {cause})"
            self.lab.fail(f"{self} to end with {how}", happened, self, expected)
        if how:
            self.lab.journal.note(expected, f"Q.850 {cause}", passed=True)
        return self

    def took(self, *places: str) -> Self:
        """The places of its journey are these, in order."""
        subject = Words("Recorrido de la llamada", "Journey of the call")
        self.lab.same(subject, " → ".join(places), " → ".join(self.journey), leg=self)
        return self

    def left(self, *ways: str) -> Self:
        """It left places in these ways, in order: ``ivr:principal 1``."""
        self.lab.same(Words("Salidas tomadas", "Exits taken"), ", ".join(ways), ", ".join(self.exits), leg=self)
        return self

    @property
    def visit(self) -> Visited:
        """All that the PBX has said of this call so far."""
        return visited(self.lab.stage.pbx_events.seen[self.watch.since :], self.watch.look())

    @property
    def journey(self) -> list[str]:
        """The places the call has visited so far, in order."""
        return list(self.visit.nodes)

    @property
    def exits(self) -> list[str]:
        """How it left them: ``ivr:principal 1``."""
        return list(self.visit.exits)

    @property
    def records(self) -> tuple[Mapping[str, str], ...]:
        """Its call detail records, once it is over."""
        return self.visit.cdr

    def _until(self, kind: str, spelled: str, expected: str, seconds: float, told: Expected) -> Self:
        self.lab.run(self.lab.told(self.watch, kind, spelled, expected, seconds), self, expected, told)
        return self


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

    async def begin(self, *, silent: bool = False) -> None:
        """Ring, record, and note what is shown. Raises HungUpError when the caller is faster."""
        if not silent:
            await self._handset.ring()
        privacy, asserted, diversion = [
            await self._handset.variable(f"${{PJSIP_HEADER(read,{name})}}") for name in HEADERS
        ]
        self.shown = Shown(self._handset.caller_number, self._handset.caller_name, privacy, asserted, diversion)
        await self._handset.record(str(self.recording))

    async def handset(self) -> Handset:
        """It is there from the beginning."""
        return self._handset

    async def behave(self, behaviour: Behaviour) -> None:
        """What its party always does. Raises HungUpError when the caller is faster."""
        if behaviour.after:
            await self._handset.listen(behaviour.after)
        if behaviour.what == "answer":
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

    def stops(self, *, seconds: float = 60) -> None:
        """Wait until it rings no more, or the call is over."""
        words = self.words
        told = phone(f"{words.es} deja de sonar o de hablar", f"{words.en} rings or talks no more")
        self.lab.run(self.lab.gone(self._handset.channel, seconds), self, f"{self} to stop ringing", told)
