"""Whose calls are a lab's own: everybody's when it has its PBX to itself, else those of the parties it touches."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from lab.calls.tidying import Mine
from lab.parties import Party
from lab.stage import Stage


@dataclass(frozen=True, slots=True)
class Reach:
    """What a lab may touch, by the names of :attr:`lab.scenario.Scenario.touched`.

    ``extension:201`` is a phone; ``external:+54…`` are the calls to one number by any trunk of the tenant, as its
    carrier is told it; ``trunk:principal`` are all calls at that carrier. Those of another tenant have its name before
    them: ``ombu extension:201``.
    """

    touched: frozenset[str] = frozenset()
    shares: frozenset[str] = frozenset()
    """What others use as well; a phone among it may call, and has no part in what rings there."""
    stranger: str = ""
    """The number of who calls from outside: each act has its own, by which its calls are told from others."""

    def __str__(self) -> str:
        return ", ".join(sorted(self.touched))

    def lines(self, stage: Stage, home: str) -> Iterator[tuple[Party, str]]:
        """The parties to attend, and at carriers the numbers."""
        for (tenant, name), party in stage.parties_by_name.items():
            if name.startswith("caller:"):
                continue
            if self is EVERYBODY or _spelled(tenant, name, home) in self.touched:
                yield party, ""
            elif name.startswith("trunk:"):
                for touched in sorted(self.touched):
                    place, _, number = touched.partition("external:")
                    if number and (place.strip() or home) == tenant:
                        yield party, number

    def allows(self, tenant: str, name: str, home: str) -> bool:
        """Whether a party may be used. By a carrier everybody may call; what it is called for is touched by number."""
        kind = name.partition(":")[0]
        named = _spelled(tenant, name, home)
        return self is EVERYBODY or kind in {"trunk", "caller"} or named in self.touched | self.shares

    def phones(self, stage: Stage, home: str) -> list[Party]:
        """The phones that are touched."""
        return [
            party for party, number in self.lines(stage, home) if not number and party.name.startswith("extension:")
        ]

    def named(self, kind: str) -> list[str]:
        """The ids of what is touched of a kind, in the lab's own tenant."""
        return sorted(each.partition(":")[2] for each in self.touched if each.startswith(f"{kind}:"))

    def owner(self, stage: Stage, home: str, ids: Collection[str]) -> Mine:
        """Whether a channel is the lab's own: one of a phone that it touches, or of a call with one of these ids."""
        if self is EVERYBODY:
            return lambda _: True
        prefixes = tuple(f"PJSIP/{party.endpoint}-" for party, number in self.lines(stage, home) if not number)

        def mine(channel: Mapping[str, str]) -> bool:
            names = {channel.get(key, "") for key in ("uniqueid", "linkedid", "channel")}
            return channel.get("channel", "").startswith(prefixes) or not names.isdisjoint(ids)

        return mine


EVERYBODY: Final = Reach()
"""A PBX to itself."""


def _spelled(tenant: str, name: str, home: str) -> str:
    return name if tenant == home else f"{tenant} {name}"
