"""Debian's headless Chromium in the cache folder, for machines that have no browser: no root, nothing installed.

It is fetched as the embedded engine is (:mod:`lab.engine.debian`: signatures and hashes verified), about 180 MB once,
and runs through its own loader. Chromium starts itself again for each of its processes: it is told to start the script
that runs it through the loader, and the loader lies beside it, where it looks for its data
(``--browser-subprocess-path``, content/public/common/content_switches.cc).
"""

from __future__ import annotations

import fcntl
import os
import platform
import shutil
import tempfile
from pathlib import Path
from typing import Final

from lab.engine import debian
from lab.engine.base import EngineError
from lab.engine.embedded import MACHINES
from lab.engine.sources import find_mirror

WANTED: Final = ("chromium-headless-shell", "fonts-dejavu-core")
_SCRIPT: Final = """\
#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
export FONTCONFIG_FILE="$here/fonts.conf"
libraries="$here/usr/lib/{triplet}:$here/usr/lib/{triplet}/pulseaudio:$here/usr/lib/chromium"
exec "$here/usr/lib/chromium/loader" --library-path "$libraries" "$here/usr/lib/chromium/chromium-headless-shell" \\
  --no-zygote --browser-subprocess-path="$here/chromium" "$@"
"""
_FONTS: Final = """\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir prefix="relative">usr/share/fonts</dir><cachedir>~/.cache/fontconfig</cachedir></fontconfig>
"""


def fetched() -> Path:
    """The program in the cache, fetched if need be. Raises `EngineError` when it cannot be had."""
    machine = MACHINES.get(platform.machine())
    if machine is None:
        raise EngineError(f"There is no Chromium for {platform.machine()} here.", "Name one: CENTRALITA_CHROMIUM=…")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "centralita" / "browsers"
    cache.mkdir(parents=True, exist_ok=True)
    root = cache / f"chromium-{machine.architecture}"
    with (cache / "lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not root.is_dir():
            with tempfile.TemporaryDirectory(dir=cache) as folder:
                _build(Path(folder) / "root", Path(folder), machine.architecture, machine.triplet, machine.loader)
                (Path(folder) / "root").rename(root)
    return root / "chromium"


def _build(root: Path, folder: Path, architecture: str, triplet: str, loader: str) -> None:
    apt = debian.open_apt(folder / "apt", architecture, find_mirror(os.environ))
    debian.update(apt, _unseen)
    packages = debian.resolve(apt, WANTED).packages
    archives = folder / "archives"
    archives.mkdir()
    root.mkdir()
    for archive in debian.download(apt, packages, archives, _unseen):
        debian.extract(archive, root)
    program = root / "usr" / "lib" / "chromium"
    shutil.copy(root / "usr" / "lib" / triplet / loader, program / "loader")
    (root / "fonts.conf").write_text(_FONTS, "utf-8")
    script = root / "chromium"
    script.write_text(_SCRIPT.format(triplet=triplet), "utf-8")
    script.chmod(0o755)


def _unseen(_done: float) -> None:
    """Nobody watches the progress of a test."""
