"""The drawing and the page: nothing in them is anybody's but ours, and nothing comes from elsewhere."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from pbx.diagnostics import Path, Span
from pbx.graph.collapse import picture
from pbx.graph.mermaid import mermaid
from pbx.graph.page import island, page
from pbx.graph.svg import svg
from pbx.site import TenantScope
from tests.samples import DEMO, clean, tenant, texts_of

HOSTILE = (
    '"><script>alert(1)</script>',
    "</script><script>alert(2)</script>",
    "<img src=x onerror=alert(3)>",
    "]]><svg onload=alert(4)>",
    "@@script@@ @@data@@",
    "`${alert(5)}` 'x' &amp; \u2028 \u202e",
    '#quot; --> end"] click n0 href "javascript:alert(6)"',
)


def place(path: Path) -> Span:
    """Some place in a file."""
    return Span("tenants/uno.yaml", 1 + len(path), 1, 1, 1)


def hostile() -> TenantScope:
    """A tenant in which every text that people write tries to be markup."""
    text = texts_of(DEMO)["tenants/andina.yaml"]
    names = {
        "name: Andina Seguros S.A.": HOSTILE[0],
        "name: Número general": HOSTILE[1],
        "name: Ventas directo": HOSTILE[4],
        "first_name: Ana": HOSTILE[2],
        "last_name: Gómez": HOSTILE[3],
        "first_name: Luis": HOSTILE[5],
        "department: Siniestros": HOSTILE[0],
        'say: "Lo comunicamos con la guardia."': HOSTILE[2],
        'say: "Nuestras oficinas están cerradas. Para dejar un mensaje, marque uno."': HOSTILE[1],
        '"2026-12-24": Nochebuena': HOSTILE[3],
        "last_name: Ruiz": HOSTILE[6],
    }
    for old, new in names.items():
        assert old in text, old
        key = old.rpartition(": ")[0]
        text = text.replace(old, f"{key}: {json.dumps(new)}")
    return clean({**texts_of(DEMO), "tenants/andina.yaml": text}).tenants["andina"]


class Tags(HTMLParser):
    """The elements of a page, as a browser's parser cuts them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.raw: dict[str, str] = {}
        self.within = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins."""
        self.found.append((tag, dict(attrs)))
        self.within = tag + str(dict(attrs).get("id") or "")

    def handle_endtag(self, _tag: str) -> None:
        """Whatever follows is not within it."""
        self.within = ""

    def handle_data(self, data: str) -> None:
        """Text."""
        self.raw[self.within] = self.raw.get(self.within, "") + data


def tags(text: str) -> Tags:
    """Cut a page."""
    parser = Tags()
    parser.feed(text)
    parser.close()
    return parser


def demo_page(scope: TenantScope) -> str:
    """The page of a tenant."""
    return page(scope, picture(scope), place, "lab/sites/demo", "right")


def test_hostile_names_stay_text_in_the_page() -> None:
    plain, attacked = tags(demo_page(tenant(DEMO, "andina"))), tags(demo_page(hostile()))
    names = [tag for tag, _ in attacked.found]
    assert names.count("script") == 2
    assert not {"img", "iframe", "object", "a", "link", "base"} & set(names)
    assert {tag for tag, _ in plain.found} == set(names)
    allowed = {name for _, attributes in plain.found for name in attributes}
    assert {name for _, attributes in attacked.found for name in attributes} <= allowed
    assert not [name for name in allowed if name.startswith("on") or name in {"style", "src"}]
    told = json.loads(attacked.raw["scriptdata"])
    assert told["names"]["did:+541152365000"].endswith(HOSTILE[1])
    assert told["names"]["extension:201"].startswith(HOSTILE[2])


def test_hostile_names_stay_text_in_the_svg() -> None:
    plain, attacked = (ET.fromstring(svg(picture(scope))) for scope in (tenant(DEMO, "andina"), hostile()))
    assert {each.tag for each in attacked.iter()} == {each.tag for each in plain.iter()}
    assert {name for each in attacked.iter() for name in each.attrib} == {
        name for each in plain.iter() for name in each.attrib
    }
    assert "<script" not in svg(picture(hostile()))


def test_hostile_names_stay_text_in_mermaid() -> None:
    for line in mermaid(picture(hostile())).splitlines()[1:]:
        assert re.fullmatch(r'  n\d+(\W+"[^"]*"\W+|\W+)(n\d+)?|  n\d+ [-=.>]+(\|"[^"]*"\|)? n\d+', line), line
        assert not re.search(
            r"[<>`]",
            line.replace("<br/>", "").replace("-->", "").replace("==>", "").replace("-.->", "").replace('>"', ""),
        ), line


def test_letters_that_xml_has_no_spelling_for_are_replaced() -> None:
    scope = tenant(DEMO, "andina")
    told = scope.tenant.model_copy(update={"name": "a\x00\x1b\ufffeb"})
    shown = picture(TenantScope(told, scope.file, scope.files))
    assert "a\ufffd\ufffd\ufffdb" in (ET.fromstring(svg(shown))[0].text or "")


@pytest.mark.parametrize("text", HOSTILE)
def test_the_island_holds_any_text(text: str) -> None:
    written = island({"x": text})
    assert json.loads(written) == {"x": text}
    assert not set("<>&") & set(written)


def test_nothing_is_loaded_from_anywhere() -> None:
    scope = tenant(DEMO, "andina")
    for text in (demo_page(scope), svg(picture(scope))):
        addresses = set(re.findall(r"[a-z]+://[^\s\"'<)]+", text)) - {"http://www.w3.org/2000/svg"}
        assert addresses == set()
        assert not re.search(r"@import|url\((?!#arrow-)", text)


def test_the_policy_admits_our_script_and_style_and_nothing_else() -> None:
    cut = tags(demo_page(tenant(DEMO, "andina")))
    (policy,) = [attributes["content"] or "" for tag, attributes in cut.found if attributes.get("http-equiv")]
    rules: dict[str, Any] = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    for name, tag in (("script-src", "script"), ("style-src", "style")):
        digest = base64.b64encode(hashlib.sha256(cut.raw[tag].encode()).digest()).decode()
        assert rules[name] == f"'sha256-{digest}'"


def test_light_and_dark_are_both_there() -> None:
    text = svg(picture(tenant(DEMO, "andina")))
    assert "prefers-color-scheme: dark" in text
    colours = re.findall(r"--ink: (#[0-9a-f]{6})", text)
    assert len(set(colours)) == 2


def test_the_page_is_the_same_every_time() -> None:
    assert demo_page(tenant(DEMO, "andina")) == demo_page(tenant(DEMO, "andina"))


def test_the_page_speaks_the_tenants_language() -> None:
    scope = tenant(DEMO, "andina")
    english = TenantScope(scope.tenant.model_copy(update={"language": "en"}), scope.file, scope.files)
    assert 'lang="es"' in demo_page(scope)
    assert "Probar una llamada" in demo_page(scope)
    told = demo_page(english)
    assert 'lang="en"' in told
    assert "Try a call" in told
    assert "opening hours" in told
    for spanish in ("menú", "cola", "abierto", "Probar"):
        assert spanish not in told
