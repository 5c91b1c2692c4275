"""The JSON Schema is fresh, takes every good site, and refuses what a schema can refuse."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from pbx.diagnostics.codes import CODES
from pbx.schema import ROOTS, schema, schema_text
from tests.diagnostics.pages import blocks

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
SITES = (ROOT / "lab/sites/demo", *sorted((ROOT / "tests/golden").glob("*/site")))
SEEN_BY_NO_SCHEMA = {
    "PBX115": "which end of a range comes first is arithmetic",
    "PBX121": "whether there are words in a text to say is not the schema's to know",
    "PBX124": "pydantic does not tell what two keys have to do with each other",
    "PBX126": "which area codes there are is the number plan's to say",
    "PBX127": "the file's name is not in the file",
    "PBX128": "what is ignored is known after the check",
    **dict.fromkeys(("PBX129", "PBX130", "PBX131", "PBX132"), "the columns and rows of a list are not in the file"),
}
"""Codes of shape with a block that the schema takes, and why."""


class Core(yaml.SafeLoader):
    """YAML 1.2's core schema (section 10.3), as editors have it: no dates, no ``yes``, no sexagesimal numbers."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - PyYAML wants it so


def _whole(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> int:
    return int(loader.construct_scalar(node))


for _tag, _pattern, _first in (
    ("null", r"(?:null|Null|NULL|~|)$", ["", "~", "n", "N"]),
    ("bool", r"(?:true|True|TRUE|false|False|FALSE)$", list("tTfF")),
    ("int", r"(?:[-+]?[0-9]+)$", list("-+0123456789")),
    ("float", r"(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?)$", list("-+.0123456789")),
):
    Core.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), _first)
Core.add_constructor("tag:yaml.org,2002:int", _whole)


def as_json(node: Any) -> Any:  # noqa: ANN401 - JSON
    """What an editor validates: keys are text, dates are as they were written."""
    if isinstance(node, dict):
        return {key.isoformat() if isinstance(key, date) else str(key): as_json(each) for key, each in node.items()}
    if isinstance(node, list):
        return [as_json(each) for each in node]
    return node.isoformat() if isinstance(node, date) else node


def root_of(file: str) -> str:
    """Which schema a file of a site is written by."""
    if Path(file).name == "platform.yaml":
        return "platform"
    return "poc" if Path(file).parent.name == "poc" else "tenant"


def complaints(file: str, text: str, loader: type[yaml.SafeLoader]) -> list[str]:
    """What the schema says of a file."""
    validator = Draft202012Validator(schema(root_of(file)))
    content = as_json(yaml.load(text, loader))  # noqa: S506 - both are safe loaders
    return [f"{each.json_path}: {each.message}" for each in validator.iter_errors(content)]


@pytest.mark.parametrize("root", sorted(ROOTS))
def test_the_schema_is_fresh(root: str, pytestconfig: pytest.Config) -> None:
    file = ROOT / "pbx" / "schema" / f"{root}.json"
    if pytestconfig.getoption("--update-golden"):
        file.write_text(schema_text(root), encoding="utf-8")
    assert file.read_text("utf-8") == schema_text(root), (
        "the models changed: pytest tests/house/test_schema.py --update-golden"
    )


@pytest.mark.parametrize("root", sorted(ROOTS))
def test_the_schema_is_one(root: str) -> None:
    Draft202012Validator.check_schema(schema(root))


@pytest.mark.parametrize("loader", [yaml.SafeLoader, Core])
@pytest.mark.parametrize("site", SITES, ids=lambda site: site.parent.name if site.name == "site" else site.name)
def test_a_good_site_shows_no_false_error_in_an_editor(site: Path, loader: type[yaml.SafeLoader]) -> None:
    files = [site / "platform.yaml", *sorted((site / "tenants").glob("*.yaml")), *sorted((site / "poc").glob("*.yaml"))]
    assert len(files) > 1
    for file in files:
        assert complaints(str(file.relative_to(site)), file.read_text("utf-8"), loader) == [], file


def pages(code: str) -> Iterator[tuple[bool, dict[str, str]]]:
    """The blocks of a page: whether each is wrong, and its files, completed."""
    text = (ROOT / f"pbx/diagnostics/docs/{code}.md").read_text(encoding="utf-8")
    for block in blocks(text):
        yield bool(block.expected), block.completed()


WITH_BLOCKS = sorted(code for code, entry in CODES.items() if code >= "PBX1" and entry.provocation == "page")


@pytest.mark.parametrize("code", WITH_BLOCKS)
def test_the_corrected_block_of_every_page_is_taken(code: str) -> None:
    for wrong, files in pages(code):
        for file, text in files.items():
            if not wrong and file.endswith(".yaml"):
                assert complaints(file, text, Core) == []


def refused(files: dict[str, str]) -> bool:
    """Whether the schema refuses one of the files."""
    return any(complaints(file, text, Core) for file, text in files.items() if file.endswith(".yaml"))


def test_mistakes_of_shape_are_refused_where_a_schema_can_say_so(capsys: pytest.CaptureFixture[str]) -> None:
    verdicts = {
        (code, number): refused(files)
        for code in WITH_BLOCKS
        if code < "PBX2"
        for number, (wrong, files) in enumerate(pages(code))
        if wrong
    }
    with capsys.disabled():
        refusals = f"{sum(verdicts.values())} of {len(verdicts)}"
        print(f"\n  schema: {refusals} wrong blocks of PBX1xx are refused")  # noqa: T201 - a figure
    assert {code for (code, _), seen in verdicts.items() if not seen} == set(SEEN_BY_NO_SCHEMA)


@pytest.mark.parametrize("root", sorted(ROOTS))
def test_every_key_is_described_and_every_default_fits(root: str) -> None:
    made = schema(root)

    def described(node: dict[str, Any]) -> bool:
        if "$ref" in node:
            return "description" in node or described(made["$defs"][node["$ref"].rpartition("/")[2]])
        inner = [*node.get("anyOf", []), *(node[key] for key in ("items", "additionalProperties") if node.get(key))]
        said = {"description", "enum", "const"} & set(node)
        return bool(said) or any(isinstance(each, dict) and described(each) for each in inner)

    mute = []
    for name, model in {"": made, **made["$defs"]}.items():
        long_form = model if "properties" in model else model["anyOf"][0]
        for key, node in long_form["properties"].items():
            if not described(node):
                mute.append(f"{name}.{key}")
            if "default" in node:
                Draft202012Validator(node | {"$defs": made["$defs"]}).validate(node["default"])
    assert mute == []
