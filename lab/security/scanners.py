"""SIPVicious, the scanners that every PBX on the internet meets, as processes: svmap, svwar and svcrack.

Their silence is worth something only because the control, a PBX left open on purpose, is scanned by the same commands:
there they must find the server, the account without a password and the weak password.

Each scanner has ports of its own. A PBX on which one of them could register goes on asking that port whether it lives
(OPTIONS); svmap there, which ends only after three seconds of silence, would never end.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import itertools
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from lab.addresses import SIP_PORT
from lab.engine.bootlog import read_since
from lab.results import Words
from lab.security.control import OPEN, WEAK, control
from lab.security.witness import Findings, Target
from pbx.asterisk import names

SECONDS: Final = 20.0
"""Real seconds for one scan, on a busy machine too."""
_LAST: Final = 0.5
"""Real seconds in which svcrack ends after its last password, when that was the right one."""
_METHODS: Final = ("REGISTER", "OPTIONS", "INVITE")
_PASSWORDS: Final = (1200, 1259)
"""The range of four digits that is tried; it holds the control's weak password."""
_CRACKED: Final = 2
"""Accounts whose password is tried."""
_FIRST_PORT: Final = 15060
"""Where the first scanner's socket begins to look for a free port: not where other labs have theirs."""
_PORTS: Final = 10
"""So far apart the scanners begin to look: as many labs may scan at once."""
_ROW: Final = re.compile(r"^\|\s*(\S+)\s*\|\s*(.*?)\s*\|$", re.MULTILINE)
_REFUSED: Final = re.compile(
    r'^.* SECURITY\[.*="(?:ChallengeResponseFailed|ChallengeSent|InvalidAccountID)".*/127\.0\.0\.1/', re.MULTILINE
)


class ScannerError(Exception):
    """The scanners cannot be run here."""


@dataclass(frozen=True, slots=True)
class Scan:
    """What one scanner printed."""

    text: str
    unended: tuple[str, ...] = ()
    """That it was still at work after :data:`SECONDS`, in words: what it would have found is not known."""

    @property
    def found(self) -> dict[str, str]:
        """Its table: accounts, with how they let one in, or their passwords."""
        return {name: how for name, how in _ROW.findall(self.text) if name != "Extension"}

    @property
    def agents(self) -> dict[str, str]:
        """The servers of svmap's table, and what they say they are."""
        return {name: agent for name, agent in _ROW.findall(self.text) if ":" in name}


async def scan(program: str, port: int, *arguments: str, names_tried: Sequence[str] = (), last_words: str = "") -> Scan:
    """Run a scanner to its end; one that says its ``last_words`` need not be waited for much longer.

    Raises :class:`ScannerError`.
    """
    if importlib.util.find_spec("sipvicious") is None:
        raise ScannerError("sipvicious is not installed: pip install 'centralita[lab]'")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", f"sipvicious.{program}", "-x", "127.0.0.1", "-P", str(port), *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    lines: list[str] = []
    unended: tuple[str, ...] = (f"{program} had not ended after {SECONDS:g} s",)
    try:
        async with asyncio.timeout(SECONDS):
            if process.stdin:
                process.stdin.write("".join(f"{name}\n" for name in names_tried).encode())
                process.stdin.close()
            await _read(process, lines, last_words)
            unended = ()
    except TimeoutError:
        pass
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    return Scan("".join(lines), unended)


async def _read(process: asyncio.subprocess.Process, lines: list[str], last_words: str) -> None:
    """Until the scanner ends, or has nothing more to try and the answer to its last try has come."""
    if process.stdout is None:
        return
    while line := (await process.stdout.readline()).decode("utf-8", "replace"):
        lines.append(line)
        if last_words and last_words in line:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LAST):
                    lines.append((await process.stdout.read()).decode("utf-8", "replace"))
            return
    await process.wait()


async def scanned(target: Target) -> Findings:
    """All scanners against both PBXs, at once."""
    mark = target.stage.pbx.log_size()
    users = [
        names.endpoint(each.slug, number) for each in target.tenants for number in list(each.tenant.extensions)[:1]
    ]
    ports = itertools.count(_FIRST_PORT, _PORTS)
    async with control(target) as bait:
        pbx = target.stage.block.pbx
        mapped, *found = await asyncio.gather(
            _svmap(next(ports), pbx, bait),
            *(_svwar(next(ports), method, pbx, users[0]) for method in _METHODS),
            *(_svwar(next(ports), method, bait, OPEN) for method in _METHODS),
            _svcrack(next(ports), WEAK[0], bait),
            *(_svcrack(next(ports), user, pbx) for user in users[:_CRACKED]),
        )
    wars, control_wars, control_crack, cracks = found[:3], found[3:6], found[6], found[7:]
    findings = Findings()
    _mapped(findings, mapped, f"{pbx}:{SIP_PORT}")
    _wars(findings, wars, users[0])
    _cracks(findings, cracks, users)
    seen = _refused(target, mark)
    enough = findings.attempts
    subject = Words("La central vio y rechazó los intentos", "The PBX saw and refused the attempts")
    findings.add(subject, f"≥ {enough} in its log", [] if seen >= enough else [str(seen)], attempts=0, where="pbx.log")
    _bites(findings, mapped, control_wars, control_crack)
    return findings


async def _svmap(port: int, *hosts: str) -> Scan:
    return await scan("svmap", port, *hosts)


async def _svwar(port: int, method: str, host: str, user: str) -> Scan:
    """It learns what a name that does not exist is answered, and compares; after a name that gives no hint it stops."""
    return await scan("svwar", port, "--force", "-m", method, "-d", "-", host, names_tried=[user])


async def _svcrack(port: int, user: str, host: str) -> Scan:
    span = "-".join(str(each) for each in _PASSWORDS)
    return await scan("svcrack", port, "-v", "-u", user, "-r", span, host, last_words="no more passwords")


def _mapped(findings: Findings, mapped: Scan, pbx: str) -> None:
    told = mapped.agents.get(pbx, "")
    findings.add(
        Words("svmap no averigua qué programa ni qué versión es la central",
              "svmap does not learn which program and version the PBX is"),
        "PBX", () if told == "PBX" else mapped.unended or [told or "no answer"], attempts=1,
    )  # fmt: skip


def _wars(findings: Findings, wars: Sequence[Scan], user: str) -> None:
    for method, war in zip(_METHODS, wars, strict=True):
        findings.add(
            Words(f"svwar ({method}) no distingue el interno {user} de uno que no existe",
                  f"svwar ({method}) cannot tell extension {user} from one that does not exist"),
            "nothing found", [*(f"{name}: {how}" for name, how in war.found.items()), *war.unended], attempts=2,
        )  # fmt: skip


def _cracks(findings: Findings, cracks: Sequence[Scan], users: Sequence[str]) -> None:
    for user, crack in zip(users, cracks, strict=False):
        findings.add(
            Words(f"svcrack no halla la clave de {user}", f"svcrack does not find the password of {user}"),
            "nothing found", [*(f"the password of {name}" for name in crack.found), *crack.unended],
            attempts=_PASSWORDS[1] - _PASSWORDS[0] + 1,
        )  # fmt: skip


def _bites(findings: Findings, mapped: Scan, wars: Sequence[Scan], crack: Scan) -> None:
    """The same commands against the control: without these finds the others' silence says nothing."""
    missed = [] if any("Asterisk" in agent for agent in mapped.agents.values()) else ["svmap did not find it"]
    blind = [method for method, war in zip(_METHODS, wars, strict=True) if OPEN not in war.found]
    missed += [f"svwar ({method}) missed account {OPEN}" for method in blind]
    missed += [] if crack.found.get(WEAK[0]) == WEAK[1] else ["svcrack missed the weak password"]
    missed += [each for scan in (mapped, *wars, crack) for each in scan.unended]
    findings.add(
        Words("Control: en una central abierta a propósito los mismos programas hallan todo",
              "Control: in a PBX left open on purpose the same programs find everything"),
        "server, open account and weak password are found", missed, attempts=0, where="control",
    )  # fmt: skip


def _refused(target: Target, mark: int) -> int:
    """Requests of scanners that the PBX has logged as refused; they come from 127.0.0.1, where no phone is."""
    return len(_REFUSED.findall(read_since(target.stage.pbx.paths.messages, mark)))
