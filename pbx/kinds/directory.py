"""The directory: a caller spells a name with the keys, and is led to who has it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pbx.asterisk import names
from pbx.asterisk.text import Verbatim
from pbx.diagnostics import Diagnostic
from pbx.kinds.base import Dialled, Exit, Kind, Person, Scope, Situation, Step, no_sounds
from pbx.model import HANGUP, ExtensionNumber, Model, Ref

KEYS: Final = {
    letter: key
    for key, letters in enumerate(("abc", "def", "ghi", "jkl", "mno", "pqrs", "tuv", "wxyz"), start=2)
    for letter in letters
}
"""The key of each letter (ITU-T E.161)."""
LETTERS: Final = 3
"""How many letters a caller spells; fewer are ended with the hash key."""


class Directory(Model):
    """Everybody of the tenant by name, with a mailbox or without. A tenant has one directory, known by its number.

    Who is found here was chosen by the caller, as by a menu key: he is reached with ``receive: internal`` as well.
    """

    number: ExtensionNumber
    """Where the tenant's own phones reach it."""


def words(person: Person) -> tuple[str, ...]:
    """What a person's name can be found by: each of its words, in letters that keys have.

    Both of two surnames count, and so do all first names. ``José Ñandú`` gives ``Jose`` and ``Nandu``.
    """
    text = unicodedata.normalize("NFKD", f"{person.first_name} {person.last_name}")
    plain = "".join(each for each in text if not unicodedata.combining(each))
    return tuple(re.findall(r"[A-Za-z]+", plain))


def _spelled(word: str) -> str:
    return "".join(str(KEYS[letter]) for letter in word.lower())


def numbers(_identity: str, directory: Directory) -> tuple[Dialled, ...]:
    """The directory's number."""
    return (Dialled(directory.number, ("directory", "number"), directory.number),)


def _people(scope: Scope) -> tuple[Person, ...]:
    """Who can be found."""
    people = (scope.person(number) for number in scope.extension_numbers())
    return tuple(each for each in people if each and words(each))


def exits(_identity: str, _directory: Directory, scope: Scope) -> tuple[Exit, ...]:
    """Every person; the end for who chooses nobody."""
    found = [Exit(each.number, Ref("extension", each.number), "caller", ("directory",)) for each in _people(scope)]
    return (*found, Exit("nobody", HANGUP, "caller", ("directory",)))


def steps(identity: str, _directory: Directory, scope: Scope, situation: Situation) -> tuple[Step, ...]:
    """The caller spells a name; of those who have it the first is chosen, or the one after each star."""
    node, path = Ref("directory", identity), ("directory",)
    pressed = situation.presses.pop(0) if situation.presses else "timeout"
    keys, heard = pressed.removesuffix("#"), ("dir-welcome",)
    found = _found(scope, keys) if keys else []
    while found and situation.presses[:1] == ["*"]:
        situation.presses.pop(0)
        found.pop(0)
    if situation.presses[:1] == ["1"]:
        situation.presses.pop(0)
    if not found:
        because = "no name is spelled" if pressed == "timeout" else f"nobody is chosen with {pressed}"
        return (Step(node, "nobody", because, path, to=HANGUP, hears=heard),)
    person = Ref("extension", found[0].number)
    situation.chosen = person
    because = f"the caller spells {pressed}: {scope.label(person)}"
    return (Step(node, person.id, because, path, to=person, hears=heard),)


def _found(scope: Scope, keys: str) -> list[Person]:
    """Who has a word that is spelled so, in the order in which they are told: by last name, then first name.

    As ``check_match`` and ``sort_items`` of app_directory.c have it: of who is found by another word than the second,
    the whole name counts, or the word alone where it is an alias.
    """
    found: list[tuple[str, Person]] = []
    for person in _people(scope):
        first, *more = words(person)
        last = [(" ".join(more) + first, more[0])] if more else []
        for order, word in (*last, (" ".join((first, *more)), first), *((word, word) for word in more[1:])):
            if _spelled(word).startswith(keys):
                found.append((order.lower(), person))
                break
    return [person for _, person in sorted(found, key=lambda each: each[0])]


def check(_identity: str, _directory: Directory, scope: Scope) -> Iterator[Diagnostic]:
    """Everybody can be found."""
    for number in scope.extension_numbers():
        person = scope.person(number)
        if person and not words(person):
            yield Diagnostic(
                "PBX413",
                scope.file,
                ("extensions", number),
                f"extension {number} cannot be found in the directory: no key has a letter of its name",
                help="write the name in Latin letters",
                consequence="a caller who spells the name would be told that there is nobody of that name",
                at_key=True,
            )


@dataclass(frozen=True, slots=True)
class EntryView:
    """One person."""

    number: str
    name: str
    aliases: Verbatim
    """``|alias=…`` for each word after the second: in app_directory.c a last name begins after the first blank."""


@dataclass(frozen=True, slots=True)
class DirectoryView:
    """What the templates read."""

    node: Verbatim
    number: str
    file: Verbatim
    entries: tuple[EntryView, ...]


def view(identity: str, _directory: Directory, scope: Scope) -> DirectoryView:
    """The directory as Asterisk sees it: a file in the form of ``voicemail.conf``."""

    def entry(person: Person) -> EntryView:
        found = words(person)
        return EntryView(
            number=person.number,
            name=" ".join(found),
            aliases=Verbatim("".join(f"|alias={word}" for word in found[2:])),
        )

    return DirectoryView(
        node=Verbatim(Ref("directory", identity)),
        number=identity,
        file=Verbatim(names.directory_file(scope.slug)),
        entries=tuple(map(entry, _people(scope))),
    )


KIND: Final = Kind(
    name="directory",
    section="directory",
    single=True,
    exits=exits,
    steps=steps,
    check=check,
    sounds=no_sounds,
    numbers=numbers,
    view=view,
)
