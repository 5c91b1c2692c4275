"""Shares of calls under Asterisk's queue strategy ``wrandom``, and the penalties that come nearest to wanted shares.

For each call every member draws ``ast_random() % ((1 + penalty) * 1000)``, and the lowest draw rings (``calc_metric``
and ``find_best`` in apps/app_queue.c, Asterisk 22). Members who cannot take the call draw as well, and lose: the next
lowest rings. So the draw of a member with factor ``a = 1 + penalty`` is uniform below ``1000 * a``, and only the ratios
of the factors matter.

Two equal draws are decided by the place in Asterisk's hash table, which nobody chooses. They are taken as evenly split
here. Adding to each whole draw a uniform number below one splits them so, and makes it uniform over the real numbers:
the integrals below are exact, not an approximation of the whole numbers. Equal lowest draws are rarer than one call in
a thousand for each pair of members.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Final

LARGEST_SCALE: Final = 100
"""The factor of the most wanted member, at the most: what rounding to whole penalties costs shrinks with it."""
CLOSE_ENOUGH: Final = 0.0025
"""A quarter of a point: nobody counts closer, and small penalties are easier to read."""
_PANELS: Final = 48
_ROUNDS: Final = 400
_GAUSS: Final = (0.5 - 3**-0.5 / 2, 0.5 + 3**-0.5 / 2)
"""Where the two points of the Gauss-Legendre rule stand in a panel."""


def shares(penalties: Sequence[int]) -> list[Fraction]:
    """The share of calls that each member gets when all are free, exactly; they add up to 1.

    Member i wins with a draw of x when all others draw more: the integral over x from 0 to the smallest factor of
    ``1/a_i * product over j != i of (1 - x/a_j)``.
    """
    factors = [Fraction(1 + penalty) for penalty in penalties]
    end = min(factors, default=Fraction(1))
    found = []
    for index, factor in enumerate(factors):
        polynomial = [1 / factor]
        for other in factors[:index] + factors[index + 1 :]:
            longer = [*polynomial, Fraction(0)]
            for power, coefficient in enumerate(polynomial):
                longer[power + 1] -= coefficient / other
            polynomial = longer
        found.append(
            sum((each * end ** (power + 1) / (power + 1) for power, each in enumerate(polynomial)), Fraction())
        )
    return found


def penalties(percentages: Sequence[int]) -> tuple[int, ...]:
    """The penalties whose shares come nearest to the percentages, all at least 1, in the same order.

    The first scale that comes within :data:`CLOSE_ENOUGH` is taken, else the nearest of all up to
    :data:`LARGEST_SCALE`.
    """
    order = sorted(range(len(percentages)), key=lambda index: -percentages[index])
    found = _sorted_penalties(tuple(percentages[index] for index in order))
    placed = dict(zip(order, found, strict=True))
    return tuple(placed[index] for index in range(len(percentages)))


@lru_cache(maxsize=1024)
def _sorted_penalties(percentages: tuple[int, ...]) -> tuple[int, ...]:
    if not percentages:
        return ()
    total = sum(percentages)
    wanted = [each / total for each in percentages]
    exact = _factors(wanted)
    best: tuple[float, list[int]] | None = None
    for scale in range(1, LARGEST_SCALE + 1):
        factors = [round(scale * factor / exact[0]) for factor in exact]
        gap = max(abs(got - want) for got, want in zip(_estimate(factors), wanted, strict=True))
        if best is None or gap < best[0]:
            best = gap, factors
        if gap <= CLOSE_ENOUGH:
            break
    return tuple(factor - 1 for factor in best[1]) if best else ()


def _factors(wanted: Sequence[float]) -> list[float]:
    """Factors, not yet whole, whose shares are the wanted ones: whoever gets too much is made slower."""
    factors = [wanted[0] / each for each in wanted]
    for _ in range(_ROUNDS):
        got = _estimate(factors)
        ratios = [have / want for have, want in zip(got, wanted, strict=True)]
        if max(abs(ratio - 1) for ratio in ratios) < 1e-5:  # noqa: PLR2004 - far below a quarter of a point
            break
        factors = [factor * ratio for factor, ratio in zip(factors, ratios, strict=True)]
        smallest = min(factors)
        factors = [factor / smallest for factor in factors]
    return factors


def _estimate(factors: Sequence[float]) -> list[float]:
    """:func:`shares` by numerical integration: quick, and far closer than :data:`CLOSE_ENOUGH`."""
    end = min(factors)
    width = end / _PANELS
    sums = [0.0] * len(factors)
    for panel in range(_PANELS):
        for point in _GAUSS:
            x = (panel + point) * width
            product = 1.0
            for factor in factors:
                product *= 1 - x / factor
            for index, factor in enumerate(factors):
                sums[index] += product / (factor - x)
    whole = sum(sums)
    return [each / whole for each in sums]
