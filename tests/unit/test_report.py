"""What the reports say, that they say it in two languages, and that nothing in them acts or reaches out."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
import soundfile
from rich.console import Console

from lab.report import render_html, render_json, render_junit, summary, write_report
from lab.report.requirements import REQUIREMENTS
from lab.report.words import date_words, headline
from lab.results import Recording, RunResult, Words
from tests.runs import hostile, made_up

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def run(tmp_path: Path) -> RunResult:
    return made_up(tmp_path)


class Page(HTMLParser):
    """The elements of a page, with the languages each text stands in."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[tuple[str, str]] = []
        self.said: dict[str, list[str]] = {"": [], "es": [], "en": []}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element and its language."""
        attributes = {name: value or "" for name, value in attrs}
        self.elements.append((tag, attributes))
        if tag not in {"meta", "input", "link", "br", "img"}:
            language = attributes.get("lang", "") if tag != "html" else ""
            self.open.append((tag, language or (self.open[-1][1] if self.open else "")))

    def handle_endtag(self, tag: str) -> None:
        """Elements must be closed in order."""
        assert self.open[-1][0] == tag, f"</{tag}> closes <{self.open[-1][0]}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        """Note what is said, by language."""
        if data.strip() and self.open and self.open[-1][0] not in {"script", "style"}:
            self.said[self.open[-1][1]].append(data.strip())

    def find(self, tag: str) -> list[dict[str, str]]:
        """The attributes of every element of a name."""
        return [attributes for name, attributes in self.elements if name == tag]

    def says(self, text: str, language: str = "") -> bool:
        """Whether a text is said in a language."""
        return any(text in data for data in self.said[language])


def test_the_page_shows_every_row_with_its_verdict_and_reason(run: RunResult) -> None:
    page = Page(render_html(run))
    rows = {each["id"]: each for each in page.find("details") if "data-verdict" in each}
    assert {name: each["data-verdict"] for name, each in rows.items()} == {
        "row-menu-open": "passed",
        "row-menu-closed": "failed",
        "row-trunk-down": "notrun",
    }
    assert page.open == []
    assert page.says("the call went to ivr:day")
    assert page.says("the trunk never registered", "es")
    assert page.says("1 prueba de 3 no alcanzó el objetivo", "es")
    assert page.says("1 of 3 tests did not reach its goal", "en")


def test_the_page_shows_the_evidence_of_a_row(run: RunResult) -> None:
    page = Page(render_html(run))
    for text in (
        "prompt:night",
        "0.25–1.50 s",
        "pbx trace site a --did +5061",
        "INVITE",
        "billsec",
        "Subject: Mensaje",
    ):
        assert page.says(text), text
    assert page.says("el teléfono", "es")
    assert page.says("WARNING something")
    assert [each["data-seek"] for each in page.find("button") if "data-seek" in each] == ["0.250"]
    strange = [each for each in page.find("li") if "strange" in each.get("class", "")]
    assert len(strange) == 3, "ivr:night and hangup were foretold, ivr:day happened"


def test_a_journey_that_was_foretold_is_drawn_once(run: RunResult) -> None:
    same = replace(run.rows[0], journey=("did:1", "hangup"), forecast=("did:1", "hangup"))
    page = Page(render_html(replace(run, rows=(same,))))
    assert page.says("Igual al previsto", "es")
    assert len([each for each in page.find("ol") if each.get("class") == "chain"]) == 1


def test_the_question_of_the_acceptance_is_answered_row_by_row(run: RunResult) -> None:
    said = Page(render_html(run)).said[""]
    ticks = [text for text in said if text in {"☑", "☐"}]
    assert ticks == ["☑", "☐", "☐", "☑", "☐", "☐"]


@pytest.mark.parametrize("language", ["es", "en"])
def test_the_page_opens_in_the_language_of_the_run_and_holds_both(run: RunResult, language: str) -> None:
    page = Page(render_html(replace(run, language=language)))
    assert page.find("html")[0]["lang"] == language
    pressed = {each.get("data-language") for each in page.find("button") if each.get("aria-pressed") == "true"}
    assert pressed == {language, None}
    for spanish, english in (("objetivo de menu-open", "goal of menu-open"), ("Menús en horario", "Menus in and out"),
                             ("Llamar al menú", "Call the menu"), ("Se oye el menú", "The menu is heard")):  # fmt: skip
        assert page.says(spanish, "es")
        assert page.says(english, "en")
    assert len(page.said["es"]) == len(page.said["en"])
    assert all("data-en" in attributes for _, attributes in page.elements if "data-es" in attributes)


def test_the_page_needs_nothing_from_anywhere(run: RunResult) -> None:
    text = render_html(run)
    page = Page(text)
    for _, attributes in page.elements:
        for name in ("src", "href", "action", "srcset", "data", "xlink:href"):
            beside = {"acceptance.pdf", "acceptance.xlsx"} if name == "href" else set()
            assert attributes.get(name, "data:").startswith(("data:", "#")) or attributes[name] in beside
    assert not page.find("link")
    assert "url(" not in text
    assert "@import" not in text
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg\")", text)


def test_the_page_may_run_its_own_script_and_no_other(run: RunResult) -> None:
    text = render_html(run)
    policy = next(each["content"] for each in Page(text).find("meta") if "http-equiv" in each)
    (script,) = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert policy.startswith("default-src 'none';")
    assert f"script-src 'sha256-{digest}'" in policy


def test_hostile_text_stays_text_in_the_page(run: RunResult) -> None:
    text = render_html(hostile(run))
    page = Page(text)
    assert page.open == []
    assert len(page.find("script")) == 1
    assert len(page.find("style")) == 1
    handlers = [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    assert handlers == []
    assert page.says("<script>alert(1)</script>")
    assert not re.search("[\x00\x1b\u202e\ud800]", text)


def test_a_recording_is_carried_by_the_page_as_sound(run: RunResult, tmp_path: Path) -> None:
    (audio,) = Page(render_html(run)).find("audio")
    kind, _, content = audio["src"].partition(";base64,")
    assert kind == "data:audio/flac"
    played = tmp_path / "played"
    played.write_bytes(base64.b64decode(content))
    assert soundfile.info(played).duration == pytest.approx(2, abs=0.01)


def test_a_missing_recording_is_said_to_hold_no_sound(run: RunResult, tmp_path: Path) -> None:
    missing = replace(run.rows[1], recordings=(Recording("extension:201", tmp_path / "missing.wav", ()),))
    page = Page(render_html(replace(run, rows=(missing,))))
    assert page.find("audio") == []
    assert page.says("La grabación no contiene sonido.", "es")


def test_a_run_without_rows_is_no_success(run: RunResult) -> None:
    page = Page(render_html(replace(run, rows=())))
    assert page.says("No hubo pruebas", "es")
    assert "verdict notrun" in [each.get("class") for each in page.find("div")]


def test_junit_counts_and_explains(run: RunResult) -> None:
    suite = ET.fromstring(render_junit(run))[0]
    assert [suite.get(name) for name in ("tests", "failures", "skipped", "errors")] == ["3", "1", "1", "0"]
    passed, failed, skipped = suite.findall("testcase")
    assert (failed.get("classname"), failed.get("name"), failed.get("time")) == ("a.IVR-1", "menu-closed", "0.900")
    failure = failed.find("failure")
    assert failure is not None
    assert "the call went to ivr:day" in failure.get("message", "")
    assert "phone: Prompt heard: expected prompt:night, observed silence" in (failure.text or "")
    assert "see a:7" in (failure.text or "")
    assert passed.find("failure") is None
    assert skipped.find("skipped") is not None


def test_control_characters_do_not_break_junit(run: RunResult) -> None:
    root = ET.fromstring(render_junit(hostile(run)))
    failure = root.find(".//failure")
    assert failure is not None
    assert "<script>" in failure.get("message", "")


def test_json_gives_every_field_and_no_path_of_this_machine(run: RunResult, tmp_path: Path) -> None:
    outside = replace(run, prompts={"prompt:x": tmp_path / "secret-folder" / "x.wav"})
    text = render_json(outside, tmp_path / "report")
    content = json.loads(text)
    assert content["schema"] == 1
    assert content["rows"][1]["verdict"] == "failed"
    assert content["rows"][1]["recordings"][0]["path"] == "evidence/201.wav"
    assert content["prompts"] == {"prompt:x": "x.wav"}
    assert str(tmp_path) not in text
    json.loads(render_json(hostile(run)))


def test_a_report_is_written_whole(run: RunResult, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "report"
    assert write_report(run, folder) == folder / "index.html"
    assert write_report(hostile(run), folder) == folder / "index.html"
    assert sorted(path.name for path in folder.iterdir()) == [
        "acceptance.pdf", "acceptance.xlsx", "index.html", "junit.xml", "results.json",
    ]  # fmt: skip
    assert (folder / "index.html").read_text("utf-8").startswith("<!doctype html>")
    assert (folder / "index.html").stat().st_mode & 0o444 == 0o444


def test_a_report_that_cannot_be_made_leaves_the_old_one(run: RunResult, tmp_path: Path) -> None:
    page = write_report(run, tmp_path)
    before = page.read_bytes()
    with pytest.raises(AttributeError):
        write_report(replace(run, rows=(None,)), tmp_path)  # type: ignore[arg-type]
    assert page.read_bytes() == before


@pytest.mark.parametrize("width", [50, 120])
def test_the_terminal_shows_verdicts_and_reasons(run: RunResult, width: int) -> None:
    console = Console(width=width, record=True, file=None, quiet=False, force_terminal=False)
    with console.capture() as capture:
        console.print(summary(run))
    shown = capture.get()
    assert "✗ failed" in shown
    assert "✓ 1 passed  ✗ 1 failed  – 1 not run" in " ".join(shown.split("\n")).replace("   ", "  ")
    assert max(len(line) for line in shown.splitlines()) <= width
    if width > 100:
        assert "the call went to ivr:day" in shown


def test_hostile_text_does_not_steer_the_terminal(run: RunResult) -> None:
    console = Console(width=100, force_terminal=True)
    with console.capture() as capture:
        console.print(summary(replace(hostile(run), tenant_name="[bold]x[/nope]")))
    assert "\x1b[31m<" not in capture.get()
    assert "\x00" not in capture.get()
    assert "[bold]x[/nope]" in capture.get()


def test_dates_are_written_out() -> None:
    assert date_words("2026-11-21T23:36:20-03:00") == Words("21 de noviembre de 2026, 23:36", "21 November 2026, 23:36")
    assert date_words("yesterday") == Words("yesterday", "yesterday")


@pytest.mark.parametrize(
    ("counts", "spanish"),
    [
        ((3, 0, 0), "Las 3 pruebas alcanzaron el objetivo"),
        ((1, 0, 0), "La prueba alcanzó el objetivo"),
        ((1, 2, 0), "2 pruebas de 3 no alcanzaron el objetivo"),
        ((2, 0, 1), "Sin fallas, pero 1 de 3 no se ejecutó"),
        ((0, 0, 0), "No hubo pruebas"),
    ],
)
def test_the_headline_says_how_it_ended(counts: tuple[int, int, int], spanish: str) -> None:
    assert headline(*counts).es == spanish


def test_every_requirement_has_a_name_in_both_languages() -> None:
    assert len(REQUIREMENTS) == 35
    assert all(name.es and name.en and name.es != name.en for name in REQUIREMENTS.values())
