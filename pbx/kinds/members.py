"""The members of a group: what is the same for all kinds that ring several extensions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pbx.diagnostics import Diagnostic, Path
from pbx.kinds.base import Scope


def check_members(scope: Scope, path: Path, group: str, members: Sequence[str]) -> Iterator[Diagnostic]:
    """Members exist, once each; there is one at all. ``path`` leads to it, ``group`` names it for people."""
    if not members:
        yield Diagnostic(
            "PBX410",
            scope.file,
            (*path, "members"),
            f"{group} has no members",
            help="name the extensions that ring: members: [...]",
            consequence=f"no phone would ever ring for {group}",
        )
    for index, member in enumerate(members):
        if scope.person(member) is None:
            yield Diagnostic(
                "PBX301",
                scope.file,
                (*path, "members", index),
                f"there is no extension:{member}",
                help="name an extension of this tenant",
                consequence="this member would never ring",
            )
        elif member in members[:index]:
            yield Diagnostic(
                "PBX411",
                scope.file,
                (*path, "members", index),
                f"extension {member} is a member of {group} twice",
                help="delete one of the two",
                consequence="its phones would be called twice at once, or one after the other",
            )
