"""The moved clock: which date a PBX believes in, and how fast its time runs.

A clock is a folder with a file which libfaketime reads (``FAKETIME_TIMESTAMP_FILE``). Any number of Asterisks may live
under one clock; they agree on the time because libfaketime's start instant, which normally is the start of each
process, is given to all of them as the same pair of shared objects (``FAKETIME_SHARED``). So PBX time is a plain
formula of real time, computable here without asking a PBX::

    pbx = moment + speed * (real - start)

A clock never changes: rows of another date or another speed get another PBX. (Were the date moved under a running one,
its monotonic clock would move too: forward, all pending timers run out at once; backward, they stand still.)

Rules, each from the source or an experiment:

* The library is ``libfaketime.so.1``, and reads the file once, before Asterisk has threads (a long
  ``FAKETIME_CACHE_DURATION``). ``libfaketimeMT.so.1`` takes one lock for each look at the time, so that whoever holds
  it while the scheduler lets others run stops all threads of the PBX.
* ``FAKETIME_DONT_RESET``: else each process starts to count when it happens to read the file.
* ``FAKETIME_FMT=%s``: the file holds an epoch, so that it does not depend on the time zone of the process.
* The monotonic clock is faked too, since PJSIP's timers run on it: timer B, 32 s, takes 3.3 s at speed 10, and does
  not speed up otherwise.
* `FASTEST` is 10: the threads of PJSIP wait 10 ms in ``epoll_wait``; libfaketime divides and cuts off, so that at any
  higher speed they wait 0 ms and spin (an idle PBX then takes a whole processor and audio is lost).
* What was measured at speed 10 on two busy processors: ``Wait(10)`` 1.00 s, ``Dial(…,20)`` 2.00 s, recordings of full
  length and every piece of the prompt matched at 0.9999 in 20 calls at once. This is with ``res_timing_timerfd``, whose
  timers libfaketime speeds up as well.
* File times are not faked (``NO_FAKE_STAT``).
* Two threads of each Asterisk look for work every 10 ms of its time (PJSIP's monitor and the ``timer`` of
  ``res_rtp_asterisk``), at speed 10 a thousand times a second: a PBX and its parties took 8 % of a processor and nobody
  called. The kernel may delay such waits by `SLACK` to serve several at once (``timerslack_ns`` in proc(5)), and they
  take 3 to 4 %. What arrives wakes a thread at once as before, and a timer file descriptor, the beat of all sound, is
  not delayed.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import secrets
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Final

FASTEST: Final = 10
"""The highest speed that works; see the rules above."""
SHARED_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - where glibc keeps POSIX shared memory and semaphores
SLACK: Final = 3_000_000
"""Nanoseconds of real time by which a wait of an Asterisk under a clock may last longer."""
_PREFIX: Final = "centralita-clock-"
_BOOT: Final = 600
"""Seconds after which nobody boots any more with a shared object, not even a lab in another container."""
_CLOCKS: Final = ("CLOCK_MONOTONIC", "CLOCK_MONOTONIC_RAW", "CLOCK_BOOTTIME")


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock shared by any number of instances; made by `create_clock`."""

    folder: Path
    moment: float
    """What it showed when it was made, as a Unix time."""
    speed: float
    start: tuple[float, ...]
    """When it was made, in seconds of each clock of the kernel; the first is the Unix time."""

    @property
    def file(self) -> Path:
        """The file that libfaketime reads."""
        return self.folder / "faketime"


def create_clock(folder: Path, moment: datetime, speed: float = 1) -> Clock:
    """Make a clock that shows ``moment`` (with a time zone) now and runs ``speed`` times as fast as real time."""
    if moment.tzinfo is None:
        message = "a clock needs a moment with a time zone"
        raise ValueError(message)
    folder.mkdir(parents=True, exist_ok=True)
    start = (time.time(), *(time.clock_gettime(getattr(time, name)) for name in _CLOCKS))
    clock = Clock(folder, moment.timestamp(), speed, start)
    clock.file.write_text(f"@{clock.moment:.6f} x{speed:g}")  # one line without an end: else the process ends
    return clock


def unhurried(command: Sequence[str]) -> tuple[str, ...]:
    """The command, run so that each of its waits may last `SLACK` longer: its threads inherit that from the shell.

    A kernel that cannot do so runs it all the same.
    """
    return ("sh", "-c", f'{{ echo {SLACK} > /proc/self/timerslack_ns; }} 2> /dev/null; exec "$@"', "sh", *command)


def now(clock: Clock) -> datetime:
    """What a PBX under this clock believes now, in UTC."""
    return datetime.fromtimestamp(clock.moment + clock.speed * (time.time() - clock.start[0]), UTC)


def share(clock: Clock) -> dict[str, str]:
    """Environment for one Asterisk under this clock; with the shared objects it names, to be freed by `unshare`."""
    _remove_left()
    name = f"{_PREFIX}{os.getpid()}-{secrets.token_hex(8)}"
    # struct ft_shared_s (faketime_common.h): ticks, file index, start by each of the four clocks as struct timespec.
    fields = [part for instant in clock.start for part in (int(instant), int(instant % 1 * 1e9))]
    (SHARED_MEMORY / name).write_bytes(struct.pack("QQ8q", 0, 0, *fields))
    _make_semaphore(name)
    return {
        "FAKETIME_TIMESTAMP_FILE": str(clock.file),
        "FAKETIME_SHARED": f"/{name} /{name}",
        "FAKETIME_DONT_RESET": "1",
        "FAKETIME_CACHE_DURATION": "1000000000",
        "FAKETIME_FMT": "%s",
        "NO_FAKE_STAT": "1",
    }


def unshare(environment: dict[str, str]) -> None:
    """Free the shared objects of `share`; a process that has already started does not need them any more."""
    for name in environment.get("FAKETIME_SHARED", "").split():
        (SHARED_MEMORY / name.lstrip("/")).unlink(missing_ok=True)
        (SHARED_MEMORY / f"sem.{name.lstrip('/')}").unlink(missing_ok=True)


@cache
def _remove_left() -> None:
    """Remove the shared objects of labs that were killed in a boot: nobody else ever does."""
    for left in (*SHARED_MEMORY.glob(f"{_PREFIX}*"), *SHARED_MEMORY.glob(f"sem.{_PREFIX}*")):
        owner = left.name.removeprefix("sem.").removeprefix(_PREFIX).partition("-")[0]
        with contextlib.suppress(OSError):
            if time.time() - left.stat().st_mtime > _BOOT and not Path("/proc", owner).exists():
                left.unlink()


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
