"""``pbx where``: from a generated line back to the YAML."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.commands import Pbx, change

pytestmark = pytest.mark.usefixtures("beep")


@pytest.fixture
def built(site: Path, tmp_path: Path, pbx_command: Pbx, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The demo site, compiled."""
    monkeypatch.setenv("ANDINA_TRUNK", "trunkPasswordNobodySees")
    monkeypatch.setenv("PBX_AMI_PASSWORD", "amiPasswordNobodySees")
    assert pbx_command("compile", site, "-o", tmp_path / "out").code == 0
    return tmp_path / "out"


def line_of(file: Path, text: str) -> str:
    """``FILE:LINE`` of the first line that holds a text."""
    for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1):
        if text in line:
            return f"{file}:{number}"
    raise AssertionError(text)


def test_a_line_of_dialplan_leads_to_its_key(built: Path, site: Path, pbx_command: Pbx) -> None:
    place = line_of(built / "etc/tenants/andina/extensions.conf", "ivr:principal *")
    answer = pbx_command("where", place)
    assert (answer.code, answer.err) == (0, "")
    _, comes, where, _, excerpt, carets = answer.out.splitlines()
    assert comes == "comes from ivrs.principal.options.*"
    source = site / "tenants/andina.yaml"
    row = line_of(source, '"*": repeat').rpartition(":")[2]
    assert where.strip().endswith(f"{source.name}:{row}:7")
    assert excerpt == f'{row} |       "*": repeat'
    assert carets.strip() == "|       ^^^"


def test_scripts_get_the_same(built: Path, pbx_command: Pbx) -> None:
    place = line_of(built / "etc/tenants/andina/pjsip.conf", "[andina_203]")
    told = json.loads(pbx_command("where", place, "--format", "json").out)
    assert told["path"] == ["extensions", "203"]
    assert Path(told["file"]).read_text("utf-8").splitlines()[told["row"] - 1].startswith('  "203":')


def test_the_place_is_where_it_stands_now(built: Path, site: Path, pbx_command: Pbx) -> None:
    place = line_of(built / "etc/tenants/andina/queues.conf", "[andina_ventas]")
    change(site / "tenants/andina.yaml", "queues:\n", "queues:\n  # a line more\n")
    told = json.loads(pbx_command("where", place, "--format", "json").out)
    assert Path(told["file"]).read_text("utf-8").splitlines()[told["row"] - 1] == "  ventas:"


def test_the_library_is_told_as_such(built: Path, pbx_command: Pbx) -> None:
    answer = pbx_command("where", f"{built}/etc/lib/pbx.conf:3")
    assert answer.code == 0
    assert "the same in every build" in answer.out
    assert "dialplan_templates/lib/pbx.conf:3" in answer.out


def test_etc_may_be_left_out_and_a_link_to_the_build_followed(built: Path, pbx_command: Pbx) -> None:
    (built.parent / "link").symlink_to(built)
    assert pbx_command("where", f"{built}/pjsip.conf:1").code == 0
    assert pbx_command("where", f"{built.parent}/link/pjsip.conf:1").code == 0


def test_no_password_is_shown(built: Path, pbx_command: Pbx) -> None:
    for file in (built / "etc/tenants/andina/pjsip.conf", built / "etc/manager.conf"):
        for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1):
            if "password" in line or "secret" in line:
                answer = pbx_command("where", f"{file}:{number}")
                assert answer.code == 0
                value = line.partition("=")[2].strip()
                assert not value or value not in answer.out


def test_a_site_that_was_moved_is_asked_for(built: Path, site: Path, pbx_command: Pbx) -> None:
    moved = shutil.move(site, site.with_name("moved"))
    answer = pbx_command("where", f"{built}/etc/tenants/andina/pjsip.conf:3")
    assert answer.code == 2
    assert "--site SITE" in answer.err
    assert pbx_command("where", f"{built}/etc/tenants/andina/pjsip.conf:3", "--site", moved).code == 0


@pytest.mark.parametrize(
    ("place", "what"),
    [
        ("etc/pjsip.conf", "names no line"),
        ("etc/pjsip.conf:999999", "has no line 999999"),
        ("etc/pjsip.conf:0", "has no line 0"),
        ("etc/none.conf:1", "there is no file"),
        ("origins.json:1", "has no line 1 that was compiled"),
        ("../site/platform.yaml:1", "is in no build of pbx"),
    ],
)
def test_a_wrong_question_gets_one_message_with_a_cure(built: Path, pbx_command: Pbx, place: str, what: str) -> None:
    answer = pbx_command("where", f"{built}/{place}")
    assert (answer.code, answer.out) == (2, "")
    assert what in answer.err
    assert "= help:" in answer.err


def test_a_broken_manifest_is_told(built: Path, pbx_command: Pbx) -> None:
    (built / "origins.json").write_text("{")
    answer = pbx_command("where", f"{built}/etc/pjsip.conf:1")
    assert answer.code == 1
    assert "compile the site again" in answer.err
