"""What a lab stands on: its stage, what was expected so far, and how a failure is told."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Coroutine, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NoReturn, TypeVar

from lab.calls import talking
from lab.calls.attendance import Attendance
from lab.calls.evidence import Debts
from lab.calls.failure import CallError, hide
from lab.calls.legs import Call, Leg
from lab.calls.people import STRANGER, Behaviour
from lab.calls.reach import Reach
from lab.calls.ringing import Ringing
from lab.calls.telling import STEP, Expected, Journal, who
from lab.calls.theatre import Played
from lab.calls.words import beginning, played_as, reference_of, sound_of
from lab.events import NotHappenedError, StageError
from lab.handset import HungUpError
from lab.lamps import Lamp
from lab.parties import Party
from lab.results import Words
from lab.stage import AmiError, Stage
from pbx.site import TenantScope

T = TypeVar("T")
__tracebackhide__ = hide  # pytest shows the line of the test, not ours

OPENING: Final = 20.0
"""Seconds of a song that are looked for: Asterisk begins it anew for each caller (res_musiconhold.c)."""
MUSIC: Final = 2.0
"""Seconds of music that are enough to have heard it."""
TOLD: Final = 3
"""Calls that a failure shows."""


class Ground:
    """What people and legs need of the lab, and what it remembers."""

    def __init__(
        self, run: Callable[[Coroutine[Any, Any, Any]], Any], played: Played, folder: str, reach: Reach
    ) -> None:
        """``run`` runs coroutines where stages live.

        ``folder`` is that of the recordings within the stage's; ``reach`` says whose calls are this lab's.
        """
        self._background = run
        self._folder = folder
        self._played = played
        self.home = played.scope.slug
        self.reach = reach
        self.stranger = reach.stranger or STRANGER
        self.journal = Journal()
        self.debts = Debts()
        self.calls: list[Call] = []
        self.pace = 1.0
        """The longest that a talk took, over what it should: 1 on a machine with time."""
        self.attendance = Attendance()
        self._files = itertools.count(1)
        self._absent: list[Party] = []
        self.lamps: list[Lamp] = []
        self._expected_log: list[re.Pattern[str]] = []
        self._log_mark = self.first_event = self.first_party_event = 0

    @property
    def stage(self) -> Stage:
        """The PBX under test with its parties."""
        return self._played.stage

    @property
    def scope(self) -> TenantScope:
        """The tenant whose people these are."""
        return self._played.scope

    @property
    def folder(self) -> Path:
        """The recordings of this test."""
        return self.stage.folder / self._folder

    @property
    def clock(self) -> datetime:
        """What the PBX believes now, in the tenant's time."""
        return self.stage.clock_now.astimezone(self.scope.timezone)

    @property
    def behaviours(self) -> dict[Party, Behaviour]:
        """What parties do with each call that comes."""
        return self.attendance.behaviours

    @property
    def rung(self) -> list[Ringing]:
        """Every call that came to somebody, in order."""
        return self.attendance.rung

    def ringing_order(self) -> list[str]:
        """Where calls came to, in order: numbers of phones, names of carriers."""
        return [each.party.name.partition(":")[2] for each in self.rung]

    def finds(self, subject: Words, wanted: str, observed: str, *, passed: bool) -> None:
        """Something that is not said by a word of its own; ``wanted`` tells a customer what is right."""
        self.settle(Expected("server", subject, wanted), observed or "–", passed=passed)

    def same(
        self, subject: Words, wanted: str, observed: str, *, witness: str = "server", leg: Leg | None = None
    ) -> None:
        """What is wanted was observed; both are what a customer is shown."""
        self.settle(Expected(witness, subject, wanted or "–"), observed or "–", passed=wanted == observed, leg=leg)

    def settle(self, told: Expected, observed: str, *, passed: bool, leg: Leg | None = None) -> None:
        """Write down whether something was as expected, and fail when it was not."""
        if not passed:
            self.fail(f"{told.subject.en}: {told.wanted}", observed, leg, told)
        self.journal.note(told, observed, passed=True)

    def run(
        self,
        coroutine: Coroutine[Any, Any, T],
        leg: Leg | None = None,
        expected: str = "",
        told: Expected | None = None,
        *,
        note: bool = True,
    ) -> T:
        """Run a coroutine where stages live; what goes wrong in a call becomes a :class:`CallError`.

        ``told`` is written down with what came of it; without it, or without ``note``, only a failure is.
        """
        try:
            result: T = self._background(coroutine)
        except (NotHappenedError, HungUpError, StageError, AmiError) as error:
            expected, happened = _told(error, expected)
            self.fail(expected, happened, leg, told)
        if told and note:
            self.journal.note(told, told.wanted, passed=True)
        return result

    def fail(self, expected: str, happened: str, leg: Leg | None = None, told: Expected | None = None) -> NoReturn:
        """Fail the test, with the call so far and where to look."""
        self.journal.note(told or Expected("server", STEP, expected), happened, passed=False)
        raise CallError(expected, happened, self.context(leg))

    def context(self, leg: Leg | None = None) -> str:
        """The last calls as the PBX tells them, the clock, and the evidence."""
        told = []
        for call in [leg] if isinstance(leg, Call) else self.calls[-TOLD:]:
            visit = call.visit
            told.append(f"  {call}: {' → '.join(visit.nodes) or 'nowhere'}")
            told += [f"    left {', '.join(visit.exits)}"] if visit.exits else []
            told += [f"    played {', '.join(visit.sounds)}"] if visit.sounds else []
        if self.rung:
            told.append(f"  rang at {', '.join(self.ringing_order())}")
        told.append(f"  clock {self.clock:%Y-%m-%d %H:%M:%S}, speed {self.stage.speed}")
        told.append(f"  look at {self.folder}, {self.stage.capture}, {self.stage.pbx.paths.messages}")
        return "\n".join(told)

    def who(self, party: Party) -> Words:
        """What a party is called, for a customer."""
        return who(party, self.home)

    def file(self, party: Party) -> Path:
        """Where the next recording of a party goes."""
        return self.folder / f"{next(self._files):02}-{party.name.replace(':', '-')}.wav"

    def owe_silence(self, leg: Leg, others: Iterable[Leg]) -> None:
        """A leg must not have heard the tones of others."""
        for other in others:
            self.debts.owe_tone(leg, other.party, heard=False)

    def owe_sound(self, leg: Leg, spelled: str, *, complete: bool) -> tuple[str, float]:
        """A leg must have heard a sound in the end: the name under which Asterisk plays it, and how long to listen."""
        plan = self._played.plan
        shipped = plan.installation.languages[self.scope.tenant.language]
        sound = sound_of(self.scope, spelled)
        name, reference = reference_of(sound, plan.prompts[self.scope.slug], shipped)
        enough = self.debts.owe_sound(leg, spelled, reference, complete=complete)
        return played_as(self.scope, sound, name), enough

    def owe_music(self, leg: Leg) -> None:
        """A leg must have heard music in the end."""
        songs = (self.stage.pbx.installation.data / "moh").glob("*.wav")
        beginnings = {f"prompt:{song.stem}": beginning(song, self.folder, OPENING) for song in sorted(songs)}
        self.debts.owe_music(leg, beginnings, MUSIC)

    async def converse(self, one: Leg, other: Leg) -> None:
        """Both play their tones at once; the debts are that each hears the other's, and not its own."""
        took = await talking.converse(self.stage, self.debts, one, other, self.first_event)
        self.pace = max(self.pace, took)

    async def announce(self, speaker: Leg, listeners: Iterable[Leg]) -> None:
        """One plays its tone; the debts are that each listener hears it."""
        await talking.announce(self.debts, speaker, listeners)


def _told(error: Exception, expected: str) -> tuple[str, str]:
    """What was expected and what happened, of what can go wrong on the telephone."""
    if isinstance(error, NotHappenedError):
        expected = expected or error.expected
        return expected, error.observed if error.expected == expected else f"{error.expected}: {error.observed}"
    if isinstance(error, HungUpError):
        return expected, "the other side had hung up"
    return expected, f"the lab itself broke: {error}"
