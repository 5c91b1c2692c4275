"""Can each act fail? The compiled build is broken in one place, and the act that is about it must say so."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import pytest

from lab.acts.deriving import derive_acts
from lab.plan import Plan
from lab.results import RowResult, Verdict
from lab.runner import run

pytestmark = pytest.mark.engine

DIALPLAN: Final = "tenants/andina/extensions.conf"
PHONES: Final = "tenants/andina/pjsip.conf"
QUEUES: Final = "tenants/andina/queues.conf"
LIBRARY: Final = "lib/pbx.conf"
PATIENCE: Final = 3.0
"""Real seconds on top of each deadline: most of these tests is waiting for what does not happen."""
ATTACKS: Final = "security-"
"""The rows about attacks are tried elsewhere."""
SPEED: Final = 5
"""Four PBXs at once are much for two processors at the usual speed."""
COMES: Final = "A call comes to"


@dataclass(frozen=True)
class Sabotage:
    """One change of one compiled file, and the acts that must notice, with what they say."""

    file: str
    before: str
    after: str
    rows: Mapping[str, str]

    def alter(self, files: dict[str, str]) -> None:
        """Change the file; it is a mistake of the test when there is nothing to change."""
        assert self.before in files[self.file], f"{self.before!r} is not in {self.file}"
        files[self.file] = files[self.file].replace(self.before, self.after)


BATCHES: Final[tuple[tuple[Sabotage, ...], ...]] = (
    (
        Sabotage(
            PHONES,
            "TRANSFER_CONTEXT=andina_transfer_",
            "TRANSFER_CONTEXT=andina_nowhere_",
            {"transfer-blind": COMES, "transfer-refused": "End of the call"},
        ),
        Sabotage(DIALPLAN, "PickupChan(", "NoOp(", {"pickup-directed": "is answered"}),
        Sabotage(PHONES, "named_pickup_group=", "; ", {"pickup-group": "is answered"}),
        Sabotage(
            DIALPLAN,
            "ConfBridge(andina_",
            "ConfBridge(${UNIQUEID}_",
            {"conference-sala": "hears", "conference-directorio": "hears"},
        ),
        Sabotage("lib/places.conf", '"${PBX_PIN}" = "${ARG2}"', "1", {"conference-directorio-wrong-pin": "wrong_pin"}),
        Sabotage(DIALPLAN, ",ib(pbx-answers-itself^s^1)", ",i", {"paging-deposito": "Header Call-Info"}),
        Sabotage(DIALPLAN, "hint,PJSIP/andina_${EXTEN}&", "hint,", {"lamp-follows-call": "expected ringing"}),
        Sabotage(PHONES, "moh_suggest=andina_default", "moh_suggest=default", {"hold": "expected andina_default"}),
    ),
    (
        Sabotage(
            LIBRARY,
            "${DB(pbx/${ARG1}/${ARG2}/forward_${ARG3})}",
            "",
            {
                "code-forward-always": COMES,
                "code-forward-busy": COMES,
                "code-forward-no-answer": COMES,
                "code-forward-unavailable": COMES,
            },
        ),
        Sabotage(
            LIBRARY,
            "${DB(pbx/${ARG1}/${ARG2}/do_not_disturb)}",
            "off",
            {"code-do-not-disturb": "busy"},
        ),
        Sabotage(LIBRARY, "${DB(pbx/${ARG1}/${ARG2}/call_waiting)}", "on", {"code-call-waiting": "busy"}),
        Sabotage(
            LIBRARY,
            "${DB(pbx/${ARG1}/${PBX_EXTENSION}/hide_caller_id)}",
            "",
            {"code-hide-caller-id": "Number shown: expected anonymous"},
        ),
        Sabotage(DIALPLAN, ",inside,deposito@andina.example)", ",inside)", {"missed-call-mail": "Mail to"}),
        Sabotage(
            "lib/queues.conf", ' | "${DB(pbx/${ARG1}/${ARG2}/queue_pause)}" = "on"', "", {"code-queue-pause": "busy"}
        ),
        Sabotage(
            DIALPLAN,
            "${DB(pbx/andina/schedule/recepcion/override)}",
            "",
            {"override-recepcion-star28": "schedule:recepcion closed"},
        ),
        Sabotage(
            "tenants/andina/voicemail.conf",
            "203 => 3141,",
            "203 => 1413,",
            {"voicemail-retrieved": "vm-youhave"},
        ),
        Sabotage(
            "pjsip.conf", "rewrite_contact=yes\n", "rewrite_contact=yes\nallow_transfer=no\n", {"transfer-attended": ""}
        ),
    ),
    (
        Sabotage(
            PHONES,
            "tenantid=andina\n",
            "tenantid=andina\nnamed_pickup_group=andina_ventas\n",
            {"pickup-group-refused": "End of the call"},
        ),
        Sabotage(DIALPLAN, "ParkedCall(", "NoOp(", {"parking-retrieved": "expected"}),
        Sabotage(
            "tenants/andina/res_parking.conf",
            "parkingtime=30",
            "parkingtime=300",
            {"parking-returns": "parking:670 timeout"},
        ),
        Sabotage(QUEUES, "strategy=rrordered", "strategy=linear", {"queue-ventas-policy": "Turns of the agents"}),
        Sabotage(QUEUES, "strategy=ringall", "strategy=rrordered", {"queue-cobranzas-policy": "still rings"}),
        Sabotage(QUEUES, "strategy=leastrecent", "strategy=linear", {"queue-soporte-policy": "Turns of the agents"}),
        Sabotage(QUEUES, "PJSIP/andina_215,4,", "PJSIP/andina_215,2,", {"queue-postventa-policy": "andina_215 4"}),
        Sabotage(
            QUEUES,
            "member => PJSIP/andina_216,0,extension:216\nmember => PJSIP/andina_217,0,extension:217\n",
            "member => PJSIP/andina_217,0,extension:217\nmember => PJSIP/andina_216,0,extension:216\n",
            {"queue-turnos-policy": "216"},
        ),
        Sabotage(QUEUES, "monitor-format=wav", "", {"queue-soporte-recorded": "A recording is kept"}),
        Sabotage(
            DIALPLAN,
            "VoiceMailMain(${PBX_EXTENSION}@andina)",
            "VoiceMailMain(${PBX_EXTENSION}@andina,s)",
            {"voicemail-wrong-pin": "vm-password"},
        ),
    ),
    (
        Sabotage(
            LIBRARY,
            "Set(CALLERID(all)=${PBX_CALLER_ID})",
            "Set(CALLERID(all)=+541100000000)",
            {
                "trunk-principal-out": "Number shown",
                "trunk-respaldo-out": "Number shown",
                "trunk-sede-out": "Number shown",
            },
        ),
        Sabotage(
            DIALPLAN,
            "Gosub(pbx-trunk,s,1(lineas,andina_trunk_lineas,2,60,andina_national))",
            "Set(GOSUB_RETVAL=failed)",
            {"trunk-lineas-out": COMES},
        ),
        Sabotage(
            DIALPLAN,
            "Gosub(pbx-call,s,1(central_vieja,andina_trunk_central_vieja,",
            "Gosub(pbx-call,s,1(central_vieja,andina_trunk_respaldo,",
            {"trunk-central-vieja-both-ways": COMES},
        ),
        Sabotage(
            DIALPLAN,
            "?andina_internal,${FILTER(+0-9,${EXTEN})},1)\n same = n,Goto(andina_incoming,",
            "?andina_internal,${FILTER(+0-9,${EXTEN})},1)\n same = n,Goto(andina_class_completo,",
            {"trunk-central-vieja-not-outside": "End of the call"},
        ),
        Sabotage(
            DIALPLAN,
            "andina_trunk_principal,30,60^12,",
            "andina_trunk_principal,30,60,",
            {"trunk-principal-silent": COMES},
        ),
        Sabotage(
            DIALPLAN,
            "pbx-arrival,s,1(lineas,andina_trunk_lineas,2)",
            "pbx-arrival,s,1(lineas,andina_trunk_lineas,0)",
            {"trunk-lineas-full": "End of the call"},
        ),
    ),
)
NOTICED: Final = {row: said for batch in BATCHES for sabotage in batch for row, said in sabotage.rows.items()}


@pytest.fixture(scope="module")
def broken(plan: Plan) -> dict[str, RowResult]:
    """Each act that is to notice something, after its play."""
    acts = {each.text.id: each for each in derive_acts(plan.site.tenants["andina"])}

    async def one(index: int, batch: tuple[Sabotage, ...]) -> tuple[RowResult, ...]:
        def alter(files: Mapping[str, str]) -> Mapping[str, str]:
            changed = dict(files)
            for sabotage in batch:
                sabotage.alter(changed)
            return changed

        folder = plan.folder / f"acts{index}"
        folder.mkdir()
        rows = [acts[row] for sabotage in batch for row in sabotage.rows]
        return tuple((await run(replace(plan, folder=folder, alter=alter, speed=SPEED), rows)).rows)

    async def every() -> dict[str, RowResult]:
        found = await asyncio.gather(*(one(*each) for each in enumerate(BATCHES)))
        return {result.row.id: result for results in found for result in results}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lab.stage.ALLOWANCE", PATIENCE)
        return asyncio.run(every())


def test_every_act_of_the_demo_company_is_sabotaged(plan: Plan) -> None:
    acts = derive_acts(plan.site.tenants["andina"])
    assert set(NOTICED) == {each.text.id for each in acts if "pbx" not in each.touched}  # attacks: test_security.py


@pytest.mark.parametrize("row", NOTICED)
def test_a_sabotage_is_noticed_by_its_act_and_explained(broken: dict[str, RowResult], row: str) -> None:
    result = broken[row]
    assert result.verdict == Verdict.FAILED
    assert "PBX900" not in result.reason
    assert NOTICED[row] in result.reason
