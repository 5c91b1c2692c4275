"""Does the laboratory bite? The compiled build is broken in one place, and the matching row must fail and say why."""

from __future__ import annotations

import asyncio
import wave
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import pytest

from lab.matrix import derive
from lab.plan import Plan
from lab.results import RowResult, Verdict
from lab.runner import run
from lab.stage import Sounds

pytestmark = pytest.mark.engine

Alter = Callable[[Mapping[str, str]], Mapping[str, str]]
DIALPLAN: Final = "tenants/andina/extensions.conf"
PHONES: Final = "tenants/andina/pjsip.conf"

AT_ONCE: Final = 4
"""Sabotaged PBXs at once: most of their time is waiting for what will not happen."""


@dataclass(frozen=True)
class Sabotage:
    """One change of one compiled file, and the row that must notice."""

    row: str
    expected: str
    """What the row's reason must say that was expected, and ..."""
    observed: str
    """... what happened instead."""
    file: str = DIALPLAN
    section: str = ""
    """The section in which the text stands; the whole file without one."""
    before: str = ""
    after: str = ""
    silent_prompt: str = ""
    """Instead of a text: a prompt of the tenant whose file is replaced by as much silence."""

    def alter(self, files: Mapping[str, str]) -> Mapping[str, str]:
        """The compiled files with the change; it is a mistake of the test when there is nothing to change."""
        if self.silent_prompt:
            return files
        text = files[self.file]
        begin = text.index(f"\n[{self.section}]\n") if self.section else 0
        end = text.find("\n[", begin + 1) if self.section else len(text)
        part = text[begin:end]
        assert self.before in part, f"{self.before!r} is not in [{self.section}] of {self.file}"
        return {**files, self.file: text[:begin] + part.replace(self.before, self.after) + text[end:]}


SABOTAGES: Final = {
    "wrong forward target": Sabotage(
        "forward-201-no-answer",
        "extension:201 → extension:202",
        "extension:201 → extension:203",
        section="andina_extension",
        before="(no_answer),Goto(andina_extension,202,1)",
        after="(no_answer),Goto(andina_extension,203,1)",
    ),
    "silent prompt": Sabotage("did-541152365000-closed", "≥ 0.8 s", "0 s", silent_prompt="ivr-nocturno"),
    "silent announcement": Sabotage("did-541152365000-holiday", "≥", "0 s", silent_prompt="announcement-feriado"),
    "schedule left open": Sabotage(
        "did-541152365000-closed",
        "schedule:oficina → ivr:nocturno",
        "schedule:oficina → ivr:principal",
        section="andina_hours_oficina",
        before="Return(closed)",
        after="Return(open)",
    ),
    "holiday forgotten": Sabotage(
        "did-541152365000-holiday",
        "schedule:oficina → announcement:feriado",
        "schedule:oficina → ivr:principal",
        file="holidays.conf",
        before="exten = 20260323,1,",
        after="exten = 20260322,1,",
    ),
    "class of service opened": Sabotage(
        "class-interno-international",
        "external:+15551231767",
        "external:+15551231767 → trunk:principal",
        before="[andina_allow_interno]\n",
        after="[andina_allow_interno]\nexten = international,1,Return()\n",
    ),
    "class of service closed": Sabotage(
        "class-nacional-mobile",
        "external:+5491124441837 → trunk:principal",
        "external:+5491124441837",
        section="andina_allow_nacional",
        before="exten = mobile,",
        after="exten = mobil,",
    ),
    "barred number opened": Sabotage(
        "class-completo-denied-5411600",
        "external:+541160055555",
        "external:+541160055555 → trunk:principal",
        section="andina_deny_completo",
        before="exten = _+5411600!,",
        after="exten = _+5411700!,",
    ),
    "wrong caller id": Sabotage(
        "class-completo-local",
        "+541152365002",
        "+541152365001",
        file=PHONES,
        before="PBX_CALLER_ID=+541152365002",
        after="PBX_CALLER_ID=+541152365001",
    ),
    "caller id not hidden": Sabotage(
        "hidden-202", "anonymous", "+541152365000", file=PHONES, before="PBX_HIDE=on", after="PBX_HIDE=off"
    ),
    "emergency without a route": Sabotage(
        "emergency-911",
        "external:911 → trunk:principal",
        "external:911",
        section="andina_route",
        before="exten = emergency,",
        after="exten = emergencia,",
    ),
    "mail is dropped": Sabotage(
        "forward-201-busy",
        "a mail to ana.gomez@andina.example",
        "it did not happen within 30 s",
        file="voicemail.conf",
        before="\nmailcmd=",
        after="\nmailcmd=/bin/true ",
    ),
    "wrong mailbox": Sabotage(
        "forward-202-busy",
        "the message lamp of 202 to be lit",
        "it did not happen within 30 s",
        section="andina_voicemail",
        before=",${EXTEN}@andina",
        after=",201@andina",
    ),
    "wrong key": Sabotage(
        "ivr-principal-key-0",
        "ivr:principal → extension:203",
        "ivr:principal → extension:202",
        section="andina_menu_principal",
        before="Set(PBX_CHOSEN=extension:203)\n same = n,Goto(andina_extension,203,1)",
        after="Set(PBX_CHOSEN=extension:203)\n same = n,Goto(andina_extension,202,1)",
    ),
    "key without its prompt": Sabotage(
        "ivr-principal-key-3",
        "ivr-principal-3",
        "andina/ivr-principal",
        section="andina_menu_principal",
        before="Playback(andina/ivr-principal-3)",
        after="NoOp()",
    ),
    "extension open to the outside": Sabotage(
        "receive-internal-204",
        "ivr:principal 204, extension:204 refused",
        "ivr:principal 204, extension:204 always",
        section="andina_extension",
        before="(andina,204,15,on,interno,inside)",
        after="(andina,204,15,on,interno)",
    ),
    "wrong member of a group": Sabotage(
        "group-recepcion-206",
        "ring_group:recepcion",
        "ring_group:recepcion → voicemail:203",
        section="andina_ringgroup",
        before="(pbx-member,s,1(andina,206,on,no))\n same = n,Gosub(pbx-member,s,1(andina,207",
        after="(pbx-member,s,1(andina,205,on,no))\n same = n,Gosub(pbx-member,s,1(andina,207",
    ),
    "wrong fallback of a group": Sabotage(
        "group-recepcion-unavailable",
        "ring_group:recepcion → voicemail:203",
        "ring_group:recepcion → voicemail:201",
        section="andina_ringgroup",
        before="Goto(andina_voicemail,203,1)",
        after="Goto(andina_voicemail,201,1)",
    ),
    "room that is none": Sabotage(
        "room-sala-enter",
        "the call to go on at conference:sala (joined)",
        "the call had ended",
        section="andina_conference",
        before="ConfBridge(andina_sala,",
        after="NoOp(andina_sala,",
    ),
    "name of somebody else": Sabotage(
        "directory-201",
        "directory:690 → extension:201",
        "directory:690 → extension:205",
        file="tenants/andina/directory.conf",
        before="201 => ,Ana Gomez,,,attach=no\n",
        after="205 => ,Ana Gomez,,,attach=no\n",
    ),
    "nobody to be paged is not told": Sabotage(
        "paging-deposito-nobody",
        "Q.850 17",
        "Q.850 21",
        section="andina_paging",
        before="nobody)\n same = n,Goto(pbx-end,busy,1)",
        after="nobody)\n same = n,Goto(pbx-end,hangup,1)",
    ),
    "wrong second trunk": Sabotage(
        "route-international-failed-1",
        "trunk:principal → trunk:sede",
        "trunk:principal → trunk:respaldo",
        section="andina_route",
        before="(sede,andina_trunk_sede,0,60,)",
        after="(respaldo,andina_trunk_respaldo,0,60,)",
    ),
    "other PBX called by the carrier": Sabotage(
        "trunk-central-vieja-out",
        "trunk:central_vieja",
        "trunk:respaldo",
        section="andina_branches",
        before="(central_vieja,andina_trunk_central_vieja,",
        after="(respaldo,andina_trunk_respaldo,",
    ),
    "calls of a trunk are lost": Sabotage(
        "trunk-sede-in",
        "did:+541152365001 → extension:201",
        "–",
        section="andina_from_sede",
        before="Goto(andina_arrived_sede,${EXTEN},1)",
        after="Hangup(21)",
    ),
    "wrong name of a contact": Sabotage(
        "phonebook-541143210000",
        "Proveedor Sur",
        "Gruas del Sur",
        section="andina_phonebook",
        before="Return(Proveedor Sur)",
        after="Return(Gruas del Sur)",
    ),
    "wrong speed dial": Sabotage(
        "speed-dial-star001-allowed",
        "external:+541143210000",
        "external:+541143210001",
        section="andina_speed",
        before="PBX_DIALLED=+541143210000",
        after="PBX_DIALLED=+541143210001",
    ),
    "override without effect": Sabotage(
        "schedule-recepcion-forced-closed",
        "schedule:recepcion → ivr:nocturno",
        "schedule:recepcion → ring_group:recepcion",
        section="andina_hours_recepcion",
        before='"closed"]?closed)',
        after='"shut"]?closed)',
    ),
    "queue that is never full": Sabotage(
        "queue-turnos-overflow-full",
        "queue:turnos full",
        "queue:turnos timeout",
        file="tenants/andina/queues.conf",
        section="andina_turnos",
        before="maxlen=1\n",
        after="maxlen=0\n",
    ),
    "forward of a user is ignored": Sabotage(
        "vacaciones-de-ana",
        "extension:201 → extension:202",
        "extension:201",
        file="lib/pbx.conf",
        before=" same = n,Return(user)\n",
        after=" same = n,Return(off)\n",
    ),
    "class without emergency numbers": Sabotage(
        "emergency-100-nacional",
        "external:100 → trunk:principal",
        "–",
        section="andina_class_nacional",
        before="include = andina_emergency\n",
        after="",
    ),
    "number of somebody else is shown": Sabotage(
        "caller-id-201",
        "+541152365001",
        "+541152365000",
        file=PHONES,
        before="PBX_CALLER_ID=+541152365001",
        after="PBX_CALLER_ID=+541152365000",
    ),
    "number leads elsewhere": Sabotage(
        "did-541152365003-open",
        "did:+541152365003 → schedule:recepcion",
        "did:+541152365003 → schedule:oficina",
        section="andina_did",
        before="Goto(andina_schedule,recepcion,1)",
        after="Goto(andina_schedule,oficina,1)",
    ),
}
BY_EAR_ALONE: Final = {"silent prompt", "silent announcement"}
"""What only the phone can know: the server believes that it plays the prompt."""


def _batches() -> list[dict[str, Sabotage]]:
    """Sabotages of different rows share a PBX: none of these changes the way of another's row."""
    batches: list[dict[str, Sabotage]] = [{} for _ in range(AT_ONCE)]
    for name, sabotage in SABOTAGES.items():
        free = [each for each in batches if all(other.row != sabotage.row for other in each.values())]
        min(free, key=len)[name] = sabotage
    return batches


@pytest.fixture(scope="module")
def broken(plan: Plan) -> dict[str, RowResult]:
    """The row of each sabotage, after its call."""

    async def one(index: int, batch: Mapping[str, Sabotage]) -> dict[str, RowResult]:
        folder = plan.folder / f"s{index}"
        folder.mkdir()
        sounds = _silenced(plan.sounds, folder, batch)
        played = await _played(replace(plan, folder=folder, sounds=sounds, alter=_all_of(batch)), batch)
        return {name: played[sabotage.row] for name, sabotage in batch.items()}

    async def every() -> dict[str, RowResult]:
        found = await asyncio.gather(*(one(*each) for each in enumerate(_batches())))
        return {name: result for each in found for name, result in each.items()}

    return asyncio.run(every())


async def _played(plan: Plan, sabotages: Mapping[str, Sabotage]) -> dict[str, RowResult]:
    wanted = {each.row for each in sabotages.values()}
    rows = [row for row in derive(plan.site.tenants["andina"]) if row.text.id in wanted]
    return {result.row.id: result for result in (await run(plan, rows)).rows}


def _all_of(batch: Mapping[str, Sabotage]) -> Alter:
    def alter(files: Mapping[str, str]) -> Mapping[str, str]:
        for sabotage in batch.values():
            files = sabotage.alter(files)
        return files

    return alter


def _silenced(sounds: Sounds, folder: Path, batch: Mapping[str, Sabotage]) -> Sounds:
    """The tenant's sounds in another folder, some without a sound; the lab goes on to listen for the real ones."""
    silent = {f"{each.silent_prompt}.wav" for each in batch.values()}
    for path in sounds.tenants["andina"].iterdir():
        if path.name not in silent:
            (folder / path.name).symlink_to(path)
            continue
        with wave.open(str(path), "rb") as real, wave.open(str(folder / path.name), "wb") as file:
            file.setparams(real.getparams())
            file.writeframes(bytes(2 * real.getnframes()))
    return replace(sounds, tenants={"andina": folder})


def test_without_sabotage_the_same_rows_pass(plan: Plan) -> None:
    folder = plan.folder / "sound"
    folder.mkdir()
    played = asyncio.run(_played(replace(plan, folder=folder), SABOTAGES))
    assert {row: result.reason for row, result in played.items() if result.verdict != Verdict.PASSED} == {}


@pytest.mark.parametrize("name", SABOTAGES)
def test_a_sabotage_is_noticed_and_explained(broken: dict[str, RowResult], name: str) -> None:
    sabotage, result = SABOTAGES[name], broken[name]
    assert result.verdict == Verdict.FAILED
    _, expected, told = result.reason.partition(": expected ")
    expected, _, told = told.partition(", got ")
    observed = told.partition(". Look at ")[0]
    assert sabotage.expected in expected
    assert sabotage.observed in observed
    assert expected != observed


@pytest.mark.parametrize("name", sorted(BY_EAR_ALONE))
def test_what_is_not_heard_fails_although_the_server_says_it_was_played(
    broken: dict[str, RowResult], name: str
) -> None:
    verdicts = {
        (check.witness, check.passed)
        for check in broken[name].checks
        if SABOTAGES[name].silent_prompt in check.subject.en
    }
    assert verdicts == {("server", True), ("phone", False)}
    assert all(check.passed for check in broken[name].checks if check.witness != "phone")
