"""What a phone's feature codes do: each is a step of a call, and its dialplan does on paper what the step says."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from functools import cache

import pytest

from pbx.dialing import FORWARD_CODES, SWITCHES
from pbx.kinds.base import Situation
from pbx.model import Ref
from pbx.rehearsal import Paper, paper_of, rehearse
from pbx.tenant import FeatureCodes
from pbx.trace import Journey, trace_extension
from tests.commands import DEMO, Pbx
from tests.samples import clean, texts_of

REFUSED = "does not allow international calls"


@cache
def paper(slug: str) -> Paper:
    return paper_of(clean(texts_of(DEMO)), slug)


def traced(keys: str, caller: str = "201", slug: str = "andina", **world: object) -> Journey:
    """A call on a working morning, run on paper as well: it must come to the same places and leave the same behind."""
    plan = paper(slug)
    at = datetime(2026, 12, 22, 10, tzinfo=plan.scope.timezone)
    situation = Situation(at, caller=caller, **world)  # type: ignore[arg-type]
    before = replace(situation, presses=[*situation.presses])
    journey = trace_extension(plan.scope, caller, keys, situation)
    rehearsed = rehearse(plan, journey, before, keys)
    assert (rehearsed.agrees, rehearsed.lost, rehearsed.nodes) == (True, "", tuple(journey.nodes))
    kept = {f"pbx/{slug}/{extension}/{name}": said for (extension, name), said in before.settings.items()}
    kept |= {f"pbx/{slug}/schedule/{schedule}/override": said for schedule, said in before.overrides.items()}
    for change in (step.changes for step in journey.steps if step.changes):
        of = change.of.id if change.of.kind == "extension" else f"schedule/{change.of.id}"
        assert kept.get(f"pbx/{slug}/{of}/{change.setting}", "") == change.before
        kept[f"pbx/{slug}/{of}/{change.setting}"] = change.after
    assert {key: said for key, said in rehearsed.kept.items() if said} == {
        key: said for key, said in kept.items() if said
    }
    return journey


@pytest.mark.parametrize(
    ("keys", "exit_", "end"),
    [
        ("*97", "mailbox", "mailbox"),
        ("*8", "taken", "pickup"),
        ("**202", "taken", "pickup"),
        ("**299", "nobody", "refused: there is no extension 299"),
        ("*28", "closed", "override:recepcion"),
        ("*78", "on", "setting:do_not_disturb"),
        ("*70", "off", "setting:call_waiting"),
        ("*67", "on", "setting:hide_caller_id"),
        ("*46", "on", "setting:queue_pause"),
        ("*72202", "on", "setting:forward_always"),
        ("*90202", "on", "setting:forward_busy"),
        ("*92943210000", "on", "setting:forward_no_answer"),
        ("*94*97", "on", "setting:forward_unavailable"),
        ("*72305", "on", "setting:forward_always"),
        ("*72", "off", "setting:forward_always"),
        ("*72201", "refused", "refused: 201 is no forward of 201: it is the own number"),
        ("*72299", "refused", "refused: 299 is no forward of 201: it is no number that calls can be forwarded to"),
        ("*72*78", "refused", "refused: *78 is no forward of 201: it is no number that calls can be forwarded to"),
        ("*72*001", "refused", "refused: *001 is no forward of 201: it is no number that calls can be forwarded to"),
        ("*72911", "refused", "refused: 911 is no forward of 201: it is no number that calls can be forwarded to"),
        (
            "*72900442079460000",
            "refused",
            f"refused: 900442079460000 is no forward of 201: class of service nacional {REFUSED}",
        ),
    ],
)
def test_each_code_is_a_step_with_its_exit_and_its_end(keys: str, exit_: str, end: str) -> None:
    journey = traced(keys)
    assert (journey.steps[0].exit, journey.end) == (exit_, end)
    assert journey.steps[0].node.kind == "feature_code"
    assert len(journey.steps) == 1


def test_no_code_of_the_language_is_left_out() -> None:
    told = {
        traced(f"{code}{more}").steps[0].node
        for name in FeatureCodes.model_fields
        for code in [getattr(paper("andina").scope.tenant.feature_codes, name)]
        for more in [{"pickup_extension": "202", "speed_dial": "01"}.get(name, "")]
    }
    assert told == {Ref("feature_code", name) for name in FeatureCodes.model_fields}


def test_a_speed_dial_goes_on_to_its_contact() -> None:
    journey = traced("*001")
    assert journey.nodes == ["feature_code:speed_dial", "external:+541143210000", "trunk:principal"]
    assert journey.steps[0].because == "*001 is the speed dial of Proveedor Sur"


def test_who_has_no_mailbox_and_no_group_is_refused() -> None:
    assert traced("*97", "205").end == "refused: no such number"
    assert traced("*97", "205").steps[0].because.endswith("(205) has no mailbox")
    assert traced("*72*97", "205").end == "refused: *97 is no forward of 205: there is no mailbox"
    assert traced("*8", "204").end.endswith("is in no pickup group")


@pytest.mark.parametrize("setting", SWITCHES)
@pytest.mark.parametrize("said", ["", "on", "off"])
@pytest.mark.parametrize("caller", ["201", "202", "204"])
def test_a_switch_goes_to_and_fro(setting: str, said: str, caller: str) -> None:
    code = getattr(paper("andina").scope.tenant.feature_codes, setting)
    journey = traced(code, caller, settings={(caller, setting): said} if said else {})
    change = journey.steps[0].changes
    assert change is not None
    extension = paper("andina").scope.tenant.extensions[caller]
    was = said or ("on" if getattr(extension, setting, False) else "off")
    assert (change.after, journey.steps[0].exit) == (("off", "off") if was == "on" else ("on", "on"))


@pytest.mark.parametrize("setting", FORWARD_CODES)
@pytest.mark.parametrize("said", ["", "off", "203", "voicemail"])
@pytest.mark.parametrize("caller", ["201", "202", "204", "205"])
def test_a_forward_alone_is_off_or_as_the_file_has_it(setting: str, said: str, caller: str) -> None:
    code = getattr(paper("andina").scope.tenant.feature_codes, setting)
    journey = traced(code, caller, settings={(caller, setting): said} if said else {})
    of_file = getattr(paper("andina").scope.tenant.extensions[caller].forward, setting.removeprefix("forward_"))
    again = of_file is not None and said == "off"
    assert journey.steps[0].exit == ("on" if again else "off")
    assert journey.steps[0].changes is not None
    assert journey.steps[0].changes.after == ("" if again else "off")


@pytest.mark.parametrize(("before", "after"), [("", "closed"), ("closed", "open"), ("open", "")])
def test_a_schedule_goes_round(before: str, after: str) -> None:
    journey = traced("*28", overrides={"recepcion": before} if before else {})
    assert journey.steps[0].changes is not None
    assert journey.steps[0].changes.after == after
    assert journey.steps[0].exit == (after or "automatic")


def test_what_is_heard_is_told_in_the_tenants_language() -> None:
    assert traced("*72202").steps[0].hears == ("Desvío de todas las llamadas:", "activado.")
    assert traced("*78", "201", "ombu").steps[0].hears == ("Do not disturb:", "on.")


def test_the_command_line_tells_the_step_and_what_it_changes(pbx_command: Pbx) -> None:
    arguments = ("trace", DEMO, "andina", "--from", "extension:201", "--to", "*72202", "--at", "2026-12-22T10:00")
    story = " ".join(pbx_command(*arguments, "--dialplan").out.split())
    for words in (
        "feature_code:forward_always on *72202 sets it to Luis Paz (202)",
        "hears “Desvío de todas las llamadas:”, “activado.”",
        "changes forward_always of extension:201: as the file has it → 202",
        "Goto(pbx-forward-to,forward_always,1)",
        "End: the phone switches its setting forward_always",
    ):
        assert words in story
    told = json.loads(pbx_command(*arguments, "--format", "json", "--dialplan").out)
    assert told["journey"] == ["feature_code:forward_always"]
    assert told["end"] == "setting:forward_always"
    assert told["steps"][0]["changes"] == {
        "of": "extension:201",
        "setting": "forward_always",
        "before": None,
        "after": "202",
    }
    assert told["dialplan_agrees"] is True
    assert told["steps"][0]["dialplan"][-1]["runs"] == "Goto(pbx-forward-to,forward_always,1)"
