"""``pbx check``: everything that is wrong with a site."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from pbx.cli.console import ProblemFormat, load_and_check, show_problems

if TYPE_CHECKING:
    from pbx.site import Site


def check_site(site_path: Path, format: ProblemFormat) -> int:  # noqa: A002 - the word of the command line
    """Print the problems of a site, or that there are none; answer the exit code."""
    site, documents, problems = load_and_check(site_path)
    people = format in {ProblemFormat.FULL, ProblemFormat.CONCISE}
    if problems or not people:
        show_problems(problems, documents, site_path, format)
    if site is None:
        return 1
    if people and not problems:
        typer.echo(f"{site_path}: no problems ({inventory(site)})")
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
