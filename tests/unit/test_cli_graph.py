"""``pbx graph``: every format, to the terminal and to files, and what makes no sense."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.commands import DEMO, Pbx

GENERAL = ("--did", "+54 11 5236-5000")


def test_without_a_file_it_prints_svg(pbx_command: Pbx) -> None:
    answer = pbx_command("graph", DEMO, "andina")
    assert answer.code == 0
    assert ET.fromstring(answer.out).tag == "{http://www.w3.org/2000/svg}svg"


@pytest.mark.parametrize(
    ("name", "begins"),
    [("a.svg", "<?xml"), ("a.html", "<!doctype html>"), ("a.mmd", "flowchart LR"), ("a.json", "{")],
)
def test_the_name_of_the_file_says_how_to_draw(pbx_command: Pbx, tmp_path: Path, name: str, begins: str) -> None:
    file = tmp_path / name
    assert pbx_command("graph", DEMO, "andina", "-o", file) == (0, "", "")
    assert file.read_text("utf-8").startswith(begins)
    assert [path.name for path in tmp_path.iterdir() if path.suffix == file.suffix] == [name]


def test_the_records_say_where_everything_is_written(pbx_command: Pbx) -> None:
    told = json.loads(pbx_command("graph", DEMO, "andina", *GENERAL, "--format", "json").out)
    (queue,) = [box for box in told["boxes"] if box["id"] == "queue:ventas"]
    (place,) = queue["places"]
    assert Path(place["file"]).read_text("utf-8").splitlines()[place["line"] - 1].strip() == "ventas:"
    outside = next(box for box in told["boxes"] if box["id"] == "external:+5491155550000")
    (place,) = outside["places"]
    assert "+5491155550000" in Path(place["file"]).read_text("utf-8").splitlines()[place["line"] - 1]


def test_calls_can_run_down(pbx_command: Pbx) -> None:
    right = json.loads(pbx_command("graph", DEMO, "andina", "--format", "json").out)
    down = json.loads(pbx_command("graph", DEMO, "andina", "--format", "json", "--direction", "down").out)
    assert right["width"] > right["height"]
    assert down["width"] < right["width"]
    assert down["height"] > right["height"]
    assert pbx_command("graph", DEMO, "andina", "--direction", "down", "--format", "mermaid").out.startswith(
        "flowchart TD"
    )


def test_a_number_that_is_not_there_is_refused_with_a_guess(pbx_command: Pbx) -> None:
    answer = pbx_command("graph", DEMO, "andina", "--did", "+541152365009")
    assert answer.code == 2
    assert "has no DID +541152365009" in answer.err


def test_a_file_that_says_nothing_needs_a_format(pbx_command: Pbx, tmp_path: Path) -> None:
    answer = pbx_command("graph", DEMO, "andina", "-o", tmp_path / "flow.png")
    assert answer.code == 2
    assert "give --format" in answer.err
    assert pbx_command("graph", DEMO, "andina", "-o", tmp_path / "flow.txt", "--format", "mermaid").code == 0


def test_a_file_that_cannot_be_written_is_told_and_nothing_is_left(pbx_command: Pbx, tmp_path: Path) -> None:
    answer = pbx_command("graph", DEMO, "andina", "-o", tmp_path / "nowhere" / "flow.svg")
    assert answer.code == 1
    assert "cannot be written" in answer.err
    (tmp_path / "taken.svg").mkdir()
    answer = pbx_command("graph", DEMO, "andina", "-o", tmp_path / "taken.svg")
    assert answer.code == 1
    assert [path.name for path in tmp_path.iterdir() if path.name != "cache"] == ["taken.svg"]


def test_a_tenant_with_problems_is_not_drawn(pbx_command: Pbx, wrong_site: Path, tmp_path: Path) -> None:
    answer = pbx_command("graph", wrong_site, "andina", "-o", tmp_path / "flow.svg")
    assert answer.code == 1
    assert "PBX301" in answer.out
    assert not (tmp_path / "flow.svg").exists()
