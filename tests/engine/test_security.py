"""Do the rows about attacks bite? A build is opened in one place, and the row that tries it must fail and say why."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import pytest

from lab.acts.deriving import derive_acts
from lab.plan import Plan
from lab.results import RowResult, Verdict
from lab.runner import run

pytestmark = pytest.mark.engine

ANDINA: Final = "tenants/andina/"
OMBU: Final = "tenants/ombu/"


@dataclass(frozen=True)
class Hole:
    """One change of one compiled file, and the row that must notice."""

    row: str
    says: str
    """A pattern of the row's reason."""
    file: str
    before: str
    after: str

    def open(self, files: Mapping[str, str]) -> Mapping[str, str]:
        """The files with the hole; it is a mistake of the test when there is nothing to change."""
        assert self.before in files[self.file], f"{self.before!r} is not in {self.file}"
        return {**files, self.file: files[self.file].replace(self.before, self.after, 1)}


WITHOUT_PASSWORD: Final = {"file": f"{ANDINA}pjsip.conf", "before": "\nauth=andina_201\n", "after": "\n"}
HOLES: Final = {
    "no password": {
        "strangers": Hole("security-strangers", r"Nobody calls without a password.*INVITE", **WITHOUT_PASSWORD),
        "accounts": Hole("security-accounts", r"andina_201 is answered differently", **WITHOUT_PASSWORD),
        "scanners": Hole(
            "security-scanners",
            r"svmap does not learn which program.*got Asterisk 22",
            "pjsip.conf",
            "user_agent=PBX",
            "user_agent=Asterisk 22",
        ),
        "malformed": Hole(
            "security-malformed",
            r"No attempt reaches the dialplan.*PJSIP/x-",
            f"{ANDINA}pjsip.conf",
            "\n[andina_202](pbx-phone)\n",
            "\n[x](pbx-phone)\ntype=endpoint\ncontext=andina_internal\n\n[andina_202](pbx-phone)\n",
        ),
        "registration": Hole(
            "isolation-registration", r"does not register as an extension.*andina_201: SIP 200", **WITHOUT_PASSWORD
        ),
    },
    "the neighbour": {
        "dialling": Hole(
            "isolation-dialling",
            r"does not reach numbers that only this one has",
            f"{OMBU}extensions.conf",
            "[ombu_class_house]\n",
            "[ombu_class_house]\ninclude = andina_internal\n",
        ),
        "pickup": Hole(
            "isolation-pickup",
            r"does not pick up the call that rings here.*SIP 200",
            f"{OMBU}extensions.conf",
            "PickupChan(PJSIP/ombu_",
            "PickupChan(PJSIP/andina_",
        ),
        "lamps": Hole(
            "isolation-lamps",
            r"lamps for the same numbers stay dark.*ombu's lamp for 20\d shows (ringing|busy)",
            f"{OMBU}pjsip.conf",
            "subscribe_context=ombu_hints",
            "subscribe_context=andina_hints",
        ),
        "caller id": Hole(
            "isolation-caller-id",
            r"does not call showing numbers of this one.*\+541152365000 by PJSIP/ombu_trunk",
            f"{OMBU}pjsip.conf",
            "set_var=PBX_CALLER_ID=\n",
            "set_var=PBX_CALLER_ID=+541152365000\n",
        ),
        "voicemail": Hole(
            "isolation-voicemail",
            r"does not open this one's mailboxes.*SIP 200",
            f"{OMBU}extensions.conf",
            "[ombu_codes]\n",
            "[ombu_codes]\nexten = _*97XXX,1,VoiceMailMain(${EXTEN:3}@andina)\n",
        ),
    },
    "the trunk and the class": {
        "trunk": Hole(
            "security-fraud-trunk",
            r"By the trunk of andina only its numbers are reached.*INVITE 20\d",
            f"{ANDINA}extensions.conf",
            "exten = _[+0-9]XX,1,Goto(andina_arrived_respaldo,",
            "exten = _[+0-9]XX,1,Goto(andina_internal,",
        ),
        "class": Hole(
            "security-fraud-extension",
            r"does not call what its class refuses",
            f"{ANDINA}extensions.conf",
            "[andina_allow_interno]\n",
            "[andina_allow_interno]\nexten = international,1,Return()\n",
        ),
        "mailbox": Hole(
            "security-fraud-menu",
            r"No carrier gets a call that somebody would pay",
            "voicemail.conf",
            "[general]\n",
            "[general]\ndialout=andina_class_completo\n",
        ),
        "events": Hole(
            "security-injection",
            r"Nothing that was written is carried out.*an event of the attacker's own",
            "manager.conf",
            "eventfilter(action(exclude),method(regex))=",
            "; ",
        ),
        "transfer": Hole(
            "isolation-transfer",
            r"does not transfer calls to this one.*transferred",
            f"{OMBU}pjsip.conf",
            "set_var=TRANSFER_CONTEXT=ombu_transfer_house",
            "set_var=TRANSFER_CONTEXT=andina_internal",
        ),
    },
}


@pytest.fixture(scope="module")
def opened(plan: Plan) -> dict[str, RowResult]:
    """The row of each hole, after its attack."""

    async def one(name: str, holes: Mapping[str, Hole]) -> dict[str, RowResult]:
        def alter(files: Mapping[str, str]) -> Mapping[str, str]:
            for change in {(each.file, each.before): each for each in holes.values()}.values():
                files = change.open(files)
            return files

        folder = plan.folder / re.sub(r"\W", "", name)[:6]
        folder.mkdir()
        wanted = {each.row for each in holes.values()}
        sites = plan.site.tenants
        rows = [row for row in derive_acts(sites["andina"], [sites["ombu"]]) if row.text.id in wanted]
        played = {each.row.id: each for each in (await run(replace(plan, folder=folder, alter=alter), rows)).rows}
        return {key: played[hole.row] for key, hole in holes.items()}

    async def every() -> dict[str, RowResult]:
        found = await asyncio.gather(*(one(*each) for each in HOLES.items()))
        return {name: result for each in found for name, result in each.items()}

    return asyncio.run(every())


def test_every_row_about_attacks_has_its_hole(plan: Plan) -> None:
    sites = plan.site.tenants
    rows = [each for each in derive_acts(sites["andina"], [sites["ombu"]]) if "pbx" in each.touched]
    assert {hole.row for holes in HOLES.values() for hole in holes.values()} == {each.text.id for each in rows}


@pytest.mark.parametrize("name", [name for holes in HOLES.values() for name in holes])
def test_a_hole_is_found_and_told(opened: dict[str, RowResult], name: str) -> None:
    hole = next(holes[name] for holes in HOLES.values() if name in holes)
    result = opened[name]
    assert result.verdict == Verdict.FAILED
    told = "\n".join(
        f"{each.subject.en}: {each.expected}, got {each.observed}" for each in result.checks if not each.passed
    )
    assert re.search(hole.says, told, re.DOTALL), told
