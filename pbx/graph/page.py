"""The interactive page: one HTML file that needs nothing else, and may load nothing else.

Its text is a template with marks; what is put in is escaped for where it stands: as HTML, or as JSON without ``<``,
``>`` and ``&``. The script makes all that it shows from text nodes. Its Content-Security-Policy admits the page's own
script and style by their hashes and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Any, Final
from xml.etree import ElementTree as ET

from pbx.diagnostics import Path, Span
from pbx.flow import CallFlow, build
from pbx.graph.collapse import exit_order
from pbx.graph.facts import facts, spoken, title
from pbx.graph.layout import Direction
from pbx.graph.page_words import PAGE, PAGE_ENDS, PAGE_STATES, PAGE_TRUNKS, PAGE_WAYS
from pbx.graph.picture import ENDS, Picture
from pbx.graph.records import written_at
from pbx.graph.shapes import drawing
from pbx.graph.svg import style_text, tree
from pbx.graph.table import table
from pbx.graph.words import KINDS, exit_label, text, word
from pbx.model import Ref
from pbx.site import TenantScope

_MARK: Final = re.compile(r"@@([a-z_]+)@@")
_SCRIPTS: Final = ("walk.js", "page.js", "world.js", "start.js")
_MOST_EXITS: Final = 40
"""Exits of a place that the page lists; whoever may dial two hundred extensions sees their range in the drawing."""


def page(scope: TenantScope, picture: Picture, place: Callable[[Path], Span], site: str, direction: Direction) -> str:
    """The page; ``site`` is how its folder was named on the command line."""
    script = "".join(_part(name) for name in _SCRIPTS)
    style = style_text() + _part("page.css")
    said = {f"t_{name}": html.escape(word(PAGE, name, scope.language)) for name in PAGE}
    said |= {
        f"t_{name}": html.escape(text(name, scope.language)) for name in ("legend_auto", "legend_key", "legend_time")
    }
    flow = text("whole", scope.language)
    return _filled(
        _part("page.html"),
        {
            **said,
            "language": html.escape(scope.language),
            "title": html.escape(f"{picture.title} · {flow}"),
            "name": html.escape(picture.title),
            "flow": html.escape(flow),
            "style": style,
            "style_hash": _hash(style),
            "script": script,
            "script_hash": _hash(script),
            "drawing": ET.tostring(tree(drawing(picture, direction)), encoding="unicode"),
            "data": island(_data(scope, picture, place, site)),
        },
    )


def places_of(picture: Picture) -> tuple[Ref, ...]:
    """Every place that a picture shows."""
    return tuple(dict.fromkeys(ref for box in picture.boxes for ref in box.places))


def island(data: object) -> str:
    """JSON that can stand within a script element, whatever its texts are (HTML 4.12.1.3: no ``<`` at all)."""
    written = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return written.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _filled(template: str, parts: Mapping[str, str]) -> str:
    """The template with its marks replaced, in one pass: what is put in is not looked at again."""
    return _MARK.sub(lambda mark: parts[mark[1]], template)


def _part(name: str) -> str:
    return files("pbx.graph").joinpath(name).read_text("utf-8")


def _hash(content: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode('ascii')}"


def _data(scope: TenantScope, picture: Picture, place: Callable[[Path], Span], site: str) -> dict[str, Any]:
    language = scope.language
    places = places_of(picture)
    flow = build(scope)
    return {
        "tenant": scope.slug,
        "site": site,
        "zone": scope.timezone.key,
        "years": [scope.years.first, scope.years.last],
        "numbers": [{"number": ref.id, "name": scope.tenant.dids[ref.id].name} for ref in places if ref.kind == "did"],
        "table": table(scope, places, place),
        "drawn": dict(picture.drawn),
        "ways": {f"{ref} {when}": line.id for line in picture.lines for ref, when in line.exits},
        "names": {str(ref): spoken(scope, ref) for ref in (*places, *_people(scope), *_outside(scope))},
        "boxes": {
            box.id: {
                "title": box.title,
                "caption": word(KINDS, box.kind, language),
                "places": [_spot(scope, picture, flow, ref, place) for ref in box.places],
            }
            for box in picture.boxes
            if box.kind not in ENDS
        },
        "words": {
            **{name: text(name, language) for name in ("place", "exits")},
            **{name: text(name, language, "{}") for name in ("sound", "recording")},
            **{name: word(PAGE, name, language) for name in PAGE},
            "states": {name: word(PAGE_STATES, name, language) for name in PAGE_STATES},
            "at_trunk": {name: word(PAGE_TRUNKS, name, language) for name in PAGE_TRUNKS},
            "ends": {name: word(PAGE_ENDS, name, language) for name in PAGE_ENDS},
            "ways": {name: word(PAGE_WAYS, name, language) for name in PAGE_WAYS},
            "forward_parts": [word(PAGE, name, language) for name in ("whose", "when", "where_to")],
        },
    }


def _people(scope: TenantScope) -> tuple[Ref, ...]:
    return tuple(Ref("extension", number) for number in scope.extension_numbers())


def _outside(scope: TenantScope) -> tuple[Ref, ...]:
    """What a call may come by that is not drawn: trunks, and numbers of the phonebook."""
    trunks = (Ref("trunk", name) for name in sorted(scope.tenant.trunks))
    return (*trunks, *(Ref("external", number) for number in sorted(scope.tenant.phonebook)))


def _spot(
    scope: TenantScope, picture: Picture, flow: CallFlow, ref: Ref, place: Callable[[Path], Span]
) -> dict[str, Any]:
    """One place as the panel shows it."""
    node = flow.nodes.get(ref)
    exits = sorted(node.exits, key=exit_order) if node else []
    span = place(written_at(flow, ref))
    return {
        "ref": str(ref),
        "kind": word(KINDS, ref.kind, scope.language),
        "title": title(scope, ref),
        "facts": facts(scope, ref),
        "file": span.file,
        "line": span.line,
        "exits": [
            {
                "label": exit_label(ref.kind, each.when, scope.language),
                "to": spoken(scope, each.to),
                "box": picture.drawn.get(str(each.to)),
            }
            for each in exits[:_MOST_EXITS]
        ],
    }
