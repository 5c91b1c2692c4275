"""``pbx trace``: a call as a story, and questions that make no sense."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands import DEMO, Pbx, change

HOLIDAY = ("--did", "+541152365000", "--at", "2026-12-24T20:00")


def test_a_call_is_told_as_a_story(pbx_command: Pbx) -> None:
    answer = pbx_command("trace", DEMO, "andina", *HOLIDAY)
    assert answer.code == 0
    lines = answer.out.splitlines()
    assert lines[0] == "Somebody outside calls +541152365000 (Número general) by trunk:principal"
    assert lines[1].startswith("Thu 2026-12-24 20:00")
    assert [line.split()[0] for line in lines[3:6]] == [
        "did:+541152365000",
        "schedule:oficina",
        "announcement:feriado",
    ]
    assert "Nochebuena" in lines[4]
    assert f"{DEMO}/tenants/andina.yaml:" in lines[4]
    assert lines[-1] == "End: the call is hung up"


def test_the_story_fits_a_narrow_terminal(pbx_command: Pbx, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(DEMO)
    assert max(map(len, pbx_command("trace", ".", "andina", *HOLIDAY).out.splitlines())) <= 80
    monkeypatch.setenv("COLUMNS", "40")
    lines = pbx_command("trace", ".", "andina", *HOLIDAY).out.splitlines()[3:]
    assert max(map(len, lines)) <= 40
    assert "    tenants/andina.yaml:26" in lines


def test_the_records_of_a_call(pbx_command: Pbx) -> None:
    answer = pbx_command(
        "trace", DEMO, "andina", "--did", "+54 11 5236-5000", "--at", "2026-12-22T10:00",
        "--press", "timeout", "--press", "1", "--press", "2", "--state", "201=busy", "--format", "json",
    )  # fmt: skip
    told = json.loads(answer.out)
    assert told["journey"] == ["did:+541152365000", "schedule:oficina", "ivr:principal", "queue:ventas"]
    assert told["end"] == "answered by extension:202"
    assert told["shown"] == ""
    assert told["unused_presses"] == ["2"]
    assert [step["exit"] for step in told["steps"]] == ["to", "open", "timeout", "1", "answered"]
    assert told["steps"][3]["to"] == "queue:ventas"
    source = Path(told["steps"][3]["file"]).read_text("utf-8").splitlines()
    assert source[told["steps"][3]["line"] - 1].strip() == '"1": queue:ventas'


@pytest.mark.parametrize("caller", ["201", "extension:201"])
def test_a_phone_calls_and_the_number_shown_is_told(pbx_command: Pbx, caller: str) -> None:
    answer = pbx_command("trace", DEMO, "andina", "--from", caller, "--to", "9 4321-0000")
    assert answer.code == 0
    assert answer.out.startswith("Ana Gómez (201) dials 943210000\n")
    assert "the called party sees +541152365001" in answer.out


def test_keys_that_nobody_asked_for_and_years_without_holidays_are_noted(pbx_command: Pbx) -> None:
    answer = pbx_command("trace", DEMO, "andina", "--did", "+541152365001", "--press", "7", "--at", "2031-01-01T10:00")
    assert "nothing asked for the last keys: 7" in answer.out
    assert "2031 is outside calendar_years 2026-2028" in answer.out


@pytest.mark.parametrize(
    ("arguments", "what", "cure"),
    [
        (("andinna", *HOLIDAY), "no tenant andinna", "did you mean andina?"),
        (("zzz", *HOLIDAY), "no tenant zzz", "the tenants are andina"),
        (("andina", "--did", "+541152365009"), "no DID +541152365009", "its DIDs are +541152365000,"),
        (("andina", "--from", "2044", "--to", "202"), "no extension 2044", "did you mean 204?"),
        (("andina", "--from", "201", "--to", "abc"), "'abc' cannot be dialled", "digits"),
        (("andina", "--from", "201"), "--to is missing", "--from 201 --to 202"),
        (("andina", "--to", "201"), "--from is missing", "--from 201 --to 202"),
        (("andina",), "--did, or --from and --to is missing", "--did +54"),
        (("andina", *HOLIDAY, "--from", "201"), "either from outside", "leave one"),
        (("andina", "--from", "201", "--to", "202", "--caller", "123"), "--caller", "--from 201"),
        (("andina", *HOLIDAY, "--caller", "Juan"), "'Juan' is not a phone number", "--caller +54"),
        (("andina", *HOLIDAY[:2], "--at", "tomorrow"), "'tomorrow' is not a date", "2026-12-24T20:00"),
        (("andina", *HOLIDAY[:2], "--at", "2026-02-30T10:00"), "is not a date", "2026-12-24T20:00"),
        (("andina", *HOLIDAY[:2], "--at", "2026-12-24"), "has no time of day", "--at 2026-12-24T10:00"),
        (("andina", *HOLIDAY, "--press", "timeuot"), "'timeuot' cannot be pressed", "did you mean timeout?"),
        (("andina", *HOLIDAY, "--state", "201=bussy"), "cannot be 'bussy'", "did you mean busy?"),
        (("andina", *HOLIDAY, "--state", "queue:ventas=busy"), "a queue cannot be 'busy'", "the states are full"),
        (("andina", *HOLIDAY, "--state", "queue:venta=full"), "no queue:venta with a limit", "did you mean ventas?"),
        (("andina", *HOLIDAY, "--state", "201"), "does not say what the phone does", "--state 201=busy"),
        (
            ("andina", *HOLIDAY, "--override", "oficina=closed"),
            "no schedule oficina with an override",
            "those with one are recepcion",
        ),
        (
            ("andina", *HOLIDAY, "--set", "forward_always:201=extension:292"),
            "no extension 292",
            "its extensions are 201,",
        ),
        (("andina", *HOLIDAY, "--set", "forward_always:201=+999"), "nobody can dial +999", "943210000"),
        (("andina", *HOLIDAY, "--set", "forward_always:201=abc"), "cannot be 'abc'", "extension:202"),
        (("andina", *HOLIDAY, "--state", "209=busy"), "no extension 209", "its extensions are 201,"),
    ],
)
def test_a_wrong_question_gets_one_message_with_a_cure(
    pbx_command: Pbx, arguments: tuple[str, ...], what: str, cure: str
) -> None:
    answer = pbx_command("trace", DEMO, *arguments)
    assert answer.code == 2
    assert answer.out == ""
    first, second = answer.err.splitlines()
    assert first.startswith("error: ")
    assert what in first
    assert second.startswith("  = help: ")
    assert cure in second


def test_only_the_tenant_that_is_asked_about_must_be_right(site: Path, pbx_command: Pbx) -> None:
    (site / "tenants/otra.yaml").write_text("tenant: [broken")
    assert pbx_command("trace", site, "andina", *HOLIDAY).code == 0
    answer = pbx_command("trace", site, "otra", *HOLIDAY)
    assert answer.code == 1
    assert "error[PBX002]" in answer.out


@pytest.mark.parametrize(
    ("value", "journey"),
    [
        ("202", ["extension:201", "extension:202"]),
        ("extension:202", ["extension:201", "extension:202"]),
        ("external:+5491155550000", ["extension:201", "external:+5491155550000", "trunk:principal"]),
        ("+5491155550000", ["extension:201", "external:+5491155550000", "trunk:principal"]),
        ("9 15 5555-0000", ["extension:201", "external:+5491155550000", "trunk:principal"]),
        ("voicemail", ["extension:201", "voicemail:201"]),
        ("voicemail:201", ["extension:201", "voicemail:201"]),
    ],
)
def test_a_forward_of_a_user_is_told_as_keys_or_as_a_place(pbx_command: Pbx, value: str, journey: list[str]) -> None:
    answer = pbx_command(
        "trace", DEMO, "andina", "--did", "+541152365001", "--set", f"forward_always:201={value}", "--format", "json"
    )
    assert json.loads(answer.out)["journey"][1:] == journey


def test_a_call_that_goes_round_for_ever_is_told_once_round(site: Path, pbx_command: Pbx) -> None:
    file = site / "tenants/andina.yaml"
    text = file.read_text("utf-8").replace(
        "unavailable: extension:201}", "unavailable: extension:201, always: extension:204}"
    )
    file.write_text(text, "utf-8")
    answer = pbx_command("trace", site, "andina", "--from", "201", "--to", "203", "--dialplan")
    assert answer.code == 0
    assert [line.split()[0] for line in answer.out.splitlines() if line.startswith("  extension:")] == [
        "extension:203",
        "extension:204",
    ]
    assert "and round again, for ever\n\nEnd: goes on for ever\n" in answer.out
    assert "report" not in answer.out


def test_what_is_no_text_is_not_quoted(pbx_command: Pbx) -> None:
    keys = ("--press", "4", "--press", "invalid")
    answer = pbx_command("trace", DEMO, "andina", "--did", "+541152365000", "--at", "2026-12-22T10:00", *keys)
    assert "hears the recording siniestros.wav, the sound pbx-invalid" in answer.out


def test_the_story_says_which_setting_which_schedule_and_who_is_shown(pbx_command: Pbx) -> None:
    def end(*arguments: str) -> str:
        return " ".join(pbx_command("trace", DEMO, "andina", "--from", "201", *arguments).out.split("End: ")[1].split())

    assert end("--to", "*72202") == "the phone switches its setting forward_always"
    assert end("--to", "*28").startswith("the schedule recepcion goes from its calendar to closed")
    assert end("--to", "202") == "answered by extension:202; the phones that ring show 201 (Ana Gómez)"


_OPENED = """
import sys
opened = []
sys.addaudithook(lambda event, details: opened.append(str(details[0])) if event == "open" else None)
from pbx.cli.guard import run
code = run(sys.argv[1:])
print(code, *sorted(opened), "MODULES", *sorted(sys.modules), file=sys.stderr)
"""
"""Runs a command and tells which files it opened and which modules it imported."""

_HEAVY = set(
    """
    rich jinja2 phonenumbers networkx numpy holidays holidays.countries holidays.countries.chile asyncio panoramisk lab
    pbx.render pbx.lower pbx.verify pbx.rehearsal pbx.check.flow pbx.check.walks pbx.graph pbx.output pbx.secrets
    pbx.yaml_slips
    """.split()  # noqa: SIM905 - a list of words reads best as words
)


def test_nothing_is_read_and_imported_that_the_call_does_not_need(site: Path) -> None:
    for name in ("otra", "tercera"):
        (site / f"tenants/{name}.yaml").write_text("tenant: [broken")
        (site / f"tenants/{name}").mkdir()
        (site / f"tenants/{name}/lista.csv").write_text("Interno,Nombre")
    # A list of the customer's is read where one is named; here the people stand in the tenant's file.
    listed = (site / "tenants/andina/internos.csv").read_text("utf-8").splitlines()[1:]
    numbers = [line.partition(";")[0] for line in listed]
    people = "".join(f'  "{number}": {{first_name: Uno, class_of_service: interno}}\n' for number in numbers)
    (site / "tenants/andina/internos.csv").unlink()
    change(site / "tenants/andina.yaml", "extensions_file: {file: internos.csv, profile: agente}", "")
    change(site / "tenants/andina.yaml", "\nextensions:\n", f"\nextensions:\n{people}")
    command = [sys.executable, "-c", _OPENED, "trace", str(site), "andina", *HOLIDAY, "--press", "1"]
    ran = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    opened, _, modules = ran.stderr.partition(" MODULES ")
    assert "End: the call is hung up\n" in ran.stdout
    of_the_site = {Path(each).relative_to(site).as_posix() for each in opened.split() if each.startswith(str(site))}
    assert of_the_site == {"platform.yaml", "tenants/andina.yaml"}
    assert not _HEAVY & set(modules.split())


MORNING = ("--at", "2026-12-22T10:00")


@pytest.mark.parametrize(
    ("call", "journey", "end", "reaches"),
    [
        (("--did", "+541152365001"), ["did:+541152365001", "extension:201"], "answered by extension:201", None),
        (
            ("--did", "+541152365001", "--trunk", "respaldo"),
            ["did:+541152365001", "extension:201"],
            "answered by extension:201",
            "a carrier: it reaches DIDs alone",
        ),
        (
            ("--from", "trunk:principal", "--to", "1152365001"),
            ["did:+541152365001", "extension:201"],
            "answered by extension:201",
            "a carrier: it reaches DIDs alone",
        ),
        (
            ("--from", "trunk:principal", "--to", "201"),
            ["trunk:principal"],
            "refused: no such number",
            "a carrier: it reaches DIDs alone",
        ),
        (
            ("--from", "trunk:central_vieja", "--to", "201"),
            ["extension:201"],
            "answered by extension:201",
            "the customer's other PBX: it reaches people, services and DIDs, and no outside number",
        ),
        (
            ("--from", "trunk:central_vieja", "--to", "+541152365001"),
            ["did:+541152365001", "extension:201"],
            "answered by extension:201",
            "the customer's other PBX: it reaches people, services and DIDs, and no outside number",
        ),
        (
            ("--from", "trunk:central_vieja", "--to", "943210000"),
            ["trunk:central_vieja"],
            "refused: no such number",
            "the customer's other PBX: it reaches people, services and DIDs, and no outside number",
        ),
        (
            ("--did", "+541152365001", "--trunk", "principal", "--state", "trunk:principal=full"),
            ["trunk:principal"],
            "failed",
            "a carrier: it reaches DIDs alone",
        ),
        # By which it comes nobody said: it came before the trunk was full.
        (
            ("--did", "+541152365001", "--state", "trunk:principal=full"),
            ["did:+541152365001", "extension:201"],
            "answered by extension:201",
            None,
        ),
    ],
)
def test_a_call_comes_by_a_trunk_and_reaches_what_that_may(
    pbx_command: Pbx, call: tuple[str, ...], journey: list[str], end: str, reaches: str | None
) -> None:
    told = json.loads(pbx_command("trace", DEMO, "andina", *call, *MORNING, "--format", "json", "--dialplan").out)
    assert (told["journey"], told["end"], told["dialplan_agrees"]) == (journey, end, True)
    assert (told["arrival"] and told["arrival"]["because"]) == reaches
    story = " ".join(pbx_command("trace", DEMO, "andina", *call, *MORNING).out.split())
    assert (reaches or " by trunk:principal ") in story


def test_the_trunk_of_a_call_is_named_in_its_story(pbx_command: Pbx) -> None:
    def told(*call: str) -> str:
        return pbx_command("trace", DEMO, "andina", *call, *MORNING).out.splitlines()[0]

    assert told("--did", "+541152365000") == "Somebody outside calls +541152365000 (Número general) by trunk:principal"
    assert told("--from", "trunk:central_vieja", "--to", "601", "--caller", "305") == (
        "305 calls 601 by trunk:central_vieja"
    )


@pytest.mark.parametrize(
    ("call", "what", "cure"),
    [
        (("--did", "+541152365000", "--trunk", "pricipal"), "no trunk pricipal", "did you mean principal?"),
        (("--from", "201", "--to", "202", "--trunk", "principal"), "--trunk says by which", "--from trunk:NAME"),
        (("--from", "trunk:nada", "--to", "202"), "no trunk nada", "its trunks are"),
    ],
)
def test_a_trunk_that_makes_no_sense_is_told(pbx_command: Pbx, call: tuple[str, ...], what: str, cure: str) -> None:
    answer = pbx_command("trace", DEMO, "andina", *call)
    assert answer.code == 2
    assert what in answer.err
    assert cure in answer.err


TOLD = [
    (  # every node, the exit and why, where it is written; what is heard; who rings how long; who is shown; the end
        ("--did", "+541152365000", "--press", "1", "--state", "201=no_answer", "--caller", "+541143210000"),
        [
            "+541143210000 (Proveedor Sur) calls +541152365000 (Número general) by trunk:principal",
            "schedule:oficina open tue 10:00 is within 09:00-13:00 tenants/andina.yaml:",
            "ivr:principal 1 the caller presses 1 tenants/andina.yaml:",
            "hears “Gracias por llamar",
            "queue:ventas answered Luis Paz (202) answers tenants/andina.yaml:",
            "rings 201 for up to 20 s; 202 for up to 20 s after 22 s",
            "runs etc/tenants/andina/extensions.conf",
            "Queue(andina_ventas,i,,,60)",
            "End: answered by extension:202; the phones that ring show +541143210000 (Proveedor Sur)",
        ],
    ),
    (  # the class of service, the trunks that are tried, the number that is shown
        ("--from", "extension:201", "--to", "943210000", "--state", "trunk:principal=failed"),
        [
            "Ana Gómez (201) dials 943210000",
            "external:+541143210000 allowed it is a local call; class nacional allows it tenants/andina.yaml:",
            "trunk:principal failed the first trunk of the route: it cannot be reached or fails tenants/andina.yaml:",
            "trunk:respaldo answered the next trunk of the route tenants/andina.yaml:",
            "Goto(andina_route,${PBX_CATEGORY},1)",
            "End: answered by external:+541143210000; the called party sees +541152365001",
        ],
    ),
    (  # ... and its refusal
        ("--from", "extension:201", "--to", "900442079460000"),
        [
            "external:+442079460000 refused class of service nacional does not allow international calls",
            "End: refused: class of service nacional does not allow international calls",
        ],
    ),
    (  # a forward, and the mailbox at its end
        ("--from", "extension:203", "--to", "202", "--state", "202=busy"),
        [
            "extension:202 busy the phone is busy tenants/andina.yaml:",
            "voicemail:202 message a message can be left tenants/andina.yaml:",
            "hears the sound vm-intro",
            "End: left at voicemail:202",
        ],
    ),
]


@pytest.mark.parametrize(("call", "words"), TOLD)
def test_the_story_tells_all_that_is_known_of_a_call(
    pbx_command: Pbx, monkeypatch: pytest.MonkeyPatch, call: tuple[str, ...], words: list[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(DEMO)
    story = " ".join(pbx_command("trace", ".", "andina", *call, *MORNING, "--dialplan").out.split())
    for each in words:
        assert each in story, story
