"""What a build defines, by kind: queues, mailboxes, endpoints, music classes and all else that can be named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from pbx.asterisk.sounds import library
from pbx.verify.words import ANYTHING, Known, Words, fits

SUFFERED: Final[Mapping[str, str]] = {
    "aor": "the phone could not register",
    "auth": "the phone or the trunk could not log in",
    "channel technology": "the call would end",
    "conference menu": "the conference would refuse the caller",
    "bridge profile": "the conference would refuse the caller",
    "user profile": "the conference would refuse the caller",
    "context": "calls would find nothing there and end",
    "endpoint": "nobody would ring",
    "mailbox": "nobody could leave a message",
    "music class": "who waits would hear silence",
    "parking lot": "calls could not be parked",
    "program": "a program would run that nobody checked",
    "queue": "the call would leave the queue at once",
    "sound": "the caller would hear nothing",
    "template": "Asterisk would ignore the object",
    "transport": "Asterisk would ignore the endpoint",
}
"""What happens to people when something that is named does not exist."""

_UNDEFINED: Final = frozenset({"channel technology", "program"})
"""Kinds of which a build never has any: what is named so is always a mistake."""

_PARTLY_UNKNOWN: Final = _UNDEFINED | {"sound"}
"""Kinds of which nothing can be said when a part of the name is known only at run time."""


@dataclass(slots=True)
class Objects:
    """The names that exist, by kind."""

    names: dict[str, set[str]] = field(default_factory=dict)
    ordered: dict[str, list[str]] = field(default_factory=dict)

    def add(self, kind: str, names: Iterable[str]) -> None:
        """Take note of things of a kind."""
        self.names.setdefault(kind, set()).update(names)
        self.ordered.pop(kind, None)

    def in_order(self, kind: str) -> list[str]:
        """The names of a kind, sorted."""
        if kind not in self.ordered:
            self.ordered[kind] = sorted(self.names.get(kind, ()))
        return self.ordered[kind]

    def has(self, kind: str, name: str) -> bool:
        """Whether there is a thing of this very name."""
        if kind in _UNDEFINED:
            return False
        if kind == "sound":
            return _has_sound(self.names.get("sound", set()), name)
        if kind == "mailbox" and "@" not in name:
            name = f"{name}@default"
        return name in self.names.get(kind, ())

    def missing(self, kind: str, name: str, words: Words, known: Known) -> str | None:
        """What there is none of, among all that a name may be; None when everything is there.

        Of a name that is known only in part something that fits must be there; one that may be anything is not judged.
        """
        if "$" not in name and ANYTHING not in name:
            return None if self.has(kind, name) else name
        for word in sorted(words.of(name, known)):
            if ANYTHING not in word:
                if word and not self.has(kind, word):
                    return word
            elif word.strip(ANYTHING) and kind not in _PARTLY_UNKNOWN and not fits(word, self.in_order(kind)):
                return name
        return None


def _has_sound(own: set[str], name: str) -> bool:
    """A sound of the build, or one of Asterisk's; absolute names and those of recordings made by users are theirs."""
    return name in own or library("en").has(name) or library("es").has(name) or name.startswith("recordings/")
