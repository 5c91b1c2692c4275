"""The lists a customer sends: rows become extensions and contacts, and mistakes are told by row and column."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from pbx.columns import EXTENSIONS, PHONEBOOK, bare
from pbx.diagnostics.show import FORMATS, show
from pbx.folder import LARGEST_LIST, read_folder
from pbx.load import load
from tests.diagnostics.pages import blocks, check_site
from tests.samples import clean

if TYPE_CHECKING:
    from pathlib import Path

    from pbx.kinds.extension import Extension
    from pbx.tenant import Tenant

HEAD = "Interno;Nombre;Clase"


def site(files: dict[str, str], yaml: str = "") -> dict[str, str]:
    """A site of which only lists, and some of the tenant's file, are given."""
    text = "".join(f"# file: tenants/andina/{name}\n{content}\n" for name, content in files.items())
    (block,) = blocks(f"```yaml\n{yaml}{text}```\n")
    return block.completed()


def tenant(files: dict[str, str], yaml: str = "") -> Tenant:
    """The tenant that such a site has."""
    return clean(site(files, yaml)).tenants["andina"].tenant


def told(files: dict[str, str], yaml: str = "") -> list[tuple[str, int, str]]:
    """Code, line and message of what is said of such a site, as people read it."""
    problems, documents = check_site(site(files, yaml))
    shown = json.loads(show(problems, documents, format="json"))["diagnostics"]
    return [(each["code"], each["line"], each["message"]) for each in shown]


def extension(cells: dict[str, str], yaml: str = "") -> Extension:
    """Extension 202 as a list with these headings and cells makes it."""
    row = {"Interno": "202", "Nombre": "Luis", "Clase": "interno"} | cells
    return tenant({"internos.csv": f"{'|'.join(row)}\n{'|'.join(row.values())}".replace("|", "\t")}, yaml).extensions[
        "202"
    ]


def refusal(heading: str, cell: str, yaml: str = "") -> tuple[str, str]:
    """Code and message of the one thing said of a cell."""
    ((code, line, message),) = told({"internos.csv": f"{HEAD};{heading}\n202;Luis;interno;{cell}"}, yaml)
    assert line == 2
    assert message.endswith(f" (row 2, column {heading})")
    return code, message


def test_every_heading_means_one_column() -> None:
    for columns in (EXTENSIONS, PHONEBOOK):
        for column in columns:
            for word in (column.key, *column.words):
                meant = [one.key for one in columns if bare(word) in {bare(one.key), *map(bare, one.words)}]
                assert meant == [column.key], word


def test_every_column_leads_to_a_key_of_the_language() -> None:
    row = {
        "number": "202",
        "first_name": "Luis",
        "last_name": "Paz",
        "department": "Ventas",
        "profile": "puesto",
        "email": "luis@andina.example",
        "class_of_service": "interno",
        "receive": "internas",
        "ring": "15s",
        "caller_id": "+541152365000",
        "hide_caller_id": "sí",
        "call_waiting": "no",
        "voicemail_pin": "4711",
        "voicemail_email": "sí",
        "voicemail_attach": "no",
        "forward_always": "201",
        "forward_busy": "buzón",
        "forward_no_answer": "ocupado",
        "forward_unavailable": "extension:201",
    }
    assert {one.key for one in EXTENSIONS} - set(row) == {"pickup_group"}
    text = f"{','.join(row)}\n{','.join(row.values())}"
    luis = tenant({"internos.csv": text}, "profiles: {puesto: {ring: 5s}}\n").extensions["202"]
    assert luis.voicemail is not None
    assert (luis.first_name, luis.last_name, luis.department, luis.profile) == ("Luis", "Paz", "Ventas", "puesto")
    assert (luis.email, luis.receive, luis.ring, luis.caller_id) == (
        "luis@andina.example",
        "internal",
        15,
        "+541152365000",
    )
    assert (luis.hide_caller_id, luis.call_waiting) == (True, False)
    assert (luis.voicemail.pin, luis.voicemail.email, luis.voicemail.attach) == ("4711", True, False)
    forward = luis.forward
    ways = (forward.always, forward.busy, forward.no_answer, forward.unavailable)
    assert [str(each) for each in ways] == ["extension:201", "voicemail", "busy", "extension:201"]


@pytest.mark.parametrize(
    "heading", ["Correo electrónico", "CORREO ELECTRONICO", "correo_electronico", "E-mail", "email:"]
)
def test_headings_are_compared_without_capitals_accents_and_punctuation(heading: str) -> None:
    assert extension({heading: "l@andina.example"}).email == "l@andina.example"


def test_a_list_stands_beside_what_the_file_says_or_instead() -> None:
    rows = {"internos.csv": f"{HEAD}\n202;Luis;interno"}
    assert sorted(tenant(rows).extensions) == ["201", "202"]
    alone = site(rows)
    lines = alone["tenants/andina.yaml"].splitlines()
    alone["tenants/andina.yaml"] = "\n".join(line for line in lines if not line.startswith("extensions:")).replace(
        "extension:201", "extension:202"
    )
    assert sorted(clean(alone).tenants["andina"].tenant.extensions) == ["202"]


PROFILES = "profiles: {puesto: {class_of_service: interno, ring: 25s, voicemail: {email: true}}}\n"


def test_profiles_count_for_rows_and_the_cells_of_a_row_win() -> None:
    row = "202;Luis;puesto;;4711;l@andina.example\n203;Eva;puesto;10s;;"
    extensions = tenant({"internos.csv": f"Interno;Nombre;Perfil;Timbre;PIN;Correo\n{row}"}, PROFILES).extensions
    assert (extensions["202"].ring, extensions["203"].ring) == (25, 10)
    assert extensions["202"].voicemail is not None
    assert extensions["202"].voicemail.email
    assert extensions["203"].voicemail is None


def test_one_profile_can_be_given_to_all_rows_that_name_none() -> None:
    yaml = "extensions_file: {file: internos.csv, profile: puesto}\n"
    extensions = tenant({"internos.csv": "Interno;Nombre\n202;Luis\n203;Eva"}, PROFILES + yaml).extensions
    assert {extensions[number].ring for number in ("202", "203")} == {25}
    found = told({"internos.csv": "Interno;Nombre\n202;Luis\n203;Eva"}, PROFILES + yaml.replace("puesto}", "pusto}"))
    assert [each[:2] for each in found] == [("PBX308", 2)]


def test_columns_for_people_can_be_passed_over() -> None:
    yaml = "extensions_file: {file: internos.csv, ignore: [CARGO, Observaciones]}\n"
    rows = {"internos.csv": f"{HEAD};Cargo;Observaciones\n202;Luis;interno;Jefe;=A1\n;;;;solo"}
    assert tenant(rows, yaml).extensions["202"].first_name == "Luis"


def test_a_mailbox_that_would_send_no_mail_and_has_no_pin_is_none() -> None:
    assert extension({"Clave buzón": "", "Buzón por correo": "no"}).voicemail is None
    assert told({"internos.csv": f"{HEAD};Buzón por correo\n202;Luis;interno;sí"}) == [
        ("PBX102", 2, "the key pin is missing here (row 2, column Buzón por correo)"),
    ]


@pytest.mark.parametrize(
    ("cell", "meant"),
    [
        ("201", "extension:201"),
        ("Buzón", "voicemail"),
        ("correo de voz", "voicemail"),
        ("15 5555-0000", "external:+5491155550000"),
        ("external:+5491155550000", "external:+5491155550000"),
    ],
)
def test_a_forward_may_be_what_people_write_for_it(cell: str, meant: str) -> None:
    yaml = (
        "classes_of_service: {interno: {allow: [internal, mobile]}}\n"
        "outbound_routes: [{match: [emergency, mobile], trunks: [principal], caller_id: '+541152365000'}]\n"
    )
    assert str(extension({"Desvío ocupado": cell, "PIN": "4711"}, yaml).forward.busy) == meant


def test_what_a_cell_cannot_be_is_told_in_the_words_of_the_yaml_with_row_and_column() -> None:
    assert refusal("Correo", "luis") == ("PBX111", "'luis' is not an e-mail address (row 2, column Correo)")
    assert refusal("Desvío ocupado", "203")[0] == "PBX120"
    assert refusal("Desvío ocupado", "extension:209")[0] == "PBX301"
    assert refusal("Clave buzón", "47x1")[0] == "PBX108"
    assert refusal("Timbre", "20")[0] == "PBX113"
    assert refusal("Segunda llamada", "quizás")[0] == "PBX103"
    assert refusal("Número saliente", "+541152365009")[0] == "PBX309"
    assert told({"internos.csv": f"{HEAD}\n2O2;Luis;interno\n999;Eva;interno\n203;Mara;nadie"}) == [
        ("PBX105", 2, "'2O2' is not an extension number (row 2, column Interno)"),
    ]
    assert told({"internos.csv": f"{HEAD}\n203;Mara;nadie"}) == [
        ("PBX307", 2, "there is no class of service nadie (row 2, column Clase)"),
    ]
    assert [each[:2] for each in told({"internos.csv": f"{HEAD}\n999;Eva;interno"})] == [("PBX201", 2)]


def test_the_place_is_the_cell_in_every_format() -> None:
    files = {"internos.csv": f"\n{HEAD};Correo\n\n202;Luis;interno; luis-andina.example"}
    problems, documents = check_site(site(files))
    expected = {
        "full": (
            "error[PBX111] bad-email: 'luis-andina.example' is not an e-mail address (row 4, column Correo)\n"
            " --> tenants/andina/internos.csv:4:18\n"
            "  |\n"
            "4 | 202;Luis;interno; luis-andina.example\n"
            "  |                  ^^^^^^^^^^^^^^^^^^^^\n"
            "  = help: for example ana.gomez@andina.example\n"
        ),
        "concise": "tenants/andina/internos.csv:4:18: error[PBX111] bad-email: 'luis-andina.example' is not an e-mail "
        "address (row 4, column Correo) (for example",
        "json": '"file": "tenants/andina/internos.csv",\n      "line": 4,\n      "column": 18,',
        "github": "::error file=tenants/andina/internos.csv,line=4,col=18,endLine=4,endColumn=38,title=",
        "sarif": '"uri": "tenants/andina/internos.csv"',
    }
    assert sorted(expected) == sorted(FORMATS)
    for each, text in expected.items():
        shown = show(problems, documents, format=each)
        assert text in shown
        assert "row 4, column Correo" in shown


def test_a_number_listed_twice_leads_to_where_it_is_first() -> None:
    problems, documents = check_site(
        site({"internos.csv": f"{HEAD}\n201;Eva;interno\n202;Luis;interno\n202;Mar;interno"})
    )
    shown = show(problems, documents)
    assert "the extension 201 is there twice (row 2, column Interno)" in shown
    assert "it is here first (tenants/andina.yaml:" in shown
    assert "it is here first (tenants/andina/internos.csv:3)" in shown


@pytest.mark.parametrize(
    ("heading", "cell", "words"),
    [
        ("Clave buzón", "471", "perhaps 0471"),
        ("Clave buzón", "4711,0", "write 4711"),
        ("Desvío ocupado", "5,49E+12", "all of its digits"),
        ("Número saliente", "5.411523650E10", "all of its digits"),
    ],
)
def test_what_a_spreadsheet_did_to_a_number_is_told(heading: str, cell: str, words: str) -> None:
    problems, _ = check_site(site({"internos.csv": f"{HEAD};{heading}\n202;Luis;interno;{cell}"}))
    assert [each.code for each in problems] == ["PBX015"]
    assert words in problems[0].help


def test_an_extension_that_lost_its_zeros_is_recognised_by_the_range() -> None:
    yaml = (
        "numbering: {extensions: 0200-0299}\ndids: {'+541152365000': extension:0201}\n"
        "extensions: {'0201': {first_name: Ana, class_of_service: interno}}\n"
    )
    found = told({"internos.csv": f"{HEAD}\n202;Luis;interno\n'0203;Eva;interno"}, yaml)
    assert [each[:2] for each in found] == [("PBX015", 2)]
    assert "0203" in tenant({"internos.csv": f"{HEAD}\n'0203;Eva;interno"}, yaml).extensions


@pytest.mark.parametrize("cell", ["=B1", '="0471"', "#N/A", "#¡REF!", "#¿NOMBRE?", "####"])
def test_formulas_and_their_failures_are_refused(cell: str) -> None:
    quoted = '"' + cell.replace('"', '""') + '"'
    assert refusal("Departamento", quoted)[0] == "PBX016"


def test_an_apostrophe_by_which_a_spreadsheet_marks_text_is_no_digit() -> None:
    assert str(extension({"PIN": "'0471"}).voicemail).startswith("pin='0471'")
    assert extension({"Apellido": "'Ndrangheta"}).last_name == "'Ndrangheta"


def test_headings_are_told_once_and_not_missed_as_well() -> None:
    rows = "202;Luis;interno\n203;Eva;interno"
    assert told({"internos.csv": f"Intenro;Nombre;Clase\n{rows}"}) == [("PBX129", 1, "unknown column Intenro (row 1)")]
    problems, _ = check_site(site({"internos.csv": f"Intenro;Nombre;Clase\n{rows}"}))
    assert problems[0].help.startswith("did you mean interno?")
    assert [each[0] for each in told({"internos.csv": f"Interno;Nombre;Nombre\n{rows}"})] == ["PBX131", "PBX130"]
    assert [each[2] for each in told({"internos.csv": f"Sector;Apellido;Clase\n{rows}"})] == [
        "the list has no column number and no column first_name (row 1)"
    ]


def test_a_row_with_too_many_cells_is_told_at_the_first_of_them() -> None:
    assert [each[:2] for each in told({"internos.csv": f"{HEAD}\n202;Luis;interno;;x;y\n203;Eva;interno;;\n204"})] == [
        ("PBX014", 2),
        ("PBX102", 4),
    ]


def test_the_order_of_rows_and_columns_changes_nothing() -> None:
    one = tenant({"internos.csv": f"{HEAD}\n202;Luis;interno\n203;Eva;interno"})
    other = tenant({"internos.csv": "Clase;Interno;Nombre\ninterno;203;Eva\ninterno;202;Luis"})
    assert one == other


@pytest.mark.parametrize(
    "cell",
    ["011 4321-0000", "(011) 4321 0000", "4321.0000", "+54 11 4321-0000", "+54 (0)11 4321–0000", "00 54 11 43210000"],
)
def test_phone_numbers_are_understood_as_people_write_them(cell: str) -> None:
    assert list(tenant({"agenda.csv": f"Teléfono\tNombre\n{cell}\tProveedor Sur"}).phonebook) == ["+541143210000"]


@pytest.mark.parametrize("cell", ["+54 9 11 5555-0000", "15 5555-0000", "011 15 5555 0000"])
def test_mobiles_are_understood_as_people_write_them(cell: str) -> None:
    assert list(tenant({"agenda.csv": f"Celular,Empresa\n{cell},Flete"}).phonebook) == ["+5491155550000"]


def test_contacts_come_from_the_file_and_from_the_list() -> None:
    yaml = 'phonebook: {"+541143210000": Proveedor Sur, "+541143210001": {name: Norte, speed_dial: "01"}}\n'
    rows = "011 4321-0002;Eva;Paz;Flete SA;02\n011 4321-0003;;;Flete SA;\n011 4321-0004;Mar;;;"
    book = tenant({"agenda.csv": f"Teléfono;Nombre;Apellido;Empresa;Marcado rápido\n{rows}"}, yaml).phonebook
    assert {number[-1]: (contact.name, contact.speed_dial) for number, contact in book.items()} == {
        "0": ("Proveedor Sur", None),
        "1": ("Norte", "01"),
        "2": ("Eva Paz", "02"),
        "3": ("Flete SA", None),
        "4": ("Mar", None),
    }


def agenda(row: str, yaml: str = "") -> list[tuple[str, str]]:
    """What is said of a list of contacts with one row."""
    problems, _ = check_site(site({"agenda.csv": f"Teléfono;Nombre;Marcado rápido\n{row}"}, yaml))
    return [(each.code, each.help) for each in problems]


def test_phone_numbers_that_nobody_dials_are_told_with_what_was_probably_meant() -> None:
    assert agenda("1143210000;Sur;")[0][1].startswith("write +541143210000, if a spreadsheet took the zero")
    assert agenda("541143210000;Sur;")[0][1].startswith("write +541143210000, if a spreadsheet took the plus")
    for cell in ("4321-0000 int. 5", "4321-0000 / 4321-0001", "911", "x", "5,49E+12"):
        assert [code for code, _ in agenda(f"{cell};Sur;")] == ["PBX015" if "E" in cell else "PBX208"], cell
    assert [code for code, _ in agenda("+5401143210000;Sur;")] == ["PBX206"]


def test_contacts_that_cannot_be_shown_or_called_are_told() -> None:
    assert [code for code, _ in agenda("4321-0000;\u00a1!;")] == ["PBX112"]
    assert [code for code, _ in agenda("4321-0000;Sur;12345")] == ["PBX134"]
    assert [code for code, _ in agenda("4321-0000;;1")] == ["PBX102"]
    both = 'phonebook: {"+541143210000": {name: Sur, speed_dial: "01"}}\n'
    assert [code for code, _ in agenda("4321-0001;Norte;01", both)] == ["PBX209"]
    assert [code for code, _ in agenda("4321-0000;Norte;", both)] == ["PBX207"]


def test_a_mistake_of_the_number_plan_is_not_told_once_more_for_each_row() -> None:
    found = told({"agenda.csv": "Teléfono;Nombre\n4321-0000;Sur\n4321-0001;Norte"}, 'area_code: "99999"\n')
    assert [each[0] for each in found] == ["PBX126"]


@pytest.mark.parametrize("name", ["../otra/x.csv", "/etc/x.csv", "a/b.csv", "a\\\\b.csv", ".csv", "internos.xlsx", ""])
def test_a_list_is_named_without_any_path(name: str) -> None:
    assert [each[0] for each in told({}, f'extensions_file: "{name}"\n')] == ["PBX133"]


def test_a_list_that_is_not_there_is_told_with_those_that_are() -> None:
    rows = f"{HEAD}\n202;Luis;interno"
    for written, cure in (("Internos.csv", "did you mean internos.csv?"), ("xyz.csv", "there are internos.csv")):
        problems, _ = check_site(site({"internos.csv": rows}, f"extensions_file: {written}\n"))
        assert [each.code for each in problems] == ["PBX012"]
        assert cure in problems[0].help
    problems, _ = check_site(site({}, "phonebook_file: agenda.csv\n"))
    assert [(each.code, each.help) for each in problems] == [("PBX012", "put it there; there is no list yet")]


def test_a_name_with_blanks_and_accents_is_a_name_of_a_list() -> None:
    files = site({}) | {"tenants/andina/Extensión Córdoba.CSV": f"{HEAD}\n202;Luis;interno\n"}
    files["tenants/andina.yaml"] += "extensions_file: Extensio\u0301n Córdoba.CSV\n"
    assert "202" in tenant_of(files).extensions


def tenant_of(files: dict[str, str]) -> Tenant:
    """The tenant of a site given file by file."""
    return clean(files).tenants["andina"].tenant


@pytest.mark.parametrize("kind", ["outside", "inside", "linked folder", "itself", "folder", "large"])
def test_only_files_of_the_tenants_own_folder_are_read(tmp_path: Path, kind: str) -> None:
    texts = site({"agenda.csv": "Teléfono;Nombre\n4321-0000;Sur"}, "extensions_file: internos.csv\n")
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "otra.csv").write_text("Interno;Nombre;Clase\n215;Ajena;interno\n")
    (tmp_path / "tenants" / "andina" / "real.csv").write_text("Interno;Nombre;Clase\n215;Luis;interno\n")
    path = tmp_path / "tenants" / "andina" / "internos.csv"
    if kind in {"outside", "inside"}:
        path.symlink_to(tmp_path / "otra.csv" if kind == "outside" else path.with_name("real.csv"))
    elif kind == "itself":
        path.symlink_to(path)
    elif kind == "linked folder":
        path.write_text("Interno;Nombre;Clase\n215;Ajena;interno\n")
        path.parent.rename(tmp_path / "elsewhere")
        path.parent.symlink_to(tmp_path / "elsewhere")
    elif kind == "folder":
        path.mkdir()
    else:
        path.write_text("x" * (LARGEST_LIST + 1))
    files, _ = read_folder(tmp_path)
    assert files is not None
    loaded, _, problems = load(files)
    told = [each.message for each in problems if each.code == "PBX012"]
    assert (loaded is None) == bool(told) == (kind != "inside")
    words = {"folder": "not a file", "large": "larger than 8 MiB", "itself": "", "inside": ""}
    assert all(words.get(kind, "leads out of its folder") in each for each in told)
    assert "Ajena" not in repr(files)
