"""The form that a customer signs: what stands on it, in which language, and that nothing in it acts."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import openpyxl
import pypdfium2
import pytest

from lab.report.acceptance import (
    acceptance_html,
    acceptance_pdf,
    acceptance_xlsx,
    form_of_rows,
    form_of_run,
    matrix_document,
    signers_of,
)
from lab.results import RowText, RunResult, Signer, Verdict, Words
from tests.runs import hostile, made_up, row
from tests.samples import DEMO, tenant

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def run(tmp_path: Path) -> RunResult:
    """Three rows of phase 1 and one of phase 2."""
    one = made_up(tmp_path)
    second = row("queue-second")
    second = replace(second, row=replace(second.row, phase=2))
    return replace(one, rows=(*one.rows, second), objectives={1: "Probar las funciones básicas"})


def pages(content: bytes) -> list[str]:
    """The text of each page of a PDF, its lines joined."""
    document = pypdfium2.PdfDocument(content)
    return [" ".join(page.get_textpage().get_text_bounded().split()) for page in document]


def sheets(content: bytes) -> dict[str, list[list[Any]]]:
    """The values of every sheet of a workbook."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    return {sheet.title: [[cell.value for cell in line] for line in sheet.iter_rows()] for sheet in book}


def test_each_phase_of_the_pdf_asks_whether_its_goal_was_reached_and_has_its_signatures(run: RunResult) -> None:
    told = pages(acceptance_pdf(form_of_run(run)))
    assert len(told) >= 2
    first = next(index for index, page in enumerate(told) if "Fase 2" in page)
    for phase, text in (("Fase 1", " ".join(told[:first])), ("Fase 2", " ".join(told[first:]))):
        assert f"Alfa S.A. · {phase}" in text
        for words in ("¿Se alcanzó el objetivo de esta fase?", "Favor explique", "Sí", "No", "Compañía", "Nombre",
                      "Título / Posición", "Firma", "Fecha", "Por el cliente", "Por el proveedor"):  # fmt: skip
            assert words in text, words
    assert "objetivo de menu-closed" in " ".join(told[:first])
    assert "queue-second" in " ".join(told[first:])
    assert "queue-second" not in " ".join(told[:first])
    assert "Probar las funciones básicas" in told[0]
    assert "1 de 3 pruebas alcanzaron su objetivo; 1 no lo alcanzaron; 1 no se ejecutaron." in told[0]


def test_the_pdf_explains_a_failure_in_the_language_of_the_customer(run: RunResult) -> None:
    spanish = " ".join(pages(acceptance_pdf(form_of_run(run))))
    assert "Mensaje oído: se esperaba prompt:night; se observó silence." in spanish
    assert "No se ejecutó: the trunk never registered" in spanish
    english = " ".join(pages(acceptance_pdf(form_of_run(run, "en"))))
    assert "Was the goal reached?" in english
    assert "Prompt heard: expected prompt:night; observed silence." in english
    assert "Title / Position" in english
    assert "objetivo" not in english.replace("Probar las funciones básicas", "")


def test_the_workbook_has_a_sheet_for_each_phase_with_answers_and_signatures(run: RunResult) -> None:
    found = sheets(acceptance_xlsx(form_of_run(run)))
    assert list(found) == ["Fase 1", "Fase 2"]
    lines = {line[6]: line for line in found["Fase 1"] if line[6] and str(line[6]).startswith("rows/")}
    assert [lines[f"rows/{name}"][4] for name in ("menu-open", "menu-closed", "trunk-down")] == ["Sí", "No", None]
    assert lines["rows/menu-closed"][5] == "Mensaje oído: se esperaba prompt:night; se observó silence."
    assert lines["rows/menu-open"][2] == "objetivo de menu-open\nLlamar al menú"
    for sheet in found.values():
        said = {value for line in sheet for value in line}
        assert {"¿Se alcanzó el objetivo?", "Favor explique", "¿Se alcanzó el objetivo de esta fase?", "Firma"} <= said
    assert {value for line in sheets(acceptance_xlsx(form_of_run(run, "en")))["Phase 1"] for value in line} >= {
        "Was the goal reached?", "Signature", "Yes", "No",
    }  # fmt: skip


@pytest.mark.parametrize("begin", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x","y")'])
def test_no_cell_becomes_a_formula(run: RunResult, begin: str) -> None:
    bad = replace(row("bad"), row=RowText(begin, begin, 1, Words(begin, begin), (Words(begin, begin),), ()))
    book = openpyxl.load_workbook(
        io.BytesIO(acceptance_xlsx(form_of_run(replace(run, tenant_name=begin, rows=(bad,), objectives={1: begin}))))
    )
    cells = [cell for sheet in book for line in sheet.iter_rows() for cell in line if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    own = [cell for cell in cells if str(cell.value).lstrip().startswith(("=", "+", "-", "@"))]
    assert own
    assert all(cell.quotePrefix for cell in own)


def test_what_a_spreadsheet_would_read_as_the_code_of_a_character_stays_as_it_was_written(run: RunResult) -> None:
    content = acceptance_xlsx(form_of_run(replace(run, tenant_name="a_x0041_b")))
    assert "a_x005F_x0041_b · Fase 1" in {value for line in sheets(content)["Fase 1"] for value in line}


def test_strangers_write_nothing_but_text(run: RunResult) -> None:
    form = form_of_run(hostile(run))
    assert "<script>alert(1)</script>" in " ".join(pages(acceptance_pdf(form))).replace("\u2011", "-")
    assert "<script>" not in acceptance_html(form)
    assert "&lt;script&gt;" in acceptance_html(form)
    assert any("<script>" in str(value) for line in sheets(acceptance_xlsx(form))["Fase 1"] for value in line)
    typst = form_of_run(replace(run, tenant_name='#import "x" $y$ *z* \\ #sys.inputs'))
    assert '#import "x" $y$ *z* \\ #sys.inputs' in pages(acceptance_pdf(typst))[0]


def test_the_same_run_gives_the_same_bytes(run: RunResult, monkeypatch: pytest.MonkeyPatch) -> None:
    def clock(*_: object) -> tuple[int, ...]:
        return (2031, 5, 4, 3, 2, 1, 0, 0, 0)

    first = acceptance_xlsx(form_of_run(run))
    monkeypatch.setattr("zipfile.time.localtime", clock)
    assert acceptance_xlsx(form_of_run(run)) == first
    assert acceptance_pdf(form_of_run(run)) == acceptance_pdf(form_of_run(run))
    assert b"2026-11-21T23:36:20Z" in _part(first, "docProps/core.xml")


def _part(content: bytes, name: str) -> bytes:
    import zipfile

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(name)


@pytest.mark.parametrize("language", ["es", "en"])
def test_rows_that_were_not_run_make_a_form_to_be_filled_in_by_hand(run: RunResult, language: str) -> None:
    form = form_of_rows([each.row for each in run.rows], tenant(DEMO, "andina"), language)
    assert [phase.number for phase in form.phases] == [1, 2]
    assert form.phases[0].objective.startswith("Probar las funciones básicas")
    page = acceptance_html(form)
    assert "☑" not in page
    assert page.count("☐") == 2 * (len(run.rows) + len(form.phases))
    assert ("Favor explique" in page) == (language == "es")
    (first, *_) = pages(acceptance_pdf(form))
    assert "2026" not in first
    values = [line[4] for line in sheets(acceptance_xlsx(form))[f"{'Fase' if language == 'es' else 'Phase'} 1"]]
    assert not {"Sí", "No", "Yes"} & set(values)


def test_who_signs_is_written_down_already(run: RunResult) -> None:
    signers = (Signer("Andina Seguros S.A.", "Ana Gómez", "Gerente"), Signer("Nube Sur"), Signer("Tercera"))
    form = form_of_run(replace(run, signers=signers))
    told = " ".join(pages(acceptance_pdf(form)))
    for known in ("Andina Seguros S.A.", "Ana Gómez", "Gerente", "Nube Sur", "Tercera"):
        assert known in told
        assert known in acceptance_html(form)
        assert any(known in str(value) for line in sheets(acceptance_xlsx(form))["Fase 2"] for value in line)
    assert "Por el cliente" not in told
    scope = tenant(DEMO, "andina")
    assert [signer.company for signer in signers_of(scope)] == ["Andina Seguros S.A.", "Nube Sur"]


def test_a_row_says_how_many_it_stands_for(run: RunResult) -> None:
    folded = replace(run.rows[0], row=replace(run.rows[0].row, alike=("a", "b")))
    form = form_of_run(replace(run, rows=(folded,)))
    assert "Vale también por 2 pruebas iguales." in " ".join(pages(acceptance_pdf(form)))
    assert "Vale también por 2 pruebas iguales." in acceptance_html(form)


def test_a_matrix_before_any_run_is_written_in_each_format(run: RunResult) -> None:
    scope, rows = tenant(DEMO, "andina"), [each.row for each in run.rows]
    assert matrix_document(rows, scope, "pdf").startswith(b"%PDF")
    assert list(sheets(matrix_document(rows, scope, "xlsx", "en"))) == ["Phase 1", "Phase 2"]
    assert b"<!doctype html>" in matrix_document(rows, scope, "html")


def test_the_page_needs_nothing_from_anywhere(run: RunResult) -> None:
    page = acceptance_html(form_of_run(run))
    assert "<script" not in page
    assert "default-src 'none'" in page
    assert "http" not in page.replace("http-equiv", "")


def test_a_run_without_rows_makes_a_form_nonetheless(run: RunResult) -> None:
    form = form_of_run(replace(run, rows=()))
    assert acceptance_pdf(form).startswith(b"%PDF")
    assert sheets(acceptance_xlsx(form))


def test_a_row_that_passed_only_sometimes_says_how_often(run: RunResult) -> None:
    flaky = replace(run.rows[1], repeats=(True, False, True))
    assert flaky.verdict is Verdict.FAILED
    told = " ".join(pages(acceptance_pdf(form_of_run(replace(run, rows=(flaky,))))))
    assert "Pasó 2 de 3 veces." in told
