"""``pbx compile``: passwords are found or told, never shown, and a build is there whole or not at all."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

import pbx.cli.compile
import pbx.output
from pbx.cli.guard import run

DEMO = Path(__file__).resolve().parents[2] / "lab" / "sites" / "demo"
TRUNK, AMI = "trunkPasswordNobodySees", "amiPassword;NobodySees"


class Answer(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


Pbx = Callable[..., Answer]


@pytest.fixture
def site(tmp_path: Path, beep: bytes) -> Path:
    """A copy of the demo site, with a recording of its own."""
    copy = Path(shutil.copytree(DEMO, tmp_path / "site"))
    (copy / "secrets.yaml").unlink(missing_ok=True)
    (copy / "tenants/andina/siniestros.wav").write_bytes(beep)
    return copy


@pytest.fixture
def pbx_command(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pbx:
    """Run ``pbx`` in this process, with both passwords set and a voice that only beeps."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("ANDINA_TRUNK", TRUNK)
    monkeypatch.setenv("PBX_AMI_PASSWORD", AMI)

    def command(*arguments: str | Path) -> Answer:
        capsys.readouterr()
        code = run([str(each) for each in arguments])
        return Answer(code, *capsys.readouterr())

    return command


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, hidden ones too."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def change(file: Path, old: str, new: str) -> None:
    """Replace a text that is there."""
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def test_a_build_is_written_and_summed_up(site: Path, tmp_path: Path, pbx_command: Pbx, beep: bytes) -> None:
    answer = pbx_command("compile", site, "-o", tmp_path / "out")
    assert (answer.code, answer.err) == (0, "")
    made, wrote, after = answer.out.splitlines()
    assert made == f"made 17 passwords in {site}/secrets.yaml: keep it out of git"
    assert re.fullmatch(rf"wrote \d+ files and 38 sounds to {tmp_path}/out", wrote)
    assert after.startswith(f"next: pbx lab run {site}")
    assert (tmp_path / "out/sounds/andina/ivr-siniestros.wav").read_bytes() == beep
    assert f"password={TRUNK}" in (tmp_path / "out/etc/tenants/andina/pjsip.conf").read_text("utf-8")
    assert stat.S_IMODE((site / "secrets.yaml").stat().st_mode) == 0o600


def test_the_same_site_gives_the_same_build(site: Path, tmp_path: Path, pbx_command: Pbx) -> None:
    pbx_command("compile", site, "-o", tmp_path / "one")
    answer = pbx_command("compile", site, "-o", tmp_path / "two")
    assert "made" not in answer.out
    assert tree(tmp_path / "one") == tree(tmp_path / "two")


def test_no_password_is_ever_printed(site: Path, tmp_path: Path, pbx_command: Pbx) -> None:
    text = pbx_command("compile", site, "-o", tmp_path / "out")
    told = pbx_command("compile", site, "-o", tmp_path / "out", "--format", "json")
    values = re.findall(r': "(\w+)"', (site / "secrets.yaml").read_text("utf-8"))
    assert len(values) == 17
    for secret in (*values, TRUNK, AMI):
        assert secret not in f"{text.out}{text.err}{told.out}{told.err}"


def test_scripts_get_the_list_of_what_was_written(site: Path, tmp_path: Path, pbx_command: Pbx) -> None:
    told = json.loads(pbx_command("compile", site, "-o", tmp_path / "out", "--format", "json").out)
    written = {name for name in tree(tmp_path / "out") if not name.startswith(".")}
    assert {*told["files"], *told["sounds"], told["origins"]} == written
    assert len(told["passwords_made"]) == 17


def test_a_password_that_is_missing_is_told_at_its_place(
    site: Path, tmp_path: Path, pbx_command: Pbx, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ANDINA_TRUNK")
    monkeypatch.delenv("PBX_AMI_PASSWORD")
    answer = pbx_command("compile", site, "-o", tmp_path / "out", "--format", "json")
    assert answer.code == 1
    found = [(each["code"], each["file"], each["path"], each["help"]) for each in json.loads(answer.out)["diagnostics"]]
    assert found == [
        ("PBX601", f"{site}/platform.yaml", ["ami", "password"], "set PBX_AMI_PASSWORD before you run pbx"),
        (
            "PBX601",
            f"{site}/tenants/andina.yaml",
            ["trunks", "principal", "password"],
            "set ANDINA_TRUNK before you run pbx",
        ),
    ]
    assert not (site / "secrets.yaml").exists()
    assert not (tmp_path / "out").exists()


def test_a_password_wanted_twice_is_told_once(
    site: Path, tmp_path: Path, pbx_command: Pbx, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(site / "platform.yaml", "env:PBX_AMI_PASSWORD", "env:ANDINA_TRUNK")
    monkeypatch.delenv("ANDINA_TRUNK")
    answer = pbx_command("compile", site, "-o", tmp_path / "out")
    assert answer.out.count("error[") == 1
    assert f"it is wanted here too ({site}/tenants/andina.yaml:" in answer.out


def test_a_password_file_inside_the_site_is_read(site: Path, tmp_path: Path, pbx_command: Pbx) -> None:
    change(site / "tenants/andina.yaml", "env:ANDINA_TRUNK", "file:keys/trunk")
    (site / "keys").mkdir()
    (site / "keys/trunk").write_text("fromTheFile\n")
    assert pbx_command("compile", site, "-o", tmp_path / "out").code == 0
    assert "password=fromTheFile\n" in (tmp_path / "out/etc/tenants/andina/pjsip.conf").read_text("utf-8")


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("nothing", "there is no file keys/trunk"),
        ("link outside", "leads out of the site folder by a link"),
        ("folder link outside", "leads out of the site folder by a link"),
        ("folder", "there is no file keys/trunk"),
        ("pipe", "there is no file keys/trunk"),
        ("large", "more than 4096 bytes"),
        ("not text", "not UTF-8"),
        ("empty", "the password is empty"),
    ],
)
def test_a_password_file_that_is_none_is_told(
    site: Path, tmp_path: Path, pbx_command: Pbx, kind: str, reason: str
) -> None:
    change(site / "tenants/andina.yaml", "env:ANDINA_TRUNK", "file:keys/trunk")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "trunk").write_text("stolen")
    trunk = site / "keys/trunk"
    if kind == "folder link outside":
        (site / "keys").symlink_to(outside)
    else:
        trunk.parent.mkdir()
    make: dict[str, Callable[[], object]] = {
        "link outside": lambda: trunk.symlink_to(outside / "trunk"),
        "folder": trunk.mkdir,
        "pipe": lambda: os.mkfifo(trunk),
        "large": lambda: trunk.write_text("x" * 5000),
        "not text": lambda: trunk.write_bytes(b"\xff\xfe\xfd"),
        "empty": lambda: trunk.write_text("\n"),
    }
    make.get(kind, lambda: None)()
    answer = pbx_command("compile", site, "-o", tmp_path / "out")
    assert answer.code == 1
    assert reason in answer.out
    assert "stolen" not in answer.out + answer.err


def test_secrets_that_cannot_be_understood_are_told_and_kept(site: Path, tmp_path: Path, pbx_command: Pbx) -> None:
    text = '"andina/extension/201": "hush"\n"andina/extension/202": "nobody;sees;this"\n'
    (site / "secrets.yaml").write_text(text)
    answer = pbx_command("compile", site, "-o", tmp_path / "out")
    assert answer.code == 1
    assert "error[PBX601]" in answer.out
    assert "andina/extension/202" in answer.out
    assert "nobody;sees" not in answer.out
    assert (site / "secrets.yaml").read_text() == text


def test_a_password_once_made_is_never_changed(site: Path, tmp_path: Path, pbx_command: Pbx) -> None:
    (site / "secrets.yaml").write_text('"andina/extension/201": "longKnownToThePhone"\n"other/x": "kept"\n')
    assert "made 16 passwords" in pbx_command("compile", site, "-o", tmp_path / "out").out
    kept = (site / "secrets.yaml").read_text()
    assert '"andina/extension/201": "longKnownToThePhone"' in kept
    assert '"other/x": "kept"' in kept


def test_a_site_with_mistakes_is_not_built(site: Path, tmp_path: Path, pbx_command: Pbx) -> None:
    change(site / "tenants/andina.yaml", '"0": extension:203', '"0": extension:299')
    answer = pbx_command("compile", site, "-o", tmp_path / "out")
    assert answer.code == 1
    assert "error[PBX301]" in answer.out
    assert not (tmp_path / "out").exists()
    assert not (site / "secrets.yaml").exists()


def test_a_prompt_that_cannot_be_spoken_stops_the_build_at_its_place(
    site: Path, tmp_path: Path, pbx_command: Pbx, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pbx.cli.compile, "synthesizer", lambda _environment: None)
    answer = pbx_command("compile", site, "-o", tmp_path / "out")
    assert answer.code == 1
    assert answer.out.count("error[PBX602]") == 7 + 1
    assert answer.out.count(f"--> {site}/tenants/andina.yaml:") == 6
    assert answer.out.count(f"--> {site}/tenants/ombu.yaml:") == 1
    assert not (tmp_path / "out").exists()


def test_a_foreign_folder_is_refused_before_anything_is_made(site: Path, tmp_path: Path, pbx_command: Pbx) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/thesis.txt").write_text("mine")
    answer = pbx_command("compile", site, "-o", tmp_path / "out")
    assert (answer.code, answer.out) == (1, "")
    first, second = answer.err.splitlines()
    assert first == f"error: {tmp_path}/out is not empty and not a build of pbx"
    assert second == "  = help: name another folder, or empty this one"
    assert tree(tmp_path / "out") == {"thesis.txt": b"mine"}
    assert not (site / "secrets.yaml").exists()


def test_the_site_itself_is_never_replaced(site: Path, pbx_command: Pbx) -> None:
    before = tree(site)
    assert pbx_command("compile", site, "-o", site).code == 1
    assert tree(site) == before


def test_a_full_disk_is_one_message_and_leaves_the_old_build(
    site: Path, tmp_path: Path, pbx_command: Pbx, monkeypatch: pytest.MonkeyPatch
) -> None:
    pbx_command("compile", site, "-o", tmp_path / "out")
    before = tree(tmp_path / "out")
    change(site / "platform.yaml", "10000-20000", "12000-20000")

    def full(_path: Path, _data: bytes, _mode: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(pbx.output, "_write", full)
    answer = pbx_command("compile", site, "-o", tmp_path / "out")
    assert answer.code == 1
    first, second = answer.err.splitlines()
    assert "No space left on device; nothing was changed" in first
    assert second == "  = help: free some space on that disk"
    assert tree(tmp_path / "out") == before
    assert {path.name for path in tmp_path.iterdir()} <= {"site", "out", "cache"}


def test_a_site_folder_that_cannot_be_written_is_one_message(
    site: Path, tmp_path: Path, pbx_command: Pbx, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_path: Path, _text: str) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("pbx.kept.write_private", refused)
    answer = pbx_command("compile", site, "-o", tmp_path / "out")
    assert answer.code == 1
    assert "secrets.yaml cannot be read or written: Permission denied" in answer.err
    assert not (tmp_path / "out").exists()
