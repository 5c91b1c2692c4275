"""From the files of a site to its model: source, then shape; each stage gates the next."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from pydantic import ValidationError

from pbx.diagnostics import Diagnostic, Path, has_errors
from pbx.diagnostics.suggest import nearest
from pbx.folder import PLATFORM, SiteFiles
from pbx.model import Model
from pbx.numberplan import NumberPlanError, plan_for
from pbx.site import NOT_YET, Platform, Profile, Site, Tenant, TenantScope
from pbx.source import Document, read_bytes


def load(files: SiteFiles) -> tuple[Site | None, dict[str, Document], list[Diagnostic]]:
    """Read a site. An error in one file never stops the others from being read; a site comes only without errors."""
    documents: dict[str, Document] = {}
    problems: list[Diagnostic] = []
    platform: Platform | None = None
    tenants: dict[str, TenantScope] = {}
    for name, data in sorted(files.texts.items()):
        document, found = read_bytes(name, data)
        documents[name] = document
        problems += found
        if has_errors(found):
            continue
        if name == PLATFORM:
            platform, found = _validate(Platform, document, document.tree)
        else:
            found = _read_tenant(name, document, files, tenants)
        problems += found
    if platform is None or has_errors(problems):
        return None, documents, problems
    return Site(platform, dict(sorted(tenants.items()))), documents, problems


def _read_tenant(
    name: str, document: Document, files: SiteFiles, tenants: dict[str, TenantScope]
) -> list[Diagnostic]:
    stem = PurePosixPath(name).stem
    tenant, found = _validate(Tenant, document, _with_profiles(document.tree))
    if tenant is None:
        return found
    if tenant.tenant != stem:
        message = f"this file says tenant {tenant.tenant}, its name says {stem}"
        found.append(Diagnostic("PBX127", name, ("tenant",), message, help=f"write tenant: {stem}, or rename the file"))
    try:
        plan_for(tenant.country, tenant.area_code)
    except NumberPlanError as error:
        found.append(Diagnostic("PBX126", name, ("area_code",), str(error), help="write the area code without its 0"))
    tenants[tenant.tenant] = TenantScope(tenant, name, files.recordings.get(stem, frozenset()))
    return found


def _with_profiles(tree: Any) -> Any:
    """The tenant's tree with each extension completed from its profile; anything odd is left for the model to refuse."""
    if not isinstance(tree, dict) or not isinstance(tree.get("extensions"), dict):
        return tree
    profiles = tree.get("profiles") if isinstance(tree.get("profiles"), dict) else {}
    completed = {
        number: _complete(extension, profiles.get(extension.get("profile")))
        if isinstance(extension, dict) and isinstance(extension.get("profile"), str)
        else extension
        for number, extension in tree["extensions"].items()
    }
    return {**tree, "extensions": completed}


def _complete(extension: dict[str, Any], profile: Any) -> dict[str, Any]:
    if not isinstance(profile, dict):
        return extension
    known = {key: value for key, value in profile.items() if key in Profile.model_fields}
    mailbox = known.pop("voicemail", None)
    merged = {**known, **extension}
    if isinstance(mailbox, dict) and isinstance(merged.get("voicemail"), dict):
        merged["voicemail"] = {**mailbox, **merged["voicemail"]}
    return merged


def _validate(model: type[Any], document: Document, tree: Any) -> tuple[Any | None, list[Diagnostic]]:
    try:
        return model.model_validate(tree), []
    except ValidationError as error:
        found = [_diagnostic(model, document, tree, each) for each in error.errors(include_url=False)]
        return None, _once(found)


def _once(found: list[Diagnostic]) -> list[Diagnostic]:
    """One message for one place: a profile's mistake is not told again for each extension that has the profile."""
    in_profiles = {(each.code, each.message) for each in found if each.path[:1] == ("profiles",)}
    return [
        each
        for each in found
        if each.path[:1] != ("extensions",) or (each.code, each.message) not in in_profiles
    ]


def _diagnostic(model: type[Model], document: Document, tree: Any, error: Mapping[str, Any]) -> Diagnostic:
    kind: str = error["type"]
    path, at_key = _place(error["loc"])
    if kind == "extra_forbidden":
        return _unknown_key(model, document.file, path)
    if kind == "missing":
        key = path[-1]
        return Diagnostic(
            "PBX102", document.file, path[:-1], f"the key {key} is missing here", help=f"add {key}: …", at_key=True
        )
    if kind.startswith("PBX"):
        context = error["ctx"]
        return Diagnostic(kind, document.file, path, context["message"], help=context["help"], at_key=at_key)
    return Diagnostic("PBX103", document.file, path, _plain_message(kind, error), at_key=at_key)


def _plain_message(kind: str, error: Mapping[str, Any]) -> str:
    if kind in {"dict_type", "model_type", "model_attributes_type"}:
        return "a mapping of keys and values is expected here"
    if kind in {"list_type", "tuple_type"}:
        return "a list is expected here: [...]"
    if kind == "literal_error":
        return f"{error['input']!r} is not one of {error['ctx']['expected']}".replace("'", "")
    if kind == "string_pattern_mismatch":
        return f"{error['input']!r} has characters that are not allowed here"
    if kind == "too_short":
        return "this list is empty"
    if kind == "string_type":
        return "a text is expected here"
    return str(error["msg"])


def _place(loc: tuple[str | int, ...]) -> tuple[Path, bool]:
    # Pydantic marks a mistake in a mapping's key by a last element "[key]".
    return (loc[:-1], True) if loc and loc[-1] == "[key]" else (loc, False)


def _unknown_key(model: type[Model], file: str, path: Path) -> Diagnostic:
    key = str(path[-1])
    pattern = tuple("*" if index == 1 else str(part) for index, part in enumerate(path[:-1]))
    if model is Tenant and key in NOT_YET.get(pattern, frozenset()):
        message = f"{key} is part of the language, and this version does not compile it yet"
        return Diagnostic("PBX109", file, path, message, help="leave it out for now", at_key=True)
    known = _known_keys(model, path[:-1])
    near = nearest(key, known)
    help_text = f"did you mean {near}?" if near else f"the keys here are {', '.join(sorted(known))}" if known else ""
    return Diagnostic("PBX101", file, path, f"unknown key {key}", help=help_text, at_key=True)


def _known_keys(model: Any, path: Path) -> list[str]:
    """The keys that are understood at a place of a model."""
    annotation: Any = model
    for part in path:
        annotation = _inside(annotation, part)
    return [
        field.alias or name
        for option in _options(annotation)
        if isinstance(option, type) and issubclass(option, Model)
        for name, field in option.model_fields.items()
    ]


def _inside(annotation: Any, part: str | int) -> Any:
    """The annotation of one entry of a mapping, a list or a model."""
    for option in _options(annotation):
        if typing.get_origin(option) in {dict, list, tuple}:
            arguments = typing.get_args(option)
            return arguments[1] if typing.get_origin(option) is dict else arguments[0]
        if isinstance(option, type) and issubclass(option, Model):
            return next((each.annotation for name, each in option.model_fields.items() if (each.alias or name) == part), None)
    return None


def _options(annotation: Any) -> tuple[Any, ...]:
    """What an annotation may be, without ``Annotated`` and ``None``."""
    if typing.get_origin(annotation) is typing.Annotated:
        return _options(typing.get_args(annotation)[0])
    if typing.get_origin(annotation) in {typing.Union, types.UnionType}:
        return tuple(found for each in typing.get_args(annotation) for found in _options(each))
    return (annotation,)
