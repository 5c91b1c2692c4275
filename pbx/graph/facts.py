"""What is said of a place: two or three short lines in its box, and all settings beside the drawing.

Whatever a customer keeps to himself (PINs, passwords) is never among them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from typing import Any, Final

from pbx.graph.words import KINDS, WEEKDAYS, exit_label, text, word
from pbx.kinds.schedule import clock, holiday_dates, week
from pbx.model import Prompt, Ref
from pbx.site import TenantScope

Fact = tuple[str, str]
"""What a setting is called, and what it is."""

_FORWARDS: Final = ("always", "busy", "no_answer", "unavailable")
_NAMES_SHOWN: Final = 3


def title(scope: TenantScope, ref: Ref) -> str:
    """What people call a place."""
    if ref.kind == "extension":
        return scope.label(ref)
    if ref.kind == "did":
        return scope.tenant.dids[ref.id].name or ref.id
    if ref.kind == "voicemail":
        return scope.label(Ref("extension", ref.id))
    if ref.kind == "external":
        contact = scope.tenant.phonebook.get(ref.id)
        return contact.name if contact and contact.name else ref.id
    return ref.id or word(KINDS, ref.kind, scope.language)


def spoken(scope: TenantScope, ref: Ref) -> str:
    """A place within a sentence: its kind and its name."""
    if not ref.id:
        return word(KINDS, ref.kind, scope.language)
    named = title(scope, ref)
    return named if ref.kind == "extension" else f"{word(KINDS, ref.kind, scope.language)} {named}"


def summary(scope: TenantScope, ref: Ref) -> tuple[str, ...]:
    """What stands in the box below the title."""
    teller = _SUMMARIES.get(ref.kind)
    return tuple(line for line in teller(scope, ref) if line) if teller else ()


def facts(scope: TenantScope, ref: Ref) -> tuple[Fact, ...]:
    """All settings of a place, in the tenant's language."""
    teller = _FACTS.get(ref.kind, _number)
    return tuple((name, value) for name, value in teller(scope, ref) if value)


def ranges(numbers: Iterable[str]) -> str:
    """Numbers with their runs joined: ``201–204, 210``."""
    ordered = sorted(set(numbers), key=lambda each: (len(each), each))
    if not ordered:
        return ""
    runs = [[ordered[0], ordered[0]]]
    for before, after in pairwise(ordered):
        if len(before) == len(after) and int(after) == int(before) + 1:
            runs[-1][1] = after
        else:
            runs.append([after, after])
    return ", ".join(first if first == last else f"{first}–{last}" for first, last in runs)


def some(names: Iterable[str], most: int, language: str) -> str:
    """The first few names, and how many more there are."""
    every = list(names)
    if len(every) <= most:
        return ", ".join(every)
    return f"{', '.join(every[:most])} {text('and_more', language, len(every) - most)}"


def _say(scope: TenantScope, prompt: Prompt) -> str:
    if prompt.say:
        return f"«{prompt.say}»" if scope.language == "es" else f"“{prompt.say}”"
    key, name = ("recording", prompt.file) if prompt.file else ("sound", prompt.sound)
    return text(key, scope.language, name)


def _number(scope: TenantScope, ref: Ref) -> tuple[Fact, ...]:
    number = getattr(scope.find(ref), "number", None)
    return ((text("number", scope.language), str(number or "")),)


def _opening(scope: TenantScope, ref: Ref) -> tuple[str, ...]:
    """Days with the same hours on one line: ``lun–vie 09:00–13:00, 14:00–18:00``."""
    stretches = {
        day: ", ".join(f"{clock(each.start)}–{clock(each.end)}" for each in hours)
        for day, hours in week(_model(scope, ref)).items()
    }
    runs: list[tuple[list[str], str]] = []
    for day, hours in stretches.items():
        if hours and runs and runs[-1][1] == hours:
            runs[-1][0].append(day)
        elif hours or runs:
            runs.append(([day], hours))
    told = []
    for days, hours in runs:
        names = [word(WEEKDAYS, day, scope.language) for day in days]
        if hours:
            told.append(f"{names[0]}–{names[-1]} {hours}" if len(names) > 1 else f"{names[0]} {hours}")
    return tuple(told)


def _schedule_facts(scope: TenantScope, ref: Ref) -> tuple[Fact, ...]:
    dates = holiday_dates(_model(scope, ref), scope.years)
    told = "; ".join(f"{day.isoformat()} {name}" for day, name in dates.items())
    opening = "; ".join(_opening(scope, ref)) or "–"
    return ((text("hours", scope.language), opening), (text("holidays", scope.language), told))


def _ivr_summary(scope: TenantScope, ref: Ref) -> tuple[str, ...]:
    return (_say(scope, scope.find(ref).prompt),)  # type: ignore[union-attr]


def _ivr_facts(scope: TenantScope, ref: Ref) -> tuple[Fact, ...]:
    ivr, language = _model(scope, ref), scope.language
    options = sorted(ivr.options.items(), key=lambda each: "1234567890*#".index(each[0]))
    said = [(key, option.instruction()) for key, option in options]
    keys = "; ".join(
        f"{key} → {text('again', language) if option.to.kind == 'repeat' else spoken(scope, option.to)}"
        for key, option in options
    )
    return (
        (text("prompt", language), _say(scope, ivr.prompt)),
        (text("keys", language), keys),
        (
            text("prompt", language),
            "; ".join(text("key_says", language, key, _bare(scope, prompt)) for key, prompt in said if prompt),
        ),
        (text("dial_extensions", language), text("yes" if ivr.dial_extensions else "no", language)),
        (text("waits", language), text("tries", language, ivr.timeout.after, ivr.timeout.tries)),
        (text("wrong_keys", language), str(ivr.invalid.tries)),
    )


def _bare(scope: TenantScope, prompt: Prompt) -> str:
    return prompt.say or _say(scope, prompt)


def _announcement_summary(scope: TenantScope, ref: Ref) -> tuple[str, ...]:
    return (_say(scope, _model(scope, ref).prompt),)


def _announcement_facts(scope: TenantScope, ref: Ref) -> tuple[Fact, ...]:
    return ((text("prompt", scope.language), _say(scope, _model(scope, ref).prompt)),)


def _names(scope: TenantScope, members: Iterable[str]) -> list[str]:
    return [scope.label(Ref("extension", member)) for member in members]


def _queue_summary(scope: TenantScope, ref: Ref) -> tuple[str, ...]:
    queue = _model(scope, ref)
    people = some(_names(scope, queue.members), _NAMES_SHOWN, scope.language)
    return (people or text("nobody", scope.language), text(queue.policy, scope.language))


def _queue_facts(scope: TenantScope, ref: Ref) -> tuple[Fact, ...]:
    queue, language = _model(scope, ref), scope.language
    return (
        (text("members", language), ", ".join(_names(scope, queue.members)) or text("nobody", language)),
        (text("policy", language), text(queue.policy, language)),
        (text("rings_each", language), f"{queue.rings * scope.ring_seconds} s"),
        (text("max_wait", language), f"{queue.max_wait} s" if queue.max_wait else ""),
        (text("max_callers", language), str(queue.max_callers or "")),
        *_number(scope, ref),
    )


def _group_summary(scope: TenantScope, ref: Ref) -> tuple[str, ...]:
    group = _model(scope, ref)
    people = some(_names(scope, group.members), _NAMES_SHOWN, scope.language)
    return (people or text("nobody", scope.language), f"{text(group.strategy, scope.language)}, {group.ring} s")


def _group_facts(scope: TenantScope, ref: Ref) -> tuple[Fact, ...]:
    group, language = _model(scope, ref), scope.language
    return (
        (text("members", language), ", ".join(_names(scope, group.members)) or text("nobody", language)),
        (text("policy", language), text(group.strategy, language)),
        (text("rings_for", language), f"{group.ring} s"),
        *_number(scope, ref),
    )


def forwards(scope: TenantScope, ref: Ref) -> Mapping[str, Ref]:
    """The forwards that an extension has in the file, by their names."""
    forward = _model(scope, ref).forward
    written = {when: getattr(forward, when) for when in _FORWARDS}
    return {when: to for when, to in written.items() if to is not None}


def _forwards_told(scope: TenantScope, ref: Ref) -> list[str]:
    own = {Ref("voicemail"), Ref("voicemail", ref.id)}
    by_target: dict[str, list[str]] = {}
    for when, to in forwards(scope, ref).items():
        target = text("mailbox", scope.language) if to in own else spoken(scope, to)
        by_target.setdefault(target, []).append(exit_label("extension", when, scope.language))
    return [f"{', '.join(whens)} → {target}" for target, whens in by_target.items()]


def _extension_summary(scope: TenantScope, ref: Ref) -> tuple[str, ...]:
    own = [line for line in _forwards_told(scope, ref) if line.endswith(f" → {text('mailbox', scope.language)}")]
    barred = text("receive_internal", scope.language) if _model(scope, ref).receive == "internal" else ""
    return (barred, *own)


def _extension_facts(scope: TenantScope, ref: Ref) -> tuple[Fact, ...]:
    extension, language = _model(scope, ref), scope.language
    box = extension.voicemail
    return (
        (text("department", language), extension.department),
        (text("receives", language), text(f"receive_{extension.receive}", language)),
        (text("rings_for", language), f"{extension.ring} s"),
        (text("forwards", language), "; ".join(_forwards_told(scope, ref)) or text("no", language)),
        (text("voicemail", language), text("yes" if box else "no", language)),
        (text("class_of_service", language), extension.class_of_service),
    )


def _voicemail_facts(scope: TenantScope, ref: Ref) -> tuple[Fact, ...]:
    box = _model(scope, ref).voicemail
    mailed = bool(box and box.email)
    return ((text("by_mail", scope.language), text("yes" if mailed else "no", scope.language)),)


def _did_summary(scope: TenantScope, ref: Ref) -> tuple[str, ...]:
    return (ref.id,) if scope.tenant.dids[ref.id].name else ()


def _did_facts(scope: TenantScope, ref: Ref) -> tuple[Fact, ...]:
    did = scope.tenant.dids[ref.id]
    return (
        (text("name", scope.language), did.name),
        (text("leads_to", scope.language), spoken(scope, did.to)),
    )


def _external_summary(scope: TenantScope, ref: Ref) -> tuple[str, ...]:
    return (ref.id,) if title(scope, ref) != ref.id else ()


def _external_facts(scope: TenantScope, _ref: Ref) -> tuple[Fact, ...]:
    return ((word(KINDS, "external", scope.language), text("paid_by_tenant", scope.language)),)


def _model(scope: TenantScope, ref: Ref) -> Any:  # noqa: ANN401 - each kind has its own model
    return scope.find(ref)


def _paging_summary(scope: TenantScope, ref: Ref) -> tuple[str, ...]:
    return (some(_names(scope, _model(scope, ref).members), _NAMES_SHOWN, scope.language),)


def _paging_facts(scope: TenantScope, ref: Ref) -> tuple[Fact, ...]:
    members = ", ".join(_names(scope, _model(scope, ref).members))
    return ((text("members", scope.language), members), *_number(scope, ref))


_SUMMARIES: Final[Mapping[str, Callable[[TenantScope, Ref], tuple[str, ...]]]] = {
    "did": _did_summary,
    "schedule": _opening,
    "ivr": _ivr_summary,
    "announcement": _announcement_summary,
    "queue": _queue_summary,
    "ring_group": _group_summary,
    "paging": _paging_summary,
    "extension": _extension_summary,
    "external": _external_summary,
}
_FACTS: Final[Mapping[str, Callable[[TenantScope, Ref], tuple[Fact, ...]]]] = {
    "did": _did_facts,
    "schedule": _schedule_facts,
    "ivr": _ivr_facts,
    "announcement": _announcement_facts,
    "queue": _queue_facts,
    "ring_group": _group_facts,
    "paging": _paging_facts,
    "extension": _extension_facts,
    "voicemail": _voicemail_facts,
    "external": _external_facts,
}
