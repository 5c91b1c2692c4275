"""``pbx trace``: one call, foretold."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, NoReturn, cast, get_args

import typer

from pbx.cli.console import Moved, TextOrJson, colour_wanted, fail, listed, load_or_exit
from pbx.diagnostics.suggest import nearest
from pbx.flow import Journey, trace_did, trace_extension
from pbx.kinds.base import Forced, PhoneState, Situation
from pbx.model import Ref
from pbx.site import TenantScope
from pbx.story import records, story

_STATES: Final = get_args(PhoneState)
_FORCED: Final = get_args(Forced)
_NUMBER_SIGNS: Final = str.maketrans("", "", " -.()")
_COLOURS: Final = {
    "place": {"bold": True},
    "faint": {"dim": True},
    "end": {"bold": True},
}


@dataclass(frozen=True, slots=True)
class Call:
    """A call as it was asked for on the command line; empty where nothing was said."""

    did: str
    caller: str
    from_: str
    to: str
    at: str
    press: tuple[str, ...]
    state: tuple[str, ...]
    override: tuple[str, ...] = ()


def trace_call(site_path: Path, tenant: str, call: Call, format: TextOrJson) -> None:  # noqa: A002 - as the option
    """Print where a call goes."""
    _refuse_mixed(call)
    site, documents = load_or_exit(site_path, tenant=tenant)
    scope = site.tenants[tenant]
    situation = Situation(
        at=_time(scope, call.at),
        presses=_presses(call.press),
        states=_states(scope, call.state),
        overrides=_overrides(scope, call.override),
    )
    opening, journey = _foretell(scope, call, situation)
    document = Moved(documents[scope.file], site_path)
    if format is TextOrJson.JSON:
        told = {"tenant": tenant, "at": situation.at.isoformat(), **records(journey, document.place)}
        told["unused_presses"] = situation.presses
        typer.echo(json.dumps(told, indent=2, ensure_ascii=True))
        return
    when = f"{situation.at:%a %Y-%m-%d %H:%M} {scope.timezone.key}"
    typer.echo(f"{opening}\n{_paint(when, 'faint')}\n")
    typer.echo(story(journey, document.place, shutil.get_terminal_size().columns, _paint), nl=False)
    if situation.presses:
        typer.echo(f"note: nothing asked for the last keys: {', '.join(situation.presses)}")
    if not scope.years.first <= situation.at.year <= scope.years.last:
        years = f"{scope.years.first}-{scope.years.last}"
        typer.echo(f"note: {situation.at.year} is outside calendar_years {years}, so no holiday is known there")


def _paint(text: str, style: str) -> str:
    return typer.style(text, **_COLOURS[style]) if colour_wanted() else text


def _refuse_mixed(call: Call) -> None:
    """A call comes from outside to a DID, or from a phone that dials."""
    if call.did and (call.from_ or call.to):
        _wrong("a call comes either from outside (--did) or from a phone (--from and --to)", "leave one of them out")
    if call.caller and not call.did:
        _wrong("--caller says who calls from outside and needs --did", "a phone that calls is --from 201")
    if not call.did and not (call.from_ and call.to):
        missing = "--to" if call.from_ else "--from" if call.to else "--did, or --from and --to"
        _wrong(f"{missing} is missing", "for example --did +541152365000, or --from 201 --to 202")


def _wrong(message: str, cure: str) -> NoReturn:
    fail(message, cure, exit_code=2)


def _unknown(message: str, word: str, known: Iterable[str], what: str) -> NoReturn:
    candidates = list(known)
    # Without its plus a number is known as one, and then no guess is made among several that are equally close.
    bare = {each.removeprefix("+"): each for each in candidates}
    near = bare.get(nearest(word.removeprefix("+"), bare) or "")
    _wrong(message, f"did you mean {near}?" if near else f"{what} are {listed(candidates)}")


def _foretell(scope: TenantScope, call: Call, situation: Situation) -> tuple[str, Journey]:
    """How the call begins, in words, and where it goes."""
    if call.did:
        number = _did(scope, call.did)
        name = scope.tenant.dids[number].name
        called = f"{number} ({name})" if name else number
        caller = _outside_number(call.caller) if call.caller else "Somebody outside"
        return f"{caller} calls {called}", trace_did(scope, number, situation)
    extension = _extension(scope, call.from_.removeprefix("extension:"))
    keys = call.to.translate(_NUMBER_SIGNS)
    if not re.fullmatch(r"\+?[0-9*#]{1,40}", keys):
        _wrong(f"{call.to!r} cannot be dialled", "--to takes the keys of a telephone: digits, * and #")
    person = scope.label(Ref("extension", extension))
    return f"{person} dials {keys}", trace_extension(scope, extension, keys, situation)


def _did(scope: TenantScope, given: str) -> str:
    number = given.translate(_NUMBER_SIGNS)
    for spelled in (number, f"+{number}"):
        if spelled in scope.tenant.dids:
            return spelled
    _unknown(f"{scope.slug} has no DID {given}", number, scope.tenant.dids, "its DIDs")


def _outside_number(given: str) -> str:
    number = given.translate(_NUMBER_SIGNS)
    if not re.fullmatch(r"\+?[0-9]{3,20}", number):
        _wrong(f"{given!r} is not a phone number", "for example --caller +541143210000")
    return number


def _extension(scope: TenantScope, number: str) -> str:
    if number not in scope.tenant.extensions:
        _unknown(f"{scope.slug} has no extension {number}", number, scope.tenant.extensions, "its extensions")
    return number


def _time(scope: TenantScope, given: str) -> datetime:
    """The tenant's local time; a time with an offset is converted to it."""
    if not given:
        return datetime.now(scope.timezone).replace(second=0, microsecond=0)
    try:
        at = datetime.fromisoformat(given)
    except ValueError:
        _wrong(f"{given!r} is not a date with a time", "for example --at 2026-12-24T20:00")
    if re.fullmatch(r"[0-9-]+", given):
        _wrong(f"{given!r} has no time of day", f"for example --at {at:%Y-%m-%d}T10:00")
    return at.astimezone(scope.timezone) if at.tzinfo else at.replace(tzinfo=scope.timezone)


def _presses(given: tuple[str, ...]) -> list[str]:
    for press in given:
        if not re.fullmatch(r"[0-9]+|[*#]|timeout|invalid", press):
            _unknown(f"{press!r} cannot be pressed", press, ("timeout", "invalid", *"0123456789*#"), "the keys")
    return list(given)


def _states(scope: TenantScope, given: tuple[str, ...]) -> dict[str, PhoneState]:
    found: dict[str, PhoneState] = {}
    for each in given:
        number, equals, state = each.partition("=")
        if not equals:
            _wrong(f"{each!r} does not say what the phone does", f"for example --state {each}=busy")
        number = _extension(scope, number.removeprefix("extension:"))
        if state not in _STATES:
            _unknown(f"a phone cannot be {state!r}", state, _STATES, "the states")
        found[number] = cast("PhoneState", state)
    return found


def _overrides(scope: TenantScope, given: tuple[str, ...]) -> dict[str, Forced]:
    found: dict[str, Forced] = {}
    known = [identity for identity, schedule in scope.tenant.schedules.items() if schedule.override]
    for each in given:
        identity, equals, how = each.partition("=")
        identity = identity.removeprefix("schedule:")
        if not equals:
            _wrong(f"{each!r} does not say how it is forced", f"for example --override {each}=closed")
        if identity not in known:
            if not known:
                _wrong(f"{scope.slug} has no schedule with an override", 'give one a code: override: "*28"')
            _unknown(f"{scope.slug} has no schedule {identity} with an override", identity, known, "those with one")
        if how not in _FORCED:
            _unknown(f"a schedule cannot be forced {how!r}", how, _FORCED, "the states")
        found[identity] = cast("Forced", how)
    return found
