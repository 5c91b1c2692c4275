"""IVR-1, IVR-2: when a schedule opens and closes, to the minute, and every holiday of the tenant's years."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Final

from lab.acts.act import Act
from lab.acts.casting import act, brought, first_trunk
from lab.calls import Call, Lab
from lab.clock import set_clock
from lab.events import extra
from lab.matrix.moments import working
from lab.results import Words
from pbx.asterisk import names
from pbx.asterisk.patterns import best_match
from pbx.kinds.schedule import Schedule, holiday_dates, state, week
from pbx.model import MINUTES_PER_DAY, WEEKDAYS
from pbx.site import TenantScope

ALONE: Final = timedelta(minutes=2)
"""The act that moves the clock has a PBX of its own, which another clock makes."""
MOST_MOMENTS: Final = 24
"""Of a week's moments those that one act can wait for: the clock is moved within a second of real time."""
INTO: Final = timedelta(seconds=5)
"""Seconds after the full minute at which a call is made: the last minute before closing is open to its end."""
_DAY: Final = re.compile(r"'(\S+)' => +1\. Return\((\w+)\)")
_INCLUDED: Final = re.compile(r"Include => +'(\S+)'")


def acts(scope: TenantScope) -> Iterator[Act]:
    """Each schedule with holidays, and the opening hours of all that a DID leads to."""
    for name, schedule in sorted(scope.tenant.schedules.items()):
        if holiday_dates(schedule, scope.years):
            yield _holidays(scope, name, schedule)
    yield from _hours(scope)


def _holidays(scope: TenantScope, name: str, schedule: Schedule) -> Act:
    first, last = scope.years.first, scope.years.last
    count = len(holiday_dates(schedule, scope.years))
    return act(
        scope,
        f"holidays-{name}",
        "IVR-2",
        (f"Feriados de «{name}», {first}-{last}", f"Holidays of “{name}”, {first}-{last}"),
        steps=[("Se pregunta a la central por cada día.", "The PBX is asked about each day.")],
        expected=[(f"Conoce los {count} feriados y ninguno más.", f"It knows the {count} holidays and no other.")],
        play=partial(known_days, name=name),
        shares=[f"settings:{scope.slug}"],
        seconds=3,
    )


def known_days(lab: Lab, *, name: str) -> None:
    """The days that Asterisk has for the schedule are those of the file; a day worked is none."""
    scope = lab.scope
    wanted = {f"{day:%Y%m%d}" for day in holiday_dates(scope.tenant.schedules[name], scope.years)}
    layers = list(_loaded(lab, names.context(scope.slug, "holidays", name)))
    held = {day for day in _every_day(scope) if _said(layers, day) == "holiday"}
    wrong = sorted(wanted ^ held)
    subject = Words(f"Feriados de «{name}»", f"Holidays of “{name}”")
    if wrong:
        lab.same(subject, _told(wanted & set(wrong)), _told(held & set(wrong)))
    lab.same(subject, str(len(wanted)), str(len(held)))


def _loaded(lab: Lab, context: str) -> Iterator[Mapping[str, str]]:
    """What each date or pattern of a context says, and of those that it includes, in the order they are looked at."""
    shown = lab.run(lab.stage.pbx.cli(f"dialplan show {context}"))
    yield dict(_DAY.findall(shown))
    for included in _INCLUDED.findall(shown):
        yield from _loaded(lab, included)


def _said(layers: list[Mapping[str, str]], day: str) -> str:
    for days in layers:
        match = best_match(days, day)
        if match is not None:
            return days[match]
    return ""


def _every_day(scope: TenantScope) -> Iterator[str]:
    day = date(scope.years.first, 1, 1)
    while day.year <= scope.years.last:
        yield f"{day:%Y%m%d}"
        day += timedelta(days=1)


def _told(days: set[str]) -> str:
    return ", ".join(sorted(days)) or "–"


@dataclass(frozen=True, slots=True)
class Moment:
    """When a schedule is looked at, and what it must be."""

    at: datetime
    schedule: str
    did: str
    state: str


def moments_of(scope: TenantScope) -> list[Moment]:
    """The last minute before and the first minute of each change within a week without a holiday, in order."""
    begin = working(scope)
    found: list[Moment] = []
    dids = {target.to.id: did for did, target in scope.tenant.dids.items() if target.to.kind == "schedule"}
    for name, did in sorted(dids.items()):
        schedule = scope.tenant.schedules[name]
        monday = begin.date() - timedelta(days=begin.weekday())
        while any(monday + timedelta(days=each) in holiday_dates(schedule, scope.years) for each in range(7, 14)):
            monday += timedelta(days=7)
        for minute in sorted(_minutes(schedule)):
            at = datetime(monday.year, monday.month, monday.day, tzinfo=scope.timezone) + timedelta(
                days=7, minutes=minute
            )
            if at > begin + ALONE:
                found.append(Moment(at + INTO, name, did, state(schedule, scope.years, at)[0]))
    return sorted(found, key=lambda each: (each.at, each.schedule))[:MOST_MOMENTS]


def _minutes(schedule: Schedule) -> set[int]:
    """Minutes of a week, from Monday 0:00: around each change, on the last of alike days and on the next one."""
    hours_of = week(schedule)
    days = [hours_of[day] for day in WEEKDAYS]
    found = set()
    for index, stretches in enumerate(days):
        last_of_alike = index + 1 == len(days) or days[index + 1] != stretches
        for hours in stretches if last_of_alike else ():
            for edge in (hours.start, hours.end):
                found |= {
                    index * MINUTES_PER_DAY + minute for minute in (edge - 1, edge) if 0 <= minute < MINUTES_PER_DAY
                }
        if not stretches and days[index - 1]:
            found.add(index * MINUTES_PER_DAY + days[index - 1][0].start)
    return found


def _hours(scope: TenantScope) -> Iterator[Act]:
    trunk, moments = first_trunk(scope), moments_of(scope)
    if not trunk or not moments:
        return
    told = ", ".join(sorted({each.schedule for each in moments}))
    made = act(
        scope,
        "opening-hours",
        "IVR-1",
        (f"Horarios al minuto: {told}", f"Opening hours to the minute: {told}"),
        steps=[
            (
                f"Se llama {len(moments)} veces: un minuto antes de abrir o cerrar, y en ese minuto.",
                f"{len(moments)} calls: a minute before it opens or closes, and in that minute.",
            )
        ],
        expected=[("Abierto y cerrado, cada vez como dice el horario.", "Open and closed, each time by the hours.")],
        play=partial(to_the_minute, trunk=trunk, moments=moments),
        touched=["clock"],
        seconds=len(moments) * 10,
    )
    yield replace(made, at=made.at + ALONE)


def to_the_minute(lab: Lab, *, trunk: str, moments: list[Moment]) -> None:
    """The clock of the PBX goes from one moment to the next; nobody is called but the schedules."""
    before: datetime | None = None
    for each in moments:
        if each.at != before:
            lab.run(set_clock(lab.stage.clock, moment=each.at))
            before = each.at
        call = lab.carrier(trunk).call(brought(lab.scope, trunk, each.did))
        when = Words(f"{each.at:%a %d/%m %H:%M}, {each.schedule}", f"{each.at:%a %Y-%m-%d %H:%M}, {each.schedule}")
        left = lab.run(_way(lab, call, each.schedule), call, f"{call} to be led by schedule:{each.schedule}")
        lab.same(when, f"schedule:{each.schedule} {each.state}", left, leg=call)
        call.hang_up()


async def _way(lab: Lab, call: Call, schedule: str) -> str:
    """How the call leaves the schedule, whatever it is."""
    linked = await call.watch.began()
    told = await lab.stage.until(
        lab.stage.pbx_events,
        lambda event: (
            event.get("linkedid") == linked
            and event.get("userdeftype") == "PBX_EXIT"
            and extra(event).startswith(f"schedule:{schedule} ")
        ),
        expected=f"schedule:{schedule} to decide",
        since=call.watch.since,
    )
    return extra(told)
