"""The walk of one call, foretold: what the lab holds real calls against."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from pbx.flow import build
from pbx.kinds.base import PhoneState, Situation
from pbx.trace import LONGEST, trace_did, trace_extension
from tests.diagnostics.pages import PLATFORM_BASE, TENANT_BASE
from tests.samples import TWO, clean, tenant

if TYPE_CHECKING:
    from pbx.trace import Journey

ANDINA = tenant(TWO, "andina")
OFFICE, DIRECT, ABROAD, SUPPORT, STORE = (f"+54115236500{last}" for last in range(5))
MORNING = "2026-11-18 10:00"  # a Wednesday


def moment(text: str) -> datetime:
    """A local time of the tenant."""
    return datetime.fromisoformat(text).replace(tzinfo=ANDINA.timezone)


def call(did: str, *presses: str, at: str = MORNING, **states: PhoneState) -> Journey:
    """A call from outside; phones by ``x201="busy"``."""
    phones = {number.removeprefix("x"): state for number, state in states.items()}
    return trace_did(ANDINA, did, Situation(moment(at), list(presses), phones))


def dial(caller: str, keys: str, **states: PhoneState) -> Journey:
    """A call from a phone of the tenant."""
    phones = {number.removeprefix("x"): state for number, state in states.items()}
    return trace_extension(ANDINA, caller, keys, Situation(moment(MORNING), [], phones))


OPEN, CLOSED, HOLIDAY = "ivr:principal", "ivr:nocturno", "announcement:feriado"


@pytest.mark.parametrize(
    ("at", "branch"),
    [
        ("2026-11-18 08:59", CLOSED),
        ("2026-11-18 09:00", OPEN),
        ("2026-11-18 12:59:59", OPEN),
        ("2026-11-18 13:00", CLOSED),
        ("2026-11-18 13:59", CLOSED),
        ("2026-11-18 14:00", OPEN),
        ("2026-11-18 17:59", OPEN),
        ("2026-11-18 18:00", CLOSED),
        ("2026-11-21 12:59", OPEN),  # Saturday
        ("2026-11-21 14:00", CLOSED),
        ("2026-11-22 10:00", CLOSED),  # Sunday
        ("2026-12-25 10:00", HOLIDAY),  # national
        ("2026-12-24 10:00", HOLIDAY),  # added
        ("2027-01-04 10:00", HOLIDAY),  # first and last day of a range
        ("2027-01-15 23:59", HOLIDAY),
        ("2027-01-18 10:00", OPEN),
        ("2026-08-17 10:00", OPEN),  # removed
    ],
)
def test_the_calendar_decides(at: str, branch: str) -> None:
    assert call(OFFICE, "timeout", at=at).nodes[:3] == [f"did:{OFFICE}", "schedule:oficina", branch]


def test_a_day_of_24_hours_ends_at_midnight() -> None:
    guard = "+541152365005"
    assert call(guard, at="2026-11-22 00:00").end == "answered by extension:201"
    assert call(guard, at="2026-11-22 23:59").end == "answered by extension:201"
    assert call(guard, at="2026-11-23 00:00").end == "hangup"


def test_a_holiday_without_a_branch_of_its_own_is_a_closed_day() -> None:
    days = "hours: {mon-sun: '00:00-24:00'}, holidays: {add: {'2026-11-18': x}}"
    small = f"schedules:\n  dia: {{{days}, open: extension:201, closed: busy}}\n"
    base = {**TENANT_BASE, "dids": '{"+541152365000": schedule:dia}'}
    texts = {
        "platform.yaml": "".join(f"{key}: {value}\n" for key, value in PLATFORM_BASE.items()),
        "tenants/sur.yaml": "tenant: sur\n" + small + "".join(f"{key}: {value}\n" for key, value in base.items()),
    }
    journey = trace_did(clean(texts).tenants["sur"], OFFICE, Situation(moment(MORNING)))
    assert journey.end == "busy"


def test_announcements_follow_one_another() -> None:
    journey = call(OFFICE, at="2026-12-25 10:00")
    assert journey.nodes[2:] == ["announcement:feriado", "announcement:adios"]
    assert journey.end == "hangup"


@pytest.mark.parametrize(
    ("presses", "nodes", "end"),
    [
        (("1",), ["queue:ventas"], "answered by extension:202"),
        (("4", "1"), ["ivr:siniestros", "voicemail:202"], "left at voicemail:202"),
        (("4", "9", "#"), ["ivr:siniestros", "ivr:principal"], "hangup"),
        (("4", "5"), ["ivr:siniestros"], "busy"),
        (("*", "*", "#"), [], "hangup"),
        (("#",), [], "hangup"),
        (("203",), ["extension:203", "queue:ventas"], "answered by extension:202"),
        (("timeout", "1"), ["queue:ventas"], "answered by extension:202"),
        (("timeout", "timeout", "1"), ["extension:201"], "answered by extension:201"),
        ((), ["extension:201"], "answered by extension:201"),
        (("7", "8", "1"), ["queue:ventas"], "answered by extension:202"),
        (("7", "8", "299", "1"), ["extension:202"], "answered by extension:202"),
        (("7", "timeout", "8", "1"), ["queue:ventas"], "answered by extension:202"),
    ],
)
def test_keys_lead_out_of_a_menu(presses: tuple[str, ...], nodes: list[str], end: str) -> None:
    journey = call(OFFICE, *presses)
    assert journey.nodes[3:] == nodes
    assert journey.end == end


def test_the_counts_of_silence_and_of_wrong_keys_are_told() -> None:
    reasons = [step.because for step in call(OFFICE, "7", "timeout", "8", "timeout").steps]
    assert reasons[2:6] == [
        "the key has no meaning (1 of 3)",
        "no key for 6 s (1 of 2)",
        "the key has no meaning (2 of 3)",
        "no key for 6 s (2 of 2)",
    ]


@pytest.mark.parametrize(
    ("state", "exit_", "end"),
    [
        ("answer", "answered", "answered by extension:201"),
        ("busy", "busy", "left at voicemail:201"),
        ("no_answer", "no_answer", "answered by extension:202"),
        ("unavailable", "unavailable", "answered by external:+5491155550000"),
    ],
)
def test_busy_no_answer_and_unavailable_are_three_different_calls(state: PhoneState, exit_: str, end: str) -> None:
    journey = call(DIRECT, x201=state)
    assert journey.steps[1].exit == exit_
    assert journey.end == end


def test_a_forward_for_all_calls_does_not_ask_the_phone() -> None:
    journey = dial("201", "203", x203="busy")
    assert journey.nodes == ["extension:203", "queue:ventas"]


def test_a_phone_without_forwards_is_busy_or_ends_the_call() -> None:
    assert dial("201", "205", x205="busy").end == "busy"
    assert dial("201", "205", x205="no_answer").end == "hangup"
    assert dial("201", "205", x205="unavailable").end == "hangup"


def test_forwards_chain_until_somebody_takes_the_call() -> None:
    journey = call(DIRECT, x201="no_answer", x202="unavailable")
    assert journey.nodes[1:] == ["extension:201", "extension:202", "voicemail:202"]


def test_an_extension_for_internal_calls_refuses_a_trunk_but_not_a_menus_key() -> None:
    assert call(STORE).end == "refused by extension:204"
    assert call(OFFICE, "0").end == "answered by extension:204"
    assert call(OFFICE, "204").end == "refused by extension:204"
    assert dial("201", "204").end == "answered by extension:204"


def test_a_queue_is_answered_overflows_or_waits() -> None:
    assert call(OFFICE, "1").end == "answered by extension:202"
    assert call(OFFICE, "1", x202="busy").end == "answered by extension:201"
    gone = call(OFFICE, "1", x201="unavailable", x202="unavailable")
    assert (gone.steps[-2].exit, gone.end) == ("empty", "left at voicemail:201")
    silent = call(OFFICE, "1", x201="no_answer", x202="unavailable")
    assert (silent.steps[-2].exit, silent.end) == ("timeout", "left at voicemail:201")
    assert call(SUPPORT, x205="busy").end == "waits until hanging up"


def test_a_class_of_service_allows_refuses_and_denies() -> None:
    assert dial("202", "943210000").end == "answered by external:+541143210000"
    assert dial("202", "90013055550100").end == (
        "refused: class of service nacional does not allow international calls"
    )
    assert dial("203", "90013055550100").end == "answered by external:+13055550100"
    assert dial("203", "943210000").end == "refused: class of service completo denies +541143210000"
    assert dial("203", "943210001").end == "answered by external:+541143210001"
    assert dial("205", "201").end == "refused: class of service afuera does not allow internal calls"


@pytest.mark.parametrize("keys", ["101", "9101", "911", "9911"])
@pytest.mark.parametrize("caller", ["201", "202", "203", "204", "205"])
def test_everybody_reaches_emergency_with_and_without_the_prefix(caller: str, keys: str) -> None:
    journey = dial(caller, keys)
    assert journey.end == f"answered by external:{keys[-3:]}"
    assert journey.nodes[-1] == "trunk:respaldo"


def test_who_hides_the_number_shows_it_to_emergency_alone() -> None:
    assert dial("202", "943210000").shown == "anonymous"
    assert dial("202", "101").shown == OFFICE
    assert dial("201", "943210000").shown == DIRECT


def test_what_the_tenant_pays_shows_the_routes_number() -> None:
    journey = call(ABROAD)
    assert journey.nodes == [f"did:{ABROAD}", "external:+5491155550000", "trunk:principal"]
    assert journey.shown == OFFICE


def test_a_number_that_nobody_has_is_said_to_be_none() -> None:
    assert dial("201", "299").end == "refused: no such number"
    assert dial("201", "9").end == "refused: no such number"


def test_codes_lead_to_their_function() -> None:
    assert dial("201", "*98").end == "mailbox"
    assert dial("201", "**202").end == "pickup"


def test_a_call_to_a_number_or_from_a_phone_that_is_not_there_is_a_mistake_of_the_asker() -> None:
    with pytest.raises(KeyError):
        call("+541152369999")
    with pytest.raises(KeyError):
        dial("299", "201")


def test_every_walk_ends() -> None:
    presses = ["9", "4"] * LONGEST
    journey = call(OFFICE, "4", *presses)
    assert journey.end in {"goes on for ever", "hangup", "answered by extension:201"}
    assert len(journey.steps) <= LONGEST + 2


def test_every_exit_of_the_call_flow_leads_to_a_place_or_out() -> None:
    nodes = build(ANDINA).nodes
    for node in nodes.values():
        for way in node.exits:
            assert way.to in nodes or not way.to.id or way.to.kind == "external", way
