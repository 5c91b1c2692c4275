"""The contracts of import-linter can fail: each is broken on purpose in a copy of the tree."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_LINT = """
import sys
sys.path.insert(0, ".")
from importlinter.cli import lint_imports
sys.exit(lint_imports(no_cache=True))
"""


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """The verdict on a tree."""
    return subprocess.run([sys.executable, "-c", _LINT], cwd=folder, check=False, capture_output=True, text=True)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the packages and their contracts."""
    for package in ("pbx", "lab"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("pbx/diagnostics/suggest.py", "import pbx.source", "layers"),
        ("pbx/source.py", "import lab.results", "the compiler does not know the laboratory"),
        ("pbx/diagnostics/suggest.py", "import yaml", "yaml only at the front door"),
        ("lab/results.py", "import yaml", "yaml only at the front door"),
        ("pbx/source.py", "import jinja2", "jinja2 only where text is rendered"),
        ("lab/results.py", "import rich.table", "rich and typer only where people read"),
        ("lab/results.py", "import panoramisk", "panoramisk only in the AMI adapter"),
        ("lab/results.py", "import asterisk.agi", "pyst2 only in the scripts of simulated phones"),
    ],
)
def test_an_import_against_the_layers_is_refused(tree: Path, module: str, line: str, contract: str) -> None:
    with (tree / module).open("a", encoding="utf-8") as file:
        file.write(f"\n{line}\n")
    verdict = lint(tree)
    assert verdict.returncode == 1, verdict.stdout + verdict.stderr
    broken = [row for row in verdict.stdout.splitlines() if " BROKEN" in row]
    assert any(row.startswith(contract) for row in broken), verdict.stdout
