"""What is compiled is what was read and approved, file by file. ``pytest --update-golden`` writes it anew."""

from __future__ import annotations

import difflib
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pbx.render import template_folder
from tests.samples import DEMO, build, clean, texts_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pbx.bundle import Bundle, SoundRecipe

HERE = Path(__file__).parent
CASES = {
    "demo": DEMO,
    "small": HERE / "small" / "site",
    "trunks": HERE / "trunks" / "site",
    "two": HERE / "two" / "site",
}


def compiled(site: Path) -> dict[str, str]:
    """The files of a build that templates made, and its sounds; what is copied as it is needs no second copy here."""
    bundle = build(clean(texts_of(site)))
    copied = {path.name for path in (template_folder() / "static").iterdir()}
    made = {name: text for name, text in bundle.files.items() if name not in copied and not name.startswith("lib/")}
    return {**made, "sounds.txt": "".join(f"{name}: {said(recipe)}\n" for name, recipe in bundle.sounds.items())}


def said(recipe: SoundRecipe) -> str:
    """One sound, in words."""
    return f"{recipe.language} says {recipe.prompt.say!r}" if recipe.prompt.say else f"from {recipe.prompt.file}"


def stored(case: str) -> dict[str, str]:
    """The files as approved."""
    root = HERE / case / "expected"
    return {path.relative_to(root).as_posix(): path.read_text("utf-8") for path in root.rglob("*") if path.is_file()}


def store(case: str, files: Mapping[str, str]) -> None:
    """Approve these files."""
    root = HERE / case / "expected"
    shutil.rmtree(root, ignore_errors=True)
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


@pytest.mark.parametrize("case", CASES)
def test_the_build_is_the_approved_one(case: str, request: pytest.FixtureRequest) -> None:
    files = compiled(CASES[case])
    if request.config.getoption("--update-golden"):
        store(case, files)
    approved = stored(case)
    assert sorted(files) == sorted(approved)
    for name, text in files.items():
        difference = difflib.unified_diff(
            approved[name].splitlines(), text.splitlines(), "approved", "now", lineterm=""
        )
        assert not (lines := list(difference)), "\n".join([f"{case}/{name}: see pytest --update-golden", *lines])


def test_what_is_copied_is_in_every_build() -> None:
    bundle: Bundle = build(clean(texts_of(DEMO)))
    static = {path.name: path.read_text("utf-8") for path in (template_folder() / "static").iterdir()}
    library = {f"lib/{path.name}": path.read_text("utf-8") for path in (template_folder() / "lib").iterdir()}
    assert {name: bundle.files[name] for name in (*static, *library)} == {**static, **library}


def test_no_golden_file_holds_a_password_that_could_be_real() -> None:
    for case in CASES:
        for name, text in stored(case).items():
            for line in text.splitlines():
                key, _, value = line.partition("=")
                assert key.strip() not in {"password", "secret"} or value.startswith("secret-of-"), f"{name}: {line}"
