"""A schedule that is overridden by a code, and hours that overlap."""

from __future__ import annotations

from datetime import datetime

import pytest

from pbx.dialing import meaning
from pbx.kinds.base import Forced, Situation
from pbx.trace import trace_did, trace_extension
from tests import built
from tests.diagnostics.pages import blocks, check_site, found
from tests.samples import TWO, build, clean, read, tenant, texts_of

ANDINA = tenant(TWO, "andina")
FILES = build(clean(texts_of(TWO))).files
OFFICE, GUARD = "+541152365000", "+541152365005"


def branch(did: str, at: str, **overrides: Forced) -> tuple[str, str, str]:
    """The exit, the reason and the next place of a schedule."""
    moment = datetime.fromisoformat(at).replace(tzinfo=ANDINA.timezone)
    step = trace_did(ANDINA, did, Situation(moment, ["#"], overrides=overrides)).steps[1]
    return step.exit, step.because, str(step.to)


@pytest.mark.parametrize("at", ["2026-11-18T10:00", "2026-11-18T20:00", "2026-12-25T10:00"])
def test_what_is_forced_wins_over_hours_and_holidays(at: str) -> None:
    assert branch(OFFICE, at, oficina="closed") == ("closed", "forced closed by *28", "ivr:nocturno")
    assert branch(OFFICE, at, oficina="open") == ("open", "forced open by *28", "ivr:principal")


def test_a_schedule_without_a_code_cannot_be_forced() -> None:
    assert branch(GUARD, "2026-11-22T10:00", guardia="closed")[0] == "open"
    contexts = built.contexts(FILES)
    assert "DB(" in contexts["andina_hours_oficina"].extensions["s"].steps[0]
    assert "DB(" not in "".join(contexts["andina_hours_guardia"].extensions["s"].steps)


def test_every_phone_may_dial_the_code_and_a_trunk_may_not() -> None:
    for caller in ("201", "202", "203", "204", "205"):
        journey = trace_extension(ANDINA, caller, "*28", Situation(datetime(2026, 11, 18, 10, tzinfo=ANDINA.timezone)))
        assert journey.end == "override:oficina"
    contexts = built.contexts(FILES)
    assert "*28" in contexts["andina_codes"].extensions
    reached = {name for name, context in contexts.items() if "andina_codes" in [each for _, each in context.includes]}
    assert reached == {f"andina_class_{name}" for name in ANDINA.tenant.classes_of_service}


def test_the_code_has_a_lamp_of_its_own_by_pattern() -> None:
    hints = [line for line in FILES["tenants/andina/extensions.conf"].splitlines() if ",hint," in line]
    assert "exten = _*28,hint,Custom:andina_schedule_oficina" in hints
    assert "exten = _*46XXX,hint,Custom:andina_pause_${EXTEN:3}" in hints
    assert all(line.startswith("exten = _") for line in hints)


def test_no_build_says_how_a_schedule_is_overridden() -> None:
    assert not [text for name, text in FILES.items() if "Set(DB(" in text and not name.startswith("lib/")]


@pytest.mark.parametrize("taken", ["*97", "*8", "*78", "*46", "*7211", "*72"])
def test_a_code_that_another_takes_is_told_at_the_schedule(taken: str) -> None:
    texts = texts_of(TWO)
    name = "tenants/andina.yaml"
    texts[name] = texts[name].replace('override: "*28"', f'override: "{taken}"').replace('"*98"', '"*97"')
    problems = read(texts)[2]
    assert [(each.code, each.path) for each in problems] == [("PBX203", ("schedules", "oficina", "override"))]
    assert "override of oficina" in problems[0].message


def test_what_the_code_means() -> None:
    told = meaning(ANDINA, "*28")
    assert told is not None
    assert (told.role, str(told.to), told.category) == ("code", "override:oficina", "internal")


def overlaps(hours: str) -> list[tuple[int, str]]:
    """Where overlapping hours are told."""
    (block,) = blocks(
        f"```yaml\nschedules:\n  oficina:\n    hours:\n{hours}\n    open: extension:201\n    closed: busy\n"
        'dids: {"+541152365000": schedule:oficina}\n```\n'
    )
    return [(line, code) for _, line, _, code in found(check_site, block.completed()) if code == "PBX401"]


def test_overlapping_hours_are_told_at_the_later_stretch_once_for_all_days() -> None:
    assert overlaps('      mon-fri:\n        - "09:00-13:00"\n        - "12:30-18:00"') == [(6, "PBX401")]
    assert overlaps('      mon-fri: "09:00-13:00"\n      wed-sun: "08:00-09:01"') == [(4, "PBX401")]
    assert overlaps('      mon: "08:00-20:00"\n      mon-tue: ["09:00-10:00", "11:00-12:00"]') == [(5, "PBX401")] * 2


def test_hours_that_only_touch_or_lie_on_other_days_do_not_overlap() -> None:
    assert overlaps('      mon-fri: ["09:00-13:00", "13:00-18:00"]\n      sat,sun: "09:00-18:00"') == []
