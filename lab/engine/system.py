"""The system engine: an Asterisk that is already installed and on PATH."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

from lab.engine.base import EngineError, Installation, Progress, quiet

ROOT: Final = Path("/")
OLDEST: Final = 22
"""The oldest Asterisk that has what the compiled configuration needs."""
_FAKETIME: Final = (
    "usr/lib/*/faketime/libfaketime.so.1",
    "usr/lib*/faketime/libfaketime.so.1",
    "usr/local/lib/faketime/libfaketime.so.1",
)
_MODULES: Final = ("usr/lib/*/asterisk/modules", "usr/lib*/asterisk/modules", "usr/local/lib/asterisk/modules")
_DATA: Final = ("usr/share/asterisk", "var/lib/asterisk", "usr/local/share/asterisk")
_CURE: Final = "Install Asterisk 22 or newer, or use the embedded engine."


class System:
    """The engine named ``system``."""

    name = "system"

    def __init__(self, root: Path | None = None) -> None:
        """Look for the installation's folders below ``root``."""
        self.root = root or ROOT

    def provision(self, progress: Progress = quiet) -> Installation:
        """What is installed, if it is new enough. Raises `EngineError`."""
        progress("looking for Asterisk", 0)
        program = shutil.which("asterisk")
        if program is None:
            raise EngineError("There is no `asterisk` on PATH.", _CURE)
        version = _version(program)
        if int(version.split(".")[0]) < OLDEST:
            raise EngineError(f"{program} is Asterisk {version}; {OLDEST} or newer is needed.", _CURE)
        configured = _directories(self.root / "etc/asterisk/asterisk.conf")
        modules = configured.get("astmoddir") or self._first(_MODULES)
        data = configured.get("astdatadir") or self._first(_DATA)
        if modules is None or data is None:
            raise EngineError(f"The folders of modules and data of {program} were not found.", _CURE)
        faketime = self._first(_FAKETIME)
        progress(f"Asterisk {version} is ready", 1)
        return Installation(
            engine=self.name,
            version=version,
            command=(program,),
            # ONLY_CMDS: what Asterisk starts inherits LD_PRELOAD, and is to live in real time.
            clocked_command=("env", f"LD_PRELOAD={faketime}", "FAKETIME_ONLY_CMDS=asterisk", program)
            if faketime
            else None,
            modules=modules,
            data=data,
            languages=_languages(data / "sounds"),
            espeak=("espeak-ng",) if shutil.which("espeak-ng") else None,
        )

    def _first(self, patterns: tuple[str, ...]) -> Path | None:
        return next((path for pattern in patterns for path in sorted(self.root.glob(pattern))), None)


def _version(program: str) -> str:
    """Asterisk's own version. Raises `EngineError`."""
    try:
        done = subprocess.run([program, "-V"], check=False, capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EngineError(f"{program} cannot be run: {error}.", _CURE) from error
    if done.returncode:
        raise EngineError(f"{program} did not tell its version: {(done.stdout + done.stderr).strip()}.", _CURE)
    return asterisk_version(done.stdout, program)


def asterisk_version(said: str, program: str) -> str:
    """The version in what ``asterisk -V`` says. Raises `EngineError`."""
    match = re.search(r"Asterisk (?:certified/)?(\d+(?:\.\d+)*)", said)
    if not match:
        raise EngineError(f"{program} did not tell its version: {said.strip()}.", _CURE)
    return match[1]


def _directories(configuration: Path) -> dict[str, Path]:
    """The folders that an installed ``asterisk.conf`` names, if it can be read and they are there."""
    try:
        text = configuration.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return {}
    named = {match[1]: Path(match[2]) for match in re.finditer(r"^\s*(ast\w+dir)\s*=>?\s*(\S+)", text, re.MULTILINE)}
    return {name: path for name, path in named.items() if path.is_dir()}


def _languages(sounds: Path) -> dict[str, Path]:
    """The first folder of each language: ``es`` is ``es``, else for example ``es_MX_f_Allison``."""
    found: dict[str, Path] = {}
    for path in sorted(sounds.glob("*"), key=lambda each: (len(each.name), each.name)):
        match = re.match(r"^([a-z]{2})(_[A-Z]{2}.*)?$", path.name)
        if match and path.is_dir():
            found.setdefault(match[1], path)
    return found
