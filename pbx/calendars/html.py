"""A calendar as one page: the picture, and below it the tables. It opens from disk and loads nothing."""

from __future__ import annotations

from typing import Final
from xml.etree import ElementTree as ET

from pbx.calendars.svg import picture
from pbx.calendars.text import notes, parts_of, printable, span, weekdays, yearly
from pbx.calendars.year import Calendar, Pattern

_STYLE: Final = """
:root { color-scheme: light; }
body { font: 15px/1.45 system-ui, sans-serif; color: #1c2733; background: #fff; margin: 0 auto; max-width: 75rem;
       padding: 1rem; }
svg { width: 100%; height: auto; display: block; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
table { border-collapse: collapse; }
th, td { text-align: left; vertical-align: top; padding: .2rem 1.5rem .2rem 0; border-bottom: 1px solid #dde3ea; }
th { font-weight: 600; }
td.hours { font-variant-numeric: tabular-nums; }
.gap { color: #b3201f; font-weight: 600; }
@page { size: A4 landscape; margin: 8mm; }
@media print { body { padding: 0; } svg { break-after: page; } tr { break-inside: avoid; } }
"""


def page(calendar: Calendar) -> str:
    """The page as a file of its own."""
    words = calendar.words
    root = ET.Element("html", {"lang": "es" if words.weekdays[0] == "lun" else "en"})
    head = ET.SubElement(root, "head")
    ET.SubElement(head, "meta", {"charset": "utf-8"})
    ET.SubElement(head, "meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"})
    ET.SubElement(head, "title").text = printable(f"{calendar.tenant}: {calendar.title}, {calendar.year}")
    ET.SubElement(head, "style").text = _STYLE
    body = ET.SubElement(root, "body")
    body.append(picture(calendar))
    _usual(body, calendar)
    _different(body, calendar)
    _gaps(body, calendar)
    return f"<!DOCTYPE html>\n{ET.tostring(root, encoding='unicode', method='html')}\n"


def _usual(body: ET.Element, calendar: Calendar) -> None:
    ET.SubElement(body, "h2").text = calendar.words.usual
    table = _table(body, (calendar.words.day, calendar.words.when, calendar.words.branch))
    for first, last, pattern in calendar.week():
        _rows(table, calendar, (weekdays(calendar.words, first, last),), pattern)


def _different(body: ET.Element, calendar: Calendar) -> None:
    words = calendar.words
    ET.SubElement(body, "h2").text = words.different
    runs = calendar.different()
    if not runs:
        ET.SubElement(body, "p").text = words.none_different
        return
    table = _table(body, (words.day, words.holidays, words.when, words.branch))
    for run in runs:
        when = span(words, run.first) + ("" if run.first == run.last else f" – {span(words, run.last)}")
        _rows(table, calendar, (when, ", ".join(run.holidays)), run.parts)


def _gaps(body: ET.Element, calendar: Calendar) -> None:
    faulty = [branch for branch in calendar.branches if branch.fault]
    if faulty:
        ET.SubElement(body, "h2").text = calendar.words.gaps_title
        for branch in faulty:
            told = f"{branch.label}: {branch.fault}; {yearly(calendar, branch)}"
            ET.SubElement(body, "p", {"class": "gap"}).text = printable(told)
    else:
        ET.SubElement(body, "p").text = calendar.words.no_gaps
    for note in notes(calendar):
        ET.SubElement(body, "p").text = printable(note)


def _table(body: ET.Element, titles: tuple[str, ...]) -> ET.Element:
    table = ET.SubElement(body, "table")
    row = ET.SubElement(ET.SubElement(table, "thead"), "tr")
    for title in titles:
        ET.SubElement(row, "th").text = title
    return ET.SubElement(table, "tbody")


def _rows(table: ET.Element, calendar: Calendar, heads: tuple[str, ...], pattern: Pattern) -> None:
    for index, (hours, branch) in enumerate(parts_of(calendar, pattern)):
        row = ET.SubElement(table, "tr")
        for head in heads:
            ET.SubElement(row, "td").text = printable(head) if index == 0 else ""
        ET.SubElement(row, "td", {"class": "hours"}).text = hours
        cell = ET.SubElement(row, "td", {"class": "gap"} if branch.fault else {})
        cell.text = printable(branch.label)
