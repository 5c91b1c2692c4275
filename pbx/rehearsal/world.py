"""What the dialplan's functions and applications meet: phones, trunks, settings and the clock of a situation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from pbx.asterisk import names
from pbx.kinds.base import PhoneState, Situation
from pbx.rehearsal.expressions import allowed, true
from pbx.site import TenantScope
from pbx.verify.dialplan import Dialplan
from pbx.verify.references import split

_CROWD: Final = 1_000_000
"""More calls than any trunk may carry."""
BUSY_CAUSE, FAILED_CAUSE = "17", "34"
"""What a trunk answers when the called party is busy, and when it does not carry the call (Q.850)."""


class UnknownStepError(Exception):
    """The dialplan uses something that is not known here; its text says what."""


@dataclass(slots=True)
class World:
    """Everything outside the dialplan's own text."""

    scope: TenantScope
    situation: Situation
    dialplan: Dialplan
    kept: dict[str, str] = field(default_factory=dict)
    """The AstDB, by ``family/key``."""
    groups: dict[str, str] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)
    """What the dialplan has set with functions: ``CALLERID(num)``."""

    def __post_init__(self) -> None:
        """Put into the AstDB what users have set."""
        slug = self.scope.slug
        for (extension, setting), value in self.situation.settings.items():
            self.kept[f"pbx/{slug}/{extension}/{setting}"] = value
        for schedule, forced in self.situation.overrides.items():
            self.kept[f"pbx/{slug}/schedule/{schedule}/override"] = forced

    @property
    def now(self) -> int:
        """Seconds since 1970."""
        return int(self.situation.at.replace(tzinfo=self.situation.at.tzinfo or self.scope.timezone).timestamp())

    def clock(self, zone: str) -> datetime:
        """What clocks show in a zone."""
        return datetime.fromtimestamp(self.now, ZoneInfo(zone) if zone else self.scope.timezone)

    def phone(self, device: str) -> str:
        """The extension of a dial string such as ``PJSIP/andina_201``; empty for what is no phone of the tenant."""
        number = device.removeprefix(f"PJSIP/{self.scope.slug}_")
        return number if number in self.scope.tenant.extensions else ""

    def state(self, number: str) -> PhoneState:
        """What the phones of an extension do by themselves: of what its user has set the dialplan knows."""
        return self.situation.states.get(number, "answer")

    def trunk(self, endpoint: str) -> str:
        """The trunk of an endpoint."""
        return next(name for name in self.scope.tenant.trunks if names.trunk(self.scope.slug, name) == endpoint)

    def read(self, name: str, arguments: str, context: str) -> str:
        """What a function answers; ``context`` is where it is asked. Raises UnknownStepError for one not known."""
        function = _FUNCTIONS.get(name)
        if function is None:
            raise UnknownStepError(f"the function {name}")
        return function(self, arguments, context)

    def write(self, name: str, arguments: str, value: str) -> None:
        """What a function is set to."""
        if name == "DB":
            self.kept[arguments] = value
        elif name == "GROUP":
            self.groups[arguments] = value
        else:
            self.said[f"{name}({arguments})"] = value
            if (name, arguments) == ("CALLERID", "all"):
                self.said["CALLERID(num)"] = value


def within(times: str, at: datetime) -> bool:
    """Whether a moment lies in ``times,days of the week,days of the month,months`` (main/pbx_timing.c)."""
    hours, weekdays, days, months = (*times.split(","), "*", "*", "*")[:4]
    minute = f"{at:%H:%M}"
    first, _, last = hours.partition("-")
    in_hours = hours == "*" or (first <= minute <= last if first <= last else minute >= first or minute <= last)
    return (
        in_hours
        and _in_range(weekdays, f"{at:%a}".lower(), _WEEKDAYS)
        and _in_range(days, str(at.day), _DAYS)
        and _in_range(months, _MONTHS[at.month - 1], _MONTHS)
    )


_WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAYS: Final = tuple(map(str, range(1, 32)))
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def _in_range(written: str, this: str, every: tuple[str, ...]) -> bool:
    if written == "*":
        return True
    for each in written.split("&"):
        first, _, last = each.partition("-")
        begin, end, here = every.index(first), every.index(last or first), every.index(this)
        if begin <= here <= end if begin <= end else here >= begin or here <= end:
            return True
    return False


def _filter(_world: World, arguments: str, _context: str) -> str:
    characters, _, text = arguments.partition(",")
    passing = allowed(characters)
    # Names are bytes to Asterisk, of which \x80-\xff are the letters of other scripts.
    return "".join(each for each in text if each in passing or (ord(each) > 0xFF and "\xff" in passing))  # noqa: PLR2004


def _dialplan_exists(world: World, arguments: str, _context: str) -> str:
    context, extension, priority = (*split(arguments), "", "1")[:3]
    found = world.dialplan.find(context, extension) if extension else None
    there = found.has(priority or "1") if found else not extension and context in world.dialplan
    return "1" if there else "0"


def _caller_id(world: World, arguments: str, _context: str) -> str:
    said = world.said.get(f"CALLERID({arguments})")
    if said is not None:
        return said
    calls = world.situation
    return {"num": calls.caller or calls.outside, "pres": "allowed"}.get(arguments, "")


def _choice(_world: World, arguments: str, _context: str) -> str:
    condition, *branches = split(arguments, "?")
    yes, _, no = "?".join(branches).partition(":")
    return yes if true(condition) else no


def _contacts(world: World, arguments: str, _context: str) -> str:
    number = world.phone(f"PJSIP/{arguments}")
    return f"PJSIP/{arguments}" if number and world.state(number) != "unavailable" else ""


def _device_state(world: World, arguments: str, context: str) -> str:
    # A busy phone says so when it is called; a page, which asks nobody, is the one place where it must be known before.
    state = world.state(world.phone(arguments))
    if state == "unavailable":
        return "UNAVAILABLE"
    return "INUSE" if state == "busy" and context == "pbx-paged" else "NOT_INUSE"


def _group_count(world: World, arguments: str, context: str) -> str:
    group, _, category = arguments.partition("@")
    # A trunk that is full takes no call more; one by which nobody said that the call comes has taken it before.
    asked = category == "trunk" and (
        context == "pbx-call" or group == names.trunk(world.scope.slug, world.situation.trunk)
    )
    if asked and world.situation.trunks.get(world.trunk(group)) == "full":
        return str(_CROWD)
    return "1" if world.groups.get(category) == group else "0"


def _queue_member(world: World, arguments: str, _context: str) -> str:
    _, what, device = split(arguments)
    if what != "paused":
        raise UnknownStepError(f"QUEUE_MEMBER({what})")
    # Asterisk's own note of a pause is kept equal to what the phone has set (lib/queues.conf).
    settings = (world.situation.setting(world.phone(device), each) for each in ("do_not_disturb", "queue_pause"))
    return "1" if "on" in settings else "0"


def _strftime(world: World, arguments: str, _context: str) -> str:
    _, zone, form = (*arguments.split(",", 2), "", "")[:3]
    return world.clock(zone).strftime(form)


def _mailbox(world: World, arguments: str, _context: str) -> str:
    box = split(arguments)[0].partition("@")[0]
    extension = world.scope.tenant.extensions.get(box)
    return "1" if extension and extension.voicemail else "0"


def _cut(_world: World, arguments: str, _context: str) -> str:
    """``CUT(text,separator,fields)``: fields from 1, as ``2``, ``2-``, ``1-3`` or several joined by & (func_cut.c)."""
    text, separator, wanted = split(arguments)
    parts = text.split(separator)
    kept: list[str] = []
    for each in wanted.split("&"):
        first, dash, last = each.partition("-")
        begin = int(first) if first else 1
        kept += parts[begin - 1 : (int(last) if last else len(parts)) if dash else begin]
    return separator.join(kept)


def _db_delete(world: World, arguments: str, _context: str) -> str:
    return world.kept.pop(arguments, "")


_FUNCTIONS: Final[Mapping[str, Callable[[World, str, str], str]]] = {
    "CALLERID": _caller_id,
    "CHANNEL": lambda world, arguments, _: world.said.get(f"CHANNEL({arguments})", world.scope.language),
    "CONFBRIDGE_INFO": lambda _world, _arguments, _context: "0",
    "CUT": _cut,
    "DB": lambda world, arguments, _: world.kept.get(arguments, ""),
    "DB_DELETE": _db_delete,
    "DB_EXISTS": lambda world, arguments, _: "1" if arguments in world.kept else "0",
    "DEVICE_STATE": _device_state,
    "DIALPLAN_EXISTS": _dialplan_exists,
    "FILTER": _filter,
    "GROUP_COUNT": _group_count,
    "IF": _choice,
    "IFTIME": lambda world, arguments, _: _if_time(world, arguments),
    "LEN": lambda _world, arguments, _context: str(len(arguments.encode())),
    "PJSIP_DIAL_CONTACTS": _contacts,
    "QUEUE_MEMBER": _queue_member,
    "REDIRECTING": lambda world, arguments, _: world.said.get(f"REDIRECTING({arguments})", ""),
    "STRFTIME": _strftime,
    "TOLOWER": lambda _world, arguments, _context: arguments.lower(),
    "TOUPPER": lambda _world, arguments, _context: arguments.upper(),
    "VM_INFO": _mailbox,
}
FUNCTIONS: Final = frozenset(_FUNCTIONS)
"""The functions that may be read."""
WRITTEN: Final = frozenset(
    ["CALLERID", "CHANNEL", "DB", "DEVICE_STATE", "GROUP", "PJSIP_HEADER", "QUEUE_MEMBER", "REDIRECTING"]
)
"""The functions that may be set."""


def _if_time(world: World, arguments: str) -> str:
    times, _, branches = arguments.partition("?")
    yes, _, no = branches.partition(":")
    return yes if at_time(world, times) else no


def at_time(world: World, times: str) -> bool:
    """Whether it is the time that ``GotoIfTime`` names, in the zone that it may end with."""
    parts = times.split(",")
    zone = parts[4] if len(parts) > 4 else ""  # noqa: PLR2004 - behind the four of a time
    return within(times, world.clock(zone))
