"""Calls that nobody wrote: who dials what, in which world, with which keys; the same for the same seed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from random import Random
from typing import Any, Final

from lab.differential.coverage import Coverage, taken
from lab.differential.tenants import FILLED, WAITING_ROOM, likely
from lab.results import RowText, Words
from lab.scenario import Earlier, Scenario, wrong_key, wrong_pin
from pbx.dialing import FORWARD_CODES, internal_numbers, speed_dials
from pbx.kinds.base import Forced, PhoneState, Step, TrunkState
from pbx.kinds.directory import KEYS, LETTERS, words
from pbx.model import Ref
from pbx.permissions.probes import probes
from pbx.site import Site, TenantScope
from pbx.trace import Journey

TRIED: Final = 5
"""Candidates for each call: the one whose exits were taken least is made."""
LONGEST: Final = 60
"""PBX seconds a call may take."""
_MOST_STEPS: Final = 14
_STATES: Final[tuple[PhoneState, ...]] = ("busy", "no_answer", "no_answer", "unavailable")


@dataclass(frozen=True, slots=True)
class Call:
    """One call as plain values; :func:`scenario` makes it one that can be played."""

    name: str
    tenant: str
    caller: str
    """``extension:201`` or ``caller:principal``."""
    dialled: str
    caller_number: str = ""
    presses: tuple[str, ...] = ()
    states: Mapping[str, PhoneState] = field(default_factory=dict)
    settings: Mapping[tuple[str, str], str] = field(default_factory=dict)
    overrides: Mapping[str, Forced] = field(default_factory=dict)
    trunks: Mapping[str, TrunkState] = field(default_factory=dict)
    full: frozenset[Ref] = frozenset()
    engaged: tuple[str, str] | None = None
    """A phone that is busy since it is in a call, and the one it speaks with; else a busy phone refuses the call."""


def scenario(call: Call, scope: TenantScope, at: datetime) -> Scenario:
    """A call at a moment, with the calls before it that fill what is to be full."""
    kind, _, identity = call.caller.partition(":")
    nothing = Words("", "")
    return Scenario(
        RowText(call.name, "", 1, nothing, (), ()),
        scope,
        Ref(kind, identity),
        call.dialled,
        at.astimezone(scope.timezone).replace(second=0, microsecond=0),
        call.caller_number,
        call.presses,
        call.states,
        settings=call.settings,
        overrides=call.overrides,
        trunks=call.trunks,
        full=call.full,
        engaged=call.engaged,
        earlier=tuple(_earlier(call, scope)),
        brief=True,
    )


def _earlier(call: Call, scope: TenantScope) -> Iterator[Earlier]:
    """Calls from outside that fill a trunk, a queue or a room, and one that is parked where this call takes it up."""
    digits = "".join(filter(str.isdecimal, call.name)).rjust(6, "0")
    for name, state in call.trunks.items():
        if state == "full":
            for index in range(scope.tenant.trunks[name].max_calls or 0):
                number = f"+4930{index}{digits}"
                yield Earlier(Ref("caller", name), _did(scope, WAITING_ROOM), number, told="ConfbridgeJoin")
    for place in sorted(call.full):
        model: Any = scope.find(place)
        count, told = (
            (model.max_callers, "QueueCallerJoin") if place.kind == "queue" else (model.max_members, "ConfbridgeJoin")
        )
        for index in range(count):
            yield Earlier(Ref("caller", "principal"), _did(scope, place.id), f"+4931{index}{digits}", told=told)
    parking = scope.tenant.parking
    if parking and call.dialled == parking.slots.first:
        parker = next((number for number in _colleagues(scope) if f"extension:{number}" != call.caller), None)
        if parker:
            yield Earlier(Ref("extension", parker), parking.number, told="ParkedCall")


def _did(scope: TenantScope, identity: str) -> str:
    """The DID that leads straight to a place."""
    return next(number for number, did in scope.tenant.dids.items() if did.to.id == identity)


def _colleagues(scope: TenantScope) -> list[str]:
    """Extensions that may call inside."""
    tenant = scope.tenant
    allowed = {name for name, each in tenant.classes_of_service.items() if "internal" in each.allow}
    return [number for number in scope.extension_numbers() if tenant.extensions[number].class_of_service in allowed]


@dataclass
class Maker:
    """Makes the calls of one site."""

    random: Random
    site: Site
    coverage: Coverage
    _keys: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def calls(self, count: int, at: datetime, later: datetime, prefix: str) -> list[Call]:
        """So many calls about a moment; each takes what was taken least among a few that were tried.

        They can be played ``later`` as well, when a schedule has changed meanwhile.
        """
        found: list[Call] = []
        while len(found) < count:
            name = f"{prefix}{len(found):03}"
            for tried in sorted((self._candidate(name, at) for _ in range(TRIED)), key=self._worth(at)):
                scope = self.site.tenants[tried.tenant]
                call = self._engaged(self._needed(tried, at), scope, at)
                if playable(call, scope, at) and playable(call, scope, later):
                    self.coverage.add(scope, self._forecast(call, at))
                    found.append(call)
                    break
        return found

    def _worth(self, at: datetime) -> Any:  # noqa: ANN401 - a key function
        def worth(call: Call) -> tuple[int, int]:
            exits = list(taken(self.site.tenants[call.tenant], self._forecast(call, at)))
            return self.coverage.rarest(exits), -len(exits)

        return worth

    def _forecast(self, call: Call, at: datetime) -> Journey:
        return scenario(call, self.site.tenants[call.tenant], at).forecast

    def _candidate(self, name: str, at: datetime) -> Call:
        random = self.random
        scope = self.site.tenants[random.choice(sorted(self.site.tenants))]
        if likely(random, 0.45):
            trunk = random.choice([name for name, each in sorted(scope.tenant.trunks.items()) if each.type != "pbx"])
            dids = [number for number, did in sorted(scope.tenant.dids.items()) if did.to.id != WAITING_ROOM]
            call = Call(name, scope.slug, f"caller:{trunk}", random.choice(dids), self._outsider(scope))
        else:
            caller = random.choice(scope.extension_numbers())
            call = Call(name, scope.slug, f"extension:{caller}", self._dialled(scope))
        return self._pressed(self._world(call, scope), scope, at)

    def _outsider(self, scope: TenantScope) -> str:
        """A number of its own, by which the call is known; now and then somebody whom the tenant knows."""
        if likely(self.random, 0.15):
            return self.random.choice(sorted(scope.tenant.phonebook))
        return f"+4915{self.random.randrange(10**8):08}"

    def _dialled(self, scope: TenantScope) -> str:
        """What a phone may dial: mostly inside, often outside, codes, and what nobody has."""
        random = self.random
        codes = scope.tenant.feature_codes
        inside = [number for number, (ref, _) in sorted(internal_numbers(scope).items()) if ref.kind != "parking"]
        parking = scope.tenant.parking
        overrides = [each.override for each in scope.tenant.schedules.values() if each.override]
        switches = (codes.do_not_disturb, codes.call_waiting, codes.hide_caller_id, codes.queue_pause)
        ways = {
            "inside": inside,
            "parking": [parking.number, parking.slots.first] if parking else inside,
            "outside": [*self._outside(scope), *(keys for keys, _ in speed_dials(scope))],
            "branch": ["800", "805", "809"],
            "code": [codes.voicemail, codes.pickup, codes.forward_always, *switches, *overrides],
            "nobody": ["698", "7", "123456789012345678", "0000000", "*55", "9"],
        }
        return random.choice(ways[random.choices([*ways], [50, 6, 30, 4, 7, 3])[0]])

    def _outside(self, scope: TenantScope) -> tuple[str, ...]:
        """Keys for every category and every refusal."""
        if scope.slug not in self._keys:
            self._keys[scope.slug] = tuple(probe.keys for probe in probes(scope) if probe.category != "internal")
        return self._keys[scope.slug]

    def _world(self, call: Call, scope: TenantScope) -> Call:
        """What phones and trunks do, what users have set, what is forced or full."""
        random, tenant = self.random, scope.tenant
        numbers = [number for number in scope.extension_numbers() if f"extension:{number}" != call.caller]
        states = {number: random.choice(_STATES) for number in numbers if likely(random, 0.5)}
        settings = {}
        if likely(random, 0.35):
            settings = dict(self._setting(scope) for _ in range(random.randint(1, 2)))
        overrides: dict[str, Forced] = {
            name: random.choice(("open", "closed"))
            for name, each in sorted(tenant.schedules.items())
            if each.override and likely(random, 0.15)
        }
        trunks: dict[str, TrunkState] = {}
        for name, trunk in sorted(tenant.trunks.items()):
            if likely(random, 0.35):
                trunks[name] = random.choice(("busy", "failed", *(("full", "full") if trunk.max_calls else ())))
        full = frozenset(
            ref for ref in (Ref("queue", FILLED), Ref("conference", "sala")) if scope.find(ref) and likely(random, 0.2)
        )
        if Ref("queue", FILLED) in full:
            call, busy = self._to_the_full_queue(call, scope)
            states |= busy
        return replace(call, states=states, settings=settings, overrides=overrides, trunks=trunks, full=full)

    def _to_the_full_queue(self, call: Call, scope: TenantScope) -> tuple[Call, dict[str, PhoneState]]:
        """Call the queue that is full, mostly; and it stays full only while none of its agents answers."""
        queue = scope.tenant.queues[FILLED]
        outside = call.caller.startswith("caller:")
        if likely(self.random, 0.8):
            call = replace(call, dialled=_did(scope, FILLED) if outside else queue.number or call.dialled)
        members = [number for number in queue.members if f"extension:{number}" != call.caller]
        return call, {number: self.random.choice(("busy", "no_answer")) for number in members}

    def _setting(self, scope: TenantScope) -> tuple[tuple[str, str], str]:
        random = self.random
        number = random.choice(scope.extension_numbers())
        setting = random.choice(("do_not_disturb", "call_waiting", "hide_caller_id", "queue_pause", *FORWARD_CODES))
        if setting not in FORWARD_CODES:
            return (number, setting), random.choice(("on", "on", "off"))
        slots = scope.tenant.parking.slots if scope.tenant.parking else ()  # nothing is parked there
        inside = [each for each in sorted(internal_numbers(scope)) if each != number and each not in slots]
        way = random.choice(("off", "voicemail", random.choice(inside), random.choice(self._outside(scope))))
        return (number, setting), way.replace("+", "00")

    def _pressed(self, call: Call, scope: TenantScope, at: datetime) -> Call:
        """Keys for every place on the way that asks for some, until the call leads to no further one."""
        for _ in range(_MOST_STEPS):
            steps = [
                step for step in self._forecast(call, at).steps if step.node.kind in {"ivr", "conference", "directory"}
            ]
            asking = steps[len(call.presses) :]
            if not asking or any(step.node.kind == "directory" for step in steps[: len(call.presses)]):
                break
            call = replace(call, presses=(*call.presses, *self._keys_at(scope, asking[0].node)))
        return call

    def _keys_at(self, scope: TenantScope, place: Ref) -> tuple[str, ...]:
        random = self.random
        model: Any = scope.find(place)
        if place.kind == "conference":
            return (model.pin if likely(random, 0.5) else wrong_pin(model.pin),) if model.pin else ("1",)
        if place.kind == "directory":
            person = scope.person(random.choice(scope.extension_numbers()))
            word = random.choice(words(person)) if person else ""
            spelled = "".join(str(KEYS[letter]) for letter in word.lower())[:LETTERS]
            return random.choice(
                ((spelled if len(spelled) == LETTERS else f"{spelled}#", "1"),) * 3 + (("999",), ("timeout",))
            )
        wrong = ["invalid"] if wrong_key(scope, model) else []
        numbers = [random.choice(scope.extension_numbers())] * 2 if model.dial_extensions else []
        return (random.choice([*model.options, *model.options, *numbers, "timeout", *wrong]),)

    def _engaged(self, call: Call, scope: TenantScope, at: datetime) -> Call:
        """Of phones that are busy one is in a call, where that makes it busy: without call waiting, or for a page."""
        tenant = scope.tenant
        steps = self._forecast(call, at).steps
        paged = any(step.node.kind == "paging" for step in steps)
        taken = scenario(call, scope, at).touched
        free = [
            each
            for each in _colleagues(scope)
            if f"extension:{each}" not in taken and not self._forwards(call, scope, each)
        ]
        for number, state in call.states.items():
            said = call.settings.get((number, "call_waiting"))
            waiting = said == "on" if said else tenant.extensions[number].call_waiting
            if state == "busy" and free and (paged or not waiting) and not self._forwards(call, scope, number):
                return replace(call, engaged=(number, self.random.choice(free)))
        return call

    def _forwards(self, call: Call, scope: TenantScope, number: str) -> bool:
        """Whether calls to a phone do not come to it, or its own calls are led elsewhere."""
        said = any(name == number for name, _ in call.settings)
        return said or scope.tenant.extensions[number].forward.always is not None

    def _needed(self, call: Call, at: datetime) -> Call:
        """Without most of what makes no difference by the forecast; some stays, since it should make none."""

        def same(other: Call) -> bool:
            return self._forecast(other, at) == self._forecast(call, at)

        part: Any
        for part in ("states", "settings", "overrides", "trunks"):
            for key in getattr(call, part):
                fewer = {name: each for name, each in getattr(call, part).items() if name != key}
                change: dict[str, Any] = {part: fewer}
                less = replace(call, **change)
                if same(less) and (likely(self.random, 0.7) or getattr(call, part)[key] == "full"):
                    call = less
        for place in call.full:
            less = replace(call, full=call.full - {place})
            if same(less):
                call = less
        return call


def playable(call: Call, scope: TenantScope, at: datetime) -> bool:
    """Whether the lab can play a call, and the forecast claims to know its end."""
    row = scenario(call, scope, at)
    journey = row.forecast
    if len(journey.steps) > _MOST_STEPS or row.expected_seconds > LONGEST:
        return False
    if journey.end.startswith(("goes on", "lost")) or ("invalid" in call.presses and not _wrong_keys(row)):
        return False
    if any(
        name.startswith("extension:") and name == str(each.caller) for each in row.earlier for name in _rung(journey)
    ):
        return False
    if any(step.node.kind == "paging" for step in journey.steps) and _refusing(call):
        return False
    if any(_depends_on_before(call, scope, step) for step in journey.steps):
        return False
    return _can_be_full(call, scope, journey) and not _by_its_own_trunk(call, scope, journey)


def _refusing(call: Call) -> bool:
    """Whether a phone is busy without being in a call: a page asks the PBX who is, and not the phones."""
    return any(state == "busy" and (call.engaged or ("",))[0] != number for number, state in call.states.items())


def _depends_on_before(call: Call, scope: TenantScope, step: Step) -> bool:
    """Whether it depends on the calls before, or on chance, if an agent who answers rings in time."""
    model: Any = scope.find(step.node)
    if step.node.kind != "queue" or model.policy not in {"circular", "uniform", "weighted"} or not model.max_wait:
        return False
    states = [call.states.get(member, "answer") for member in model.members]
    if not {"answer", "no_answer"} <= set(states):
        return False
    # The same agent may be chosen by lot again and again; by turns the last one rings after all the others.
    rounds = model.rings * scope.ring_seconds + model.retry
    return bool(model.policy == "weighted" or (len(states) - 1) * rounds >= model.max_wait)


def _wrong_keys(row: Scenario) -> bool:
    menus = [row.scope.tenant.ivrs[step.node.id] for step in row.forecast.steps if step.exit == "invalid"]
    return all(wrong_key(row.scope, menu) for menu in menus)


def _rung(journey: Journey) -> Sequence[str]:
    return [f"extension:{ring.extension}" for step in journey.steps for ring in step.rings]


def _can_be_full(call: Call, scope: TenantScope, journey: Journey) -> bool:
    """A queue is full only while nobody answers its callers, and a trunk is filled before the call comes by it."""
    for place in call.full:
        if place.kind == "queue":
            states = [call.states.get(member, "answer") for member in scope.tenant.queues[place.id].members]
            if "answer" in states or set(states) == {"unavailable"} or _asked_again(scope, place, journey):
                return False
    own = call.caller.removeprefix("caller:")
    return not (call.trunks.get(own) == "full" and call.caller.startswith("caller:")) and bool(journey.end)


def _asked_again(scope: TenantScope, full: Ref, journey: Journey) -> bool:
    """Whether a call comes to an agent of the full queue, whose phone may ring for those who wait there."""
    agents = set(scope.tenant.queues[full.id].members)
    asked = set()
    for step in journey.steps:
        model: Any = scope.find(step.node)
        asked |= {step.node.id} if step.node.kind == "extension" else set()
        asked |= (
            set(model.members) if step.node.kind in {"queue", "ring_group", "paging"} and step.node != full else set()
        )
    return bool(agents & asked)


def _by_its_own_trunk(call: Call, scope: TenantScope, journey: Journey) -> bool:
    """A call that leaves by the trunk by which it came, which may not carry both: the trace does not ask by which."""
    own = call.caller.removeprefix("caller:")
    limited = call.caller.startswith("caller:") and scope.tenant.trunks[own].max_calls
    return bool(limited) and any(step.node == Ref("trunk", own) for step in journey.steps)
