"""The contacts can be called, and each speed dial means one of them."""

from __future__ import annotations

from collections.abc import Iterator

from pbx.diagnostics import Diagnostic, Path, Related
from pbx.numberplan import classify
from pbx.site import TenantScope


def check(scope: TenantScope) -> Iterator[Diagnostic]:
    """Numbers that nobody can have, and speed dials given twice."""
    taken: dict[str, Path] = {}
    for number, contact in scope.tenant.phonebook.items():
        if classify(scope.plan, number) is None:
            yield Diagnostic(
                "PBX206",
                scope.file,
                ("phonebook", number),
                f"{number} is not a number that can be called from {scope.plan.name}",
                help="check its digits: country, area and number, without the national 0",
                consequence=f"the name {contact.name} would never be shown",
                at_key=True,
            )
        if not contact.speed_dial:
            continue
        path: Path = ("phonebook", number, "speed_dial")
        first = taken.setdefault(contact.speed_dial, path)
        if first != path:
            yield Diagnostic(
                "PBX209",
                scope.file,
                path,
                f"the speed dial {contact.speed_dial} is given twice",
                help="give one of the two another",
                consequence=f"whoever dials it for {contact.name} would reach somebody else",
                related=(Related(scope.file, first, "it is given here first"),),
            )
