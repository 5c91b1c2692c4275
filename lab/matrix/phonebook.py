"""BOOK-1: the shared contact list: who calls is shown by name, and contacts are called by speed dial."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from lab.matrix.arranging import one_free
from lab.matrix.moments import working
from lab.matrix.writing import spelled, text
from lab.results import Words
from lab.scenario import Scenario
from pbx.dialing import denial, meaning, route_for, speed_dials
from pbx.model import Ref
from pbx.site import TenantScope


def rows(scope: TenantScope) -> Iterator[Scenario]:
    """A contact calls and is known; a speed dial reaches a contact, as far as the class of service allows."""
    yield from _known_callers(scope)
    yield from _speed_dials(scope)


def _known_callers(scope: TenantScope) -> Iterator[Scenario]:
    """The name is looked up in one way for all: one contact is called, and stands for the others."""
    tenant = scope.tenant
    did = next(
        (each for each, target in tenant.dids.items() if target.to.kind == "extension"), next(iter(tenant.dids), "")
    )
    trunk = next((name for name, each in tenant.trunks.items() if each.type != "pbx"), None)
    if not did or trunk is None:
        return
    for number, contact in tenant.phonebook.items():
        words = Words(
            f"Llama {number}, que está en la agenda: se muestra «{contact.name}»",
            f"{number} of the phonebook calls: “{contact.name}” is shown",
        )
        row = Scenario(
            text(f"phonebook-{number.lstrip('+')}", "BOOK-1", words),
            scope,
            Ref("caller", trunk),
            did,
            working(scope),
            caller_number=number,
        )
        yield replace(one_free(row), sort="phonebook name")


def _speed_dials(scope: TenantScope) -> Iterator[Scenario]:
    """Each kind of contact from a class of service that may call it, and from one that may not."""
    tenant = scope.tenant
    for keys, number in speed_dials(scope):
        found = meaning(scope, keys)
        if found is None or route_for(scope, found.category) is None:
            continue
        for may in (True, False):
            caller = next(
                (
                    each
                    for each, extension in tenant.extensions.items()
                    if may
                    is not bool(denial(tenant.classes_of_service[extension.class_of_service], found.category, number))
                ),
                None,
            )
            if caller is None:
                continue
            name = tenant.phonebook[number].name
            words = Words(
                f"Marcado rápido {keys} («{name}») desde el interno {caller}: {'permitido' if may else 'rechazado'}",
                f"Speed dial {keys} (“{name}”) from extension {caller}: {'allowed' if may else 'refused'}",
            )
            row_id = f"speed-dial-{spelled(keys)}-{'allowed' if may else 'refused'}"
            row = Scenario(text(row_id, "BOOK-1", words), scope, Ref("extension", caller), keys, working(scope))
            yield replace(row, sort=f"speed dial {found.category} {may}")
