"""The world a call meets, as it is told on the command line."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final, NoReturn, cast, get_args

from pbx.cli.console import fail, listed
from pbx.diagnostics.suggest import nearest
from pbx.dialing import FORWARD_CODES, SWITCHES, meaning
from pbx.kinds.base import Forced, PhoneState, TrunkState
from pbx.model import Ref
from pbx.numberplan import nationally
from pbx.site import TenantScope

_STATES: Final = get_args(PhoneState)
_TRUNK_STATES: Final = get_args(TrunkState)
_FORCED: Final = get_args(Forced)
_FILLED: Final = ("queue:", "conference:")
_NUMBER_SIGNS: Final = str.maketrans("", "", " -.()")


def wrong(message: str, cure: str) -> NoReturn:
    """The question makes no sense: one message, and exit code 2."""
    fail(message, cure, exit_code=2)


def unknown(message: str, word: str, known: Iterable[str], what: str) -> NoReturn:
    """A word that is not known, with the one that was probably meant."""
    candidates = list(known)
    # Without its plus a number is known as one, and then no guess is made among several that are equally close.
    bare = {each.removeprefix("+"): each for each in candidates}
    near = bare.get(nearest(word.removeprefix("+"), bare) or "")
    wrong(message, f"did you mean {near}?" if near else f"{what} are {listed(candidates)}")


def did_of(scope: TenantScope, given: str) -> str:
    """A DID of the tenant, with its plus or without, or the end of the program."""
    number = given.translate(_NUMBER_SIGNS)
    for spelled in (number, f"+{number}"):
        if spelled in scope.tenant.dids:
            return spelled
    unknown(f"{scope.slug} has no DID {given}", number, scope.tenant.dids, "its DIDs")


def extension_of(scope: TenantScope, number: str) -> str:
    """An extension of the tenant, or the end of the program."""
    if number not in scope.tenant.extensions:
        unknown(f"{scope.slug} has no extension {number}", number, scope.tenant.extensions, "its extensions")
    return number


def trunk_of(scope: TenantScope, name: str) -> str:
    """A trunk of the tenant, or the end of the program."""
    if name not in scope.tenant.trunks:
        unknown(f"{scope.slug} has no trunk {name}", name, scope.tenant.trunks, "its trunks")
    return name


def time(scope: TenantScope, given: str) -> datetime:
    """The tenant's local time; a time with an offset is converted to it."""
    if not given:
        return datetime.now(scope.timezone).replace(second=0, microsecond=0)
    try:
        at = datetime.fromisoformat(given)
    except ValueError:
        wrong(f"{given!r} is not a date with a time", "for example --at 2026-12-24T20:00")
    if re.fullmatch(r"[0-9-]+", given):
        wrong(f"{given!r} has no time of day", f"for example --at {at:%Y-%m-%d}T10:00")
    return at.astimezone(scope.timezone) if at.tzinfo else at.replace(tzinfo=scope.timezone)


def presses(given: tuple[str, ...]) -> list[str]:
    """Keys of a telephone, timeout and invalid, in order."""
    for press in given:
        if not re.fullmatch(r"[0-9]+|[*#]|timeout|invalid", press):
            unknown(f"{press!r} cannot be pressed", press, ("timeout", "invalid", *"0123456789*#"), "the keys")
    return list(given)


def states(scope: TenantScope, given: tuple[str, ...]) -> dict[str, PhoneState]:
    """What phones do, by extension; of trunks see :func:`trunks`, and ``dnd`` is a setting (:func:`settings`)."""
    found: dict[str, PhoneState] = {}
    for each in given:
        number, equals, state = each.partition("=")
        if not equals:
            wrong(f"{each!r} does not say what the phone does", f"for example --state {each}=busy")
        if number.startswith(("trunk:", *_FILLED)) or state == "dnd":
            continue
        number = extension_of(scope, number.removeprefix("extension:"))
        if state not in _STATES:
            unknown(f"a phone cannot be {state!r}", state, (*_STATES, "dnd"), "the states")
        found[number] = cast("PhoneState", state)
    return found


def trunks(scope: TenantScope, given: tuple[str, ...]) -> dict[str, TrunkState]:
    """What becomes of calls at trunks: ``--state trunk:principal=failed``."""
    found: dict[str, TrunkState] = {}
    for each in given:
        name, _, state = each.removeprefix("trunk:").partition("=")
        if not each.startswith("trunk:"):
            continue
        if name not in scope.tenant.trunks:
            unknown(f"{scope.slug} has no trunk {name}", name, scope.tenant.trunks, "its trunks")
        if state not in _TRUNK_STATES:
            unknown(f"a trunk cannot be {state!r}", state, _TRUNK_STATES, "the states")
        found[name] = cast("TrunkState", state)
    return found


def full(scope: TenantScope, given: tuple[str, ...]) -> frozenset[Ref]:
    """Queues and conferences that hold as many callers as they may: ``--state queue:ventas=full``."""
    found = set()
    for each in given:
        place, _, state = each.partition("=")
        kind, _, identity = place.partition(":")
        if f"{kind}:" not in _FILLED:
            continue
        known = [ref.id for ref, model in scope.models() if ref.kind == kind and _most(model)]
        if identity not in known:
            unknown(f"{scope.slug} has no {place} with a limit", identity, known, "those with one")
        if state != "full":
            unknown(f"a {kind} cannot be {state!r}", state, ("full",), "the states")
        found.add(Ref(kind, identity))
    return frozenset(found)


def _most(model: Any) -> int | None:  # noqa: ANN401 - each kind has its own model
    """How many callers a queue, or a conference, may hold."""
    return getattr(model, "max_callers", None) or getattr(model, "max_members", None)


def settings(scope: TenantScope, given: tuple[str, ...], states: tuple[str, ...]) -> dict[tuple[str, str], str]:
    """What users have set by their codes: ``--set forward_always:201=202``; ``--state 201=dnd`` is one of them."""
    found: dict[tuple[str, str], str] = {}
    for each in given:
        what, equals, how = each.partition("=")
        name, colon, number = what.partition(":")
        if not (equals and colon):
            wrong(f"{each!r} does not say whose setting is what", "for example --set forward_always:201=202")
        if name not in (*SWITCHES, *FORWARD_CODES):
            unknown(f"a phone cannot set {name!r}", name, (*SWITCHES, *FORWARD_CODES), "the settings")
        keys = _target(scope, how) if name in FORWARD_CODES else how
        known = (
            how in {"on", "off"}
            if name in SWITCHES
            else keys in {"off", "voicemail"} or re.fullmatch(r"[0-9*#]{1,40}", keys)
        )
        if not known:
            cure = "on or off" if name in SWITCHES else f"keys, such as 202, {_EXAMPLES}, voicemail or off"
            wrong(f"{name} cannot be {how!r}", cure)
        found[extension_of(scope, number.removeprefix("extension:")), name] = keys
    for each in states:
        number, _, state = each.partition("=")
        if state == "dnd":
            found[extension_of(scope, number.removeprefix("extension:")), "do_not_disturb"] = "on"
    return found


_EXAMPLES: Final = "extension:202, external:+541143210000"


def _target(scope: TenantScope, given: str) -> str:
    """The keys with which a user sets a forward, also for a place or a number that is spelled out."""
    kind, colon, identity = given.partition(":")
    if colon and kind in {"extension", "voicemail", "external"}:
        given = identity if kind != "voicemail" else kind
    keys = given.translate(_NUMBER_SIGNS)
    if kind == "extension":
        return extension_of(scope, keys)
    if not keys.startswith("+"):
        return given if given.isalpha() else keys
    dialled = scope.tenant.outside_prefix + nationally(scope.plan, keys)
    found = meaning(scope, dialled)
    if found is None or found.to.id != keys:
        wrong(f"nobody can dial {given} here", "write the keys that the user dials, such as 943210000")
    return dialled


def overrides(scope: TenantScope, given: tuple[str, ...]) -> dict[str, Forced]:
    """Schedules that somebody has forced open or closed."""
    found: dict[str, Forced] = {}
    known = [identity for identity, schedule in scope.tenant.schedules.items() if schedule.override]
    for each in given:
        identity, equals, how = each.partition("=")
        identity = identity.removeprefix("schedule:")
        if not equals:
            wrong(f"{each!r} does not say how it is forced", f"for example --override {each}=closed")
        if identity not in known:
            if not known:
                wrong(f"{scope.slug} has no schedule with an override", 'give one a code: override: "*28"')
            unknown(f"{scope.slug} has no schedule {identity} with an override", identity, known, "those with one")
        if how not in _FORCED:
            unknown(f"a schedule cannot be forced {how!r}", how, _FORCED, "the states")
        found[identity] = cast("Forced", how)
    return found
