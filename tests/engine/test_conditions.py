"""What a PBX must have given back after its rows, and runs that stop at the first failure."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace

import pytest

from lab.addresses import reserve
from lab.calls.tidying import be_quiet
from lab.conditions import footprint, left_behind, phones_idle
from lab.events import NotHappenedError
from lab.matrix import derive
from lab.matrix.moments import working
from lab.plan import Plan
from lab.results import Check, RowResult, Verdict
from lab.runner import run, stage_of
from lab.stage import Stage

pytestmark = pytest.mark.engine


@contextlib.asynccontextmanager
async def _stage(plan: Plan, name: str) -> AsyncIterator[Stage]:
    """A PBX with its phones, in working hours."""
    block = reserve(plan.locks)
    stage = stage_of(plan, block, name, working(plan.site.tenants["andina"]), 10)
    try:
        await stage.start()
        yield stage
    finally:
        await stage.stop()
        block.release()


def test_a_channel_that_is_left_is_told_and_one_that_is_going_is_waited_for(plan: Plan) -> None:
    async def calls() -> tuple[list[Check], list[Check]]:
        async with _stage(plan, "left") as stage:
            before = footprint(stage.pbx.pid)
            caller, called = (stage.party("andina", f"extension:{number}") for number in ("205", "201"))
            await stage.originate(caller, "201", caller_id="", recording=stage.folder / "call.wav")
            handset = await stage.incoming(called)
            await handset.answer()
            left = await left_behind(stage, before)
            with pytest.raises(NotHappenedError, match="PJSIP/andina_201-"):
                await phones_idle(stage, "andina", {"extension:201"})
            await phones_idle(stage, "andina", {"extension:202"})
            await handset.hang_up()
            await phones_idle(stage, "andina", {"extension:201", "extension:205"})
            return left, await left_behind(stage, before)

    left, afterwards = asyncio.run(calls())
    assert [check.subject.en for check in left] == ["No channel is left at the PBX"]
    assert "PJSIP/andina_201-" in left[0].observed
    assert afterwards == []


def test_a_phone_whose_caller_gave_up_before_its_script_began_is_free_again(plan: Plan) -> None:
    async def calls() -> None:
        async with _stage(plan, "gone") as stage:
            # In ``h`` a channel is hung up already, as it is when a caller gives up before AGI begins.
            script = f"AGI,agi://127.0.0.1:{stage.stagehand.port}/incoming"
            await stage.parties.cli(f"dialplan add extension h,1,{script} into incoming")
            caller, called = (stage.party("andina", f"extension:{number}") for number in ("205", "201"))
            await stage.originate(caller, "201", caller_id="", recording=stage.folder / "call.wav")
            handset = await stage.incoming(called)
            await handset.hang_up()
            await be_quiet(stage, lambda _: True)

    asyncio.run(calls())


def test_after_the_first_failure_no_further_row_begins(plan: Plan) -> None:
    def no_way_out(files: Mapping[str, str]) -> Mapping[str, str]:
        name = "tenants/andina/extensions.conf"
        assert "\nexten = emergency," in files[name]
        return {**files, name: files[name].replace("\nexten = emergency,", "\nexten = emergencia,")}

    wanted = ("emergency-911", "internal-call", "call-202", "call-203", "call-205", "did-541152365000-closed")
    rows = [row for row in derive(plan.site.tenants["andina"]) if row.text.id in wanted]
    assert len(rows) == len(wanted)
    assert len({row.at for row in rows}) == 2, "the last one is on a PBX of its own, which is booted last"
    folder = plan.folder / "fast"
    folder.mkdir()
    told: list[RowResult] = []
    halting = replace(plan, folder=folder, jobs=1, fail_fast=True, alter=no_way_out)
    results = {each.row.id: each for each in asyncio.run(run(halting, rows, told.append)).rows}
    assert results["emergency-911"].verdict is Verdict.FAILED
    assert results["did-541152365000-closed"].verdict is Verdict.NOT_RUN
    assert "--fail-fast" in results["did-541152365000-closed"].reason
    assert len(told) == len(wanted), "each row is told once"
