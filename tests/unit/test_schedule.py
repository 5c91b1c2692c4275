"""Schedules: the names of national holidays."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from typing import TYPE_CHECKING

import pytest

from pbx.kinds.schedule import Schedule, holiday_dates
from pbx.model import Years

if TYPE_CHECKING:
    from collections.abc import Mapping

YEARS = Years(2026, 2026)
_NAMES = """
from datetime import date
from pbx.kinds.schedule import Schedule, holiday_dates
from pbx.model import Years
made = Schedule.model_validate(
    {"hours": {"mon": "09:00-18:00"}, "holidays": {"calendar": "AR"}, "open": "hangup", "closed": "busy"}
)
print(ascii(holiday_dates(made, Years(2026, 2026))[date(2026, 1, 1)]))
"""


def schedule(calendar: str) -> Schedule:
    """Mondays, with the holidays of a country."""
    hours = {"hours": {"mon": "09:00-18:00"}, "holidays": {"calendar": calendar}}
    return Schedule.model_validate({**hours, "open": "hangup", "closed": "busy"})


@pytest.mark.parametrize(
    ("calendar", "language", "name"),
    [
        ("AR", "es", "Año Nuevo"),
        ("AR", "en", "New Year's Day"),
        ("AR", "", "Año Nuevo"),
        ("US", "en", "New Year's Day"),
        ("US", "es", "New Year's Day"),
    ],
)
def test_holidays_are_named_in_the_language_of_the_tenant_or_of_the_country(
    calendar: str, language: str, name: str
) -> None:
    assert holiday_dates(schedule(calendar), YEARS, language)[date(2026, 1, 1)] == name


def test_the_language_changes_no_date() -> None:
    for country in ("AR", "CR", "MX", "CL", "UY", "CO", "ES", "US"):
        dates = [sorted(holiday_dates(schedule(country), YEARS, each)) for each in ("", "es", "en")]
        assert dates[0] == dates[1] == dates[2]


@pytest.mark.parametrize("locale", ["C.UTF-8", "es_AR.UTF-8", "en_US.UTF-8"])
def test_the_names_do_not_depend_on_the_machine(locale: str) -> None:
    environment: Mapping[str, str] = {"LANG": locale, "LC_ALL": locale, "LANGUAGE": locale}
    told = subprocess.run([sys.executable, "-c", _NAMES], env=environment, check=True, capture_output=True, text=True)
    assert told.stdout.strip() == ascii("Año Nuevo")
