"""Whatever tenant is clean: its matrix can be derived, and every row can be forecast."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.matrix import calls
from pbx.site import TenantScope
from tests.property.tenants import tenant_trees, written
from tests.samples import TWO, read, texts_of

PLATFORM = {"platform.yaml": texts_of(TWO)["platform.yaml"]}
OUTSIDE = "external:+5491155550000"
SMALL: dict[str, Any] = {
    "name": "Small",
    "country": "AR",
    "language": "es",
    "timezone": "America/Argentina/Buenos_Aires",
    "area_code": "11",
    "numbering": {"extensions": "200-249", "services": "600-699"},
    "calendar_years": "2026-2027",
    "trunks": {"principal": {"type": "cloud", "host": "a.example"}},
    "outbound_routes": [{"match": ["emergency", "mobile"], "trunks": ["principal"]}],
    "classes_of_service": {"interno": {"allow": ["internal"]}},
    "extensions": {"201": {"first_name": "Ana", "class_of_service": "interno"}},
    "schedules": {"oficina": {"hours": {"mon-fri": "09:00-18:00"}, "open": "extension:201", "closed": "hangup"}},
    "ivrs": {"menu": {"prompt": {"sound": "vm-goodbye"}, "options": {"1": "extension:201"},
                      "timeout": {"after": "5s", "tries": "1", "to": "hangup"}}},
    "dids": {"+541152365000": "schedule:oficina", "+541152365001": "ivr:menu"},
}  # fmt: skip


FEW = {"did", "class", "emergency", "trunk", "route", "way"}
"""Families of rows of a tenant that has hardly more than a number and a trunk."""


def accepted(tree: dict[str, Any]) -> TenantScope | None:
    """The tenant, when it has no errors."""
    site, _, problems = read(PLATFORM | {"tenants/prueba.yaml": written("prueba", tree)})
    return None if site is None or any(each.severity == "error" for each in problems) else site.tenants["prueba"]


def sensible(scope: TenantScope) -> None:
    """Rows with names of their own, each with a forecast, and none that changes a phone that is not there."""
    rows = calls(scope)
    names = [row.text.id for row in rows]
    assert len(set(names)) == len(names)
    for row in rows:
        assert re.fullmatch(r"[a-z0-9_-]+", row.text.id)
        assert row.forecast.end
        assert row.forecast.end != "goes on for ever"
        assert set(row.states) <= set(scope.tenant.extensions)
        if row.mailbox:
            assert row.forecast.end == f"left at voicemail:{row.mailbox}"


@settings(max_examples=60)
@given(tenant_trees())
def test_the_matrix_of_any_clean_tenant_can_be_derived(tree: dict[str, Any]) -> None:
    scope = accepted(tree)
    assert scope is not None
    sensible(scope)


@settings(max_examples=60)
@given(tenant_trees(), st.data())
def test_a_clean_tenant_may_lack_whole_sections(tree: dict[str, Any], data: st.DataObject) -> None:
    optional = ["dids", "trunks", "outbound_routes", "schedules", "ivrs", "queues", "announcements", "extensions"]
    for section in data.draw(st.sets(st.sampled_from(optional), min_size=1)):
        tree.pop(section, None)
    scope = accepted(tree)
    if scope is not None:
        sensible(scope)


@pytest.mark.parametrize(
    ("changed", "families"),
    [
        ({}, {"did", "ivr", "class", "emergency", "trunk", "route", "way"}),
        ({"schedules": {}, "dids": {"+541152365000": "extension:201"}}, FEW),
        ({"schedules": {}, "ivrs": {}, "dids": {"+541152365000": OUTSIDE}}, FEW),
        ({"extensions": {}, "schedules": {}, "ivrs": {}, "dids": {"+541152365000": OUTSIDE}}, {"did", "trunk"}),
    ],
)
def test_a_tenant_without_a_section_has_the_rows_of_the_others(changed: dict[str, Any], families: set[str]) -> None:
    scope = accepted(SMALL | changed)
    assert scope is not None
    sensible(scope)
    assert {row.text.id.partition("-")[0] for row in calls(scope)} == families


KEYS = dict.fromkeys("0123456789*#", "extension:201")


@pytest.mark.parametrize(
    ("options", "dial", "rows"),
    [
        (KEYS, "no", False),
        ({key: to for key, to in KEYS.items() if key not in "2#"}, "yes", True),
        ({key: to for key, to in KEYS.items() if key != "2"}, "yes", False),
    ],
)
def test_where_every_key_means_something_nobody_presses_a_wrong_one(
    options: dict[str, str], dial: str, rows: bool
) -> None:
    menu = SMALL["ivrs"]["menu"] | {"options": options, "dial_extensions": dial}
    scope = accepted(SMALL | {"ivrs": {"menu": menu}})
    assert scope is not None
    assert ("ivr-menu-invalid" in [row.text.id for row in calls(scope)]) is rows
