"""Every code has a page, and what the page says is true."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

import pytest

from pbx.diagnostics.codes import CODES
from pbx.diagnostics.explain import UnknownCodeError, explain
from tests.diagnostics.pages import blocks, check_site, check_source, found

if TYPE_CHECKING:
    from tests.diagnostics.pages import Block, Place


def page_of(code: str) -> str:
    """The page, or an empty text when there is none."""
    file = resources.files("pbx.diagnostics") / "docs" / f"{code}.md"
    return file.read_text(encoding="utf-8") if file.is_file() else ""


def verdict(code: str, block: Block) -> tuple[Place, ...]:
    """What is found in a block."""
    yaml_only = code < "PBX012"
    return found(check_source, block.files) if yaml_only else found(check_site, block.completed())


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_code_has_a_page_that_says_what_why_and_how(code: str) -> None:
    entry, page = CODES[code], page_of(code)
    title = entry.title[0].lower() + entry.title[1:]
    assert page.startswith(f"# {code} {entry.slug}: {title}\n")
    assert "**What a caller would notice.**" in page
    assert ("**How to fix it.**" in page) or ("**What to do.**" in page)


def test_every_page_belongs_to_a_code() -> None:
    pages = {file.name for file in (resources.files("pbx.diagnostics") / "docs").iterdir()}
    assert pages == {f"{code}.md" for code in CODES}


def test_ids_and_slugs_are_unique_and_well_formed() -> None:
    slugs = [entry.slug for entry in CODES.values()]
    assert len(slugs) == len(set(slugs))
    assert all(len(code) == len("PBX000") and code[3:].isdigit() and code == entry.id for code, entry in CODES.items())


@pytest.mark.parametrize("code", sorted(code for code, entry in CODES.items() if entry.provocation == "page"))
def test_the_page_provokes_its_code_and_the_correction_is_clean(code: str) -> None:
    examples = blocks(page_of(code))
    assert any(code in {expected[-1] for expected in block.expected} for block in examples), (
        "no block provokes the code"
    )
    assert not examples[-1].expected, "the last block must be the corrected one"
    for number, block in enumerate(examples):
        assert verdict(code, block) == block.expected, f"block {number + 1}"
        if block.expected:
            assert not examples[number + 1].expected, f"no corrected block after block {number + 1}"


@pytest.mark.parametrize("spelling", ["PBX003", "pbx003", "003", "duplicate-key", " Duplicate-Key "])
def test_a_code_is_explained_in_any_spelling(spelling: str) -> None:
    assert explain(spelling).startswith("# PBX003 duplicate-key")


def test_an_unknown_code_is_refused_with_a_suggestion() -> None:
    with pytest.raises(UnknownCodeError, match="did you mean duplicate-key"):
        explain("duplicated-key")
    with pytest.raises(UnknownCodeError, match="codes look like PBX301"):
        explain("something else altogether")
