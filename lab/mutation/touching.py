"""Which rows use what a mutant changes: the lines of dialplan and the names that each row's calls brought up."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lab.lines import steps_in, written_at
from pbx.verify.dialplan import Dialplan, read_dialplan
from pbx.verify.text import read

if TYPE_CHECKING:
    from lab.mutation.mutant import Mutant
    from lab.playing import Row

Line = tuple[str, int]
"""A file of the bundle, and a line of it."""

_EXECUTED: Final = re.compile(rb"pbx\.c: Executing (.*)")
_WORD: Final = re.compile(r"[A-Za-z0-9_@+*#.-]+")
_CHANNEL: Final = re.compile(r"-[0-9a-f]{8}$")
_HINTS: Final[Mapping[str, tuple[str, ...]]] = {
    "pickup group": ("pickup",),
    "subscribe context": ("lamp", "parking", "override"),
    "lamp changed": ("lamp", "parking", "override", "pause", "disturb"),
    "lamp of a mailbox": ("voicemail-retrieved", "voicemail"),
    "queue strategy": ("policy",),
    "queue penalty": ("policy",),
    "queue wrap-up": ("wrap-up", "policy"),
    "queue length": ("full",),
    "queue rule": ("left-alone", "in-a-call", "pause", "recorded", "empty"),
    "queue announcement": ("overflow-timeout", "policy"),
    "queue timeout": ("overflow-timeout", "policy"),
    "queue member removed": ("policy",),
    "queue member added": ("policy",),
    "music class": ("hold", "overflow-timeout", "parking"),
    "directory": ("directory",),
    "conference": ("conference", "room"),
    "parking": ("parking",),
    "privacy changed": ("hide", "hidden", "class"),
    "caller id changed": ("caller-id", "out", "class"),
    "login": ("security-accounts", "registers", "trunk"),
    "context": ("transfer", "class", "trunk"),
    "codec": ("ivr", "directory", "trunk"),
    "media and identity": ("hidden", "caller-id", "hold", "security", "trunk"),
    "text of a mail": ("mail", "voicemail"),
    "mail address": ("mail", "voicemail"),
    "mail attachment": ("voicemail",),
    "voicemail PIN": ("voicemail-retrieved",),
    "voicemail rule": ("voicemail",),
    "ring time": ("no-answer", "fails", "silent"),
    "class of service opened": ("class", "refused"),
    "class of service closed": ("class", "emergency", "speed"),
}
"""Parts of the ids of rows that are likely to see a change of this kind: they are asked first."""


_HELD: Final[Mapping[str, tuple[str, ...]]] = {
    "pjsip.conf": ("phones-as-agreed", "trunks-as-agreed"),
    "voicemail.conf": ("mailboxes-as-agreed",),
    "queues.conf": ("queues-as-agreed",),
    "confbridge.conf": ("rooms-as-agreed",),
    "res_parking.conf": ("parking-as-agreed",),
    "holidays.conf": ("holidays-",),
}
"""Beginnings of the ids of rows that ask the PBX itself what it holds of a file: no step of a call is in them."""


@dataclass(frozen=True, slots=True)
class Touched:
    """What one row used when it was green."""

    lines: frozenset[Line]
    contexts: frozenset[str]
    words: frozenset[str]
    seconds: float
    """Real ones that it took."""


def touched(row: Row, log: bytes, dialplan: Dialplan, seconds: float) -> Touched:
    """What a row used, from the PBX's log of it alone."""
    steps = steps_in(log)
    lines = {(each.file, each.line) for each in (written_at(dialplan, step) for step in steps) if each}
    words = set(_objects(row))
    for found in _EXECUTED.finditer(log):
        for word in _WORD.findall(found[1].decode("utf-8", "replace")):
            words |= {word, _CHANNEL.sub("", word)}
    return Touched(frozenset(lines), frozenset(context for context, _, _ in steps), frozenset(words), seconds)


def _objects(row: Row) -> Iterator[str]:
    """The names under which Asterisk knows whom a row touches."""
    for name in (*row.touched, *row.shares):
        kind, _, identity = name.partition(":")
        yield f"{row.tenant}_trunk_{identity}" if kind == "trunk" else f"{row.tenant}_{identity}"
        if kind == "extension":
            yield f"{identity}@{row.tenant}"
        yield identity
    yield from re.split("[-_]", row.text.id)


def dialplan_of(files: Mapping[str, str]) -> Dialplan:
    """The dialplan of a bundle."""
    return read_dialplan(read(files, "extensions.conf").sections)


def asked(mutant: Mutant, green: Mapping[str, Touched]) -> list[str]:
    """The rows that use what a mutant changes, those first that are the likeliest and the quickest to see it."""
    line = (mutant.file, mutant.line)
    rows = [name for name, each in green.items() if line in each.lines]
    if not rows and mutant.names:
        rows = [
            name for name, each in green.items() if any(word in each.words | each.contexts for word in mutant.names)
        ]
    holding = _HELD.get(mutant.file.rpartition("/")[2], ())
    if mutant.kind == "holiday removed":
        holding = _HELD["holidays.conf"]
    if "_hours_" in mutant.section:
        holding = ("hours-",)
    rows += [name for name in green if holding and name.startswith(holding) and name not in rows]
    hints = _HINTS.get(mutant.kind, ())

    def likeliest(name: str) -> tuple[int, int, int, float, str]:
        hit = next((index for index, hint in enumerate(hints) if hint in name), len(hints))
        return (
            _last(name),
            0 if holding and name.startswith(holding) else 1,
            hit,
            len(green[name].lines) + 10 * green[name].seconds,
            name,
        )

    return sorted(rows, key=likeliest)


def _last(name: str) -> int:
    """Audits take long: they come last."""
    return int(name.startswith(("security", "isolation")) or name.endswith("real-time"))
