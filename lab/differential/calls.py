"""Calls that nobody wrote: who dials what, in which world, with which keys; the same for the same seed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from random import Random
from typing import Any, Final

from lab.differential.call import Call, colleagues, did_to, scenario
from lab.differential.coverage import Coverage, taken
from lab.differential.playable import MOST_STEPS, playable
from lab.differential.tenants import FILLED, WAITING_ROOM, likely
from lab.scenario import wrong_key, wrong_pin
from pbx.dialing import FORWARD_CODES, SWITCHES, internal_numbers, speed_dials
from pbx.kinds.base import Forced, PhoneState, TrunkState
from pbx.kinds.directory import KEYS, LETTERS, words
from pbx.model import Ref
from pbx.permissions.probes import probes
from pbx.site import Site, TenantScope
from pbx.trace import Journey

TRIED: Final = 5
"""Candidates for each call: the one whose exits were taken least is made."""
_STATES: Final[tuple[PhoneState, ...]] = ("busy", "no_answer", "no_answer", "unavailable")


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
            trunk = random.choice(sorted(scope.tenant.trunks))
            call = Call(name, scope.slug, f"caller:{trunk}", self._called(scope, trunk), self._outsider(scope))
        else:
            caller = random.choice(scope.extension_numbers())
            call = Call(name, scope.slug, f"extension:{caller}", self._dialled(scope))
        return self._pressed(self._world(call, scope), scope, at)

    def _called(self, scope: TenantScope, trunk: str) -> str:
        """What comes by a trunk: DIDs, from the other PBX mostly numbers inside, now and then what is not reached."""
        random = self.random
        dids = [number for number, did in sorted(scope.tenant.dids.items()) if did.to.id != WAITING_ROOM]
        inside = [number for number, (ref, _) in sorted(internal_numbers(scope).items()) if ref.kind != "parking"]
        keys = [each for each in self._outside(scope) if each.isdecimal()]
        weights = [30, 60, 10] if scope.tenant.trunks[trunk].type == "pbx" else [96, 2, 2]
        return random.choice(random.choices([dids, inside, keys], weights)[0])

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
        switches = [getattr(codes, each) for each in SWITCHES]
        forwards = [getattr(codes, each) for each in FORWARD_CODES]
        someone = random.choice((*scope.extension_numbers(), "299", codes.voicemail, *self._outside(scope)))
        ways: dict[str, list[str]] = {
            "inside": inside,
            "parking": [parking.number, parking.slots.first] if parking else inside,
            "outside": [*self._outside(scope), *(keys for keys, _ in speed_dials(scope))],
            "branch": ["800", "805", "809"],
            "code": [
                *(codes.voicemail, codes.pickup, f"{codes.pickup_extension}{random.choice(scope.extension_numbers())}"),
                *(*switches, *overrides, *forwards, *(f"{code}{someone}" for code in forwards)),
            ],
            "nobody": ["698", "7", "123456789012345678", "0000000", "*55", "9"],
        }
        return random.choice(ways[random.choices([*ways], [42, 6, 28, 4, 17, 3])[0]])

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
            call = replace(call, dialled=did_to(scope, FILLED) if outside else queue.number or call.dialled)
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
        for _ in range(MOST_STEPS):
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
        row = scenario(call, scope, at)
        free = [
            each
            for each in colleagues(scope)
            if f"extension:{each}" not in row.touched | row.shares and not self._forwards(call, scope, each)
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
