"""Generated tenants as sites: written to a folder in YAML that people can read, and loaded by the front door."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from lab.differential.tenants import RECORDING, Tree
from pbx.audio import to_wav_bytes
from pbx.check import check
from pbx.diagnostics import Diagnostic, has_errors
from pbx.folder import SiteFiles
from pbx.load import load
from pbx.site import Site

PLATFORM: Final[Tree] = {
    "platform": "prueba",
    "domain": "pbx.prueba.example",
    "sip": {"bind": "0.0.0.0", "port": "5060"},  # noqa: S104 - as a customer's platform has it
    "rtp": "10000-20000",
    "mail": {"from": "buzon@prueba.example", "command": "/usr/sbin/sendmail -t"},
    "ami": {"bind": "127.0.0.1", "port": "5038", "user": "pbx", "password": "env:PBX_AMI_PASSWORD"},
}
_PLAIN: Final = re.compile(r"[a-z][a-z_]*|[a-z_]+:[a-z]+|[1-9][0-9]*s")
_WIDE: Final = 90


def write(folder: Path, trees: Sequence[Tree]) -> None:
    """Write a site; its one recording is a second of a tone, which nobody listens to."""
    (folder / "tenants").mkdir(parents=True, exist_ok=True)
    (folder / "platform.yaml").write_text(text(PLATFORM), encoding="utf-8")
    at = np.arange(8000) / 8000
    tone = to_wav_bytes((8000 * np.sin(2 * np.pi * 440 * at)).astype(np.int16))
    for tree in trees:
        own = folder / "tenants" / tree["tenant"]
        own.with_suffix(".yaml").write_text(text(tree), encoding="utf-8")
        if RECORDING in json.dumps(tree):
            own.mkdir(exist_ok=True)
            (own / RECORDING).write_bytes(tone)


def load_trees(trees: Sequence[Tree]) -> tuple[Site | None, list[Diagnostic]]:
    """The site of some tenants, None when it has errors; and all that is told of it."""
    texts = {"platform.yaml": text(PLATFORM).encode()}
    texts |= {f"tenants/{tree['tenant']}.yaml": text(tree).encode() for tree in trees}
    recordings = {tree["tenant"]: frozenset({RECORDING}) for tree in trees}
    site, _, problems = load(SiteFiles(Path(), texts, recordings))
    if site is None or has_errors(problems):
        return None, problems
    problems = [*problems, *check(site)]
    return (None if has_errors(problems) else site), problems


def text(tree: Mapping[str, Any]) -> str:
    """A tree of mappings, lists and texts as YAML: short parts on one line."""
    return "".join(f"{line}\n" for line in _lines(tree))


def _lines(tree: Mapping[str, Any]) -> Iterator[str]:
    for key, value in tree.items():
        flat = f"{_scalar(key)}: {_flow(value)}"
        if len(flat) <= _WIDE or not isinstance(value, dict | list):
            yield flat
        elif isinstance(value, dict):
            yield f"{_scalar(key)}:"
            yield from (f"  {line}" for line in _lines(value))
        else:
            yield f"{_scalar(key)}:"
            yield from (f"  - {_flow(each)}" for each in value)


def _flow(value: Any) -> str:  # noqa: ANN401 - whatever a tree holds
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_scalar(key)}: {_flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return _scalar(value)


def _scalar(given: str) -> str:
    """A text as YAML has it: in quotes, unless it can be nothing but a text or a time."""
    return given if _PLAIN.fullmatch(given) else json.dumps(given, ensure_ascii=False)
