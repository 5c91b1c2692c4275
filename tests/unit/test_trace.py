"""The walk of a call: what users have set, trunks that fail, what is heard, who rings."""

from __future__ import annotations

from datetime import datetime

import pytest

from pbx.kinds.base import Ring, Situation
from pbx.rehearsal import paper_of, rehearse
from pbx.trace import Journey, trace_did, trace_extension, trace_trunk
from tests.samples import DEMO, clean, read, tenant, texts_of

ANDINA = tenant(DEMO, "andina")
OUTSIDE = "923456789"
"""With the outside prefix of the demo company: +541123456789."""


def situation(**world: object) -> Situation:
    """A working morning."""
    return Situation(datetime(2026, 12, 22, 10, tzinfo=ANDINA.timezone), **world)  # type: ignore[arg-type]


def dial(caller: str, keys: str, **world: object) -> Journey:
    return trace_extension(ANDINA, caller, keys, situation(**world))


@pytest.mark.parametrize(
    ("settings", "states", "end"),
    [
        ({("202", "forward_always"): "203"}, {}, "answered by extension:203"),
        ({("202", "forward_busy"): "203"}, {"202": "busy"}, "answered by extension:203"),
        ({("202", "forward_no_answer"): "203"}, {"202": "no_answer"}, "answered by extension:203"),
        ({("202", "forward_unavailable"): "203"}, {"202": "unavailable"}, "answered by extension:203"),
        ({("202", "forward_busy"): "off"}, {"202": "busy"}, "busy"),
        ({("202", "forward_no_answer"): "off"}, {"202": "no_answer"}, "hangup"),
        ({("202", "forward_always"): "voicemail"}, {}, "left at voicemail:202"),
        ({("205", "forward_always"): "voicemail"}, {}, "answered by extension:202"),
        ({("202", "forward_always"): OUTSIDE}, {}, "answered by external:+541123456789"),
        ({("202", "do_not_disturb"): "on"}, {}, "left at voicemail:202"),
        ({("202", "do_not_disturb"): "on"}, {"202": "unavailable"}, "left at voicemail:202"),
    ],
)
def test_what_a_user_has_set_wins_over_the_file(
    settings: dict[tuple[str, str], str], states: dict[str, str], end: str
) -> None:
    assert dial("201", "202", settings=settings, states=states).end == end


def test_a_forward_of_the_file_can_be_switched_off() -> None:
    assert dial("201", "204").end == "answered by extension:203"
    assert dial("201", "204", settings={("204", "forward_always"): "off"}).end == "answered by extension:204"


def test_a_users_forward_leads_no_further_than_the_class_of_that_extension() -> None:
    journey = dial("201", "205", settings={("205", "forward_always"): OUTSIDE})
    assert journey.end == "refused: class of service interno does not allow local calls"
    assert dial("201", "202", settings={("202", "forward_always"): "911"}).end == "refused: no such number"
    assert dial("201", "202", settings={("202", "forward_always"): "*78"}).end == "refused: no such number"


def test_users_forwards_that_go_round_end() -> None:
    journey = dial("201", "202", settings={("202", "forward_always"): "203", ("203", "forward_always"): "202"})
    assert journey.end == "busy"
    assert len(journey.steps) == 11


def test_a_forwarded_call_shows_the_company() -> None:
    own = dial("201", OUTSIDE)
    forwarded = dial("201", "202", settings={("202", "forward_always"): OUTSIDE})
    assert (own.shown, forwarded.shown) == ("+541152365001", "+541152365000")


@pytest.mark.parametrize(
    ("caller", "said", "shown"),
    [("201", "on", "anonymous"), ("202", "off", "+541152365000"), ("202", "", "anonymous")],
)
def test_a_user_hides_and_shows_the_number_by_code(caller: str, said: str, shown: str) -> None:
    settings = {(caller, "hide_caller_id"): said} if said else {}
    assert dial(caller, OUTSIDE, settings=settings).shown == shown


@pytest.mark.parametrize(
    ("trunks", "nodes", "end"),
    [
        ({}, ["trunk:principal"], "answered by external:+541123456789"),
        ({"principal": "failed"}, ["trunk:principal", "trunk:respaldo"], "answered by external:+541123456789"),
        ({"principal": "full"}, ["trunk:principal", "trunk:respaldo"], "answered by external:+541123456789"),
        ({"principal": "busy"}, ["trunk:principal"], "busy"),
        ({"principal": "failed", "respaldo": "full"}, ["trunk:principal", "trunk:respaldo"], "failed"),
    ],
)
def test_the_next_trunk_is_tried_unless_somebody_is_busy(trunks: dict[str, str], nodes: list[str], end: str) -> None:
    journey = dial("201", OUTSIDE, trunks=trunks)
    assert journey.nodes[1:] == nodes
    assert journey.end == end


def test_what_is_heard_and_who_rings_for_how_long() -> None:
    journey = trace_did(ANDINA, "+541152365000", situation(presses=["invalid", "1"], states={"201": "no_answer"}))
    menu = [step for step in journey.steps if str(step.node) == "ivr:principal"]
    assert menu[0].hears[-1] == "pbx-invalid"
    assert all("Gracias por llamar" in step.hears[0] for step in menu)
    assert journey.steps[-1].rings == (Ring("201", 20), Ring("202", 20, 22))
    assert dial("201", "202").steps[-1].rings == (Ring("202", 20),)
    assert dial("201", "202", states={"202": "unavailable"}).steps[0].rings == ()


def test_who_calls_is_known_by_name_inside() -> None:
    journey = dial("201", "202")
    assert (journey.caller, journey.caller_name) == ("201", "Ana Gómez")


def test_the_caller_is_in_a_call() -> None:
    """Who comes back to his own phone finds it in use: it rings with call waiting, and is busy without."""
    back = {("201", "forward_always"): "202"}
    assert dial("202", "201", settings=back).steps[-2].exit == "busy"  # the file gives 202 no call waiting
    assert dial("202", "201", settings=back | {("202", "call_waiting"): "on"}).end == "answered by extension:202"
    assert dial("203", "203").end == "answered by extension:203"
    assert dial("203", "203", settings={("203", "call_waiting"): "off"}).steps[0].exit == "busy"


def test_who_has_no_mailbox_cannot_listen_to_it() -> None:
    assert dial("201", "*97").end == "mailbox"
    assert dial("205", "*97").end == "refused: no such number"


def test_a_forward_to_a_mailbox_that_is_gone_ends_as_without_a_forward() -> None:
    def end(when: str) -> str:
        return dial("201", "205", settings={("205", f"forward_{when}"): "voicemail"}, states={"205": when}).end

    assert (end("busy"), end("no_answer"), end("unavailable")) == ("busy", "hangup", "hangup")


def test_a_trunk_of_one_call_is_full_of_the_call_that_came_by_it() -> None:
    texts = texts_of(DEMO)
    texts["tenants/andina.yaml"] = texts["tenants/andina.yaml"].replace("max_calls: 30", "max_calls: 1")
    narrow = clean(texts).tenants["andina"]
    settings = {("201", "forward_always"): OUTSIDE}
    nodes = trace_trunk(narrow, "principal", "+541152365001", situation(settings=settings)).nodes
    assert nodes[-2:] == ["trunk:principal", "trunk:respaldo"]
    assert (
        trace_trunk(ANDINA, "principal", "+541152365001", situation(settings=settings)).nodes[-1] == "trunk:principal"
    )


def test_who_calls_a_did_from_the_other_pbx_is_a_colleague() -> None:
    texts = texts_of(DEMO)
    person = '  "201":\n'
    assert person in texts["tenants/andina.yaml"]
    texts["tenants/andina.yaml"] = texts["tenants/andina.yaml"].replace(person, f"{person}    receive: internal\n")
    site, _, _ = read(texts)
    assert site is not None
    inside = site.tenants["andina"]
    ends = {
        name: trace_trunk(inside, name, "+541152365001", situation()).end for name in ("principal", "central_vieja")
    }
    assert ends == {"principal": "refused by extension:201", "central_vieja": "answered by extension:201"}
    for name, end in ends.items():
        before = situation()
        journey = trace_trunk(inside, name, "+541152365001", situation())
        rehearsed = rehearse(paper_of(site, "andina"), journey, before, "+541152365001", name)
        assert (rehearsed.agrees, rehearsed.nodes[-1]) == (True, "extension:201"), end
        refused = any(run.event == "PBX_EXIT extension:201 refused" for run in rehearsed.runs)
        assert refused == (name == "principal")
