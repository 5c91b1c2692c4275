"""The files beside the dialplan: what they define, and what they name of each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from pbx.diagnostics import Diagnostic
from pbx.verify import limits
from pbx.verify.applications import references_of
from pbx.verify.keys import CONFERENCE, INDICATIONS, PARKING, PJSIP, QUEUE, VOICEMAIL_GENERAL, SettingReader, box
from pbx.verify.objects import SUFFERED, Objects
from pbx.verify.references import Jump, Reference, split
from pbx.verify.text import Place, Reading, Section, numbered, place_of, read, settings, wrong
from pbx.verify.words import Words


@dataclass(frozen=True, slots=True)
class Mention:
    """A reference in a configuration file, and the setting it stands in."""

    section: Section
    key: str
    value: str
    reference: Reference

    @property
    def place(self) -> Place:
        """The line."""
        return place_of(self.section, self.key, self.value)


@dataclass(slots=True)
class Configuration:
    """All that the files beside ``extensions.conf`` say."""

    objects: Objects = field(default_factory=Objects)
    words: Words = field(default_factory=Words)
    mentions: dict[Reference, Mention] = field(default_factory=dict)
    """Each once, where it stands first."""
    problems: list[Diagnostic] = field(default_factory=list)
    made: dict[str, frozenset[str]] = field(default_factory=dict)
    """Contexts that a module makes, with their extensions."""
    people: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    """The numbers in each section of a file that ``Directory`` may read."""
    applications: list[tuple[Section, str, str]] = field(default_factory=list)
    """Applications that users start by keys (features.conf): the setting, and the name."""


PLAIN_FILES: Final = frozenset(
    [
        "acl.conf",
        "ccss.conf",
        "cdr.conf",
        "cdr_manager.conf",
        "cel.conf",
        "http.conf",
        "manager.conf",
        "minivm.conf",
        "modules.conf",
        "pjproject.conf",
        "rtp.conf",
        "udptl.conf",
    ]
)
"""Files that neither define nor name anything another file knows (``modules.conf`` is read by itself)."""
READ_FILES: Final = frozenset(
    [
        "extensions.conf",
        "pjsip.conf",
        "queues.conf",
        "queuerules.conf",
        "voicemail.conf",
        "musiconhold.conf",
        "indications.conf",
        "res_parking.conf",
        "confbridge.conf",
        "features.conf",
        "directory.conf",
    ]
)
"""Files that are read here, or by :mod:`pbx.verify.dialplan`."""


def read_configuration(files: Mapping[str, str]) -> Configuration:
    """Read every file that defines or names something."""
    found = Configuration()
    readings = {name: read(files, name) for name in sorted(READ_FILES - {"extensions.conf", "directory.conf"})}
    for reading in readings.values():
        found.problems += reading.problems
    _pjsip(readings["pjsip.conf"], found)
    _queues(readings["queues.conf"], found)
    _voicemail(readings["voicemail.conf"], found)
    _parking(readings["res_parking.conf"], found)
    _conferences(readings["confbridge.conf"], found)
    _features(readings["features.conf"], found)
    found.objects.add("file", files)
    for name in files:
        if name.endswith("/directory.conf"):
            _directory(name, read(files, name), found)
    for name, kind in (("musiconhold.conf", "music class"), ("queuerules.conf", "queue rule")):
        for section in _once(readings[name], found, kind, except_for={"general"}):
            found.objects.add(kind, [section.name])
    for section in _once(readings["indications.conf"], found, "tone zone", most=limits.TONE_ZONE):
        found.objects.add("tone zone", [section.name] if section.name != "general" else [])
        _mentions(section, settings(section.body), INDICATIONS, found)
    return found


def _once(
    reading: Reading, found: Configuration, kind: str, *, most: int = limits.NAME, except_for: set[str] | None = None
) -> Iterator[Section]:
    """The sections but some; one whose name is there twice or too long is told."""
    seen = set()
    for section in reading.sections:
        if section.name in seen:
            found.problems.append(_twice(section, f"the {kind} {section.name}"))
        seen.add(section.name)
        found.problems += limits.too_long(section.place, f"the {kind}", section.name, most)
        if section.name not in (except_for or ()):
            yield section


def _twice(section: Section, what: str) -> Diagnostic:
    return wrong("PBX614", section.place, f"{what} is there twice", "Asterisk would mix the two, or take neither")


def _mentions(
    section: Section, pairs: list[tuple[str, str]], readers: Mapping[str, SettingReader], found: Configuration
) -> None:
    for key, value in pairs:
        reader = readers.get(key)
        if reader is not None:
            for reference in reader(value):
                _mention(section, key, value, reference, found)


def _mention(section: Section, key: str, value: str, reference: Reference, found: Configuration) -> None:
    if reference not in found.mentions:
        found.mentions[reference] = Mention(section, key, value, reference)


def _pjsip(reading: Reading, found: Configuration) -> None:
    templates: dict[str, list[tuple[str, str]]] = {}
    names: dict[str, set[str]] = {}
    lines: dict[str, dict[str, Section]] = {}
    for section in reading.sections:
        inherited: list[tuple[str, str]] = []
        for parent in section.parents:
            if parent not in templates:
                message = f"{section.name} inherits from {parent}, which is not there"
                found.problems.append(wrong("PBX612", section.place, message, SUFFERED["template"]))
            inherited += templates.get(parent, ())
        # Phones have most of their lines in common: each is read once.
        lines.setdefault(section.scope, {}).update(dict.fromkeys(section.body.split("\n"), section))
        if section.template:
            templates[section.name] = inherited + settings(section.body)
        else:
            _object(section, _type(section, inherited), names, found)
    for kind, these in names.items():
        found.objects.add(kind, these)
    for own in lines.values():
        for line, section in own.items():
            key = line.partition("=")[0]
            if key in PJSIP or " " in key or ";" in key:
                _pjsip_line(section, line, found)


def _object(section: Section, kind: str, names: dict[str, set[str]], found: Configuration) -> None:
    """Take in one object: its name counts within its type."""
    known = names.setdefault(kind, set())
    if section.name in known or not kind:
        found.problems.append(_pjsip_problem(section, kind))
    known.add(section.name)
    if len(section.name) > limits.ENDPOINT:
        most = limits.ENDPOINT if kind == "endpoint" else limits.NAME
        found.problems += limits.too_long(section.place, f"the {kind}", section.name, most)


def _pjsip_line(section: Section, line: str, found: Configuration) -> None:
    for key, value in settings(line):
        _mentions(section, [(key, value)], PJSIP, found)
        if key == "set_var":
            variable, _, text = value.partition("=")
            found.words.learn(section.scope, variable.strip(), text.strip())


def _type(section: Section, inherited: list[tuple[str, str]]) -> str:
    """The type of an object, empty when it has none."""
    first, _, _ = section.body.partition("\n")
    if first.startswith("type=") and ";" not in first:
        return first[len("type=") :].strip()
    return next((value for key, value in (*settings(section.body), *inherited) if key == "type"), "")


def _pjsip_problem(section: Section, kind: str) -> Diagnostic:
    if not kind:
        message = f"{section.name} has no type"
        return wrong("PBX615", section.place, message, "Asterisk would ignore it")
    message = f"the {kind} {section.name} is there twice"
    # res_sorcery_config.c: one duplicate ends the reading of all objects of that type.
    return wrong("PBX614", section.place, message, f"Asterisk would take over no {kind} at all, of any tenant")


def _queues(reading: Reading, found: Configuration) -> None:
    for section in _once(reading, found, "queue", except_for={"general"}):
        found.objects.add("queue", [section.name])
        pairs = settings(section.body)
        _mentions(section, pairs, QUEUE, found)
        for key, value in pairs:
            if key == "member":
                for part in value.split(",")[:1] + value.split(",")[2:3]:
                    place = place_of(section, key, value) if len(part) > limits.NAME else section.place
                    found.problems += limits.too_long(place, "the member", part, limits.NAME)


def _voicemail(reading: Reading, found: Configuration) -> None:
    contexts = list(_once(reading, found, "mailbox context"))
    for section in contexts:
        pairs = settings(section.body)
        if section.name == "general":
            _mentions(section, pairs, VOICEMAIL_GENERAL, found)
        elif section.name == "zonemessages":
            found.objects.add("message zone", [key for key, _ in pairs])
        else:
            _mailboxes(section, pairs, found)


def _mailboxes(section: Section, pairs: list[tuple[str, str]], found: Configuration) -> None:
    boxes = {number for number, _ in pairs}
    if len(boxes) < len(pairs):
        numbers = [number for number, _ in pairs]
        for number in sorted(each for each in boxes if numbers.count(each) > 1):
            found.problems.append(_twice(section, f"the mailbox {number}@{section.name}"))
    found.objects.add("mailbox context", [section.name])
    found.people["voicemail.conf", section.name] = frozenset(boxes)
    found.objects.add("mailbox", [f"{number}@{section.name}" for number in boxes])
    for number, value in pairs:
        for part in (number, *value.split(",")[:2]):
            if len(part) > limits.NAME // 4:
                place = place_of(section, number, value)
                found.problems += limits.too_long(place, "in a mailbox,", part, limits.NAME)
        if "|" in value or "=" in value:
            for reference in box(value):
                _mention(section, number, value, reference, found)


def _directory(name: str, reading: Reading, found: Configuration) -> None:
    """A file of people as ``voicemail.conf`` has them (app_directory.c, option c)."""
    found.problems += reading.problems
    for section in _once(reading, found, "directory", except_for={"general"}):
        found.people[name, section.name] = frozenset(number for number, _ in settings(section.body))


def _parking(reading: Reading, found: Configuration) -> None:
    """res_parking makes the extension and the slots of each lot in the lot's context by itself."""
    for section in _once(reading, found, "parking lot", except_for={"general"}):
        found.objects.add("parking lot", [section.name])
        pairs = dict(settings(section.body))
        _mentions(section, list(pairs.items()), PARKING, found)
        first, _, last = pairs.get("parkpos", "").partition("-")
        slots = range(int(first), int(last) + 1) if first.isdigit() and last.isdigit() else range(0)
        made = {str(slot) for slot in slots} | ({pairs["parkext"]} if pairs.get("parkext") else set())
        context = pairs.get("context", "parkedcalls")
        found.made[context] = found.made.get(context, frozenset()) | made


def _conferences(reading: Reading, found: Configuration) -> None:
    kinds = {"bridge": "bridge profile", "user": "user profile", "menu": "conference menu"}
    for kind, standard in (
        ("bridge profile", "default_bridge"),
        ("user profile", "default_user"),
        ("conference menu", "default_menu"),
    ):
        found.objects.add(kind, [standard])
    for section in _once(reading, found, "conference profile", except_for={"general"}):
        pairs = settings(section.body)
        found.objects.add(kinds.get(dict(pairs).get("type", ""), "user profile"), [section.name])
        _mentions(section, pairs, CONFERENCE, found)


def _features(reading: Reading, found: Configuration) -> None:
    """``[applicationmap]``: ``name => keys,who,Application,arguments`` (features.conf.sample)."""
    for section in _once(reading, found, "features section"):
        if section.name != "applicationmap":
            continue
        for _, key, value in numbered(section):
            found.objects.add("application map", [key])
            parts = split(value)
            if len(parts) < 3:  # noqa: PLR2004 - keys, who and an application
                continue
            name, opening, inside = parts[2].partition("(")
            arguments = inside.removesuffix(")") if opening else ",".join(parts[3:4]).strip('"')
            found.applications.append((section, value, name.strip()))
            for reference in _started(name.strip(), arguments):
                _mention(section, key, value, reference, found)


def _started(name: str, arguments: str) -> Iterator[Reference]:
    for reference in references_of(name, arguments):
        if not isinstance(reference, Jump) or reference.context:
            yield reference
