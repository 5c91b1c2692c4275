"""Performing one act on a stage that other rows use as well, and judging it when its recordings are whole."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
import traceback
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import NoReturn

from lab.acts.act import Act
from lab.acts.hands import Hands
from lab.calls import CallError, Lab
from lab.calls.evidence import wait_until_written
from lab.calls.reach import Reach
from lab.calls.theatre import Played, Wanted
from lab.journey import Visited
from lab.judge import Ears, addressed, addresses, log_is_clean, saturated, verdict
from lab.parties import Party
from lab.plan import Plan
from lab.reasons import LAB
from lab.results import Check, Recording, RowResult, Words
from lab.stage import Stage


@dataclass(frozen=True, slots=True)
class Acted:
    """An act after its play, before anybody has listened to the recordings."""

    row: Act
    stage: Stage
    lab: Lab | None
    """None when it could not begin."""
    visits: tuple[Visited, ...]
    """What the PBX said of each of its calls."""
    failures: tuple[Check, ...]
    """What is to be told first: the lab itself broke."""
    unexpected: tuple[str, ...]
    began: datetime
    ended: datetime
    seconds: float
    held_up: float = 0.0
    """As in :class:`lab.results.RowResult`."""
    methods: tuple[str, ...] = field(default=("INVITE ", "SUBSCRIBE "))
    """The requests that begin the dialogs of its ladder."""

    @property
    def sip_names(self) -> list[tuple[str, ...]]:
        """As in :class:`lab.judge.Told`."""
        external = [name.partition("external:")[2] for name in self.row.touched]
        calls, shared = (self.lab.calls if self.lab else []), self.row.shares
        return [
            (self.row.stranger,),
            *(
                (each.endpoint,)
                for each in self.parties
                if each.name.startswith("extension:") and each.name not in shared
            ),
            *((call.party.endpoint, addressed(call.dialled)) for call in calls if call.party.name in shared),
            *((f"sip:{number}@",) for number in external if number),
        ]

    @property
    def parties(self) -> list[Party]:
        """Who took part."""
        legs = (*self.lab.calls, *self.lab.rung) if self.lab else ()
        return list(dict.fromkeys(leg.party for leg in legs))

    @property
    def pace(self) -> float:
        """How many times as long as foreseen the act took."""
        return self.lab.pace if self.lab else 1.0


async def perform(stage: Stage, plan: Plan, act: Act, folder: str) -> Acted:
    """The whole act; whatever goes wrong is written down and leaves nothing on the lines.

    ``folder`` of the stage's takes the recordings.
    """
    began, real, mark = stage.clock_now, time.monotonic(), stage.pbx.log_size()
    hands, labs, failures = Hands(), list[Lab](), list[Check]()

    def body() -> None:
        lab = Lab(
            _elsewhere,
            hands.run,
            Played(Wanted(Path(plan.name), act.tenant), act.scope, act.at, plan, stage, stage.block),
            folder,
            Reach(act.touched, act.shares, act.stranger),
        )
        labs.append(lab)
        try:
            act.play(lab)
        except BaseException:
            with contextlib.suppress(CallError):  # what went wrong first is what is told
                lab.clear()
            raise
        lab.clear(settings=False)

    try:
        await hands.act(body)
    except CallError as error:
        if not stage.usable:
            observed = await stage.trouble()
            failures.append(Check("server", LAB, "–", observed or "the lab itself broke", passed=False))
        elif not labs:  # a phone of this row was still in a call of another one
            failures.append(Check("server", LAB, error.expected, error.happened, passed=False))
    except Exception as error:  # noqa: BLE001 - a mistake of the lab fails this row and no other
        report = stage.folder / f"{act.text.id}-mistake.txt"
        report.write_text("".join(traceback.format_exception(error)))
        failures.append(Check("server", LAB, "–", f"PBX900 {error!r}", passed=False, where=report.name))
    return Acted(
        row=act,
        stage=stage,
        lab=labs[0] if labs else None,
        visits=tuple(call.visit for call in labs[0].calls) if labs else (),
        failures=tuple(failures),
        unexpected=stage.unexpected_since(mark, {call.watch.look() for call in labs[0].calls} if labs else ()),
        began=began,
        ended=stage.clock_now,
        seconds=time.monotonic() - real,
    )


def _elsewhere(_: Wanted) -> NoReturn:
    raise ValueError("an act is played at the time of its row: several rows share its clock")


async def judge_act(played: Acted, ears: Ears, site: str) -> RowResult:
    """The verdict of an act with its evidence, all but its SIP messages."""
    row, stage, lab = played.row, played.stage, played.lab
    checks = list(played.failures)
    heard: tuple[Recording, ...] = ()
    if lab:
        legs = list(dict.fromkeys([*lab.calls, *lab.rung, *lab.debts.legs]))
        await _all_written([leg.recording for leg in lab.debts.legs])
        tones = {str(party): float(party.tone) for party in played.parties}
        listening = [
            ears.listen(((lab.who(leg.party).es, leg.recording),), lab.debts.references(leg), tones)
            for leg in legs
            if leg.recording.is_file()
        ]
        heard = tuple(itertools.chain.from_iterable(await asyncio.gather(*listening)))
        checks += lab.journal.checks
        checks += [settled.check for settled in lab.debts.settled(heard)]
    checks += log_is_clean(played.unexpected)
    failed = [check for check in checks if not check.passed]
    return RowResult(
        row=row.text,
        verdict=verdict(failed),
        reason=_reason(failed, row, site) + (saturated(lab.pace) if failed and lab else ""),
        clock=f"{row.at:%Y-%m-%d %H:%M} {row.scope.timezone.key}",
        speed=stage.speed,
        seconds=round(played.seconds, 2),
        call_seconds=round((played.ended - played.began).total_seconds(), 1),
        checks=tuple(checks),
        journey=tuple(node for visit in played.visits for node in visit.nodes),
        recordings=heard,
        exits=tuple(taken for visit in played.visits for taken in visit.exits),
        cdr=tuple(record for visit in played.visits for record in visit.cdr),
        cel=tuple(record for visit in played.visits for record in visit.cel),
        mails=tuple(lab.journal.mails) if lab else (),
        log="\n".join(played.unexpected),
        parties=addresses(stage, played.parties),
        held_up=round(played.held_up, 2),
    )


def _reason(failed: list[Check], row: Act, site: str) -> str:
    if not failed:
        return ""
    first, more = failed[0], f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
    subject: Words = first.subject
    where = first.where or f"pbx lab run {site} --tenant {row.tenant} --row {row.text.id}"
    return f"{subject.en}: expected {first.expected}, got {first.observed}{more}. Look at {where}."


async def _all_written(recordings: list[Path]) -> None:
    """MixMonitor's threads have closed their files."""
    for recording in recordings:
        await asyncio.to_thread(wait_until_written, recording)
