"""Paging: phones answer by themselves, and what the caller says is heard from their loudspeakers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pbx.asterisk.text import Verbatim
from pbx.diagnostics import Diagnostic
from pbx.kinds.base import Dialled, Exit, Kind, Scope, Situation, Step, no_sounds
from pbx.kinds.members import check_members
from pbx.model import BUSY, ExtensionNumber, Model, Ref, Truth


class Page(Model):
    """Whose phones are loudspeakers. Phones that are in use, or set to do-not-disturb, are left out.

    Only the tenant's own phones reach it: it is no destination, and a call from outside that is transferred is refused.
    """

    number: ExtensionNumber
    """Where the tenant's own phones reach it."""
    members: list[ExtensionNumber]
    duplex: Truth = False
    """Whether those who are paged can speak as well; else they only listen."""


def numbers(identity: str, page: Page) -> tuple[Dialled, ...]:
    """The page's number."""
    return (Dialled(page.number, ("paging", identity, "number"), identity),)


def exits(identity: str, _page: Page, _scope: Scope) -> tuple[Exit, ...]:
    """Nobody to be paged: the caller hears the busy tone."""
    return (Exit("nobody", BUSY, "system", ("paging", identity, "members")),)


def steps(identity: str, page: Page, _scope: Scope, situation: Situation) -> tuple[Step, ...]:
    """Every phone that is free answers."""
    node, path = Ref("paging", identity), ("paging", identity, "members")
    if situation.from_trunk:
        return (Step(node, "refused", "calls from outside are not paged", path, end=f"refused by {node}"),)
    free = [each for each in page.members if each != situation.caller and _is_free(each, situation)]
    if not free:
        return (Step(node, "nobody", "no phone is free", path, to=BUSY),)
    heard = ", ".join(each for each in free if situation.state(each) == "answer")
    end = f"heard at {heard}" if heard else "heard by nobody"
    return (Step(node, "paged", "phones that are free answer", path, end=end),)


def _is_free(number: str, situation: Situation) -> bool:
    """Whether a phone is asked to answer by itself; one that cannot do so rings, and nobody answers it."""
    return situation.state(number) in {"answer", "no_answer"}


def check(identity: str, page: Page, scope: Scope) -> Iterator[Diagnostic]:
    """Members exist, once each; somebody is there at all."""
    yield from check_members(scope, ("paging", identity), f"page {identity}", page.members)


@dataclass(frozen=True, slots=True)
class PageView:
    """What the template reads."""

    node: Verbatim
    name: str
    members: tuple[str, ...]
    duplex: bool


def view(identity: str, page: Page, _scope: Scope) -> PageView:
    """The page as dialplan sees it."""
    return PageView(
        node=Verbatim(Ref("paging", identity)), name=identity, members=tuple(page.members), duplex=page.duplex
    )


KIND: Final = Kind(
    name="paging",
    section="paging",
    exits=exits,
    steps=steps,
    check=check,
    sounds=no_sounds,
    numbers=numbers,
    view=view,
)
