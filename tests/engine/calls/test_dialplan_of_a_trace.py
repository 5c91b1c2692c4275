"""The lines of dialplan that ``pbx trace`` names are those that a real call runs through (AMI ``Newexten``)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from lab.calls import Call, Lab
from pbx.asterisk.ami import Ami, Event, connect
from pbx.kinds.base import Situation
from pbx.rehearsal import Rehearsed, paper_of, rehearse
from pbx.rehearsal.lines import tenant_runs
from pbx.trace import trace_did, trace_extension

pytestmark = [pytest.mark.engine, pytest.mark.lab(site="lab/sites/demo")]

SECRET = "only for this test"
OPEN = "2026-12-22T10:00"
MAIN, DIRECT = "+541152365000", "+541152365001"


@dataclass(slots=True)
class Witness:
    """A manager connection of its own, that is told of each step of the dialplan."""

    lab: Lab
    events: list[Event] = field(default_factory=list)
    ended: dict[str, asyncio.Event] = field(default_factory=dict)

    async def watch(self) -> Ami:
        """Make it an account on the PBX, and listen."""
        pbx = self.lab.stage.pbx
        with (pbx.paths.etc / "manager.conf").open("a", encoding="utf-8") as stream:
            stream.write(f"\n[witness]\nsecret={SECRET}\npermit=127.0.0.0/255.0.0.0\nread=dialplan,call\n")
        await pbx.cli("manager reload")
        ami = await connect(*pbx.ami, "witness", SECRET)
        ami.listen(self._hear)
        return ami

    def _hear(self, event: Event) -> None:
        self.events.append(event)
        if event.get("event") == "Hangup":
            self.ended.setdefault(event["uniqueid"], asyncio.Event()).set()

    def steps(self, call: Call) -> list[tuple[str, str, int]]:
        """Every step that the caller's channel has run; the call is over."""
        channel = call.watch.look()

        async def over() -> None:
            await asyncio.wait_for(self.ended.setdefault(channel, asyncio.Event()).wait(), 10)

        self.lab.run(over(), call, "the last step of the call to be told")
        return [
            (event["context"], event["extension"], int(event["priority"]))
            for event in self.events
            if event.get("event") == "Newexten" and event["uniqueid"] == channel
        ]


@contextlib.contextmanager
def witnessed(lab: Lab, at: str) -> Iterator[Witness]:
    """The steps of all calls from now on, at a moment; afterwards the PBX is as it was."""
    lab.at(at)
    manager = lab.stage.pbx.paths.etc / "manager.conf"
    before = manager.read_text("utf-8")
    witness = Witness(lab)
    ami = lab.run(witness.watch())
    try:
        yield witness
    finally:
        lab.run(ami.close())
        manager.write_text(before, "utf-8")
        lab.run(lab.stage.pbx.cli("manager reload"))


@pytest.fixture
def witness(lab: Lab) -> Iterator[Witness]:
    """In the morning of a working day."""
    with witnessed(lab, OPEN) as witness:
        yield witness


def listened(call: Call, prompt: str) -> Call:
    """Wait until a prompt is over, so that the key comes while the menu waits; how it sounds is shown elsewhere."""

    async def act() -> None:
        await call.watch.sound_over(await call.watch.sound(f"andina/{prompt}", seconds=60))

    call.lab.run(act(), call, f"{prompt} to be over")
    return call


def foretold(lab: Lab, called: str, caller: str = "", **world: Any) -> Rehearsed:  # noqa: ANN401 - of a situation
    """The same call on paper, now."""

    def situation() -> Situation:
        given = {**world, "presses": [*world.get("presses", ())]}
        return Situation(at=lab.clock, caller=caller, outside="" if caller else "+5491144445555", **given)

    scope = lab.scope
    journey = trace_extension(scope, caller, called, situation()) if caller else trace_did(scope, called, situation())
    return rehearse(paper_of(lab.stage.shipped, scope.slug), journey, situation(), called)


def agree(witness: Witness, call: Call, told: Rehearsed) -> None:
    """Each line was run and each line that was run is named, in this order; so was every step of the library."""
    assert told.agrees
    assert not told.lost
    really = witness.steps(call)
    assert [(run.context, run.extension, run.priority) for run in told.runs] == really
    named = [line.place for step in told.steps for line in step]
    assert named == [",".join(map(str, each)) for each in tenant_runs(told.runs, witness.lab.scope)]
    assert named


def test_keys_of_a_menu_and_a_queue(lab: Lab, witness: Witness) -> None:
    call = lab.carrier("principal").call(MAIN)
    listened(call, "ivr-principal").leaves("ivr:principal", "timeout")
    listened(call, "ivr-principal").press("7").leaves("ivr:principal", "invalid")
    listened(call, "ivr-principal").press("1").reaches("queue:ventas")
    lab.phone("201").rings().answer()
    call.hang_up()
    agree(witness, call, foretold(lab, MAIN, presses=["timeout", "7", "1"]))


def test_a_menu_behind_a_menu_and_an_extension_that_is_dialled(lab: Lab, witness: Witness) -> None:
    call = lab.carrier("principal").call(MAIN)
    listened(call, "ivr-principal").press("4")
    listened(call, "ivr-siniestros").press("9")
    listened(call, "ivr-principal").press("203")
    lab.phone("203").rings().answer()
    call.hang_up()
    agree(witness, call, foretold(lab, MAIN, presses=["4", "9", "203"]))


def test_a_key_that_leads_outside_over_the_second_trunk(lab: Lab, witness: Witness) -> None:
    lab.carrier("principal").will("congestion")
    call = lab.carrier("principal").call(MAIN)
    listened(call, "ivr-principal").press("3")
    lab.carrier("respaldo").rings("+5491155550000", seconds=60).answer()
    call.hang_up()
    agree(witness, call, foretold(lab, MAIN, presses=["3"], trunks={"principal": "failed"}))


@pytest.mark.parametrize(
    ("doing", "state", "then"),
    [
        ("busy", "busy", "voicemail:201"),
        ("ring", "no_answer", "extension:202"),
        (None, "unavailable", "trunk:principal"),
    ],
)
def test_the_forwards_of_an_extension(lab: Lab, witness: Witness, doing: Any, state: Any, then: str) -> None:  # noqa: ANN401 - words of the lab
    lab.phone("201").will(doing) if doing else lab.phone("201").unregister()
    lab.phone("202").will("answer")
    lab.carrier("principal").will("answer")
    call = lab.carrier("principal").call(DIRECT).reaches(then).answered().listen(1)
    call.hang_up()
    agree(witness, call, foretold(lab, DIRECT, states={"201": state}))


def test_what_phones_dial(lab: Lab, witness: Witness) -> None:
    for number in ("203", "207"):
        lab.phone(number).will("answer")
    lab.carrier("principal").will("answer")
    for caller, keys in (("201", "204"), ("201", "943210000"), ("205", "911"), ("201", "602"), ("202", "650")):
        with lab.phone(caller).call(keys) as call:
            call.answered()
        agree(witness, call, foretold(lab, keys, caller))
    refused = lab.phone("205").call("943210000").ended("refused")
    assert [(run.context, run.extension, run.priority) for run in foretold(lab, "943210000", "205").runs] == (
        witness.steps(refused)
    )


def test_what_a_user_has_set(lab: Lab, witness: Witness) -> None:
    code = lab.phone("202").call("*72203").ended()
    assert [(run.context, run.extension, run.priority) for run in foretold(lab, "*72203", "202").runs] == (
        witness.steps(code)
    )
    lab.phone("203").will("answer")
    with lab.phone("201").call("202") as call:
        call.answered()
    agree(witness, call, foretold(lab, "202", "201", settings={("202", "forward_always"): "203"}))
    lab.phone("202").call("*72").ended()


@pytest.mark.parametrize(
    ("at", "node", "presses"),
    [("2026-12-24T11:00", "announcement:feriado", []), ("2026-12-22T21:00", "ivr:nocturno", ["1"])],
)
def test_a_holiday_and_a_night(lab: Lab, at: str, node: str, presses: list[str]) -> None:
    with witnessed(lab, at) as witness:
        call = listened(lab.carrier("principal").call(MAIN), node.replace(":", "-"))
        if presses:
            call.press(*presses).reaches("voicemail:201").listen(1).hang_up()
        else:
            call.ended()
        agree(witness, call, foretold(lab, MAIN, presses=presses))
