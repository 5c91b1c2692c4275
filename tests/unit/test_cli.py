"""The command line as a whole: help, versions, explanations, slips, plugins."""

from __future__ import annotations

import json
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

import pbx.cli.app
from pbx.diagnostics.codes import CODES
from tests.commands import ROOT, Pbx


def test_a_page_is_printed_as_it_is_where_nobody_looks(pbx_command: Pbx) -> None:
    page = (ROOT / "pbx/diagnostics/docs/PBX003.md").read_text("utf-8")
    assert pbx_command("explain", "duplicate-key") == (0, page, "")


def test_an_unknown_code_is_refused_with_a_guess(pbx_command: Pbx) -> None:
    answer = pbx_command("explain", "duplicate-kye")
    assert answer.code == 2
    assert "did you mean duplicate-key?" in answer.err


def test_explanations_are_there_for_scripts(pbx_command: Pbx) -> None:
    one = json.loads(pbx_command("explain", "PBX003", "--format", "json").out)
    assert (one["slug"], one["severity"]) == ("duplicate-key", "error")
    assert one["page"].startswith("# PBX003 ")
    everything = json.loads(pbx_command("explain", "--format", "json").out)
    assert [each["id"] for each in everything] == list(CODES)
    assert pbx_command("explain").out.count("\n") == len(CODES)


def test_the_version(pbx_command: Pbx) -> None:
    assert pbx_command("--version").out.startswith("centralita 0.1.0 ")


@pytest.mark.parametrize("command", ["check", "compile", "trace", "graph", "explain"])
def test_every_help_has_an_example(pbx_command: Pbx, command: str) -> None:
    answer = pbx_command(command, "--help")
    assert answer.code == 0
    assert "Example" in answer.out
    assert f"pbx {command} " in answer.out.split("Example")[1]


@pytest.mark.parametrize("command", ["check", "trace", "explain"])
def test_the_examples_of_the_help_work(pbx_command: Pbx, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    monkeypatch.chdir(ROOT)
    lines = pbx_command(command, "--help").out.split("Example")[1].splitlines()
    # tests/engine/test_boot_check.py runs those that start an Asterisk.
    found = (line.split()[1:] for line in lines if line.strip().startswith("pbx "))
    examples = [each for each in found if "--boot" not in each]
    assert examples
    for example in examples:
        assert pbx_command(*example).code == 0, example


@pytest.mark.parametrize(
    ("arguments", "what", "cure"),
    [
        (("chekc",), "there is no command chekc", "did you mean check?"),
        (("labb",), "there is no command labb", "did you mean lab?"),
        (("check",), "Missing argument 'SITE'", "see pbx check --help"),
        (("check", "x", "--format", "xml"), "'xml' is not one of", "see pbx check --help"),
        (("compile", "x"), "Missing option", "see pbx compile --help"),
        (("--nonsense",), "No such option: --nonsense", "see pbx --help"),
    ],
)
def test_a_wrong_command_line_gets_one_message(
    pbx_command: Pbx, arguments: tuple[str, ...], what: str, cure: str
) -> None:
    answer = pbx_command(*arguments)
    assert answer.code == 2
    assert answer.out == ""
    first, second = answer.err.splitlines()
    assert what in first
    assert cure in second


# Plugins


@pytest.fixture
def plugged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two plugins: one that works and one that does not."""
    (tmp_path / "extra_plugin.py").write_text(
        "import typer\napp = typer.Typer(help='Says hello.')\n"
        "@app.command()\ndef hello():\n    typer.echo('hello')\n    raise typer.Exit(4)\n"
        "@app.command()\ndef other(): ...\n"
    )
    (tmp_path / "broken_plugin.py").write_text("raise RuntimeError('it rains\\nhere')\n")
    monkeypatch.syspath_prepend(tmp_path)
    found = {name: EntryPoint(name, f"{name}_plugin:app", pbx.cli.app.PLUGINS) for name in ("extra", "broken")}
    monkeypatch.setattr(pbx.cli.app, "plugins", lambda: found)


@pytest.mark.usefixtures("plugged")
def test_a_plugin_is_loaded_only_when_it_is_named(pbx_command: Pbx) -> None:
    assert pbx_command("explain", "PBX003").code == 0
    assert "extra_plugin" not in sys.modules
    assert pbx_command("extra", "hello") == (4, "hello\n", "")
    del sys.modules["extra_plugin"]


@pytest.mark.usefixtures("plugged")
def test_a_broken_plugin_is_one_message_and_hides_nothing(pbx_command: Pbx) -> None:
    answer = pbx_command("--help")
    assert answer.code == 0
    assert "Says hello." in answer.out
    assert "commands of pbx broken cannot be loaded: it rains here" in answer.err
    answer = pbx_command("broken", "anything")
    assert answer.code == 1
    assert len(answer.err.splitlines()) == 2
