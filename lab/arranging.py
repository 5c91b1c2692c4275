"""What a scenario finds when its call begins: settings that were made before, and others who wait already."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from lab.scenario import Scenario
from lab.stage import Stage
from lab.watch import hung_up
from pbx.asterisk import names


def _kept(scenario: Scenario) -> Iterator[tuple[str, str, str]]:
    """What the AstDB holds after users have dialled their codes: family, key and value (``lib/pbx.conf``)."""
    for (number, setting), said in scenario.settings.items():
        yield f"pbx/{scenario.tenant}/{number}", setting, said
    for identity, forced in scenario.overrides.items():
        yield f"pbx/{scenario.tenant}/schedule/{identity}", "override", forced


@contextlib.asynccontextmanager
async def settings_made(stage: Stage, scenario: Scenario) -> AsyncIterator[None]:
    """Users have made their settings, and schedules are overridden; afterwards nothing of it is left."""
    entries = list(_kept(scenario))
    for family, key, said in entries:
        await stage.pbx_ami.action("DBPut", Family=family, Key=key, Val=said)
    try:
        yield
    finally:
        for family, key, _ in entries:
            await stage.pbx_ami.action("DBDel", Family=family, Key=key)


@contextlib.asynccontextmanager
async def queue_filled(stage: Stage, scenario: Scenario, folder: Path) -> AsyncIterator[None]:
    """As many as may wait in the queue of :attr:`Scenario.full`, all called from one extension; they hang up at last."""
    if scenario.full is None:
        yield
        return
    identity, number = scenario.full
    queue = scenario.scope.tenant.queues[identity]
    party = stage.party(scenario.tenant, f"extension:{number}")
    name = names.queue(scenario.tenant, identity)
    waiting = []
    try:
        for index in range(queue.max_callers or 0):
            since = len(stage.pbx_events.seen)
            recording = folder / f"waiting-{index + 1}.wav"
            token = await stage.originate(party, queue.number or "", caller_id="", recording=recording)
            waiting.append((token, await stage.answered(token)))
            await stage.until(
                stage.pbx_events,
                lambda event: event.get("event") == "QueueCallerJoin" and event.get("queue") == name,
                expected=f"an earlier caller to wait in queue:{identity}",
                since=since,
            )
        yield
    finally:
        for token, handset in waiting:
            await handset.hang_up()
            await hung_up(stage, token, "an earlier caller to hang up", 60)
