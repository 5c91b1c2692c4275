"""``pbx check``: everything that is wrong with a site."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from pbx.cli.console import ProblemFormat, load_and_check, show_problems

if TYPE_CHECKING:
    from pbx.diagnostics import Diagnostic, Source
    from pbx.site import Site


def check_site(site_path: Path, format: ProblemFormat, *, boot: bool = False) -> int:  # noqa: A002 - the option's word
    """Print the problems of a site, or that there are none; answer the exit code.

    A site without mistakes is also compiled, with made-up passwords, and its build is checked; with ``boot`` a real
    Asterisk has to take it too.
    """
    site, documents, problems = load_and_check(site_path)
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
    if people and not problems:
        more = "; Asterisk booted it without a word" if booted else ""
        typer.echo(f"{site_path}: no problems ({inventory(site)}){more}")
    return 0


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
