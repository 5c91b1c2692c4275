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
            {
                "trunk-principal-silent": COMES,
                "trunk-principal-silent-international": COMES,
                "trunk-principal-silent-emergency": COMES,
            },
        ),
        Sabotage(
            DIALPLAN,
            "pbx-arrival,s,1(lineas,andina_trunk_lineas,2)",
            "pbx-arrival,s,1(lineas,andina_trunk_lineas,0)",
            {"trunk-lineas-full": "End of the call"},
        ),
    ),
    (
        Sabotage(PHONES, "set_var=PBX_EXTENSION=217", "set_var=PBX_EXTENSION=216", {"phones-as-agreed": "Tito Acosta"}),
        Sabotage("pjsip.conf", "allow_transfer=no", "allow_transfer=yes", {"trunks-as-agreed": "allowtransfer false"}),
        Sabotage(
            "tenants/andina/voicemail.conf", "Luis Paz,luis", "Luis Otro,luis", {"mailboxes-as-agreed": "Luis Otro"}
        ),
        Sabotage("tenants/andina/voicemail.conf", "202 => 8020,", "202 => 8021,", {"mailboxes-open": "of 202 opens"}),
        Sabotage(QUEUES, "maxlen=10", "maxlen=11", {"queues-as-agreed": "max 10"}),
        Sabotage(
            DIALPLAN, "andina_directorio)} >= 8]", "andina_directorio)} >= 9]", {"conference-directorio-full": "full"}
        ),
        Sabotage("confbridge.conf", "8=leave_conference", "8=no_op", {"rooms-as-agreed": "Keys of the rooms"}),
        Sabotage("tenants/andina/res_parking.conf", "parkpos=671", "parkpos=672", {"parking-as-agreed": "startspace"}),
        Sabotage("holidays.conf", "exten = 20271225,1,Return(holiday)", "", {"holidays-oficina": "20271225"}),
        Sabotage(DIALPLAN, "GotoIfTime(14:00-17:59", "GotoIfTime(15:00-17:59", {"hours-oficina": "14:00"}),
        Sabotage(DIALPLAN, "GotoIfTime(09:00-17:59", "GotoIfTime(09:00-16:59", {"hours-recepcion": "17:00"}),
        Sabotage(
            "numbers.conf", "PBX_NUMBER=+549${EXTEN:1:3}", "PBX_NUMBER=+54${EXTEN:1:3}", {"numbers-national": "+549"}
        ),
        Sabotage("numbers.conf", "+${EXTEN:2}", "+${EXTEN:3}", {"numbers-international": "external:+54"}),
        Sabotage(DIALPLAN, "(andina,214,10,", "(andina,214,30,", {"everybody-rings": "Seconds that 214 rings"}),
        Sabotage("tenants/andina/directory.conf", "202 => ,Luis", "202 => ,Zoe", {"directory-names-1": "dir-instr"}),
        Sabotage(
            "tenants/andina/directory.conf", "206 => ,Rosa", "206 => ,Zoe", {"directory-names-2": "directory:690 206"}
        ),
        Sabotage("tenants/andina/directory.conf", "212 => ,Elsa", "212 => ,Zoe", {"directory-names-3": "dir-instr"}),
        Sabotage("tenants/andina/directory.conf", "216 => ,Sara", "216 => ,Zoe", {"directory-names-4": "dir-instr"}),
    ),
    (
        Sabotage(
            DIALPLAN,
            "include = andina_emergency\ninclude = andina_reach_",
            "include = andina_reach_",
            {
                "transfer-class-interno": COMES,
                "transfer-class-nacional": COMES,
                "transfer-class-completo": COMES,
            },
        ),
        Sabotage(
            LIBRARY,
            "Dial(PJSIP/${ARG5}@${ARG2},${ARG4},i)",
            "Dial(PJSIP/${ARG5}@${ARG2},20,i)",
            {
                "trunk-principal-local-in-vain": "Seconds that it rings",
                "trunk-respaldo-local-in-vain": "Seconds that it rings",
                "trunk-principal-international-in-vain": "Seconds that it rings",
                "trunk-sede-international-in-vain": "Seconds that it rings",
                "trunk-principal-emergency-in-vain": "Seconds that it rings",
                "trunk-respaldo-emergency-in-vain": "Seconds that it rings",
                "trunk-lineas-emergency-in-vain": "Seconds that it rings",
                "trunk-central-vieja-in-vain": "Seconds that it rings",
            },
        ),
        Sabotage(
            LIBRARY,
            "Set(GROUP(trunk)=${ARG2})",
            "ExecIf($[${GROUP_COUNT(${ARG2}@arrival)} > 0]?Hangup(34))",
            {
                "trunk-principal-several": "is answered",
                "trunk-respaldo-several": "is answered",
                "trunk-sede-several": "is answered",
                "trunk-central-vieja-several": "is answered",
            },
        ),
        Sabotage(
            LIBRARY, "Set(PBX_CALLER_ID=)", "Set(PBX_CALLER_ID=+541152365004)", {"code-forward-outside": "Number shown"}
        ),
        Sabotage(LIBRARY, "NoOp(${DB_DELETE(${PBX_KEY})})", "NoOp()", {"code-forward-alone": "on"}),
        Sabotage(DIALPLAN, "Hangup(21)\nexten = *8", "Hangup(1)\nexten = *8", {"pickup-nobody": "End of the call"}),
    ),
    (
        Sabotage(
            QUEUES,
            "wrapuptime=0",
            "wrapuptime=9",
            {f"queue-{name}-wrap-up": "Pause of the agent" for name in ("cobranzas", "postventa", "soporte")},
        ),
        Sabotage(QUEUES, "wrapuptime=10", "wrapuptime=0", {"queue-ventas-wrap-up": "Pause of the agent"}),
        Sabotage(
            QUEUES,
            "leavewhenempty=paused,",
            "leavewhenempty=",
            {f"queue-{name}-left-alone": "empty" for name in ("cobranzas", "postventa", "soporte", "turnos", "ventas")},
        ),
        Sabotage(
            QUEUES,
            "ringinuse=no",
            "ringinuse=yes",
            {"queue-cobranzas-in-a-call": "Calls at", "queue-turnos-in-a-call": "rings"},
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
