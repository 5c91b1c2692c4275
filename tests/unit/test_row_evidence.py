"""The evidence of each row as files, results read again, and the way of a call on the call flow."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from lab.evidence import route
from lab.formats import ReportFormat
from lab.report import NoResultsError, read_run, render_html, write_bundle, write_report
from lab.report.bundle import keep_evidence
from lab.results import Comparison, RunResult, Spent
from pbx.graph.collapse import picture
from tests.runs import HOSTILE, hostile, made_up
from tests.samples import DEMO, tenant

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def run(tmp_path: Path) -> RunResult:
    return made_up(tmp_path)


def test_each_row_has_a_folder_with_all_that_is_known_of_it(run: RunResult, tmp_path: Path) -> None:
    run = replace(run, flow=picture(tenant(DEMO, "andina")))
    went = replace(
        run.rows[1],
        journey=("did:+541152365000", "schedule:oficina"),
        cel=({"eventname": "CHAN_START"},),
    )
    kept = write_bundle(replace(run, rows=(run.rows[0], went, run.rows[2])), tmp_path / "report")
    folder = tmp_path / "report" / "rows" / "menu-closed"
    assert {path.name for path in folder.iterdir()} == {
        "cdr.json", "cel.json", "extension-201.svg", "extension-201.wav", "journey.svg", "ladder.svg", "log.txt",
        "mail-1.eml", "row.json", "sip.txt",
    }  # fmt: skip
    assert kept.rows[1].recordings[0].path == folder / "extension-201.wav"
    assert json.loads((folder / "cdr.json").read_text())[0]["disposition"] == "ANSWERED"
    assert json.loads((folder / "row.json").read_text("utf-8"))["verdict"] == "failed"
    for drawing in folder.glob("*.svg"):
        ET.parse(drawing)
    assert {path.name for path in (tmp_path / "report" / "rows").iterdir()} == {
        "menu-open",
        "menu-closed",
        "trunk-down",
    }


def test_the_evidence_of_an_earlier_run_is_replaced_whole(run: RunResult, tmp_path: Path) -> None:
    write_bundle(run, tmp_path / "report")
    write_bundle(replace(run, rows=run.rows[:1]), tmp_path / "report")
    assert [path.name for path in (tmp_path / "report" / "rows").iterdir()] == ["menu-open"]


def test_evidence_that_cannot_be_written_leaves_the_earlier_one(
    run: RunResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_bundle(run, tmp_path / "report")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("lab.report.bundle.shutil.copy2", full)
    with pytest.raises(OSError, match="No space"):
        write_bundle(run, tmp_path / "report")
    assert {path.name for path in (tmp_path / "report").iterdir()} == {"rows", "evidence"}
    assert (tmp_path / "report" / "rows" / "menu-closed" / "extension-201.wav").is_file()


def test_no_name_leads_out_of_the_folder(run: RunResult, tmp_path: Path) -> None:
    bad = hostile(run).rows[0]
    rows = [
        replace(bad, row=replace(bad.row, id=name)) for name in ("../../x", "..", "/etc/x", "a/b", "a b", "a-b", "")
    ]
    write_bundle(replace(run, rows=tuple(rows)), tmp_path / "report")
    made = sorted(path.name for path in (tmp_path / "report" / "rows").iterdir())
    assert len(made) == len(rows)
    assert not (tmp_path / "x").exists()
    assert all(re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9._-]*", name) for name in made)


def test_logs_and_captures_of_several_runs_are_kept_apart(tmp_path: Path) -> None:
    for number in ("1", "2"):
        stage = tmp_path / number / "stage-a"
        (stage / "pbx" / "log").mkdir(parents=True)
        (stage / "pbx" / "log" / "messages.log").write_text(number)
        (stage / "row-mistake.txt").write_text("Traceback")
    keep_evidence([tmp_path / "1", tmp_path / "2"], tmp_path / "kept")
    kept = {path.name: (path / "pbx.log").read_text() for path in (tmp_path / "kept").iterdir()}
    assert kept == {"stage-a": "1", "stage-a-2": "2"}
    assert (tmp_path / "kept" / "stage-a" / "row-mistake.txt").is_file()


def test_a_run_that_was_written_is_read_again_as_it_was(run: RunResult, tmp_path: Path) -> None:
    folder = tmp_path / "report"
    full = replace(
        write_bundle(run, folder),
        spent=Spent(1, 2, 3, 4, 5, 6),
        comparison=Comparison("2026-01-01T00:00:00", 3, ()),
        flow=picture(tenant(DEMO, "andina")),
        objectives={1: "Probar"},
    )
    write_report(full, folder)
    assert read_run(folder) == full
    assert read_run(folder / "results.json") == full


def test_reports_written_again_are_the_same_bytes(run: RunResult, tmp_path: Path) -> None:
    folder = tmp_path / "report"
    write_report(write_bundle(run, folder), folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    for name in before:
        if name != "results.json":
            (folder / name).unlink()
    write_report(read_run(folder), folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before
    assert len(before) == 5


def test_one_format_in_another_language_is_written_alone(run: RunResult, tmp_path: Path) -> None:
    write_report(run, tmp_path / "new", formats=(ReportFormat.HTML,), language="en")
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["index.html"]
    assert '<html lang="en">' in (tmp_path / "new" / "index.html").read_text("utf-8")


def test_strangers_texts_can_be_read_again(run: RunResult, tmp_path: Path) -> None:
    bad = hostile(run)
    write_report(bad, tmp_path / "new")
    again = read_run(tmp_path / "new")
    assert again.tenant == HOSTILE.replace("\ud800", "?")
    assert render_html(again)


def test_a_recording_that_would_lie_elsewhere_is_not_opened(run: RunResult, tmp_path: Path) -> None:
    folder = tmp_path / "report"
    write_report(write_bundle(run, folder), folder)
    secret = tmp_path / "secret.wav"
    secret.write_bytes((folder / "rows" / "menu-closed" / "extension-201.wav").read_bytes())
    results = folder / "results.json"
    for name in ("../secret.wav", str(secret)):
        content = json.loads(results.read_text("utf-8"))
        content["rows"][1]["recordings"][0]["path"] = name
        results.write_text(json.dumps(content))
        page = render_html(read_run(folder))
        assert "data:audio" not in page
        assert "La grabación no contiene sonido" in page


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "there are no results"),
        ("", "is no JSON"),
        ("[]", "is of another version"),
        ('{"schema": 99}', "is of another version of pbx (99, not 1)"),
        ('{"schema": 1}', "Field required"),
        ('{"schema": 1, "rows": NaN}', "is no JSON"),
        ("\x00\xff", "is no JSON"),
    ],
)
def test_what_is_no_result_is_told(tmp_path: Path, content: str | None, problem: str) -> None:
    if content is not None:
        (tmp_path / "results.json").write_bytes(content.encode("latin-1"))
    with pytest.raises(NoResultsError) as told:
        read_run(tmp_path)
    assert problem in told.value.problem
    assert told.value.cure


JOURNEY = ("did:+541152365000", "schedule:oficina", "ivr:principal", "queue:ventas")
EXITS = ("schedule:oficina open", "ivr:principal 1")


def lit(drawing: str, marked: str = "lit") -> tuple[set[str], set[tuple[str, str]]]:
    """The boxes and the lines of a drawing that are marked."""
    boxes, lines = set(), set()
    for group in ET.fromstring(drawing).iter():
        if marked in group.get("class", "").split():
            if "data-box" in group.attrib:
                boxes.add(group.attrib["data-box"])
            elif "data-from" in group.attrib:
                lines.add((group.attrib["data-from"], group.attrib["data-to"]))
    return boxes, lines


def test_the_way_of_a_call_is_lit_and_the_other_ways_are_there() -> None:
    flow = picture(tenant(DEMO, "andina"))
    drawing = route(flow, JOURNEY, EXITS, JOURNEY, prefix="a-")
    boxes, lines = lit(drawing)
    assert boxes == set(JOURNEY)
    assert lines == set(pairwise(JOURNEY))
    assert lit(drawing, "astray") == (set(), set())
    assert "ivr:nocturno" in drawing, "where a caller gets after hours"


def test_where_a_call_went_astray_stands_out() -> None:
    flow = picture(tenant(DEMO, "andina"))
    wrong = ("did:+541152365000", "schedule:oficina", "ivr:nocturno")
    drawing = route(flow, wrong, ("schedule:oficina closed",), JOURNEY, prefix="a-")
    assert lit(drawing, "astray") == ({"ivr:nocturno"}, {("schedule:oficina", "ivr:nocturno")})


def test_of_two_ways_to_the_same_place_the_one_taken_is_lit() -> None:
    flow = picture(tenant(DEMO, "andina"))
    by_place: dict[tuple[str, str], list[str]] = {}
    for line in flow.lines:
        by_place.setdefault((line.source, line.target), []).append(line.id)
    twins = next((ends for ends, ids in by_place.items() if len(ids) > 1), None)
    assert twins, "the demo has a place that leads to another by key and by itself"
    one, other = (next(line for line in flow.lines if line.id == name) for name in by_place[twins][:2])
    place, when = one.exits[0]
    journey = (place, next(name for name, box in flow.drawn.items() if box == twins[1]))
    drawing = ET.fromstring(route(flow, journey, (f"{place} {when}",), prefix=""))
    marked = {group.get("id") for group in drawing.iter() if "lit" in group.get("class", "").split()}
    assert one.id in marked
    assert other.id not in marked


def test_drawings_of_one_page_do_not_share_ids() -> None:
    flow = picture(tenant(DEMO, "andina"))
    ids = [
        {element.get("id") for element in ET.fromstring(route(flow, JOURNEY, EXITS, prefix=prefix)).iter()} - {None}
        for prefix in ("r1-", "r2-")
    ]
    assert ids[0]
    assert not ids[0] & ids[1]
    drawing = route(flow, JOURNEY, EXITS, prefix="r1-")
    assert set(re.findall(r"url\(#([^)]*)\)", drawing)) <= ids[0]


def test_a_journey_that_the_flow_does_not_show_is_not_drawn() -> None:
    flow = picture(tenant(DEMO, "andina"))
    assert route(flow, (), (), prefix="") == ""
    assert route(flow, (HOSTILE, "trunk:principal"), (HOSTILE,), prefix="") == ""
