"""Every place of the language where text can be written takes hostile text without harm: refused, or spelled safely.

The places are found by walking the models, so a new field is tried as soon as it exists; the example that everything
is tried in (`tests/golden/two`) must have one of each.
"""

from __future__ import annotations

import copy
import json
import re
import types
import typing
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from pydantic import ValidationError

from pbx.bundle import Bundle
from pbx.diagnostics import has_errors
from pbx.diagnostics.codes import CODES
from pbx.model import Model
from pbx.platform import Platform
from pbx.source import read_yaml
from pbx.tenant import Tenant
from tests.injection import HOSTILE, is_harmless, only_the_word_changed, same_structure
from tests.samples import TWO, build, clean, read, texts_of

WORD = "Benigno"
EACH = 8
"""Of so many texts that the model refuses one is read as a file, so that its place is seen."""
_KEYS_OF_A_PHONE = re.compile(r"[0-9*#+]+")
"""Not hostile where phones dial: the language's own."""
FILES: dict[str, type[Model]] = {"platform.yaml": Platform, "tenants/andina.yaml": Tenant}
Pattern = tuple[str, ...]
"""Keys of models; ``*`` is any key of a mapping or entry of a list."""


def patterns(annotation: object, path: Pattern = ()) -> Iterator[Pattern]:
    """Every place below an annotation where a value is written."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        yield from patterns(arguments[0], path)
    elif origin in {typing.Union, types.UnionType}:
        for each in arguments:
            yield from patterns(each, path)
    elif origin in {dict, list, tuple, set, frozenset}:
        yield from patterns(arguments[1] if origin is dict else arguments[0], (*path, "*"))
    elif isinstance(annotation, type) and issubclass(annotation, Model):
        for name, field in annotation.model_fields.items():
            yield from patterns(field.annotation, (*path, field.alias or name))
    elif annotation is not type(None):
        yield path


def holders(tree: Any, pattern: Pattern) -> Iterator[tuple[Any, Any]]:  # noqa: ANN401 - any tree
    """Every mapping or list of the tree in which the last step of the pattern is or could be written, with that key."""
    here, *rest = pattern
    if not isinstance(tree, (dict, list)):
        return
    known: list[Any] = list(tree) if isinstance(tree, dict) else list(range(len(tree)))
    keys: list[Any] = known if here == "*" else [here] if isinstance(tree, dict) else []
    for key in keys:
        if not rest:
            yield tree, key
        elif key in known:
            yield from holders(tree[key], tuple(rest))


def trees() -> dict[str, Any]:
    """The example, read, with what no example of ours has a use for."""
    texts = texts_of(TWO)
    read_ones: dict[str, Any] = {name: read_yaml(name, texts[name])[0].tree for name in FILES}
    read_ones["tenants/andina.yaml"].setdefault("ignore", {"PBX408": "for the campaign"})
    read_ones["tenants/andina.yaml"]["profiles"]["puesto"].setdefault("forward", {})
    for somebody in (read_ones["tenants/andina.yaml"]["profiles"]["puesto"], _first(read_ones["tenants/andina.yaml"])):
        somebody.setdefault("devices", [{"name": "escritorio", "transport": "tls"}])
    tls = {"port": "5061", "certificate": "file:tls/pbx.crt", "key": "file:tls/pbx.key", "folder": "/etc/asterisk/keys"}
    read_ones["platform.yaml"].setdefault("tls", tls)
    speed_dial = {"+541143210000": {"name": "Proveedor Sur", "speed_dial": "01"}}
    read_ones["tenants/andina.yaml"].setdefault("phonebook", speed_dial)
    return read_ones


def _first(tenant: Any) -> Any:  # noqa: ANN401 - any tree
    return next(iter(tenant["extensions"].values()))


def texts_from(changed: dict[str, Any]) -> dict[str, str]:
    """Trees as text: JSON is YAML."""
    return {name: json.dumps(tree, ensure_ascii=True, indent=1) for name, tree in changed.items()}


def with_text(file: str, pattern: Pattern, text: str) -> dict[str, str]:
    """The example with a text in the first place of the pattern."""
    changed = trees()
    holder, key = _place(changed[file], pattern)
    holder[key] = text
    return texts_from(changed)


def _place(tree: Any, pattern: Pattern) -> tuple[Any, Any]:  # noqa: ANN401 - any tree
    """Where a pattern is written; where it could be written when it is nowhere."""
    if pattern[0] in {"extensions_file", "phonebook_file"} and not isinstance(tree.get(pattern[0]), dict):
        tree[pattern[0]] = {"file": "lista.csv", "ignore": ["Piso"]}
    found = list(holders(tree, pattern))
    if not found:
        pytest.fail(f"tests/golden/two has no place for {'.'.join(pattern)}: add one, so that it can be tried")
    written = [(holder, key) for holder, key in found if isinstance(holder, list) or key in holder]
    return (written or found)[0]


@cache
def original() -> Bundle:
    """What the example compiles to."""
    return build(clean(texts_from(trees())))


@cache
def harmless(file: str, pattern: Pattern) -> Bundle | None:
    """What the example with a harmless word compiles to; None where no word may stand."""
    site, _, problems = read(with_text(file, pattern, WORD))
    return None if site is None or has_errors(problems) else build(site)


PLACES = [(file, pattern) for file, model in FILES.items() for pattern in dict.fromkeys(patterns(model))]


def refused_with_places(texts: dict[str, str]) -> Bundle | None:
    """The build of a site; None when it has errors, all of which have a place that exists."""
    site, documents, problems = read(texts)
    for each in problems:
        span = each.span or documents[each.file].place(each.path, at_key=each.at_key)
        assert each.code in CODES
        assert 1 <= span.line <= documents[each.file].text.count("\n") + 1
    if site is None or has_errors(problems):
        assert has_errors(problems)
        return None
    return build(site)


def is_refused(file: str, tree: Any) -> bool:  # noqa: ANN401 - any tree
    """Whether the model alone refuses a tree: quick, and without the places."""
    try:
        FILES[file].model_validate(tree)
    except ValidationError:
        return True
    return False


@pytest.mark.parametrize(("file", "pattern"), PLACES, ids=[".".join(pattern) for _, pattern in PLACES])
def test_hostile_text_is_refused_or_spelled_safely(file: str, pattern: Pattern) -> None:
    tree = copy.deepcopy(_TREES[file])
    holder, key = _place(tree, pattern)
    for number, text in enumerate(HOSTILE):
        holder[key] = text
        if _KEYS_OF_A_PHONE.fullmatch(text) or (number % EACH and is_refused(file, tree)):
            continue
        bundle = refused_with_places(texts_from({**_TREES, file: tree}))
        if bundle is None:
            continue
        expected = harmless(file, pattern)
        if expected is not None:
            found = only_the_word_changed(expected, bundle, WORD)
        else:
            found = same_structure(original(), bundle)
        if expected is None and not is_harmless(text):
            found += [f"{name} holds it" for name, content in bundle.files.items() if text.strip() and text in content]
        assert not found, (text, found[:5])


def mappings(tree: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401 - any tree
    """Every mapping below a tree, by its path."""
    if isinstance(tree, dict):
        yield path
    inner = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in inner:
        yield from mappings(value, (*path, key))


def at(tree: Any, path: tuple[Any, ...]) -> Any:  # noqa: ANN401 - any tree
    """What stands at a path."""
    for key in path:
        tree = tree[key]
    return tree


_TREES = trees()
MAPPINGS = [(file, path) for file, tree in _TREES.items() for path in mappings(tree) if at(tree, path)]
KEYS = list({(file, path[0::2], len(path), *at(_TREES[file], path)): (file, path) for file, path in MAPPINGS}.values())
"""Of the mappings with the same keys at like places one is enough."""


@pytest.mark.parametrize(("file", "path"), KEYS, ids=[".".join(map(str, path)) or "all" for _, path in KEYS])
def test_hostile_keys_are_refused_or_change_nothing_else(file: str, path: tuple[Any, ...]) -> None:
    tree = copy.deepcopy(_TREES[file])
    mapping = at(tree, path)
    first, *_ = before = dict(mapping)
    for number, text in enumerate(HOSTILE):
        content = {text if key == first else key: value for key, value in before.items()}
        mapping.clear()
        mapping.update(content)
        if _KEYS_OF_A_PHONE.fullmatch(text) or (number % EACH and is_refused(file, tree)):
            continue
        bundle = refused_with_places(texts_from({**_TREES, file: tree}))
        if bundle is not None:
            found = same_structure(original(), bundle)
            assert not found, (text, found[:5])


@pytest.mark.parametrize(("file", "path"), MAPPINGS, ids=[".".join(map(str, path)) or "all" for _, path in MAPPINGS])
def test_the_order_of_a_mappings_keys_changes_no_byte(file: str, path: tuple[Any, ...]) -> None:
    changed = copy.deepcopy(_TREES)
    mapping = at(changed[file], path)
    content = list(mapping.items())
    if len(content) < 2:
        return
    for order in (content[::-1], content[1:] + content[:1]):
        mapping.clear()
        mapping.update(order)
        bundle = build(clean(texts_from(changed)))
        assert dict(bundle.files) == dict(original().files)
        assert list(bundle.files) == list(original().files)
        assert bundle.sounds == original().sounds


def test_compiling_twice_gives_the_same_bytes() -> None:
    again = build(clean(texts_from(trees())))
    assert list(again.files.items()) == list(original().files.items())
    assert list(again.sounds.items()) == list(original().sounds.items())
