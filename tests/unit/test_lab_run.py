"""``pbx lab run`` and ``pbx lab report`` from the command line, with a laboratory that only pretends to call."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple, cast

import numpy as np
import pytest

from lab.hearing import SAMPLE_RATE
from lab.judge import Ears
from lab.matrix import derive
from lab.plan import Plan
from lab.playing import Row
from lab.preparation import Prepared
from lab.results import Check, Recording, RowResult, RowText, Verdict, Words
from lab.runner import Outcome, Told
from lab.testbed import throw_away_secrets
from pbx.audio import to_wav_bytes
from pbx.cli.guard import run as run_pbx
from pbx.site import Site, TenantScope
from tests.samples import DEMO

DERIVED: dict[tuple[str, ...], tuple[Row, ...]] = {}


class Answer(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


@dataclass
class Laboratory:
    """What the pretended laboratory does, and what it was asked for."""

    fail: dict[str, int] = field(default_factory=dict)
    """By row: in which of its runs it fails; 0 is every one."""
    stop_after: int = -1
    """How many rows are played before somebody presses Ctrl-C; never when negative."""
    runs: int = 0
    plans: list[Plan] = field(default_factory=list)
    played: list[list[str]] = field(default_factory=list)

    async def run(self, plan: Plan, rows: Iterable[Row], told: Told, outcome: Outcome, _ears: Ears) -> Outcome:
        """As `lab.runner.run`."""
        self.runs += 1
        self.plans.append(plan)
        (plan.folder / "stage-x").mkdir()
        outcome.boots.append(0.5)
        texts = [RowText(name, "EXT-1", 1, Words("", ""), (), ()) for name in plan.registrations[1]]
        texts += [row.text for row in rows]
        self.played.append([text.id for text in texts])
        for number, text in enumerate(texts):
            if number == self.stop_after:
                raise KeyboardInterrupt
            result = replace(self._result(text), recordings=(_recorded(plan.folder / "stage-x" / f"{text.id}.wav"),))
            outcome.rows.append(result)
            told(result)
        return outcome

    def _result(self, text: RowText) -> RowResult:
        bad = self.fail.get(text.id, -1) in {0, self.runs}
        check = Check("server", Words("Fin", "End"), "busy", "answer", passed=not bad)
        verdict, reason = (Verdict.FAILED, "End: expected busy, got answer.") if bad else (Verdict.PASSED, "")
        return RowResult(text, verdict, reason, "2026-03-02 11:00", 10, 0.5, 5.0, checks=(check,))


def _recorded(path: Path) -> Recording:
    """A second of what a caller hears."""
    path.write_bytes(to_wav_bytes(np.full(SAMPLE_RATE, 9000, np.int16)))
    return Recording("extension:201", path, ())


@pytest.fixture
def laboratory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Laboratory:
    made = Laboratory()

    def prepare(site: Site, site_path: Path, *rest: Any) -> Prepared:  # noqa: ANN401 - as lab.preparation.prepare
        installation = cast("Any", SimpleNamespace(engine="embedded", version="22"))
        secrets = throw_away_secrets(site)
        sounds = cast("Any", None)
        prompts: dict[str, dict[str, Path]] = {slug: {} for slug in site.tenants}
        return Prepared(Plan(site, str(site_path), secrets, installation, rest[1], sounds, prompts, tmp_path, rest[3]))

    def derive_once(scope: TenantScope, others: Sequence[TenantScope] = ()) -> tuple[Row, ...]:
        tenants = (scope.slug, *(other.slug for other in others))
        if tenants not in DERIVED:
            DERIVED[tenants] = derive(scope, others)
        return DERIVED[tenants]

    monkeypatch.setattr("lab.matrix.derive", derive_once)  # nothing here changes the demo
    monkeypatch.setattr("lab.cli.run.provision", lambda _name: None)
    monkeypatch.setattr("lab.preparation.prepare", prepare)
    monkeypatch.setattr("lab.runner.run", made.run)
    monkeypatch.setattr("lab.cli.run.stop_as_by_keyboard", lambda: None)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "200")
    return made


@pytest.fixture
def lab(laboratory: Laboratory, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Callable[..., Answer]:
    """Run ``pbx lab run`` on the demo with its report in a folder of the test."""
    assert laboratory

    def command(*arguments: str | Path, tenant: str = "andina") -> Answer:
        capsys.readouterr()
        chosen = ("--tenant", tenant) if tenant else ()
        code = run_pbx(["lab", "run", str(DEMO), "--report", str(tmp_path / "report"), *chosen, *map(str, arguments)])
        return Answer(code, *capsys.readouterr())

    return command


@pytest.fixture
def pbx(capsys: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    """Any command."""

    def command(*arguments: str | Path) -> Answer:
        capsys.readouterr()
        return Answer(run_pbx([*map(str, arguments)]), *capsys.readouterr())

    return command


Lab = Callable[..., Answer]
ROWS = ("internal-call", "emergency-911", "phones-register")


def some(*rows: str) -> Iterator[str]:
    for row in rows:
        yield from ("--row", row)


def results(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / "results.json").read_text("utf-8"))
    return content


def test_all_reports_and_the_evidence_are_written(lab: Lab, tmp_path: Path) -> None:
    answer = lab(*some(*ROWS))
    assert answer.code == 0
    assert "no row travels" not in answer.out, "three chosen rows say nothing of the coverage"
    assert {path.name for path in (tmp_path / "report").iterdir()} == {
        "acceptance.pdf", "acceptance.xlsx", "evidence", "index.html", "junit.xml", "results.json", "rows",
    }  # fmt: skip
    assert {path.name for path in (tmp_path / "report" / "rows").iterdir()} == set(ROWS)
    assert "3 passed" in answer.out
    assert "times as fast as by hand" in answer.out
    assert "Report: " in answer.out


def test_where_nobody_watches_every_row_is_a_line_of_its_own(lab: Lab, laboratory: Laboratory) -> None:
    laboratory.fail["emergency-911"] = 0
    answer = lab(*some(*ROWS))
    assert answer.code == 4
    assert answer.err.splitlines() == [
        "[1/3] ✓ phones-register 0.5 s",
        "[2/3] ✓ internal-call 0.5 s",
        "failed: emergency-911: End: expected busy, got answer.",
    ]
    assert lab(*some(*ROWS), "--format", "json").err.splitlines() == [
        "failed: emergency-911: End: expected busy, got answer."
    ]


def test_a_busy_machine_is_named_where_rows_failed(
    lab: Lab, laboratory: Laboratory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    monkeypatch.setattr("os.getloadavg", lambda: (17.0, 9.0, 9.0))
    assert "This machine is busy" not in lab(*some(*ROWS)).out
    laboratory.fail["internal-call"] = 0
    assert "This machine is busy (load 17, 2 processors)" in lab(*some(*ROWS)).out
    monkeypatch.setattr("os.getloadavg", lambda: (4.0, 9.0, 9.0))
    assert "This machine is busy" not in lab(*some(*ROWS)).out


def test_rows_are_chosen_by_requirement_family_and_phase(lab: Lab, laboratory: Laboratory, tmp_path: Path) -> None:
    lab("--requirement", "ivr-2")
    assert laboratory.played[-1] == ["did-541152365000-holiday", "holidays-oficina"]
    lab("--requirement", "QUE", "--phase", "1")
    assert laboratory.played[-1]
    content = results(tmp_path / "report")
    assert {row["row"]["requirement"].split("-")[0] for row in content["rows"]} == {"QUE"}
    assert content["selection"] == "--requirement QUE --phase 1"
    lab("--requirement", "QUE")
    lab("--requirement", "QUE", "--quick")
    assert len(laboratory.played[-1]) < len(laboratory.played[-2])
    assert set(laboratory.played[-1]) < set(laboratory.played[-2])
    assert results(tmp_path / "report")["selection"] == "--requirement QUE --quick"
    answer = lab("--requirement", "NONE-9")
    assert (answer.code, answer.out) == (2, "")
    assert "no row fits --requirement NONE-9" in answer.err


def test_what_failed_is_run_again_and_alone(lab: Lab, laboratory: Laboratory) -> None:
    answer = lab("--failed")
    assert answer.code == 2
    assert "there is no run in" in answer.err
    laboratory.fail["emergency-911"] = 0
    assert lab(*some(*ROWS)).code == 4
    assert lab("--failed").code == 4
    assert laboratory.played[-1] == ["emergency-911"]
    laboratory.fail.clear()
    answer = lab("--failed")
    assert answer.code == 0
    assert "newly green: emergency-911" in answer.out
    assert laboratory.played[-1] == ["emergency-911"]
    count = laboratory.runs
    answer = lab("--failed")
    assert answer.code == 0
    assert "Every row of the run in" in answer.out
    assert laboratory.runs == count, "nothing is left to be run"


def test_a_run_is_compared_with_the_one_it_replaces_or_with_the_one_that_is_named(
    lab: Lab, laboratory: Laboratory, tmp_path: Path
) -> None:
    assert "Since" not in lab(*some(*ROWS)).out
    shutil.copytree(tmp_path / "report", tmp_path / "yesterday")
    laboratory.fail["internal-call"] = 0
    assert "newly red: internal-call" in lab(*some(*ROWS)).out
    assert "Nothing changed" in lab(*some(*ROWS)).out
    told = json.loads(lab(*some(*ROWS), "--compare", tmp_path / "yesterday", "--format", "json").out)
    assert told["changes"] == [{"id": "internal-call", "kind": "red"}]
    answer = lab(*some(*ROWS), "--compare", tmp_path / "nowhere")
    assert (answer.code, answer.out) == (2, "")
    assert "there are no results in" in answer.err


def test_rows_that_change_their_mind_are_named(lab: Lab, laboratory: Laboratory, tmp_path: Path) -> None:
    laboratory.fail |= {"emergency-911": 2, "internal-call": 0}
    answer = lab(*some(*ROWS), "--repeat", "3")
    assert answer.code == 4
    assert laboratory.runs == 3
    assert "1 of 3 rows changed their mind:\n  emergency-911: passed 2 of 3" in answer.out
    repeats = {row["row"]["id"]: row["repeats"] for row in results(tmp_path / "report")["rows"]}
    assert repeats["emergency-911"] == [True, False, True]
    assert repeats["internal-call"] == [False] * 3
    told = json.loads(lab(*some("emergency-911"), "--repeat", "2", "--format", "json").out)
    assert [(row["passed"], row["of"]) for row in told["rows"]] == [(2, 2)]


def test_the_folders_of_repeated_runs_in_which_nothing_failed_do_not_pile_up(
    lab: Lab, laboratory: Laboratory, monkeypatch: pytest.MonkeyPatch
) -> None:
    there: list[list[str]] = []

    async def looking(plan: Plan, rows: Iterable[Row], told: Told, outcome: Outcome, ears: Ears) -> Outcome:
        there.append(sorted(path.name for path in plan.folder.parent.glob("[0-9]*")))
        return await laboratory.run(plan, rows, told, outcome, ears)

    monkeypatch.setattr("lab.runner.run", looking)
    laboratory.fail["internal-call"] = 2
    lab(*some(*ROWS), "--repeat", "5")
    assert there[-1] == ["1", "2", "5"], "the first run is shown, and that in which a row failed"


def test_of_repeated_runs_what_was_heard_is_kept(lab: Lab, laboratory: Laboratory, tmp_path: Path) -> None:
    laboratory.fail["internal-call"] = 2
    lab(*some(*ROWS), "--repeat", "3")
    for row in results(tmp_path / "report")["rows"]:
        (recording,) = row["recordings"]
        assert (tmp_path / "report" / recording["path"]).is_file(), row["row"]["id"]
    assert (tmp_path / "report" / "index.html").read_text("utf-8").count("data:audio/flac") == len(ROWS)


def test_the_runner_is_told_how_wide_and_when_to_give_up(lab: Lab, laboratory: Laboratory) -> None:
    lab(*some(*ROWS), "--jobs", "2", "--fail-fast", "--speed", "4")
    plan = laboratory.plans[-1]
    assert (plan.jobs, plan.fail_fast, plan.speed) == (2, True, 4)
    laboratory.fail["internal-call"] = 0
    count = laboratory.runs
    lab(*some(*ROWS), "--fail-fast", "--repeat", "9")
    assert laboratory.runs == count + 1


def test_the_report_is_in_the_language_that_was_asked_for(lab: Lab, tmp_path: Path) -> None:
    lab(*some(*ROWS), "--language", "en")
    assert '<html lang="en">' in (tmp_path / "report" / "index.html").read_text("utf-8")
    lab(*some(*ROWS))
    assert '<html lang="es">' in (tmp_path / "report" / "index.html").read_text("utf-8")


def test_without_a_tenant_all_are_run_and_a_page_leads_to_each(lab: Lab, tmp_path: Path) -> None:
    answer = lab("--requirement", "EXT-1", tenant="")
    assert answer.code == 0
    report = tmp_path / "report"
    assert {path.name for path in report.iterdir()} == {"andina", "ombu", "index.html"}
    page = (report / "index.html").read_text("utf-8")
    assert 'href="andina/index.html"' in page
    assert (report / "ombu" / "acceptance.pdf").is_file()
    assert results(report / "ombu")["tenant"] == "ombu"
    told = json.loads(lab("--requirement", "EXT-1", "--format", "json", tenant="").out)
    assert [each["tenant"] for each in told["tenants"]] == ["andina", "ombu"]
    assert told["report"] == str(report / "index.html")


def test_a_row_of_one_tenant_needs_no_tenant_to_be_named(lab: Lab, laboratory: Laboratory) -> None:
    assert lab("--row", "ivr-welcome-key-1", tenant="").code == 0
    assert laboratory.played == [["ivr-welcome-key-1"]]


def test_ctrl_c_keeps_what_was_done(lab: Lab, laboratory: Laboratory, tmp_path: Path) -> None:
    laboratory.stop_after = 2
    answer = lab(*some(*ROWS))
    assert (answer.code, answer.out) == (130, "")
    assert "2 of 3 rows were played; report: " in answer.err
    assert answer.err.endswith("stopped\n")
    rows = {row["row"]["id"]: row for row in results(tmp_path / "report")["rows"]}
    assert {name: row["verdict"] for name, row in rows.items()} == {
        "phones-register": "passed", "internal-call": "passed", "emergency-911": "not run",
    }  # fmt: skip
    assert "stopped before" in rows["emergency-911"]["reason"]
    assert (tmp_path / "report" / "acceptance.pdf").is_file()


def test_ctrl_c_before_the_first_row_leaves_the_last_report(lab: Lab, laboratory: Laboratory, tmp_path: Path) -> None:
    lab(*some(*ROWS))
    before = (tmp_path / "report" / "results.json").read_bytes()
    laboratory.stop_after = 0
    assert lab(*some(*ROWS))[0] == 130
    assert (tmp_path / "report" / "results.json").read_bytes() == before


def test_ctrl_c_in_a_later_run_shows_the_runs_before(lab: Lab, laboratory: Laboratory, tmp_path: Path) -> None:
    lab(*some(*ROWS), "--repeat", "2")

    assert laboratory.runs == 2
    laboratory.stop_after = 1
    assert lab(*some(*ROWS), "--repeat", "3").code == 130
    assert len(results(tmp_path / "report")["rows"]) == 3


def test_reports_are_written_again_without_a_call(lab: Lab, pbx: Lab, laboratory: Laboratory, tmp_path: Path) -> None:
    lab(*some(*ROWS))
    report = tmp_path / "report"
    before = {path.name: path.read_bytes() for path in report.iterdir() if path.is_file()}
    for name in ("index.html", "acceptance.pdf", "acceptance.xlsx", "junit.xml"):
        (report / name).unlink()
    answer = pbx("lab", "report", report)
    assert answer.code == 0
    assert len(answer.out.splitlines()) == 5
    assert {path.name: path.read_bytes() for path in report.iterdir() if path.is_file()} == before
    answer = pbx("lab", "report", report, "--format", "pdf", "--language", "en")
    assert answer.out == f"{report / 'acceptance.pdf'}\n"
    assert (report / "acceptance.pdf").read_bytes() != before["acceptance.pdf"]
    assert (report / "index.html").read_bytes() == before["index.html"]
    assert laboratory.runs == 1


def test_a_report_is_compared_afterwards(lab: Lab, pbx: Lab, laboratory: Laboratory, tmp_path: Path) -> None:
    lab(*some(*ROWS))
    earlier = shutil.copytree(tmp_path / "report", tmp_path / "earlier")
    laboratory.fail["internal-call"] = 0
    lab(*some(*ROWS))
    assert pbx("lab", "report", tmp_path / "report", "--compare", earlier).code == 0
    assert "dejó de pasar" in (tmp_path / "report" / "index.html").read_text("utf-8")
    assert results(tmp_path / "report")["comparison"]["changes"][0]["kind"] == "red"


@pytest.mark.parametrize("content", [None, "{", '{"schema": 7}'])
def test_a_folder_without_results_is_told(pbx: Lab, tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "results.json").write_text(content)
    answer = pbx("lab", "report", tmp_path)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("error: ")
    assert "= help: " in answer.err
