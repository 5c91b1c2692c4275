"""The rules of the call flow, where the pages of their codes do not say enough."""

from __future__ import annotations

from tests.diagnostics.pages import blocks, check_site
from tests.unit.test_check import codes

DAY_AND_NIGHT = (
    'dids: {"+541152365000": schedule:dia}\n'
    "schedules:\n"
    '  dia: {hours: {mon-sun: "08:00-20:00"}, open: extension:201, closed: schedule:noche}\n'
    '  noche: {hours: {mon-sun: ["00:00-08:00", "20:00-24:00"]}, open: busy, closed: schedule:dia%s}\n'
)


def witnesses(text: str) -> list[str]:
    """The witnesses of all that is said of a tenant."""
    (block,) = blocks(f"```yaml\n{text}```\n")
    return [each.witness for each in check_site(block.completed())[0]]


def test_schedules_that_never_are_closed_at_once_are_no_loop() -> None:
    assert codes(DAY_AND_NIGHT % "") == []


def test_one_minute_in_which_both_are_closed_is_enough_for_a_loop() -> None:
    text = (DAY_AND_NIGHT % "").replace('"20:00-24:00"', '"20:01-24:00"')
    assert codes(text) == ["PBX407"]
    assert witnesses(text) == ["pbx trace SITE andina --did +541152365000 --at 2026-01-01T20:00"]


def test_a_schedule_that_can_be_forced_closed_may_close_a_loop() -> None:
    text = DAY_AND_NIGHT % ', override: "*28"'
    assert codes(text) == ["PBX407"]
    assert "--override noche=closed" in witnesses(text)[0]


def test_an_hour_that_the_clock_skips_is_no_opening_hour() -> None:
    """In Madrid it is 3 o'clock after 01:59 on 29 March 2026."""
    text = (
        "timezone: Europe/Madrid\ncalendar_years: 2026\n"
        'dids: {"+541152365000": schedule:domingo}\n'
        "schedules:\n"
        '  domingo: {hours: {sun: "02:00-03:00"}, open: extension:201, closed: busy,\n'
        '            holidays: {add: {"2026-01-01..2026-03-28": A, "2026-03-30..2026-12-31": B}}}\n'
    )
    assert codes(text) == ["PBX443"]
    assert codes(text.replace('"02:00-03:00"', '"02:00-03:01"')) == []
    assert codes(text.replace("Europe/Madrid", "America/Argentina/Buenos_Aires")) == []


def test_a_key_chooses_and_dialling_an_extension_is_a_try() -> None:
    people = (
        'extensions: {"201": {first_name: Ana, class_of_service: interno}, '
        '"302": {first_name: Eva, class_of_service: interno, receive: internal}}\n'
        "numbering: {extensions: 200-399}\n"
        'dids: {"+541152365000": ivr:menu}\n'
    )
    menu = "ivrs: {menu: {prompt: bienvenida.wav, dial_extensions: true, options: {%s}%s}}\n"
    assert codes(people + menu % ('"4": extension:302', "")) == []
    assert codes(people + menu % ('"4": extension:201', ", timeout: {to: extension:302}")) == ["PBX446"]


def test_days_of_one_name_are_one_holiday() -> None:
    text = (
        'dids: {"+541152365000": schedule:oficina}\n'
        'schedules: {oficina: {hours: {mon-fri: "09:00-18:00"}, open: extension:201, closed: busy, holidays: {add: %s}}}\n'
    )
    assert codes(text % '{"2026-11-22": Fundación, "2027-11-22": Fundación}') == []
    assert codes(text % '{"2026-11-22": Fundación, "2027-11-22": Otro}') == ["PBX444"]


def test_what_is_told_of_calls_can_be_ignored() -> None:
    text = 'dids: {"+541152365000": hangup, "+541152365001": extension:201}\n'
    assert codes(text) == ["PBX445"]
    assert codes(f"{text}ignore: {{PBX445: kept for the campaign}}\n") == []


def test_a_forward_that_somebody_may_answer_on_the_way_is_his_own() -> None:
    text = (
        "outbound_routes: [{match: [emergency, mobile], trunks: [principal]}]\n"
        "classes_of_service: {interno: {allow: [internal]}, movil: {allow: [internal, mobile]}}\n"
        "extensions:\n"
        '  "201": {first_name: Ana, class_of_service: interno, forward: {no_answer: extension:202}}\n'
        '  "202": {first_name: Luis, class_of_service: movil, forward: {%s: "external:+5491155550000"}}\n'
    )
    assert codes(text % "no_answer") == []
    assert codes(text % "always") == ["PBX520"]


def test_an_extension_with_which_an_emergency_number_begins_is_told() -> None:
    text = (
        'numbering: {extensions: 10-99}\ndids: {"+541152365000": extension:20}\n'
        'extensions: {"%s": {first_name: Ana, class_of_service: interno}, '
        '"20": {first_name: Eva, class_of_service: interno}}\n'
    )
    assert codes(text % "91") == ["PBX521"]
    assert codes(text % "92") == []
