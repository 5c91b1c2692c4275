"""One measurement in a process of its own: `python -m tests.bench.measure TENANTS EXTENSIONS ROUNDS` prints JSON."""

from __future__ import annotations

import gc
import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from pbx.check import check
from pbx.diagnostics import Diagnostic, has_errors
from pbx.folder import read_folder
from pbx.load import load
from pbx.lower import wanted_secrets
from pbx.render import compile_site
from tests.bench.sites import site_texts

if TYPE_CHECKING:
    from pbx.bundle import Bundle


@dataclass(frozen=True, slots=True)
class Measured:
    """One size of site. Seconds are of this process's CPU, so that other work of the machine counts little."""

    tenants: int
    extensions: int
    """Of each tenant."""
    characters: int
    """Of YAML."""
    compile_seconds: list[float]
    """Read, check and compile to text in memory; one for each round."""
    compose_seconds: list[float]
    """``yaml.compose`` on the C loader over the same text; one for each round, right after the compilation."""
    peak_mebibytes: float
    """Most memory the process held until the end of its first compilation."""


def compile_folder(folder: Path) -> Bundle:
    """What ``pbx compile`` does, without sounds and without writing. Raises ValueError for a site with errors."""
    files, problems = read_folder(folder)
    if files is None:
        raise ValueError(problems)
    site, _, found = load(files)
    # The documents would be needed for messages; they are kept as long as a command keeps them.
    if site is None:
        raise ValueError(found)
    told: list[Diagnostic] = [*found, *check(site)]
    if has_errors(told):
        raise ValueError(told[:5])
    generated, referred = wanted_secrets(site)
    secrets = dict.fromkeys([*generated, *map(str, referred)], "not-a-password")
    return compile_site(site, secrets)


def write_site(texts: Mapping[str, str], folder: Path) -> None:
    """A site as a folder."""
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _compose(folder: Path) -> None:
    for path in folder.rglob("*.yaml"):
        yaml.compose(path.read_text("utf-8"), Loader=yaml.CSafeLoader)


def _seconds(do: Callable[[], object]) -> float:
    gc.collect()
    begin = time.process_time()
    do()
    return time.process_time() - begin


def measure(tenants: int, extensions: int, rounds: int) -> Measured:
    """Measure one size, in this process."""
    compiling: list[float] = []
    composing: list[float] = []
    peak = 0.0
    with tempfile.TemporaryDirectory(prefix="pbx-bench-") as name:
        folder = Path(name)
        texts = site_texts(tenants, extensions)
        characters = sum(map(len, texts.values()))
        write_site(texts, folder)
        del texts
        for _ in range(rounds):
            compiling.append(_seconds(lambda: compile_folder(folder)))
            peak = peak or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            composing.append(_seconds(lambda: _compose(folder)))
    return Measured(tenants, extensions, characters, compiling, composing, peak)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asdict(measure(*map(int, sys.argv[1:4])))))
