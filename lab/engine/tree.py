"""The folder of one instance: its configuration, and its own view of the shipped data."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from lab.engine.base import EngineError, Installation, InstanceSpec, Paths
from lab.engine.documentation import outline

LONGEST_SOCKET: Final = 107
"""Bytes in the path of a Unix socket (unix(7)); Asterisk cuts a longer one off without a word."""
OWN_FILES: Final = frozenset({"asterisk.conf", "logger.conf"})

_LOGGER: Final = """\
[general]
dateformat=%F %T.%3q

[logfiles]
messages.log => notice,warning,error,security,verbose(3)
"""


def write_tree(spec: InstanceSpec, installation: Installation) -> Paths:
    """Write an instance's folder anew; its spool, AstDB and logs stay. Raises `EngineError`."""
    paths = Paths(spec.folder.resolve())
    _check(spec, paths)
    paths.folder.mkdir(parents=True, exist_ok=True)
    paths.folder.chmod(0o700)
    for fresh in (paths.etc, paths.data, paths.run):
        if fresh.exists():
            shutil.rmtree(fresh)
    for folder in (paths.etc, paths.spool, paths.voicemail, paths.recordings, paths.log, paths.run, paths.varlib):
        folder.mkdir(parents=True, exist_ok=True)
    for folder in (paths.spool / "tmp", *(paths.log / name for name in ("cdr-csv", "cdr-custom", "cel-custom"))):
        folder.mkdir(exist_ok=True)
    files = {
        "logger.conf": _LOGGER,
        **spec.files,
        "asterisk.conf": _asterisk_conf(paths, installation, spec.options),
    }
    for name, text in files.items():
        path = paths.etc / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o640)
        path.write_text(text, encoding="utf-8")
    _write_data(paths, installation, spec.sounds)
    _write_documentation(paths.data / "documentation", installation, whole=spec.detached)
    return paths


def _check(spec: InstanceSpec, paths: Paths) -> None:
    """Refuse what would fail later in a way that is hard to understand."""
    if len(bytes(paths.control)) > LONGEST_SOCKET:
        raise EngineError(
            f"The folder of {spec.name} has too long a name for a control socket: {paths.folder}",
            "Use a folder with a shorter path.",
        )
    own = OWN_FILES & spec.files.keys()
    if own:
        raise EngineError(
            f"The configuration of {spec.name} brings {' and '.join(sorted(own))}, which the engine writes.",
            "Leave it out.",
        )


def _asterisk_conf(paths: Paths, installation: Installation, options: Mapping[str, str]) -> str:
    """Every directory inside the instance, so that nothing of the machine is touched."""
    directories = {
        "astetcdir": paths.etc,
        "astmoddir": installation.modules,
        "astvarlibdir": paths.varlib,
        "astdbdir": paths.varlib,
        "astkeydir": paths.data,
        "astdatadir": paths.data,
        "astagidir": paths.data / "agi-bin",
        "astspooldir": paths.spool,
        "astrundir": paths.run,
        "astlogdir": paths.log,
        "astcachedir": paths.varlib / "cache",
    }
    settings = {"verbose": "3", "nocolor": "yes", "hideconnect": "yes", **options}
    lines = ["[directories]", *(f"{name} => {path}" for name, path in directories.items())]
    return "\n".join([*lines, "", "[options]", *(f"{name} = {value}" for name, value in settings.items()), ""])


def _write_data(paths: Paths, installation: Installation, sounds: Mapping[str, Path]) -> None:
    """Link the shipped data, each language under its short name, and the given sounds beside it."""
    paths.sounds.mkdir(parents=True)
    (paths.data / "keys").mkdir()
    for name in ("moh", "rest-api", "static-http", "agi-bin", "images"):
        if (installation.data / name).is_dir():
            (paths.data / name).symlink_to(installation.data / name)
    for name, target in {**installation.languages, **sounds}.items():
        link = paths.sounds / name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(target.resolve())
    (paths.varlib / "recordings").mkdir(exist_ok=True)
    if "recordings" not in sounds:
        (paths.sounds / "recordings").symlink_to(paths.varlib / "recordings")


def _write_documentation(target: Path, installation: Installation, *, whole: bool) -> None:
    """Whole for who goes on without us, and whose console people will ask; its outline for all others."""
    shipped = installation.data / "documentation"
    outlines = {} if whole else outline(shipped)
    if outlines:
        target.mkdir()
        for name, text in outlines.items():
            (target / name).write_text(text, encoding="utf-8")
    elif shipped.is_dir():
        target.symlink_to(shipped)
