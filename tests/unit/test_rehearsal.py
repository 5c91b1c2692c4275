"""A call on paper: what Asterisk's own language means, and which lines of a build a call is said to run through."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime

import pytest

from pbx.kinds.base import Situation
from pbx.rehearsal import Paper, Rehearsed, paper_of, rehearse
from pbx.rehearsal.expressions import allowed, expression, substitute, true
from pbx.rehearsal.world import World, within
from pbx.trace import trace_did
from pbx.verify.dialplan import Dialplan, read_dialplan
from pbx.verify.text import read
from tests.commands import DEMO, Pbx
from tests.samples import build, clean, texts_of

MAIN = "+541152365000"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('"a" = "a"', "1"),
        ('"a b" = ""', "0"),
        ('"" = "" & "x" != "y"', "1"),
        ("3 < 10", "1"),
        ("2 + 3 > 4", "1"),
        ("0 + 1", "1"),
        ("01 + 1", "2"),
        ('"x" = "y" | 7 >= 7', "1"),
        ('"1" = "01"', "1"),
        ("2 > 0 & 1 + 0 > 2", "0"),
        ("-1 + 3", "2"),
        ("(1 | 0) & 0", "0"),
        ('!("a" = "a")', "0"),
    ],
)
def test_expressions(text: str, value: str) -> None:
    assert (true(expression(text)), expression(text) or "0") == (value != "0", value)


VARIABLES = {"EXTEN": "9112345", "STRIP": "2", "EMPTY": "", "A_b": "inner", "WHICH": "b"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${EXTEN:1}", "112345"),
        ("${EXTEN:${STRIP}:3}", "123"),
        ("${EXTEN:-2}", "45"),
        ("${EXTEN:0:-1}", "911234"),
        ("${A_${WHICH}}", "inner"),
        ("<${EMPTY}|${NEVER}>", "<|>"),
        ("$[${LEN(${EXTEN})} + 1]", "8"),
        ('${IF($["${EMPTY}" = ""]?no:yes)}!', "LEN!"),
        ("${LEN(abc):0:1}", "3"),
    ],
)
def test_variables_and_functions(text: str, value: str) -> None:
    def look(name: str, arguments: str | None) -> str:
        if arguments is None:
            return VARIABLES.get(name, "")
        return str(len(arguments)) if name == "LEN" else "LEN" if arguments == "1?no:yes" else "?"

    assert substitute(text, look) == value


@pytest.mark.parametrize(
    ("characters", "some", "none"),
    [("+0-9", "+09", "-*a"), ("A-C._-", "ABC._-", "D"), (r"\x41-\x43\-", "ABC-", "D")],
)
def test_a_filter_lets_pass_what_it_names(characters: str, some: str, none: str) -> None:
    assert set(some) <= set(allowed(characters))
    assert not set(none) & set(allowed(characters))


@pytest.mark.parametrize(
    ("times", "at", "so"),
    [
        ("09:00-12:59,mon-fri,*,*", "2026-12-22T12:59", True),
        ("09:00-12:59,mon-fri,*,*", "2026-12-22T13:00", False),
        ("09:00-12:59,sat-mon,*,*", "2026-12-20T10:00", True),
        ("22:00-05:59,*,*,*", "2026-12-20T03:00", True),
        ("*,*,4-15,jan", "2027-01-15T00:00", True),
        ("*,*,4-15,jan", "2027-02-15T00:00", False),
        ("*,*,24&31,dec", "2027-12-31T00:00", True),
    ],
)
def test_times_mean_what_asterisk_means_by_them(times: str, at: str, so: bool) -> None:
    assert within(times, datetime.fromisoformat(at)) is so


def on_paper(change: tuple[str, str] | None = None, **world: object) -> Rehearsed:
    """A call to the demo's main number on a working morning, perhaps through a dialplan in which something is wrong."""
    site = clean(texts_of(DEMO))
    paper = paper_of(site, "andina")
    if change:
        assert any(change[0] in text for text in paper.files.values())
        files = {name: text.replace(*change) for name, text in paper.files.items()}
        paper = Paper(paper.scope, files, read_dialplan(read(files, "extensions.conf").sections))
    at = datetime.fromisoformat("2026-12-22T10:00").replace(tzinfo=paper.scope.timezone)
    situation = Situation(at=at, presses=["timeout", "1"], **world)  # type: ignore[arg-type]
    before = replace(situation, presses=[*situation.presses])
    return rehearse(paper, trace_did(paper.scope, MAIN, situation), before, MAIN)


def test_each_step_has_its_lines() -> None:
    told = on_paper()
    assert told.agrees
    did, hours, silent, pressed, queue = told.steps
    assert [line.place.split(",")[0] for line in (did[-1], hours[0], silent[-1], pressed[-1], queue[-1])] == [
        "andina_did",
        "andina_schedule",
        "andina_menu_principal",
        "andina_menu_principal",
        "andina_queue",
    ]
    # The menu begins anew with its prompt.
    assert [line.runs for line in (pressed[0], queue[-1])] == [
        "Background(andina/ivr-principal)",
        "Queue(andina_ventas,i,,,60)",
    ]
    files = build(clean(texts_of(DEMO))).files
    for line in (line for step in told.steps for line in step):
        text = files[line.file.removeprefix("etc/")].split("\n")[line.number - 1]
        assert line.runs in text.replace("\\;", ";")
    assert all(not line.place.startswith("pbx-") for step in told.steps for line in step)


def test_a_dialplan_that_leads_elsewhere_is_noticed() -> None:
    told = on_paper(("Goto(andina_queue,ventas,1)", "Goto(andina_extension,202,1)"))
    assert not told.agrees
    assert told.nodes[-1] == "extension:202"
    assert not any(told.steps)


def test_what_cannot_be_followed_is_told_with_its_place() -> None:
    told = on_paper(("Queue(andina_ventas,i,,,60)", "Milliwatt()"))
    assert "the application Milliwatt cannot be followed" in told.lost
    assert told.lost.startswith("andina_queue,ventas,")


def test_a_call_that_goes_on_for_ever_is_given_up() -> None:
    told = on_paper(("Playback(pbx-invalid)", "NoOp()"), states={"201": "busy", "202": "busy"})
    assert not told.lost
    told = on_paper(("Queue(andina_ventas,i,,,60)", "Goto(andina_queue,ventas,1)"))
    assert "for ever" in told.lost


def test_the_lines_are_told_on_the_command_line(pbx_command: Pbx) -> None:
    arguments = ("trace", DEMO, "andina", "--did", MAIN, "--at", "2026-12-22T10:00", "--press", "1")
    told = json.loads(pbx_command(*arguments, "--format", "json", "--dialplan").out)
    assert told["dialplan_agrees"] is True
    assert [step["dialplan"][-1]["place"] for step in told["steps"]] == [
        f"andina_did,{MAIN},2",
        "andina_schedule,oficina,5",
        "andina_menu_principal,1,3",
        "andina_queue,ventas,4",
    ]
    story = pbx_command(*arguments, "--dialplan").out
    assert "    runs etc/tenants/andina/extensions.conf\n" in story
    line = told["steps"][3]["dialplan"][-1]
    assert f"{line['line']:>5}  {line['runs']}" in story
    assert "runs etc" not in pbx_command(*arguments).out


@pytest.mark.parametrize(
    ("fields", "value"), [("2", "b"), ("2-", "b&c"), ("-2", "a&b"), ("1&3", "a&c"), ("9", ""), ("4-", "")]
)
def test_a_text_is_cut_into_fields(fields: str, value: str) -> None:
    world = World(clean(texts_of(DEMO)).tenants["andina"], Situation(datetime.fromisoformat("2026-12-22")), Dialplan())
    assert world.read("CUT", f"a&b&c,&,{fields}", "") == value


def test_a_mistake_on_paper_leaves_the_trace_as_it_is(pbx_command: Pbx, monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = ("trace", DEMO, "andina", "--did", MAIN, "--at", "2026-12-24T10:00")
    right = pbx_command(*arguments).out
    nothing: dict[str, str] = {}
    monkeypatch.setattr("pbx.rehearsal.lines.dialplan_files", lambda _site: nothing["nothing"])
    broken = pbx_command(*arguments, "--dialplan")
    assert broken.code == 0
    assert broken.out.startswith(right)
    assert "note: the dialplan could not be followed all the way: KeyError" in broken.out
    told = json.loads(pbx_command(*arguments, "--format", "json", "--dialplan").out)
    assert [step["dialplan"] for step in told["steps"]] == [[], [], []]
    assert told["dialplan_agrees"] is None
