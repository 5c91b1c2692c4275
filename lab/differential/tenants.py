"""Tenants that nobody wrote: small, each with most of what the tenant language knows, and the same for the same seed.

A tenant is a tree as its YAML file would give it. Exits that no key takes lead to what was made before, so that no call
goes round for ever; menus lead anywhere. Times are short: calls are to be many.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

Tree = dict[str, Any]
"""A tenant's file as plain data."""

WAITING_ROOM: Final = "espera"
"""The conference in which a caller waits who fills a trunk: every tenant has it, and a DID that leads there."""
FILLED: Final = "llena"
"""The queue in which one caller may wait; a DID leads straight to it."""
RECORDING: Final = "aviso.wav"
"""The one recording that every tenant has."""
YEARS: Final = "2026-2027"
_POLICIES: Final = ("circular", "regular", "simultaneous", "uniform", "weighted")
_SOUNDS: Final = ("pbx-transfer", "auth-thankyou")
"""Of prompts; what is played after a key is another one, so that the lab knows which of the two it hears."""
_TEXTS: Final = {"es": ("Hola.", "Un momento.", "Marque uno."), "en": ("Hello.", "One moment.", "Press one.")}
_CLASSES: Final = ("completo", "nacional", "interno", "nada")
"""Of the first extensions; the others are as the second."""
_FIRST_NAMES: Final = ("Ana", "Luis", "Eva", "José", "Mía", "Raúl", "Íñigo", "Zoe")
_LAST_NAMES: Final = ("Gómez", "Paz", "Ruiz", "Ñandú", "Vega", "Soto Luna", "Quiroga")


@dataclass(frozen=True, slots=True)
class _Country:
    """Where a tenant may be."""

    code: str
    area_code: str
    timezone: str
    did: str
    """All of a DID but its last two digits."""
    mobile: str
    """A number in a person's pocket, with its plus."""
    contact: str
    """A number of the phonebook."""


_COUNTRIES: Final = (
    _Country("AR", "11", "America/Argentina/Buenos_Aires", "+5411523650", "+5491155550000", "+541143210000"),
    _Country("UY", "", "America/Montevideo", "+598290100", "+59899123456", "+59829021234"),
    _Country("CR", "", "America/Costa_Rica", "+506222200", "+50688887777", "+50622223333"),
    _Country("ES", "", "Europe/Madrid", "+349112340", "+34612345678", "+34915551234"),
    _Country("CL", "", "America/Santiago", "+562234567", "+56987654321", "+56223334444"),
)


def likely(random: Random, share: float) -> bool:
    """Whether something happens that happens in so many of all cases."""
    return random.random() < share


def tenant(random: Random, slug: str) -> Tree:
    """A tenant made at random; most have no mistakes, ``pbx check`` tells which."""
    return _Making(random, slug, random.choice(_COUNTRIES)).tree()


@dataclass
class _Making:
    """One tenant being made."""

    random: Random
    slug: str
    country: _Country
    numbers: list[str] = field(default_factory=list)
    boxes: list[str] = field(default_factory=list)
    made: list[str] = field(default_factory=list)
    """Places that exits may lead to."""

    def tree(self) -> Tree:
        """Everything, from the inside out."""
        random = self.random
        first = random.choice((200, 210, 300, 2000))
        self.numbers = sorted(map(str, random.sample(range(first, first + 10), random.randint(4, 6))))
        self.boxes = sorted(random.sample(self.numbers, 3))
        self.language = random.choice(("es", "en"))
        tree: Tree = {
            "tenant": self.slug,
            "name": f"Prueba {self.slug}",
            "country": self.country.code,
            "language": self.language,
            "timezone": self.country.timezone,
            **({"area_code": self.country.area_code} if self.country.area_code else {}),
            **({"outside_prefix": prefix} if (prefix := random.choice(("9", "0", ""))) else {}),
            "ring_seconds": "3",
            "numbering": {"extensions": _range(self.numbers), "services": "600-699"},
            "calendar_years": YEARS,
            **self._outside(),
        }
        tree["extensions"] = {number: self._extension(index, number) for index, number in enumerate(self.numbers)}
        self.made += [f"extension:{number}" for number in self.numbers] + [f"voicemail:{box}" for box in self.boxes]
        tree["conferences"] = self._conferences()
        tree["announcements"] = self._named("announcement", ("aviso", "cierre"), self._announcement)
        tree["ring_groups"] = self._named("ring_group", ("todos", "orden"), self._ring_group)
        tree["queues"] = self._named("queue", ("ventas", FILLED, "una"), self._queue)
        tree["directory"] = {"number": "690"}
        self.made.append("directory:690")
        tree["paging"] = {
            "cerca": {"number": "660", "members": self._some(2, 3)},
            "lejos": {"number": "661", "members": self._some(1, 2), "duplex": "true"},
        }
        tree["parking"] = {"number": "670", "slots": "671-673", "timeout": "60s"}
        tree["ivrs"] = self._named("ivr", ("corto", "otro", "principal"), self._ivr)
        tree["schedules"] = self._named("schedule", ("anexo", "oficina"), self._schedule)
        for ivr in tree["ivrs"].values():
            self._keys(ivr)
        tree["dids"] = self._dids()
        return tree

    def _outside(self) -> Tree:
        """Trunks of every type, routes that fail over, classes of service, the phonebook."""
        contact, mobile = self.country.contact, self.country.mobile
        first, second = self.random.sample(["principal", "nube", "oficina"], 2)
        return {
            "trunks": {
                "principal": {
                    "type": "provider",
                    "host": f"sip.{self.slug}.example",
                    "username": self.slug,
                    "password": "env:TRUNK",
                },
                "nube": {"type": "cloud", "host": f"nube.{self.slug}.example", "max_calls": "1"},
                "oficina": {"type": "vpn", "host": f"vpn.{self.slug}.example"},
                "lineas": {"type": "gateway", "host": f"lineas.{self.slug}.example"},
                "central": {"type": "pbx", "host": f"central.{self.slug}.example", "extensions": "800-809"},
            },
            "outbound_routes": [
                {"match": ["local", "national"], "trunks": [first, second]},
                {"match": ["mobile"], "trunks": ["nube", "oficina"], "caller_id": f"{self.country.did}00"},
                {"match": ["toll_free"], "trunks": ["lineas"]},
                {"match": ["international"], "trunks": ["nube"]},
                {"match": ["emergency"], "trunks": ["lineas", "principal"]},
            ],
            "classes_of_service": {
                "nada": {"allow": []},
                "interno": {"allow": ["internal"]},
                "nacional": {"allow": ["internal", "local", "national", "mobile", "toll_free"]},
                "completo": {
                    "allow": ["internal", "local", "national", "mobile", "toll_free", "international", "premium"],
                    "deny": [f"{contact[:-3]}*", "+1900*"],
                },
            },
            "profiles": {"puesto": {"class_of_service": "nacional", "ring": "6s", "voicemail": {"attach": "false"}}},
            "phonebook": {
                contact: {"name": "Proveedor Sur", "speed_dial": "01"},
                mobile: {"name": "Guardia", "speed_dial": "02"},
            },
        }

    def _extension(self, index: int, number: str) -> Tree:
        random = self.random
        before = [f"extension:{each}" for each in self.numbers[:index]]
        allowed = _CLASSES[index] if index < len(_CLASSES) else "nacional"
        ends = [*before, *(f"voicemail:{box}" for box in self.boxes), "hangup", "busy"]
        if allowed in {"completo", "nacional"} or likely(random, 0.02):  # now and then what the checks refuse
            ends.append(f"external:{self.country.mobile}")
        if number in self.boxes:
            ends += ["voicemail", "voicemail"]
        forwards = {
            when: random.choice(ends)
            for when, share in (("always", 0.12), ("busy", 0.6), ("no_answer", 0.6), ("unavailable", 0.6))
            if likely(random, share)
        }
        extension: Tree = {
            "profile": "puesto",
            "first_name": _FIRST_NAMES[(index + len(self.slug)) % len(_FIRST_NAMES)],
            "class_of_service": allowed,
            "ring": random.choice(("6s", "8s")),
            "forward": forwards,
        }
        for key, value, share in (
            ("last_name", random.choice(_LAST_NAMES), 0.8),
            ("receive", "internal", 0.25),
            ("hide_caller_id", "true", 0.25),
            ("call_waiting", "false", 0.3),
            ("caller_id", f"{self.country.did}01", 0.3),
            ("pickup_group", "grupo", 0.4),
        ):
            if likely(random, share):
                extension[key] = value
        if number in self.boxes:
            extension["voicemail"] = {"pin": "4711"}
        if likely(random, 0.25):
            extension["devices"] = [{"name": "mesa"}, {"name": "movil", "transport": "tcp"}]
        return extension

    def _conferences(self) -> Tree:
        rooms: Tree = {
            WAITING_ROOM: {},
            "sala": {"number": "650", "max_members": "2"},
            "privada": {"number": "651", "pin": self.random.choice(("2580", "147147"))},
        }
        self.made += ["conference:sala", "conference:privada"]
        return rooms

    def _announcement(self, _identity: str) -> Tree:
        return {"prompt": self._prompt(), "then": self._way()}

    def _ring_group(self, identity: str) -> Tree:
        return {
            "number": "601" if identity == "todos" else "602",
            "members": self._some(1, 3),
            "strategy": "all" if identity == "todos" else "ordered",
            "ring": self.random.choice(("6s", "7s")),
            "fallback": self._way(),
        }

    def _queue(self, identity: str) -> Tree:
        random = self.random
        queue: Tree = {
            "number": {"ventas": "610", FILLED: "611", "una": "612"}[identity],
            "policy": random.choice(_POLICIES),
            "members": self._some(1, 3),
            "rings": "2",
            "retry": "1s",
            "overflow": self._way(),
            "record": random.choice(("true", "false")),
        }
        if queue["policy"] == "weighted":
            shares = {1: (100,), 2: (60, 40), 3: (50, 25, 25)}[len(queue["members"])]
            queue["members"] = dict(zip(queue["members"], map(str, shares), strict=True))
        if identity == FILLED:
            queue["max_callers"] = "1"
        else:
            queue["max_wait"] = random.choice(("12s", "20s"))  # between the rings of agents, which come every 7 s
        if likely(random, 0.2):
            queue |= {"announce_position": "30s", "max_wait": "27s"}
        return queue

    def _ivr(self, _identity: str) -> Tree:
        """A menu without its keys, which may lead anywhere and come last."""
        random = self.random
        return {
            "prompt": self._prompt(),
            "dial_extensions": random.choice(("true", "false")),
            "options": {},
            "timeout": {"after": random.choice(("8s", "9s")), "tries": random.choice("123"), "to": self._way()},
            "invalid": {"tries": random.choice("123"), "to": self._way()},
        }

    def _keys(self, ivr: Tree) -> None:
        random = self.random
        free = [key for key in "0123456789*#" if ivr["dial_extensions"] == "false" or key != self.numbers[0][0]]
        for key in sorted(random.sample(free, random.randint(3, 6))):
            way = random.choice(("repeat", *([self._way()] * 6)))
            said = random.choice(
                ({}, {}, {"say": random.choice(_TEXTS[self.language])}, {"prompt": {"sound": "vm-goodbye"}})
            )
            ivr["options"][key] = {"to": way, **said} if said else way

    def _schedule(self, identity: str) -> Tree:
        random = self.random
        hours = random.choice(
            (
                {"mon-fri": ["09:00-13:00", "14:00-18:00"], "sat": "09:00-13:00"},
                {"mon-sun": "08:30-20:15"},
                {"mon-wed": "07:00-23:59", "thu": ["00:00-06:00", "10:00-24:00"], "fri": "09:00-17:45"},
            )
        )
        schedule: Tree = {
            "hours": hours,
            "holidays": {
                "calendar": self.country.code,
                "add": {"2026-12-24": "Nochebuena", "2027-01-04..2027-01-15": "Vacaciones"},
                "remove": ["2026-12-25"],
            },
            "open": self._way(),
            "closed": self._way(),
        }
        if likely(random, 0.7):
            schedule["holiday"] = self._way()
        if likely(random, 0.7):
            schedule["override"] = "*28" if identity == "oficina" else "*29"
        return schedule

    def _dids(self) -> Tree:
        """The waiting room, one for each schedule and menu, and some that lead straight anywhere."""
        ways = [
            f"conference:{WAITING_ROOM}",
            "schedule:oficina",
            "schedule:anexo",
            "ivr:principal",
            "ivr:otro",
            *(f"queue:{name}" for name in ("ventas", FILLED, "una")),
            "ring_group:todos",
            "directory:690",
            "conference:sala",
            *(self._way() for _ in range(4)),
        ]
        return {
            f"{self.country.did}{index:02}": {"to": way, "name": f"Línea {index}"} for index, way in enumerate(ways)
        }

    def _named(self, kind: str, names: Sequence[str], make: Any) -> Tree:  # noqa: ANN401 - a method by its kind
        found = {}
        for name in names:
            found[name] = make(name)
            self.made.append(f"{kind}:{name}")
        return found

    def _way(self) -> str:
        """Where an exit leads: mostly to a place of the tenant."""
        return self.random.choice([*self.made, *self.made, "hangup", "busy", f"external:{self.country.mobile}"])

    def _some(self, fewest: int, most: int) -> list[str]:
        return self.random.sample(self.numbers, self.random.randint(fewest, most))

    def _prompt(self) -> Any:  # noqa: ANN401 - a prompt has three forms
        return self.random.choice(
            (RECORDING, {"sound": self.random.choice(_SOUNDS)}, {"say": self.random.choice(_TEXTS[self.language])})
        )


def _range(numbers: Sequence[str]) -> str:
    """The ten numbers among which all extensions are."""
    start = numbers[0][:-1]
    return f"{start}0-{start}9"
