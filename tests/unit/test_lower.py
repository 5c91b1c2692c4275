"""Decisions made at build time, and their agreement with what a trace foretells."""

from __future__ import annotations

import pytest

from pbx.lower import lower, wanted_secrets
from tests.samples import TWO, build, clean, texts_of

SITE = clean(texts_of(TWO))
FILES = build(SITE).files


def section(file: str, name: str) -> str:
    """The lines of one section of a file of the build."""
    found: list[str] = []
    inside = False
    for line in FILES[file].splitlines():
        if line.startswith("["):
            inside = line.startswith(f"[{name}]")
        elif inside:
            found.append(line)
    assert found, f"{file} has no section {name}"
    return "\n".join(found)


def test_every_password_that_is_wanted_is_asked_for() -> None:
    generated, referred = wanted_secrets(SITE)
    assert generated[:2] == ["and/extension/2149", "and/extension/2000"]
    assert [str(each) for each in referred] == ["env:PBX_AMI_PASSWORD", "env:ANDINA_TRUNK"]


def test_a_missing_password_is_a_key_error() -> None:
    with pytest.raises(KeyError, match=r"env:PBX_AMI_PASSWORD|and/extension"):
        lower(SITE, {})


def test_emergency_comes_first_in_every_class_and_internal_calls_only_where_allowed() -> None:
    for name, internal in (("nacional", True), ("afuera", False)):
        lines = section("tenants/andina/extensions.conf", f"andina_class_{name}").splitlines()
        assert lines == [f"include = andina_{each}" for each in ("emergency", "codes", "speed", f"reach_{name}")]
        reach = section("tenants/andina/extensions.conf", f"andina_reach_{name}").splitlines()
        assert ("include = andina_internal" in reach) is internal


def test_the_emergency_number_is_called_without_the_prefix() -> None:
    emergency = section("tenants/andina/extensions.conf", "andina_emergency")
    assert "exten = 9101,1,Goto(andina_help,101,1)" in emergency
    assert "exten = 101,1,Goto(andina_help,101,1)" in emergency
    assert "Set(PBX_NUMBER=${EXTEN})" in section("tenants/andina/extensions.conf", "andina_help")


def test_trunks_of_a_route_are_tried_in_the_order_written() -> None:
    route = section("tenants/andina/extensions.conf", "andina_route")
    after = route[route.index("exten = emergency") :]
    assert after.index("andina_trunk_respaldo") < after.index("andina_trunk_principal")


def test_members_of_a_queue_are_in_the_order_written() -> None:
    queue = section("tenants/andina/queues.conf", "andina_ventas")
    assert queue.index("andina_202") < queue.index("andina_201")
    assert "strategy=rrordered" in queue
    assert "timeout=24" in queue  # four rings of six seconds


def test_open_hours_end_before_the_minute_they_name() -> None:
    hours = section("tenants/andina/extensions.conf", "andina_hours_oficina")
    assert "GotoIfTime(09:00-12:59,mon-fri,*,*,America/Argentina/Buenos_Aires?open)" in hours
    assert "GotoIfTime(14:00-17:59,mon-fri" in hours
    assert "GotoIfTime(09:00-12:59,sat" in hours
    whole_day = section("tenants/andina/extensions.conf", "andina_hours_guardia")
    assert "GotoIfTime(00:00-23:59,sun" in whole_day


def test_a_schedule_has_its_own_days_before_those_of_its_country() -> None:
    own = section("tenants/andina/extensions.conf", "andina_holidays_oficina")
    assert "include = pbx-holidays-AR-2026-2027" in own
    assert "exten = 20261224,1,Return(holiday) ; Nochebuena" in own
    assert "exten = _2027010[4-9],1,Return(holiday) ; Vacaciones" in own
    assert "exten = _2027011[0-5],1,Return(holiday) ; Vacaciones" in own
    assert "exten = 20260817,1,Return(no)" in own
    assert "exten = 20260817,1,Return(holiday)" in section("holidays.conf", "pbx-holidays-AR-2026-2027")


def test_mail_goes_only_to_who_asked_for_it() -> None:
    mailboxes = section("tenants/andina/voicemail.conf", "andina")
    assert "201 => 4711,Ana Gómez,ana.gomez@andina.example,,attach=no|tz=andina" in mailboxes
    assert "203" not in mailboxes


def test_a_trunk_registers_only_with_a_username() -> None:
    text = FILES["tenants/andina/pjsip.conf"]
    assert text.count("type=registration") == 1
    assert "allow=g722,alaw" in text


def test_what_is_denied_is_a_pattern_or_a_number() -> None:
    denied = section("tenants/andina/extensions.conf", "andina_deny_completo").split()
    assert [each for each in denied if each.endswith("Return()")] == [
        "_+5411600!,1,Return()",
        "+541143210000,1,Return()",
    ]
