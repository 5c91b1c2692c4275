"""A calendar as a picture: a sheet of A4 on its side, a row for each month, a column for each day.

A day runs from top to bottom in the colours of the branches that answer. The tree is built with ElementTree, which
escapes every name; days that are alike are drawn once and used again.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from itertools import groupby
from typing import Final
from xml.etree import ElementTree as ET

from pbx.calendars.text import notes, printable, span, yearly
from pbx.calendars.year import RED, Branch, Calendar, Day, Pattern, clock
from pbx.model import MINUTES_PER_DAY

WIDTH, HEIGHT = 1188, 840
"""Units of a quarter of a millimetre: A4 on its side."""
_LEFT, _TOP, _LABEL, _CELL, _GAP = 32.0, 116.0, 94.0, 25.6, 1.6
_ROW, _HEAD, _STRIP = 58.5, 13.0, 40.0
_NAMES: Final = _LEFT + _LABEL + 31 * _CELL + 12
_NAME_LINES, _NAME_WIDTH = 5, 43
_INK, _FAINT, _LINE = "#1c2733", "#5a6674", "#ffffff"
_FONT: Final = "'DejaVu Sans', 'Helvetica Neue', Arial, sans-serif"
_SUNDAY: Final = 6


def draw(calendar: Calendar) -> str:
    """The picture as a file of its own."""
    root = picture(calendar)
    ET.indent(root, " ")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def picture(calendar: Calendar) -> ET.Element:
    """The picture as a tree."""
    root = ET.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {WIDTH} {HEIGHT}",
            "width": "297mm",
            "height": "210mm",
            "font-family": _FONT,
            "fill": _INK,
            "role": "img",
        },
    )
    ET.SubElement(root, "title").text = printable(f"{calendar.tenant}: {calendar.title}, {calendar.year}")
    patterns = {pattern: f"day{index}" for index, pattern in enumerate(dict.fromkeys(d.parts for d in calendar.days))}
    _definitions(root, calendar, patterns)
    ET.SubElement(root, "rect", {"width": str(WIDTH), "height": str(HEIGHT), "fill": "#ffffff"})
    _heading(root, calendar)
    _legend(root, calendar)
    for month, days in groupby(calendar.days, key=lambda day: day.date.month):
        _month(root, calendar, month, list(days), patterns)
    _footer(root, calendar)
    return root


def _definitions(root: ET.Element, calendar: Calendar, patterns: dict[Pattern, str]) -> None:
    """Hatched branches, and each different day once."""
    definitions = ET.SubElement(root, "defs")
    for index, branch in enumerate(calendar.branches):
        if branch.paper == "hatched":
            box = {"id": f"hatch{index}", "width": "6", "height": "6", "patternUnits": "userSpaceOnUse"}
            hatch = ET.SubElement(definitions, "pattern", {**box, "patternTransform": "rotate(45)"})
            ET.SubElement(hatch, "rect", {"width": "6", "height": "6", "fill": branch.colour})
            ET.SubElement(hatch, "rect", {"width": "2.4", "height": "6", "fill": RED})
    for pattern, name in patterns.items():
        group = ET.SubElement(definitions, "g", {"id": name})
        for part in pattern:
            box = _box(0, _of(part.start), _CELL - _GAP, _of(part.end) - _of(part.start))
            ET.SubElement(group, "rect", {**box, "fill": _fill(calendar, calendar.branch(part.branch))})


def _of(minute: int) -> float:
    return minute / MINUTES_PER_DAY * _STRIP


def _box(x: float, y: float, width: float, height: float) -> dict[str, str]:
    return {"x": f"{x:.2f}", "y": f"{y:.2f}", "width": f"{width:.2f}", "height": f"{height:.2f}"}


def _fill(calendar: Calendar, branch: Branch) -> str:
    return f"url(#hatch{calendar.branches.index(branch)})" if branch.paper == "hatched" else branch.colour


def _text(parent: ET.Element, place: tuple[float, float], text: str, size: float, **more: str) -> None:
    """``more`` are attributes, with _ for the hyphens of their names."""
    attributes = {"x": f"{place[0]:.2f}", "y": f"{place[1]:.2f}", "font-size": f"{size:g}"}
    attributes |= {name.replace("_", "-"): value for name, value in more.items()}
    ET.SubElement(parent, "text", attributes).text = printable(text)


def _heading(root: ET.Element, calendar: Calendar) -> None:
    _text(root, (_LEFT, 44), _cut(f"{calendar.tenant} · {calendar.title}", 72), 21, font_weight="bold")
    right = WIDTH - _LEFT
    _text(root, (right, 44), str(calendar.year), 26, font_weight="bold", text_anchor="end")
    _text(root, (right, 62), calendar.zone, 10.5, fill=_FAINT, text_anchor="end")


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _legend(root: ET.Element, calendar: Calendar) -> None:
    """Each branch with its colour, in two lines at the most before the letters get too small."""
    x, y = _LEFT, 70.0
    for branch in calendar.branches:
        told = f"{branch.label}: {branch.fault}" if branch.fault else branch.label
        told = f"{_cut(told, 80)} ({yearly(calendar, branch)})"
        width = 22 + 6.3 * len(told) + 22
        if x > _LEFT and x + width > WIDTH - _LEFT - 150 * (y < 80):  # noqa: PLR2004 - beside the zone's name
            x, y = _LEFT, y + 18
        ET.SubElement(root, "rect", {**_box(x, y - 10, 15, 12), "fill": _fill(calendar, branch), "rx": "2"})
        colour = RED if branch.fault else _INK
        _text(root, (x + 21, y), told, 11, fill=colour)
        x += width


def _month(root: ET.Element, calendar: Calendar, month: int, days: Sequence[Day], patterns: dict[Pattern, str]) -> None:
    top = _TOP + (month - 1) * _ROW
    group = ET.SubElement(root, "g", {"transform": f"translate(0 {top:.2f})"})
    _text(group, (_LEFT, _HEAD + _STRIP / 2 + 4), calendar.words.months[month - 1], 12, font_weight="bold")
    for day in days:
        x = _LEFT + _LABEL + (day.date.day - 1) * _CELL
        _head(group, calendar, day, x)
        one = ET.SubElement(group, "use", {"href": f"#{patterns[day.parts]}", "x": f"{x:.2f}", "y": f"{_HEAD:.2f}"})
        ET.SubElement(one, "title").text = _told(calendar, day)
        if day.holidays:
            frame = {"fill": "none", "stroke": _INK, "stroke-width": "1.3"}
            ET.SubElement(group, "rect", {**_box(x, _HEAD, _CELL - _GAP, _STRIP), **frame})
    for hour in (6, 12, 18):
        y = f"{_HEAD + _of(hour * 60):.2f}"
        ends = {"x1": f"{_LEFT + _LABEL:.2f}", "x2": f"{_LEFT + _LABEL + len(days) * _CELL - _GAP:.2f}"}
        thin = {"stroke": _LINE, "stroke-width": "0.6", "stroke-opacity": "0.6"}
        ET.SubElement(group, "line", {**ends, "y1": y, "y2": y, **thin})
        _text(group, (_LEFT + _LABEL - 4, _HEAD + _of(hour * 60) + 2.6), str(hour), 7.2, fill=_FAINT, text_anchor="end")
    for index, line in enumerate(_holiday_lines(days)):
        indent = 6 if line.startswith(" ") else 0
        _text(group, (_NAMES + indent, _HEAD + 3 + index * 10.2), line.strip(), 8.6)


def _head(group: ET.Element, calendar: Calendar, day: Day, x: float) -> None:
    """The day's letter and number; Sundays and holidays stand out."""
    strong = bool(day.holidays) or day.date.weekday() == _SUNDAY
    weight = {"font_weight": "bold"} if strong else {"fill": _FAINT}
    told = f"{calendar.words.initials[day.date.weekday()]} {day.date.day}"
    _text(group, (x + (_CELL - _GAP) / 2, _HEAD - 3), told, 8.6, text_anchor="middle", **weight)


def _told(calendar: Calendar, day: Day) -> str:
    lines = [f"{span(calendar.words, day.date)} {', '.join(day.holidays)}".strip()]
    lines += [f"{clock(part.start)}-{clock(part.end)} {calendar.branch(part.branch).label}" for part in day.parts]
    return printable("; ".join(lines))


def _holiday_lines(days: Sequence[Day]) -> list[str]:
    """The month's holidays with their days, as far as there is room beside it; the table has them all."""
    named = [day for day in days if day.holidays]
    told = []
    for (holidays, _), members in groupby(
        enumerate(named), key=lambda each: (each[1].holidays, each[1].date.day - each[0])
    ):
        numbers = [day.date.day for _, day in members]
        when = f"{numbers[0]}" if len(numbers) == 1 else f"{numbers[0]}-{numbers[-1]}"
        told.append(f"{when} {', '.join(holidays)}")
    wrapped = [textwrap.wrap(each, _NAME_WIDTH, subsequent_indent="   ") for each in told]
    lines = [line for own in wrapped for line in own]
    if len(lines) > _NAME_LINES:
        lines = [_cut(each, _NAME_WIDTH) for each in told]
    if len(lines) > _NAME_LINES:
        lines = [*lines[: _NAME_LINES - 1], "…"]
    return lines


def _footer(root: ET.Element, calendar: Calendar) -> None:
    told = " · ".join([calendar.words.each_day, *notes(calendar)])
    _text(root, (_LEFT, HEIGHT - 16), _cut(told, 230), 8.6, fill=_FAINT)
