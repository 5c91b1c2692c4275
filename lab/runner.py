"""Running rows: side by side where they touch different parties, on a PBX of their own for each clock and speed."""

from __future__ import annotations

import asyncio
import math
import time
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from lab.addresses import SIP_PORT, Block, reserve
from lab.engine import EngineError, Installation
from lab.evidence import read_capture
from lab.handset import HungUpError
from lab.journey import Visited, visited
from lab.parties import cast
from lab.performance import Observation, Performance
from lab.results import Check, RowResult, RowText, SipMessage, Verdict, Words
from lab.scenario import Scenario
from lab.stage import AmiError, NotHappenedError, Sounds, Stage, StageError
from lab.verdict import checks, message_on_disk, recordings
from lab.voices import write_voices
from pbx.lower import Secrets
from pbx.site import Site

WIDTH: Final = 6
"""Calls at once on one PBX."""
STAGES: Final = 4
"""PBXs at once: more only fight for two cores."""
STARTS: Final = 3
"""How often a PBX is booted for the rows of one clock before they are given up."""
ROWS_FOR_A_STAGE: Final = 12
"""Rows that are worth booting another PBX of the same clock for."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything a run needs to know."""

    site: Site
    name: str
    """The site's folder as the user wrote it, for trace commands."""
    secrets: Secrets
    installation: Installation
    folder: Path
    sounds: Sounds
    prompts: Mapping[str, Mapping[str, Path]]
    """Reference sounds by tenant and name (``prompt:ivr-principal``)."""
    locks: Path
    speed: int
    alter: Callable[[Mapping[str, str]], Mapping[str, str]] = dict
    """What is done to the compiled files before they are booted: nothing, unless somebody wants to see rows fail."""


@dataclass(slots=True)
class _Played:
    """A row after its call, before its SIP messages are known."""

    row: Scenario
    result: RowResult
    began: datetime
    ended: datetime


@dataclass(slots=True)
class Outcome:
    """What a run produced."""

    rows: list[RowResult] = field(default_factory=list)
    tested: dict[str, str] = field(default_factory=dict)
    """The configuration files that were under test, of one of the PBXs."""


Told = Callable[[RowResult], None]


async def run(plan: Plan, rows: Iterable[Scenario], told: Told = lambda _: None) -> Outcome:
    """Run rows and answer their results in the order of the rows; ``told`` hears of each as it ends."""
    ordered = list(rows)
    groups: dict[tuple[datetime, int], list[Scenario]] = {}
    for row in ordered:
        groups.setdefault((row.at, 1 if row.real_speed else plan.speed), []).append(row)
    outcome = Outcome()
    gate = asyncio.Semaphore(STAGES)

    async def guarded(name: str, at: datetime, speed: int, waiting: list[Scenario]) -> list[RowResult]:
        async with gate:
            return await _on_own_block(plan, name, at, speed, waiting, told, outcome) if waiting else []

    async with asyncio.TaskGroup() as tasks:
        pending = [
            tasks.create_task(guarded(f"{index}-{part}", at, speed, members))
            for index, ((at, speed), members) in enumerate(groups.items())
            for part in range(min(STAGES, math.ceil(len(members) / ROWS_FOR_A_STAGE)))
        ]
    found = {result.row.id: result for task in pending for result in task.result()}
    outcome.rows = [found[row.text.id] for row in ordered]
    return outcome


async def _on_own_block(  # noqa: PLR0913 - one stage of one run
    plan: Plan, name: str, at: datetime, speed: int, waiting: list[Scenario], told: Told, outcome: Outcome
) -> list[RowResult]:
    """Stages for the rows of one clock until none waits: when a PBX dies, another one takes what it had not begun."""
    results: list[RowResult] = []
    for attempt in range(1, STARTS + 1):
        block = reserve(plan.locks)
        stage = Stage(
            site=plan.site,
            secrets=plan.secrets,
            installation=plan.installation,
            block=block,
            folder=plan.folder / f"stage-{name}{f'-{attempt}' if attempt > 1 else ''}",
            sounds=plan.sounds,
            at=at,
            speed=speed,
            alter=plan.alter,
        )
        try:
            results += await _on_stage(plan, stage, block, waiting, told, outcome)
            trouble = stage.broken.result() if stage.broken.done() else ""
        except (EngineError, AmiError, StageError, NotHappenedError) as error:
            trouble = f"the lab could not start: {error}"
        finally:
            await stage.stop()
            block.release()
        if not waiting:
            return results
    for row in tuple(waiting):
        waiting.remove(row)
        results.append(_not_run(row, speed, trouble))
        told(results[-1])
    return results


async def _on_stage(
    plan: Plan, stage: Stage, block: Block, waiting: list[Scenario], told: Told, outcome: Outcome
) -> list[RowResult]:
    await stage.start()
    outcome.tested = dict(stage.tested)
    played = await _side_by_side(plan, stage, waiting, told)
    if not stage.broken.done():
        await stage.pbx.cli("pjsip set logger off")
    messages = await asyncio.to_thread(
        read_capture, stage.capture, start=stage.at.timestamp(), local=f"{block.pbx}:{SIP_PORT}"
    )
    return [_with_sip(each, stage, messages) for each in played]


async def _side_by_side(plan: Plan, stage: Stage, waiting: list[Scenario], told: Told) -> list[_Played]:
    """Start each waiting row as soon as nobody on this stage uses what it touches."""
    busy: dict[asyncio.Task[_Played], frozenset[str]] = {}
    done: list[_Played] = []
    while (waiting and not stage.broken.done()) or busy:
        taken = frozenset().union(*busy.values())
        for row in list(waiting):
            touched = row.touched()
            if len(busy) < WIDTH and not touched & taken and not stage.broken.done():
                task = asyncio.create_task(_play(plan, stage, row), name=row.text.id)
                busy[task] = touched
                waiting.remove(row)
            taken |= touched  # a row that waits is not overtaken by a later one that wants the same
        if not busy:
            break
        ended, _ = await asyncio.wait(busy, return_when=asyncio.FIRST_COMPLETED)
        for task in ended:
            del busy[task]
            done.append(task.result())
            told(task.result().result)
    return done


async def _play(plan: Plan, stage: Stage, row: Scenario) -> _Played:
    """One row, which breaks no other, whatever happens."""
    began = stage.clock_now
    try:
        return await _play_and_judge(plan, stage, row)
    except Exception as error:  # noqa: BLE001 - a mistake of the lab fails this row and no other
        stage.folder.mkdir(parents=True, exist_ok=True)
        report = stage.folder / f"{row.text.id}-mistake.txt"
        report.write_text("".join(traceback.format_exception(error)))
        result = _not_run(row, stage.speed, f"a mistake of the lab (PBX900): {error!r}. Look at {report}.")
        return _Played(row, replace(result, verdict=Verdict.FAILED), began, stage.clock_now)


async def _play_and_judge(plan: Plan, stage: Stage, row: Scenario) -> _Played:
    began, real = stage.clock_now, time.monotonic()
    folder = stage.folder / "rows" / row.text.id
    mark = stage.pbx.log_size()
    performance = Performance(stage, row, folder)
    failure: Check | None = None
    try:
        await performance.play()
    except NotHappenedError as error:
        failure = Check("server", Words("Paso esperado", "Expected step"), error.expected, error.observed, passed=False)
    except HungUpError as error:
        subject = Words("La llamada sigue en curso", "The call goes on")
        failure = Check("phone", subject, f"to be able to do: {error}", "the PBX had hung up", passed=False)
    except (StageError, AmiError) as error:
        failure = Check("server", Words("Laboratorio", "Lab"), "–", str(error), passed=False)
    seen = performance.seen
    visit = visited(stage.pbx_events.seen[seen.first_pbx_event :], seen.linked)
    ended = stage.clock_now
    unexpected = stage.pbx.unexpected_log_lines(mark)
    result = await asyncio.to_thread(_judge, plan, stage, row, performance, visit, failure, unexpected)
    result = replace(
        result, seconds=round(time.monotonic() - real, 2), call_seconds=round((ended - began).total_seconds(), 1)
    )
    return _Played(row, result, began, ended)


def _judge(  # noqa: PLR0913 - all that is known of a row
    plan: Plan,
    stage: Stage,
    row: Scenario,
    performance: Performance,
    visit: Visited,
    failure: Check | None,
    unexpected: list[str],
) -> RowResult:
    seen, forecast = performance.seen, performance.forecast
    prompts = plan.prompts[row.tenant]
    tones = {
        party.name: float(party.tone) for (tenant, _), party in stage.parties_by_name.items() if tenant == row.tenant
    }
    heard = recordings(seen.legs, prompts, tones)
    found = [failure] if failure else []
    found += checks(row, forecast, seen, visit, heard, prompts)
    if row.mailbox:
        found.append(message_on_disk(stage.pbx.paths.voicemail, row, plan.sounds.lab / "message.wav"))
    if unexpected:
        subject = Words("Registro de la central sin errores", "The PBX's log has no errors")
        found.append(Check("server", subject, "–", "\n".join(unexpected), passed=False, where="messages.log"))
    failed = [check for check in found if not check.passed]
    return RowResult(
        row=row.text,
        verdict=Verdict.FAILED if failed else Verdict.PASSED,
        reason=_reason(failed, row, plan.name) if failed else "",
        clock=f"{row.at:%Y-%m-%d %H:%M} {row.scope.timezone.key}",
        speed=stage.speed,
        seconds=0,
        call_seconds=0,
        checks=tuple(found),
        journey=visit.nodes,
        forecast=tuple(forecast.nodes),
        trace_command=row.trace_command(plan.name),
        recordings=heard,
        cdr=visit.cdr,
        mails=(seen.mail.decode("utf-8", "replace"),) if seen.mail else (),
        log="\n".join(unexpected),
        parties=_addresses(stage, row, seen),
    )


def _reason(failed: list[Check], row: Scenario, site: str) -> str:
    # Where the call went says more than the step that was waited for in vain because it went elsewhere.
    first = next((check for check in failed if check.witness == "trace"), failed[0])
    more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
    where = first.where or row.trace_command(site)
    return f"{first.subject.en}: expected {first.expected}, got {first.observed}{more}. Look at {where}."


def _addresses(stage: Stage, row: Scenario, seen: Observation) -> dict[str, str]:
    """Who is who in the ladder; phones share one address, so they are named together."""
    names: dict[str, list[str]] = {}
    for leg in seen.legs:
        names.setdefault(f"{leg.party.address}:{SIP_PORT}", []).append(leg.party.name)
    return {"PBX": f"{stage.block.pbx}:{SIP_PORT}"} | {
        ", ".join(dict.fromkeys(who)): address for address, who in names.items()
    }


def _not_run(row: Scenario, speed: int, reason: str) -> RowResult:
    return RowResult(
        row=row.text,
        verdict=Verdict.NOT_RUN,
        reason=reason,
        clock=f"{row.at:%Y-%m-%d %H:%M} {row.scope.timezone.key}",
        speed=speed,
        seconds=0,
        call_seconds=0,
        forecast=tuple(row.forecast().nodes),
    )


def _with_sip(played: _Played, stage: Stage, messages: tuple[SipMessage, ...]) -> RowResult:
    """The row's own SIP messages: those of the dialogs in which its parties or numbers are named."""
    zero = stage.at.timestamp()
    first, last = played.began.timestamp() - zero - 1, played.ended.timestamp() - zero + 1
    within = [message for message in messages if first <= message.time <= last]
    names = _sip_names(played.row, stage)
    own = {
        message.call_id
        for message in within
        if message.first_line.startswith("INVITE ") and any(name in _heads(message) for name in names)
    }
    chosen = [message for message in within if message.call_id in own]
    begin = chosen[0].time if chosen else 0.0
    return replace(played.result, sip=tuple(replace(each, time=round(each.time - begin, 3)) for each in chosen))


def _heads(message: SipMessage) -> str:
    """The lines of a request that say who calls whom."""
    lines = message.text.splitlines()
    return "\n".join([message.first_line, *(line for line in lines if line.lower().startswith(("from:", "to:")))])


def _sip_names(row: Scenario, stage: Stage) -> list[str]:
    names = [row.caller_number] if row.caller_number else []
    for touched in row.touched():
        kind, _, identity = touched.partition(":")
        if kind == "extension":
            names.append(stage.party(row.tenant, touched).endpoint)
        elif kind == "external":
            names.append(f"sip:{identity}@")
    return names


def registered(site: Site, tenant: str, seconds: float, speed: int, clock: str) -> RowResult:
    """The row that says that every phone registered: a stage does not start before."""
    count = len(site.tenants[tenant].tenant.extensions)
    words = Words("Todos los internos se registran", "All extensions register")
    row = RowText(
        "phones-register",
        "EXT-1",
        1,
        words,
        (Words(f"{count} teléfonos se registran con su usuario y contraseña.", f"{count} phones register."),),
        (Words("La central los tiene como disponibles.", "The PBX knows them as reachable."),),
    )
    check = Check("server", words, str(count), str(count), passed=True)
    return RowResult(row, Verdict.PASSED, "", clock, speed, seconds, seconds * speed, (check,))


def prepare_voices(plan: Plan, block: Block) -> None:
    """The parties' voices, in the folder the stages will use."""
    tones = {party.tone for party in cast(plan.site, block).values()}
    write_voices(plan.sounds.lab, sorted(tones), plan.installation.espeak)
