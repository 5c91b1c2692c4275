"""A site: the platform and its tenants, each as its kinds, checks and writers see it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from pbx.asterisk.sounds import SoundLibrary, library
from pbx.kinds import BY_NAME
from pbx.kinds.base import Person, Sound
from pbx.kinds.extension import person
from pbx.model import Ref, Years
from pbx.numberplan import NumberPlan, plan_for
from pbx.platform import Platform
from pbx.tenant import Tenant

if TYPE_CHECKING:
    from pbx.poc import Poc


@dataclass(frozen=True)
class TenantScope:
    """A tenant as its kinds, checks and writers see it (:class:`pbx.kinds.base.Scope`)."""

    tenant: Tenant
    file: str
    files: frozenset[str] = frozenset()
    poc: Poc | None = None
    """The proof of concept of ``poc/TENANT.yaml``."""

    @property
    def slug(self) -> str:
        """The tenant's short name."""
        return self.tenant.tenant

    @property
    def timezone(self) -> ZoneInfo:
        """The tenant's time zone."""
        return self.tenant.timezone

    @property
    def ring_seconds(self) -> int:
        """Seconds of one ring cycle."""
        return self.tenant.ring_seconds

    @property
    def years(self) -> Years:
        """The calendar years for which holidays are resolved."""
        return self.tenant.calendar_years

    @property
    def sounds(self) -> SoundLibrary:
        """Asterisk's own sounds in the tenant's language."""
        return library(self.tenant.language)

    @property
    def language(self) -> str:
        """The tenant's language."""
        return self.tenant.language

    def extension_numbers(self) -> tuple[str, ...]:
        """Every extension, sorted: the order of a mapping's keys means nothing."""
        return tuple(sorted(self.tenant.extensions))

    def person(self, number: str) -> Person | None:
        """Who has an extension."""
        found = self.tenant.extensions.get(number)
        if found is None:
            return None
        return Person(number, found.first_name, found.last_name, found.call_waiting, found.receive == "internal")

    def name_of(self, number: str) -> str:
        """First and last name of who has an extension; empty when nobody does."""
        extension = self.tenant.extensions.get(number)
        return person(extension) if extension else ""

    def label(self, ref: Ref) -> str:
        """What people call the place."""
        extension = self.tenant.extensions.get(ref.id) if ref.kind == "extension" else None
        return f"{person(extension)} ({ref.id})" if extension else str(ref)

    @cached_property
    def plan(self) -> NumberPlan:
        """How people dial here. The area code was checked when the tenant was read."""
        return plan_for(self.tenant.country, self.tenant.area_code)

    def models(self) -> tuple[tuple[Ref, Any], ...]:
        """Every place of the tenant with its model, kind by kind and sorted within: a build depends on no key order."""
        return self._models

    @cached_property
    def _models(self) -> tuple[tuple[Ref, Any], ...]:
        return tuple(self._each_model())

    def _each_model(self) -> Iterator[tuple[Ref, Any]]:
        for kind in BY_NAME.values():
            if kind.section:
                for identity, model in sorted(_by_id(getattr(self.tenant, kind.section)).items()):
                    yield Ref(kind.name, identity), model
        for number, extension in sorted(self.tenant.extensions.items()):
            if extension.voicemail:
                yield Ref("voicemail", number), extension

    def find(self, ref: Ref) -> Any | None:  # noqa: ANN401 - each kind has its own model
        """The model behind a place, or None when the tenant has no such place."""
        return self._places.get(ref)

    @cached_property
    def _places(self) -> Mapping[Ref, Any]:
        return dict(self.models())

    def own_sounds(self) -> tuple[Sound, ...]:
        """Every prompt that is compiled into the tenant's sounds folder."""
        found = [sound for ref, model in self.models() for sound in BY_NAME[ref.kind].sounds(ref.id, model)]
        return tuple(sound for sound in found if not sound.prompt.sound)


def _by_id(section: Any) -> Mapping[str, Any]:  # noqa: ANN401 - each kind has its own model
    """The places of a section; what a tenant has only one of, such as its directory, is known by its number."""
    if isinstance(section, Mapping):
        return section
    return {} if section is None else {section.number: section}


@dataclass(frozen=True)
class Site:
    """The platform and its tenants, by slug, in alphabetical order."""

    platform: Platform
    tenants: Mapping[str, TenantScope]
