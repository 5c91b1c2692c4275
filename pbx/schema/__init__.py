"""The tenant language in JSON Schema (draft 2020-12), for editors: completion, descriptions, and mistakes underlined.

It is made of the models, so that a new key is in it as soon as it is in a model. Every value of our language is text,
but an editor reads YAML's core schema (YAML 1.2.2, section 10.3), where ``8`` is a number and ``true`` a truth value:
what our reader takes as text, the schema takes in that type too. It is never stricter than the reader, and where JSON
Schema cannot say what the reader knows (whether a destination exists) it is wider.
"""

from __future__ import annotations

import ast
import inspect
import json
import re
import sys
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import Any, Final

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from pbx.model import SCALAR, Model, Ref, written_schema
from pbx.platform import Platform
from pbx.poc import Poc
from pbx.tenant import Profile, Tenant

ROOTS: Final[dict[str, type[Model]]] = {"platform": Platform, "poc": Poc, "tenant": Tenant}
"""What there is a schema of: the word on the command line and the model of the file."""

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

_WHOLE: Final = (*("1" * length for length in range(1, 16)), "0", "2026", "+541152365000")
_CONTAINERS: Final = frozenset({"model", "dict", "list", "tuple", "nullable", "definition-ref", "definitions"})
_TRUTH: Final = {"true": True, "false": False}


def schema_text(root: str) -> str:
    """The schema of a root made anew; the same models always give the same bytes."""
    return json.dumps(schema(root), indent=2, ensure_ascii=False) + "\n"


def schema(root: str) -> dict[str, Any]:
    """The schema of ``platform.yaml`` or of a tenant's file."""
    made = ROOTS[root].model_json_schema(by_alias=True, schema_generator=_Generator)
    _profiles_complete(made)
    _lists_complete(made)
    made = _widened(_without_titles(made))
    where = {"platform": "platform.yaml", "poc": "poc/*.yaml", "tenant": "tenants/*.yaml"}[root]
    return {"$schema": DIALECT, "title": f"centralita: {where}", **dict(made.items())}


class _Generator(GenerateJsonSchema):
    """Takes from a validator what :func:`pbx.model.written` said of it, and descriptions from the models' source."""

    def field_title_should_be_set(self, _schema: Any) -> bool:  # noqa: ANN401 - pydantic's own union of dictionaries
        """A title that repeats the key tells nobody anything."""
        return False

    def function_before_schema(self, schema: core_schema.BeforeValidatorFunctionSchema) -> JsonSchemaValue:
        """What is written, which is not what the validator makes of it."""
        said = written_schema(schema["function"]["function"])
        inner: Any = schema["schema"]
        if said is not None and "also" not in said:
            return dict(said)
        if said is None and inner["type"] == "literal":
            return self.generate_inner(inner)
        if said is None and inner["type"] not in _CONTAINERS:
            return dict(SCALAR)
        # A short form that nobody described may be anything but a mapping of the wrong keys: text, number or list.
        also = SCALAR | {"type": [*SCALAR["type"], "array"]} if said is None else said["also"]
        return self.generate_inner(inner) if also is False else {"anyOf": [self.generate_inner(inner), also]}

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        """Keys are always text: what they look like is said of the text."""
        made: JsonSchemaValue = {"type": "object", "additionalProperties": self.generate_inner(schema["values_schema"])}
        keys = self.generate_inner(schema["keys_schema"])
        if set(keys) - {"type", "description"}:
            made["propertyNames"] = keys
        return made

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """The model with what its source says of each field."""
        made = super().model_schema(schema)
        long_form = made if "properties" in made else made["anyOf"][0]
        if long_form is not made:
            long_form["additionalProperties"] = made.pop("additionalProperties")
        model: type[Model] = schema["cls"]
        notes = _field_notes(model)
        for name, field in model.model_fields.items():
            if name in notes:
                long_form["properties"][field.alias or name]["description"] = notes[name]
        return made

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """The default as it would be written in YAML."""
        made = self.generate_inner(schema["schema"])
        default = schema.get("default")
        if isinstance(default, Ref):
            return made | {"default": str(default)}
        if isinstance(default, (bool, str)) and default != "":
            return made | {"default": default}
        if isinstance(default, int):
            return made | {"default": f"{default}s" if "[smh]" in made.get("pattern", "") else default}
        return made

    def handle_invalid_for_json_schema(self, _schema: Any, _error_info: str) -> JsonSchemaValue:  # noqa: ANN401 - as above
        """Types of ours behind a validator that says nothing: anything goes."""
        return {}


def _field_notes(model: type[Model]) -> dict[str, str]:
    """The text under each field of a model and its parents, on one line."""
    found: dict[str, str] = {}
    for each in reversed(model.__mro__):
        if issubclass(each, Model) and each is not Model:
            found |= _class_notes(each.__module__).get(each.__qualname__, {})
    return found


@cache
def _class_notes(module: str) -> dict[str, dict[str, str]]:
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    return {node.name: dict(_notes(node.body)) for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}


def _notes(body: list[ast.stmt]) -> Iterator[tuple[str, str]]:
    for field, note in pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(note, ast.Expr):
            text = note.value.value if isinstance(note.value, ast.Constant) else None
            if isinstance(text, str):
                yield field.target.id, " ".join(text.replace("``", "").split())


def _lists_complete(made: dict[str, Any]) -> None:
    """The extensions may stand in the file, in the customer's list, or in both (:mod:`pbx.lists`)."""
    if "extensions" in made.get("required", ()):
        made["required"] = [key for key in made["required"] if key != "extensions"]
        made["anyOf"] = [{"required": ["extensions"]}, {"required": ["extensions_file"]}]


def _profiles_complete(made: dict[str, Any]) -> None:
    """What an extension must have may come from its profile (:mod:`pbx.load`)."""
    extension = made.get("$defs", {}).get("Extension")
    if extension is None:
        return
    shared = [key for key in extension["required"] if key in Profile.model_fields]
    extension["required"] = [key for key in extension["required"] if key not in shared]
    if shared:
        extension["anyOf"] = [{"required": ["profile"]}, {"required": shared}]


def _without_titles(node: Any) -> Any:  # noqa: ANN401 - JSON
    """Without the classes' names, which are ours and not the user's."""
    if isinstance(node, list):
        return [_without_titles(each) for each in node]
    if not isinstance(node, dict):
        return node
    made = {key: _without_titles(each) for key, each in node.items() if key != "title" or not isinstance(each, str)}
    if isinstance(text := made.get("description"), str):
        made["description"] = " ".join(text.replace("``", "").split())
    return made


def _widened(node: Any) -> Any:  # noqa: ANN401 - JSON
    """Texts with the numbers and truth values that are written like them."""
    if isinstance(node, list):
        return [_widened(each) for each in node]
    if not isinstance(node, dict):
        return node
    # Keys of a mapping are text for editors too; properties are names of keys, not words of the schema.
    made = {
        key: each if key in {"propertyNames", "default", "examples"} else _widened(each) for key, each in node.items()
    }
    if isinstance(words := node.get("enum"), list):
        made["enum"] = [*words, *(_core(word) for word in words if _core(word) is not None)]
    if isinstance(word := node.get("const"), str) and _core(word) is not None:
        made = {key: each for key, each in made.items() if key != "const"} | {"enum": [word, _core(word)]}
    if node.get("type") == "string":
        kinds = _types(node.get("pattern"))
        made["type"] = ["string", *kinds] if kinds else "string"
    if "enum" in made:
        made.pop("type", None)
    return made


def _core(word: object) -> bool | int | None:
    """What YAML's core schema makes of a plain word, when it is not text."""
    if not isinstance(word, str):
        return None
    return _TRUTH[word] if word in _TRUTH else int(word) if re.fullmatch("[0-9]+", word) else None


def _types(pattern: str | None) -> list[str]:
    """The types beside text that YAML gives some plain words which a pattern takes."""
    if pattern is None:
        return ["number", "boolean"]
    found = []
    if any(re.search(pattern, word) for word in ("1.5", "10.25")):
        found.append("number")
    elif any(re.search(pattern, word) for word in _WHOLE):
        found.append("integer")
    if any(re.search(pattern, word) for word in _TRUTH):
        found.append("boolean")
    return found
