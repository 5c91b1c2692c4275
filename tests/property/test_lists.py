"""Properties of lists: what is moved into one changes no byte of a build, and whatever stands in one, nothing falls."""

from __future__ import annotations

import json
import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pbx.asterisk.text import plain
from pbx.columns import EXTENSIONS, PHONEBOOK, Column
from pbx.diagnostics.show import FORMATS, show
from pbx.source import read_yaml
from tests.injection import strangers, without_people
from tests.property.tenants import damaged, tenant_trees, written
from tests.samples import TWO, build, clean, read, texts_of

SITE = {name: text for name, text in texts_of(TWO).items() if name != "tenants/and.yaml"}
PLATFORM = {"platform.yaml": SITE["platform.yaml"]}
HOSTILE = st.text(st.sampled_from(list('";${}(),\\\n\r\t[]<>|&=#!%^`~\x00\x1b\u2028\ufeffé日😀a0 -@+')), max_size=30)


def cell_of(entry: dict[str, Any], column: Column, chance: random.Random) -> str:
    """What a spreadsheet would show of an entry in a column."""
    value: Any = entry
    for key in column.path:
        value = value.get(key) if isinstance(value, dict) else None
    if value is None:
        return ""
    if column.reading == "truth":
        return chance.choice(["sí", "SI", "true", "X"] if value in {"true", "yes"} else ["no", "falso", "false", "0"])
    if column.key == "receive":
        return chance.choice([str(value), "todas" if value == "all" else "Internas"])
    if column.reading == "destination" and value.startswith("extension:"):
        return chance.choice([str(value), str(value).removeprefix("extension:")])
    return str(value)


def as_list(entries: dict[str, Any], columns: tuple[Column, ...], chance: random.Random) -> bytes:
    """Entries as a list, as one of many spreadsheets would write it."""
    chosen = [
        column for column in columns if column.path and any(cell_of(each, column, chance) for each in entries.values())
    ]
    number = next(column for column in columns if not column.path)
    order = [number, *chosen]
    chance.shuffle(order)
    separator = chance.choice(",;\t")
    rows = [[chance.choice([one.key, *one.words]) for one in order]]
    for identity, entry in entries.items():
        rows.append([identity if one is number else cell_of(entry, one, chance) for one in order])

    def quoted(cell: str) -> str:
        if chance.random() < 0.3 or any(sign in cell for sign in ',;\t"'):
            return '"' + cell.replace('"', '""') + '"'
        return cell

    lines = [separator.join(quoted(cell) for cell in row) for row in rows]
    chance_of_blank = [line for each in lines for line in ([each, ""] if chance.random() < 0.1 else [each])]
    text = chance.choice(["\r\n", "\n"]).join(chance_of_blank)
    return text.encode(chance.choice(["utf-8", "utf-8-sig", "utf-16", "cp1252"]))


CONTACTS = {
    "+541143210000": {"name": "Proveedor Sur", "speed_dial": "01"},
    "+5491155550000": {"name": "Ñandú; flete"},
    "+56223456789": {"name": "Chile", "speed_dial": "1"},
}


@settings(max_examples=60)
@given(tenant_trees(), st.randoms(use_true_random=False))
def test_splitting_a_tenant_into_lists_changes_no_byte_of_its_build(
    tree: dict[str, Any], chance: random.Random
) -> None:
    tree["profiles"] = {"puesto": {"class_of_service": "movil", "ring": "7s", "voicemail": {"email": "false"}}}
    for entry in tree["extensions"].values():
        if chance.random() < 0.5:
            entry |= {"profile": "puesto"}
            entry.pop("class_of_service")
    tree["phonebook"] = CONTACTS
    kept: dict[str, Any] = {}
    moved: dict[str, Any] = {}
    for number, entry in tree["extensions"].items():
        (moved if chance.random() < 0.7 else kept)[number] = entry
    split = {**tree, "extensions": kept, "phonebook": {}, "phonebook_file": "agenda.csv"}
    lists: dict[str, str | bytes] = {"tenants/sur/agenda.csv": as_list(CONTACTS, PHONEBOOK, chance)}
    if moved:
        split["extensions_file"] = "internos.csv"
        lists["tenants/sur/internos.csv"] = as_list(moved, EXTENSIONS, chance)
    if not kept and moved:
        del split["extensions"]
    one = clean(PLATFORM | {"tenants/sur.yaml": written("sur", tree)})
    other = clean({**PLATFORM, "tenants/sur.yaml": written("sur", split), **lists})
    assert one.tenants["sur"].tenant.phonebook == other.tenants["sur"].tenant.phonebook
    assert build(one) == build(other)
    assert list(build(one).files) == list(build(other).files)


LIST = """Interno;Nombre;Apellido;Área;Correo;Perfil;Clase;Recibe;Segunda llamada;Clave buzón;Desvío ocupado
215;Ana;"Gómez, Paz";Ventas;ana@andina.example;puesto;;todas;sí;4711;201
216;Luis;Paz;;;;interno;;no;;ocupado
"""


def assert_told(lists: dict[str, str | bytes]) -> None:
    """No exception, every problem with a place that exists, in every format."""
    site, documents, problems = read({**SITE, "tenants/andina.yaml": NAMED, **lists})
    for one in problems:
        span = one.span or documents[one.file].place(one.path, at_key=one.at_key)
        assert span.file in documents
        assert 1 <= span.line <= len(documents[span.file].text.splitlines()) + 1
    for each in FORMATS:
        assert show(problems, documents, format=each) or not problems
    if site is not None and not [each for each in problems if each.severity == "error"]:
        build(site)


NAMED = SITE["tenants/andina.yaml"] + "extensions_file: internos.csv\nphonebook_file: agenda.csv\n"
AGENDA = "Teléfono;Nombre;Marcado rápido\n011 4321-0000;Proveedor Sur;01\n"


@settings(max_examples=60)
@given(st.data())
def test_a_damaged_list_gives_diagnostics_and_never_falls(data: st.DataObject) -> None:
    assert_told(
        {
            "tenants/andina/internos.csv": data.draw(damaged(LIST)),
            "tenants/andina/agenda.csv": data.draw(damaged(AGENDA)),
        }
    )


@settings(max_examples=60)
@given(st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode("utf-16", "replace")))
def test_any_bytes_give_diagnostics_and_never_fall(data: bytes) -> None:
    assert_told({"tenants/andina/internos.csv": data, "tenants/andina/agenda.csv": AGENDA})


def in_cells(text: str) -> dict[str, str]:
    """A site whose lists hold a text of the customer's wherever people write what they like."""
    quoted = '"' + text.replace('"', '""') + '"'
    internos = f"Interno,Nombre,Apellido,Departamento,Clase\n215,{quoted},{quoted},{quoted},interno\n"
    return SITE | {
        "tenants/andina.yaml": NAMED,
        "tenants/andina/internos.csv": internos,
        "tenants/andina/agenda.csv": f"Teléfono,Nombre\n+541143210000,{quoted}\n",
    }


def test_the_lists_of_these_tests_are_clean() -> None:
    lists = {"tenants/andina/internos.csv": LIST, "tenants/andina/agenda.csv": AGENDA}
    clean(SITE | {"tenants/andina.yaml": NAMED} | lists)
    clean(in_cells("Benigno"))


@settings(max_examples=50)
@given(HOSTILE)
def test_what_stands_in_cells_cannot_change_the_configuration(text: str) -> None:
    harmless = build(clean(in_cells("Benigno"))).files
    site, _, problems = read(in_cells(text))
    if site is None:
        assert {each.code for each in problems} <= {"PBX001", "PBX013", "PBX016", "PBX102", "PBX112"}, problems
        return
    if any(each.severity == "error" for each in problems):
        return
    changed = build(site).files
    assert strangers(harmless, changed) == []
    for file, content in changed.items():
        expected = without_people(file, harmless[file]).replace("Benigno", plain(text.strip()))
        assert without_people(file, content) == expected, file


IDENTIFIERS = ["Interno", "Correo", "Clase", "Perfil", "Clave buzón", "Desvío ocupado", "Timbre", "Número saliente"]


@settings(max_examples=40)
@given(st.sampled_from([*"\"';${}[]<>|&=\\", "\r\n", "\0", "\n[x]\n", "201,202"]), st.sampled_from(IDENTIFIERS))
def test_no_cell_takes_a_sign_that_asterisk_gives_a_meaning(sign: str, heading: str) -> None:
    row = {"Interno": "215", "Nombre": "Ana", "Clase": "interno", "Correo": "a@b.example", "Clave buzón": "4711"}
    row[heading] = row.get(heading, "201") + sign
    cells = ['"' + cell.replace('"', '""') + '"' for cell in row.values()]
    text = f"{';'.join(row)}\n{';'.join(cells)}\n"
    site, _, problems = read(
        SITE | {"tenants/andina.yaml": NAMED, "tenants/andina/internos.csv": text, "tenants/andina/agenda.csv": AGENDA}
    )
    assert site is None or [each for each in problems if each.severity == "error"]


def test_our_example_says_the_same_when_its_people_stand_in_a_list() -> None:
    tree: Any = read_yaml("x", SITE["tenants/andina.yaml"])[0].tree
    people = tree.pop("extensions")
    for seed in range(5):
        data = as_list(people, EXTENSIONS, random.Random(seed))
        texts = SITE | {"tenants/andina.yaml": json.dumps(tree | {"extensions_file": "internos.csv"})}
        assert build(clean({**texts, "tenants/andina/internos.csv": data})) == build(clean(SITE))
