"""Nothing of a test is left on the lines when another begins."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Mapping

from lab.events import NotHappenedError
from lab.parties import Party
from lab.stage import AmiError, Stage

Mine = Callable[[Mapping[str, str]], bool]
"""Whether a channel, as CoreShowChannels tells of it, is the test's own."""


async def be_quiet(stage: Stage, mine: Mine) -> None:
    """Wait until no channel of ours is on either side: what ends says so. Raises :class:`NotHappenedError`."""
    for name, ami, events in (
        ("the PBX", stage.pbx_ami, stage.pbx_events),
        ("the parties", stage.party_ami, stage.party_events),
    ):
        while True:
            since = len(events.seen)
            shown = await ami.listing("CoreShowChannels")
            left = sorted(
                each.get("channel", "") for each in shown if each.get("event") == "CoreShowChannel" and mine(each)
            )
            if not left:
                break
            expected = f"no channel left at {name}: {', '.join(left)}"
            try:
                await stage.until(
                    events, lambda event: event.get("event") == "Hangup", expected=expected, since=since, seconds=60
                )
            except NotHappenedError:
                for channel in left:
                    with contextlib.suppress(AmiError):  # it may end by itself in this moment
                        await ami.action("Hangup", Channel=channel)
                raise


async def forget(stage: Stage, tenant: str, parties: Collection[Party], schedules: Collection[str]) -> None:
    """What phones have set by feature codes is as the tenant's file has it again."""
    for party in parties:
        number = party.name.partition(":")[2]
        await stage.pbx.cli(f"database deltree pbx/{party.tenant}/{number}")
        await stage.pbx.cli(f"devstate change Custom:{party.tenant}_{number} INVALID")
        await stage.pbx.cli(f"devstate change Custom:{party.tenant}_pause_{number} NOT_INUSE")
        with contextlib.suppress(AmiError):  # in no queue
            await stage.pbx_ami.action("QueuePause", Interface=f"PJSIP/{party.endpoint}", Paused="false")
    for schedule in schedules:
        await stage.pbx.cli(f"database deltree pbx/{tenant}/schedule/{schedule}")
        await stage.pbx.cli(f"devstate change Custom:{tenant}_schedule_{schedule} NOT_INUSE")
