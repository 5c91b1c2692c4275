"""A command by which the compiler finds the speech synthesizer of an engine."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path


def write_speech_command(command: Sequence[str], folder: Path) -> Path:
    """Write an executable ``espeak-ng`` into a folder that runs ``command``; returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "espeak-ng"
    aside = folder / ".espeak-ng.new"
    aside.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n', encoding="utf-8")
    aside.chmod(0o755)
    aside.replace(path)
    return path
