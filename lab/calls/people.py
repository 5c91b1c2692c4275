"""Those who call and are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from lab.calls.failure import hide
from lab.calls.legs import Call
from lab.calls.lights import WatchedLamp, watch
from lab.calls.placing import place
from lab.calls.ringing import Ringing
from lab.lamps import DIALOG
from lab.parties import Party
from lab.results import Words

if TYPE_CHECKING:
    from lab.calls.play import Lab

Doing = Literal["ring", "answer", "busy", "not_found", "refused", "no_answer", "congestion", "nothing"]
"""``nothing`` does not even ring: a carrier that has taken the call and says no more."""
__tracebackhide__ = hide  # pytest shows the line of the test, not ours
STRANGER: Final = "+5491160001111"
"""Who calls from outside when a test does not care."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What a party does with each call that comes, of its own accord."""

    what: Doing = "ring"
    after: float = 0
    """Seconds of ringing before it does so."""
    talk: float | None = None
    """Seconds after which it hangs up again; None stays on the line."""


@dataclass(frozen=True, slots=True)
class Somebody:
    """A party of the tenant."""

    lab: Lab
    party: Party
    """As which calls reach it."""
    calling: Party
    """As which it calls: the same, but for carriers."""

    def rings(self, number: str = "", *, seconds: float = 30) -> Ringing:
        """The next call that comes here and that no test has taken yet; at a carrier a number may be named."""
        return self.lab.take(self.party, number, seconds)

    def stays_silent(self, during: float = 3) -> None:
        """Nothing rings here for so many seconds of PBX time."""
        self.lab.stays_silent(self.party, during)

    def will(self, what: Doing, *, after: float = 0, talk: float | None = None) -> None:
        """Do the same with every call from now on, until the test ends; the usual is to ring."""
        self.lab.behaviours[self.party] = Behaviour(what, after, talk)


@dataclass(frozen=True, slots=True)
class Phone(Somebody):
    """A phone of an extension, registered unless it is told not to be."""

    def call(self, number: str, *, headers: Mapping[str, str] | None = None) -> Call:
        """Dial keys; the call has been placed when this returns, and nothing more."""
        return place(self.lab, self.calling, number, "", headers)

    def lamp(self, watched: str, event: str = DIALOG) -> WatchedLamp:
        """A lamp of this phone for an extension; whether it may have one shows with :meth:`WatchedLamp.shows`."""
        return watch(self.lab, self.party, watched, event)

    def has_messages(self, new: int, *, seconds: float = 30) -> None:
        """Wait until its message lamp tells of so many new messages (RFC 3842)."""
        self.lab.messages(self.party, new, seconds)

    def has_not_rung(self) -> None:
        """No call has come here so far."""
        words = self.lab.who(self.party)
        came = sum(each.party == self.party for each in self.lab.rung)
        self.lab.same(Words(f"Llamadas en {words.es}", f"Calls at {words.en}"), "0", str(came), witness="phone")

    def unregister(self) -> None:
        """Be unreachable, until :meth:`register` or the end of the test."""
        self.lab.set_registered(self.party, registered=False)

    def register(self) -> None:
        """Be reachable again."""
        self.lab.set_registered(self.party, registered=True)


@dataclass(frozen=True, slots=True)
class Carrier(Somebody):
    """The public network behind a trunk."""

    def call(
        self,
        number: str,
        *,
        at: str = "",
        caller: str = "",
        name: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Call:
        """Call a number of the tenant from outside; with ``at`` on another date (see :meth:`Lab.at`).

        Without ``caller`` somebody calls whom nobody knows.
        """
        if at:
            self.lab.at(at)
            return self.lab.carrier(self.party.name.partition(":")[2]).call(
                number, caller=caller, name=name, headers=headers
            )
        caller = caller or self.lab.stranger
        caller_id = f'"{name or caller}" <{caller}>'
        return place(self.lab, self.calling, number, caller_id, headers, caller=caller)
