"""Sites with their calls, one after the other from one seed: the same seed gives the same calls."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Final

from lab.differential import sites, tenants
from lab.differential.call import Call
from lab.differential.calls import Maker
from lab.differential.coverage import Coverage
from lab.differential.moments import BEFORE, moment
from lab.differential.tenants import Tree
from pbx.site import Site

SLUGS: Final = ("uno", "dos", "tres")
"""The tenants of each site."""
CALLS: Final = 40
"""Calls of one PBX; each site is started at two moments."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Calls of one site at about one moment."""

    name: str
    trees: tuple[Tree, ...]
    site: Site
    at: datetime
    calls: tuple[Call, ...]


@dataclass(slots=True)
class Generator:
    """Makes batches until there are enough calls."""

    seed: int
    count: int
    thrown_away: int = 0
    """Tenants that had errors."""

    def __iter__(self) -> Iterator[Batch]:
        """Every batch; what a coverage lacks most is made first."""
        coverage = Coverage()
        left, number = self.count, 0
        while left > 0:
            random = Random(f"{self.seed}/{number}")  # noqa: S311 - nothing secret
            trees, site = self._site(random)
            for part in "ab":
                at, about = moment(random, site)
                name = f"{number:03}{part}"
                calls = Maker(random, site, coverage).calls(
                    min(CALLS, left), about, about + BEFORE, f"s{self.seed}-{name}-"
                )
                left -= len(calls)
                if calls:
                    yield Batch(name, trees, site, at, tuple(calls))
            number += 1

    def _site(self, random: Random) -> tuple[tuple[Tree, ...], Site]:
        """Tenants without errors, together on one PBX."""
        found = []
        for slug in SLUGS:
            while (tree := tenants.tenant(random, slug)) and sites.load_trees((tree,))[0] is None:
                self.thrown_away += 1
            found.append(tree)
        site, _ = sites.load_trees(found)
        if site is None:
            message = "tenants that are clean alone are not so together"
            raise ValueError(message)
        return tuple(found), site
