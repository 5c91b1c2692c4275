"""The moved clock: which date a PBX believes in, and how fast its time runs.

A clock is a folder with a file which libfaketime reads (``FAKETIME_TIMESTAMP_FILE``). Any number of Asterisks may live
under one clock; they agree on the time because libfaketime's start instant, which normally is the start of each
process, is given to all of them as the same pair of shared objects (``FAKETIME_SHARED``). So PBX time is a plain
formula of real time, computable here without asking a PBX::

    pbx = moment + speed * (real - start)

A change takes effect at the next whole second of real time: with ``FAKETIME_CACHE_DURATION=0`` libfaketime reads its
file again when the second changes (libfaketime.c, ``fake_clock_gettime``), and every process does so within
milliseconds. A change of speed is therefore continuous: time neither jumps nor runs backwards.

Rules, each from the source or an experiment:

* The file is replaced by rename and holds one line without a newline: a half-written one ends the process.
* ``FAKETIME_DONT_RESET``: else each process starts to count when it happens to read the file.
* ``FAKETIME_FMT=%s``: the file holds an epoch, so that it does not depend on the time zone of the process.
* The monotonic clock is faked too, since PJSIP's timers run on it: timer B, 32 s, takes 3.3 s at speed 10, and does
  not speed up otherwise. A move of the date under a running PBX moves it as well: forward, all pending timers
  (registrations, qualify) run out at once; backward, they stand still. So give rows of another date another instance;
  change only the speed of a running one.
* `FASTEST` is 10: the threads of PJSIP wait 10 ms in ``epoll_wait``; libfaketime divides and cuts off, so that at any
  higher speed they wait 0 ms and spin (an idle PBX then takes a whole processor and audio is lost).
* What was measured at speed 10 on two busy processors: ``Wait(10)`` 1.00 s, ``Dial(…,20)`` 2.00 s, recordings of full
  length and every piece of the prompt matched at 0.9999 in 20 calls at once; with ``FAKETIME_NO_CACHE=1``, which reads
  the file at each look at the time, the same 20 calls lost audio. This is with ``res_timing_timerfd``, whose timers
  libfaketime speeds up as well.
* File times are not faked (``NO_FAKE_STAT``).
"""

from __future__ import annotations

import asyncio
import ctypes
import json
import os
import secrets
import struct
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

FASTEST: Final = 10
"""The highest speed that works; see the rules above."""
SHARED_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - where glibc keeps POSIX shared memory and semaphores
_SETTLED: Final = 0.02
"""Seconds after the change of the second by which a running Asterisk has surely asked for the time again."""
_TOO_LATE: Final = 0.05
"""Seconds before a change of the second in which a file may come too late to be seen by everybody."""


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock shared by any number of instances; made by `create_clock`."""

    folder: Path

    @property
    def file(self) -> Path:
        """The file that libfaketime reads."""
        return self.folder / "faketime"


@dataclass(frozen=True, slots=True)
class _Segment:
    """From the real instant ``since``, PBX time is ``moment + speed * (real - since)``; all are Unix times."""

    since: float
    moment: float
    speed: float


def create_clock(folder: Path, moment: datetime, speed: float = 1) -> Clock:
    """Make a clock that shows ``moment`` (with a time zone) now and runs ``speed`` times as fast as real time."""
    if moment.tzinfo is None:
        message = "a clock needs a moment with a time zone"
        raise ValueError(message)
    folder.mkdir(parents=True, exist_ok=True)
    clock = Clock(folder)
    real = time.time()
    names = ("CLOCK_MONOTONIC", "CLOCK_MONOTONIC_RAW", "CLOCK_BOOTTIME")
    start = [real, *(time.clock_gettime(getattr(time, name)) for name in names)]
    _write(folder / "start.json", json.dumps(start))
    _save(clock, [_Segment(real, moment.timestamp(), speed)])
    return clock


async def set_clock(clock: Clock, *, moment: datetime | None = None, speed: float | None = None) -> None:
    """Move the date, change the speed, or both; returns when it is in force everywhere, a second later at most.

    Without ``moment`` PBX time goes on without a jump. Read the rules above before moving the date of a running PBX.
    """
    real = time.time()
    since = float(int(real) + 1)
    if real % 1 < _SETTLED:  # somebody may not have read the file in this second yet
        await asyncio.sleep(_SETTLED - real % 1)
    elif since - real < _TOO_LATE:
        await asyncio.sleep(since + _SETTLED - real)
        since += 1
    last = _load(clock)[-1]
    target = moment.timestamp() if moment is not None else _at(last, since)
    change = _Segment(since, target, speed if speed is not None else last.speed)
    _save(clock, [last, change])
    await asyncio.sleep(max(0.0, since + _SETTLED - time.time()))


def now(clock: Clock) -> datetime:
    """What a PBX under this clock believes now, in UTC."""
    real = time.time()
    return datetime.fromtimestamp(_at(_segment(clock, real), real), UTC)


def share(clock: Clock) -> dict[str, str]:
    """Environment for one Asterisk under this clock; with the shared objects it names, to be freed by `unshare`."""
    name = f"centralita-clock-{os.getpid()}-{secrets.token_hex(8)}"
    start = json.loads((clock.folder / "start.json").read_text())
    # struct ft_shared_s (faketime_common.h): ticks, file index, start by each of the four clocks as struct timespec.
    fields = [part for instant in start for part in (int(instant), int(instant % 1 * 1e9))]
    (SHARED_MEMORY / name).write_bytes(struct.pack("QQ8q", 0, 0, *fields))
    _make_semaphore(name)
    return {
        "FAKETIME_TIMESTAMP_FILE": str(clock.file),
        "FAKETIME_SHARED": f"/{name} /{name}",
        "FAKETIME_DONT_RESET": "1",
        "FAKETIME_CACHE_DURATION": "0",
        "FAKETIME_FMT": "%s",
        "NO_FAKE_STAT": "1",
    }


def unshare(environment: dict[str, str]) -> None:
    """Free the shared objects of `share`; a process that has already started does not need them any more."""
    for name in environment.get("FAKETIME_SHARED", "").split():
        (SHARED_MEMORY / name.lstrip("/")).unlink(missing_ok=True)
        (SHARED_MEMORY / f"sem.{name.lstrip('/')}").unlink(missing_ok=True)


def _make_semaphore(name: str) -> None:
    """Make a free POSIX semaphore; ctypes, since the standard library has no public call for it."""
    library = ctypes.CDLL(None, use_errno=True)
    library.sem_open.restype = ctypes.c_void_p
    library.sem_open.argtypes = (ctypes.c_char_p, ctypes.c_int, ctypes.c_uint, ctypes.c_uint)
    library.sem_close.argtypes = (ctypes.c_void_p,)
    semaphore = library.sem_open(f"/{name}".encode(), os.O_CREAT | os.O_EXCL, 0o600, 1)
    if not semaphore:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), f"/{name}")
    library.sem_close(semaphore)


def _at(segment: _Segment, real: float) -> float:
    return segment.moment + segment.speed * (real - segment.since)


def _segment(clock: Clock, real: float) -> _Segment:
    """The segment in force at a real instant: the last one that has begun, else the first."""
    segments = _load(clock)
    return next((each for each in reversed(segments) if each.since <= real), segments[0])


def _load(clock: Clock) -> list[_Segment]:
    return [_Segment(*each) for each in json.loads((clock.folder / "segments.json").read_text())]


def _save(clock: Clock, segments: list[_Segment]) -> None:
    """Write what is in force and what comes next, for `now` and for libfaketime, which counts from the start."""
    last = segments[-1]
    start = json.loads((clock.folder / "start.json").read_text())[0]
    _write(clock.folder / "segments.json", json.dumps([[each.since, each.moment, each.speed] for each in segments]))
    _write(clock.file, f"@{_at(last, start):.6f} x{last.speed:g}")


def _write(path: Path, text: str) -> None:
    """Replace a file at once, so that nobody ever reads half of it."""
    aside = path.with_name(f"{path.name}.{os.getpid()}.new")
    aside.write_text(text)
    aside.replace(path)
