"""What a softphone reads from a QR code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lab.softphone import linphone, qr_code
from tests.commands import DEMO, Pbx
from tests.linphone import DOCUMENTED, settings_of
from tests.qr import read_qr_code

ADDRESS = "http://192.168.100.200:8088/andina_201-0123456789abcdef.xml"


def _settings(name: str) -> dict[str, dict[str, str]]:
    return settings_of(linphone("andina_201", "a<b&c", realm="pbx.example", server="192.0.2.7:5060", name=name))


def test_a_reader_of_qr_codes_reads_the_address() -> None:
    assert read_qr_code(qr_code(ADDRESS)) == ADDRESS


def test_linphone_registers_at_the_server_as_the_user() -> None:
    settings = _settings("Ana Gómez")
    assert settings["auth_info_0"] == {
        "username": "andina_201",
        "passwd": "a<b&c",
        "realm": "pbx.example",
        "domain": "192.0.2.7",
    }
    assert settings["proxy_0"]["reg_proxy"] == "<sip:192.0.2.7:5060;transport=udp>"
    assert settings["proxy_0"]["reg_identity"] == '"Ana Gómez" <sip:andina_201@192.0.2.7>'


def test_every_key_is_one_that_linphone_reads() -> None:
    for section, entries in _settings("Ana").items():
        assert set(entries) <= DOCUMENTED[section]


@pytest.mark.parametrize("name", ['Ana "la jefa"', "back\\slash", "</entry><x>", '" <sip:evil@192.0.2.1>'])
def test_no_name_ends_its_quotes_or_its_element(name: str) -> None:
    identity = _settings(name)["proxy_0"]["reg_identity"]
    quoted = re.fullmatch(r'"((?:[^"\\]|\\.)*)" <sip:andina_201@192\.0\.2\.7>', identity)
    assert quoted, identity
    assert re.sub(r"\\(.)", r"\1", quoted[1]) == name


@pytest.mark.usefixtures("beep")
def test_the_demo_names_a_file_that_is_there_and_keeps_its_passwords(pbx_command: Pbx, tmp_path: Path) -> None:
    words = ("lab", "demo", DEMO, "--output", tmp_path / "volume", "--address", "192.0.2.7")
    first, second = pbx_command(*words), pbx_command(*words)
    assert (first.code, first.err) == (0, "")
    assert first.out == second.out == (tmp_path / "volume" / "softphones.txt").read_text("utf-8")
    host, _, file = read_qr_code(first.out).rpartition("/")
    assert host == "http://192.0.2.7:8088"
    settings = settings_of((tmp_path / "volume" / "phones" / file).read_text("utf-8"))
    known = settings["auth_info_0"]
    assert f"user {known['username']}  password {known['passwd']}\n" in first.out


@pytest.mark.usefixtures("beep")
def test_what_has_passwords_is_for_its_owner_alone(pbx_command: Pbx, tmp_path: Path) -> None:
    pbx_command("lab", "demo", DEMO, "--output", tmp_path)
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "softphones.txt", tmp_path / "passwords.json")} == {
        0o600
    }


@pytest.mark.usefixtures("beep")
def test_a_demo_that_only_this_machine_reaches_says_so(pbx_command: Pbx, tmp_path: Path) -> None:
    assert "PBX_ADDRESS" in pbx_command("lab", "demo", DEMO, "--output", tmp_path).out
    assert "PBX_ADDRESS" not in pbx_command("lab", "demo", DEMO, "--output", tmp_path, "--address", "192.0.2.7").out
