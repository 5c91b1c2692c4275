"""Loopback addresses for the hosts of a lab: a block of its own for each PBX with its parties.

A block is ``127.77.N.0/24``: the PBX is at .10, its phones at .20, its carriers from .31 on, all on port 5060. A lock
file keeps two labs of one machine from taking the same block; the kernel frees it when its holder dies.
"""

from __future__ import annotations

import fcntl
import os
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_LOWEST: Final = 1
_HIGHEST: Final = 250
SIP_PORT: Final = 5060
AMI_PORT: Final = 5038


class NoAddressError(Exception):
    """Every block of loopback addresses is taken."""


@dataclass(frozen=True, slots=True)
class Block:
    """One block of addresses, held until :meth:`release`."""

    number: int
    _lock: int

    @property
    def pbx(self) -> str:
        """The PBX under test."""
        return f"127.77.{self.number}.10"

    @property
    def phones(self) -> str:
        """The simulated phones."""
        return f"127.77.{self.number}.20"

    def carrier(self, index: int) -> str:
        """The simulated carrier behind the trunk of this index."""
        return f"127.77.{self.number}.{31 + index}"

    def release(self) -> None:
        """Give the block back."""
        os.close(self._lock)


def reserve(folder: Path, highest: int = _HIGHEST) -> Block:
    """Take a free block; ``folder`` holds the lock files. Raises :class:`NoAddressError`."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(_LOWEST, highest + 1):
        handle = os.open(folder / f"{number}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            continue
        block = Block(number, handle)
        if _free(block):
            return block
        block.release()
    raise NoAddressError(
        f"all {highest} blocks of loopback addresses are taken: is another lab running? (pbx lab status)"
    )


def _free(block: Block) -> bool:
    """Whether nobody listens there: a lab left running holds no lock file of ours."""
    for host, kind, port in ((block.pbx, socket.SOCK_DGRAM, SIP_PORT), (block.phones, socket.SOCK_DGRAM, SIP_PORT)):
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind((host, port))
            except OSError:
                return False
    return True
