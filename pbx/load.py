"""From the files of a site to its model: source, then shape; each stage gates the next."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError

from pbx.diagnostics import Diagnostic, Path, has_errors
from pbx.diagnostics.suggest import nearest
from pbx.folder import PLATFORM, POCS, TENANTS, CustomerFile, SiteFiles
from pbx.model import Model
from pbx.numberplan import NumberPlanError, plan_for
from pbx.platform import Platform
from pbx.site import Site, TenantScope
from pbx.source import Document, Tree, read_bytes
from pbx.tenant import Profile, Tenant

if TYPE_CHECKING:
    from pbx.poc import Poc

Root = TypeVar("Root", bound=Model)


def load(files: SiteFiles) -> tuple[Site | None, dict[str, Document], list[Diagnostic]]:
    """Read a site. An error in one file never stops the others from being read; a site comes only without errors."""
    documents: dict[str, Document] = {}
    problems: list[Diagnostic] = []
    platform: Platform | None = None
    tenants: dict[str, TenantScope] = {}
    pocs: dict[str, Poc] = {}
    for name, data in sorted(files.texts.items()):
        document, found = read_bytes(name, data)
        documents[name] = document
        problems += found
        if has_errors(found):
            continue
        if name == PLATFORM:
            platform, found = _validate(Platform, document, document.tree)
        elif name.startswith(f"{POCS}/"):
            found = _read_poc(name, document, files, pocs)
        else:
            document, lists, found = _with_lists(document, files.lists.get(PurePosixPath(name).stem, {}))
            documents |= {name: document, **lists}
            found = found + _read_tenant(name, document, files, tenants)
        problems += found
    if platform is None or has_errors(problems):
        return None, documents, problems
    scopes = {slug: replace(scope, poc=pocs.get(slug)) for slug, scope in sorted(tenants.items())}
    return Site(platform, scopes), documents, problems


def _read_poc(name: str, document: Document, files: SiteFiles, pocs: dict[str, Poc]) -> list[Diagnostic]:
    """A proof of concept is of the tenant whose name its file has."""
    # A call that is traced waits for what is imported, and most tenants have none.
    from pbx.poc import Poc

    stem = PurePosixPath(name).stem
    poc, found = _validate(Poc, document, document.tree)
    tenant = f"{TENANTS}/{stem}.yaml"
    if tenant not in files.texts:
        cure = f"write {tenant}, or rename the file to that of its tenant"
        found.append(Diagnostic("PBX127", name, ("poc",), f"there is no tenant {stem}", help=cure))
    elif poc is not None and poc.poc != stem:
        cure = f"write poc: {stem}, or rename the file to {poc.poc}.yaml"
        message = f"this file says poc {poc.poc}, its name says {stem}"
        found.append(Diagnostic("PBX127", name, ("poc",), message, help=cure))
    if poc is not None:
        pocs[stem] = poc
    return found


def _with_lists(
    document: Document, files: Mapping[str, CustomerFile]
) -> tuple[Document, Mapping[str, Document], list[Diagnostic]]:
    """The document with the rows of the lists that it names, those lists, and what is wrong with them."""
    if not isinstance(document.tree, dict) or not {"extensions_file", "phonebook_file"} & set(document.tree):
        return document, {}, []
    # Most tenants have none, and a call that is traced waits for what is imported.
    from pbx.lists import with_lists

    merged = with_lists(document, files)
    return merged.document, merged.lists, merged.problems


def _read_tenant(name: str, document: Document, files: SiteFiles, tenants: dict[str, TenantScope]) -> list[Diagnostic]:
    stem = PurePosixPath(name).stem
    tenant, found = _validate(Tenant, document, _with_profiles(document.tree))
    lost = list(_unknown_profiles(document))
    # What such a profile would have brought is not missed once more.
    without = {each.path[:-1] for each in lost}
    found = [each for each in found if not (each.code == "PBX102" and each.path in without)]
    found += _told_at_the_list(document, lost)
    if tenant is None:
        return found
    if tenant.tenant != stem:
        message = f"this file says tenant {tenant.tenant}, its name says {stem}"
        cure = f"write tenant: {stem}, or rename the file to {tenant.tenant}.yaml"
        found.append(Diagnostic("PBX127", name, ("tenant",), message, help=cure))
    try:
        plan_for(tenant.country, tenant.area_code)
    except NumberPlanError as error:
        path = ("area_code",) if "area_code" in tenant.model_fields_set else ("country",)
        message, _, cure = re.sub("[:;] |, (?=such as )", "\n", str(error), count=1).partition("\n")
        found.append(Diagnostic("PBX126", name, path, message, help=cure))
    tenants[tenant.tenant] = TenantScope(tenant, name, files.recordings.get(stem, frozenset()))
    return found


def _with_profiles(tree: Tree) -> Tree:
    """The tenant's tree, each extension completed from its profile; anything odd is left for the model to refuse."""
    extensions, profiles = _section(tree, "extensions"), _section(tree, "profiles")
    if not isinstance(tree, dict) or not extensions:
        return tree
    return {**tree, "extensions": {number: _complete(each, profiles) for number, each in extensions.items()}}


def _section(tree: Tree, key: str) -> dict[str, Tree]:
    """A mapping of the tree, empty when it is something else."""
    found = tree.get(key) if isinstance(tree, dict) else None
    return found if isinstance(found, dict) else {}


def _unknown_profiles(document: Document) -> Iterator[Diagnostic]:
    known = list(_section(document.tree, "profiles"))
    for number, extension in _section(document.tree, "extensions").items():
        profile = extension.get("profile") if isinstance(extension, dict) else None
        if isinstance(profile, str) and profile not in known:
            near = nearest(profile, known)
            listed = f"there are {', '.join(known)}" if known else "this tenant has no profiles"
            yield Diagnostic(
                "PBX308",
                document.file,
                ("extensions", number, "profile"),
                f"there is no profile {profile}",
                help=_did_you_mean(near) if near else listed,
            )


def _told_at_the_list(document: Document, lost: list[Diagnostic]) -> Iterator[Diagnostic]:
    """A profile that a list gives to all of its rows is told where it is written, once."""
    at_list: Path = ("extensions_file", "profile")
    yield from (each for each in lost if each.path in document.spans)
    inherited = [each for each in lost if each.path not in document.spans]
    if inherited and at_list in document.spans:
        yield replace(inherited[0], path=at_list)


def _complete(extension: Tree, profiles: dict[str, Tree]) -> Tree:
    if not isinstance(extension, dict) or not isinstance(name := extension.get("profile"), str):
        return extension
    known = {key: value for key, value in _section(profiles, name).items() if key in Profile.model_fields}
    mailbox = known.pop("voicemail", None)
    merged = {**known, **extension}
    for key, shared in (("voicemail", mailbox), ("forward", known.get("forward"))):
        own = merged.get(key)
        if isinstance(shared, dict) and isinstance(own, dict):
            merged[key] = {**shared, **own}
    return merged


def _validate(model: type[Root], document: Document, tree: object) -> tuple[Root | None, list[Diagnostic]]:
    try:
        return model.model_validate(tree), []
    except ValidationError as error:
        found = [_diagnostic(model, document, each) for each in error.errors(include_url=False)]
        return None, _once(document, found)


def _once(document: Document, found: list[Diagnostic]) -> list[Diagnostic]:
    """One message for one mistake: a profile's is not told again for each extension that has the profile."""
    in_profiles = {(each.code, each.message) for each in found if each.path[:1] == ("profiles",)}

    def inherited(each: Diagnostic) -> bool:
        written = each.path in document.keys or each.path in document.spans
        return each.path[:1] == ("extensions",) and not written and (each.code, each.message) in in_profiles

    return _missing_together(document, [each for each in found if not inherited(each)])


def _missing_together(document: Document, found: list[Diagnostic]) -> list[Diagnostic]:
    """Keys that are missing at one place are told in one message; one that is there with a slip is not missing."""
    slips = {(each.path[:-1], each.help) for each in found if each.code == "PBX101"}
    missing: dict[Path, list[str]] = {}
    for each in found:
        if each.code == "PBX102" and (each.path, _did_you_mean(each.message)) not in slips:
            missing.setdefault(each.path, []).append(each.message)
    together = [
        Diagnostic(
            "PBX102",
            found[0].file,
            path,
            f"the key {keys[0]} is missing here" if len(keys) == 1 else f"keys are missing here: {', '.join(keys)}",
            help=f"fill in {keys[0]}" if document.place(path).cell else f"add {keys[0]}: …",
            at_key=True,
        )
        for path, keys in missing.items()
    ]
    return [each for each in found if each.code != "PBX102"] + together


def _did_you_mean(key: str) -> str:
    return f"did you mean {key}?"


def _diagnostic(model: type[Model], document: Document, error: Mapping[str, Any]) -> Diagnostic:
    kind: str = error["type"]
    path, at_key = _place(error["loc"])
    if kind == "extra_forbidden":
        return _unknown_key(model, document.file, path)
    if kind == "missing":
        # The bare key for now: see _missing_together.
        return Diagnostic("PBX102", document.file, path[:-1], str(path[-1]), at_key=True)
    if kind.startswith("PBX"):
        context = error["ctx"]
        return Diagnostic(kind, document.file, path, context["message"], help=context["help"], at_key=at_key)
    return Diagnostic("PBX103", document.file, path, _plain_message(kind, error), at_key=at_key)


_PLAIN = {
    "dict_type": "a mapping of keys and values is expected here",
    "model_type": "a mapping of keys and values is expected here",
    "list_type": "a list is expected here: [...]",
    "tuple_type": "a list is expected here: [...]",
    "string_type": "a text is expected here",
    "too_short": "this list is empty",
}
"""What pydantic finds, in the user's words."""


def _plain_message(kind: str, error: Mapping[str, Any]) -> str:
    if kind == "literal_error":
        return f"{error['input']!r} is not one of {error['ctx']['expected']}".replace("'", "")
    if kind == "string_pattern_mismatch":
        return f"{error['input']!r} has characters that are not allowed here"
    return _PLAIN.get(kind, str(error["msg"]))


def _place(loc: tuple[str | int, ...]) -> tuple[Path, bool]:
    # Pydantic marks a mistake in a mapping's key by a last element "[key]".
    return (loc[:-1], True) if loc and loc[-1] == "[key]" else (loc, False)


def _unknown_key(model: type[Model], file: str, path: Path) -> Diagnostic:
    key = str(path[-1])
    known = _known_keys(model, path[:-1])
    near = nearest(key, known)
    help_text = _did_you_mean(near) if near else f"the keys here are {', '.join(sorted(known))}" if known else ""
    return Diagnostic("PBX101", file, path, f"unknown key {key}", help=help_text, at_key=True)


def _known_keys(model: object, path: Path) -> list[str]:
    """The keys that are understood at a place of a model."""
    annotation = model
    for part in path:
        annotation = _inside(annotation, part)
    return [
        field.alias or name
        for option in _options(annotation)
        if isinstance(option, type) and issubclass(option, Model)
        for name, field in option.model_fields.items()
    ]


def _inside(annotation: object, part: str | int) -> object:
    """The annotation of one entry of a mapping, a list or a model."""
    for option in _options(annotation):
        if typing.get_origin(option) in {dict, list, tuple}:
            arguments = typing.get_args(option)
            return arguments[1] if typing.get_origin(option) is dict else arguments[0]
        if isinstance(option, type) and issubclass(option, Model):
            return next(
                (each.annotation for name, each in option.model_fields.items() if (each.alias or name) == part), None
            )
    return None


def _options(annotation: object) -> tuple[object, ...]:
    """What an annotation may be, without ``Annotated`` and ``None``."""
    if typing.get_origin(annotation) is typing.Annotated:
        return _options(typing.get_args(annotation)[0])
    if typing.get_origin(annotation) in {typing.Union, types.UnionType}:
        return tuple(found for each in typing.get_args(annotation) for found in _options(each))
    return (annotation,)
