"""The matrix of permissions for people, in the tenant's language, and for scripts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final
from xml.etree import ElementTree as ET

from pbx.kinds.extension import person
from pbx.model import Language
from pbx.permissions.matrix import COLUMNS, Cell, Row
from pbx.permissions.outcomes import Difference
from pbx.site import TenantScope

Paint = Callable[[str, str], str]
"""From a text and one of the words ``title``, ``yes``, ``no`` and ``warn`` to the text as shown."""

_SIGNS: Final = {"allowed": "✓", "blocked": "–", "no_route": "!", "mixed": "±", "none": ""}
_PAINTS: Final = {"allowed": "yes", "blocked": "no", "no_route": "warn", "mixed": "warn", "none": "no"}

WORDS: Final[dict[Language, dict[str, str]]] = {
    "es": {
        "title": "Quién puede llamar a dónde",
        "class": "Clase",
        "internal": "internos", "local": "locales", "national": "nacionales", "mobile": "celulares",
        "international": "internacionales", "toll_free": "gratuitos", "premium": "tarifa especial",
        "emergency": "emergencias",
        "key": "✓ se permite   – se rechaza   ! se permite y no hay ruta   ± según el número",
        "when": "A toda hora: los horarios no restringen las llamadas salientes.",
        "denied": "salvo", "extensions": "Internos", "nobody": "ningún interno", "routes": "Rutas",
        "no_route": "sin ruta", "none": "no existen en este país o en esta empresa",
        "model": "Según la configuración. Con --engine embedded se pregunta además a un Asterisk real.",
        "both": "Según la configuración y según un Asterisk real: coinciden ({count} llamadas probadas).",
    },
    "en": {
        "title": "Who may call what",
        "class": "Class",
        "internal": "internal", "local": "local", "national": "national", "mobile": "mobile",
        "international": "international", "toll_free": "toll free", "premium": "premium",
        "emergency": "emergency",
        "key": "✓ allowed   – refused   ! allowed, and no route   ± depends on the number",
        "when": "At any hour: schedules do not restrict outgoing calls.",
        "denied": "except", "extensions": "Extensions", "nobody": "no extension", "routes": "Routes",
        "no_route": "no route", "none": "there are none in this country or company",
        "model": "By the configuration. With --engine embedded a real Asterisk is asked as well.",
        "both": "By the configuration and by a real Asterisk: they agree ({count} calls tried).",
    },
}  # fmt: skip


def plain(text: str) -> str:
    """Text that cannot do anything to a terminal or break XML: names come from files."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def table(scope: TenantScope, rows: Sequence[Row], tried: int, paint: Paint) -> str:
    """The matrix on a terminal; ``tried`` is how many calls a real Asterisk was asked about, 0 for none."""
    words = WORDS[scope.tenant.language]
    lines = [paint(plain(f"{scope.tenant.name}: {words['title']}"), "title"), words["when"], ""]
    first = max(len(words["class"]), *(len(row.name) for row in rows)) if rows else 0
    heads = [words[column] for column in COLUMNS]
    lines.append(paint("  ".join([f"{words['class']:{first}}", *heads]).rstrip(), "title"))
    for row in rows:
        cells = [f"{sign(row.cells[column]):^{len(words[column])}}" for column in COLUMNS]
        shown = [paint(cell, _PAINTS[row.cells[c].verdict]) for cell, c in zip(cells, COLUMNS, strict=True)]
        lines.append("  ".join([f"{row.name:{first}}", *shown]).rstrip())
    lines += ["", words["key"], ""]
    lines += [f"* {words['denied']}: {row.name} {', '.join(row.denied)}" for row in rows if row.denied]
    lines += [paint(words["extensions"], "title")]
    lines += [f"  {row.name:{first}}  {_people(scope, row, words)}" for row in rows]
    lines += ["", paint(words["routes"], "title"), *(f"  {each}" for each in _routes(rows, words)), ""]
    lines.append(words["both"].format(count=tried) if tried else words["model"])
    return "\n".join(lines) + "\n"


def sign(cell: Cell) -> str:
    """One sign, with a star where ``deny`` takes some of it away."""
    return _SIGNS[cell.verdict] + ("*" if cell.denied else "")


def _people(scope: TenantScope, row: Row, words: dict[str, str]) -> str:
    named = [f"{number} {person(scope.tenant.extensions[number])}" for number in row.extensions]
    return plain(", ".join(named)) or words["nobody"]


def _routes(rows: Sequence[Row], words: dict[str, str]) -> Iterator[str]:
    for column in COLUMNS[1:]:
        cells = [row.cells[column] for row in rows]
        trunks = next((cell.trunks for cell in cells if cell.trunks), ())
        missing = words["none"] if all(cell.verdict == "none" for cell in cells) else words["no_route"]
        used = trunks or any(cell.verdict == "no_route" for cell in cells)
        if used or column == "emergency":
            yield f"{words[column]}: {' → '.join(trunks) or missing}"


_STYLE: Final = """
body { font: 15px/1.45 system-ui, sans-serif; color: #1c2733; background: #fff; margin: 2rem auto; max-width: 70rem;
       padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; }
th, td { padding: .4rem .9rem; border: 1px solid #c9d2dc; text-align: center; vertical-align: top; }
th:first-child, td:first-child { text-align: left; }
.allowed { background: #dff3e6; } .blocked { background: #f1f3f6; color: #5a6674; }
.no_route, .mixed { background: #fdebc8; } .none { background: #fff; }
small { display: block; color: #5a6674; }
@page { size: A4 landscape; margin: 10mm; }
@media print { body { margin: 0; } * { print-color-adjust: exact; } }
"""


def page(scope: TenantScope, rows: Sequence[Row], tried: int) -> str:
    """The matrix as one page that opens from disk."""
    words = WORDS[scope.tenant.language]
    root = ET.Element("html", {"lang": scope.tenant.language})
    head, body = ET.SubElement(root, "head"), ET.SubElement(root, "body")
    ET.SubElement(head, "meta", {"charset": "utf-8"})
    ET.SubElement(head, "meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"})
    title = plain(f"{scope.tenant.name}: {words['title']}")
    ET.SubElement(head, "title").text = title
    ET.SubElement(head, "style").text = _STYLE
    ET.SubElement(body, "h1").text = title
    ET.SubElement(body, "p").text = words["when"]
    made = ET.SubElement(body, "table")
    _cells(ET.SubElement(made, "tr"), "th", [words["class"], *(words[column] for column in COLUMNS)])
    for row in rows:
        line = ET.SubElement(made, "tr")
        first = ET.SubElement(line, "td")
        ET.SubElement(first, "b").text = row.name
        ET.SubElement(first, "small").text = _people(scope, row, words)
        for column in COLUMNS:
            cell = row.cells[column]
            shown = ET.SubElement(line, "td", {"class": cell.verdict})
            shown.text = _SIGNS[cell.verdict]
            if cell.denied:
                ET.SubElement(shown, "small").text = f"{words['denied']} {', '.join(cell.denied)}"
    ET.SubElement(body, "p").text = words["key"]
    ET.SubElement(body, "h2").text = words["routes"]
    listed = ET.SubElement(body, "ul")
    for each in _routes(rows, words):
        ET.SubElement(listed, "li").text = each
    ET.SubElement(body, "p").text = words["both"].format(count=tried) if tried else words["model"]
    return f"<!DOCTYPE html>\n{ET.tostring(root, encoding='unicode', method='html')}\n"


def _cells(row: ET.Element, kind: str, texts: Sequence[str]) -> None:
    for text in texts:
        ET.SubElement(row, kind).text = text


def records(scope: TenantScope, rows: Sequence[Row], tried: int, differences: Sequence[Difference]) -> dict[str, Any]:
    """The matrix for scripts."""
    return {
        "tenant": scope.slug,
        "when": "always",
        "classes": [
            {
                "class": row.name,
                "extensions": list(row.extensions),
                "deny": list(row.denied),
                "calls": {
                    column: {
                        "verdict": cell.verdict,
                        "trunks": list(cell.trunks),
                        "denied": list(cell.denied),
                        "tried": cell.tried,
                    }
                    for column, cell in row.cells.items()
                },
            }
            for row in rows
        ],
        "asterisk": {"asked": tried > 0, "calls": tried, "differences": [_difference(each) for each in differences]},
    }


def _difference(each: Difference) -> dict[str, str]:
    return {"row": each.row, "column": each.column, "keys": each.keys, "model": each.model, "asterisk": each.asterisk}
