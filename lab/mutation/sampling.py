"""All mutants of a bundle, and a sample that is spread over kinds of change and over places."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import Final

from lab.mutation import flow, settings, values
from lab.mutation.change import Change
from lab.mutation.material import Hint, Include, Material, Setting, Step, material
from lab.mutation.mutant import Mutant
from pbx.bundle import Bundle

_Line = Step | Hint | Include | Setting


def mutants(bundle: Bundle, tenant: str, others: frozenset[str]) -> tuple[Mutant, ...]:
    """Every mutant of what a tenant's calls are led by, in the order of files and lines; none is there twice."""
    found = material(bundle, tenant, others)
    made: dict[tuple[str, int, str, str | None], Mutant] = {}
    for line, change in _changes(found):
        key = (line.file, line.line, change.old, change.new)
        if change.old != change.new and change.old in line.raw:
            made.setdefault(key, _mutant(line, change, found))
    ordered = sorted(made.values(), key=lambda each: (each.file, each.line, each.kind, each.old, each.new or ""))
    return tuple(replace(each, origin=_origin(bundle, each)) for each in ordered)


def _changes(found: Material) -> Iterator[tuple[_Line, Change]]:
    for step in found.steps:
        operators: tuple[Callable[[Step, Material], Iterator[Change]], ...] = (
            flow.changes,
            values.changes,
            values.named,
        )
        for change in chain.from_iterable(operator(step, found) for operator in operators):
            yield step, change
    for hint in found.hints:
        yield from ((hint, change) for change in flow.hinted(hint))
    for include in found.includes:
        yield from ((include, change) for change in flow.included(include, found))
    for setting in found.settings:
        yield from ((setting, change) for change in settings.changes(setting, found))


def _mutant(line: _Line, change: Change, found: Material) -> Mutant:
    section = line.section if isinstance(line, Setting) else line.context
    names = change.names or (tuple(_objects(line, found)) if isinstance(line, Setting) else ())
    return Mutant(change.kind, line.file, line.line, change.old, change.new, change.meaning, section, names)


def _objects(setting: Setting, found: Material) -> Iterator[str]:
    """By which words a setting is known to calls: its object's name, or what a call must do for it to matter."""
    if setting.section != found.tenant:
        yield setting.section
    yield from _KNOWN_BY.get((setting.configuration, setting.section), ())
    yield from _KNOWN_BY.get((setting.configuration, ""), ())


_KNOWN_BY: Final = {
    ("queues.conf", "general"): ("Queue",),
    ("voicemail.conf", "general"): ("VoiceMail", "VoiceMailMain"),
    ("voicemail.conf", "zonemessages"): ("VoiceMailMain",),
    ("minivm.conf", ""): ("MinivmNotify",),
    ("directory.conf", ""): ("Directory",),
    ("musiconhold.conf", ""): ("Queue", "ConfBridge", "Park", "hold"),
    ("res_parking.conf", ""): ("Park", "ParkedCall", "parking"),
    ("indications.conf", ""): ("Busy", "Congestion"),
    ("pjsip.conf", "pbx-phone"): ("Dial", "VoiceMail", "Background"),
    ("pjsip.conf", "pbx-phone-aor"): ("Dial",),
    ("pjsip.conf", "pbx-trunk"): ("GROUP(trunk)", "pbx-arrival", "pbx-call"),
    ("pjsip.conf", "transport-udp"): ("Dial",),
    ("pjsip.conf", "global"): ("Dial", "pbx-arrival"),
    ("cdr.conf", ""): ("Dial",),
}
"""What a row must do for a setting to matter to it, where no object of the tenant is named in the section."""


def _origin(bundle: Bundle, mutant: Mutant) -> str:
    for each in bundle.origins.get(mutant.file, ()):
        if each.first <= mutant.line <= each.last:
            path = ".".join(map(str, each.path))
            return f"{each.file}: {path}" if path else each.file
    return ""


def sample(every: Sequence[Mutant], count: int, seed: int) -> tuple[Mutant, ...]:
    """So many of them, in their order; the same for the same seed.

    Kinds of change take turns, and within a kind the sections of the files: else the long tables of numbers would be
    most of it.
    """
    chosen: list[Mutant] = []
    turns = random.Random(seed)  # noqa: S311 - a sample, no secret
    waiting = [_by_section(members, turns) for members in _grouped(every, lambda each: each.kind)]
    turns.shuffle(waiting)
    while waiting and len(chosen) < count:
        for kind in tuple(waiting):
            if len(chosen) < count:
                chosen.append(kind.pop())
            if not kind:
                waiting.remove(kind)
    places = {mutant.id: index for index, mutant in enumerate(every)}
    return tuple(sorted(chosen, key=lambda each: places[each.id]))


def _by_section(members: list[Mutant], turns: random.Random) -> list[Mutant]:
    """Members of one kind in a random order in which sections take turns; the last comes first."""
    sections = _grouped(members, lambda each: f"{each.file} {each.section}")
    for section in sections:
        turns.shuffle(section)
    turns.shuffle(sections)
    ordered: list[Mutant] = []
    while sections:
        ordered += [section.pop() for section in sections]
        sections = [section for section in sections if section]
    return ordered[::-1]


def _grouped(every: Sequence[Mutant], by: Callable[[Mutant], str]) -> list[list[Mutant]]:
    groups: dict[str, list[Mutant]] = {}
    for each in every:
        groups.setdefault(by(each), []).append(each)
    return [groups[name] for name in sorted(groups)]
