"""``pbx trace``: one call, foretold."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from pbx.cli.console import Moved, TextOrJson, colour_wanted, load_or_exit
from pbx.cli.situation import (
    did_of,
    extension_of,
    full,
    overrides,
    presses,
    settings,
    states,
    time,
    trunk_of,
    trunks,
    wrong,
)
from pbx.dialing import did_as_sent, usual_carrier
from pbx.kinds.base import Situation
from pbx.model import Ref
from pbx.numberplan import dialled
from pbx.site import TenantScope
from pbx.story import records, story
from pbx.trace import ENDLESS, Journey, trace_did, trace_extension, trace_trunk

if TYPE_CHECKING:
    from pbx.rehearsal import Rehearsed
    from pbx.site import Site

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
    set_: tuple[str, ...] = ()
    trunk: str = ""
    dialplan: bool = False
    """Whether the lines of the dialplan are wanted too; to find them the tenant is compiled."""


def trace_call(site_path: Path, tenant: str, call: Call, format: TextOrJson) -> None:  # noqa: A002 - as the option
    """Print where a call goes."""
    _refuse_mixed(call)
    site, documents = load_or_exit(site_path, tenant=tenant, witnessed=True)
    scope = site.tenants[tenant]
    situation = Situation(
        at=time(scope, call.at),
        presses=presses(call.press),
        states=states(scope, call.state),
        overrides=overrides(scope, call.override),
        trunks=trunks(scope, call.state),
        settings=settings(scope, call.set_, call.state),
        outside=_caller(scope, call.caller),
        full=full(scope, call.state),
    )
    opening, journey, run = _foretell(scope, call, situation)
    rehearsed = run(site) if call.dialplan else None
    document = Moved(documents[scope.file], site_path)
    if format is TextOrJson.JSON:
        told = {"tenant": tenant, "at": situation.at.isoformat(), **records(journey, document.place, rehearsed)}
        told["unused_presses"] = situation.presses
        typer.echo(json.dumps(told, indent=2, ensure_ascii=True))
        return
    when = f"{situation.at:%a %Y-%m-%d %H:%M} {scope.timezone.key}"
    typer.echo(f"{opening}\n{_paint(when, 'faint')}\n")
    lines = rehearsed.steps if rehearsed else ()
    typer.echo(story(journey, document.place, shutil.get_terminal_size().columns, _paint, lines), nl=False)
    if rehearsed and journey.end != ENDLESS and (rehearsed.lost or not rehearsed.agrees):
        why = rehearsed.lost or f"it leads to {', '.join(rehearsed.nodes) or 'no place'}"
        typer.echo(f"note: the dialplan could not be followed all the way: {why}; please report it to us")
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
        wrong("a call comes either from outside (--did) or from a phone (--from and --to)", "leave one of them out")
    if call.trunk and not call.did:
        wrong("--trunk says by which trunk a call to --did comes", "or write --from trunk:NAME --to NUMBER")
    if call.caller and not call.did and not call.from_.startswith("trunk:"):
        wrong("--caller says who calls from outside and needs --did", "a phone that calls is --from 201")
    if not call.did and not (call.from_ and call.to):
        missing = "--to" if call.from_ else "--from" if call.to else "--did, or --from and --to"
        wrong(f"{missing} is missing", "for example --did +541152365000, or --from 201 --to 202")


Run = Callable[["Site"], "Rehearsed"]
"""Run the same call through its dialplan."""


def _foretell(scope: TenantScope, call: Call, situation: Situation) -> tuple[str, Journey, Run]:
    """How the call begins, in words, and where it goes."""
    if call.did:
        return _from_outside(scope, did_of(scope, call.did), call.trunk, situation)
    keys = call.to.translate(_NUMBER_SIGNS)
    if not re.fullmatch(r"\+?[0-9*#]{1,40}", keys):
        wrong(f"{call.to!r} cannot be dialled", "--to takes the keys of a telephone: digits, * and #")
    if call.from_.startswith("trunk:"):
        return _from_outside(scope, keys, call.from_.removeprefix("trunk:"), situation)
    before = replace(situation, presses=[*situation.presses])
    extension = extension_of(scope, call.from_.removeprefix("extension:"))
    person = scope.label(Ref("extension", extension))
    journey = trace_extension(scope, extension, keys, situation)
    before.caller = extension
    return f"{person} dials {keys}", journey, _run(scope, journey, before, keys)


def _from_outside(scope: TenantScope, called: str, by: str, situation: Situation) -> tuple[str, Journey, Run]:
    """A call that comes by a trunk, the usual carrier's unless one is named."""
    before = replace(situation, presses=[*situation.presses])
    trunk = trunk_of(scope, by) if by else ""
    journey = trace_trunk(scope, trunk, called, situation) if trunk else trace_did(scope, called, situation)
    did = scope.tenant.dids.get(did_as_sent(scope, called) or "")
    contact = scope.tenant.phonebook.get(situation.outside)
    caller = f"{situation.outside} ({contact.name})" if contact else situation.outside or "Somebody outside"
    usual = trunk or usual_carrier(scope)
    opening = f"{caller} calls {called}{f' ({did.name})' if did and did.name else ''}"
    return f"{opening}{f' by trunk:{usual}' if usual else ''}", journey, _run(scope, journey, before, called, trunk)


def _run(scope: TenantScope, journey: Journey, before: Situation, called: str, trunk: str = "") -> Run:
    def run(site: Site) -> Rehearsed:
        from pbx.rehearsal import paper_of, rehearse, unknown

        try:
            return rehearse(paper_of(site, scope.slug), journey, before, called, trunk)
        except Exception as error:  # noqa: BLE001 - whatever the paper does, the trace is told
            return unknown(journey, f"{type(error).__name__}: {error}")

    return run


def _caller(scope: TenantScope, given: str) -> str:
    """Who calls from outside, in international form where the number plan knows the number."""
    number = given.translate(_NUMBER_SIGNS)
    if not number:
        return ""
    if not re.fullmatch(r"\+?[0-9]{3,20}", number):
        wrong(f"{given!r} is not a phone number", "for example --caller +541143210000")
    found = dialled(scope.plan, number)
    return found.number if found else number
