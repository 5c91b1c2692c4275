"""Acts share their PBX with other rows: none takes another's calls, and none fails for what another does."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import pytest

from lab.acts import Act, Play
from lab.calls import Lab
from lab.matrix import calls
from lab.matrix.moments import working
from lab.plan import Plan
from lab.playing import Row
from lab.results import RowResult, RowText, Verdict, Words
from lab.runner import run

pytestmark = pytest.mark.engine

WORDS = Words("", "")
TOGETHER = 30.0
"""Real seconds in which acts that run side by side must meet."""


def act(plan: Plan, name: str, play: Play, touched: Iterable[str], shares: Iterable[str] = ()) -> Act:
    scope = plan.site.tenants["andina"]
    text = RowText(name, "POC-4", 1, WORDS, (), ())
    return Act(text, scope, working(scope), play, frozenset(touched), frozenset(shares))


def played(plan: Plan, folder: str, *rows: Row) -> dict[str, RowResult]:
    """The results of rows on one PBX."""
    place = plan.folder / folder
    place.mkdir()
    outcome = asyncio.run(run(replace(plan, folder=place), rows))
    assert len(list(place.glob("stage-*"))) == 1
    return {result.row.id: result for result in outcome.rows}


@dataclass
class Crossing:
    """Two plays that call twice by one carrier, first the one before the other, then the other way round."""

    first: Sequence[str]
    """The phone that calls before the other, in each round."""
    called: list[threading.Event] = field(default_factory=lambda: [threading.Event() for _ in range(2)])
    both: threading.Barrier = field(default_factory=lambda: threading.Barrier(2))
    ringing: threading.Barrier = field(default_factory=lambda: threading.Barrier(3))

    def calls_outside(self, lab: Lab, phone: str, number: str) -> None:
        """Calls to an outside number that ring at the same time as the other's."""
        for first, called in zip(self.first, self.called, strict=True):
            if first != phone:
                assert called.wait(TOGETHER)
            call = lab.phone(phone).call("9" + number.removeprefix("+5411"))
            ringing = lab.carrier("principal").rings(number)
            called.set()
            self.both.wait(TOGETHER)
            call.hang_up()
            ringing.stops()
        call = lab.phone(phone).call("9" + number.removeprefix("+5411"))
        ringing = lab.carrier("principal").rings(number)
        self.ringing.wait(TOGETHER)
        call.talks_with(ringing.answer())
        call.hang_up()
        lab.rang(*["principal"] * 3)

    def is_called(self, lab: Lab, did: str, phone: str) -> None:
        """A call from outside by the carrier that all use."""
        call = lab.carrier("principal").call(did)
        ringing = lab.phone(phone).rings()
        self.ringing.wait(TOGETHER)
        ringing.shows(lab.stranger)
        call.talks_with(ringing.answer())
        call.hang_up()


def test_acts_side_by_side_take_their_own_calls_at_one_carrier(plan: Plan) -> None:
    crossing = Crossing(("203", "202"))
    rows = [
        act(
            plan,
            f"out-{phone}",
            partial(crossing.calls_outside, phone=phone, number=number),
            (f"extension:{phone}", f"external:{number}"),
        )
        for phone, number in (("203", "+541144440001"), ("202", "+541144440002"))
    ]
    called = partial(crossing.is_called, did="+541152365001", phone="201")
    results = played(plan, "side", *rows, act(plan, "in-201", called, ("extension:201",)))
    assert {name: result.reason for name, result in results.items()} == dict.fromkeys(results, "")


def test_what_an_act_does_wrong_fails_it_and_no_other_row(plan: Plan) -> None:
    def breaks(lab: Lab) -> None:
        lab.phone("201").call("203")
        lab.phone("203").rings()
        raise RuntimeError("a mistake")

    def uses_another(lab: Lab) -> None:
        lab.phone("205").call("202")

    def forgets(lab: Lab) -> None:
        lab.phone("205").call("*78").ended("hangup")
        lab.same(Words("Uno", "One"), "1", "2")

    def finds_nothing_left(lab: Lab) -> None:
        call = lab.phone("203").call("205")
        call.talks_with(lab.phone("205").rings().answer())
        call.hang_up()

    row = next(each for each in calls(plan.site.tenants["andina"]) if each.text.id == "internal-call")
    results = played(
        plan,
        "wrong",
        act(plan, "breaks", breaks, ("extension:201", "extension:203")),
        act(plan, "uses-another", uses_another, ("extension:202",)),
        act(plan, "forgets", forgets, ("extension:205",)),
        replace(act(plan, "after", finds_nothing_left, ("extension:203", "extension:205")), expected_seconds=1),
        replace(row, states={}),
    )
    failed = {name: result.reason for name, result in results.items() if result.verdict == Verdict.FAILED}
    assert sorted(failed) == ["breaks", "forgets", "uses-another"]
    assert "PBX900 RuntimeError('a mistake')" in failed["breaks"]
    assert "extension:205 is not among what this act touches: extension:202" in failed["uses-another"]
    assert failed["forgets"].startswith("One: expected 1, got 2. Look at pbx lab run ")


def test_what_is_not_heard_fails_an_act_with_both_witnesses(plan: Plan) -> None:
    def deaf(lab: Lab) -> None:
        call = lab.phone("201").call("203")
        ringing = lab.phone("203").rings().answer()
        call.answered()
        ringing.hears("beep")
        call.does_not_hear(ringing)
        call.talks_with(ringing)
        call.hang_up()

    result = played(plan, "deaf", act(plan, "deaf", deaf, ("extension:201", "extension:203")))["deaf"]
    assert {(check.subject.en, check.passed) for check in result.checks} == {
        ("A call comes to 203", True),
        ("The call of 201 is answered", True),
        ("203 hears “beep”", False),
        ("201 does not hear 203", False),
        ("201 hears 203 and not itself", True),
        ("203 hears 201 and not itself", True),
    }
    assert {recording.party for recording in result.recordings} == {"201", "203"}
    assert any(message.first_line.startswith("INVITE sip:203@") for message in result.sip)
    assert len(result.cdr) == 1
