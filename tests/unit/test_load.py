"""From files to a model: profiles are merged, and each mistake is told once, where it was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.diagnostics.pages import TENANT_BASE, blocks, check_site
from tests.samples import TWO, clean, read, tenant, texts_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pbx.diagnostics import Diagnostic


def told(text: str) -> list[tuple[str, tuple[str | int, ...], str, str]]:
    """Code, path, message and help of all that is said of a tenant of which only this is given."""
    (block,) = blocks(f"```yaml\n{text}```\n")
    problems: Sequence[Diagnostic] = check_site(block.completed())[0]
    return [(each.code, each.path, each.message, each.help) for each in problems]


def test_an_extension_has_what_its_profile_says_and_its_own_words_win() -> None:
    extensions = tenant(TWO, "andina").tenant.extensions
    ana, luis, eva = (extensions[number] for number in ("201", "202", "203"))
    assert (ana.class_of_service, ana.ring, ana.receive) == ("nacional", 25, "all")
    assert extensions["204"].receive == "internal"
    assert (eva.class_of_service, eva.ring, eva.receive) == ("completo", 20, "all")
    assert ana.voicemail is not None
    assert luis.voicemail is not None
    assert (ana.voicemail.pin, ana.voicemail.email, ana.voicemail.attach) == ("4711", True, False)
    assert (luis.voicemail.pin, luis.voicemail.email, luis.voicemail.attach) == ("8020", True, True)


def test_a_profile_gives_no_mailbox_to_who_has_none() -> None:
    assert tenant(TWO, "andina").tenant.extensions["204"].voicemail is None


PEOPLE = "".join(f'  "2{number:02}": {{profile: puesto, first_name: P{number}}}\n' for number in range(1, 11))


def test_a_mistake_of_a_profile_is_told_once_although_ten_extensions_have_it() -> None:
    for mistake, code in (
        ("ring: 20", "PBX113"),
        ("class_of_service: [interno]", "PBX103"),
        ("class_of_service: interna", "PBX307"),
        ("rin: 20s", "PBX101"),
        ("pickup_group: V", "PBX104"),
        ("voicemail: {emial: true}", "PBX101"),
        ('caller_id: "+541152365999"', "PBX309"),
    ):
        rest = "" if "class" in mistake else "class_of_service: interno, "
        found = told(f"profiles:\n  puesto: {{{rest}{mistake}}}\nextensions:\n{PEOPLE}")
        assert [(each[0], each[1][:2]) for each in found] == [(code, ("profiles", "puesto"))], mistake


def test_the_same_mistake_at_an_extension_of_its_own_is_told_as_well() -> None:
    found = told(
        "profiles:\n  puesto: {class_of_service: interno, ring: 20}\n"
        'extensions:\n  "201": {profile: puesto, first_name: Ana, ring: 20}\n'
    )
    assert [each[1] for each in found] == [("profiles", "puesto", "ring"), ("extensions", "201", "ring")]


def test_what_an_unknown_profile_would_have_brought_is_not_missed_once_more() -> None:
    found = told('profiles: {puesto: {class_of_service: interno}}\nextensions: {"201": {profile: pusto}}\n')
    assert [each[0] for each in found] == ["PBX308"]


def test_keys_that_are_missing_at_one_place_are_told_together() -> None:
    found = told("ivrs:\n  principal: {timeout: {after: 5s}}\n")
    assert [each[:3] for each in found] == [
        ("PBX102", ("ivrs", "principal"), "keys are missing here: prompt, options"),
    ]


def test_a_key_with_a_slip_is_not_missing_as_well() -> None:
    found = told("ivrs:\n  principal: {promt: bienvenida.wav, options: {}}\n")
    assert [each[:2] for each in found] == [("PBX101", ("ivrs", "principal", "promt"))]


def test_an_unknown_key_is_compared_with_the_keys_of_its_place() -> None:
    for text, cure in (
        ("tiemzone: x\n", "did you mean timezone?"),
        ("numbering: {extensions: 200-299, service: 600-699}\n", "did you mean services?"),
        ("ivrs: {menu: {prompt: a.wav, options: {}, timeout: {afer: 5s}}}\n", "did you mean after?"),
        ('ivrs: {menu: {prompt: a.wav, options: {"1": {to: hangup, sya: x}}}}\n', "did you mean say?"),
        ("outbound_routes: [{match: [emergency], trunks: [principal], callerid: x}]\n", "did you mean caller_id?"),
        (
            "trunks: {principal: {type: cloud, host: a.example, xyz: 1}}\n",
            "the keys here are codecs, extensions, host,",
        ),
        ("schedules: {dia: {hours: {}, open: hangup, closed: hangup, holidays: {ad: {}}}}\n", "did you mean add?"),
    ):
        cures = [each[3] for each in told(text) if each[0] == "PBX101"]
        assert len(cures) == 1, text
        assert cures[0].startswith(cure), text


def test_what_the_language_has_and_this_version_has_not_is_said_as_such() -> None:
    assert {each[0] for each in told("trunks: {principal: {type: teams, host: a.example}}\n")} == {"PBX109"}


def test_an_error_in_one_file_does_not_stop_the_others_from_being_read() -> None:
    texts = texts_of(TWO)
    texts["tenants/and.yaml"] += "colour: red\n"
    texts["tenants/andina.yaml"] += "colour: red\n"
    texts["platform.yaml"] += "colour: red\n"
    site, _, problems = read(texts)
    assert site is None
    assert [each.file for each in problems if each.code == "PBX101"] == sorted(texts)


def test_a_broken_file_is_told_by_its_reader_alone() -> None:
    texts = texts_of(TWO) | {"tenants/and.yaml": "tenant: and\nname: [\n"}
    _, _, problems = read(texts)
    assert {(each.file, each.code) for each in problems} == {("tenants/and.yaml", "PBX002")}


def test_a_file_that_is_not_a_mapping_is_refused() -> None:
    _, _, problems = read(texts_of(TWO) | {"tenants/and.yaml": "just text\n"})
    assert [(each.code, each.path) for each in problems] == [("PBX103", ())]


def test_every_key_that_a_tenant_must_have_is_missed() -> None:
    needed = {"name", "country", "language", "timezone", "numbering", "calendar_years"}
    for key in needed & set(TENANT_BASE):
        text = "".join(f"{name}: {value}\n" for name, value in TENANT_BASE.items() if name != key)
        _, _, problems = read(texts_of(TWO) | {"tenants/sur.yaml": f"tenant: sur\n{text}"})
        assert [(each.code, each.message) for each in problems] == [("PBX102", f"the key {key} is missing here")]


def test_tenants_are_in_alphabetical_order() -> None:
    assert list(clean(dict(reversed(texts_of(TWO).items()))).tenants) == ["and", "andina"]
