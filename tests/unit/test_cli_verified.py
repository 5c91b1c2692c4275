"""``pbx check`` and ``pbx compile`` with a build that is wrong: told as a mistake of ours, and nothing is written."""

from __future__ import annotations

import json
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

import pbx.cli.verified
import pbx.render
from pbx.bundle import Bundle
from pbx.cli.guard import run
from tests.samples import DEMO

QUEUE = "tenants/andina/extensions.conf"


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A compiler that misspells a queue."""
    real = pbx.render.compile_site

    def compile_site(*arguments: object) -> Bundle:
        bundle = real(*arguments)  # type: ignore[arg-type]
        text = bundle.files[QUEUE].replace("Queue(andina_ventas,", "Queue(andina_vetnas,")
        return Bundle({**bundle.files, QUEUE: text}, bundle.sounds, bundle.origins)

    monkeypatch.setattr(pbx.render, "compile_site", compile_site)
    monkeypatch.setattr("pbx.cli.compile.compile_site", compile_site)


@pytest.mark.usefixtures("broken")
def test_check_shows_the_generated_line_and_the_yaml(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(DEMO)]) == 1
    shown = capsys.readouterr().out
    assert "error[PBX612] missing-object: there is no queue andina_vetnas" in shown
    assert "--> etc/tenants/andina/extensions.conf:" in shown
    assert "same = n,Queue(andina_vetnas," in shown
    assert "this is our mistake" in shown
    assert f"{DEMO}/tenants/andina.yaml:" in shown


@pytest.mark.usefixtures("broken")
@pytest.mark.parametrize("format", ["json", "github", "sarif", "concise"])
def test_every_format_tells_it(format: str, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: A002 - the option
    assert run(["check", str(DEMO), "--format", format]) == 1
    shown = capsys.readouterr().out
    assert "andina_vetnas" in shown
    if format in {"json", "sarif"}:
        json.loads(shown)


@pytest.mark.usefixtures("broken")
def test_compile_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil

    site = Path(shutil.copytree(DEMO, tmp_path / "site"))
    (site / "secrets.yaml").unlink(missing_ok=True)
    monkeypatch.setenv("PBX_AMI_PASSWORD", "amiPasswordNobodySees")
    monkeypatch.setenv("OMBU_TRUNK", "trunkPasswordNobodySees")
    monkeypatch.setenv("ANDINA_TRUNK", "trunkPasswordNobodySees")
    assert run(["compile", str(site), "-o", str(tmp_path / "out")]) == 1
    assert "PBX612" in capsys.readouterr().out
    assert not (tmp_path / "out").exists()


def test_no_password_is_shown() -> None:
    bundle = Bundle({"extensions.conf": "[general]\n[x]\npassword hushHush\n"}, {})
    problems, quoted = pbx.cli.verified.verified_build(bundle, ["hushHush"])
    assert problems
    assert "hushHush" not in repr(problems)
    assert all("hushHush" not in source.text for source in quoted.values())


def test_boot_without_a_laboratory_says_how_to_get_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pbx.cli.verified, "entry_points", lambda **_group: ())
    assert run(["check", str(DEMO), "--boot"]) == 1
    told = capsys.readouterr().err
    assert "--boot needs the laboratory" in told
    assert "pip install 'centralita[lab]'" in told


def test_a_laboratory_that_cannot_be_loaded_is_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = EntryPoint("lab", "lab_that_is_not_there:boot", "pbx.boot")
    monkeypatch.setattr(pbx.cli.verified, "entry_points", lambda **_group: (lost,))
    assert run(["check", str(DEMO), "--boot"]) == 1
    assert "the laboratory cannot be loaded: No module named 'lab_that_is_not_there'" in capsys.readouterr().err
