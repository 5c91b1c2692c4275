"""``pbx lab``: what people get who ask for something that cannot be."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, NoReturn

import pytest

import lab.cli.run
import lab.cli.up
from lab.engine import EngineError
from pbx.cli.guard import run
from tests.samples import DEMO, TWO


class Answer(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


Lab = Callable[..., Answer]


@pytest.fixture
def pbx_lab(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """Run ``pbx lab`` in this process, with a cache of its own, where no engine can be had."""

    def provision(name: str) -> NoReturn:
        raise EngineError(f"no {name} engine in this test", "do without")

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(lab.cli.run, "provision", provision)
    monkeypatch.setattr(lab.cli.up, "provision", provision)

    def command(*arguments: str | Path) -> Answer:
        capsys.readouterr()
        code = run(["lab", *map(str, arguments)])
        return Answer(code, *capsys.readouterr())

    return command


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ("--tenant", "andina", "--row", "internal-cal"),
            ("there is no row internal-cal", "did you mean internal-call?"),
        ),
        (("--tenant", "andina", "--row", "internal-call", "--row", "zzz"), ("there is no row zzz", "the rows are ")),
        (("--tenant", "andinaa"), ("there is no tenant andinaa", "did you mean andina?")),
        (("--tenant", "zzz"), ("there is no tenant zzz", "andina")),
        (("--speed", "0"), ("--speed", "pbx lab run --help")),
        (("--speed", "11"), ("--speed", "10")),
        (("--speed", "fast"), ("--speed", "integer")),
        (("--engine", "podman"), ("--engine", "embedded")),
        (("--format", "xml"), ("--format", "json")),
        (("--rows", "x"), ("--rows", "--row")),
    ],
)
def test_wrong_usage_is_told_with_its_cure(pbx_lab: Lab, arguments: tuple[str, ...], words: tuple[str, ...]) -> None:
    answer = pbx_lab("run", DEMO, *arguments)
    assert (answer.code, answer.out) == (2, "")
    for word in words:
        assert word in answer.err


def test_a_site_with_several_tenants_is_run_tenant_by_tenant(pbx_lab: Lab, tmp_path: Path) -> None:
    answer = pbx_lab("run", TWO, "--report", tmp_path / "report")
    assert "no embedded engine" in answer.err, "nothing else is in the way"
    assert {path.name for path in (tmp_path / "report").iterdir()} == {"and", "andina"}


def test_the_rows_that_are_known_are_those_of_the_tenant(pbx_lab: Lab) -> None:
    answer = pbx_lab("run", TWO, "--tenant", "and", "--row", "queue-ventas-overflow-empty")
    assert answer.code == 2
    assert "there is no row queue-ventas-overflow-empty" in answer.err


def test_a_site_with_problems_is_not_called(pbx_lab: Lab, tmp_path: Path) -> None:
    site = shutil.copytree(DEMO, tmp_path / "site")
    file = site / "tenants" / "andina.yaml"
    file.write_text(file.read_text("utf-8").replace('"1": queue:ventas', '"1": queue:vents'), "utf-8")
    for command in ("run", "up"):
        answer = pbx_lab(command, site)
        assert answer.code == 1
        assert "error[PBX301]" in answer.out
        assert "did you mean queue:ventas" in answer.out
        assert "engine" not in answer.err


def test_a_folder_that_is_no_site_is_told(pbx_lab: Lab, tmp_path: Path) -> None:
    answer = pbx_lab("run", tmp_path / "none")
    assert answer.code == 1
    assert "none" in answer.out + answer.err
    assert "Traceback" not in answer.out + answer.err


@pytest.mark.parametrize("command", ["run", "up"])
def test_an_engine_that_cannot_be_had_is_told_with_its_cure(pbx_lab: Lab, command: str, tmp_path: Path) -> None:
    report = tmp_path / "report"
    answer = pbx_lab(command, DEMO, *(("--tenant", "andina", "--report", report) if command == "run" else ()))
    assert answer.code == 1
    assert "error[PBX801]: no embedded engine in this test" in answer.err
    assert "help: do without" in answer.err
    assert not list(report.glob("*"))


def test_without_a_lab_there_is_nothing_to_stop_and_no_console(pbx_lab: Lab) -> None:
    assert pbx_lab("down") == (0, "No lab was running.\n", "")
    assert pbx_lab("status") == (0, "No lab is running. Start one with: pbx lab up SITE\n", "")
    assert json.loads(pbx_lab("status", "--format", "json").out) == {"running": False}
    answer = pbx_lab("cli", "core show channels")
    assert (answer.code, answer.out) == (1, "")
    assert "error[PBX804]: no lab is running" in answer.err


def test_what_is_known_of_a_lab_may_be_spoiled(pbx_lab: Lab, tmp_path: Path) -> None:
    known = tmp_path / "cache" / "centralita" / "up" / "running.json"
    for text in ("", "{", "[]", "{}", '{"phones": 3}', "null"):
        known.parent.mkdir(parents=True, exist_ok=True)
        known.write_text(text)
        assert pbx_lab("status").out == "No lab is running. Start one with: pbx lab up SITE\n"


def test_help_is_quick_to_load_and_shows_examples() -> None:
    program = (
        "import sys\nfrom pbx.cli.guard import run\ncode = run(['lab', 'run', '--help'])\n"
        "heavy = {'numpy', 'soundfile', 'panoramisk', 'asterisk', 'aiosmtpd', 'jinja2', 'holidays'}\n"
        "print('LOADED', sorted(heavy & set(sys.modules)))\nsys.exit(code)\n"
    )
    shown = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout
    assert "LOADED []" in shown
    assert "--row forward-201-busy" in shown
