"""Rules that look across kinds. Each stage gates the next; within a stage everything is collected."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pbx.check import numbers, phonebook, references, safety, trunks
from pbx.diagnostics import Diagnostic, has_errors
from pbx.flow import CallFlow, build
from pbx.kinds import BY_NAME
from pbx.site import Site, TenantScope

SEEN: Final = frozenset({"PBX204", "PBX401", "PBX501", "PBX502"})
"""Errors that are seen by whoever traces the call that their witness names."""


def check(site: Site, *, calls: bool = True) -> list[Diagnostic]:
    """Everything that is wrong with a site whose files could be read, without what its tenants ignore.

    Without ``calls`` nothing is told of where calls go: whoever traces one sees it, and each such error has a witness.
    """
    found = [problem for scope in site.tenants.values() for problem in check_tenant(scope, calls=calls)]
    return [*found, *trunks.check_site(site)]


def check_tenant(scope: TenantScope, *, calls: bool = True) -> list[Diagnostic]:
    """Everything that is wrong with one tenant."""
    problems: list[Diagnostic] = []
    flow = build(scope)
    problems += _own(scope, flow)
    if not has_errors(problems):
        problems += _across(scope, flow, calls=calls)
    if not calls:
        problems = [each for each in problems if each.code not in SEEN]
    elif not has_errors([each for each in problems if each.code not in SEEN]):
        problems = _witnessed(scope, flow, problems)
    return _without_ignored(scope, problems)


def _witnessed(scope: TenantScope, flow: CallFlow, problems: list[Diagnostic]) -> list[Diagnostic]:
    """With calls that show them; of a tenant in which every name leads somewhere."""
    if not problems:
        return problems
    from pbx.check.shown import with_witness
    from pbx.check.walks import Walks

    return with_witness(Walks(scope, flow), problems)


def _own(scope: TenantScope, flow: CallFlow) -> Iterator[Diagnostic]:
    """What each kind says about itself, and the references between kinds."""
    for ref, model in scope.models():
        yield from BY_NAME[ref.kind].check(ref.id, model, scope)
    yield from references.check(scope, flow)


def _across(scope: TenantScope, flow: CallFlow, *, calls: bool) -> Iterator[Diagnostic]:
    yield from numbers.check(scope)
    yield from trunks.check(scope)
    yield from phonebook.check(scope)
    if calls:
        from pbx.check import flow as ways

        yield from ways.check(scope, flow)
    yield from safety.check(scope, flow)
    if scope.poc:
        from pbx.check import poc  # few tenants have one, and a call that is traced waits for what is imported

        yield from poc.check(scope, flow)


def _without_ignored(scope: TenantScope, problems: list[Diagnostic]) -> list[Diagnostic]:
    """Warnings the tenant ignores are dropped; an error cannot be ignored, and an idle ignore is told."""
    ignored = scope.tenant.ignore
    kept = [each for each in problems if each.severity == "error" or each.code not in ignored]
    met = {each.code for each in problems if each.severity == "warning"}
    # An error may hide the warning that is meant.
    idle = [code for code in ignored if code not in met and not has_errors(problems)]
    return kept + [_idle(scope, code) for code in idle]


def _idle(scope: TenantScope, code: str) -> Diagnostic:
    return Diagnostic(
        "PBX128",
        scope.file,
        ("ignore", code),
        f"{code} is ignored here, and nothing in this tenant provokes it as a warning",
        help="delete the line; errors cannot be ignored",
        at_key=True,
    )
