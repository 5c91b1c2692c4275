"""The lamps by which a phone shows what another one does."""

from __future__ import annotations

import pytest

from lab.calls import Lab

pytestmark = pytest.mark.engine


def test_there_is_no_lamp_for_a_number_outside_the_range_of_extensions(lab: Lab) -> None:
    assert lab.phone("202").lamp("299").refused == 404


def test_a_lamp_of_the_same_number_belongs_to_the_own_tenant(lab: Lab) -> None:
    own = lab.phone("202").lamp("201").shows("idle")
    other = lab.of("otra").phone("202").lamp("201").shows("idle")
    lab.phone("205").call("201")
    own.shows("ringing")
    lab.phone("201").rings().answer()
    own.shows("busy")
    assert other.shown == ["idle"]
