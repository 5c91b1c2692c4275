"""The shared objects of moved clocks."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lab import clock

DEAD = 4_194_305
"""No process has this number: it is above the kernel's highest (proc(5), pid_max)."""


def test_what_a_killed_lab_has_left_goes_and_that_of_others_stays(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(clock, "SHARED_MEMORY", tmp_path)
    monkeypatch.setattr(clock, "_make_semaphore", lambda _: None)
    old = time.time() - 3600
    left, sem = f"centralita-clock-{DEAD}-ab", f"sem.centralita-clock-{DEAD}-ab"
    living, young, foreign = f"centralita-clock-{os.getpid()}-ab", f"centralita-clock-{DEAD}-cd", "centralita-other"
    for name in (left, sem, living, young, foreign):
        (tmp_path / name).touch()
        if name is not young:
            os.utime(tmp_path / name, (old, old))
    clock._remove_left.cache_clear()  # noqa: SLF001 - it looks once in a process
    names = clock.share(clock.create_clock(tmp_path / "clock", datetime(2026, 3, 2, 11, tzinfo=UTC)))
    assert {path.name for path in tmp_path.glob("*centralita-*")} == {
        living,
        young,
        foreign,
        names["FAKETIME_SHARED"].split()[0][1:],
    }
