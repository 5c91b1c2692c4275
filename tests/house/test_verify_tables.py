"""Everything that our templates use is known to the check of builds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pbx.rehearsal import run as rehearsed
from pbx.rehearsal import world
from pbx.verify.applications import APPLICATIONS, FUNCTIONS
from pbx.verify.configuration import PLAIN_FILES, READ_FILES
from pbx.verify.modules import inventory
from pbx.verify.plain import PLAIN_APPLICATIONS, PLAIN_FUNCTIONS
from pbx.verify.text import read
from tests.samples import DEMO, TWO, build, clean, texts_of

TEMPLATES = Path(__file__).resolve().parents[2] / "dialplan_templates"
_STEP = re.compile(r"^(?:exten = [^\n]*?,1|[ \t]*same = n(?:\(\w+\))?),(\w+)\(", re.MULTILINE)
_INNER = re.compile(r"(?:ExecIf|ExecIfTime)\([^\n]*?[?:](\w+)\(")
_READ = re.compile(r"\$\{(\w+)\(")
_WRITTEN = re.compile(r"Set\((\w+)\([^\n=]*\)=")


def texts() -> dict[str, str]:
    """Every template, and what was made of two sites."""
    found = {path.name: path.read_text("utf-8") for path in TEMPLATES.rglob("*.conf*")}
    for folder in (DEMO, TWO):
        found |= {f"{folder.name}/{name}": text for name, text in build(clean(texts_of(folder))).files.items()}
    return found


def used(*patterns: re.Pattern[str]) -> set[str]:
    """What some patterns find in all texts."""
    return {name for text in texts().values() for pattern in patterns for name in pattern.findall(text)}


def test_every_application_of_the_templates_is_known_to_jump_or_not_to() -> None:
    applications = {name.lower() for name in used(_STEP, _INNER)}
    assert len(applications) > 15
    assert applications - set(APPLICATIONS) - PLAIN_APPLICATIONS == set()


def test_every_function_of_the_templates_is_known_to_name_something_or_not_to() -> None:
    functions = used(_READ, _WRITTEN)
    assert len(functions) > 10
    assert functions - set(FUNCTIONS) - PLAIN_FUNCTIONS == set()


def test_a_call_can_be_rehearsed_through_everything_that_the_templates_use() -> None:
    assert {name.lower() for name in used(_STEP, _INNER)} - rehearsed.APPLICATIONS == set()
    assert used(_READ) - world.FUNCTIONS - {"CUT"} == set()
    assert used(_WRITTEN) - world.WRITTEN - {"LOCAL"} == set()


def test_nothing_is_in_two_tables() -> None:
    assert set(APPLICATIONS) & PLAIN_APPLICATIONS == set()
    assert set(FUNCTIONS) & PLAIN_FUNCTIONS == set()


@pytest.mark.parametrize(
    ("kind", "names"),
    [("application", {*APPLICATIONS, *PLAIN_APPLICATIONS}), ("function", {*FUNCTIONS, *PLAIN_FUNCTIONS})],
)
def test_what_is_in_the_tables_exists(kind: str, names: set[str]) -> None:
    assert {name for name in names if (kind, name) not in inventory()} == set()


def test_every_file_of_a_build_is_read_or_known_to_name_nothing() -> None:
    files = build(clean(texts_of(TWO))).files
    dialplan = {section.place.file for section in read(files, "extensions.conf").sections}
    names = {name.rpartition("/")[2] for name in files if name not in dialplan}
    assert names - READ_FILES - PLAIN_FILES == set()
