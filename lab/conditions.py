"""What must be as before once rows were played: no channel and no dialog is left, nothing grows.

A row begins when its phones are in no call, and is over when they are in none again.

Channels, memory and open files are looked at for a whole PBX, once all its rows are over: rows share it. What is wrong
there fails each of these rows, for nobody can say whose fault it is.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lab.events import NotHappenedError
from lab.results import Check, RowResult, SipMessage, Verdict, Words

if TYPE_CHECKING:
    from lab.stage import Stage

SPARE_DESCRIPTORS: Final = 8
"""Files that Asterisk may open once and keep: databases, sounds of music on hold, worker threads' pipes."""
SPARE_MEMORY: Final = 120_000
"""Kilobytes that calls may cost for good: codecs, sounds, thread pools stay, and the allocator keeps what was freed
(:data:`lab.engine.instance.ALLOCATOR`): 44 MB were seen after two thousand attacks."""
LATE: Final = 10.0
"""PBX seconds in which the last channel may still go."""

_METHOD: Final = re.compile(r"^CSeq[ \t]*:[ \t]*\d+[ \t]+(\w+)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Footprint:
    """What a process holds."""

    memory: int
    """Resident memory in kilobytes (proc_pid_status(5), VmRSS)."""
    descriptors: int


def footprint(pid: int | None) -> Footprint | None:
    """What a process holds now; None when it is gone."""
    folder = Path(f"/proc/{pid}")
    try:
        status = (folder / "status").read_text("ascii", "replace")
        resident = next((line for line in status.splitlines() if line.startswith("VmRSS:")), "VmRSS: 0 kB")
        return Footprint(int(resident.split()[1]), sum(1 for _ in (folder / "fd").iterdir()))
    except (OSError, ValueError):
        return None


async def phones_idle(stage: Stage, tenant: str, touched: Iterable[str]) -> None:
    """Wait until no phone of a row has a channel at the PBX. Raises :class:`NotHappenedError` with those that have."""
    phones = [stage.parties_by_name.get((tenant, name)) for name in touched if name.startswith("extension:")]
    prefixes = tuple(f"PJSIP/{party.endpoint}-" for party in phones if party)
    while left := sorted(name for name in stage.pbx_events.living if name.startswith(prefixes)):
        await stage.until(
            stage.pbx_events,
            lambda event: event.get("event") in {"Hangup", "Rename"},
            expected=f"no call left at the phones of the row, but there is {', '.join(left)}",
            seconds=LATE,
            since=len(stage.pbx_events.seen),
        )


async def left_behind(stage: Stage, before: Footprint | None) -> list[Check]:
    """What fails of the conditions after the last row of a PBX; nothing on one that has died (its rows tell that)."""
    failed = []
    channels = await _channels(stage)
    if channels:
        subject = Words("No queda ningún canal en la central", "No channel is left at the PBX")
        failed.append(Check("server", subject, "–", ", ".join(channels), passed=False, where="pbx.log"))
    after = footprint(stage.pbx.pid)
    if before and after and not channels:
        failed += compared(before, after)
    return failed


def compared(before: Footprint, after: Footprint) -> list[Check]:
    """What a PBX holds after its rows and did not hold before."""
    failed = []
    if after.descriptors > before.descriptors + SPARE_DESCRIPTORS:
        subject = Words("La central cierra sus archivos y conexiones", "The PBX closes its files and connections")
        expected = f"≤ {before.descriptors} + {SPARE_DESCRIPTORS}"
        failed.append(Check("server", subject, expected, str(after.descriptors), passed=False))
    if after.memory > before.memory + SPARE_MEMORY:
        subject = Words("La central devuelve la memoria", "The PBX gives its memory back")
        expected = f"≤ {before.memory // 1000} + {SPARE_MEMORY // 1000} MB"
        failed.append(Check("server", subject, expected, f"{after.memory // 1000} MB", passed=False))
    return failed


async def _channels(stage: Stage) -> list[str]:
    """The channels that are left at the PBX when those that are about to go are gone."""
    since = len(stage.pbx_events.seen)
    while True:
        listed = await stage.pbx_ami.listing("CoreShowChannels")
        names = [event.get("channel", "") for event in listed if event.get("event") == "CoreShowChannel"]
        if not names:
            return []
        try:
            event = await stage.until(
                stage.pbx_events,
                lambda event: event.get("event") == "Hangup",
                expected="the last channel to go",
                seconds=LATE,
                since=since,
            )
        except NotHappenedError:
            return names
        since = next(index for index, each in enumerate(stage.pbx_events.seen) if each is event) + 1


def open_dialogs(messages: Iterable[SipMessage]) -> set[str]:
    """The Call-IDs of calls that were answered and never ended (RFC 3261, section 15), as the wire tells."""
    answered, over = set(), set()
    for message in messages:
        method = _method(message)
        if method == "INVITE" and message.first_line.startswith("SIP/2.0 2"):
            answered.add(message.call_id)
        elif message.first_line.startswith("BYE "):
            over.add(message.call_id)
    return answered - over


def _method(message: SipMessage) -> str:
    found = _METHOD.search(message.text)
    return found.group(1).upper() if found else ""


def with_conditions(result: RowResult, left: Iterable[Check], dialogs: Collection[str]) -> RowResult:
    """A row with what was found afterwards: what its PBX has kept, and which open ``dialogs`` are of its own."""
    failed = list(left)
    calls = sorted({message.call_id for message in result.sip} & set(dialogs))
    if calls:
        subject = Words("Ningún diálogo SIP queda abierto", "No SIP dialog is left open")
        failed.append(Check("server", subject, "–", ", ".join(calls), passed=False, where="sip.txt"))
    if not failed:
        return result
    reason = result.reason or f"{failed[0].subject.en}: expected {failed[0].expected}, got {failed[0].observed}."
    return replace(result, verdict=Verdict.FAILED, reason=reason, checks=(*result.checks, *failed))
