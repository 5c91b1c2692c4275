"""Who may call what, asked of a real Asterisk: it agrees with the model, and every sabotage of the build is found."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Final

import pytest

from lab.engine import Installation
from lab.permissions import ask
from pbx.cli.cos import differences
from pbx.output import cache_folder
from pbx.permissions import Answers, Probe, probes
from pbx.site import Site
from tests.samples import DEMO, TWO, clean, texts_of

pytestmark = pytest.mark.engine

LOCKS: Final = cache_folder(os.environ) / "loopback"
DIALPLAN: Final = "tenants/andina/extensions.conf"
PHONES: Final = "tenants/andina/pjsip.conf"


def answers(site: Site, tenant: str, installation: Installation, alter: Callable[..., Mapping[str, str]]) -> Answers:
    """What Asterisk says."""
    tried = probes(site.tenants[tenant])
    return asyncio.run(ask(site, tenant, tried, installation, LOCKS, alter=alter))


def found(site: Site, tenant: str, said: Answers) -> set[tuple[str, str]]:
    """The cells in which Asterisk and the model differ."""
    scope = site.tenants[tenant]
    return {(each.row, each.column) for each in differences(scope, probes(scope), said)}


@pytest.fixture(scope="module")
def demo() -> Site:
    return clean(texts_of(DEMO))


@pytest.mark.parametrize(("folder", "tenant"), [(DEMO, "andina"), (TWO, "andina"), (TWO, "and")])
def test_the_model_and_asterisk_agree(folder: Path, tenant: str, installation: Installation) -> None:
    site = clean(texts_of(folder))
    said = answers(site, tenant, installation, dict)
    assert found(site, tenant, said) == set()
    assert len(said.calls) == len(said.transfers) >= len(probes(site.tenants[tenant]))
    assert sorted(said.phones) == sorted(site.tenants[tenant].tenant.extensions)


@dataclass(frozen=True)
class Sabotage:
    """One change of one compiled file, and a cell that must be named."""

    cell: tuple[str, str]
    before: str
    after: str
    file: str = DIALPLAN

    def alter(self, files: Mapping[str, str]) -> Mapping[str, str]:
        """The files with the change, which must be possible exactly as it is meant."""
        assert self.before in files[self.file]
        return {**files, self.file: files[self.file].replace(self.before, self.after, 1)}


SABOTAGES: Final = {
    "a class is opened": Sabotage(
        ("interno", "international"),
        "[andina_allow_interno]\n",
        "[andina_allow_interno]\nexten = international,1,Return()\n",
    ),
    "a class is closed": Sabotage(
        ("nacional", "mobile"),
        "[andina_allow_nacional]\nexten = internal,1,Return()\nexten = local,1,Return()\nexten = national,1,Return()\n"
        "exten = mobile,1,Return()\n",
        "[andina_allow_nacional]\nexten = internal,1,Return()\nexten = local,1,Return()\nexten = national,1,Return()\n",
    ),
    "a denied prefix is dropped": Sabotage(("completo", "+5411600*"), "exten = _+5411600!,1,Return()\n", ""),
    "a denied prefix is too wide": Sabotage(("completo", "local"), "exten = _+5411600!,", "exten = _+541160!,"),
    "an emergency number is removed": Sabotage(("interno", "emergency"), "\nexten = 107,1,", "\nexten = 1070,1,"),
    "a class has no emergency numbers": Sabotage(
        ("interno", "emergency"), "[andina_class_interno]\ninclude = andina_emergency\n", "[andina_class_interno]\n"
    ),
    "a number is swallowed by a pattern": Sabotage(
        ("completo", "mobile"), "[andina_outside_completo]\n", "[andina_outside_completo]\nexten = _915.,1,Hangup(21)\n"
    ),
    "a pattern opens what nobody listed": Sabotage(
        ("interno", "nobody's number"),
        "[andina_outside_interno]\n",
        "[andina_outside_interno]\nexten = _77XX,1,Goto(andina_extension,201,1)\n",
    ),
    "inside numbers are swallowed": Sabotage(
        ("nacional", "internal"),
        "[andina_reach_nacional]\ninclude = andina_internal\n",
        "[andina_reach_nacional]\n",
    ),
    "a category loses its route": Sabotage(
        ("completo", "international"), "exten = international,1,ExecIf", "exten = internazional,1,ExecIf"
    ),
    "a call goes by another trunk": Sabotage(
        ("completo", "local"),
        "Gosub(pbx-trunk,s,1(principal,andina_trunk_principal,30,60^12,))",
        "Gosub(pbx-trunk,s,1(respaldo,andina_trunk_respaldo,0,60,))",
    ),
    "a transfer goes further than a call": Sabotage(
        ("interno", "mobile, transferred"),
        "[andina_transfer_interno]\ninclude = andina_emergency\ninclude = andina_reach_interno\n",
        "[andina_transfer_interno]\ninclude = andina_emergency\ninclude = andina_reach_completo\n",
    ),
    "a phone is in another class": Sabotage(
        ("extension:204", "class of service"),
        "context=andina_class_interno\n",
        "context=andina_class_completo\n",
        PHONES,
    ),
    "a phone is missing": Sabotage(
        ("extension:205", "class of service"), "[andina_205](pbx-phone)\n", "[andina_999](pbx-phone)\n", PHONES
    ),
}


BUILDS: Final = 5
"""Sabotages of different cells share a build; what is done to a phone is alone, since its class is asked by it."""


def _builds() -> list[list[str]]:
    made: list[list[str]] = [[] for _ in range(BUILDS)]
    phones = [name for name, each in SABOTAGES.items() if each.file == PHONES]
    for build, name in zip(made, phones, strict=False):
        build.append(name)
    for name, each in SABOTAGES.items():
        free = [own for own in made[len(phones) :] if all(SABOTAGES[other].cell != each.cell for other in own)]
        if name not in phones:
            min(free, key=len).append(name)
    return made


@pytest.fixture(scope="module")
def named(demo: Site, installation: Installation) -> dict[str, set[tuple[str, str]]]:
    """The cells that are named when a sabotage, with others of other cells, is in the build."""

    def all_of(own: list[str]) -> Callable[[Mapping[str, str]], Mapping[str, str]]:
        return lambda files: reduce(lambda altered, name: SABOTAGES[name].alter(altered), own, files)

    cells = {tuple(own): found(demo, "andina", answers(demo, "andina", installation, all_of(own))) for own in _builds()}
    return {name: seen for own, seen in cells.items() for name in own}


@pytest.mark.parametrize("name", SABOTAGES)
def test_a_sabotage_of_the_build_is_named(name: str, named: dict[str, set[tuple[str, str]]]) -> None:
    assert SABOTAGES[name].cell in named[name]


def test_only_the_cells_that_were_touched_are_named(demo: Site, installation: Installation) -> None:
    said = answers(demo, "andina", installation, SABOTAGES["a denied prefix is dropped"].alter)
    assert found(demo, "andina", said) == {("completo", "+5411600*")}


def test_probes_are_dialled_as_they_are_given(demo: Site, installation: Installation) -> None:
    said = asyncio.run(ask(demo, "andina", [Probe("9911", "emergency")], installation, LOCKS))
    assert str(said.calls["interno", "9911"]) == "goes to external:911 by trunk:principal"
