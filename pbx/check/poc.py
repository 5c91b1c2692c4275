"""A proof of concept against its tenant: what it names is there, and what its rows expect is what the tenant does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from pbx.diagnostics import Diagnostic, Path
from pbx.diagnostics.suggest import nearest
from pbx.dialing import FORWARD_CODES, SWITCHES, internal_numbers
from pbx.flow import CallFlow
from pbx.kinds.base import Situation
from pbx.model import Ref
from pbx.poc import LICENCES, Expected, Poc, Row
from pbx.site import TenantScope
from pbx.trace import Journey, trace_did, trace_extension, trace_trunk

DIDS: Final = 5
"""Numbers of a proof of concept at the most (POC-3)."""


def check(scope: TenantScope, flow: CallFlow) -> Iterator[Diagnostic]:
    """Everything that is wrong with the tenant's proof of concept."""
    if scope.poc is None:
        return
    file = f"poc/{scope.slug}.yaml"
    yield from _size(scope, scope.poc, file)
    places = [*flow.nodes, *(Ref("trunk", name) for name in scope.tenant.trunks)]
    for index, ref in enumerate(scope.poc.phase_2):
        yield from _unknown(file, ("phase_2", index), ref, places)
    for identity, row in scope.poc.rows.items():
        path: Path = ("rows", identity)
        wrong = list(_row(scope, file, path, row, places))
        yield from wrong
        if not wrong:
            yield from _contradicted(scope, file, path, row)


def _size(scope: TenantScope, poc: Poc, file: str) -> Iterator[Diagnostic]:
    licences, people = poc.licences.sip + poc.licences.teams, len(scope.tenant.extensions)
    if licences and people > licences:
        yield Diagnostic(
            "PBX822",
            file,
            ("licences",),
            f"the tenant has {people} extensions, and the proof of concept {licences} licences",
            help=f"raise licences, {LICENCES} at the most, or leave some people out",
        )
    if len(scope.tenant.dids) > DIDS:
        yield Diagnostic(
            "PBX823",
            scope.file,
            ("dids",),
            f"the tenant has {len(scope.tenant.dids)} numbers, and a proof of concept {DIDS} at the most",
            help="leave the others for the implementation",
            at_key=True,
        )


def _unknown(file: str, path: Path, ref: Ref, places: list[Ref]) -> Iterator[Diagnostic]:
    if ref not in places:
        near = nearest(str(ref), map(str, places))
        yield Diagnostic(
            "PBX301", file, path, f"there is no {ref}", help=f"did you mean {near}?" if near else "see pbx graph"
        )


def _row(scope: TenantScope, file: str, path: Path, row: Row, places: list[Ref]) -> Iterator[Diagnostic]:
    """What a row names that is not there."""
    tenant = scope.tenant
    overridable = [name for name, each in tenant.schedules.items() if each.override]
    named: list[tuple[Path, str, str, list[str]]] = [
        (("states", number), "extension", number, list(tenant.extensions)) for number in row.states
    ]
    named += [(("settings", number), "extension", number, list(tenant.extensions)) for number in row.settings]
    named += [
        (("settings", number, name), "setting", name, [*SWITCHES, *FORWARD_CODES])
        for number, each in row.settings.items()
        for name in each
    ]
    named += [(("trunks", name), "trunk", name, list(tenant.trunks)) for name in row.trunks]
    named += [(("overrides", name), "schedule with an override", name, overridable) for name in row.overrides]
    if row.trunk is not None:
        named.append((("trunk",), "trunk", row.trunk, list(tenant.trunks)))
    if not row.outside:
        named.append((("from",), "extension", row.caller, list(tenant.extensions)))
    elif not (_by_pbx(scope, row) and row.call in internal_numbers(scope)):
        named.append((("call",), "DID", row.call, list(tenant.dids)))
    for where, what, name, known in named:
        if name not in known:
            near = nearest(name, known)
            cure = f"did you mean {near}?" if near else f"there are {', '.join(known[:12]) or 'none'}"
            yield Diagnostic("PBX824", file, (*path, *where), f"there is no {what} {name}", help=cure)
    if row.outside and not tenant.trunks:
        yield Diagnostic(
            "PBX824", file, (*path, "from"), "there is no trunk by which it could come", help="see trunks:"
        )
    for index, ref in enumerate(row.expect.passes):
        yield from _unknown(file, (*path, "expect", "passes", index), ref, [*places, *_outside(ref)])


def _outside(ref: Ref) -> tuple[Ref, ...]:
    """Outside numbers are nobody's to list."""
    return (ref,) if ref.kind == "external" else ()


def _by_pbx(scope: TenantScope, row: Row) -> bool:
    return row.trunk in scope.tenant.trunks and scope.tenant.trunks[row.trunk].type == "pbx"


def foretold(scope: TenantScope, row: Row, at: datetime) -> Journey:
    """What the tenant does with a row's call at a moment. Raises KeyError for what is not there."""
    situation = Situation(
        at,
        list(row.press),
        row.states,
        overrides=row.overrides,
        outside=row.caller if row.outside else "",
        settings={(number, name): said for number, each in row.settings.items() for name, said in each.items()},
        trunks={name: "busy" if part == "busy" else "failed" for name, part in row.trunks.items()},
    )
    if not row.outside:
        return trace_extension(scope, row.caller, row.call, situation)
    if row.trunk:
        return trace_trunk(scope, row.trunk, row.call, situation)
    return trace_did(scope, row.call, situation)


def differences(expected: Expected, journey: Journey) -> Iterator[tuple[str, str, str]]:
    """Where a journey is not what was expected: the key, what it says, and what happens."""
    if expected.answers and not _answered(expected.answers, journey):
        yield "answers", str(expected.answers), journey.end
    if expected.message and journey.end != f"left at voicemail:{expected.message}":
        yield "message", f"voicemail:{expected.message}", journey.end
    if expected.ends and journey.end.partition(":")[0].split(" ")[0] != expected.ends:
        yield "ends", expected.ends, journey.end
    places = iter(journey.nodes)
    if not all(str(ref) in places for ref in expected.passes):
        yield "passes", " → ".join(map(str, expected.passes)), " → ".join(journey.nodes)
    if expected.shown and expected.shown != (journey.shown or journey.caller):
        yield "shown", expected.shown, journey.shown or journey.caller


def _answered(by: Ref, journey: Journey) -> bool:
    if by.kind == "trunk":
        return any(step.node == by and step.exit == "answered" for step in journey.steps)
    return journey.end == f"answered by {by}"


def _contradicted(scope: TenantScope, file: str, path: Path, row: Row) -> Iterator[Diagnostic]:
    """A row that would be red: told before anybody is called."""
    if row.at is None:
        return  # the lab chooses an hour, and compares then
    for key, said, happens in differences(row.expect, foretold(scope, row, row.at.replace(tzinfo=scope.timezone))):
        yield Diagnostic(
            "PBX825",
            file,
            (*path, "expect", key),
            f"this row expects {said}, and the tenant leads the call to: {happens}",
            help="correct the row, or the tenant's file; pbx matrix shows the steps of the row",
            consequence="the row would be red",
        )
