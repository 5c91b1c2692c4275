"""The page in a headless Chromium: clicked, typed into, dragged and touched, on a desk and on a phone."""

from __future__ import annotations

import json
import shlex
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from lab.engine.base import EngineError
from pbx.graph.collapse import picture
from pbx.graph.page import page
from pbx.kinds.base import Situation
from pbx.trace import trace_did
from tests.browser import Page, browser, program
from tests.commands import Pbx
from tests.large_tenant import large
from tests.samples import DEMO, tenant
from tests.unit.test_graph_page import hostile, place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pbx.site import TenantScope

MORNING = {"did": "+541152365000", "at": "2026-12-22T10:00"}
PATH = "[...document.querySelectorAll('.box.lit')].map((e) => e.dataset.box)"
STEPS = "[...document.querySelectorAll('#steps strong')].map((e) => e.textContent)"
VIEW = "document.querySelector('.everything').getAttribute('transform')"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the pages are."""
    return tmp_path_factory.mktemp("pages")


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """One browser for all tests; each loads its page anew."""
    try:
        executable = program()
    except EngineError as error:
        pytest.skip(f"NO CHROMIUM HERE AND NONE TO BE HAD, so nobody clicks the page of pbx graph: {error}")
    with browser(executable, tmp_path_factory.mktemp("profile")) as tab:
        yield tab


@pytest.fixture
def desk(chromium: Page) -> Page:
    """A large screen."""
    chromium.complaints.clear()
    chromium.size(1440, 900)
    return chromium


@pytest.fixture
def phone(chromium: Page) -> Iterator[Page]:
    """A small one that is touched."""
    chromium.complaints.clear()
    chromium.size(390, 844, phone=True)
    yield chromium
    chromium.size(1440, 900)


def opened(tab: Page, folder: Path, scope: TenantScope, **call: Any) -> Page:  # noqa: ANN401 - of an address
    """Open the page of a tenant with a call in its address."""
    file = folder / f"{scope.slug}-{len(scope.tenant.name)}.html"
    file.write_text(page(scope, picture(scope), place, "lab/sites/demo", "right"), "utf-8")
    tab.open(f"{file.as_uri()}#{urlencode(call, doseq=True)}")
    return tab


def foretold(scope: TenantScope, presses: list[str], **states: Any) -> list[str]:  # noqa: ANN401 - states
    """Where the compiler says that a call in the morning goes."""
    numbered = {number.removeprefix("x"): state for number, state in states.items()}
    at = datetime.fromisoformat(MORNING["at"])
    return trace_did(scope, MORNING["did"], Situation(at=at, presses=presses, states=numbered)).nodes


def test_the_path_of_a_call_lights_up_and_follows_keys_and_phones(desk: Page, folder: Path) -> None:
    scope = tenant(DEMO, "andina")
    opened(desk, folder, scope, **MORNING)
    desk.click("[data-press='1']")
    assert desk.ask(PATH) == foretold(scope, ["1"])
    assert desk.ask(STEPS)[-1] == "cola ventas"
    assert desk.ask("document.querySelector('#end').textContent") == "atiende Ana Gómez (201)"
    for number in ("201", "202"):
        desk.ask(
            f"(() => {{ const s = document.querySelector('[data-phone=\"{number}\"]'); s.value = 'busy';"
            "s.dispatchEvent(new Event('change')) })()"
        )
    wanted = foretold(scope, ["1"], x201="busy", x202="busy")
    assert wanted[-1] == "extension:203"
    assert set(desk.ask(PATH)) == set(wanted)
    assert "--press 1 --state 201=busy --state 202=busy" in desk.ask("document.querySelector('#command').textContent")
    desk.click(".keypad .back")
    assert "queue:ventas" not in desk.ask(PATH)
    assert desk.complaints == []


def chosen(tab: Page, selector: str, value: str) -> None:
    """Choose an option, as a hand does."""
    tab.ask(
        f"(() => {{ const s = document.querySelector({json.dumps(selector)}); s.value = {json.dumps(value)};"
        "s.dispatchEvent(new Event('change')) })()"
    )


def test_what_users_have_set_and_who_has_forced_a_schedule_changes_the_call(desk: Page, folder: Path) -> None:
    scope = tenant(DEMO, "andina")
    text = "document.querySelector('#steps').innerText"
    opened(desk, folder, scope, did="+541152365003", at="2026-12-22T21:00", override="oficina=open")
    assert "ivr:nocturno" in desk.ask(PATH)
    desk.click("#more summary")
    chosen(desk, "[data-schedule='recepcion']", "open")
    assert desk.ask(STEPS)[-1] == "grupo de timbrado recepcion"
    assert "suena Rosa Díaz (206), Hugo Sosa (207) hasta 15 s" in desk.ask(text)
    assert "--override recepcion=open" in desk.ask("document.querySelector('#command').textContent")
    opened(desk, folder, scope, **MORNING, press="0", caller="+541143210000")
    assert desk.ask("document.querySelector('#more').open") is True
    assert desk.ask(STEPS)[-1] == "Eva Ruiz (203)"
    assert "suena Eva Ruiz (203) hasta 20 s" in desk.ask(text)
    assert "oye “Gracias por llamar" in desk.ask(text)
    chosen(desk, "[data-phone='203']", "dnd")
    assert desk.ask(STEPS)[-1] == "Luis Paz (202)"
    desk.click("#add-forward")
    for index, value in enumerate(("203", "forward_busy", "91543215555")):
        chosen(desk, f".forward select:nth-of-type({index + 1})", value)
    assert desk.ask(STEPS)[-3:] == ["Eva Ruiz (203)", "número externo Gruas del Sur", "troncal principal"]
    assert "extension:202" not in desk.ask(PATH), "the file's own way is not the one that was taken"
    seen = desk.ask("document.querySelector('#shown').textContent")
    assert "+541143210000 (Proveedor Sur)" in seen
    assert "Afuera se ve +541152365000" in seen
    command = desk.ask("document.querySelector('#command').textContent")
    for option in ("--caller +541143210000", "--state 203=dnd", "--set forward_busy:203=91543215555"):
        assert option in command
    again = desk.ask("location.hash")
    steps = desk.ask(STEPS)
    desk.open(f"{desk.ask('location.href').partition('#')[0]}{again}")
    assert desk.ask(STEPS) == steps
    desk.click(".forward .remove")
    assert desk.ask(STEPS)[-1] == "Luis Paz (202)"
    assert desk.complaints == []


def agrees(desk: Page, pbx_command: Pbx) -> None:
    """What the page shows is what its own command tells."""
    options = shlex.split(desk.ask("document.querySelector('#command').textContent"))[3:]
    told = json.loads(pbx_command("trace", str(DEMO), *options, "--format", "json").out)
    assert [step["node"] for step in told["steps"]] == desk.ask("last.steps.map((each) => each.node)")
    assert told["end"] == desk.ask("last.end")


def test_trunks_that_fail_or_are_full_change_the_call(desk: Page, folder: Path, pbx_command: Pbx) -> None:
    scope = tenant(DEMO, "andina")
    text = "document.querySelector('#steps').innerText"
    end = "document.querySelector('#end').textContent"

    opened(desk, folder, scope, **MORNING, press="3")
    assert desk.ask(STEPS)[-1] == "troncal principal"
    chosen(desk, "[data-name='trunk:principal']", "failed")
    assert desk.ask(STEPS)[-2:] == ["troncal principal", "troncal respaldo"]
    assert "la primera troncal de la ruta: no se la alcanza o falla" in desk.ask(text)
    agrees(desk, pbx_command)
    chosen(desk, "[data-name='trunk:principal']", "full")
    assert "ya lleva todas las llamadas que puede" in desk.ask(text)
    agrees(desk, pbx_command)
    offered = desk.ask("[...document.querySelectorAll('[data-name=\"trunk:respaldo\"] option')].map((e) => e.value)")
    assert offered == ["answer", "busy", "failed"], "a trunk without a limit is never full"
    chosen(desk, "[data-name='trunk:respaldo']", "failed")
    assert desk.ask(end) == "la llamada no sale"
    agrees(desk, pbx_command)
    chosen(desk, "[data-name='trunk:principal']", "busy")
    assert desk.ask(end) == "quien llama oye tono de ocupado"
    agrees(desk, pbx_command)
    command = desk.ask("document.querySelector('#command').textContent")
    assert {"trunk:principal=busy", "trunk:respaldo=failed"} < set(command.split())
    again, steps = desk.ask("location.hash"), desk.ask(STEPS)
    desk.open(f"{desk.ask('location.href').partition('#')[0]}{again}")
    assert desk.ask(STEPS) == steps
    assert desk.ask("document.querySelector('[data-name=\"trunk:principal\"]').value") == "busy"
    assert desk.complaints == []


def test_full_queues_and_agents_in_a_pause_change_the_call(desk: Page, folder: Path, pbx_command: Pbx) -> None:
    scope = tenant(DEMO, "andina")
    text = "document.querySelector('#steps').innerText"
    end = "document.querySelector('#end').textContent"

    opened(desk, folder, scope, **MORNING, press="1")
    assert desk.ask(end) == "atiende Ana Gómez (201)"
    chosen(desk, "[data-name='queue:ventas']", "full")
    assert "ya esperan 10 personas" in desk.ask(text)
    assert "extension:203" in desk.ask(PATH)
    agrees(desk, pbx_command)
    chosen(desk, "[data-name='queue:ventas']", "nobody")
    assert "todos los agentes están en pausa o sin conexión" in desk.ask(text)
    assert desk.ask("document.querySelector('[data-phone=\"201\"]').value") == "pause"
    agrees(desk, pbx_command)
    chosen(desk, "[data-phone='202']", "answer")
    assert desk.ask("document.querySelector('[data-name=\"queue:ventas\"]').value") == ""
    assert desk.ask(end) == "atiende Luis Paz (202)"
    assert "--set queue_pause:201=on" in desk.ask("document.querySelector('#command').textContent")
    agrees(desk, pbx_command)
    again = desk.ask("location.hash")
    desk.open(f"{desk.ask('location.href').partition('#')[0]}{again}")
    assert desk.ask("document.querySelector('[data-phone=\"201\"]').value") == "pause"
    assert desk.ask(end) == "atiende Luis Paz (202)"
    chosen(desk, "[data-name='queue:ventas']", "nobody")
    chosen(desk, "[data-name='queue:ventas']", "")
    assert desk.ask(end) == "atiende Ana Gómez (201)"
    assert desk.complaints == []


def test_the_command_of_the_page_says_the_same_as_the_page(desk: Page, folder: Path, pbx_command: Pbx) -> None:
    states = ["201=no_answer", "203=dnd"]
    forwards = ["forward_no_answer:201=203", "forward_busy:203=voicemail"]
    opened(desk, folder, tenant(DEMO, "andina"), did="+541152365001", at=MORNING["at"], state=states, set=forwards)
    program, command, *options = shlex.split(desk.ask("document.querySelector('#command').textContent"))
    assert (program, command) == ("pbx", "trace")
    told = json.loads(pbx_command("trace", str(DEMO), *options[1:], "--format", "json").out)
    assert told["end"] == "left at voicemail:203"
    assert [step["node"] for step in told["steps"]] == desk.ask("last.steps.map((each) => each.node)")


def test_every_lit_line_joins_two_lit_boxes(desk: Page, folder: Path) -> None:
    opened(desk, folder, tenant(DEMO, "andina"), **MORNING, press=["4", "9", "1"])
    ends = desk.ask("[...document.querySelectorAll('.way.lit')].map((e) => [e.dataset.from, e.dataset.to])")
    assert ["ivr:siniestros", "ivr:principal"] in ends
    assert {each for pair in ends for each in pair} <= set(desk.ask(PATH))


def test_a_holiday_closes_and_its_name_is_the_reason(desk: Page, folder: Path) -> None:
    opened(desk, folder, tenant(DEMO, "andina"), **MORNING)
    for field, value in (("date", "2026-12-24"), ("time", "20:00")):
        desk.ask(
            f"(() => {{ const e = document.querySelector('#{field}'); e.value = '{value}';"
            "e.dispatchEvent(new Event('input')) })()"
        )
    assert "announcement:feriado" in desk.ask(PATH)
    assert "es feriado: Nochebuena" in desk.ask("document.querySelector('#steps').innerText")
    assert desk.ask("location.hash").endswith("at=2026-12-24T20%3A00")


def test_a_click_tells_the_settings_and_the_source_line(desk: Page, folder: Path) -> None:
    opened(desk, folder, tenant(DEMO, "andina"), **MORNING)
    desk.click("[data-box='queue:ventas']")
    told = desk.ask("document.querySelector('#detail').innerText")
    assert "Ana Gómez (201), Luis Paz (202)" in told
    assert "tenants/uno.yaml:3" in told
    assert desk.ask("document.querySelector('#call').hidden") is True


def test_search_finds_a_person_whatever_the_accents(desk: Page, folder: Path) -> None:
    opened(desk, folder, tenant(DEMO, "andina"), **MORNING)
    desk.key("/")
    desk.write("gomez")
    assert "Ana Gómez (201)" in desk.ask("document.querySelector('#found').innerText")
    desk.key("Enter")
    assert "Ana Gómez (201)" in desk.ask("document.querySelector('#detail h2').textContent")
    desk.key("/")
    desk.write("nobody of that name")
    assert desk.ask("document.querySelectorAll('.box.hit').length") == 0
    desk.key("Escape")
    assert desk.ask("document.querySelector('#found').hidden") is True


def test_the_keyboard_is_enough(desk: Page, folder: Path) -> None:
    opened(desk, folder, tenant(DEMO, "andina"), **MORNING)
    desk.ask("document.querySelector('#stage').focus()")
    desk.key("Tab")
    assert desk.ask("document.activeElement.dataset.box") == "did:+541152365000"
    desk.key("ArrowRight")
    assert desk.ask("document.activeElement.dataset.box") == "schedule:oficina"
    desk.key("Enter")
    assert desk.ask("document.querySelector('#detail h2').textContent") == "oficina"
    before = desk.ask(VIEW)
    desk.key("+")
    assert desk.ask(VIEW) != before


def test_the_mouse_moves_the_drawing_without_choosing_anything(desk: Page, folder: Path) -> None:
    opened(desk, folder, tenant(DEMO, "andina"), **MORNING)
    x, y = desk.middle("[data-box='schedule:oficina']")
    desk.drag((x, y), (x + 90, y + 40))
    moved = desk.middle("[data-box='schedule:oficina']")
    assert [*moved] == pytest.approx([x + 90, y + 40], abs=1)
    assert desk.ask("document.querySelectorAll('.chosen').length") == 0


def test_a_phone_shows_the_call_and_two_fingers_zoom(phone: Page, folder: Path) -> None:
    opened(phone, folder, tenant(DEMO, "andina"), **MORNING, press="1")
    assert phone.ask("document.documentElement.scrollWidth") <= 390
    assert phone.ask("document.querySelector('#panel').dataset.open") == "false"
    width = "document.querySelector('[data-box=\"schedule:oficina\"]').getBoundingClientRect().width"
    before = phone.ask(width)
    assert before > 100, "readable without zooming"
    phone.touch([(150, 300), (250, 300)], [(100, 300), (300, 300)])
    assert phone.ask(width) == pytest.approx(before * 2, rel=0.1)
    phone.click("#fold")
    assert phone.ask("document.querySelector('#steps').innerText.includes('cola ventas')") is True
    assert phone.ask("document.documentElement.scrollWidth") <= 390


def test_hostile_names_run_nothing_and_break_nothing(desk: Page, folder: Path) -> None:
    scope = hostile()
    opened(desk, folder, scope, **MORNING, press="1")
    desk.ask("window.alert = () => { window.attacked = true }")
    assert desk.ask("document.querySelectorAll('script').length") == 2
    assert desk.ask("document.querySelectorAll('img').length") == 0
    for identity in picture(scope).drawn.values():
        desk.ask(f"choose({json.dumps(identity)})")
    desk.ask(
        "(() => { const e = document.querySelector('#search'); e.value = 'a'; e.dispatchEvent(new Event('input')) })()"
    )
    assert desk.ask("window.attacked === undefined") is True
    assert desk.ask(PATH)[-1] != ""
    assert desk.complaints == []


def test_more_than_fifty_boxes_are_begun_at_a_readable_size(desk: Page, folder: Path) -> None:
    scope = large()
    assert len(picture(scope).boxes) > 50
    opened(desk, folder, scope, did="+541152365000", at="2026-03-02T10:00")
    frame = desk.ask(
        "(() => { const r = document.querySelector('.box.lit').getBoundingClientRect(); return [r.x, r.width] })()"
    )
    assert frame[0] >= 0
    assert frame[1] > 120
    desk.click("#whole")
    inside = desk.ask("[...document.querySelectorAll('.box')].every(isSeen)")
    assert inside is True
    assert desk.complaints == []
