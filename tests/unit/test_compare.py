"""What has changed since an earlier run, and rows that change their mind from run to run."""

from __future__ import annotations

from dataclasses import replace

from lab.report import render_html
from lab.report.compare import compare
from lab.report.repeats import flakes, together
from lab.report.tenants import render_tenants
from lab.report.terminal import changes, unsteady, where_time_went
from lab.results import Check, RowResult, RunResult, Spent, Verdict, Words
from tests.runs import HOSTILE, row


def a_run(*rows: RowResult, selection: str = "") -> RunResult:
    return RunResult(
        "site", "a", "Alfa S.A.", "es", "embedded", "2026-11-21T10:00:00-03:00", 4.2, rows, selection=selection
    )


def failed(name: str) -> RowResult:
    check = Check("server", Words("Fin", "End"), "busy", "answer", passed=False)
    return replace(row(name, Verdict.FAILED, "End: expected busy, got answer."), checks=(check,))


def kinds(after: RunResult, before: RunResult) -> dict[str, str]:
    return {change.id: change.kind for change in compare(after, before).changes}


def test_newly_red_newly_green_new_gone_and_slower_rows_are_told() -> None:
    before = a_run(row("a"), failed("b"), failed("c"), row("d"), row("old"), replace(row("slow"), call_seconds=10.0))
    after = a_run(failed("a"), row("b"), failed("c"), row("d"), row("fresh"), replace(row("slow"), call_seconds=20.0))
    assert kinds(after, before) == {"a": "red", "b": "green", "fresh": "new", "old": "gone", "slow": "slower"}
    told = {change.id: change.told for change in compare(after, before).changes}
    assert told["a"] == Words("Fin: se esperaba busy; se observó answer.", "End: expected busy; observed answer.")
    assert told["b"].en == "Before: End: expected busy; observed answer."
    assert told["slow"].es == "10.0 s → 20.0 s"


def test_a_row_that_could_not_be_run_any_more_is_newly_red() -> None:
    assert kinds(a_run(row("a", Verdict.NOT_RUN, "no engine")), a_run(row("a"))) == {"a": "red"}


def test_a_second_more_is_no_news() -> None:
    before, after = (a_run(replace(row("a"), call_seconds=seconds)) for seconds in (1.0, 5.9))
    assert kinds(after, before) == {}
    assert kinds(before, after) == {}, "faster neither"


def test_rows_that_were_not_chosen_are_neither_new_nor_gone() -> None:
    whole, part = a_run(row("a"), row("b")), a_run(row("a"), selection="--row a")
    assert kinds(part, whole) == {}
    assert kinds(whole, part) == {}


def test_the_page_and_the_terminal_tell_what_has_changed() -> None:
    before = a_run(row("a"), row("old"))
    after = a_run(failed("a"), row("fresh"))
    after = replace(after, comparison=compare(after, before))
    page = render_html(after)
    assert "Qué cambió desde el" in page
    assert '<a href="#row-a">' in page
    assert '<a href="#row-old">' not in page, "a row that is gone is nowhere on the page"
    told = str(changes(after))
    assert "newly red: a" in told
    assert "gone: old" in told
    same = replace(before, comparison=compare(before, before))
    assert "todas las pruebas terminaron como entonces" in render_html(same)
    assert "Nothing changed" in str(changes(same))
    assert changes(before) is None


def test_a_row_that_failed_once_has_failed_and_says_how_often_it_passed() -> None:
    runs = [[row("a"), row("b"), row("c")], [row("a"), failed("b"), row("c", Verdict.NOT_RUN, "no engine")],
            [row("a"), row("b"), row("c")]]  # fmt: skip
    shown = together(runs)
    assert [each.verdict for each in shown] == [Verdict.PASSED, Verdict.FAILED, Verdict.NOT_RUN]
    assert [each.repeats for each in shown] == [(True,) * 3, (True, False, True), (True, False, True)]
    assert [each.row.id for each in flakes(shown)] == ["b", "c"]
    told = str(unsteady(a_run(*shown)))
    assert "b: passed 2 of 3" in told
    assert "2 of 3 rows changed their mind" in told
    assert "No row changed its mind in 3 runs" in str(unsteady(a_run(shown[0])))
    assert "2/3" in render_html(a_run(*shown))


def test_what_always_fails_is_no_flake() -> None:
    shown = together([[failed("a")], [failed("a")]])
    assert flakes(shown) == []
    assert together([[row("a")]]) == [row("a")], "rows that were played once say nothing of it"


def test_the_terminal_tells_where_the_time_went() -> None:
    run = replace(a_run(row("a"), row("b")), wall_seconds=4.0, spent=Spent(1.0, 0.5, 2.0, 0.5, 3, 2.4))
    told = str(where_time_went(run, 5.0))
    assert "19 s of calls in 5.0 s: 4 times as fast as by hand" in told
    for part in ("prepare 1.0 s", "first boot 0.5 s", "calls 2.0 s", "judging 0.5 s", "report 1.0 s", "3 PBXs"):
        assert part in told
    assert "38 s of calls" in str(where_time_went(replace(run, rows=(replace(row("a"), repeats=(True,) * 4),)), 5.0))


def test_the_page_of_all_tenants_leads_to_each() -> None:
    runs = [a_run(row("a")), replace(a_run(failed("b")), tenant="beta", tenant_name=HOSTILE)]
    page = render_tenants(runs)
    assert 'href="a/index.html"' in page
    assert 'href="beta/index.html"' in page
    assert "La prueba alcanzó el objetivo" in page
    assert "1 prueba de 1 no alcanzó el objetivo" in page
    assert "<script>" not in page
    assert "1 of 1 tests did not reach its goal" in render_tenants(runs, "en")
