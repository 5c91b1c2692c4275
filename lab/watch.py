"""Following one call by what the two Asterisks say of it, from the channel by which it reached the PBX to its end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from lab.events import extra
from lab.stage import Stage
from pbx.asterisk.ami import Event

LATE: Final = 0.3
"""Real seconds by which the PBX's word of a call may come after that of its phone, on a machine with much to do."""


@dataclass(slots=True)
class Watch:
    """The events of one call; made before the call is placed."""

    stage: Stage
    endpoint: str
    """The caller's endpoint."""
    dialled: str
    """What the caller dials: a channel by which the PBX calls the same endpoint has no such number."""
    caller_number: str = ""
    """The number of an outside caller, by which calls over one trunk are told apart."""
    linked: str = ""
    """The PBX's id of this call: that of the channel by which the caller came in; empty until it is known."""
    channel: str = ""
    """The name of that channel."""
    since: int = field(init=False)
    """The number of events of the PBX before this call."""
    sounds_met: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """The call begins after now."""
        self.since = len(self.stage.pbx_events.seen)

    async def began(self) -> str:
        """The id of this call, once it has reached the PBX."""
        if not self.linked:
            event = await self.stage.until(
                self.stage.pbx_events, self._begins, expected="the call to reach the PBX", since=self.since
            )
            self._began_by(event)
        return self.linked

    def look(self) -> str:
        """The id of this call if it has reached the PBX, without waiting."""
        if not self.linked:
            event = next(self.stage.pbx_events.matching(self._begins, self.since), None)
            if event:
                self._began_by(event)
        return self.linked

    async def reached(self) -> bool:
        """Whether the call has reached the PBX, once its phone says that it is over: the PBX may say so a little later.

        Of a call that is refused without a channel the PBX says nothing at all.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LATE):
                await self.began()
        return bool(self.linked)

    def _began_by(self, event: Event) -> None:
        self.linked, self.channel = event.get("linkedid", ""), event.get("channel", "")

    def _begins(self, event: Event) -> bool:
        return (
            event.get("event") == "Newchannel"
            and event.get("channel", "").startswith(f"PJSIP/{self.endpoint}-")
            and event.get("exten") == self.dialled
            and (not self.caller_number or event.get("calleridnum") == self.caller_number)
        )

    async def nth(
        self, wanted: Callable[[Event], bool], count: int = 1, *, expected: str, seconds: float = 30
    ) -> Event:
        """The ``count``-th event of this call that is wanted."""
        linked = await self.began()
        met: set[int] = set()

        def counts(event: Event) -> bool:
            if event.get("linkedid") == linked and wanted(event):
                met.add(id(event))
            return len(met) >= count

        return await self.stage.until(
            self.stage.pbx_events, counts, expected=expected, seconds=seconds, since=self.since
        )

    async def sound(self, sound: str, *, seconds: float = 90) -> Event:
        """Wait until the PBX says that it begins to play a sound to this caller; each time counts once."""
        self.sounds_met[sound] = self.sounds_met.get(sound, 0) + 1
        return await self.nth(
            lambda event: event.get("eventname") == "STREAM_BEGIN" and extra(event) == sound,
            self.sounds_met[sound],
            expected=f"{sound} to be played",
            seconds=seconds,
        )

    async def sound_over(self, begin: Event, *, seconds: float = 120) -> None:
        """Wait until a sound that began is over: the next end of a stream, which Asterisk tells without its name."""
        events = self.stage.pbx_events
        since = next(index for index, event in enumerate(events.seen) if event is begin)
        linked = begin.get("linkedid")
        await self.stage.until(
            events,
            lambda event: event.get("eventname") == "STREAM_END" and event.get("linkedid") == linked,
            expected=f"{extra(begin)} to be over",
            seconds=seconds,
            since=since,
        )

    async def over(self, *, seconds: float = 60) -> None:
        """Wait until every channel of the call is gone, and its record (CDR) is written."""
        await self.nth(
            lambda event: event.get("eventname") == "LINKEDID_END", expected="the call to be over", seconds=seconds
        )
        await self.stage.until(
            self.stage.pbx_events,
            lambda event: event.get("event") == "Cdr" and event.get("uniqueid") == self.linked,
            expected="the call record (CDR)",
            since=self.since,
        )


async def hung_up(stage: Stage, token: str, expected: str, seconds: float = 3600, since: int = 0) -> Event:
    """The end of a call that a party has placed, as its own phone says; ``since`` is any of its events before that."""
    return await stage.until(
        stage.party_events,
        lambda event: event.get("event") == "Hangup" and event.get("uniqueid") == token,
        expected=expected,
        seconds=seconds,
        since=since,
    )
