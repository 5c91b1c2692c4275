"""EXT-2, EXT-7 and POC-7: who may call what outside, with which number shown, and emergency from everybody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from lab.matrix.moments import working
from lab.matrix.writing import spelled, text
from lab.results import Words
from lab.scenario import Scenario
from pbx.asterisk.patterns import is_pattern
from pbx.dialing import denial, meaning, route_for, shown_number
from pbx.model import Ref
from pbx.numberplan import CATEGORIES
from pbx.site import TenantScope

_NAMES: Final = {
    "local": Words("local", "local"),
    "national": Words("nacional", "national"),
    "mobile": Words("a celular", "mobile"),
    "international": Words("internacional", "international"),
    "toll_free": Words("gratuita", "toll free"),
    "premium": Words("de tarifa especial", "premium rate"),
}


def rows(scope: TenantScope) -> Iterator[Scenario]:
    """Each class of service against each category, denied prefixes, a hidden caller, and emergency calls."""
    tenant = scope.tenant
    for name, allowed in tenant.classes_of_service.items():
        caller = next((number for number, each in tenant.extensions.items() if each.class_of_service == name), None)
        if caller is None:
            continue
        for category in CATEGORIES:
            keys = example(scope, category, name)
            if category != "emergency" and keys and (route_for(scope, category) or category not in allowed.allow):
                yield _class_row(scope, name, caller, category, keys)
        for barred in allowed.deny:
            keys = _barred_number(scope, barred)
            found = meaning(scope, keys) if keys else None
            if found and denial(allowed, found.category, found.to.id).startswith("denies"):
                words = Words(f"La clase {name} no llama a {barred}", f"Class {name} does not call {barred}")
                yield _row(scope, f"class-{name}-denied-{barred.strip('+*')}", "EXT-2", words, caller, keys)
    yield from _hidden(scope)
    yield from _caller_ids(scope)
    yield from _emergency(scope)


def _class_row(scope: TenantScope, name: str, caller: str, category: str, keys: str) -> Scenario:
    allowed = scope.tenant.classes_of_service[name]
    found = meaning(scope, keys)
    permitted = found is not None and not denial(allowed, found.category, found.to.id)
    what = _NAMES[category]
    words = Words(
        f"Clase {name}: llamada {what.es} {'permitida' if permitted else 'rechazada'}",
        f"Class {name}: {what.en} call {'allowed' if permitted else 'refused'}",
    )
    return _row(scope, f"class-{name}-{category.replace('_', '-')}", "EXT-2", words, caller, keys)


def example(scope: TenantScope, category: str, salt: str = "") -> str:
    """Keys by which a number of a category is dialled; ``salt`` makes it another number for another purpose."""
    filler = f"{sum(map(ord, salt)) % 9000 + 1000}"
    for form in scope.plan.forms:
        if form.category != category or form.pattern.startswith("_+"):
            continue
        keys = f"{scope.tenant.outside_prefix}{digits(form.pattern, filler)}"
        found = meaning(scope, keys)
        if found and found.category == category:
            return keys
    return ""


def digits(pattern: str, filler: str) -> str:
    """A dial string that a pattern matches; its last X are taken from ``filler``."""
    if not is_pattern(pattern):
        return pattern
    made: list[str] = []
    body = pattern[1:]
    position = 0
    while position < len(body):
        character = body[position]
        if character == "[":
            end = body.index("]", position)
            made.append(body[position + 1])
            position = end
        else:
            made.append({"X": "4", "Z": "4", "N": "4", ".": "555123" + filler, "!": ""}.get(character, character))
        position += 1
    text_so_far = "".join(made)
    free = len(body) - len(body.rstrip("X"))
    if free >= len(filler):
        text_so_far = text_so_far[: -len(filler)] + filler
    return text_so_far


def _barred_number(scope: TenantScope, barred: str) -> str:
    """A number that exists and that a ``deny`` entry takes, as it is dialled with a plus; empty when there is none."""
    start = barred.rstrip("*")
    candidates = (start.ljust(length, "5") for length in range(len(start), 16))
    return next((number for number in candidates if meaning(scope, number)), "")


def _hidden(scope: TenantScope) -> Iterator[Scenario]:
    for number, extension in scope.tenant.extensions.items():
        keys = example(scope, "local", f"hidden{number}")
        allowed = scope.tenant.classes_of_service[extension.class_of_service]
        if extension.hide_caller_id and keys and "local" in allowed.allow and route_for(scope, "local"):
            words = Words(
                f"El interno {number} llama sin mostrar su número",
                f"Extension {number} calls without showing its number",
            )
            yield _row(scope, f"hidden-{number}", "EXT-7", words, number, keys)


def _caller_ids(scope: TenantScope) -> Iterator[Scenario]:
    """Whose number is shown: an extension's own, else the route's, else the tenant's first; one of each is called."""
    tenant = scope.tenant
    for number, extension in tenant.extensions.items():
        keys = example(scope, "local", f"shown{number}")
        found = meaning(scope, keys) if keys else None
        route = route_for(scope, "local")
        if found is None or route is None or extension.hide_caller_id:
            continue
        if denial(tenant.classes_of_service[extension.class_of_service], "local", found.to.id):
            continue
        shown = shown_number(scope, route[1].caller_id, number)
        words = Words(
            f"El interno {number} llama afuera y muestra el {shown}",
            f"Extension {number} calls outside and shows {shown}",
        )
        row = _row(scope, f"caller-id-{number}", "EXT-7", words, number, keys)
        yield replace(row, sort=f"caller id {number if extension.caller_id else 'of the route'}")


def _emergency(scope: TenantScope) -> Iterator[Scenario]:
    """Every number from the most restricted extension, and one from each class; with and without the outside prefix."""
    tenant = scope.tenant
    if not tenant.extensions or route_for(scope, "emergency") is None:
        return
    callers = {
        name: next((number for number, each in sorted(tenant.extensions.items()) if each.class_of_service == name), "")
        for name in tenant.classes_of_service
    }
    strictest = min(
        (name for name in callers if callers[name]), key=lambda name: len(tenant.classes_of_service[name].allow)
    )
    for number in scope.plan.emergency:
        yield _emergency_row(scope, f"emergency-{number}", callers[strictest], number)
        for name, caller in callers.items():
            if name != strictest and caller:
                row = _emergency_row(scope, f"emergency-{number}-{name.replace('_', '-')}", caller, number)
                yield replace(row, sort=f"emergency of class {name}")
        if tenant.outside_prefix:
            keys = f"{tenant.outside_prefix}{number}"
            row = _emergency_row(scope, f"emergency-{spelled(keys)}", callers[strictest], keys)
            yield replace(row, sort="emergency with the outside prefix")


def _emergency_row(scope: TenantScope, row_id: str, caller: str, keys: str) -> Scenario:
    name = scope.tenant.extensions[caller].class_of_service
    words = Words(
        f"Emergencia {keys} desde el interno {caller} (clase {name})",
        f"Emergency {keys} from extension {caller} (class {name})",
    )
    return _row(scope, row_id, "EXT-2", words, caller, keys)


def _row(scope: TenantScope, row_id: str, requirement: str, words: Words, caller: str, keys: str) -> Scenario:
    return Scenario(text(row_id, requirement, words), scope, Ref("extension", caller), keys, working(scope))
