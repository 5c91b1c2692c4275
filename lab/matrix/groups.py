"""Ring groups, rooms, the directory and paging, called by their numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from lab.matrix.arranging import one_free
from lab.matrix.extensions import callers_of
from lab.matrix.moments import working
from lab.matrix.writing import text
from lab.results import Words
from lab.scenario import Scenario, wrong_pin
from pbx.check.witness import spelled_name
from pbx.kinds.base import PhoneState
from pbx.kinds.ring_group import OUTCOMES
from pbx.model import Ref
from pbx.site import TenantScope

EACH: Final = 3
"""Members of a group who are called one by one; the others are as the last of these."""
_NOBODY: Final = {
    "no_answer": Words("nadie contesta", "nobody answers"),
    "busy": Words("todos están ocupados", "all are busy"),
    "unavailable": Words("nadie está registrado", "nobody is registered"),
}


def rows(scope: TenantScope) -> Iterator[Scenario]:
    """Groups: who answers, the fallback. Rooms: alone, with a slip of the PIN. The directory. Nobody to be paged."""
    yield from _ring_groups(scope)
    yield from _conferences(scope)
    yield from _directory(scope)
    yield from _paging(scope)


def _ring_groups(scope: TenantScope) -> Iterator[Scenario]:
    for identity, group in scope.tenant.ring_groups.items():
        involved = {*group.members, group.fallback.id}
        caller = next((each for each in callers_of(scope, "", identity) if each not in involved), None)
        if group.number is None or caller is None:
            continue
        for index, member in enumerate(group.members):
            # Of an ordered group those before him ring in vain; with the others it is told who takes it.
            silent: dict[str, PhoneState] = {each: "no_answer" for each in group.members if each != member}
            words = Words(
                f"Grupo {identity}: atiende el interno {member}", f"Group {identity}: extension {member} answers"
            )
            row = _row(scope, f"group-{identity}-{member}", "QUE-2", words, caller, group.number)
            yield replace(row, states=silent, sort=f"group {identity} {min(index, EACH - 1)}")
        for outcome in OUTCOMES:
            told = _NOBODY[outcome]
            words = Words(f"Grupo {identity}: {told.es}, respaldo", f"Group {identity}: {told.en}, fallback")
            name = f"group-{identity}-{outcome.replace('_', '-')}"
            row = _row(scope, name, "QUE-4", words, caller, group.number)
            yield one_free(replace(row, states=dict.fromkeys(group.members, outcome)))


def _conferences(scope: TenantScope) -> Iterator[Scenario]:
    for identity, room in scope.tenant.conferences.items():
        caller = next(iter(callers_of(scope, "", identity)), None)
        if room.number is None or caller is None:
            continue
        words = Words(f"Sala {identity}: entra el primero", f"Room {identity}: the first one enters")
        yield _row(scope, f"room-{identity}-enter", "POC-4", words, caller, room.number)
        if room.pin:
            wrong = wrong_pin(room.pin)
            words = Words(
                f"Sala {identity}: PIN equivocado y luego correcto", f"Room {identity}: a wrong PIN, then right"
            )
            row = _row(scope, f"room-{identity}-second-try", "POC-4", words, caller, room.number)
            yield replace(row, presses=(wrong, room.pin))


def _directory(scope: TenantScope) -> Iterator[Scenario]:
    directory = scope.tenant.directory
    if directory is None:
        return
    for number in scope.extension_numbers():
        keys = spelled_name(scope, number)
        caller = next(iter(callers_of(scope, number, f"directory{number}")), None)
        if caller is None or keys == ("timeout",):
            continue
        label = scope.label(Ref("extension", number))
        words = Words(f"Directorio: se busca a {label}", f"Directory: looking for {label}")
        row = _row(scope, f"directory-{number}", "POC-4", words, caller, directory.number)
        forwarded = scope.tenant.extensions[number].forward.always is not None
        # Who is behind another of the same name is found by one key more.
        yield replace(row, presses=keys, sort=f"directory {len(keys)} {number if forwarded else ''}")
    caller = next(iter(callers_of(scope, "", "directory")), None)
    if caller:
        words = Words("Directorio: no se elige a nadie", "Directory: nobody is chosen")
        row = _row(scope, "directory-nobody", "POC-4", words, caller, directory.number)
        yield replace(row, presses=("timeout",))


def _paging(scope: TenantScope) -> Iterator[Scenario]:
    for identity, page in scope.tenant.paging.items():
        caller = next((each for each in callers_of(scope, "", identity) if each not in page.members), None)
        if caller:
            words = Words(f"Voceo {identity}: no hay teléfonos libres", f"Paging {identity}: no phone is free")
            row = _row(scope, f"paging-{identity}-nobody", "POC-4", words, caller, page.number)
            yield replace(row, states=dict.fromkeys(page.members, "unavailable"))


def _row(scope: TenantScope, row_id: str, requirement: str, words: Words, caller: str, number: str) -> Scenario:
    return Scenario(text(row_id, requirement, words), scope, Ref("extension", caller), number, working(scope))
