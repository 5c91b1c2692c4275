"""CSV as spreadsheets write it: whatever its encoding and separator, the same cells, each with its place."""

from __future__ import annotations

import pytest

from pbx.tables import Table, read_table

TEXT = "Interno;Nombre;Área\r\n201;Ana Gómez;Ventas\r\n"


def good(data: bytes) -> Table:
    """A list without problems, or the test fails."""
    table, problems = read_table("internos.csv", data)
    assert problems == []
    return table


def words(table: Table) -> list[list[str]]:
    """What stands in its cells, headings first."""
    return [[cell.text for cell in table.header], *([cell.text for cell in row.cells] for row in table.rows)]


def refused(data: bytes) -> tuple[str, str, tuple[int, int] | None]:
    """Code, message and place of the one problem of a list."""
    _, (problem,) = read_table("internos.csv", data)
    return problem.code, problem.message, (problem.span.line, problem.span.column) if problem.span else None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_cells_are_the_same_in_any_encoding_with_any_separator(encoding: str, separator: str, end: str) -> None:
    data = TEXT.replace(";", separator).replace("\r\n", end).encode(encoding)
    assert words(good(data)) == [["Interno", "Nombre", "Área"], ["201", "Ana Gómez", "Ventas"]]


def test_utf_16_is_read_in_both_orders_of_bytes() -> None:
    for mark, order in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        assert words(good(mark + TEXT.encode(order)))[1][1] == "Ana Gómez"


def test_utf_16_without_its_mark_is_refused_and_not_guessed() -> None:
    code, message, _ = refused(TEXT.encode("utf-16-le"))
    assert (code, "UTF-16" in message) == ("PBX001", True)


def test_bytes_of_no_encoding_are_refused_with_their_place() -> None:
    code, message, place = refused(b"Interno;Nombre\n201;Jos\xe9 \x81\n")
    assert (code, place) == ("PBX001", (2, 10))
    assert "81 0a" in message
    assert refused(b"Interno;Nombre\n201;\x00\n")[0] == "PBX001"
    assert refused(b"\xff\xfeI\x00n")[0::2] != ("PBX001", None)


def test_half_a_character_of_utf_16_is_refused() -> None:
    assert refused("Interno".encode("utf-16") + b"\x00")[0] == "PBX001"


def test_the_line_by_which_excel_names_the_separator_is_no_heading() -> None:
    assert words(good(b"sep=|\nInterno|Nombre\n201|a;b\n")) == [["Interno", "Nombre"], ["201", "a;b"]]


def test_a_separator_in_quotes_separates_nothing() -> None:
    table = good(b'"Apellido, Nombre, y mas";Interno\n"Paz; Luis";202\n')
    assert words(table) == [["Apellido, Nombre, y mas", "Interno"], ["Paz; Luis", "202"]]


def test_quotation_marks_written_twice_are_one() -> None:
    assert words(good(b'a;b\n"Bar ""El Sol""" ; "" \n"""x""";y"z\n'))[1:] == [['Bar "El Sol"', ""], ['"x"', 'y"z']]


def test_blanks_around_a_cell_do_not_count() -> None:
    assert words(good("a;b\n\u00a0201 ;  Ana \n".encode()))[1] == ["201", "Ana"]


def test_empty_lines_and_rows_are_skipped_and_rows_keep_their_numbers() -> None:
    table = good(b'\n;;\na;b;c\n\n ; ;\n201;;\n"";"";\n202\n')
    assert [(row.number, row.cells[0].text) for row in table.rows] == [(6, "201"), (8, "202")]


def test_a_cell_knows_its_place_quotes_included() -> None:
    table = good(b'a;b;c\n201; "Paz; Luis" ;x\n')
    spans = [(cell.span.line, cell.span.column, cell.span.end_column) for cell in table.rows[0].cells]
    assert spans == [(2, 1, 4), (2, 6, 17), (2, 19, 20)]


@pytest.mark.parametrize(
    ("line", "message", "column"),
    [
        ('201;"Ventas\ny Cobranzas";x', "line break", 5),
        ('201;"Ventas;x', "never closed", 5),
        ('201;"Ventas" Sur;x', "something follows", 5),
        ('"', "never closed", 1),
    ],
)
def test_quotation_marks_that_do_not_match_are_told_once_with_their_place(line: str, message: str, column: int) -> None:
    code, told, place = refused(f"a;b;c\n{line}\n".encode())
    assert (code, place) == ("PBX013", (2, column))
    assert message in told


def test_a_list_without_anything_is_refused() -> None:
    for data in (b"", b"\n\n", b";;;\n", b"\xef\xbb\xbf", b"\xff\xfe"):
        assert refused(data)[:2] == ("PBX009", "the list is empty")
