"""What can be changed: the steps and settings of a bundle that a tenant's calls are led by, taken apart."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from pbx.bundle import Bundle
from pbx.verify.dialplan import Context, Dialplan, Extension, read_dialplan
from pbx.verify.text import Section, numbered, read, settings

SETTINGS: Final = (
    "queues.conf",
    "pjsip.conf",
    "voicemail.conf",
    "confbridge.conf",
    "res_parking.conf",
    "musiconhold.conf",
    "features.conf",
    "minivm.conf",
    "indications.conf",
    "cdr.conf",
)
"""Files beside the dialplan that say how calls are treated, with all they include."""
_NAME: Final = re.compile(r"[\w-]+")
_UNREACHABLE: Final = frozenset({("res_parking.conf", "default")})
"""Objects that are there since Asterisk would make them of its own accord, and that nobody reaches."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the dialplan."""

    file: str
    line: int
    raw: str
    """The line as it stands there."""
    context: str
    extension: Extension
    index: int
    """Of the step in its extension, counted from 0."""

    @property
    def text(self) -> str:
        """The application with its arguments."""
        return self.extension.steps[self.index]

    @property
    def label(self) -> str:
        """The label of the step, if it has one."""
        return next((name for name, index in self.extension.labels.items() if index == self.index), "")


@dataclass(frozen=True, slots=True)
class Hint:
    """What a lamp watches."""

    file: str
    line: int
    raw: str
    context: str
    extension: str
    watched: str


@dataclass(frozen=True, slots=True)
class Include:
    """A context that is part of another."""

    file: str
    line: int
    raw: str
    context: str
    included: str


@dataclass(frozen=True, slots=True)
class Setting:
    """A ``key=value`` of a file beside the dialplan."""

    file: str
    line: int
    raw: str
    configuration: str
    """The file that Asterisk reads: ``queues.conf``."""
    section: str
    kind: str
    """The object's type in ``pjsip.conf`` and ``confbridge.conf``; in other files empty."""
    key: str
    value: str


@dataclass
class Material:
    """All of it."""

    tenant: str
    dialplan: Dialplan
    sounds: tuple[str, ...]
    """The tenant's prompts as ``Playback`` names them."""
    steps: list[Step] = field(default_factory=list)
    hints: list[Hint] = field(default_factory=list)
    includes: list[Include] = field(default_factory=list)
    settings: list[Setting] = field(default_factory=list)

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """Every step of the dialplan, as written."""
        bodies = [context.body for context in self.dialplan.contexts.values()]
        return tuple(step for body in bodies for extension in body.extensions.values() for step in extension.steps)

    def values(self, configuration: str, key: str, kind: str = "") -> list[str]:
        """What is written for a key anywhere, sorted: others of its sort."""
        return sorted(
            {
                each.value
                for each in self.settings
                if (each.configuration, each.key) == (configuration, key) and kind in {"", each.kind}
            }
        )


def material(bundle: Bundle, tenant: str, others: frozenset[str]) -> Material:
    """What a tenant's calls are led by: its own files, the library, and what it uses of the platform's.

    ``others`` are the other tenants of the site.
    """
    sections = read(bundle.files, "extensions.conf").sections
    dialplan = read_dialplan(sections)
    sounds = tuple(sorted(name.rpartition(".")[0] for name, each in bundle.sounds.items() if each.tenant == tenant))
    found = Material(tenant, dialplan, sounds)
    lines = {name: text.split("\n") for name, text in bundle.files.items()}
    for name in sorted(_used(dialplan, tenant)):
        _dialplan(dialplan.contexts[name], lines, found)
    for configuration in SETTINGS:
        for section in read(bundle.files, configuration).sections:
            foreign = section.scope not in {"", tenant} or section.name.partition("_")[0] in others
            if not foreign and (configuration, section.name) not in _UNREACHABLE:
                found.settings += _settings(configuration, section, lines)
    for name in sorted(bundle.files):
        if name == f"tenants/{tenant}/directory.conf":
            for section in read(bundle.files, name).sections:
                found.settings += _settings("directory.conf", section, lines)
    _only_own_country(found)
    return found


def _only_own_country(found: Material) -> None:
    """Of the tones of all countries, and of mails in all languages, those that the tenant's phones have."""
    zones = {*found.values("pjsip.conf", "tone_zone"), "general"}
    spoken = {f"template-pbx-missed-{language}" for language in found.values("pjsip.conf", "language")}
    own = {"indications.conf": zones, "minivm.conf": {*spoken, "general"}}
    found.settings = [
        each for each in found.settings if each.configuration not in own or each.section in own[each.configuration]
    ]


def _used(dialplan: Dialplan, tenant: str) -> set[str]:
    """The tenant's contexts, and those of the library and of the platform that they name, or that these name."""
    used = {name for name, context in dialplan.contexts.items() if context.section.scope == tenant}
    shared = {name for name, context in dialplan.contexts.items() if not context.section.scope}
    waiting = sorted(used)
    while waiting:
        body = dialplan.contexts[waiting.pop()].body
        texts = [step for extension in body.extensions.values() for step in extension.steps]
        named = {word for text in texts for word in _NAME.findall(text)} | {name for _, name in body.includes}
        waiting += sorted((named & shared) - used)
        used |= named & shared
    return used


def _dialplan(context: Context, lines: Mapping[str, list[str]], found: Material) -> None:
    section = context.section
    file = section.place.file

    def at(offset: int) -> tuple[str, int, str]:
        line = section.at(offset).line
        return file, line, lines[file][line - 1]

    for extension in context.body.extensions.values():
        found.steps += [
            Step(*at(offset), section.name, extension, index) for index, offset in enumerate(extension.offsets)
        ]
    found.hints += [Hint(*at(offset), section.name, name, what) for offset, name, what in context.body.hints]
    found.includes += [Include(*at(offset), section.name, name) for offset, name in context.body.includes]


def _settings(configuration: str, section: Section, lines: Mapping[str, list[str]]) -> Iterator[Setting]:
    kind = dict(settings(section.body)).get("type", "") or ("template" if section.template else "")
    kind = kind or next(iter(section.parents), "")
    for (file, line), key, value in numbered(section):
        yield Setting(file, line, lines[file][line - 1], configuration, section.name, kind, key, value)
