"""Shares of the queue strategy wrandom, held against the expression of app_queue.c itself."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction

import pytest

from pbx.asterisk.wrandom import penalties, shares

CALLS = 40_000
SIX_DEVIATIONS = 6 * (0.25 / CALLS) ** 0.5


def drawn(given: list[int], seed: int) -> list[float]:
    """Shares by playing what app_queue.c does for each call; equal draws go to the first."""
    chance = random.Random(seed)
    won = [0] * len(given)
    for _ in range(CALLS):
        metrics = [chance.getrandbits(31) % ((1 + penalty) * 1000) for penalty in given]
        won[metrics.index(min(metrics))] += 1
    return [each / CALLS for each in won]


def counted(given: list[int], unit: int) -> list[Fraction]:
    """Shares by going through every possible draw, with a smaller number than 1000; ties are split evenly."""
    won = [Fraction()] * len(given)
    total = 0
    for metrics in itertools.product(*(range((1 + penalty) * unit) for penalty in given)):
        total += 1
        first = [index for index, metric in enumerate(metrics) if metric == min(metrics)]
        for index in first:
            won[index] += Fraction(1, len(first))
    return [each / total for each in won]


@pytest.mark.parametrize("given", [[0, 0], [0, 1], [2, 4], [0, 0, 1], [0, 49], [6, 15, 29], [3, 0, 7, 1]])
def test_shares_are_those_of_the_expression_in_app_queue(given: list[int]) -> None:
    for exact, played in zip(shares(given), drawn(given, sum(given)), strict=True):
        assert abs(float(exact) - played) < SIX_DEVIATIONS + 0.001


@pytest.mark.parametrize("given", [[0], [0, 1], [2, 4], [1, 0, 2], [0, 0, 1, 3]])
def test_shares_are_exact_when_equal_draws_are_split(given: list[int]) -> None:
    assert shares(given) == counted(given, 3)


def test_shares_known_by_hand() -> None:
    assert shares([2, 4]) == [Fraction(7, 10), Fraction(3, 10)]
    assert shares([0, 1]) == [Fraction(3, 4), Fraction(1, 4)]
    assert shares([0, 0, 1]) == [Fraction(5, 12), Fraction(5, 12), Fraction(2, 12)]
    assert shares([7]) == [1]
    assert shares([]) == []


def test_penalties_are_small_and_more_penalty_means_fewer_calls() -> None:
    assert penalties([70, 30]) == (2, 4)
    assert penalties([30, 70]) == (4, 2)
    assert penalties([50, 50]) == (0, 0)
    assert penalties([25, 75]) == (1, 0)
    assert penalties([100]) == (0,)
    assert penalties([]) == ()


def test_whatever_is_wanted_is_met_to_half_a_point() -> None:
    chance = random.Random(20261122)
    for _ in range(150):
        members = chance.randint(2, 8)
        cuts = sorted(chance.sample(range(1, 100), members - 1))
        wanted = [high - low for low, high in itertools.pairwise([0, *cuts, 100])]
        got = shares(penalties(wanted))
        assert sum(got) == 1
        assert max(abs(100 * share - want) for share, want in zip(got, wanted, strict=True)) < 0.5, wanted


def test_equal_wishes_get_equal_penalties_and_many_members_are_no_trouble() -> None:
    assert penalties([1] * 100) == (0,) * 100
    fives = penalties([5] * 10 + [10] * 5)
    assert len(set(fives[:10])) == 1
    assert len(set(fives[10:])) == 1
    assert fives[0] > fives[10]
