"""One party's end of a call: the caller's, and that of whoever is called."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import quote

from lab.calls.failure import hide
from lab.calls.telling import YES, Expected, phone, server
from lab.calls.words import ENDINGS, ending
from lab.events import NotHappenedError
from lab.handset import Handset, HungUpError
from lab.journey import Visited, visited
from lab.parties import Party
from lab.reasons import EXITS, JOURNEY
from lab.results import Words
from lab.stage import AmiError
from lab.watch import Watch, hung_up
from pbx.asterisk.ami import Event

if TYPE_CHECKING:
    from lab.calls.play import Lab

PAUSE: Final = 1.0
"""Seconds on the line after the last word: what MixMonitor has yet to write when a party hangs up is lost."""
WORD: Final = 3.0
"""Seconds within which the PBX says what is known already: its word comes by another connection than the phones'."""
__tracebackhide__ = hide  # pytest shows the line of the test, not ours


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

    def _is_own(self, event: Event) -> bool:
        """Whether an event is of its channel."""
        raise NotImplementedError

    def when(self, happened: str) -> float:
        """When its party's Asterisk told of ``Newchannel``, ``Hangup`` …, in seconds of PBX time since 1970."""
        told = self.lab.stage.party_events.matching(
            lambda event: event.get("event") == happened and self._is_own(event), self.lab.first_party_event
        )
        return float(next(told)["timestamp"])

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

    def holds(self, seconds: float) -> Self:
        """Put the other side on hold for so many seconds, and take it back."""
        return self._does("hold", f"{self} to put the other side on hold", seconds)

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

    def _is_own(self, event: Event) -> bool:
        return event.get("uniqueid") == self.token

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
        self.lab.run(self.end(), self, f"{self} to end")
        return self

    async def end(self) -> None:
        """Hang up at the caller's, whatever the call does."""
        stage, own, since = self.lab.stage, self.token, self.lab.first_party_event
        ended = stage.party_events.matching(
            lambda each: each.get("event") == "Hangup" and each.get("uniqueid") == own, since
        )
        if next(ended, None) is None:
            with contextlib.suppress(HungUpError, AmiError):  # it may end by itself in this moment
                if self.connected:
                    await (await self.handset()).listen(PAUSE)
                await stage.party_ami.action("Hangup", Channel=own, Cause="16")
            await hung_up(stage, own, f"{self} to end", 30, since)

    def hears(self, sound: str, *, complete: bool = False, seconds: float = 60, played: str = "") -> Self:
        """Wait until the PBX plays a sound to this caller, who must then have heard it.

        ``played`` is the name under which the PBX plays what is no sound of its own, such as a voice message.
        """
        name, enough = self.lab.owe_sound(self, sound, complete=complete)
        name = played or name

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
            event = await hung_up(self.lab.stage, self.token, f"{self} to end", seconds, self.lab.first_party_event)
            if await self.watch.reached():
                await self.watch.over()
            return int(event.get("cause", "0") or 0)

        wanted = ENDINGS.get(how, frozenset()) if isinstance(how, str) else {how}
        told = f"Q.850 {' / '.join(map(str, sorted(wanted)))}" if how else YES
        expected = phone(f"Fin de la llamada de {self.words.es}", f"End of the call of {self.words.en}", told)
        cause = self.lab.run(act(), self, f"{self} to end", expected, note=False)
        if how and cause not in wanted:
            happened = f"it ended with {ending(cause)} (cause {cause})"
            self.lab.fail(f"{self} to end with {how}", happened, self, expected)
        if how:
            self.lab.journal.note(expected, f"Q.850 {cause}", passed=True)
        return self

    def took(self, *places: str) -> Self:
        """The places of its journey are these, in order."""
        self._may_still_say(lambda: self.journey == list(places))
        self.lab.same(JOURNEY, " → ".join(places), " → ".join(self.journey), leg=self)
        return self

    def left(self, *ways: str) -> Self:
        """It left places in these ways, in order: ``ivr:principal 1``."""
        self._may_still_say(lambda: self.exits == list(ways))
        self.lab.same(EXITS, ", ".join(ways), ", ".join(self.exits), leg=self)
        return self

    def leaves_message(self, sound: str, *, seconds: float = 60) -> Self:
        """Wait for the beep and speak at once: Asterisk hangs up on who sends nothing for 4 s (app.c)."""
        name, _ = self.lab.owe_sound(self, "beep", complete=False)

        async def act() -> None:
            await self.watch.sound(name, seconds=seconds)
            await (await self.handset()).play(f"lab/{sound}")

        told = server("La central invita a dejar un mensaje", "The PBX asks for a message", "beep")
        self.lab.run(act(), self, f"{self} to leave a message", told)
        return self

    def is_not_played(self, *sounds: str) -> Self:
        """None of these sounds of Asterisk's own has been played so far."""
        played = [sound for sound in self.visit.sounds if sound in sounds]
        subject = Words(f"No se reproduce «{', '.join(sounds)}»", f"“{', '.join(sounds)}” is not played")
        self.lab.same(subject, "", ", ".join(played), leg=self)
        return self

    def hears_music(self, music: str) -> Self:
        """The PBX has played the music of a class to somebody of this call, who must have heard it."""
        self.is_played_music(music)
        self.lab.owe_music(self)
        return self

    def is_played_music(self, music: str) -> Self:
        """The PBX has played the music of a class to somebody of this call."""
        events, linked = self.lab.stage.pbx_events, self.watch.look()

        def classes() -> list[str]:
            begun = ("MusicOnHoldStart", linked)
            known = events.matching(lambda each: (each.get("event"), each.get("linkedid")) == begun, self.watch.since)
            return list(dict.fromkeys(event.get("class", "") for event in known))

        self._may_still_say(lambda: music in classes())
        subject = Words("La central pone música", "The PBX plays music")
        self.lab.same(subject, music, ", ".join(classes()), leg=self)
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

    def _may_still_say(self, so: Callable[[], bool]) -> None:
        """Wait a little until the PBX has said something of this call, unless it has."""
        stage, linked = self.lab.stage, self.watch.look()

        async def act() -> None:
            if so():
                return
            with contextlib.suppress(NotHappenedError):
                await stage.until(
                    stage.pbx_events,
                    lambda event: event.get("linkedid") == linked and so(),
                    expected="the PBX's word",
                    seconds=WORD,
                    since=len(stage.pbx_events.seen),
                )

        self.lab.run(act(), self, f"the PBX to tell of {self}")

    def _until(self, kind: str, spelled: str, expected: str, seconds: float, told: Expected) -> Self:
        self.lab.run(self.lab.told(self.watch, kind, spelled, expected, seconds), self, expected, told)
        return self
