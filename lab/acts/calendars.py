"""IVR-1, IVR-2: when a schedule is open, to the minute, and every holiday: what the PBX itself holds of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from lab.acts.act import Act
from lab.acts.casting import act
from lab.calls import Lab
from lab.results import Words
from pbx.asterisk import names
from pbx.asterisk.patterns import best_match
from pbx.kinds.schedule import Schedule, holiday_dates, week
from pbx.model import MINUTES_PER_DAY, WEEKDAYS
from pbx.rehearsal.world import within
from pbx.site import TenantScope

_WEEK: Final = 7 * MINUTES_PER_DAY
STEP: Final = 5
"""Minutes of a week that are looked at, beside those around each change."""
_DAY: Final = re.compile(r"'(\S+)' => +1\. Return\((\w+)\)")
_STEP: Final = re.compile(r"^ +(?:'s' =>|\[(\w+)\])? +(\d+)\. (.*?) +\[\S+:\d+\]$", re.MULTILINE)
_TIMES: Final = re.compile(r"GotoIfTime\((?P<times>[^?]*),(?P<zone>[^,?]+)\?(?P<label>\w+)\)")
_INCLUDED: Final = re.compile(r"Include => +'(\S+)'")


def acts(scope: TenantScope) -> Iterator[Act]:
    """Each schedule: its hours, and its holidays if it has any."""
    for name, schedule in sorted(scope.tenant.schedules.items()):
        yield _hours(scope, name, schedule)
        if holiday_dates(schedule, scope.years):
            yield _holidays(scope, name, schedule)


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


def _hours(scope: TenantScope, name: str, schedule: Schedule) -> Act:
    changes = len(changes_of(schedule))
    return act(
        scope,
        f"hours-{name}",
        "IVR-1",
        (f"Horario de «{name}», al minuto", f"Hours of “{name}”, to the minute"),
        steps=[("Se pregunta a la central por toda una semana.", "The PBX is asked about a whole week.")],
        expected=[
            (
                f"Abre y cierra {changes} veces por semana, en el minuto acordado.",
                f"It opens and closes {changes} times a week, in the minute agreed.",
            )
        ],
        play=partial(known_minutes, name=name),
        shares=[f"settings:{scope.slug}"],
        seconds=3,
    )


def known_minutes(lab: Lab, *, name: str) -> None:
    """The times that Asterisk has for the schedule are those of the file, all the week and around each change."""
    schedule = lab.scope.tenant.schedules[name]
    context = names.context(lab.scope.slug, "hours", name)
    steps = loaded_steps(lab.run(lab.stage.pbx.cli(f"dialplan show {context}")))
    subject = Words(f"Horario de «{name}»", f"Hours of “{name}”")
    around = {minute + step for minute in changes_of(schedule) for step in (-1, 0)}
    minutes = sorted({*range(0, _WEEK, STEP), *(minute for minute in around if minute >= 0)})
    held = [(minute, led_by(steps, minute, lab.scope.timezone.key)) for minute in minutes]
    wanted = [(minute, _state(schedule, minute)) for minute, _ in held]
    wrong = [(mine, theirs) for mine, theirs in zip(wanted, held, strict=True) if mine != theirs]
    if wrong:
        (minute, right), (_, other) = wrong[0]
        lab.same(subject, f"{_spelled(minute)} {right}", f"{_spelled(minute)} {other}")
    told = ", ".join(f"{_spelled(minute)} {_state(schedule, minute)}" for minute in changes_of(schedule))
    lab.same(subject, told, told)


def changes_of(schedule: Schedule) -> list[int]:
    """The minutes of a week, counted from Monday 0:00, in which it opens or closes."""
    edges = {
        (day * MINUTES_PER_DAY + minute) % _WEEK
        for day, stretches in enumerate(week(schedule).values())
        for hours in stretches
        for minute in (hours.start, hours.end)
    }
    return sorted(edge for edge in edges if _state(schedule, edge) != _state(schedule, edge - 1))


def _state(schedule: Schedule, minute: int) -> str:
    day, at = divmod(minute % _WEEK, MINUTES_PER_DAY)
    return "open" if any(hours.start <= at < hours.end for hours in week(schedule)[WEEKDAYS[day]]) else "closed"


def _spelled(minute: int) -> str:
    at = minute % MINUTES_PER_DAY
    return f"{WEEKDAYS[minute // MINUTES_PER_DAY]} {at // 60:02}:{at % 60:02}"


def loaded_steps(shown: str) -> dict[str, str]:
    """The steps of a context as ``dialplan show`` tells them, by label or number."""
    return {label or number: step for label, number, step in _STEP.findall(shown)}


def led_by(steps: Mapping[str, str], minute: int, zone: str) -> str:
    """What the steps answer in a minute of a week without a holiday, if nobody has overridden the schedule."""
    monday = datetime(2026, 3, 2, tzinfo=ZoneInfo(zone))
    at = monday + timedelta(minutes=minute)
    for step in steps.values():
        if step.startswith("Return("):
            return step[len("Return(") : -1]
        question = _TIMES.fullmatch(step)
        if question and question["zone"] == zone and within(question["times"], at):
            return steps.get(question["label"], "").removeprefix("Return(").removesuffix(")")
    return ""
