"""The report in a headless Chromium, on a desk and on a phone: it fits, speaks two languages and is searched."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from lab.engine.base import EngineError
from lab.report import render_html
from lab.report.acceptance import acceptance_html, form_of_run
from lab.report.compare import compare
from lab.results import RunResult
from pbx.graph.collapse import picture
from tests.browser import Page, browser, program
from tests.runs import hostile, made_up
from tests.samples import DEMO, tenant

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

JOURNEY = ("did:+541152365000", "schedule:oficina", "ivr:principal", "queue:ventas")
EXITS = ("schedule:oficina open", "ivr:principal 1")
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SHOWN = "[...document.querySelectorAll('details.row')].filter((row) => !row.hidden).map((row) => row.id)"


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """One browser for all tests."""
    try:
        executable = program()
    except EngineError as error:
        pytest.skip(f"NO CHROMIUM HERE AND NONE TO BE HAD, so nobody clicks the report: {error}")
    with browser(executable, tmp_path_factory.mktemp("profile")) as tab:
        yield tab


@pytest.fixture
def run(tmp_path: Path) -> RunResult:
    """A run with a drawing, a ladder, a recording and a comparison."""
    made = made_up(tmp_path)
    went = replace(made.rows[1], journey=(*JOURNEY, "extension:203"), forecast=JOURNEY, exits=EXITS)
    made = replace(made, rows=(made.rows[0], went, made.rows[2]), flow=picture(tenant(DEMO, "andina")))
    return replace(made, comparison=compare(made, replace(made, rows=made.rows[:1])))


def opened(tab: Page, folder: Path, content: str, place: str = "") -> Page:
    tab.complaints.clear()
    file = folder / "index.html"
    file.write_text(content, "utf-8")
    tab.open(f"{file.as_uri()}{place}")
    return tab


@pytest.mark.parametrize("width", [390, 1280])
def test_the_report_with_every_row_open_needs_no_moving_sideways(
    chromium: Page, run: RunResult, tmp_path: Path, width: int
) -> None:
    chromium.size(width, 900, phone=width < 500)
    opened(chromium, tmp_path, render_html(run)).click(".toggle")
    assert chromium.ask("document.querySelectorAll('details.row[open]').length") == 3
    assert chromium.ask(SIDEWAYS) <= 0
    assert chromium.ask("document.querySelectorAll('.drawn .flow .box.lit').length") == 5
    assert chromium.complaints == []


def test_strangers_texts_do_not_widen_the_report_nor_act_in_it(chromium: Page, run: RunResult, tmp_path: Path) -> None:
    chromium.size(390, 900, phone=True)
    opened(chromium, tmp_path, render_html(hostile(run))).click(".toggle")
    assert chromium.ask(SIDEWAYS) <= 0
    assert chromium.complaints == []


def test_the_words_of_a_drawing_can_be_read_on_a_phone(chromium: Page, run: RunResult, tmp_path: Path) -> None:
    chromium.size(390, 900, phone=True)
    opened(chromium, tmp_path, render_html(run), "#row-menu-closed")
    title = "document.querySelector('#row-menu-closed .drawn text.title').getBoundingClientRect().height"
    assert chromium.ask(title) >= 10


def test_a_change_leads_to_its_row_and_rows_are_found(chromium: Page, run: RunResult, tmp_path: Path) -> None:
    chromium.size(1280, 900)
    tab = opened(chromium, tmp_path, render_html(run))
    tab.click(".changes a[href='#row-menu-closed']")
    tab.until("document.querySelector('#row-menu-closed').open")
    tab.click(".choices [data-verdict='failed']")
    assert tab.ask(SHOWN) == ["row-menu-closed"]
    assert tab.complaints == []


def test_the_other_language_is_one_click_away(chromium: Page, run: RunResult, tmp_path: Path) -> None:
    chromium.size(1280, 900)
    tab = opened(chromium, tmp_path, render_html(run))
    why = (
        "[...document.querySelectorAll('#row-menu-closed .why span')].filter((e) => e.offsetParent).map((e) => e.lang)"
    )
    assert tab.ask(why) == ["es"]
    tab.click("[data-language='en']")
    assert tab.ask(why) == ["en"]


@pytest.mark.parametrize("width", [390, 1280])
def test_the_acceptance_form_fits_the_screen(chromium: Page, run: RunResult, tmp_path: Path, width: int) -> None:
    chromium.size(width, 900, phone=width < 500)
    tab = opened(chromium, tmp_path, acceptance_html(form_of_run(run)))
    assert tab.ask(SIDEWAYS) <= 0
    assert tab.complaints == []
