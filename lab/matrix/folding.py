"""Folding: of rows that differ in nothing but names one is run, and says for how many it stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from lab.results import Words
from lab.scenario import Scenario

MOST_NAMED = 6
"""Rows that are named before the rest is counted."""


def folded(rows: Iterable[Scenario]) -> list[Scenario]:
    """The rows that are run, in order, each with those it stands for."""
    kept: dict[str, Scenario] = {}
    others: dict[str, list[Scenario]] = {}
    for row in rows:
        key = f"sort {row.sort}" if row.sort else row.text.id
        if key not in kept:
            kept[key] = row
        elif kept[key].text.id != row.text.id:
            others.setdefault(key, []).append(row)
    return [_standing_for(row, tuple(others.get(key, ()))) for key, row in kept.items()]


def _standing_for(row: Scenario, alike: tuple[Scenario, ...]) -> Scenario:
    if not alike:
        return row
    ids = tuple(each.text.id for each in alike)
    shown = ", ".join(ids[:MOST_NAMED]) + (f" +{len(ids) - MOST_NAMED}" if len(ids) > MOST_NAMED else "")
    count, objective = len(ids) + 1, row.text.objective
    told = Words(
        f"{objective.es} (vale por {count} casos iguales: también {shown})",
        f"{objective.en} (stands for {count} equal cases: also {shown})",
    )
    return replace(row, alike=alike, text=replace(row.text, objective=told, alike=ids))
