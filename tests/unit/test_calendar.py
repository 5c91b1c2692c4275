"""``pbx calendar``: the table, the picture, the page and iCalendar, and questions that make no sense."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from pbx.calendars.html import page
from pbx.calendars.ics import escaped, export, folded
from pbx.calendars.svg import draw
from pbx.calendars.text import records, table
from pbx.calendars.year import Calendar, year_of
from pbx.model import Ref
from tests.commands import DEMO, Pbx
from tests.samples import clean, tenant, texts_of

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "calendar"
HOSTILE = '</title><script>alert(1)</script>&"; BEGIN:VEVENT\\n'
MADRID = ("timezone: America/Argentina/Buenos_Aires", "timezone: Europe/Madrid")


def demo(year: int = 2026, *changes: tuple[str, str]) -> Calendar:
    """The calendar of the demo's main number, perhaps with other words in its file."""
    texts = texts_of(DEMO)
    for old, new in changes:
        assert old in texts["tenants/andina.yaml"]
        texts["tenants/andina.yaml"] = texts["tenants/andina.yaml"].replace(old, new)
    return year_of(clean(texts).tenants["andina"], Ref("did", "+541152365000"), year)


def approved(name: str, text: str, *, update: bool) -> None:
    """Compare with what was read and approved, byte by byte."""
    path = GOLDEN / name
    if update:
        path.write_text(text, "utf-8", newline="")
    assert path.read_bytes().decode() == text, f"{name}: see pytest --update-golden"


def test_the_demo_is_drawn_and_written_as_approved(request: pytest.FixtureRequest) -> None:
    update = bool(request.config.getoption("--update-golden"))
    calendar = demo()
    approved("andina-2026.txt", table(calendar, 100, lambda text, _: text), update=update)
    approved("andina-2026.svg", draw(calendar), update=update)
    english = year_of(tenant(DEMO, "andina"), Ref("extension", "201"), 2027)
    approved("english-2028.txt", table(demo(2028, ("language: es", "language: en")), 80, lambda t, _: t), update=update)
    assert english.different() == ()


def test_each_day_is_whole_and_as_the_stretches_have_it() -> None:
    calendar = demo(2028)
    assert len(calendar.days) == 366
    for day in calendar.days:
        edges = [0, *(part.end for part in day.parts)]
        assert [part.start for part in day.parts] == edges[:-1]
        assert edges[-1] == 1440
    assert sum(each.minutes for each in calendar.branches) == 366 * 1440


def test_holidays_in_a_row_are_one_line() -> None:
    runs = {run.holidays: (str(run.first), str(run.last)) for run in demo(2027).different()}
    assert runs["Vacaciones",] == ("2027-01-04", "2027-01-15")
    assert runs["Año Nuevo",] == ("2027-01-01", "2027-01-01")


def test_gaps_are_red_in_the_picture_and_told_in_the_table() -> None:
    calendar = demo(2026, ("closed: ivr:nocturno", "closed: hangup"))
    by_ref = {str(each.ref): each for each in calendar.branches}
    assert (by_ref["hangup"].paper, by_ref["announcement:feriado"].paper) == ("red", "hatched")
    assert by_ref["ivr:principal"].paper == "plain"
    text = table(calendar, 100, lambda text, style: f"<{style}>{text}</{style}>" if style == "gap" else text)
    assert "<gap>  (!) se corta la llamada: nadie atiende: se corta; 6124 h en el año</gap>" in text
    assert text.count("<gap>se corta la llamada (!)</gap>") > 3
    red = [each for each in ET.fromstring(draw(calendar)).iter() if each.get("fill") == "#d3302f"]
    assert len(red) >= 10


def test_a_year_in_which_somebody_is_always_there_says_so() -> None:
    calendar = demo(2026, ("holiday: announcement:feriado", "holiday: voicemail:201"))
    assert "A toda hora se llega a alguien o a un buzón." in table(calendar, 100, lambda text, _: text)


def test_clock_changes_are_told_where_there_are_some() -> None:
    text = table(demo(2026, MADRID), 100, lambda text, _: text)
    assert "dom 2026-03-29: el reloj se adelanta de 02:00 a 03:00" in text
    assert "dom 2026-10-25: el reloj se atrasa de 03:00 a 02:00" in text
    assert "reloj" not in table(demo(), 100, lambda text, _: text)


def test_hostile_names_stay_text() -> None:
    calendar = demo(
        2026, ("{to: schedule:oficina, name: Número general}", f"{{to: schedule:oficina, name: '{HOSTILE}'}}")
    )
    for text in (draw(calendar), page(calendar)):
        assert "<script" not in text
        assert "&lt;script&gt;" in text
    ET.fromstring(draw(calendar))
    lines = export(calendar, "pbx.example").split("\r\n")
    assert [line for line in lines if line.startswith("X-WR-CALNAME")] != []
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") == len([x for x in lines if x.startswith("UID:")])


def test_the_page_holds_the_picture_and_every_day_that_differs() -> None:
    text = page(demo())
    assert text.startswith("<!DOCTYPE html>")
    assert '<html lang="es">' in text
    assert "<svg" in text
    assert "Inmaculada Concepción de María" in text
    assert not re.search(r'(src|href)="(?!#)', text)


def unfolded(text: str) -> list[str]:
    """The lines of an iCalendar file, as RFC 5545, 3.1 has it."""
    assert text.endswith("\r\n")
    physical = text.split("\r\n")[:-1]
    assert all(len(line.encode()) <= 75 for line in physical)
    assert not any("\n" in line or "\r" in line for line in physical)
    lines: list[str] = []
    for line in physical:
        if line.startswith(" "):
            lines[-1] += line[1:]
        else:
            lines.append(line)
    return lines


def events(text: str) -> list[dict[str, str]]:
    """Each event by its properties; parameters stay with the name."""
    found: list[dict[str, str]] = []
    for line in unfolded(text):
        name, colon, value = line.partition(":")
        assert colon
        if line == "BEGIN:VEVENT":
            found.append({})
        elif found and name != "END":
            assert name not in found[-1]
            found[-1][name] = value
    return found


def at(value: str) -> datetime:
    return datetime.strptime(value, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


@pytest.mark.parametrize("changes", [(), (MADRID,)])
def test_icalendar_covers_the_year_without_a_gap(changes: tuple[tuple[str, str], ...]) -> None:
    calendar = demo(2026, *changes)
    text = export(calendar, "pbx.example")
    found = events(text)
    assert len({each["UID"] for each in found}) == len(found)
    assert {each["DTSTAMP"] for each in found} == {"20260101T000000Z"}
    timed = sorted((at(each["DTSTART"]), at(each["DTEND"])) for each in found if "DTSTART" in each)
    assert all(one[1] == other[0] for one, other in pairwise(timed))
    assert sum((end - start).total_seconds() for start, end in timed) == 365 * 86400
    whole = [each for each in found if "DTSTART;VALUE=DATE" in each]
    assert {each["SUMMARY"] for each in whole} >= {"Nochebuena", "Navidad", "Año Nuevo"}
    assert export(demo(2026, *changes), "pbx.example") == text


def test_texts_are_escaped_and_lines_folded_between_characters() -> None:
    assert escaped("a,b;c\\d\ne") == "a\\,b\\;c\\\\d\N{REPLACEMENT CHARACTER}e"
    long = "SUMMARY:" + "ñ" * 100
    assert all(len(line.encode()) <= 75 for line in folded(long).split("\r\n"))
    assert folded(long).replace("\r\n ", "") == long


def test_the_records_are_exact() -> None:
    told = records(demo(2026, MADRID))
    assert told["clock_changes"][0] == {
        "at": "2026-03-29T01:00:00Z",
        "before": "2026-03-29T02:00",
        "after": "2026-03-29T03:00",
    }
    assert told["stretches"][0]["start"] == "2026-01-01T00:00"
    assert told["stretches"][-1]["end"] == "2027-01-01T00:00"


def test_the_command_prints_and_writes(pbx_command: Pbx, tmp_path: Path) -> None:
    assert pbx_command("calendar", DEMO, "andina").out.startswith("Andina Seguros S.A.: +541152365000")
    told = json.loads(pbx_command("calendar", DEMO, "andina", "--schedule", "oficina", "--format", "json").out)
    assert (told["of"], told["year"]) == ("schedule:oficina", 2026)
    for name in ("svg", "html", "ics"):
        out = tmp_path / f"a.{name}"
        answer = pbx_command("calendar", DEMO, "andina", "--year", "2027", "--format", name, "-o", out)
        assert (answer.code, answer.out) == (0, f"wrote {out}\n")
        assert out.read_bytes()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--did", "+541152365009"), "did you mean"),
        (("--schedule", "oficin"), "did you mean oficina?"),
        (("--did", "+541152365000", "--schedule", "oficina"), "leave --did or --schedule out"),
        (("--year", "2030"), "2030 is outside calendar_years 2026-2028"),
    ],
)
def test_a_question_that_makes_no_sense_is_told(arguments: tuple[str, ...], message: str, pbx_command: Pbx) -> None:
    answer = pbx_command("calendar", DEMO, "andina", *arguments)
    assert answer.code == 2
    assert message in answer.err or "its DIDs are" in answer.err


def test_a_file_that_cannot_be_written_is_told(pbx_command: Pbx, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    answer = pbx_command("calendar", DEMO, "andina", "-o", tmp_path / "file" / "a.txt")
    assert answer.code == 1
    assert "cannot be written" in answer.err
