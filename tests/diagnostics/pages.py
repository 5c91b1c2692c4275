"""Reads the pages of codes as tests: the YAML blocks that fail, and the corrected ones that follow them.

A block is one file, ``tenants/andina.yaml``, unless lines ``# file: NAME`` say otherwise. ``# error: [PBX301]`` at the
end of a line (``# warning:`` for a warning) is what must be found there, and nothing else may be found; the remark
itself is taken out before the check. A block without such a remark must be clean. So that pages stay short, what a
platform or a tenant cannot be without is added where a block leaves it out, key by key and at the end, so that lines
keep their numbers; ``# whole file: NAME`` adds nothing. A block may also hold lists; a block of csv is the list
``tenants/andina/internos.csv`` unless it says otherwise. A list that no tenant names is named for it: as
``phonebook_file`` when it is called agenda.csv, else as ``extensions_file``. Each tenant's folder holds the recording
``bienvenida.wav``.
``␀`` to ``␟`` stand for the control characters that they picture.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from pbx.check import check
from pbx.diagnostics import has_errors
from pbx.folder import PLATFORM, POCS
from pbx.load import load
from pbx.source import read_yaml
from tests.samples import site_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from pbx.diagnostics import Diagnostic, Source

    Check = Callable[[Mapping[str, str]], tuple[Sequence[Diagnostic], Mapping[str, Source]]]
    """From the files of a site, by name, to what is wrong with it and the files as read."""

Place = tuple[str, int, str, str]
"""File, line, severity, code."""

_BLOCK = re.compile(r"^```(yaml|csv)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"^# (whole )?file: (\S+)$")
_REMARK = re.compile(r"\s*# (error|warning): \[([^\]]+)\]$")
_PICTURE = re.compile("[\u2400-\u241f]")

PLATFORM_BASE = {
    "platform": "nube-sur",
    "domain": "pbx.nube-sur.example",
    "rtp": "10000-20000",
    "mail": "{from: buzon@nube-sur.example}",
    "ami": '{password: "env:PBX_AMI_PASSWORD"}',
}
TENANT_BASE = {
    "name": "Andina Seguros S.A.",
    "country": "AR",
    "language": "es",
    "timezone": "America/Argentina/Buenos_Aires",
    "area_code": '"11"',
    "numbering": "{extensions: 200-299, services: 600-699}",
    "calendar_years": "2026-2028",
    "trunks": "{principal: {type: cloud, host: sip.operador.example}}",
    "dids": '{"+541152365000": extension:201}',
    "outbound_routes": "[{match: [emergency], trunks: [principal]}]",
    "classes_of_service": "{interno: {allow: [internal]}}",
    "extensions": '{"201": {first_name: Ana, class_of_service: interno}}',
}
RECORDINGS = frozenset({"bienvenida.wav"})


@dataclass(frozen=True)
class Block:
    """A block of YAML of a page."""

    files: Mapping[str, str]
    whole: frozenset[str]
    """Files to which nothing is added."""
    expected: tuple[Place, ...]
    """Sorted."""

    def completed(self) -> dict[str, str]:
        """The files, with a platform, and with what each file cannot be without where the page leaves it out."""
        site = {PLATFORM: "", "tenants/andina.yaml": "", **self.files}
        lists = {name: text for name, text in site.items() if name.lower().endswith(".csv")}
        yaml = {name: text for name, text in site.items() if name not in lists}
        completed = {file: text if file in self.whole else text + _missing(file, text) for file, text in yaml.items()}
        return {name: text + _unnamed(name, text, lists) for name, text in completed.items()} | lists


def _unnamed(file: str, text: str, lists: Iterable[str]) -> str:
    """The lists of a tenant that it does not name."""
    folder = file.removesuffix(".yaml") + "/"
    own = [name.removeprefix(folder) for name in lists if name.startswith(folder)]
    keys = {name: "phonebook_file" if name == "agenda.csv" else "extensions_file" for name in own}
    return "".join(f"{key}: {name}\n" for name, key in keys.items() if f"{key}:" not in text)


def _missing(file: str, text: str) -> str:
    if file.startswith(f"{POCS}/"):
        return "" if re.search("^poc:", text, re.MULTILINE) else f"poc: {PurePosixPath(file).stem}\n"
    base = PLATFORM_BASE if file == PLATFORM else {"tenant": PurePosixPath(file).stem, **TENANT_BASE}
    return "".join(f"{key}: {value}\n" for key, value in base.items() if not re.search(rf"^{key}:", text, re.MULTILINE))


def blocks(page: str) -> list[Block]:
    """The blocks of a page, in order."""
    first = {"yaml": "tenants/andina.yaml", "csv": "tenants/andina/internos.csv"}
    return [_block(found[2], first[found[1]]) for found in _BLOCK.finditer(page)]


def _block(text: str, file: str) -> Block:
    lines: dict[str, list[str]] = {}
    whole: set[str] = set()
    expected: list[Place] = []
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
            expected += [(file, len(lines[file]), remark[1], code.strip()) for code in remark[2].split(",")]
    files = {name: "\n".join(content) + "\n" for name, content in lines.items()}
    return Block(files, frozenset(whole), tuple(sorted(expected)))


def found(check_files: Check, files: Mapping[str, str]) -> tuple[Place, ...]:
    """What a check says of some files, each as often as it says it; sorted."""
    diagnostics, documents = check_files(files)
    places = []
    for one in diagnostics:
        span = one.span or documents[one.file].place(one.path, at_key=one.at_key)
        places.append((span.file, span.line, one.severity, one.code))
    return tuple(sorted(places))


def check_source(files: Mapping[str, str]) -> tuple[list[Diagnostic], dict[str, Source]]:
    """Only read the files: enough for the codes PBX0xx."""
    documents: dict[str, Source] = {}
    problems: list[Diagnostic] = []
    for file, text in files.items():
        documents[file], more = read_yaml(file, text)
        problems += more
    return problems, documents


def check_site(files: Mapping[str, str]) -> tuple[list[Diagnostic], dict[str, Source]]:
    """Read the files and check the site they make."""
    site, documents, problems = load(site_files(files, lambda _slug: RECORDINGS))
    assert (site is None) == has_errors(problems)
    sources: dict[str, Source] = dict(documents)
    return (problems if site is None else problems + check(site)), sources
