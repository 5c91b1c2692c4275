"""``pbx init``: a site that passes, whole or not at all, and nothing overwritten."""

from __future__ import annotations

import os
import pty
import re
import stat
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import pytest

from tests.commands import Answer, Pbx

NUMBERS = {
    "AR": "+541152365000",
    "CL": "+56223456789",
    "CO": "+576012281260",
    "CR": "+50622221234",
    "ES": "+34912345678",
    "MX": "+525512345678",
    "US": "+12125551212",
    "UY": "+59829001234",
}
NEEDED = ("--name", "Andina Seguros S.A.", "--did", NUMBERS["AR"], "--trunk-host", "sip.operador.example")


@pytest.fixture
def init(pbx_command: Pbx, tmp_path: Path) -> Pbx:
    """Run ``pbx init`` for a folder that is not there."""

    def command(*arguments: str) -> Answer:
        return pbx_command("init", tmp_path / "new", *arguments)

    return command


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("country", sorted(NUMBERS))
def test_a_new_site_passes_without_a_warning(
    init: Pbx, pbx_command: Pbx, tmp_path: Path, country: str, language: str
) -> None:
    answer = init(
        "--name", 'Señor "X": O\'Higgins & co, #1', "--tenant", "ohiggins", "--did", NUMBERS[country],
        "--trunk-host", "sip.operador.example", "--language", language,
    )  # fmt: skip
    assert (answer.code, answer.err) == (0, "")
    assert pbx_command("check", tmp_path / "new").out.endswith("no problems (1 tenant, 5 extensions, 1 DID)\n")
    text = (tmp_path / "new/tenants/ohiggins.yaml").read_text("utf-8")
    assert f"country: {country}\n" in text
    assert f"language: {language}\n" in text


def test_a_new_site_compiles_at_once(init: Pbx, pbx_command: Pbx, tmp_path: Path) -> None:
    init(*NEEDED)
    before = (tmp_path / "new/secrets.yaml").read_bytes()
    assert stat.S_IMODE((tmp_path / "new/secrets.yaml").stat().st_mode) == 0o600
    assert (tmp_path / "new/.gitignore").read_text() == "/secrets.yaml\n"
    assert "every password" in pbx_command("secrets", "init", tmp_path / "new").out
    assert (tmp_path / "new/secrets.yaml").read_bytes() == before


def test_the_commands_that_come_next_are_told_and_work(init: Pbx, pbx_command: Pbx, tmp_path: Path) -> None:
    answer = init(*NEEDED, "--trunk-user", "andina")
    assert "export ANDINA_TRUNK=" in answer.out
    for line in re.findall(r"^  pbx ((?:check|trace) .*?)(?:    .*)?$", answer.out, re.MULTILINE):
        assert pbx_command(*line.split()).code == 0, line
    for secret in re.findall(r': "(\w+)"', (tmp_path / "new/secrets.yaml").read_text()):
        assert secret not in answer.out + answer.err


def test_editors_find_the_schema_that_the_first_line_names(init: Pbx, tmp_path: Path) -> None:
    init(*NEEDED)
    for file in (tmp_path / "new/platform.yaml", tmp_path / "new/tenants/andina.yaml"):
        first = file.read_text("utf-8").splitlines()[0]
        named = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
        assert named
        assert (file.parent / named[1]).is_file()


def test_nothing_that_is_there_is_overwritten(init: Pbx, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    assert init(*NEEDED).code == 0
    before = {path: path.read_bytes() for path in (tmp_path / "new").rglob("*") if path.is_file()}
    answer = init(*NEEDED)
    assert (answer.code, answer.out) == (2, "")
    assert "is there already" in answer.err
    assert {path: path.read_bytes() for path in (tmp_path / "new").rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("arguments", "what", "cure"),
    [
        ((), "--name and --did and --trunk-host are missing", "pbx init --help"),
        ((*NEEDED, "--did", "4321"), "--did: '4321' is not a phone number", "+541152365000"),
        ((*NEEDED, "--did", "+8123456789"), "--country is missing", "pbx init --help"),
        ((*NEEDED, "--country", "FR"), "--country: there is no number plan for 'FR'", "AR"),
        ((*NEEDED, "--timezone", "Buenos Aires"), "--timezone: there is no time zone", "America"),
        ((*NEEDED, "--area-code", "999"), "--area-code: '999' is no area code of Argentina", ""),
        ((*NEEDED, "--extensions", "201-9999"), "--extensions: ", "200-299"),
        ((*NEEDED, "--extensions", "1000-1999"), "are 1000 numbers", "200 at most"),
        ((*NEEDED, "--trunk-host", "a b"), "--trunk-host: 'a b' is not a host name", "sip.operator.example"),
        ((*NEEDED, "--trunk-user", "a b"), "--trunk-user: ", ""),
        ((*NEEDED, "--tenant", "Andina"), "--tenant: 'Andina' is not a tenant's short name", "lower-case"),
        ((*NEEDED, "--name", "多"), "--tenant is missing", "pbx init --help"),
    ],
)
def test_an_answer_that_will_not_do_is_told_with_its_option(
    init: Pbx, tmp_path: Path, arguments: tuple[str, ...], what: str, cure: str
) -> None:
    answer = init(*arguments)
    assert (answer.code, answer.out) == (2, "")
    assert what in answer.err
    assert cure in answer.err
    assert not (tmp_path / "new").exists()


def test_answers_that_do_not_go_together_are_shown_and_nothing_is_written(init: Pbx, tmp_path: Path) -> None:
    answer = init(*NEEDED, "--extensions", "100-105")
    assert answer.code == 1
    assert "emergency" in answer.out
    assert "it was not written" in answer.err
    assert list(tmp_path.iterdir()) == []


def test_a_failure_half_way_leaves_nothing_behind(init: Pbx, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> NoReturn:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    answer = init(*NEEDED)
    assert answer.code == 1
    assert "nothing was left behind" in answer.err
    assert list(tmp_path.iterdir()) == []


def test_a_terminal_is_asked_again_until_the_answer_will_do(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    answers = ["Andina Seguros", "", "1234", NUMBERS["AR"], *[""] * 6, "sip.operador.example", "", ""]
    os.write(ours, "".join(f"{each}\n" for each in answers).encode())
    command = [str(Path(sys.executable).with_name("pbx")), "init", str(tmp_path / "new")]
    environment = {**os.environ, "TERM": "dumb"}
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        seen = b""
        try:
            while chunk := os.read(ours, 65536):
                seen += chunk
        except OSError:  # the other end is closed (Linux)
            pass
        assert process.wait(timeout=60) == 0
    os.close(ours)
    assert b"'1234' is not a phone number" in seen
    assert b"A short name for it [andina]" in seen
    assert (tmp_path / "new/tenants/andina.yaml").is_file()
