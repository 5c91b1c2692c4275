"""What one sees at the PBX itself: recordings, mailboxes, and what it holds of a queue."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lab.calls.legs import Leg
from lab.calls.telling import server
from lab.parties import Party
from lab.results import Words
from lab.stage import is_for

if TYPE_CHECKING:
    from lab.calls.play import Lab


class Kept(Leg):
    """A recording that the PBX has kept: it has heard those who talked."""

    @property
    def words(self) -> Words:
        """What it is called, for a customer."""
        return Words("la grabación", "the recording")


@dataclass(frozen=True, slots=True)
class HeldQueue:
    """A queue as app_queue holds it."""

    strategy: str
    members: tuple[tuple[str, int], ...]
    """Interface and penalty of each, in order."""


@dataclass(frozen=True, slots=True)
class Inside:
    """The PBX of a lab, as an engineer sees it."""

    lab: Lab

    def recordings(self, pattern: str) -> set[Path]:
        """The recordings in the tenant's own folder whose names match."""
        return set((self.lab.stage.pbx.paths.recordings / self.lab.scope.slug).glob(pattern))

    def keeps(self, made: Sequence[Path], *legs: Leg) -> None:
        """One recording was made, and at the end it must hold the tones of these."""
        told = server("Se guarda una grabación", "A recording is kept", "1")
        self.lab.settle(told, str(len(made)), passed=len(made) == 1)
        party = Party("grabación / recording", self.lab.scope.slug, "", "", 0)
        kept = Kept(self.lab, party, made[0])
        for leg in legs:
            self.lab.debts.owe_tone(kept, leg.party)

    def queue(self, name: str) -> HeldQueue:
        """What app_queue holds, by the name that Asterisk has for a queue."""
        listed = self.lab.run(self.lab.stage.pbx_ami.listing("QueueStatus", Queue=name))
        strategy = next((each.get("strategy", "") for each in listed if each.get("event") == "QueueParams"), "")
        members = [each for each in listed if each.get("event") == "QueueMember"]
        return HeldQueue(strategy, tuple((each["location"], int(each["penalty"])) for each in members))

    def mails(self, address: str, holding: str) -> int:
        """How many mails to an address hold a text and were read by nobody so far."""
        return sum(is_for(mail, address, holding) for mail in self.lab.stage.mails)

    def message(self, number: str) -> str:
        """The name under which Asterisk plays the newest message of a mailbox."""
        found = max(self._mailbox(number).glob("INBOX/msg*.wav"), default=None)
        if found is None:
            self.lab.fail(f"a message in the mailbox of {number}", "there is none")
        return str(found.with_suffix(""))

    def empty_mailbox(self, number: str) -> None:
        """Begin without messages, whatever other rows have left there; Asterisk sees it with the next message."""
        shutil.rmtree(self._mailbox(number) / "INBOX", ignore_errors=True)
        shutil.rmtree(self._mailbox(number) / "Old", ignore_errors=True)

    def _mailbox(self, number: str) -> Path:
        return self.lab.stage.pbx.paths.voicemail / self.lab.scope.slug / number
