"""Every name that is used is defined."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pbx.diagnostics import Diagnostic, Path, Related
from pbx.diagnostics.suggest import nearest
from pbx.flow import CallFlow
from pbx.kinds.base import Exit
from pbx.model import Ref
from pbx.site import TenantScope
from pbx.tenant import Profile


def check(scope: TenantScope, flow: CallFlow) -> Iterator[Diagnostic]:
    """Destinations, trunks, classes of service, profiles and shown numbers."""
    yield from _destinations(scope, flow)
    yield from _trunks(scope)
    yield from _profiles(scope)
    yield from _extensions(scope)
    for index, route in enumerate(scope.tenant.outbound_routes):
        if route.caller_id:
            yield from _own_number(scope, route.caller_id, ("outbound_routes", index, "caller_id"))


def _destinations(scope: TenantScope, flow: CallFlow) -> Iterator[Diagnostic]:
    told: set[tuple[Path, Ref]] = set()
    for node in flow.nodes.values():
        for each in node.exits:
            known = not each.to.id or each.to.kind == "external" or scope.find(each.to) is not None
            # A forward to the own voicemail is the extension's own check.
            own = node.ref.kind == "extension" and each.to == Ref("voicemail", node.ref.id)
            if not known and not own and (each.path, each.to) not in told:
                told.add((each.path, each.to))
                yield _unknown_destination(scope, node.ref, each)


def _unknown_destination(scope: TenantScope, at: Ref, way: Exit) -> Diagnostic:
    who = {
        "caller": f"a caller who presses {way.when} at {at}",
        "time": f"a caller who comes when {at} is {way.when}",
    }.get(way.by, f"a caller who dials {at.id}" if at.kind == "did" else f"a caller at {at} ({way.when})")
    path = _written_at(way)
    if way.to.kind == "voicemail" and way.to.id in scope.tenant.extensions:
        return Diagnostic(
            "PBX301",
            scope.file,
            path,
            f"there is no {way.to}: extension {way.to.id} has no mailbox",
            help=f'add voicemail: {{pin: "…"}} to extension {way.to.id}',
            consequence=f"{who} would be hung up on",
            related=(Related(scope.file, ("extensions", way.to.id), "the extension is here"),),
        )
    candidates = [str(ref) for ref, _ in scope.models()]
    near = nearest(str(way.to), candidates)
    same_kind = [each for each in candidates if each.startswith(f"{way.to.kind}:")]
    fallback = f"there are {', '.join(same_kind[:6])}" if same_kind else f"this tenant has no {way.to.kind} at all"
    return Diagnostic(
        "PBX301",
        scope.file,
        path,
        f"there is no {way.to}",
        help=f"did you mean {near}?" if near else fallback,
        consequence=f"{who} would be hung up on",
    )


def _written_at(way: Exit) -> Path:
    """The value itself: the long form of a number or a key holds it in ``to``; of the short form it is the text."""
    if way.path[0] == "dids" or (way.path[0] == "ivrs" and way.path[2:3] in {("options",), ("timeout",), ("invalid",)}):
        return (*way.path, "to")
    return way.path


def _trunks(scope: TenantScope) -> Iterator[Diagnostic]:
    for index, route in enumerate(scope.tenant.outbound_routes):
        for position, trunk in enumerate(route.trunks):
            if trunk not in scope.tenant.trunks:
                yield _unknown(
                    scope,
                    "PBX306",
                    ("outbound_routes", index, "trunks", position),
                    "trunk",
                    trunk,
                    scope.tenant.trunks,
                    "these calls would not get out this way",
                )


def _extensions(scope: TenantScope) -> Iterator[Diagnostic]:
    tenant = scope.tenant
    for number, extension in tenant.extensions.items():
        path = ("extensions", number)
        profile = tenant.profiles.get(extension.profile or "", Profile())
        if extension.class_of_service != profile.class_of_service:
            yield from _class(scope, extension.class_of_service, path, f"extension {number} could call nobody")
        if extension.caller_id and extension.caller_id != profile.caller_id:
            yield from _own_number(scope, extension.caller_id, (*path, "caller_id"))


def _profiles(scope: TenantScope) -> Iterator[Diagnostic]:
    """What a profile says is told at the profile, once, and not at each extension that has it."""
    for name, profile in scope.tenant.profiles.items():
        path = ("profiles", name)
        if profile.class_of_service is not None:
            yield from _class(scope, profile.class_of_service, path, "extensions with this profile could call nobody")
        if profile.caller_id:
            yield from _own_number(scope, profile.caller_id, (*path, "caller_id"))


def _class(scope: TenantScope, name: str, path: Path, consequence: str) -> Iterator[Diagnostic]:
    classes = scope.tenant.classes_of_service
    if name not in classes:
        place = (*path, "class_of_service")
        yield _unknown(scope, "PBX307", place, "class of service", name, classes, consequence)


def _own_number(scope: TenantScope, number: str, path: Path) -> Iterator[Diagnostic]:
    if number not in scope.tenant.dids:
        near = nearest(number, scope.tenant.dids)
        yield Diagnostic(
            "PBX309",
            scope.file,
            path,
            f"{number} is not a DID of this tenant, so it cannot be shown to those who are called",
            help=f"did you mean {near}?"
            if near
            else f"use one of {', '.join(scope.tenant.dids) or 'dids: (none yet)'}",
            consequence="the carrier would refuse the call or show another number",
        )


def _unknown(  # noqa: PLR0913, PLR0917 - one message, said in one way
    scope: TenantScope, code: str, path: Path, what: str, name: str, known: Iterable[str], consequence: str = ""
) -> Diagnostic:
    near = nearest(name, known)
    listed = ", ".join(known)
    help_text = f"did you mean {near}?" if near else f"there are {listed}" if listed else f"this tenant has no {what}"
    return Diagnostic(code, scope.file, path, f"there is no {what} {name}", help=help_text, consequence=consequence)
