"""The compiled dialplan, run on paper, leads every call where the trace says: for tenants that nobody wrote."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pbx.kinds.base import Situation
from pbx.rehearsal import Paper, paper_of, rehearse
from pbx.trace import trace_did, trace_extension
from tests.property.tenants import tenant_trees, written
from tests.samples import DEMO, clean, texts_of

CALLS = 30
"""To each generated tenant."""
STATES = st.sampled_from(["answer", "busy", "no_answer", "unavailable"])
TRUNKS = st.sampled_from(["answer", "busy", "failed"])
PRESSES = st.sampled_from([*"0123456789*#", "timeout", "invalid", "201", "1234"])
CLOCKS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31))  # noqa: DTZ001 - of the wall
KEYS = st.sampled_from(["201", "600", "601", "650", "660", "670", "690", "91155550000", "911", "1155550000", "0"])


def compare(paper: Paper, called: str, caller: str, world: dict[str, Any]) -> None:
    """The same call, foretold and on paper."""
    situation = Situation(**world, caller=caller)
    before = replace(situation, presses=[*situation.presses])
    journey = trace_extension(paper.scope, caller, called, situation) if caller else None
    journey = journey or trace_did(paper.scope, called, situation)
    told = rehearse(paper, journey, before, called)
    assert not told.lost
    assert told.agrees, (journey.nodes, journey.end, told.nodes)


@given(st.data(), tenant_trees())
@settings(max_examples=30, deadline=None)
def test_a_call_goes_where_it_is_foretold(data: st.DataObject, tree: dict[str, Any]) -> None:
    texts = {**texts_of(DEMO), "tenants/uno.yaml": written("uno", tree)}
    site = clean({name: text for name, text in texts.items() if "tenants/uno" in name or "platform" in name})
    paper = paper_of(site, "uno")
    people = sorted(tree["extensions"])
    phones = st.sampled_from(people)
    calls = st.one_of(st.tuples(st.sampled_from(sorted(tree["dids"])), st.just("")), st.tuples(KEYS | phones, phones))
    forwards = st.sampled_from([*people, "off", "voicemail", "91155550000", "999"])
    settings_ = st.dictionaries(
        st.tuples(phones, st.sampled_from(["forward_always", "forward_busy", "forward_no_answer"])),
        forwards,
        max_size=2,
    )
    undisturbed = st.dictionaries(st.tuples(phones, st.just("do_not_disturb")), st.just("on"), max_size=1)
    for _ in range(CALLS):
        called, caller = data.draw(calls)
        world = {
            "at": data.draw(CLOCKS).replace(tzinfo=paper.scope.timezone),
            "presses": data.draw(st.lists(PRESSES, max_size=6)),
            "states": data.draw(st.dictionaries(phones, STATES)),
            "trunks": data.draw(st.dictionaries(st.sampled_from(["principal", "otra"]), TRUNKS)),
            "settings": data.draw(settings_) | data.draw(undisturbed),
        }
        compare(paper, called, caller, world)
