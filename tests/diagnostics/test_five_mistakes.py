"""The five mistakes everybody makes, exactly as people see them."""

from __future__ import annotations

from pbx.diagnostics.show import show
from tests.diagnostics.pages import blocks, check_site


def framed(text: str) -> str:
    """What ``pbx check`` prints about a tenant of which only this is said."""
    (block,) = blocks(f"```yaml\n{text}```\n")
    problems, documents = check_site(block.completed())
    return show(problems, documents)


def test_an_unknown_key() -> None:
    text = """\
extensions:
  "201":
    first_name: Ana
    class_of_service: interno
    call_wating: false
"""
    assert framed(text) == (
        "error[PBX101] unknown-key: unknown key call_wating\n"
        " --> tenants/andina.yaml:5:5\n"
        "  |\n"
        "5 |     call_wating: false\n"
        "  |     ^^^^^^^^^^^\n"
        "  = help: did you mean call_waiting?\n"
        "\n"
        "1 error\n"
    )


def test_an_unknown_destination() -> None:
    text = """\
ivrs:
  principal:
    prompt: bienvenida.wav
    options:
      "1": queue:suport
queues:
  support: {number: "600", policy: circular, members: ["201"]}
dids: {"+541152365000": ivr:principal}
"""
    assert framed(text) == (
        "error[PBX301] unknown-destination: there is no queue:suport\n"
        " --> tenants/andina.yaml:5:12\n"
        "  |\n"
        '5 |       "1": queue:suport\n'
        "  |            ^^^^^^^^^^^^\n"
        "  = help: did you mean queue:support?\n"
        "  = a caller who presses 1 at ivr:principal would be hung up on\n"
        "\n"
        "1 error\n"
    )


def test_a_duplicate_extension() -> None:
    text = """\
extensions:
  "201": {first_name: Ana, class_of_service: interno}
  "202": {first_name: Luis, class_of_service: interno}
  "201": {first_name: Eva, class_of_service: interno}
"""
    assert framed(text) == (
        "error[PBX003] duplicate-key: the key 201 is written twice\n"
        " --> tenants/andina.yaml:4:3\n"
        "  |\n"
        '4 |   "201": {first_name: Eva, class_of_service: interno}\n'
        "  |   ^^^^^\n"
        "  = help: delete one of them, or give it another name\n"
        "  = it is written here first (tenants/andina.yaml:2)\n"
        "\n"
        "1 error\n"
    )


def test_a_bad_time() -> None:
    text = """\
schedules:
  oficina:
    hours: {mon-fri: ["09:00-13:00", "14:00-25:00"]}
    open: extension:201
    closed: hangup
"""
    assert framed(text) == (
        "error[PBX116] bad-time: '14:00-25:00' is not a stretch of a day\n"
        " --> tenants/andina.yaml:3:38\n"
        "  |\n"
        '3 |     hours: {mon-fri: ["09:00-13:00", "14:00-25:00"]}\n'
        "  |                                      ^^^^^^^^^^^^^\n"
        "  = help: two times of day, 24:00 at the latest, for example 09:00-18:00\n"
        "\n"
        "1 error\n"
    )


def test_a_swallowed_code() -> None:
    text = """\
numbering: {extensions: 20-99}
extensions: {"21": {first_name: Ana, class_of_service: interno}}
dids: {"+541152365000": extension:21}
feature_codes: {pickup_extension: "*"}
"""
    assert framed(text) == (
        "error[PBX203] swallowed-code: *97 (voicemail) is swallowed by *xx (pickup_extension)\n"
        " --> tenants/andina.yaml:4:35\n"
        "  |\n"
        '4 | feature_codes: {pickup_extension: "*"}\n'
        "  |                                   ^^^\n"
        '  = help: give one of the two another code, for example the default: pickup_extension: "**"\n'
        "  = whoever dials *97 would never get voicemail\n"
        "\n"
        "1 error\n"
    )


def test_a_password_is_not_quoted() -> None:
    shown = framed("trunks: {principal: {type: cloud, host: h.example, username: u, password: verano2026}}\n")
    assert "PBX119" in shown
    assert "verano2026" not in shown
    assert "password: **********" in shown
