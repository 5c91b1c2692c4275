"""``pbx cos``: who may call what, by the model; what a real Asterisk says is in ``tests/engine/test_cos.py``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pbx.asterisk.patterns import matches
from pbx.cli import cos
from pbx.numberplan import countries, plan_for
from pbx.numberplan.data import country_data
from pbx.permissions import Answers, Outcome, Phone, all_foretold, compare, examples, matrix, probes
from pbx.permissions.show import page
from tests.commands import DEMO, Pbx
from tests.samples import clean, tenant, texts_of

if TYPE_CHECKING:
    from pbx.site import TenantScope

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "calendar"


def truthful(scope: TenantScope) -> Answers:
    """An Asterisk that does what the model says."""
    said = all_foretold(scope, probes(scope))
    phones = {
        number: Phone(f"andina_class_{each.class_of_service}", each.class_of_service, transfer, transfer)
        for number, each in scope.tenant.extensions.items()
        for transfer in [f"andina_transfer_{each.class_of_service}"]
    }
    return Answers(said, dict(said), phones)


def test_the_matrix_of_the_demo(pbx_command: Pbx, request: pytest.FixtureRequest) -> None:
    answer = pbx_command("cos", DEMO, "andina")
    path = GOLDEN / "andina-cos.txt"
    if request.config.getoption("--update-golden"):
        path.write_text(answer.out, "utf-8")
    assert answer.code == 0
    assert answer.out == path.read_text("utf-8")


def test_what_no_route_carries_is_not_allowed_in_silence() -> None:
    texts = texts_of(DEMO)
    texts["tenants/andina.yaml"] = texts["tenants/andina.yaml"].replace(
        "  - {match: [international], trunks: [principal, sede]}\n", ""
    )
    scope = clean(texts).tenants["andina"]
    tried = probes(scope)
    rows = {row.name: row for row in matrix(scope, tried, all_foretold(scope, tried))}
    assert rows["completo"].cells["international"].verdict == "no_route"
    assert rows["interno"].cells["international"].verdict == "blocked"


def test_every_way_to_dial_of_every_country_is_tried_with_numbers_it_takes() -> None:
    for country in countries():
        area = min(country_data(country).area_codes, default="")
        for form in plan_for(country, area).forms:
            for keys in examples(form.pattern):
                assert matches(form.pattern, keys), (country, form.pattern, keys)


def test_emergency_is_tried_with_and_without_the_prefix_and_denied_numbers_on_both_sides() -> None:
    tried = {probe.keys: probe for probe in probes(tenant(DEMO, "andina"))}
    assert {"911", "9911", "107", "9107"} <= set(tried)
    denied = [keys for keys, probe in tried.items() if probe.denied]
    beside = [keys for keys in tried if keys.startswith("+5411601")]
    assert all(keys.startswith("+5411600") for keys in denied)
    assert (len(denied), len(beside)) == (1, 1)


def test_a_difference_ends_with_code_4_and_names_the_cell(pbx_command: Pbx, monkeypatch: pytest.MonkeyPatch) -> None:
    scope = tenant(DEMO, "andina")
    honest = truthful(scope)
    assert list(compare(scope, probes(scope), honest.calls)) == []
    lied = {**honest.calls, ("interno", "900154321555"): Outcome("allowed", "external:+154321555", "principal")}
    monkeypatch.setattr(cos, "_asked", lambda *_: Answers(lied, honest.transfers, honest.phones))
    answer = pbx_command("cos", DEMO, "andina", "--engine", "embedded")
    assert answer.code == 4
    assert "the model and Asterisk disagree about interno × international" in answer.err
    assert answer.out == ""
    told = json.loads(pbx_command("cos", DEMO, "andina", "--engine", "embedded", "--format", "json").out)
    assert told["asterisk"]["differences"][0]["row"] == "interno"


def test_agreement_is_told(pbx_command: Pbx, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = truthful(tenant(DEMO, "andina"))
    monkeypatch.setattr(cos, "_asked", lambda *_: honest)
    answer = pbx_command("cos", DEMO, "andina", "--engine", "embedded")
    assert answer.code == 0
    assert "coinciden" in answer.out


def test_hostile_names_stay_text_in_the_page() -> None:
    texts = texts_of(DEMO)
    texts["tenants/andina.yaml"] = texts["tenants/andina.yaml"].replace(
        "first_name: Ana", "first_name: '<script>alert(1)</script>'"
    )
    scope = clean(texts).tenants["andina"]
    tried = probes(scope)
    text = page(scope, matrix(scope, tried, all_foretold(scope, tried)), 0)
    assert "<script" not in text
    assert "&lt;script&gt;" in text


def test_without_the_laboratory_it_is_told(pbx_command: Pbx, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cos, "entry_points", lambda **_: ())
    answer = pbx_command("cos", DEMO, "andina", "--engine", "embedded")
    assert answer.code == 1
    assert "pip install 'centralita[lab]'" in answer.err
