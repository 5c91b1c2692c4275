"""The conversation with an agent is recorded, both sides of it, in the tenant's own folder; music is heard before."""

from __future__ import annotations

import pytest

from lab.calls import Lab

pytestmark = [pytest.mark.engine, pytest.mark.lab(site="queues")]


def test_what_was_not_answered_is_not_recorded(lab: Lab) -> None:
    before = set(lab.stage.pbx.paths.recordings.rglob("*"))
    with lab.phone("201").call("601") as call:
        lab.phone("202").rings()
        call.listen(2)
    assert set(lab.stage.pbx.paths.recordings.rglob("*")) == before


def test_who_waits_hears_the_music_of_the_tenants_class(lab: Lab) -> None:
    with lab.phone("201").call("601") as call:
        lab.phone("202").rings()
        call.listen(6).hears_music("colas_default")
    call.ended()
