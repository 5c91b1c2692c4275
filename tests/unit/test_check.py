"""Rules across kinds, where the pages of the codes do not say enough."""

from __future__ import annotations

from pathlib import Path

import pytest

from pbx.diagnostics.codes import CODES
from pbx.folder import read_folder
from tests.diagnostics.pages import blocks, check_site
from tests.samples import DEMO, ROOT, TWO, read, texts_of


def codes(text: str) -> list[str]:
    """The codes of all that is said of a tenant of which only this is given, sorted."""
    (block,) = blocks(f"```yaml\n{text}```\n")
    return sorted(each.code for each in check_site(block.completed())[0])


@pytest.mark.parametrize(
    "site", [DEMO, TWO, ROOT / "tests" / "golden" / "small" / "site"], ids=["demo", "two", "small"]
)
def test_a_good_site_raises_no_alarm(site: Path) -> None:
    assert read(texts_of(site))[2] == []


def test_the_recordings_of_the_demo_are_there() -> None:
    files, _ = read_folder(DEMO)
    assert files is not None
    assert {"siniestros.wav"} <= files.recordings["andina"]


def test_an_unknown_destination_hides_nothing_that_is_independent_of_it() -> None:
    assert codes('dids: {"+541152365000": queue:a1, "+541152365001": queue:b1}\n') == ["PBX301", "PBX301"]


def test_a_loop_is_told_once_although_a_queue_has_three_exits() -> None:
    text = (
        'queues: {ventas: {number: "600", policy: circular, members: ["201"], max_wait: 1m, max_callers: 3, '
        "overflow: queue:ventas}}\n"
    )
    assert codes(text) == ["PBX407"]


def test_a_menu_that_falls_back_to_itself_without_a_key_is_a_loop() -> None:
    menu = 'prompt: bienvenida.wav, options: {{"1": extension:201}}, {exit}: {{to: ivr:menu}}'
    dids = 'dids: {"+541152365000": ivr:menu}\n'
    assert codes(f"ivrs: {{menu: {{{menu.format(exit='timeout')}}}}}\n{dids}") == ["PBX407"]
    assert codes(f"ivrs: {{menu: {{{menu.format(exit='invalid')}}}}}\n{dids}") == []


def test_two_schedules_that_lead_to_each_other_are_a_loop() -> None:
    text = (
        "schedules:\n"
        '  dia: {hours: {mon: "09:00-18:00"}, open: extension:201, closed: schedule:noche}\n'
        '  noche: {hours: {mon: "18:00-24:00"}, open: schedule:dia, closed: busy}\n'
        'dids: {"+541152365000": schedule:dia}\n'
    )
    assert codes(text) == ["PBX407"]


def test_forwards_between_phones_that_pass_a_mailbox_are_no_loop() -> None:
    text = (
        "extensions:\n"
        '  "201": {first_name: Ana, class_of_service: interno, forward: {busy: extension:202}}\n'
        '  "202": {first_name: Eva, class_of_service: interno, voicemail: {pin: "1234"}, forward: {busy: voicemail}}\n'
    )
    assert codes(text) == []


def test_a_warning_can_be_ignored_with_a_reason_and_an_error_cannot() -> None:
    queue = 'queues: {ventas: {number: "600", policy: circular, members: []}}\n'
    assert codes(queue) == ["PBX405"]
    assert codes(f"{queue}ignore: {{PBX405: in March}}\n") == []
    wrong = 'queues: {ventas: {number: "600", policy: circular, members: ["999"]}}\n'
    assert codes(f"{wrong}ignore: {{PBX301: soon}}\n") == ["PBX301"]


def test_emergency_is_never_hidden_by_an_internal_number_with_or_without_the_prefix() -> None:
    for number, prefix in (("101", ""), ("911", ""), ("9101", '"9"')):
        first = f"{number[0]}{'0' * (len(number) - 1)}-{number[0]}{'9' * (len(number) - 1)}"
        other = f"{number[0]}{'9' * (len(number) - 1)}"
        text = (
            f"numbering: {{extensions: {first}}}\n"
            f'extensions: {{"{number}": {{first_name: Ana, class_of_service: interno}}, '
            f'"{other}": {{first_name: Eva, class_of_service: interno}}}}\n'
            f'dids: {{"+541152365000": extension:{other}}}\n'
        ) + (f"outside_prefix: {prefix}\n" if prefix else "")
        assert codes(text) == ["PBX204"], number


def test_voicemail_of_somebody_else_needs_a_mailbox_too() -> None:
    assert codes('dids: {"+541152365000": voicemail:201}\n') == ["PBX301"]


def test_a_class_holds_through_its_deny_list() -> None:
    text = (
        "outbound_routes: [{match: [emergency, local, mobile], trunks: [principal]}]\n"
        'classes_of_service: {interno: {allow: [internal, local], deny: ["+5411432*"]}}\n'
        'extensions: {"201": {first_name: Ana, class_of_service: interno, forward: {busy: external:+541143210000}}}\n'
    )
    assert codes(text) == ["PBX501"]


def test_every_warning_says_what_is_meant_by_a_warning() -> None:
    warnings = {code for code, entry in CODES.items() if entry.severity == "warning"}
    assert warnings == {
        *(
            "PBX128",
            "PBX205",
            "PBX313",
            "PBX402",
            "PBX403",
            "PBX404",
            "PBX405",
            "PBX408",
            "PBX410",
            "PBX412",
            "PBX413",
            "PBX430",
            "PBX433",
            "PBX434",
            *(f"PBX{number}" for number in range(440, 454)),
            "PBX503",
            "PBX513",
            "PBX520",
            "PBX521",
            "PBX604",
            "PBX621",
            "PBX822",
            "PBX823",
            "PBX825",
        ),
    }
