"""Judging a row that was played: the two witnesses are compared with the forecast, and the evidence is put together."""

from __future__ import annotations

import asyncio
import os
import re
import signal
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from lab.addresses import SIP_PORT
from lab.journey import Visited
from lab.observation import Observation
from lab.parties import Party
from lab.process import die_with_parent
from lab.reasons import telling
from lab.results import Check, Recording, RowResult, SipMessage, Verdict, Words
from lab.scenario import Scenario
from lab.stage import Stage
from lab.verdict import checks, expected_prompts, recordings

if TYPE_CHECKING:
    from lab.acts import Act

T = TypeVar("T")

SATURATED: Final = 1.5
"""From this pace on a failure may well be the machine's, and says so."""
_FROM_AND_TO: Final = re.compile("^(?:from|to):.*$", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Performed:
    """A row after its call, before anybody has listened to the recordings."""

    row: Scenario
    stage: Stage
    seen: Observation
    visit: Visited
    failure: Check | None
    """What the call itself failed with, if it did."""
    unexpected: tuple[str, ...]
    """Lines of the PBX's log that nobody expects."""
    began: datetime
    ended: datetime
    """In PBX time."""
    seconds: float
    """Real seconds."""
    held_up: float = 0.0
    """As in :class:`lab.results.RowResult`."""
    methods: tuple[str, ...] = ("INVITE ",)
    """The requests that begin the dialogs of its ladder."""

    @property
    def pace(self) -> float:
        """How many times as long as foreseen the call took."""
        return self.seen.pace

    @property
    def sip_names(self) -> list[tuple[str, ...]]:
        """As in :class:`Told`."""
        return _sip_names(self.row, self.stage)


class Ears:
    """Processes that listen to recordings while nothing else wants the processors: calls must not wait for them."""

    def __init__(self) -> None:
        """They start with the first recording."""
        # Set before numpy is loaded there: its own threads would turn in circles, for the two processes are enough.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        self._pool = ProcessPoolExecutor(max_workers=2, mp_context=get_context("spawn"), initializer=_be_modest)

    async def listen(
        self,
        heard_by: tuple[tuple[str, Path], ...],
        prompts: Mapping[str, Path],
        tones: Mapping[str, float],
        likely: Collection[str] = (),
    ) -> tuple[Recording, ...]:
        """What is heard in each recording, named by its party."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, recordings, heard_by, dict(prompts), dict(tones), tuple(likely))

    def aside(self, work: Callable[..., T], *arguments: object) -> Future[T]:
        """Have one of them do something else, which this process has no time for."""
        return self._pool.submit(work, *arguments)

    def close(self) -> None:
        """End the processes without waiting for what they still hear."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _be_modest() -> None:
    # The terminal's Ctrl-C reaches every process of the group; the lab ends its ears itself, and a killed one cannot.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    die_with_parent()
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


async def judge(played: Performed, ears: Ears, prompts: Mapping[str, Path], site: str) -> RowResult:
    """The verdict of a row with its evidence, all but its SIP messages."""
    row, seen, stage = played.row, played.seen, played.stage
    forecast = row.forecast
    tones = {
        party.name: float(party.tone) for (tenant, _), party in stage.parties_by_name.items() if tenant == row.tenant
    }
    heard_by = [(leg.party.name, leg.recording) for leg in seen.legs if leg.recording.is_file()]
    if seen.message:
        heard_by.append((f"voicemail:{row.mailbox}", seen.message))
    likely = ["prompt:message", *dict(expected_prompts(row, forecast))]
    heard = await ears.listen(tuple(heard_by), prompts, tones, likely)
    found = [played.failure] if played.failure else []
    found += checks(row, forecast, seen, played.visit, heard, prompts)
    found += log_is_clean(played.unexpected)
    failed = [check for check in found if not check.passed]
    return RowResult(
        row=row.text,
        verdict=verdict(failed),
        reason=_reason(failed, row, site) + saturated(seen.pace) if failed else "",
        clock=f"{row.at:%Y-%m-%d %H:%M} {row.scope.timezone.key}",
        speed=stage.speed,
        seconds=round(played.seconds, 2),
        call_seconds=round((played.ended - played.began).total_seconds(), 1),
        checks=tuple(found),
        journey=played.visit.nodes,
        forecast=tuple(forecast.nodes),
        trace_command=row.trace_command(site),
        recordings=heard,
        exits=played.visit.exits,
        cdr=played.visit.cdr,
        cel=played.visit.cel,
        mails=(seen.mail.decode("utf-8", "replace"),) if seen.mail else (),
        log="\n".join(played.unexpected),
        parties=addresses(stage, [leg.party for leg in seen.legs]),
        held_up=round(played.held_up, 2),
    )


def _reason(failed: list[Check], row: Scenario, site: str) -> str:
    first = telling(failed)
    more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
    where = first.where or row.trace_command(site)
    return f"{first.subject.en}: expected {first.expected}, got {first.observed}{more}. Look at {where}."


def saturated(pace: float) -> str:
    """What is told beside a failure on a machine that had no time."""
    if pace < SATURATED:
        return ""
    return f" This machine was saturated: what takes 1 s took {pace:.1f} s. Run the row alone, or with --speed 5."


def verdict(failed: Sequence[Check]) -> Verdict:
    """A row whose checks all passed has passed."""
    return Verdict.FAILED if failed else Verdict.PASSED


def log_is_clean(unexpected: Sequence[str]) -> list[Check]:
    """What a row fails with when the PBX has logged what nobody expects."""
    subject = Words("Registro de la central sin errores", "The PBX's log has no errors")
    told = "\n".join(unexpected)
    return [Check("server", subject, "–", told, passed=False, where="pbx.log")] if unexpected else []


def addresses(stage: Stage, parties: Iterable[Party]) -> dict[str, str]:
    """Who is who in the ladder; phones share one address, so they are named together."""
    names: dict[str, list[str]] = {}
    for party in parties:
        names.setdefault(f"{party.address}:{SIP_PORT}", []).append(party.name)
    return {"PBX": f"{stage.block.pbx}:{SIP_PORT}"} | {
        ", ".join(dict.fromkeys(who)): address for address, who in names.items()
    }


def not_run(row: Scenario | Act, speed: int, reason: str) -> RowResult:
    """A row that was not played, and why."""
    return RowResult(
        row=row.text,
        verdict=Verdict.NOT_RUN,
        reason=reason,
        clock=f"{row.at:%Y-%m-%d %H:%M} {row.scope.timezone.key}",
        speed=speed,
        seconds=0,
        call_seconds=0,
        forecast=tuple(row.forecast.nodes) if isinstance(row, Scenario) else (),
    )


class Told(Protocol):
    """A row that was played, as far as its SIP messages are concerned."""

    @property
    def stage(self) -> Stage:
        """Where it was played."""

    @property
    def began(self) -> datetime:
        """When it began, in PBX time."""

    @property
    def ended(self) -> datetime:
        """When it ended, in PBX time."""

    @property
    def sip_names(self) -> list[tuple[str, ...]]:
        """Who is named, each of them together, in the first request of a dialog that is the row's own."""

    @property
    def methods(self) -> tuple[str, ...]:
        """The requests that begin them."""


def with_sip(result: RowResult, played: Told, messages: tuple[SipMessage, ...]) -> RowResult:
    """The row's own SIP messages: those of the dialogs in which its parties or numbers are named."""
    stage = played.stage
    zero = stage.at.timestamp()
    first, last = played.began.timestamp() - zero - 1, played.ended.timestamp() - zero + 1
    within = [message for message in messages if first <= message.time <= last]
    names = played.sip_names
    own = {
        message.call_id
        for message in within
        if message.time <= last - 1
        and message.first_line.startswith(played.methods)
        and any(all(name in _heads(message) for name in together) for together in names)
    }
    chosen = [message for message in within if message.call_id in own]
    begin = chosen[0].time if chosen else 0.0
    return replace(result, sip=tuple(replace(each, time=round(each.time - begin, 3)) for each in chosen))


@lru_cache(maxsize=1 << 14)
def _heads(message: SipMessage) -> str:
    """The lines of a request that say who calls whom; asked for every row that was played at that time."""
    return "\n".join([message.first_line, *_FROM_AND_TO.findall(message.text)])


def _sip_names(row: Scenario, stage: Stage) -> list[tuple[str, ...]]:
    names: list[tuple[str, ...]] = [(row.caller_number,)] if row.caller_number else []
    for touched in row.touched:
        kind, _, identity = touched.partition(":")
        if kind == "extension":
            names.append((stage.party(row.tenant, touched).endpoint,))
        elif kind == "external":
            names.append((f"sip:{identity}@",))
    if row.caller.kind == "extension":
        names.append((stage.party(row.tenant, str(row.caller)).endpoint, addressed(row.dialled)))
    return names


def addressed(dialled: str) -> str:
    """How a request says whom it is for: the user part of its URI (RFC 3261, 25.1: ``#`` is escaped)."""
    return f"sip:{dialled.replace('#', '%23')}@"
