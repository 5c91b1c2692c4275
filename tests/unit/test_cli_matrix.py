"""``pbx matrix``: the rows without a call."""

from __future__ import annotations

import io
import json
from pathlib import Path
from zipfile import is_zipfile

import pytest

from tests.commands import DEMO, SMALL, Pbx


def test_the_rows_and_the_ways_are_told(pbx_command: Pbx) -> None:
    answer = pbx_command("matrix", DEMO, "andina")
    assert (answer.code, answer.err) == (0, "")
    assert "queue-turnos-overflow-full" in answer.out.replace("\n", "").replace(" ", "") or "queue-turnos" in answer.out
    last = answer.out.splitlines()[-2:]
    assert "rows (phase 1: " in last[0]
    assert "ways of the call flow (100.0 %)" in last[1]


def test_one_phase_for_programs(pbx_command: Pbx) -> None:
    told = json.loads(pbx_command("matrix", DEMO, "andina", "--phase", "2", "--format", "json").out)
    every = json.loads(pbx_command("matrix", DEMO, "andina", "--format", "json").out)
    assert {row["phase"] for row in told["rows"]} == {2}
    assert {row["phase"] for row in every["rows"]} == {1, 2}
    assert told["ways"] == every["ways"]
    assert every["ways"]["missing"] == []
    first = every["rows"][0]
    assert set(first["objective"]) == {"es", "en"}


def test_the_quick_matrix_has_fewer_rows_and_all_ways(pbx_command: Pbx) -> None:
    every = json.loads(pbx_command("matrix", DEMO, "andina", "--format", "json").out)
    told = json.loads(pbx_command("matrix", DEMO, "andina", "--quick", "--format", "json").out)
    assert 100 < len(told["rows"]) < len(every["rows"])
    assert {row["id"] for row in told["rows"]} < {row["id"] for row in every["rows"]}
    assert told["ways"]["missing"] == []


def test_the_words_are_in_the_language_that_is_asked_for(pbx_command: Pbx) -> None:
    spanish, english = (pbx_command("matrix", DEMO, "andina", "--language", each).out for each in ("es", "en"))
    assert "Cola ventas" in spanish
    assert "Queue ventas" in english


@pytest.mark.parametrize("name", ["xlsx", "html", "pdf", "json", "table"])
def test_the_form_is_written(pbx_command: Pbx, tmp_path: Path, name: str) -> None:
    file = tmp_path / f"matrix.{name}"
    answer = pbx_command("matrix", SMALL, "norte", "--format", name, "-o", file)
    assert (answer.code, answer.out) == (0, f"wrote {file}\n")
    content = file.read_bytes()
    assert {
        "xlsx": is_zipfile(io.BytesIO(content)),
        "pdf": content.startswith(b"%PDF"),
        "html": b"way-extension-20-busy" in content,
        "json": b"way-extension-20-busy" in content,
        "table": b"way-extension-20-busy" in content,
    }[name]


def test_the_same_tenant_gives_the_same_bytes(pbx_command: Pbx) -> None:
    assert pbx_command("matrix", DEMO, "andina", "--format", "json") == pbx_command(
        "matrix", DEMO, "andina", "--format", "json"
    )


@pytest.mark.parametrize(
    ("arguments", "what", "cure"),
    [
        (("andinna",), "no tenant andinna", "did you mean andina?"),
        (("andina", "--phase", "3"), "--phase", "pbx matrix --help"),
        (("ombu", "--phase", "2"), "no row is of this phase", "rows of phase 1"),
        (("andina", "--format", "doc"), "--format", "json"),
    ],
)
def test_wrong_usage_is_told_with_its_cure(pbx_command: Pbx, arguments: tuple[str, ...], what: str, cure: str) -> None:
    answer = pbx_command("matrix", DEMO, *arguments)
    assert (answer.code, answer.out) == (2, "")
    assert what in answer.err
    assert cure in answer.err


def test_a_file_that_cannot_be_written_is_told(pbx_command: Pbx) -> None:
    answer = pbx_command("matrix", SMALL, "norte", "--format", "json", "-o", "/proc/nothing/matrix.json")
    assert answer.code == 1
    assert "cannot be written" in answer.err
