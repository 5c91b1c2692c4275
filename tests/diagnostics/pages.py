"""Reads the pages of codes as tests: the YAML blocks that fail, and the corrected ones that follow them.

A block is one file, ``tenants/andina.yaml``, unless lines ``# file: NAME`` say otherwise. ``# error: [PBX301]`` at the
end of a line is what must be found there, and nothing else may be found; the remark itself is taken out before the
check. A block without such a remark must be clean. So that pages stay short, a platform and the head of the tenant are
added where a block has none, at the end, so that lines keep their numbers; ``# whole file: NAME`` adds nothing.
``␀`` to ``␟`` stand for the control characters that they picture.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pbx.source import read_yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pbx.diagnostics import Diagnostic, Source

    Check = Callable[[Mapping[str, str]], tuple[Sequence[Diagnostic], Mapping[str, Source]]]
    """From the files of a site, by name, to what is wrong with it and the files as read."""

_BLOCK = re.compile(r"^```(?:yaml|csv)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"^# (whole )?file: (\S+)$")
_REMARK = re.compile(r"\s*# (?:error|warning): \[([^\]]+)\]$")
_PICTURE = re.compile("[\u2400-\u241f]")

PLATFORM = """\
platform: nube-sur
domain: pbx.nube-sur.example
sip: {bind: 0.0.0.0, port: 5060, external_address: 203.0.113.10}
rtp: 10000-20000
"""
HEAD = {
    "tenant": "andina",
    "name": "Andina Seguros S.A.",
    "country": "AR",
    "language": "es",
    "timezone": "America/Argentina/Buenos_Aires",
    "area_code": '"11"',
    "numbering": "{extensions: 200-299, services: 600-699}",
    "calendar_years": "2026-2028",
}


@dataclass(frozen=True)
class Block:
    """A block of YAML of a page."""

    files: Mapping[str, str]
    whole: frozenset[str]
    """Files to which nothing is added."""
    expected: frozenset[tuple[str, int, str]]
    """File, line, code."""

    def completed(self) -> dict[str, str]:
        """The files, with a platform and the head of each tenant where the page leaves them out."""
        site = {"platform.yaml": PLATFORM}
        for file, text in self.files.items():
            is_tenant = file.startswith("tenants/") and file.endswith(".yaml") and file not in self.whole
            site[file] = text + _missing_head(file, text) if is_tenant else text
        return site


def _missing_head(file: str, text: str) -> str:
    slug = file.removeprefix("tenants/").removesuffix(".yaml")
    head = HEAD | {"tenant": slug}
    return "".join(f"{key}: {value}\n" for key, value in head.items() if not re.search(rf"^{key}:", text, re.MULTILINE))


def blocks(page: str) -> list[Block]:
    """The blocks of a page, in order."""
    return [_block(found[1]) for found in _BLOCK.finditer(page)]


def _block(text: str) -> Block:
    file = "tenants/andina.yaml"
    lines: dict[str, list[str]] = {}
    whole, expected = set(), set()
    for line in text.splitlines():
        header = _FILE.match(line)
        if header:
            file = header[2]
            lines.setdefault(file, [])
            if header[1]:
                whole.add(file)
            continue
        bare = _REMARK.sub("", line)
        lines.setdefault(file, []).append(_PICTURE.sub(lambda found: chr(ord(found[0]) - 0x2400), bare))
        remark = _REMARK.search(line)
        if remark:
            expected |= {(file, len(lines[file]), code.strip()) for code in remark[1].split(",")}
    files = {name: "\n".join(content) + "\n" for name, content in lines.items()}
    return Block(files, frozenset(whole), frozenset(expected))


def found(check: Check, files: Mapping[str, str]) -> set[tuple[str, int, str]]:
    """What a check says of some files: file, line, code."""
    diagnostics, documents = check(files)
    places = set()
    for one in diagnostics:
        span = one.span or documents[one.file].place(one.path, at_key=one.at_key)
        places.add((one.file, span.line, one.code))
    return places


def check_source(files: Mapping[str, str]) -> tuple[list[Diagnostic], dict[str, Source]]:
    """Only read the files: enough for the codes PBX0xx."""
    documents: dict[str, Source] = {}
    problems: list[Diagnostic] = []
    for file, text in files.items():
        documents[file], more = read_yaml(file, text)
        problems += more
    return problems, documents
