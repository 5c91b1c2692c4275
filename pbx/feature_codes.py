"""What a phone's feature codes do: each as one step of a call, with what is heard and what it changes.

The codes themselves are in ``tenant/dialplan/codes.conf.j2``, what they do in ``pbx-switch``, ``pbx-forward-to`` and
``pbx-override`` of the library.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from pbx.confirmations import WORDS
from pbx.diagnostics import Path
from pbx.dialing import FORWARD_CODES, Meaning, denial, meaning
from pbx.kinds.base import Change, Situation, Step
from pbx.kinds.extension import FORWARDS, Extension
from pbx.model import Ref
from pbx.site import TenantScope

KIND: Final = "feature_code"
"""How the place of a code is spelled: ``feature_code:forward_always``; a schedule's is ``feature_code:override``."""
_NOT_KEYS: Final = re.compile("[^0-9*#]")
_ROUND: Final = {"": "closed", "closed": "open", "open": ""}
"""How a schedule is forced after its code was dialled, by how it was; empty while the calendar decides."""


def defaults(extension: Extension) -> Iterator[str]:
    """The settings that the tenant's file has switched on for an extension."""
    for when in FORWARDS:
        if getattr(extension.forward, when):
            yield f"forward_{when}"
    if extension.call_waiting:
        yield "call_waiting"
    if extension.hide_caller_id:
        yield "hide_caller_id"


def code_step(scope: TenantScope, caller: str, keys: str, found: Meaning, situation: Situation) -> Step:
    """What happens when a phone of ``caller`` dials a code; ``found`` is what the keys mean."""
    name = str(found.path[-1])
    if name in _ASKING:
        return _ASKING[name](scope, caller, keys)
    if name == "speed_dial":
        because = f"{keys} is the speed dial of {scope.tenant.phonebook[found.to.id].name}"
        return Step(Ref(KIND, name), "to", because, ("phonebook", found.to.id, "speed_dial"), to=found.to)
    if name == "override":
        return _override(scope, keys, found, situation)
    alone = keys == getattr(scope.tenant.feature_codes, name)
    return (_switch if alone else _forward_to)(scope, caller, keys, name, situation)


def _at(name: str) -> tuple[Ref, Path]:
    return Ref(KIND, name), ("feature_codes", name)


def _mailbox(scope: TenantScope, caller: str, keys: str) -> Step:
    node, path = _at("voicemail")
    if scope.tenant.extensions[caller].voicemail is None:
        because = f"{scope.label(Ref('extension', caller))} has no mailbox"
        return Step(node, "refused", because, ("extensions", caller), end="refused: no such number")
    return Step(node, "mailbox", f"{keys} opens the own mailbox", path, end="mailbox", hears=("vm-password",))


def _pickup(scope: TenantScope, caller: str, keys: str) -> Step:
    node, path = _at("pickup")
    group = scope.tenant.extensions[caller].pickup_group
    if group is None:
        because = f"{scope.label(Ref('extension', caller))} is in no pickup group"
        return Step(node, "nobody", because, ("extensions", caller), end=f"refused: {because}")
    return Step(node, "taken", f"{keys} takes a call that rings in the group {group}", path, end="pickup")


def _pickup_extension(scope: TenantScope, _caller: str, keys: str) -> Step:
    node, path = _at("pickup_extension")
    number = keys.removeprefix(scope.tenant.feature_codes.pickup_extension)
    if number not in scope.tenant.extensions:
        because = f"there is no extension {number}"
        return Step(node, "nobody", because, path, end=f"refused: {because}")
    who = scope.label(Ref("extension", number))
    return Step(node, "taken", f"{keys} takes a call that rings at {who}", path, end="pickup")


_ASKING: Final[Mapping[str, Callable[[TenantScope, str, str], Step]]] = {
    "voicemail": _mailbox,
    "pickup": _pickup,
    "pickup_extension": _pickup_extension,
}
"""The codes that change no setting, by name."""


def _switch(scope: TenantScope, caller: str, keys: str, name: str, situation: Situation) -> Step:
    """On where it was off and off where it was on; a forward of the file is followed again, and no other can be on."""
    node, path = _at(name)
    extension = scope.tenant.extensions[caller]
    of_file = name in defaults(extension)
    before = situation.setting(caller, name)
    was_on = (before or ("on" if of_file else "off")) != "off"
    forward = name in FORWARD_CODES
    when = name.removeprefix("forward_")
    if forward and of_file:
        path = ("extensions", caller, "forward", when)
    if was_on:
        after, how, because = "off", "off", f"{keys} switches it off: it was on"
    elif forward and of_file:
        target = getattr(extension.forward, when)
        after, how, because = "", "on", f"{keys} switches it on: {target}, as the file has it"
    elif forward:
        after, how, because = "off", "off", f"{keys} alone switches it off: the file has none"
    else:
        after, how, because = "on", "on", f"{keys} switches it on: it was off"
    words = WORDS[scope.tenant.language]
    change = Change(Ref("extension", caller), name, before, after)
    return Step(node, how, because, path, end=f"setting:{name}", hears=(words[name], words[how]), changes=change)


def _forward_to(scope: TenantScope, caller: str, keys: str, name: str, situation: Situation) -> Step:
    """A forward is only set to the own mailbox, or to what the class of service may call (``pbx-forward-to``)."""
    node, path = _at(name)
    codes, words = scope.tenant.feature_codes, WORDS[scope.tenant.language]
    given = _NOT_KEYS.sub("", keys.removeprefix(getattr(codes, name)))
    refusal = _refusal(scope, caller, given)
    if refusal:
        why, where = refusal
        end = f"refused: {given or 'nothing'} is no forward of {caller}: {why}"
        return Step(node, "refused", why, where or path, end=end, hears=(words["refused"],))
    after = "voicemail" if given == codes.voicemail else given
    change = Change(Ref("extension", caller), name, situation.setting(caller, name), after)
    target = f"voicemail:{caller}" if after == "voicemail" else _spoken(scope, after)
    because = f"{keys} sets it to {target}"
    return Step(node, "on", because, path, end=f"setting:{name}", hears=(words[name], words["on"]), changes=change)


def _spoken(scope: TenantScope, keys: str) -> str:
    found = meaning(scope, keys)
    return keys if found is None or found.to.kind == "trunk" else scope.label(found.to)


def _refusal(scope: TenantScope, caller: str, given: str) -> tuple[str, Path] | None:
    """Why an extension may not forward its calls to some keys, and where that is written; None when it may."""
    extension = scope.tenant.extensions[caller]
    if given == caller:
        return "it is the own number", ()
    if given == scope.tenant.feature_codes.voicemail:
        return None if extension.voicemail else ("there is no mailbox", ("extensions", caller))
    found = forwardable(scope, given)
    if found is None:
        return "it is no number that calls can be forwarded to", ()
    name = extension.class_of_service
    reason = denial(scope.tenant.classes_of_service[name], found.category, found.to.id)
    return (f"class of service {name} {reason}", ("classes_of_service", name)) if reason else None


def forwardable(scope: TenantScope, keys: str) -> Meaning | None:
    """What keys mean where a user's forward leads to them: people, services and the outside, no codes, no emergency."""
    found = meaning(scope, keys)
    if found is None or found.role not in {"internal", "outside"} or found.path[:1] == ("feature_codes",):
        return None
    return found


def _override(scope: TenantScope, keys: str, found: Meaning, situation: Situation) -> Step:
    """Closed, open, and back to the calendar, round and round (``pbx-override``)."""
    schedule = found.to.id
    before = situation.overrides.get(schedule, "")
    after = _ROUND[before]
    how, words = after or "automatic", WORDS[scope.tenant.language]
    now = {"closed": "is forced closed", "open": "is forced open", "automatic": "goes by its calendar again"}[how]
    return Step(
        Ref(KIND, "override"),
        how,
        f"{keys}: schedule:{schedule} {now}",
        found.path,
        end=f"override:{schedule}",
        hears=(words["schedule"], words[how]),
        changes=Change(Ref("schedule", schedule), "override", before, after),
    )
