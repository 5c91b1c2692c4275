"""``pbx check``: everything that is wrong with a site."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from pbx.certificates import expiry_problems
from pbx.cli.console import ProblemFormat, load_and_check, show_problems
from pbx.diagnostics import Diagnostic, has_errors

if TYPE_CHECKING:
    from pbx.diagnostics import Source
    from pbx.site import Site


def check_site(site_path: Path, format: ProblemFormat, *, boot: bool = False) -> int:  # noqa: A002 - the option's word
    """Print the problems of a site, or that there are none; answer the exit code.

    A site without mistakes is also compiled, with made-up passwords, and its build is checked; with ``boot`` a real
    Asterisk has to take it too.
    """
    site, documents, problems = load_and_check(site_path)
    conversions: list[str] = []
    if site is not None and any(sound.prompt.file for scope in site.tenants.values() for sound in scope.own_sounds()):
        heard, conversions = _recordings(site, site_path)
        problems = [each for each in problems if not _was_idle(each, heard)] + _not_ignored(site, heard)
        site = None if has_errors(problems) else site
    if site is not None and site.platform.tls:
        problems = [*problems, *expiry_problems(site, site_path, datetime.now(UTC))]
    shown: dict[str, Source] = dict(documents)
    wrong: list[Diagnostic] = []
    if site is not None:
        from pbx.cli.verified import verified

        wrong, generated = verified(site)
        shown |= generated
    booted = boot and site is not None and not wrong
    if booted and site is not None:
        from pbx.cli.verified import booted_build

        wrong, generated = booted_build(site)
        shown |= generated
    people = format in {ProblemFormat.FULL, ProblemFormat.CONCISE}
    if problems or wrong or not people:
        show_problems([*problems, *wrong], shown, site_path, format)
    if site is None or wrong:
        return 1
    for each in conversions if people else ():
        typer.echo(each)
    if people and not problems:
        more = "; Asterisk booted it without a word" if booted else ""
        typer.echo(f"{site_path}: no problems ({inventory(site)}){more}")
    return 0


def _recordings(site: Site, site_path: Path) -> tuple[list[Diagnostic], list[str]]:
    # Sound needs heavy libraries: only a site that has recordings pays for them.
    from pbx.recordings import check_recordings

    return check_recordings(site, site_path)


def _not_ignored(site: Site, problems: list[Diagnostic]) -> list[Diagnostic]:
    ignored = {scope.file: scope.tenant.ignore for scope in site.tenants.values()}
    return [each for each in problems if each.severity == "error" or each.code not in ignored[each.file]]


def _was_idle(problem: Diagnostic, heard: list[Diagnostic]) -> bool:
    """Whether an ignored rule seemed to be broken by nothing, before the recordings were heard."""
    met = {(each.file, each.code) for each in heard}
    return problem.code == "PBX128" and (problem.file, problem.path[-1]) in met


def inventory(site: Site) -> str:
    """What a site holds, counted: ``1 tenant, 5 extensions, 3 DIDs``."""
    tenants = [scope.tenant for scope in site.tenants.values()]
    counts = {
        "tenant": len(tenants),
        "extension": sum(len(each.extensions) for each in tenants),
        "DID": sum(len(each.dids) for each in tenants),
    }
    return ", ".join(counted(number, word) for word, number in counts.items())


def counted(number: int, word: str) -> str:
    """``1 file`` or ``3 files``."""
    return f"{number} {word}{'' if number == 1 else 's'}"
