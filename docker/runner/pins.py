"""Which of the pinned packages the runner needs: all but those for development.

``pins.py wanted pyproject.toml`` prints what the program and its laboratory ask for, one a line.
``pins.py locked constraints.txt report.json`` prints the lines of constraints.txt, hashes included, for what pip has
said in its report that it would install.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path


def wanted(project: Path) -> Iterator[str]:
    """The requirements of the package with its extra ``lab``."""
    known = tomllib.loads(project.read_text(encoding="utf-8"))["project"]
    yield from (*known["dependencies"], *known["optional-dependencies"]["lab"])


def locked(constraints: Path, report: Path) -> Iterator[str]:
    """The requirements with hashes of every package in pip's report."""
    found = json.loads(report.read_text(encoding="utf-8"))["install"]
    names = {_plain(each["metadata"]["name"]) for each in found}
    blocks = re.split(r"^(?=[A-Za-z0-9])", constraints.read_text(encoding="utf-8"), flags=re.MULTILINE)
    yield from (block for block in blocks if _plain(re.split(r"[=\s]", block, maxsplit=1)[0]) in names)


def _plain(name: str) -> str:
    """A name as it is compared (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    lines = wanted(Path(sys.argv[2])) if sys.argv[1] == "wanted" else locked(Path(sys.argv[2]), Path(sys.argv[3]))
    sys.stdout.writelines(f"{line.rstrip()}\n" for line in lines)
