"""What is drawn of a call flow, and what is drawn together."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from pbx.graph.collapse import picture
from pbx.graph.facts import facts, ranges
from pbx.graph.page_words import PAGE, PAGE_ENDS, PAGE_STATES, PAGE_WAYS
from pbx.graph.words import EXITS, KINDS, TEXTS, ending, reason
from pbx.kinds import KINDS as ALL_KINDS
from pbx.model import Ref
from tests.samples import DEMO, TWO, clean, tenant, texts_of

if TYPE_CHECKING:
    from pbx.graph.picture import Box, Line, Picture
    from pbx.site import TenantScope


def office(**changes: Any) -> TenantScope:  # noqa: ANN401 - JSON
    """A small tenant with twelve extensions, changed."""
    tree = {
        "tenant": "uno",
        "name": "Uno",
        "country": "AR",
        "language": "en",
        "timezone": "America/Argentina/Buenos_Aires",
        "area_code": "11",
        "numbering": {"extensions": "200-299"},
        "calendar_years": "2026",
        "trunks": {"principal": {"type": "cloud", "host": "a.example"}},
        "outbound_routes": [{"match": ["emergency"], "trunks": ["principal"]}],
        "classes_of_service": {"interno": {"allow": ["internal"]}},
        "extensions": {
            str(number): {"first_name": f"P{number}", "class_of_service": "interno", "voicemail": {"pin": "4711"}}
            for number in range(201, 213)
        },
        **changes,
    }
    return clean({"platform.yaml": texts_of(DEMO)["platform.yaml"], "tenants/uno.yaml": json.dumps(tree)}).tenants[
        "uno"
    ]


def menu(**options: str) -> dict[str, Any]:
    """A menu with these keys."""
    return {"prompt": {"say": "Hello."}, "options": {key.removeprefix("key"): to for key, to in options.items()}}


def box(shown: Picture, identity: str) -> Box:
    """The box of an id."""
    (found,) = [each for each in shown.boxes if each.id == identity]
    return found


def between(shown: Picture, source: str, target: str) -> list[Line]:
    """The lines from a box to another."""
    return [line for line in shown.lines if (line.source, line.target) == (source, target)]


def test_a_number_shows_only_what_its_calls_reach() -> None:
    shown = picture(tenant(DEMO, "andina"), "+541152365002")
    assert {each.id for each in shown.boxes} == {
        "did:+541152365002",
        "extension:203",
        "extension:202",
        "extension:201",
        "external:+5491155550000",
    }


def test_a_number_that_is_not_there_is_not_drawn() -> None:
    with pytest.raises(KeyError):
        picture(tenant(DEMO, "andina"), "+541199999999")


def test_lines_with_the_same_ends_are_one_with_joined_labels() -> None:
    (line,) = between(picture(tenant(DEMO, "andina")), "queue:ventas", "extension:203")
    assert line.labels == ("nadie conectado", "llena", "demasiado tiempo")
    assert line.exits == (("queue:ventas", "empty"), ("queue:ventas", "full"), ("queue:ventas", "timeout"))


def test_keys_hours_and_what_goes_by_itself_are_told_apart() -> None:
    shown = picture(tenant(DEMO, "andina"))
    ways = {line.way for line in between(shown, "ivr:principal", "extension:203")}
    assert ways == {"key", "auto"}
    assert [line.way for line in between(shown, "schedule:oficina", "ivr:principal")] == ["time"]


def test_each_end_is_a_mark_of_its_own() -> None:
    shown = picture(tenant(DEMO, "andina"))
    marks = [each for each in shown.boxes if each.kind == "hangup"]
    assert len(marks) == len({line.source for line in shown.lines if line.target in {mark.id for mark in marks}}) == 6


def test_extensions_that_can_be_dialled_are_one_line_to_their_range() -> None:
    shown = picture(
        office(dids={"+541152365000": "ivr:main"}, ivrs={"main": {**menu(key5="hangup"), "dial_extensions": True}})
    )
    assert box(shown, "extensions").title == "201–212"
    (line,) = between(shown, "ivr:main", "extensions")
    assert line.labels == ("dials the extension",)
    assert len(line.exits) == 12
    assert not [each for each in shown.boxes if each.kind == "extension"]


def test_leaves_of_one_menu_share_a_box_and_a_line() -> None:
    keys = {f"key{key}": f"extension:20{key}" for key in range(1, 6)}
    shown = picture(office(dids={"+541152365000": "ivr:main"}, ivrs={"main": menu(**keys)}))
    (line,) = [each for each in shown.lines if each.way == "key"]
    assert box(shown, line.target).title == "201–205"
    assert line.labels == ("1", "2", "3", "4", "5")


def test_direct_numbers_are_drawn_together() -> None:
    dids = {f"+54115236500{last}": f"extension:20{last}" for last in range(1, 8)}
    shown = picture(office(dids=dids))
    direct = box(shown, "direct")
    assert direct.title == "7 direct numbers"
    assert direct.lines[0] == "+541152365001 → P201 (201)"
    assert shown.drawn["extension:203"] == "direct"


def test_numbers_of_one_place_are_drawn_together() -> None:
    dids = {f"+54115236500{last}": "ivr:main" for last in range(1, 5)}
    shown = picture(office(dids=dids, ivrs={"main": menu(key1="hangup")}))
    assert [each.title for each in shown.boxes if each.kind == "dids"] == ["4 public numbers"]


def test_the_own_mailbox_is_said_in_the_box_of_its_extension() -> None:
    shown = picture(tenant(DEMO, "andina"))
    assert shown.drawn["voicemail:202"] == "extension:202"
    assert shown.drawn["voicemail:201"] == "voicemail:201", "a menu leads there too"
    assert "→ buzón" in box(shown, "extension:202").lines[0]


def test_a_menu_that_leads_to_itself_says_so() -> None:
    shown = picture(office(dids={"+541152365000": "ivr:main"}, ivrs={"main": menu(key9="ivr:main")}))
    assert "9: starts again" in box(shown, "ivr:main").lines


def test_every_place_of_the_tenant_is_somewhere() -> None:
    scope = tenant(DEMO, "andina")
    assert {str(ref) for ref, _ in scope.models() if ref.kind != "voicemail"} <= set(picture(scope).drawn)


def test_numbers_in_a_row_are_a_range() -> None:
    assert ranges(["203", "201", "202", "210"]) == "201–203, 210"
    assert ranges(["099", "100"]) == "099–100"
    assert ranges([]) == ""


def test_no_secret_is_among_what_is_said() -> None:
    scope = tenant(DEMO, "andina")
    everything = json.dumps([facts(scope, ref) for ref, _ in scope.models()])
    pins = [each.voicemail.pin for each in scope.tenant.extensions.values() if each.voicemail]
    assert len(pins) == 3
    assert not [pin for pin in pins if str(pin) in everything]


def test_every_kind_and_exit_has_a_word_in_both_languages() -> None:
    assert {kind.name for kind in ALL_KINDS} <= set(KINDS)
    exits = {each.when for _, node in _all_exits() for each in node if each.when.strip("0123456789*#")}
    assert exits <= set(EXITS)
    for table in (KINDS, TEXTS, PAGE, PAGE_ENDS, PAGE_STATES, PAGE_WAYS):
        assert all(len(pair) == 2 and all(pair) for pair in table.values())


def test_a_refusal_is_told_in_spanish_with_its_reason() -> None:
    assert ending("refused: no such number", "es") == "rechazada: no existe ese número"
    assert ending("refused: no such number", "en") == "refused: no such number"


def _all_exits() -> list[tuple[Ref, Any]]:
    from pbx.flow import build

    flows = [build(tenant(site, "andina")) for site in (DEMO, TWO)]
    return [(ref, node.exits) for flow in flows for ref, node in flow.nodes.items()]


@pytest.mark.parametrize(
    ("because", "said"),
    [
        ("tue 10:00 is within 09:00-13:00", "mar 10:00 está dentro de 09:00-13:00"),
        ("2026-12-24 is a holiday: Nochebuena", "2026-12-24 es feriado: Nochebuena"),
        ("no key for 6 s (1 of 2)", "no marca nada en 6 s (1 de 2)"),
        ("Ana Gómez (201) answers", "atiende Ana Gómez (201)"),
        ("it is a toll free call", "es una llamada gratuita"),
        ("forced closed by *28", "forzado cerrado con *28"),
        (
            "the phone is busy; the user has sent such calls to 202",
            "el teléfono está ocupado; el usuario mandó esas llamadas al 202",
        ),
        ("class of service interno does not allow local calls", "la categoría interno no permite llamadas locales"),
        ("class of service a does not allow mobile calls", "la categoría a no permite llamadas a móvil"),
        ("it is a mobile call; class completo allows it", "es una llamada a móvil; la categoría completo la permite"),
        ("2026-12-24 is a holiday: Uno; dos", "2026-12-24 es feriado: Uno; dos"),
        ("something new", "something new"),
    ],
)
def test_reasons_are_said_in_spanish(because: str, said: str) -> None:
    assert reason(because, "es") == said
    assert reason(because, "en") == because
