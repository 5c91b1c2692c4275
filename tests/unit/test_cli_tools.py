"""``pbx schema`` and ``pbx numberplan``."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from pbx.numberplan import countries
from tests.commands import ROOT, Pbx


@pytest.mark.parametrize("root", ["tenant", "platform"])
def test_the_schema_is_printed_or_written(pbx_command: Pbx, tmp_path: Path, root: str) -> None:
    shipped = (ROOT / f"pbx/schema/{root}.json").read_text("utf-8")
    assert pbx_command("schema", root) == (0, shipped, "")
    file = tmp_path / ".schema" / "x.json"
    assert pbx_command("schema", root, "-o", file) == (0, f"wrote {file}\n", "")
    assert file.read_text("utf-8") == shipped
    assert stat.S_IMODE(file.stat().st_mode) == 0o644


def test_a_schema_that_cannot_be_written_is_one_message(pbx_command: Pbx, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    answer = pbx_command("schema", "tenant", "-o", tmp_path / "file" / "x.json")
    assert (answer.code, answer.out) == (1, "")
    assert "cannot be written" in answer.err


@pytest.mark.parametrize("country", countries())
def test_a_plan_is_told_with_emergency_numbers_ways_to_dial_and_tones(pbx_command: Pbx, country: str) -> None:
    text = pbx_command("numberplan", country.lower())
    told = json.loads(pbx_command("numberplan", country, "--format", "json").out)
    assert text.code == 0
    assert {"international", "toll_free", "premium"} <= {each["category"] for each in told["forms"]}
    assert {"dial", "busy", "ring", "congestion"} <= set(told["tones"])
    for number in told["emergency"]:
        assert f"\n  {number} " in text.out
    for form in told["forms"]:
        assert f"  {form['pattern']} " in text.out


@pytest.mark.parametrize(
    ("arguments", "what"), [(("FR",), "no number plan for 'FR'"), (("AR", "--area-code", "999"), "no area code")]
)
def test_an_unknown_place_is_refused(pbx_command: Pbx, arguments: tuple[str, ...], what: str) -> None:
    answer = pbx_command("numberplan", *arguments)
    assert (answer.code, answer.out) == (2, "")
    assert what in answer.err


COMMANDS = (
    "init", "check", "trace", "compile", "where", "explain", "schema", "numberplan",
    "secrets init", "secrets show", "secrets rotate",
)  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_an_example_and_its_exit_codes(pbx_command: Pbx, command: str) -> None:
    answer = pbx_command(*command.split(), "--help")
    assert answer.code == 0
    assert f"pbx {command} " in answer.out.split("Example")[1]
    assert "Exit code" in answer.out
