"""Of several checks that failed, the one that people are told of."""

from __future__ import annotations

import pytest

from lab.reasons import EXITS, JOURNEY, LAB, telling
from lab.results import Check, Words


def failed(subject: Words, expected: str, observed: str) -> Check:
    return Check("trace" if subject is JOURNEY else "server", subject, expected, observed, passed=False)


AWAITED = failed(Words("Paso esperado", "Expected step"), "the call to go on", "the call had ended")
ELSEWHERE = failed(JOURNEY, "queue:turnos → trunk:principal", "queue:turnos → trunk:respaldo")
FURTHER = failed(JOURNEY, "queue:turnos → trunk:principal", "queue:turnos → trunk:principal → trunk:respaldo")
TIMEOUT = failed(EXITS, "queue:turnos full", "queue:turnos timeout, external:+549 refused")
REFUSED = failed(EXITS, "external:+1555 refused", "–")
OTHERS = failed(EXITS, "schedule:oficina closed", "ivr:principal 1")


@pytest.mark.parametrize(
    ("checks", "told"),
    [
        pytest.param([AWAITED], AWAITED, id="what there is"),
        pytest.param([AWAITED, ELSEWHERE, TIMEOUT], ELSEWHERE, id="where it went"),
        pytest.param([AWAITED, FURTHER, TIMEOUT], TIMEOUT, id="how it left a place, when it went the foretold way"),
        pytest.param([FURTHER, REFUSED], FURTHER, id="it should have stayed"),
        pytest.param([FURTHER, OTHERS], FURTHER, id="ways out of different places"),
        pytest.param([FURTHER], FURTHER, id="the same ways out"),
        pytest.param([failed(LAB, "–", "Asterisk ended"), ELSEWHERE], failed(LAB, "–", "Asterisk ended"), id="the lab"),
    ],
)
def test_the_check_that_says_most_is_told(checks: list[Check], told: Check) -> None:
    assert telling(checks) == told
