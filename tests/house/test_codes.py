"""The table of codes and the code that raises them agree."""

from __future__ import annotations

import re
from pathlib import Path

from pbx.diagnostics.codes import CODES

ROOT = Path(__file__).resolve().parents[2]
_CODE = re.compile(r'"(PBX[0-9]{3})"')


def raised(*packages: str) -> set[str]:
    """Every code that a module names, the table itself left out."""
    modules = (path for name in packages for path in (ROOT / name).rglob("*.py") if path.name != "codes.py")
    return {code for path in modules for code in _CODE.findall(path.read_text(encoding="utf-8"))}


def test_every_code_that_is_raised_is_in_the_table() -> None:
    assert raised("pbx") - set(CODES) == set()


def test_every_code_of_the_table_is_raised_somewhere() -> None:
    assert set(CODES) - raised("pbx", "lab") - {"PBX900"} == set()


def test_every_code_that_a_page_cannot_provoke_is_provoked_by_a_test() -> None:
    tests = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    runtime = {code for code, entry in CODES.items() if entry.provocation == "runtime"}
    assert {code for code in runtime if code not in tests} - {"PBX900"} == set()
