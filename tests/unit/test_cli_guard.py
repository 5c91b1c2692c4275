"""When something goes wrong that nobody thought of."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import pytest

import pbx.cli.check
from pbx.cli.guard import guarded
from tests.commands import DEMO, Pbx


def test_an_unexpected_error_is_ours_and_leaves_a_report(
    pbx_command: Pbx, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fails(_site: Path) -> NoReturn:
        raise ZeroDivisionError("odd")

    monkeypatch.setattr(pbx.cli.check, "load_and_check", fails)
    answer = pbx_command("check", DEMO)
    assert answer.code == 1
    assert answer.err.startswith("error[PBX900]: ")
    assert "Traceback" not in answer.err + answer.out
    (report,) = (tmp_path / "cache/centralita/reports").iterdir()
    assert str(report) in answer.err
    assert report.stat().st_mode & 0o077 == 0
    text = report.read_text("utf-8")
    assert "ZeroDivisionError: odd" in text
    assert f"pbx check {DEMO}" in text


def test_without_a_place_for_the_report_the_message_is_still_there(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails() -> int:
        raise ZeroDivisionError

    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert guarded(fails, []) == 1
    assert "please tell us: ZeroDivisionError" in capsys.readouterr().err


def test_ctrl_c_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    def stopped() -> int:
        raise KeyboardInterrupt

    assert guarded(stopped, []) == 130
    assert capsys.readouterr().err == "stopped\n"
