"""``pbx calendar``: a year of a DID or a schedule."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from pbx.cli.console import colour_wanted, fail, listed, load_or_exit
from pbx.cli.questions import CalendarFormat
from pbx.diagnostics.suggest import nearest
from pbx.model import Ref

if TYPE_CHECKING:
    from pbx.calendars.year import Calendar
    from pbx.site import TenantScope


_COLOURS: Final = {"title": {"bold": True}, "gap": {"fg": "red"}, "holiday": {"fg": "yellow"}}
_NUMBER_SIGNS: Final = str.maketrans("", "", " -.()")


def show_calendar(  # noqa: PLR0913 - the options of the command
    site_path: Path,
    tenant: str,
    *,
    did: str,
    schedule: str,
    year: int | None,
    format: CalendarFormat,  # noqa: A002 - as the option
    output: Path | None,
) -> None:
    """Print or write the calendar."""
    if did and schedule:
        fail("a calendar is that of a DID or of a schedule", "leave --did or --schedule out", exit_code=2)
    site, _ = load_or_exit(site_path, tenant=tenant)
    scope = site.tenants[tenant]
    subject = _subject(scope, did, schedule)
    from pbx.calendars.year import year_of

    calendar = year_of(scope, subject, _year(scope, year))
    text = _written(calendar, format, site.platform.domain, to_terminal=output is None)
    if output is None:
        typer.echo(text, nl=False)
        return
    write_out(output, text)


def write_out(output: Path, text: str) -> None:
    """Write a file whole, or leave what is there and say why."""
    from pbx.output import write_text

    try:
        write_text(output, text)
    except OSError as error:
        fail(f"{output} cannot be written: {error.strerror or error}", "name another file")
    typer.echo(f"wrote {output}")


def _written(calendar: Calendar, format: CalendarFormat, domain: str, *, to_terminal: bool) -> str:  # noqa: A002
    match format:
        case CalendarFormat.SVG:
            from pbx.calendars.svg import draw

            return draw(calendar)
        case CalendarFormat.HTML:
            from pbx.calendars.html import page

            return page(calendar)
        case CalendarFormat.ICS:
            from pbx.calendars.ics import export

            return export(calendar, domain)
        case CalendarFormat.JSON:
            from pbx.calendars.text import records

            return json.dumps(records(calendar), indent=2, ensure_ascii=True) + "\n"
        case CalendarFormat.TEXT:
            from pbx.calendars.text import table

            paint = _paint if to_terminal and colour_wanted() else _plain
            return table(calendar, shutil.get_terminal_size().columns if to_terminal else 100, paint)


def _paint(text: str, style: str) -> str:
    return typer.style(text, **_COLOURS[style])  # type: ignore[arg-type]


def _plain(text: str, _style: str) -> str:
    return text


def _subject(scope: TenantScope, did: str, schedule: str) -> Ref:
    """What was asked for; unless told, the only DID, or the first one that a schedule answers."""
    if schedule:
        identity = schedule.removeprefix("schedule:")
        if identity not in scope.tenant.schedules:
            _unknown(
                f"{scope.slug} has no schedule {identity}", identity, list(scope.tenant.schedules), "its schedules"
            )
        return Ref("schedule", identity)
    if did:
        number = did.removeprefix("did:").translate(_NUMBER_SIGNS)
        for spelled in (number, f"+{number}"):
            if spelled in scope.tenant.dids:
                return Ref("did", spelled)
        _unknown(f"{scope.slug} has no DID {did}", number, list(scope.tenant.dids), "its DIDs")
    by_schedule = [number for number, each in sorted(scope.tenant.dids.items()) if each.to.kind == "schedule"]
    choice = [*by_schedule, *sorted(scope.tenant.dids)]
    if not choice:
        fail(f"{scope.slug} has no DIDs", "name a schedule: --schedule ID", exit_code=2)
    return Ref("did", choice[0])


def _unknown(message: str, word: str, known: list[str], what: str) -> None:
    bare = {each.removeprefix("+"): each for each in known}
    near = bare.get(nearest(word.removeprefix("+"), bare) or "")
    fail(message, f"did you mean {near}?" if near else f"{what} are {listed(known)}", exit_code=2)


def _year(scope: TenantScope, year: int | None) -> int:
    """The first of calendar_years unless told; a year whose holidays nobody knows is refused."""
    wanted = scope.years.first if year is None else year
    if not scope.years.first <= wanted <= scope.years.last:
        cure = f"ask for one of these years, or widen calendar_years in {scope.file}"
        fail(f"{wanted} is outside calendar_years {scope.years}, so no holiday is known there", cure, exit_code=2)
    return wanted
