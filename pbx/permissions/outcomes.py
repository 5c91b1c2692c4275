"""What comes of dialled keys: by the model, by a real Asterisk, and where the two differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from pbx.asterisk import names
from pbx.dialing import denial, meaning, route_for
from pbx.permissions.probes import Probe
from pbx.site import TenantScope

Verdict = Literal["allowed", "blocked", "no_route", "code"]
"""``blocked``: refused by the class, or nobody has the number; ``no_route``: allowed, and no trunk carries it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What comes of keys that a phone dials."""

    verdict: Verdict
    to: str = ""
    """The first place of the call, as ``kind:id``, where there is one."""
    trunk: str = ""
    """The trunk that is tried first, for an outside call that is allowed."""

    def __str__(self) -> str:
        """In words, for people who compare two."""
        if self.verdict == "allowed":
            return f"goes to {self.to}" + (f" by trunk:{self.trunk}" if self.trunk else "")
        words = {"blocked": "is refused", "no_route": "is allowed, and has no route", "code": "is a feature code"}
        return words[self.verdict]


Outcomes = Mapping[tuple[str, str], Outcome]
"""By class of service and keys."""


@dataclass(frozen=True, slots=True)
class Phone:
    """What Asterisk says of an extension's endpoint."""

    context: str
    """Where its calls enter the dialplan."""
    class_of_service: str
    transfer: str
    """The context for what it transfers, and ..."""
    forward: str
    """... for where it redirects its calls."""

    def __str__(self) -> str:
        """In words, for people who compare two."""
        contexts = dict.fromkeys((self.context, self.transfer, self.forward))
        return f"is {self.class_of_service or 'of no class'} ({', '.join(each or 'none' for each in contexts)})"


@dataclass(frozen=True, slots=True)
class Answers:
    """What a real Asterisk says."""

    calls: Outcomes
    """Of the keys that were tried and of those that it has patterns for itself."""
    transfers: Outcomes
    """The same, for what a phone transfers or forwards to."""
    phones: Mapping[str, Phone]
    """Its endpoints, by extension."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A cell about which the model and Asterisk do not agree."""

    row: str
    """A class of service, or ``extension:201``."""
    column: str
    keys: str
    model: str
    asterisk: str

    def told(self) -> str:
        """What each of the two says."""
        dialled = f"{self.keys} " if self.keys else "it "
        return f"by the model {dialled}{self.model}; in Asterisk it {self.asterisk}"

    def transferred(self) -> Difference:
        """The same about what is transferred, when a call that is dialled agrees."""
        return replace(self, column=f"{self.column}, transferred")


def foretold(scope: TenantScope, class_name: str, keys: str) -> Outcome:
    """What comes of keys by the model."""
    found = meaning(scope, keys)
    if found is None:
        return Outcome("blocked")
    if found.role == "code":
        return Outcome("code")
    if denial(scope.tenant.classes_of_service[class_name], found.category, found.to.id):
        return Outcome("blocked")
    if found.to.kind != "external":
        return Outcome("allowed", str(found.to))
    route = route_for(scope, found.category)
    if route is None:
        return Outcome("no_route", str(found.to))
    return Outcome("allowed", str(found.to), route[1].trunks[0])


def all_foretold(scope: TenantScope, tried: Iterable[Probe]) -> dict[tuple[str, str], Outcome]:
    """Every class against every probe."""
    keys = [probe.keys for probe in tried]
    return {(name, each): foretold(scope, name, each) for name in scope.tenant.classes_of_service for each in keys}


def compare(scope: TenantScope, tried: Iterable[Probe], observed: Outcomes) -> Iterator[Difference]:
    """Where Asterisk does something else than the model says. Keys that were tried in addition are compared as well."""
    columns = {probe.keys: probe.denied or probe.category for probe in tried}
    for (name, keys), seen in sorted(observed.items()):
        expected = foretold(scope, name, keys)
        if expected != seen and expected.verdict != "code":
            found = meaning(scope, keys)
            column = columns.get(keys) or (found.category if found else "nobody's number")
            yield Difference(name, column, keys, str(expected), str(seen))


def compare_phones(scope: TenantScope, phones: Mapping[str, Phone]) -> Iterator[Difference]:
    """Where a phone is in another class than the file says."""
    for number, extension in sorted(scope.tenant.extensions.items()):
        name = extension.class_of_service
        transfer = names.context(scope.slug, "transfer", name)
        wanted = Phone(names.context(scope.slug, "class", name), name, transfer, transfer)
        seen = phones.get(number)
        if seen != wanted:
            has = str(seen) if seen else "is not there"
            yield Difference(f"extension:{number}", "class of service", "", str(wanted), has)
