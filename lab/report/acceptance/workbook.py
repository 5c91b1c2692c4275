"""The form as a workbook: one sheet for each phase, ready to be printed or filled in on the screen.

Whatever a text begins with, it stays a text: cells are written as strings and marked so that a spreadsheet does not
take them for formulas when somebody edits them. The same form gives the same bytes.
"""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING, Any, Final

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.datavalidation import DataValidation

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

    from lab.report.acceptance.form import Form, Line, Phase

_WIDTHS: Final = (5, 26, 44, 44, 18, 42, 30)
_LONGEST: Final = 32_000
"""Characters that a cell takes (32,767), less what escaping adds."""
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_CODED: Final = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
"""What a spreadsheet would read as the code of a character (ECMA-376, part 1, 22.4.2.4)."""
_STAMP: Final = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
_FIRST_DAY: Final = (1980, 1, 1, 0, 0, 0)
"""The earliest moment that a ZIP archive can hold."""

_HEAD = PatternFill("solid", start_color="F3F1EC")
_THIN = Side("thin", color="CFCBC3")
_SOFT, _GOOD, _BAD = "59636C", "0B6E5A", "B3321A"


def acceptance_xlsx(form: Form) -> bytes:
    """The form as an Office Open XML workbook."""
    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.title = f"{form.tenant_name} · {form.word('matrix')}"
    book.properties.creator = "centralita"
    for phase in form.phases:
        _sheet(book.create_sheet(phase.title), form, phase)
    if not form.phases:
        _put(book.create_sheet(form.word("matrix")[:31]), 1, 1, form.tenant_name)
    file = io.BytesIO()
    book.save(file)
    return _always_the_same(file.getvalue(), form)


def _sheet(sheet: Worksheet, form: Form, phase: Phase) -> None:
    for letter, width in zip("ABCDEFG", _WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    _put(sheet, 1, 1, f"{form.tenant_name} · {phase.title}", Font(size=18, bold=True))
    _put(sheet, 2, 1, "  ".join(filter(None, (form.word("matrix"), form.subtitle))), Font(color=_SOFT))
    _put(sheet, 3, 1, phase.told, Font(size=12, bold=True))
    _put(sheet, 4, 1, f"{form.word('objective')}: {phase.objective or '…' * 40}")
    titles = ("", "requirement", "test", "expected_result", "goal", "explain", "evidence")
    for column, name in enumerate(titles, start=1):
        cell = _put(sheet, 6, column, form.word(name) if name else "#", Font(bold=True, color=_SOFT))
        cell.fill = _HEAD
    for index, line in enumerate(phase.lines, start=1):
        _line(sheet, 6 + index, index, line, form)
    last = 6 + len(phase.lines)
    answers = DataValidation(type="list", formula1=f'"{form.word("yes")},{form.word("no")}"', allow_blank=True)
    answers.add(f"E7:E{last}")
    sheet.add_data_validation(answers)
    sheet.auto_filter.ref = f"A6:G{last}"
    sheet.freeze_panes = "A7"
    _signatures(sheet, last + 2, form, answers)
    sheet.sheet_view.showGridLines = False
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9  # A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    if sheet.sheet_properties.pageSetUpPr:
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "6:6"
    if sheet.oddFooter:
        sheet.oddFooter.right.text = "&P / &N"


def _line(sheet: Worksheet, row: int, index: int, line: Line, form: Form) -> None:
    reached = {True: form.word("yes"), False: form.word("no"), None: ""}[line.reached]
    texts = (
        str(index),
        f"{line.requirement}\n{line.requirement_name}",
        "\n".join((line.objective, *line.steps, *([line.alike] if line.alike else []))),
        "\n".join(line.expected),
        reached,
        line.explanation,
        f"rows/{line.id}" if form.subtitle else line.id,
    )
    for column, text in enumerate(texts, start=1):
        cell = _put(sheet, row, column, text)
        cell.alignment = Alignment(vertical="top", wrap_text=True)
        cell.border = Border(bottom=_THIN)
    sheet.cell(row, 1).font = sheet.cell(row, 7).font = Font(color=_SOFT, size=9)
    sheet.cell(row, 5).font = Font(bold=True, color=_BAD if line.reached is False else _GOOD)
    # No spreadsheet measures wrapped text before it is opened: a line for each, and for each that is too long another.
    heights = [
        sum(1 + len(part) // max(1, round(width * 1.1)) for part in text.split("\n"))
        for text, width in zip(texts, _WIDTHS, strict=True)
    ]
    sheet.row_dimensions[row].height = min(400, 15 * max(heights) + 4)


def _signatures(sheet: Worksheet, row: int, form: Form, answers: DataValidation) -> None:
    _put(sheet, row, 1, form.word("goal_of_phase"), Font(bold=True))
    sheet.cell(row, 5).border = Border(_THIN, _THIN, _THIN, _THIN)
    answers.add(f"E{row}")
    _put(sheet, row + 1, 1, form.word("explain"))
    for column in range(3, 7):
        sheet.cell(row + 1, column).border = Border(bottom=_THIN)
    _put(sheet, row + 3, 1, form.word("acceptance"), Font(size=14, bold=True))
    _put(sheet, row + 4, 1, form.word("acceptance_says"), Font(color=_SOFT))
    for index, block in enumerate(form.signatures):
        top, column = row + 6 + 7 * (index // 2), (2, 5)[index % 2]
        _put(sheet, top, column, block.heading, Font(bold=True))
        for offset, (word, known) in enumerate(block.lines, start=1):
            sheet.row_dimensions[top + offset].height = 26
            _put(sheet, top + offset, column, word, Font(color=_SOFT)).alignment = Alignment(vertical="bottom")
            line = _put(sheet, top + offset, column + 1, known)
            line.border, line.alignment = Border(bottom=_THIN), Alignment(vertical="bottom")


def _put(sheet: Worksheet, row: int, column: int, text: str, font: Font | None = None) -> Any:  # noqa: ANN401 - a cell
    """A cell that holds exactly this text."""
    cell = sheet.cell(row, column)
    cell.value = _CODED.sub("_x005F_", text)[:_LONGEST] or None
    if text.startswith(_FORMULA):
        cell.data_type = "s"
        cell.quotePrefix = True
    if font:
        cell.font = font
    return cell


def _always_the_same(content: bytes, form: Form) -> bytes:
    """The workbook without the moment in which it was written."""
    stamp = (form.moment.strftime("%Y-%m-%dT%H:%M:%SZ") if form.moment else "1980-01-01T00:00:00Z").encode()
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "docProps/core.xml":
                part = _STAMP.sub(rb"\g<1>" + stamp, part)
            info = zipfile.ZipInfo(name, _FIRST_DAY)
            info.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(info, part)
    return file.getvalue()
